CREATE TABLE store_website (website_id SMALLINT PRIMARY KEY, code VARCHAR(32), is_default SMALLINT, default_group_id SMALLINT);
CREATE TABLE store_group (group_id SMALLINT PRIMARY KEY, website_id SMALLINT, root_category_id INT, default_store_id SMALLINT);
CREATE TABLE store (store_id SMALLINT PRIMARY KEY, code VARCHAR(32), website_id SMALLINT, group_id SMALLINT, sort_order SMALLINT, is_active SMALLINT);
CREATE TABLE core_config_data (config_id INT PRIMARY KEY AUTO_INCREMENT, scope VARCHAR(8) DEFAULT 'default', scope_id INT DEFAULT 0, path VARCHAR(255), value TEXT);
CREATE TABLE eav_entity_type (entity_type_id SMALLINT PRIMARY KEY, entity_type_code VARCHAR(50));
CREATE TABLE eav_attribute (attribute_id SMALLINT PRIMARY KEY, entity_type_id SMALLINT, attribute_code VARCHAR(255), backend_type VARCHAR(8), frontend_input VARCHAR(50), frontend_label VARCHAR(255), is_user_defined SMALLINT);
CREATE TABLE catalog_eav_attribute (attribute_id SMALLINT PRIMARY KEY, is_searchable SMALLINT, is_filterable SMALLINT, is_visible_on_front SMALLINT);
CREATE TABLE eav_attribute_label (attribute_label_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, value VARCHAR(255));
CREATE TABLE eav_attribute_option_value (value_id INT PRIMARY KEY AUTO_INCREMENT, option_id INT, store_id SMALLINT, value VARCHAR(255));
CREATE TABLE catalog_product_entity (entity_id INT PRIMARY KEY, type_id VARCHAR(32), sku VARCHAR(64), updated_at TIMESTAMP DEFAULT '2026-01-01 00:00:00');
CREATE TABLE catalog_product_entity_varchar (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value VARCHAR(255), UNIQUE (entity_id, attribute_id, store_id));
CREATE TABLE catalog_product_entity_text (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value TEXT, UNIQUE (entity_id, attribute_id, store_id));
CREATE TABLE catalog_product_entity_int (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value INT, UNIQUE (entity_id, attribute_id, store_id));
CREATE TABLE catalog_product_entity_decimal (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value DECIMAL(20,6), UNIQUE (entity_id, attribute_id, store_id));
CREATE TABLE catalog_product_entity_datetime (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value DATETIME, UNIQUE (entity_id, attribute_id, store_id));
CREATE TABLE catalog_product_website (product_id INT, website_id SMALLINT, PRIMARY KEY (product_id, website_id));
CREATE TABLE catalog_product_relation (parent_id INT, child_id INT, PRIMARY KEY (parent_id, child_id));
CREATE TABLE catalog_product_super_link (link_id INT PRIMARY KEY AUTO_INCREMENT, product_id INT, parent_id INT);
CREATE TABLE catalog_product_super_attribute (product_super_attribute_id INT PRIMARY KEY AUTO_INCREMENT, product_id INT, attribute_id SMALLINT, position SMALLINT);
CREATE TABLE catalog_product_entity_media_gallery (value_id INT PRIMARY KEY, attribute_id SMALLINT, value VARCHAR(255), media_type VARCHAR(32) DEFAULT 'image', disabled SMALLINT DEFAULT 0);
CREATE TABLE catalog_product_entity_media_gallery_value (record_id INT PRIMARY KEY AUTO_INCREMENT, value_id INT, store_id SMALLINT, entity_id INT, position INT, disabled SMALLINT DEFAULT 0);
CREATE TABLE catalog_product_entity_media_gallery_value_to_entity (value_id INT, entity_id INT, PRIMARY KEY (value_id, entity_id));
CREATE TABLE catalog_category_entity (entity_id INT PRIMARY KEY, parent_id INT, path VARCHAR(255), level INT);
CREATE TABLE catalog_category_entity_varchar (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value VARCHAR(255));
CREATE TABLE catalog_category_entity_int (value_id INT PRIMARY KEY AUTO_INCREMENT, attribute_id SMALLINT, store_id SMALLINT, entity_id INT, value INT);
CREATE TABLE catalog_category_product (entity_id INT PRIMARY KEY AUTO_INCREMENT, category_id INT, product_id INT, position INT DEFAULT 0);
CREATE TABLE cataloginventory_stock_item (item_id INT PRIMARY KEY AUTO_INCREMENT, product_id INT, stock_id SMALLINT DEFAULT 1, qty DECIMAL(12,4), is_in_stock SMALLINT, manage_stock SMALLINT DEFAULT 0, use_config_manage_stock SMALLINT DEFAULT 1);
CREATE TABLE tax_calculation (tax_calculation_id INT PRIMARY KEY AUTO_INCREMENT, tax_calculation_rate_id INT, tax_calculation_rule_id INT, customer_tax_class_id SMALLINT, product_tax_class_id SMALLINT);
CREATE TABLE tax_calculation_rate (tax_calculation_rate_id INT PRIMARY KEY, tax_country_id VARCHAR(2), tax_region_id INT, tax_postcode VARCHAR(21), rate DECIMAL(12,4));
CREATE TABLE url_rewrite (url_rewrite_id INT PRIMARY KEY AUTO_INCREMENT, entity_type VARCHAR(32), entity_id INT, request_path VARCHAR(255), store_id SMALLINT, redirect_type SMALLINT DEFAULT 0, metadata VARCHAR(255));

