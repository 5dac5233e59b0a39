-- Keys of API clients; of a key itself its SHA-256 alone.
CREATE TABLE IF NOT EXISTS vitrina_key (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    digest BINARY(32) NOT NULL UNIQUE,
    name VARCHAR(200) NOT NULL,
    scopes VARCHAR(200) NOT NULL, -- names, separated by commas
    origins TEXT NOT NULL, -- separated by commas; none for no restriction
    expires BIGINT, -- seconds since 1970
    per_second BIGINT,
    created BIGINT NOT NULL -- seconds since 1970
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
