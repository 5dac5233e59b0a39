//! What differs between a stored product and the one of a source.

use vitrina_core::product::ProductDraft;

/// Returns the names of the fields that differ.
pub(super) fn differences(known: &ProductDraft, draft: &ProductDraft) -> Vec<String> {
    let same = [
        ("key", known.key == draft.key),
        ("name", known.name == draft.name),
        ("description", known.description == draft.description),
        ("brand", known.brand == draft.brand),
        ("price", known.price == draft.price),
        ("sale", known.sale == draft.sale),
        ("categories", known.categories == draft.categories),
        ("stock", known.stock == draft.stock),
        ("availability", known.availability == draft.availability),
        ("photos", known.photos == draft.photos),
        ("link", known.link == draft.link),
        ("codes", known.codes == draft.codes),
        ("attributes", known.attributes == draft.attributes),
        ("tags", known.tags == draft.tags),
        ("popularity", known.popularity == draft.popularity),
        ("translations", known.translations == draft.translations),
        ("updated_at", known.updated_at == draft.updated_at),
        ("variants", known.variants == draft.variants),
    ];
    same.iter().filter(|(_, same)| !same).map(|(name, _)| (*name).to_owned()).collect()
}
