-- Requests of clients that are carried out once, by their idempotency keys, with the products that they wrote.
CREATE TABLE IF NOT EXISTS vitrina_request (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    scope VARCHAR(40) NOT NULL,
    request_key VARCHAR(255) NOT NULL,
    fingerprint BINARY(32) NOT NULL,
    products TEXT NOT NULL, -- their numbers, as a JSON list
    created BIGINT NOT NULL, -- seconds since 1970
    UNIQUE KEY vitrina_request_key (scope, request_key),
    KEY vitrina_request_by_age (scope, id),
    KEY vitrina_request_by_time (created)
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_nopad_bin;