INSERT INTO store_website VALUES (0,'admin',0,0),(1,'base',1,1),(2,'outlet',0,2);
INSERT INTO store_group VALUES (0,0,0,0),(1,1,2,1),(2,2,2,3);
INSERT INTO store VALUES (0,'admin',0,0,0,1),(1,'es',1,1,0,1),(2,'en',1,1,1,1),(3,'outlet',2,2,2,1);
INSERT INTO core_config_data (scope, scope_id, path, value) VALUES ('default',0,'general/locale/code','es_ES'),('stores',2,'general/locale/code','en_GB'),
 ('default',0,'currency/options/base','EUR'),('default',0,'tax/defaults/country','ES'),('default',0,'general/locale/weight_unit','kgs'),
 ('default',0,'web/secure/base_url','https://tienda.example/'),('default',0,'web/secure/base_media_url','{{secure_base_url}}media/');
INSERT INTO tax_calculation_rate VALUES (1,'ES',0,'*',21.0000),(2,'GB',0,'*',20.0000);
INSERT INTO tax_calculation (tax_calculation_rate_id, tax_calculation_rule_id, customer_tax_class_id, product_tax_class_id) VALUES (1,1,3,2),(2,1,3,2),(1,1,4,2);
INSERT INTO eav_entity_type VALUES (3,'catalog_category'),(4,'catalog_product');
INSERT INTO eav_attribute VALUES (45,3,'name','varchar','text','Name',0),(46,3,'is_active','int','select','Is Active',0),
 (73,4,'name','varchar','text','Product Name',0),(75,4,'description','text','textarea','Description',0),(76,4,'short_description','text','textarea','Short Description',0),
 (77,4,'price','decimal','price','Price',0),(78,4,'special_price','decimal','price','Special Price',0),(79,4,'special_from_date','datetime','date','From',0),
 (80,4,'special_to_date','datetime','date','To',0),(82,4,'weight','decimal','weight','Peso',0),(83,4,'manufacturer','int','select','Manufacturer',1),
 (87,4,'image','varchar','media_image','Base',0),(93,4,'color','int','select','Color',1),(97,4,'status','int','select','Enable Product',0),
 (99,4,'visibility','int','select','Visibility',0),(132,4,'tax_class_id','int','select','Tax Class',0),(140,4,'material','varchar','multiselect','Material',1),
 (141,4,'ean','varchar','text','EAN',1),(142,4,'waterproof','int','boolean','Waterproof',1),(143,4,'internal_note','text','textarea','Note',1),(144,4,'talla','int','select','Talla',1);
