//! What all data files have in common.

use vitrina_core::ErrorKind;
use vitrina_core::index::RankingWeights;
use vitrina_core::words::{Lexicon, Synonyms, Vocabulary};

/// A list is no data file, not even one whose elements are the fields in their order.
#[test]
fn a_list_is_refused_where_an_object_is_wanted() {
    let errors = [
        Vocabulary::from_json("[[]]").map(drop),
        Synonyms::from_json(r#"[1, [["bota", "botín"]], []]"#).map(drop),
        Lexicon::from_json(" [1]").map(drop),
        RankingWeights::from_json("[0.02]").map(drop),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().ends_with("must be a JSON object"), "{error}");
    }
}
