CREATE TABLE wp_options (option_id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, option_name VARCHAR(191) UNIQUE, option_value LONGTEXT);
CREATE TABLE wp_posts (ID BIGINT UNSIGNED PRIMARY KEY, post_title TEXT, post_excerpt TEXT, post_content LONGTEXT, post_status VARCHAR(20), post_type VARCHAR(20), post_parent BIGINT UNSIGNED NOT NULL DEFAULT 0, menu_order INT NOT NULL DEFAULT 0, post_modified_gmt DATETIME NOT NULL DEFAULT '2026-11-01 00:00:00');
CREATE TABLE wp_postmeta (meta_id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, post_id BIGINT UNSIGNED, meta_key VARCHAR(255), meta_value LONGTEXT);
CREATE TABLE wp_terms (term_id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(200), slug VARCHAR(200));
CREATE TABLE wp_term_taxonomy (term_taxonomy_id BIGINT UNSIGNED PRIMARY KEY, term_id BIGINT UNSIGNED, taxonomy VARCHAR(32), description LONGTEXT, parent BIGINT UNSIGNED, count BIGINT NOT NULL DEFAULT 0);
CREATE TABLE wp_term_relationships (object_id BIGINT UNSIGNED, term_taxonomy_id BIGINT UNSIGNED, term_order INT NOT NULL DEFAULT 0, PRIMARY KEY (object_id, term_taxonomy_id));
CREATE TABLE wp_wc_product_meta_lookup (product_id BIGINT PRIMARY KEY, sku VARCHAR(100));
CREATE TABLE wp_woocommerce_attribute_taxonomies (attribute_id BIGINT UNSIGNED PRIMARY KEY, attribute_name VARCHAR(200), attribute_label VARCHAR(200));
CREATE TABLE wp_woocommerce_tax_rates (tax_rate_id BIGINT UNSIGNED PRIMARY KEY, tax_rate_country VARCHAR(2), tax_rate_state VARCHAR(200), tax_rate VARCHAR(8), tax_rate_priority BIGINT UNSIGNED, tax_rate_class VARCHAR(200));

INSERT INTO wp_options (option_name, option_value) VALUES ('home','https://tienda.example'),('siteurl','https://tienda.example/wp'),('woocommerce_currency','EUR'),('woocommerce_prices_include_tax','no'),('woocommerce_calc_taxes','yes'),('woocommerce_default_country','ES:M');
INSERT INTO wp_woocommerce_tax_rates VALUES (1,'ES','','21.0000',1,''),(2,'ES','','10.0000',1,'reduced-rate'),(3,'FR','','20.0000',1,'');
INSERT INTO wp_woocommerce_attribute_taxonomies VALUES (1,'color','Color');
INSERT INTO wp_terms VALUES (1,'Ropa','ropa'),(2,'Vestidos','vestidos'),(3,'Azul marino','azul-marino'),(4,'Rojo','rojo'),(5,'verano','verano'),(6,'exclude-from-search','exclude-from-search'),(7,'exclude-from-catalog','exclude-from-catalog'),(8,'Telar','telar');
INSERT INTO wp_term_taxonomy (term_taxonomy_id,term_id,taxonomy,parent) VALUES (1,1,'product_cat',0),(2,2,'product_cat',1),(3,3,'pa_color',0),(4,4,'pa_color',0),(5,5,'product_tag',0),(6,6,'product_visibility',0),(7,7,'product_visibility',0),(8,8,'product_brand',0);
INSERT INTO wp_posts (ID,post_title,post_excerpt,post_content,post_status,post_type,post_parent,menu_order) VALUES (50,'Vestido Alba','Ligero','<p>Lino</p>','publish','product',0,0),(51,'Vestido Alba - azul','','','publish','product_variation',50,2),(52,'Vestido Alba - rojo','','','publish','product_variation',50,1),(53,'Oculto','','','publish','product',0,0),(54,'Borrador','','','draft','product',0,0),(55,'Té &amp; tila','','','publish','product',0,0),(70,'a','','','inherit','attachment',0,0);
INSERT INTO wp_term_relationships (object_id,term_taxonomy_id) VALUES (50,1),(50,2),(50,3),(50,4),(50,5),(50,8),(53,6),(53,7),(55,1);
INSERT INTO wp_postmeta (post_id,meta_key,meta_value) VALUES
(50,'_sku','ALBA'),(50,'_thumbnail_id','70'),(50,'_product_image_gallery','71,70'),(50,'total_sales','12'),(50,'_weight','0.35'),
(50,'_product_attributes','a:2:{s:8:"pa_color";a:6:{s:4:"name";s:8:"pa_color";s:5:"value";s:0:"";s:8:"position";i:0;s:10:"is_visible";i:1;s:12:"is_variation";i:1;s:11:"is_taxonomy";i:1;}s:6:"tamano";a:6:{s:4:"name";s:7:"Tamaño";s:5:"value";s:5:"S | M";s:8:"position";i:1;s:10:"is_visible";i:1;s:12:"is_variation";i:1;s:11:"is_taxonomy";i:0;}}'),
(51,'_sku','ALBA-A'),(51,'_regular_price','41.32'),(51,'_sale_price','33.06'),(51,'_sale_price_dates_from','1793491200'),(51,'_sale_price_dates_to','1796083199'),(51,'_manage_stock','yes'),(51,'_stock','3'),(51,'_stock_status','instock'),(51,'attribute_pa_color','azul-marino'),(51,'attribute_tamano','S'),(51,'_global_unique_id','8412345678905'),(51,'_thumbnail_id','71'),
(52,'_sku','ALBA-R'),(52,'_regular_price','41.32'),(52,'_stock_status','outofstock'),(52,'attribute_pa_color','rojo'),(52,'attribute_tamano','M'),
(55,'_regular_price','4.55'),(55,'_price','4.55'),(55,'_tax_class','reduced-rate'),(55,'_tax_status','taxable'),(55,'_stock_status','onbackorder'),
(70,'_wp_attached_file','2026/11/alba.jpg'),(71,'_wp_attached_file','2026/11/alba-2.jpg');
