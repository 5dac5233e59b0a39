//! Names, descriptions, brands, categories and tags.

use vitrina_core::product::{ProductDraft, check_language};
use vitrina_core::{Category, NewProduct, text};

use crate::field::Field;
use crate::headers::{CATEGORY_MARK, Dialect};
use crate::row::Row;
use crate::values;

use super::{Assembler, Findings, MISSING_NAME};

/// The longest category name in characters, the deepest path, and the most categories of a product.
const MAX_CATEGORY: usize = Category::MAX_NAME;
const MAX_DEPTH: usize = Category::MAX_DEPTH;
const MAX_CATEGORIES: usize = ProductDraft::MAX_CATEGORIES;
/// The most tags, and the longest in characters.
const MAX_TAGS: usize = ProductDraft::MAX_TAGS;
const MAX_TAG: usize = ProductDraft::MAX_TAG;

impl Assembler {
    pub(super) fn set_texts(&self, product: &mut NewProduct, row: &Row, findings: &mut Findings) {
        product.name = self.line(row.get(&Field::Name).unwrap_or_default());
        if product.name.is_empty() {
            findings.refuse(row, "name", row.get(&Field::Name).unwrap_or_default(), MISSING_NAME);
        }
        limit(
            row,
            &Field::Name,
            "name",
            product.name.chars().count(),
            ProductDraft::MAX_NAME,
            "characters",
            findings,
        );
        let summary = row.get(&Field::Summary).map(|text| self.paragraphs(text)).unwrap_or_default();
        let long = row.get(&Field::Description).map(|text| self.paragraphs(text)).unwrap_or_default();
        product.description = match (summary.is_empty(), long.is_empty()) {
            (false, false) if !long.contains(&summary) => format!("{summary}\n{long}"),
            (false, true) => summary,
            _ => long,
        };
        let length = product.description.len();
        limit(
            row,
            &Field::Description,
            "description",
            length,
            ProductDraft::MAX_DESCRIPTION,
            "bytes",
            findings,
        );
        for cell in
            row.cells.iter().filter(|cell| matches!(cell.column.field, Field::Name | Field::Description))
        {
            if is_read_twice(&cell.text) {
                let reason = "looks like UTF-8 that was read as Windows-1252 before it was written: export it again as UTF-8";
                findings.refuse_cell(row, cell, reason);
            }
        }
        product.brand = row.get(&Field::Brand).map(|text| self.line(text)).filter(|brand| !brand.is_empty());
        let length = product.brand.as_deref().unwrap_or("").chars().count();
        limit(row, &Field::Brand, "brand", length, ProductDraft::MAX_BRAND, "characters", findings);
        for cell in &row.cells {
            match &cell.column.field {
                Field::NameIn(language) => {
                    let texts = product.translations.entry(language.to_string()).or_default();
                    texts.name = self.line(&cell.text);
                }
                Field::DescriptionIn(language) => {
                    let texts = product.translations.entry(language.to_string()).or_default();
                    texts.description = self.paragraphs(&cell.text);
                }
                _ => {}
            }
        }
        kept_translations(product, row, findings);
    }

    /// Returns a text on one line, without markup.
    pub(super) fn line(&self, text: &str) -> String {
        if self.reading.plain_texts { text.trim().to_owned() } else { values::line(text) }
    }

    fn paragraphs(&self, text: &str) -> String {
        match self.reading.dialect {
            _ if self.reading.plain_texts => text.trim().to_owned(),
            // The exporter writes line breaks as a backslash and an n.
            Dialect::WooCommerce => values::paragraphs(&text.replace("\\n", "\n")),
            _ => values::paragraphs(text),
        }
    }

    pub(super) fn categories(&self, row: &Row, findings: &mut Findings) -> Vec<Vec<String>> {
        let mut paths: Vec<Vec<String>> = Vec::new();
        for cell in row.all(&Field::Categories) {
            for path in self.split_categories(&cell.text) {
                paths.push(self.path(path.trim()));
            }
        }
        let mut levels: Vec<_> = row
            .cells
            .iter()
            .filter_map(|cell| match cell.column.field {
                Field::CategoryLevel(level) => Some((level, self.line(&cell.text))),
                _ => None,
            })
            .collect();
        levels.sort_by_key(|(level, _)| *level);
        let levels: Vec<_> =
            levels.into_iter().map(|(_, name)| name).filter(|name| !name.is_empty()).collect();
        if !levels.is_empty() {
            paths.push(levels);
        }
        if let (true, Some(google)) = (paths.is_empty(), row.get(&Field::GoogleCategory))
            && !google.bytes().all(|byte| byte.is_ascii_digit())
        {
            paths.push(self.path(google));
        }
        self.kept_categories(paths, row, findings)
    }

