-- Requests of clients that are carried out once, by their idempotency keys, with the products that they wrote.
CREATE TABLE vitrina_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    products TEXT NOT NULL, -- their numbers, as a JSON list
    created INTEGER NOT NULL, -- seconds since 1970
    UNIQUE (scope, request_key)
) STRICT;
CREATE INDEX vitrina_request_by_age ON vitrina_request (scope, id);
CREATE INDEX vitrina_request_by_time ON vitrina_request (created);