INSERT INTO catalog_eav_attribute VALUES (93,1,1,1),(140,1,1,1),(141,1,0,0),(142,0,1,0),(143,0,0,0),(144,0,0,0);
INSERT INTO eav_attribute_label (attribute_id, store_id, value) VALUES (142,1,'Impermeable');
INSERT INTO eav_attribute_option_value (option_id, store_id, value) VALUES (10,0,'Red'),(10,1,'Rojo'),(11,0,'Blue'),(11,1,'Azul'),(20,0,'Algodón'),(21,0,'Lino'),(30,0,'Marca & Hijos'),(40,0,'M'),(41,0,'L');
INSERT INTO catalog_category_entity VALUES (1,0,'1',0),(2,1,'1/2',1),(3,2,'1/2/3',2),(4,3,'1/2/3/4',3),(5,2,'1/2/5',2);
INSERT INTO catalog_category_entity_varchar (attribute_id, store_id, entity_id, value) VALUES (45,0,1,'Root Catalog'),(45,0,2,'Default Category'),(45,0,3,'Clothes'),(45,1,3,'Ropa'),(45,0,4,'Camisetas'),(45,0,5,'Oculta');
INSERT INTO catalog_category_entity_int (attribute_id, store_id, entity_id, value) VALUES (46,0,2,1),(46,0,3,1),(46,0,4,1),(46,0,5,0);
-- 1 is simple, 2 is configurable with 3, 4 and 5, 6 is off, 7 is of another website, 8 is a group of 1.
INSERT INTO catalog_product_entity (entity_id, type_id, sku) VALUES (1,'simple','GORRA-1'),(2,'configurable','CAM'),(3,'simple','CAM-R-M'),(4,'simple','CAM-A-L'),(5,'simple','CAM-X'),(6,'simple','OFF'),(7,'simple','OUTLET'),(8,'grouped','PACK');
INSERT INTO catalog_product_website VALUES (1,1),(2,1),(3,1),(4,1),(5,1),(6,1),(7,2),(8,1);
INSERT INTO catalog_product_entity_varchar (attribute_id, store_id, entity_id, value) VALUES (73,0,1,'Cap'),(73,1,1,'Gorra'),(73,0,2,'Camiseta'),(73,2,2,'T-shirt'),(73,0,3,'Camiseta rojo M'),(73,0,4,'Camiseta azul L'),(73,0,5,'X'),(73,0,6,'Off'),(73,0,7,'Outlet'),(73,0,8,'Pack'),
 (87,0,1,'/g/o/gorra.jpg'),(87,0,2,'no_selection'),(87,0,3,'/c/a/roja.jpg'),(140,0,2,'20,21'),(141,0,1,'8412345678905');
INSERT INTO catalog_product_entity_text (attribute_id, store_id, entity_id, value) VALUES (75,0,1,'<p>De algod&oacute;n</p>'),(75,2,2,'<b>Soft</b>'),(143,0,1,'secreto');
INSERT INTO catalog_product_entity_int (attribute_id, store_id, entity_id, value) VALUES (97,0,1,1),(97,0,2,1),(97,0,3,1),(97,0,4,1),(97,0,5,2),(97,0,6,2),(97,0,7,1),(97,0,8,1),
 (99,0,1,4),(99,0,2,4),(99,0,3,1),(99,0,4,1),(99,0,5,1),(99,0,6,4),(99,0,7,4),(99,0,8,4),
 (132,0,1,2),(132,0,2,2),(132,0,3,2),(132,0,4,2),(83,0,1,30),(93,0,3,10),(93,0,4,11),(144,0,3,40),(144,0,4,41),(142,0,1,1);
INSERT INTO catalog_product_entity_decimal (attribute_id, store_id, entity_id, value) VALUES (77,0,1,10.000000),(78,0,1,8.000000),(82,0,1,0.250000),(77,0,3,20.000000),(77,0,4,15.000000),(77,0,5,1.000000),(77,0,6,1.000000),(77,0,7,1.000000);
INSERT INTO catalog_product_entity_datetime (attribute_id, store_id, entity_id, value) VALUES (79,0,1,'2026-01-01 00:00:00'),(80,0,1,'2099-12-31 00:00:00');
INSERT INTO catalog_product_relation VALUES (2,3),(2,4),(2,5),(8,1);
INSERT INTO catalog_product_super_link (product_id, parent_id) VALUES (3,2),(4,2),(5,2);
INSERT INTO catalog_product_super_attribute (product_id, attribute_id, position) VALUES (2,93,0),(2,144,1);
INSERT INTO catalog_product_entity_media_gallery (value_id, attribute_id, value) VALUES (1,90,'/g/o/gorra.jpg'),(2,90,'/g/o/gorra-2.jpg'),(3,90,'/g/o/no.jpg');
INSERT INTO catalog_product_entity_media_gallery_value (value_id, store_id, entity_id, position, disabled) VALUES (1,0,1,1,0),(2,0,1,2,0),(3,0,1,3,1);
INSERT INTO catalog_product_entity_media_gallery_value_to_entity VALUES (1,1),(2,1),(3,1);
INSERT INTO catalog_category_product (category_id, product_id) VALUES (4,2),(3,1),(5,1);
INSERT INTO cataloginventory_stock_item (product_id, qty, is_in_stock) VALUES (1,14.0000,1),(2,0.0000,1),(3,3.0000,1),(4,0.0000,0);
INSERT INTO url_rewrite (entity_type, entity_id, request_path, store_id) VALUES ('product',1,'gorra.html',1),('product',1,'cap.html',2);
