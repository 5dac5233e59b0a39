-- Every stored photo of a product has its embeddings: the main one, further ones and those of variants. The key grows, which in
-- SQLite means a new table; dropping the old one fires no trigger and takes its own with it.

CREATE TABLE product_embedding_before (product_id INTEGER, model TEXT, vector BLOB) STRICT;
INSERT INTO product_embedding_before SELECT product_id, model, vector FROM product_embedding;
DROP TABLE product_embedding;

-- Without a foreign key: triggers clear it, also for programs that leave foreign keys switched off.
CREATE TABLE product_embedding (
    product_id INTEGER NOT NULL,
    photo TEXT NOT NULL, -- its key in the photo store
    model TEXT NOT NULL, -- the embedding space: name and version of the model
    vector BLOB NOT NULL, -- little-endian 4-byte floats
    PRIMARY KEY (product_id, photo, model)
) STRICT;

-- The embeddings that are there are those of main photos; those of photos that are not in the store stay under the empty key.
INSERT INTO product_embedding (product_id, photo, model, vector)
SELECT before.product_id, coalesce(p.photo, ''), before.model, before.vector
FROM product_embedding_before before LEFT JOIN product p ON p.id = before.product_id
    AND length(p.photo) > 64 AND substr(p.photo, 1, 64) NOT GLOB '*[^0-9a-f]*'
    AND substr(p.photo, 65) IN ('.jpg', '.png', '.webp', '.gif', '.bmp');
DROP TABLE product_embedding_before;

CREATE INDEX product_embedding_model ON product_embedding (model, product_id, photo);

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

-- The stored photos of products, each once; photos at URLs are not among them.
CREATE TABLE product_photo (
    product_id INTEGER NOT NULL,
    photo TEXT NOT NULL, -- its key in the photo store
    PRIMARY KEY (product_id, photo)
) STRICT, WITHOUT ROWID;

INSERT INTO product_photo (product_id, photo)
SELECT id, photo FROM (
    SELECT id, photo FROM product
    UNION
    SELECT p.id, more.value
    FROM product p, json_each(iif(json_valid(p.details), p.details, NULL), '$.more_photos') more
    UNION
    SELECT p.id, iif(variant.type = 'object', json_extract(variant.value, '$.photo'), NULL)
    FROM product p, json_each(iif(json_valid(p.details), p.details, NULL), '$.variants') variant
)
WHERE length(photo) > 64 AND substr(photo, 1, 64) NOT GLOB '*[^0-9a-f]*'
    AND substr(photo, 65) IN ('.jpg', '.png', '.webp', '.gif', '.bmp');

CREATE TRIGGER vitrina_photo_delete AFTER DELETE ON product_photo BEGIN
    DELETE FROM product_embedding WHERE product_id = OLD.product_id AND photo = OLD.photo;
END;

DROP TRIGGER vitrina_product_insert;
DROP TRIGGER vitrina_product_photo;
DROP TRIGGER vitrina_product_delete;

CREATE TRIGGER vitrina_product_insert AFTER INSERT ON product BEGIN
    DELETE FROM product_embedding WHERE product_id = NEW.id;
    DELETE FROM product_photo WHERE product_id = NEW.id;
    INSERT INTO product_photo (product_id, photo)
    SELECT NEW.id, photo FROM (
        SELECT NEW.photo AS photo
        UNION
        SELECT value FROM json_each(iif(json_valid(NEW.details), NEW.details, NULL), '$.more_photos')
        UNION
        SELECT iif(type = 'object', json_extract(value, '$.photo'), NULL)
        FROM json_each(iif(json_valid(NEW.details), NEW.details, NULL), '$.variants')
    )
    WHERE length(photo) > 64 AND substr(photo, 1, 64) NOT GLOB '*[^0-9a-f]*'
        AND substr(photo, 65) IN ('.jpg', '.png', '.webp', '.gif', '.bmp');
    DELETE FROM vitrina_change WHERE kind = 2 AND id = NEW.id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.id);
END;

-- A photo that the product no longer has goes, and its embeddings with it; in the details a key is a string of its own.
CREATE TRIGGER vitrina_product_photo AFTER UPDATE ON product
WHEN OLD.photo IS NOT NEW.photo OR OLD.details IS NOT NEW.details OR OLD.id <> NEW.id BEGIN
    DELETE FROM product_embedding WHERE OLD.id <> NEW.id AND product_id IN (OLD.id, NEW.id);
    DELETE FROM product_photo WHERE OLD.id <> NEW.id AND product_id IN (OLD.id, NEW.id);
    DELETE FROM product_photo
    WHERE product_id = NEW.id AND photo IS NOT NEW.photo
        AND instr(coalesce(NEW.details, ''), '"' || photo || '"') = 0;
    INSERT INTO product_photo (product_id, photo)
    SELECT NEW.id, photo FROM (
        SELECT NEW.photo AS photo
        UNION
        SELECT value FROM json_each(iif(json_valid(NEW.details), NEW.details, NULL), '$.more_photos')
        UNION
        SELECT iif(type = 'object', json_extract(value, '$.photo'), NULL)
        FROM json_each(iif(json_valid(NEW.details), NEW.details, NULL), '$.variants')
    )
    WHERE length(photo) > 64 AND substr(photo, 1, 64) NOT GLOB '*[^0-9a-f]*'
        AND substr(photo, 65) IN ('.jpg', '.png', '.webp', '.gif', '.bmp')
        AND photo NOT IN (SELECT known.photo FROM product_photo known WHERE known.product_id = NEW.id);
END;

CREATE TRIGGER vitrina_product_delete AFTER DELETE ON product BEGIN
    DELETE FROM product_embedding WHERE product_id = OLD.id;
    DELETE FROM product_photo WHERE product_id = OLD.id;
    DELETE FROM vitrina_change WHERE kind = 2 AND id = OLD.id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, OLD.id);
END;