    /// Drops empty and repeated paths, and those that no catalogue can hold.
    pub(super) fn kept_categories(
        &self,
        paths: Vec<Vec<String>>,
        row: &Row,
        findings: &mut Findings,
    ) -> Vec<Vec<String>> {
        let mut kept: Vec<Vec<String>> = Vec::new();
        for path in paths.into_iter().filter(|path| !path.is_empty()) {
            let shown = path.join(" > ");
            if path.len() > MAX_DEPTH || path.iter().any(|name| name.chars().count() > MAX_CATEGORY) {
                let reason = format!(
                    "has more than {MAX_DEPTH} levels, or a name of more than {MAX_CATEGORY} characters"
                );
                findings.leave_out(row, "category", &shown, reason);
            } else if kept.len() == MAX_CATEGORIES {
                findings.leave_out(
                    row,
                    "category",
                    &shown,
                    format!("a product has {MAX_CATEGORIES} categories at most"),
                );
            } else if !kept.contains(&path) {
                kept.push(path);
            }
        }
        kept
    }

    fn split_categories<'a>(&self, text: &'a str) -> Vec<std::borrow::Cow<'a, str>> {
        match self.reading.dialect {
            // A comma in a name is escaped.
            Dialect::WooCommerce => values::split_escaped(text).map(Into::into).collect(),
            Dialect::PrestaShop => text.split(',').map(Into::into).collect(),
            // A bar is part of no name that shops gave us; a comma is of many.
            Dialect::Plain => text.split(['|', ';', '\n']).map(Into::into).collect(),
            _ => vec![text.into()],
        }
    }

    /// Splits a path at `>`, and at `/` where the system writes paths so; leaves out the root that shop systems have.
    pub(super) fn path(&self, text: &str) -> Vec<String> {
        if self.reading.dialect == Dialect::Database {
            let names = text.split(CATEGORY_MARK).map(|name| self.line(name));
            return names.filter(|name| !name.is_empty()).collect();
        }
        let slashes = self.reading.dialect == Dialect::PrestaShop && !text.contains('>');
        let names = text.split(|c| c == '>' || slashes && c == '/').map(|name| self.line(name));
        let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
        let is_root = |name: &str| {
            matches!(text::fold(name).as_str(), "home" | "inicio" | "root" | "raiz" | "root catalog")
        };
        if self.reading.dialect == Dialect::PrestaShop && names.first().is_some_and(|name| is_root(name)) {
            names.remove(0);
        }
        names
    }

    pub(super) fn tags(&self, row: &Row, findings: &mut Findings) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for cell in row.all(&Field::Tags) {
            let whole = self.reading.plain_texts || self.reading.dialect == Dialect::Database;
            let split: Vec<_> =
                if whole { vec![cell.text.as_str()] } else { cell.text.split([',', '|', ';']).collect() };
            for tag in split.into_iter().map(|tag| self.line(tag)).filter(|tag| !tag.is_empty()) {
                let reason = if tag.chars().count() > MAX_TAG {
                    format!("is longer than {MAX_TAG} characters")
                } else if tags.len() == MAX_TAGS && !tags.contains(&tag) {
                    format!("is one too many: {MAX_TAGS} tags at most")
                } else {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                    continue;
                };
                findings.leave_out(row, &cell.column.header, &tag, reason);
            }
        }
        tags
    }
}

/// Leaves out translations that no catalogue can hold.
pub(super) fn kept_translations(product: &mut NewProduct, row: &Row, findings: &mut Findings) {
    let count = product.translations.len();
    product.translations.retain(|language, texts| {
        let reason = if let Err(error) = check_language(language) {
            error.to_string()
        } else if texts.name.chars().count() > ProductDraft::MAX_NAME {
            format!("the name in `{language}` is longer than {} characters", ProductDraft::MAX_NAME)
        } else if texts.description.len() > ProductDraft::MAX_DESCRIPTION {
            format!("the description in `{language}` is longer than {} bytes", ProductDraft::MAX_DESCRIPTION)
        } else if count > ProductDraft::MAX_LANGUAGES {
            format!("a product has {} languages at most", ProductDraft::MAX_LANGUAGES)
        } else {
            return true;
        };
        findings.leave_out(row, "translations", &texts.name, reason);
        false
    });
}

fn limit(
    row: &Row,
    field: &Field,
    name: &str,
    length: usize,
    most: usize,
    unit: &str,
    findings: &mut Findings,
) {
    if length > most {
        let header = row.cell(field).map_or(name, |cell| &cell.column.header).to_owned();
        let value = row.get(field).unwrap_or_default().to_owned();
        findings.refuse(row, &header, &value, format!("is {length} {unit} long, {most} at most"));
    }
}

/// Returns true for the traces of an accented letter whose two bytes were read as two letters: `Ã±`, `Ã©`, `Â¿`.
fn is_read_twice(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        if c == 'Ã' && ('\u{a0}'..='\u{bf}').contains(&next)
            || c == 'Â' && matches!(next, '¿' | '¡' | 'º' | 'ª' | '€')
        {
            return true;
        }
    }
    text.contains("â‚¬") || text.contains("â€™")
}
