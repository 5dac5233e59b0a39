//! Which URL opens what.

use vitrina_core::ErrorKind;

use crate::common::block_on;

#[test]
fn a_wrong_url_is_refused_with_what_is_right() {
    for url in
        ["", "catalog.db", "postgres://a:secret@b/c", "sqlite:", "sqlite:a.db?mode=ro", "mysql://a:secret@b"]
    {
        let error = block_on(vitrina_sql::open(url)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}");
        let message = error.chain().to_string();
        assert!(message.contains("sqlite:PATH") || message.contains("mariadb://"), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}
