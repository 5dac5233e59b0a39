-- A product may have an embedding of each of several models: after a change of model the catalogue is embedded anew while
-- the old embeddings go on answering. `model` is the embedding space: name and version. Every statement may be repeated.

IF (SELECT COUNT(*) FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'product_embedding' AND index_name = 'PRIMARY') = 1 THEN
    ALTER TABLE product_embedding DROP PRIMARY KEY, ADD PRIMARY KEY (product_id, model);
END IF;

ALTER TABLE product_embedding ADD INDEX IF NOT EXISTS product_embedding_model (model, product_id);
