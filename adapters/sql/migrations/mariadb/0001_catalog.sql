-- Makes the tables, or takes over those that are there: every statement may be repeated, because MariaDB commits each
-- change of a table by itself and a server may die between two of them.

CREATE TABLE IF NOT EXISTS category (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(255)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS product (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(255),
    description TEXT,
    price DECIMAL(10, 2),
    category_id BIGINT,
    brand VARCHAR(100),
    stock INT UNSIGNED,
    photo VARCHAR(512) COLLATE utf8mb4_nopad_bin,
    FOREIGN KEY (category_id) REFERENCES category (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

IF (SELECT table_collation <> 'utf8mb4_unicode_520_ci' OR engine <> 'InnoDB' FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = 'category') THEN
    ALTER TABLE category
        ENGINE = InnoDB,
        ROW_FORMAT = DYNAMIC,
        CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
END IF;

IF (SELECT table_collation <> 'utf8mb4_unicode_520_ci' OR engine <> 'InnoDB' FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = 'product') THEN
    ALTER TABLE product
        ENGINE = InnoDB,
        ROW_FORMAT = DYNAMIC,
        CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
END IF;

IF (SELECT character_maximum_length FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'category' AND column_name = 'name') < 255 THEN
    ALTER TABLE category MODIFY name VARCHAR(255);
END IF;

IF (SELECT character_maximum_length FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'product' AND column_name = 'name') < 255 THEN
    ALTER TABLE product MODIFY name VARCHAR(255);
END IF;

IF (SELECT character_maximum_length FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'product' AND column_name = 'description') < 65535 THEN
    ALTER TABLE product MODIFY description TEXT;
END IF;

-- Invisible, so that the `INSERT INTO product VALUES (…)` of a program that knows only its own columns goes on working.
-- The two generated ones are what listings order by, whoever writes: never null, and the price in minor units.
ALTER TABLE product
    ADD COLUMN IF NOT EXISTS brand VARCHAR(100) INVISIBLE,
    ADD COLUMN IF NOT EXISTS stock INT UNSIGNED INVISIBLE,
    ADD COLUMN IF NOT EXISTS photo VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin INVISIBLE,
    ADD COLUMN IF NOT EXISTS name_key VARCHAR(255) AS (LEFT(COALESCE(name, ''), 255)) PERSISTENT INVISIBLE,
    ADD COLUMN IF NOT EXISTS price_minor BIGINT AS (CAST(COALESCE(price, 0) * 100 AS SIGNED)) PERSISTENT INVISIBLE,
    ADD INDEX IF NOT EXISTS product_name_key (name_key, id),
    ADD INDEX IF NOT EXISTS product_price_minor (price_minor, id),
    ADD INDEX IF NOT EXISTS product_price_minor_falling (price_minor DESC, id);

-- Without a foreign key, whose type would have to be the product's: a trigger clears it.
CREATE TABLE IF NOT EXISTS product_embedding (
    product_id BIGINT NOT NULL PRIMARY KEY,
    model VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
    `vector` BLOB NOT NULL -- little-endian 4-byte floats; quoted, for MariaDB 11.7 made the name a keyword
) ENGINE = InnoDB;

-- The change feed: one row for each entry (kind 1 a category, 2 a product), at the place of its last change.
CREATE TABLE IF NOT EXISTS vitrina_change (
    kind TINYINT NOT NULL,
    id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (kind, id),
    UNIQUE KEY (seq)
) ENGINE = InnoDB;

-- Row 1 holds the last place that was given, and is locked by whoever gives places. Row 2 is locked by whoever names
-- categories.
CREATE TABLE IF NOT EXISTS vitrina_turn (
    id TINYINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO vitrina_turn (id, last) VALUES (1, 0), (2, 0);

-- What changed and has no place yet; kind 3 is all products of a category. The triggers only append here, so writers
-- wait neither for each other nor for us. Places are given once a change is committed (`mariadb/feed.rs`).
CREATE TABLE IF NOT EXISTS vitrina_pending (
    n BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind TINYINT NOT NULL,
    id BIGINT NOT NULL
) ENGINE = InnoDB;

CREATE OR REPLACE TRIGGER vitrina_category_insert AFTER INSERT ON category FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (1, NEW.id);

CREATE OR REPLACE TRIGGER vitrina_category_update AFTER UPDATE ON category FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (1, NEW.id);
    IF NOT (BINARY NEW.name <=> BINARY OLD.name) THEN
        INSERT INTO vitrina_pending (kind, id) VALUES (3, NEW.id);
    END IF;
    IF NEW.id <> OLD.id THEN
        INSERT INTO vitrina_pending (kind, id) VALUES (1, OLD.id), (3, NEW.id);
    END IF;
END;

-- Before, because the foreign keys of some shops change the products without their triggers.
CREATE OR REPLACE TRIGGER vitrina_category_delete BEFORE DELETE ON category FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (1, OLD.id);
    INSERT INTO vitrina_pending (kind, id) SELECT 2, id FROM product WHERE category_id = OLD.id;
END;

CREATE OR REPLACE TRIGGER vitrina_product_insert AFTER INSERT ON product FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.id);

CREATE OR REPLACE TRIGGER vitrina_product_update AFTER UPDATE ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.id);
    IF NEW.id <> OLD.id THEN
        INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.id);
    END IF;
    IF NEW.id <> OLD.id OR NOT (NEW.photo <=> OLD.photo) THEN
        DELETE FROM product_embedding WHERE product_id IN (OLD.id, NEW.id);
    END IF;
END;

CREATE OR REPLACE TRIGGER vitrina_product_delete AFTER DELETE ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.id);
    DELETE FROM product_embedding WHERE product_id = OLD.id;
END;

CREATE OR REPLACE TRIGGER vitrina_embedding_insert AFTER INSERT ON product_embedding FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.product_id);

CREATE OR REPLACE TRIGGER vitrina_embedding_update AFTER UPDATE ON product_embedding FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.product_id);

CREATE OR REPLACE TRIGGER vitrina_embedding_delete AFTER DELETE ON product_embedding FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.product_id);

-- The rows that were there before the triggers.
INSERT INTO vitrina_pending (kind, id) SELECT 1, id FROM category ORDER BY id;
INSERT INTO vitrina_pending (kind, id) SELECT 2, id FROM product ORDER BY id;
