-- What customers' photos have in common: the sum of their embeddings, by embedding space. No photo can be told from it.
CREATE TABLE IF NOT EXISTS query_photos (
    model VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, -- the embedding space
    photos BIGINT UNSIGNED NOT NULL,
    sum MEDIUMBLOB NOT NULL -- little-endian 4-byte floats
) ENGINE = InnoDB;
