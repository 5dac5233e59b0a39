-- Which catalogue this is: indexes on disk are of one catalogue alone. A backup gets an identity of its own.
CREATE TABLE vitrina_identity (
    identity TEXT NOT NULL
) STRICT;

INSERT INTO vitrina_identity (identity) VALUES (lower(hex(randomblob(16))));
