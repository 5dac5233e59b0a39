-- What customers' photos have in common: the sum of their embeddings, by embedding space. No photo can be told from it.
CREATE TABLE query_photos (
    model TEXT PRIMARY KEY NOT NULL, -- the embedding space
    photos INTEGER NOT NULL,
    sum BLOB NOT NULL -- little-endian 4-byte floats
) STRICT;
