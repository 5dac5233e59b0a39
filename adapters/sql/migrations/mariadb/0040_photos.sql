-- Every stored photo of a product has its embeddings: the main one, further ones and those of variants. `product_photo` lists
-- them; photos at URLs are not among them. Every statement may be repeated.

CREATE TABLE IF NOT EXISTS product_photo (
    product_id BIGINT NOT NULL,
    photo VARCHAR(80) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL, -- its key in the photo store
    PRIMARY KEY (product_id, photo)
) ENGINE = InnoDB;

CREATE OR REPLACE TRIGGER vitrina_photo_delete AFTER DELETE ON product_photo FOR EACH ROW
    DELETE FROM product_embedding WHERE product_id = OLD.product_id AND photo = OLD.photo;

-- The embeddings that are there are those of main photos; those of photos that are not in the store stay under the empty key.
ALTER TABLE product_embedding
    ADD COLUMN IF NOT EXISTS photo VARCHAR(80) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL DEFAULT '' AFTER product_id;

UPDATE product_embedding e JOIN product p ON p.id = e.product_id SET e.photo = p.photo
WHERE e.photo = '' AND p.photo REGEXP '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$';

IF (SELECT COUNT(*) FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'product_embedding' AND index_name = 'PRIMARY') = 2 THEN
    ALTER TABLE product_embedding DROP PRIMARY KEY, ADD PRIMARY KEY (product_id, photo, model);
END IF;

CREATE OR REPLACE TRIGGER vitrina_product_insert AFTER INSERT ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.id);
    INSERT IGNORE INTO product_photo (product_id, photo)
    SELECT NEW.id, NEW.photo FROM DUAL WHERE NEW.photo REGEXP '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$'
    UNION
    SELECT NEW.id, more.photo
    FROM JSON_TABLE(JSON_EXTRACT(NEW.details, '$.more_photos[*]', '$.variants[*].photo'),
        '$[*]' COLUMNS (photo TEXT PATH '$')) AS more
    WHERE more.photo REGEXP BINARY '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$';
END;

-- A photo that the product no longer has goes, and its embeddings with it; in the details a key is a string of its own.
CREATE OR REPLACE TRIGGER vitrina_product_update AFTER UPDATE ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.id);
    IF NEW.id <> OLD.id THEN
        INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.id);
        DELETE FROM product_photo WHERE product_id IN (OLD.id, NEW.id);
    END IF;
    IF NEW.id <> OLD.id OR NOT (NEW.photo <=> OLD.photo AND NEW.details <=> OLD.details) THEN
        DELETE FROM product_photo
        WHERE product_id = NEW.id AND NOT (photo <=> NEW.photo)
            AND INSTR(COALESCE(NEW.details, ''), CONCAT('"', photo, '"')) = 0;
        INSERT IGNORE INTO product_photo (product_id, photo)
        SELECT NEW.id, NEW.photo FROM DUAL WHERE NEW.photo REGEXP '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$'
        UNION
        SELECT NEW.id, more.photo
        FROM JSON_TABLE(JSON_EXTRACT(NEW.details, '$.more_photos[*]', '$.variants[*].photo'),
            '$[*]' COLUMNS (photo TEXT PATH '$')) AS more
        WHERE more.photo REGEXP BINARY '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$';
    END IF;
END;

CREATE OR REPLACE TRIGGER vitrina_product_delete AFTER DELETE ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.id);
    DELETE FROM product_photo WHERE product_id = OLD.id;
    DELETE FROM product_embedding WHERE product_id = OLD.id;
    DELETE FROM product_in_category WHERE product_id = OLD.id;
END;

-- The photos that were there before the triggers.
INSERT IGNORE INTO product_photo (product_id, photo)
SELECT id, photo FROM product WHERE photo REGEXP '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$';

INSERT IGNORE INTO product_photo (product_id, photo)
SELECT p.id, more.photo
FROM product p
JOIN JSON_TABLE(JSON_EXTRACT(p.details, '$.more_photos[*]', '$.variants[*].photo'),
    '$[*]' COLUMNS (photo TEXT PATH '$')) AS more
WHERE more.photo REGEXP BINARY '^[0-9a-f]{64}[.](jpg|png|webp|gif|bmp)$';
