-- Products as shops have them: keys, sale prices, several categories in a tree, and everything that no query filters by in
-- one JSON column.

ALTER TABLE category ADD COLUMN parent_id INTEGER;
ALTER TABLE category ADD COLUMN translations TEXT; -- JSON: names by language

CREATE INDEX category_parent ON category (parent_id);

ALTER TABLE product ADD COLUMN product_key TEXT;
ALTER TABLE product ADD COLUMN sale_price INTEGER CHECK (sale_price >= 0); -- in minor units
ALTER TABLE product ADD COLUMN sale_from INTEGER; -- seconds since 1970; null for since ever
ALTER TABLE product ADD COLUMN sale_until INTEGER; -- the first second without it; null for no end
ALTER TABLE product ADD COLUMN available INTEGER CHECK (available IN (0, 1)); -- where more than `stock` decides
ALTER TABLE product ADD COLUMN details TEXT; -- JSON

CREATE UNIQUE INDEX product_key ON product (product_key) WHERE product_key IS NOT NULL;
CREATE INDEX product_sale ON product (id) WHERE sale_price IS NOT NULL;

-- The categories of a product beside the main one, which is `product.category_id`. Without foreign keys: triggers clear it,
-- also for programs that leave foreign keys switched off.
CREATE TABLE product_in_category (
    product_id INTEGER NOT NULL,
    category_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (product_id, category_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX product_in_category_category ON product_in_category (category_id, product_id);

CREATE TRIGGER vitrina_product_in_category_insert AFTER INSERT ON product_in_category BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id = NEW.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.product_id);
END;

CREATE TRIGGER vitrina_product_in_category_update AFTER UPDATE ON product_in_category BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id IN (OLD.product_id, NEW.product_id);
    INSERT INTO vitrina_change (kind, id) SELECT 2, OLD.product_id WHERE OLD.product_id <> NEW.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, NEW.product_id);
END;

CREATE TRIGGER vitrina_product_in_category_delete AFTER DELETE ON product_in_category BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id = OLD.product_id;
    INSERT INTO vitrina_change (kind, id) VALUES (2, OLD.product_id);
END;

CREATE TRIGGER vitrina_product_categories_delete AFTER DELETE ON product BEGIN
    DELETE FROM product_in_category WHERE product_id = OLD.id;
END;

CREATE TRIGGER vitrina_category_products_delete AFTER DELETE ON category BEGIN
    DELETE FROM product_in_category WHERE category_id = OLD.id;
END;

DROP TRIGGER vitrina_category_rename;

-- SQLite has no recursion in triggers: the products of categories further down come anew where Vitrina itself writes.
CREATE TRIGGER vitrina_category_rename AFTER UPDATE ON category
WHEN OLD.name <> NEW.name OR OLD.id <> NEW.id OR OLD.parent_id IS NOT NEW.parent_id
    OR OLD.translations IS NOT NEW.translations
BEGIN
    DELETE FROM vitrina_change WHERE kind = 2 AND id IN (
        SELECT id FROM product WHERE category_id IN (OLD.id, NEW.id)
        UNION SELECT product_id FROM product_in_category WHERE category_id IN (OLD.id, NEW.id)
    );
    INSERT INTO vitrina_change (kind, id)
    SELECT 2, id FROM (
        SELECT id FROM product WHERE category_id IN (OLD.id, NEW.id)
        UNION SELECT product_id FROM product_in_category WHERE category_id IN (OLD.id, NEW.id)
    ) ORDER BY id;
END;
