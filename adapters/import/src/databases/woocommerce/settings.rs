//! What a WooCommerce shop is set to: its languages and taxes.

use std::collections::HashMap;

use vitrina_core::Result;

use super::super::session::Session;
use super::super::{DatabaseOptions, no_language};

/// How the shop keeps several languages.
pub(super) enum Language {
    One,
    /// WPML: the default language, or the one that was asked for.
    Wpml(String),
    /// Polylang: the ID of the language's term taxonomy.
    Polylang(i64),
}

pub(super) async fn language(session: &mut Session, wanted: Option<&str>) -> Result<Language> {
    if session.has("icl_translations") {
        let default = "SELECT language_code FROM {p}icl_translations WHERE element_type = 'post_product' AND source_language_code IS NULL \
                       GROUP BY language_code ORDER BY COUNT(*) DESC LIMIT 1";
        let code = match wanted {
            Some(code) => Some(code.to_owned()),
            None => session.value(default).await?,
        };
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        return Ok(code.map_or(Language::One, Language::Wpml));
    }
    let sql = "SELECT x.term_taxonomy_id, t.slug FROM {p}term_taxonomy x JOIN {p}terms t ON t.term_id = x.term_id \
               WHERE x.taxonomy = 'language' ORDER BY x.count DESC, x.term_taxonomy_id";
    let languages = session.rows(sql).await?;
    let found = match wanted {
        Some(code) => languages.iter().find(|row| row.text(1).as_deref() == Some(code)),
        None => languages.first(),
    };
    match (found, wanted) {
        (Some(row), _) => Ok(Language::Polylang(row.number(0))),
        (None, Some(_)) if !languages.is_empty() => {
            let codes: Vec<_> = languages.iter().filter_map(|row| row.text(1)).collect();
            Err(no_language(codes.iter().map(String::as_str)))
        }
        _ => Ok(Language::One),
    }
}

/// VAT by tax class, where prices are stored without it.
pub(super) async fn rates(
    session: &mut Session,
    options: &DatabaseOptions,
) -> Result<(HashMap<String, f64>, Vec<String>)> {
    let mut values = session.rows("SELECT option_name, option_value FROM {p}options WHERE option_name IN ('woocommerce_prices_include_tax', \
                                   'woocommerce_calc_taxes', 'woocommerce_default_country')").await?;
    let values: HashMap<_, _> =
        values.drain(..).filter_map(|row| Some((row.text(0)?, row.text(1)?))).collect();
    let is = |name: &str, value: &str| values.get(name).is_some_and(|found| found == value);
    if !is("woocommerce_calc_taxes", "yes") || !is("woocommerce_prices_include_tax", "no") {
        return Ok((HashMap::new(), Vec::new()));
    }
    let base = options
        .country
        .clone()
        .or_else(|| values.get("woocommerce_default_country").cloned())
        .unwrap_or_default();
    let country: String =
        base.split(':').next().unwrap_or("").chars().filter(char::is_ascii_alphabetic).take(2).collect();
    let sql = format!(
        "SELECT tax_rate_class, tax_rate FROM {{p}}woocommerce_tax_rates WHERE tax_rate_country IN ('', '{country}') AND tax_rate_state = '' \
         ORDER BY tax_rate_country, tax_rate_priority DESC, tax_rate_id DESC"
    );
    let rates = session.rows(&sql).await?;
    let rates: HashMap<_, _> =
        rates.iter().filter_map(|row| Some((row.text(0)?, row.text(1)?.parse().ok()?))).collect();
    let notes = match rates.is_empty() {
        true => vec!["prices are stored without VAT and the shop has no rates for its country: they are taken as they are".into()],
        false => vec![format!("prices are stored without VAT: that of {country} was added")],
    };
    Ok((rates, notes))
}
