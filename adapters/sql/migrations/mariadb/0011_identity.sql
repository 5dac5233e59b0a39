-- Which catalogue this is: indexes on disk are of one catalogue alone. `one` keeps it to a single row.
CREATE TABLE IF NOT EXISTS vitrina_identity (
    one TINYINT NOT NULL PRIMARY KEY,
    identity VARCHAR(64) CHARACTER SET ascii NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO vitrina_identity (one, identity) VALUES (1, REPLACE(UUID(), '-', ''));
