//! The texts of a product beside its name, category, brand and description.

use vitrina_core::Product;
use vitrina_core::product::AttributeValue;

/// Texts in which the parts of each are separated, so that words of two of them do not join.
#[derive(Debug, Default)]
pub(crate) struct MoreTexts {
    /// Values of attributes, and the names of those that are just true.
    pub(crate) attributes: String,
    pub(crate) tags: String,
    /// Codes of the product and its variants.
    pub(crate) codes: String,
    /// Names of the further categories, of those above, and translations of all.
    pub(crate) above: String,
    /// Translated names and descriptions.
    pub(crate) names: String,
    pub(crate) descriptions: String,
}

impl MoreTexts {
    pub(crate) fn of(product: &Product) -> Self {
        let mut values: Vec<String> = Vec::new();
        for attribute in product.all_attributes() {
            for value in &attribute.values {
                let text = match value {
                    AttributeValue::Flag(true) => attribute.name.clone(),
                    AttributeValue::Flag(false) => continue,
                    other => other.to_string(),
                };
                if !values.contains(&text) {
                    values.push(text);
                }
            }
        }
        let main = product.category().map(|category| category.id);
        let mut above: Vec<&str> = Vec::new();
        for category in product.categories.iter().flat_map(|path| path.iter()) {
            let own = Some(category.name.as_str()).filter(|_| Some(category.id) != main);
            for name in own.into_iter().chain(category.translations.values().map(String::as_str)) {
                if !above.contains(&name) {
                    above.push(name);
                }
            }
        }
        let translated = || product.translations.values();
        let names: Vec<_> = translated().map(|texts| texts.name.as_str()).collect();
        let descriptions: Vec<_> = translated().map(|texts| texts.description.as_str()).collect();
        Self {
            attributes: values.join(" · "),
            tags: product.tags.join(" · "),
            codes: product.all_codes().collect::<Vec<_>>().join(" · "),
            above: above.join(" · "),
            names: names.join(" · "),
            descriptions: descriptions.join(" · "),
        }
    }
}
