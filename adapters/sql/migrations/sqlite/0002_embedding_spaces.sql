-- A product may have an embedding of each of several models: after a change of model the catalogue is embedded anew while
-- the old embeddings go on answering. The key grows, which in SQLite means a new table; dropping the old one fires no
-- trigger and takes its own with it.

CREATE TABLE product_embedding_before (product_id INTEGER, model TEXT, vector BLOB) STRICT;
INSERT INTO product_embedding_before SELECT product_id, model, vector FROM product_embedding;
DROP TABLE product_embedding;

-- Without a foreign key: triggers of `product` clear it, also for programs that leave foreign keys switched off.
CREATE TABLE product_embedding (
    product_id INTEGER NOT NULL,
    model TEXT NOT NULL, -- the embedding space: name and version of the model
    vector BLOB NOT NULL, -- little-endian 4-byte floats
    PRIMARY KEY (product_id, model)
) STRICT;

INSERT INTO product_embedding SELECT product_id, model, vector FROM product_embedding_before;
DROP TABLE product_embedding_before;

CREATE INDEX product_embedding_model ON product_embedding (model, product_id);

CREATE TRIGGER vitrina_embedding_insert AFTER INSERT ON product_embedding BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id = NEW.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.product_id);
END;

CREATE TRIGGER vitrina_embedding_update AFTER UPDATE ON product_embedding BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id = NEW.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.product_id);
END;

CREATE TRIGGER vitrina_embedding_delete AFTER DELETE ON product_embedding BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id = OLD.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, OLD.product_id);
END;
