-- Keys of API clients; of a key itself its SHA-256 alone.
CREATE TABLE vitrina_key (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL, -- names, separated by commas
    origins TEXT NOT NULL, -- separated by commas; none for no restriction
    expires INTEGER, -- seconds since 1970
    per_second INTEGER,
    created INTEGER NOT NULL -- seconds since 1970
) STRICT;
