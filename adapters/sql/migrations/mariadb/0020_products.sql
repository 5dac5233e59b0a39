-- Products as shops have them: keys, sale prices, several categories in a tree, and everything that no query filters by in
-- one JSON column. Every statement may be repeated. New columns are invisible, as in the first migration.

ALTER TABLE category
    ADD COLUMN IF NOT EXISTS parent_id BIGINT INVISIBLE,
    ADD COLUMN IF NOT EXISTS translations LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin INVISIBLE, -- JSON: names by language
    ADD INDEX IF NOT EXISTS category_parent (parent_id);

ALTER TABLE product
    ADD COLUMN IF NOT EXISTS product_key VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin INVISIBLE,
    ADD COLUMN IF NOT EXISTS sale_price DECIMAL(10, 2) INVISIBLE,
    ADD COLUMN IF NOT EXISTS sale_from BIGINT INVISIBLE, -- seconds since 1970; null for since ever
    ADD COLUMN IF NOT EXISTS sale_until BIGINT INVISIBLE, -- the first second without it; null for no end
    ADD COLUMN IF NOT EXISTS available BOOLEAN INVISIBLE, -- where more than `stock` decides
    ADD COLUMN IF NOT EXISTS details LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin INVISIBLE, -- JSON
    ADD UNIQUE INDEX IF NOT EXISTS product_key (product_key),
    ADD INDEX IF NOT EXISTS product_sale (sale_price, id);

-- The categories of a product beside the main one, which is `product.category_id`. Without foreign keys, whose types would
-- have to be the shop's: triggers clear it.
CREATE TABLE IF NOT EXISTS product_in_category (
    product_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    position INT NOT NULL,
    PRIMARY KEY (product_id, category_id),
    KEY (category_id, product_id)
) ENGINE = InnoDB;

CREATE OR REPLACE TRIGGER vitrina_product_in_category_insert AFTER INSERT ON product_in_category FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.product_id);

CREATE OR REPLACE TRIGGER vitrina_product_in_category_update AFTER UPDATE ON product_in_category FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, NEW.product_id);
    IF NEW.product_id <> OLD.product_id THEN
        INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.product_id);
    END IF;
END;

CREATE OR REPLACE TRIGGER vitrina_product_in_category_delete AFTER DELETE ON product_in_category FOR EACH ROW
    INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.product_id);

CREATE OR REPLACE TRIGGER vitrina_product_delete AFTER DELETE ON product FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (2, OLD.id);
    DELETE FROM product_embedding WHERE product_id = OLD.id;
    DELETE FROM product_in_category WHERE product_id = OLD.id;
END;

-- Kind 3 is all products of a category and of those below it.
CREATE OR REPLACE TRIGGER vitrina_category_update AFTER UPDATE ON category FOR EACH ROW
BEGIN
    INSERT INTO vitrina_pending (kind, id) VALUES (1, NEW.id);
    IF NOT (BINARY NEW.name <=> BINARY OLD.name AND NEW.parent_id <=> OLD.parent_id
            AND NEW.translations <=> OLD.translations) THEN
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
    DELETE FROM product_in_category WHERE category_id = OLD.id;
END;
