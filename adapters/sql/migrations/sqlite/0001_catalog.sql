CREATE TABLE category (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL
) STRICT;

CREATE INDEX category_name ON category (name);

CREATE TABLE product (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    price INTEGER NOT NULL DEFAULT 0, -- in minor units (cents): SQLite has no exact decimals
    category_id INTEGER REFERENCES category (id) ON DELETE SET NULL,
    brand TEXT,
    stock INTEGER CHECK (stock BETWEEN 0 AND 4294967295),
    photo TEXT
) STRICT;

CREATE INDEX product_category ON product (category_id, id);
CREATE INDEX product_price ON product (price, id);

-- Without a foreign key: triggers clear it, also for programs that leave foreign keys switched off.
CREATE TABLE product_embedding (
    product_id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    vector BLOB NOT NULL -- little-endian 4-byte floats
) STRICT;

-- The change feed: one row for each entry, at the place of its last change. SQLite lets one writer at a time write, so
-- places are committed in their order and a reader that has moved on has missed nothing.
CREATE TABLE vitrina_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL, -- 1 a category, 2 a product
    id INTEGER NOT NULL,
    UNIQUE (kind, id)
) STRICT;

-- The triggers delete and insert rather than replace: the conflict clause of the outer statement (`INSERT OR IGNORE`)
-- overrides that of the statements in a trigger, and would lose the change.

CREATE TRIGGER vitrina_category_insert AFTER INSERT ON category BEGIN
    DELETE FROM vitrina_change WHERE kind = 1 AND id = NEW.id;
    INSERT INTO vitrina_change (kind, id) VALUES (1, NEW.id);
END;

CREATE TRIGGER vitrina_category_update AFTER UPDATE ON category BEGIN
    DELETE FROM vitrina_change WHERE kind = 1 AND id IN (OLD.id, NEW.id);
    INSERT INTO vitrina_change (kind, id) SELECT 1, OLD.id WHERE OLD.id <> NEW.id;
    INSERT INTO vitrina_change (kind, id) VALUES (1, NEW.id);
END;

CREATE TRIGGER vitrina_category_rename AFTER UPDATE ON category WHEN OLD.name <> NEW.name OR OLD.id <> NEW.id BEGIN
    DELETE FROM vitrina_change
    WHERE kind = 2 AND id IN (SELECT id FROM product WHERE category_id IN (OLD.id, NEW.id));
    INSERT INTO vitrina_change (kind, id)
    SELECT 2, id FROM product WHERE category_id IN (OLD.id, NEW.id) ORDER BY id;
END;

-- Products that keep the number of a deleted category (foreign keys switched off) no longer show it either.
CREATE TRIGGER vitrina_category_delete AFTER DELETE ON category BEGIN
    DELETE FROM vitrina_change WHERE kind = 1 AND id = OLD.id;
    INSERT INTO vitrina_change (kind, id) VALUES (1, OLD.id);
    DELETE FROM vitrina_change WHERE kind = 2 AND id IN (SELECT id FROM product WHERE category_id = OLD.id);
    INSERT INTO vitrina_change (kind, id) SELECT 2, id FROM product WHERE category_id = OLD.id ORDER BY id;
END;

CREATE TRIGGER vitrina_product_insert AFTER INSERT ON product BEGIN
    DELETE FROM product_embedding WHERE product_id = NEW.id;
    DELETE FROM vitrina_change WHERE kind = 2 AND id = NEW.id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.id);
END;

CREATE TRIGGER vitrina_product_update AFTER UPDATE ON product BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id IN (OLD.id, NEW.id);
    INSERT INTO vitrina_change (kind, id) SELECT 2, OLD.id WHERE OLD.id <> NEW.id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.id);
END;

CREATE TRIGGER vitrina_product_photo AFTER UPDATE ON product
WHEN OLD.photo IS NOT NEW.photo OR OLD.id <> NEW.id BEGIN
    DELETE FROM product_embedding WHERE product_id IN (OLD.id, NEW.id);
END;

CREATE TRIGGER vitrina_product_delete AFTER DELETE ON product BEGIN
    DELETE FROM product_embedding WHERE product_id = OLD.id;
    DELETE FROM vitrina_change WHERE kind = 2 AND id = OLD.id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, OLD.id);
END;

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
