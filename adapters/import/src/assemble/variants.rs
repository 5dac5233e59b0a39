//! Several rows that describe one product: its variants, further photos.

use vitrina_core::product::{Attribute, AttributeValue, NewVariant, PhotoSource, ProductDraft};
use vitrina_core::{Money, NewProduct};

use crate::field::Field;
use crate::headers::Dialect;
use crate::row::{Cell, Row};
use crate::values;

use super::features::pairs;
use super::{Assembler, Findings, wrong_key};

/// The most variants of a product.
const MAX_VARIANTS: usize = ProductDraft::MAX_VARIANTS;

impl Assembler {
    pub(super) fn variants(&mut self, product: &mut NewProduct, rows: &[Row], findings: &mut Findings) {
        match self.reading.dialect {
            Dialect::Shopify => self.shopify(product, rows, findings),
            Dialect::Vendure => self.vendure(product, rows, findings),
            Dialect::PrestaShop => {
                for row in &rows[1..] {
                    let variant = self.combination(product, row, findings);
                    push(product, variant, row, findings);
                }
            }
            Dialect::WooCommerce => {
                for row in &rows[1..] {
                    self.variation(product, row, findings);
                }
                drop_shared(product);
            }
            Dialect::Database => {
                for row in &rows[1..] {
                    self.item(product, row, findings);
                }
                drop_shared(product);
            }
            _ if rows.len() > 1 => {
                for row in rows {
                    self.item(product, row, findings);
                }
                whole(product);
            }
            _ => {}
        }
    }

    fn variant(&mut self, row: &Row, findings: &mut Findings) -> NewVariant {
        let offer = self.offer(row, findings);
        let mut variant = NewVariant::default();
        variant.key = offer.codes.sku.clone();
        variant.codes = offer.codes;
        variant.price = offer.price;
        variant.sale = offer.sale;
        variant.stock = offer.stock;
        variant.availability = offer.availability;
        variant.link = offer.link;
        if let Some(cell) = row.cell(&Field::VariantPhoto) {
            let first = values::split_photos(&cell.text).next().unwrap_or("");
            match values::photo(first) {
                Ok(photo) => variant.photo = Some(photo),
                Err(reason) => findings.leave_out_cell(row, cell, reason),
            }
        }
        variant
    }

    /// Each row is a variant, a photo, or both; the option names stand in the first.
    fn shopify(&mut self, product: &mut NewProduct, rows: &[Row], findings: &mut Findings) {
        let names: Vec<_> = (1..=3)
            .map(|number| rows[0].get(&Field::AttributeName(number)).unwrap_or("").to_owned())
            .collect();
        let mut photos: Vec<(i64, PhotoSource)> = Vec::new();
        for row in rows {
            for photo in self.photos(row, findings) {
                let position = row.get(&Field::PhotoPosition).and_then(|text| text.parse().ok());
                photos.push((position.unwrap_or(photos.len() as i64 + 1), photo));
            }
            let is_variant = [Field::AttributeValue(1), Field::Sku, Field::Price]
                .iter()
                .any(|field| row.cell(field).is_some());
            if !is_variant {
                continue;
            }
            let mut variant = self.variant(row, findings);
            let options = names.iter().zip(1..).filter_map(|(name, number)| {
                row.get(&Field::AttributeValue(number)).map(|value| (name.as_str(), value))
            });
            variant.attributes = self.options(options, row, findings);
            push(product, variant, row, findings);
        }
        photos.sort_by_key(|(position, _)| *position);
        product.photos.clear();
        for (_, photo) in photos {
            if !product.photos.contains(&photo) {
                product.photos.push(photo);
            }
        }
        let is_default = |attribute: &Attribute| matches!(attribute.values.as_slice(), [AttributeValue::Text(text)] if text == "Default Title");
        match product.variants.as_slice() {
            // A product without options has one variant, which is the product.
            [only] if only.attributes.iter().all(is_default) => product.variants.clear(),
            [] => {}
            _ => whole(product),
        }
    }

    /// A row without a name is one more variant of the product above.
    fn vendure(&mut self, product: &mut NewProduct, rows: &[Row], findings: &mut Findings) {
        let names = rows[0].get(&Field::OptionGroups).unwrap_or("");
        for row in rows {
            let values = row.get(&Field::OptionValues).unwrap_or("");
            let mut variant = self.variant(row, findings);
            variant.attributes = self.options(names.split('|').zip(values.split('|')), row, findings);
            if rows.len() > 1 {
                push(product, variant, row, findings);
            }
        }
        if rows.len() > 1 {
            whole(product);
        }
    }

    fn variation(&mut self, product: &mut NewProduct, row: &Row, findings: &mut Findings) {
        if row.cell(&Field::Published).is_some_and(|cell| values::flag(&cell.text) == Ok(false)) {
            return;
        }
        let mut variant = self.variant(row, findings);
        variant.key = row.get(&Field::Key).map(str::to_owned).or(variant.key);
        variant.attributes = self.options(pairs(row), row, findings);
        variant.photo = self.photos(row, findings).into_iter().next();
        push(product, variant, row, findings);
    }

    /// A combination's price is the product's with an amount added.
    fn combination(&mut self, product: &NewProduct, row: &Row, findings: &mut Findings) -> NewVariant {
        let mut plain = row.clone();
        let impact = plain
            .cells
            .iter()
            .position(|cell| cell.column.field == Field::NetPrice)
            .map(|at| plain.cells.remove(at));
        let mut variant = self.variant(&plain, findings);
        if let Some(impact) = impact {
            variant.price = self.with_impact(product.price, &impact, row, findings);
        }
        let names = row.get(&Field::OptionGroups).unwrap_or("").split(',');
        let values = row.get(&Field::OptionValues).unwrap_or("").split(',');
        // `Size:select:0` is a name with how it is shown.
        fn first(text: &str) -> &str {
            text.split(':').next().unwrap_or("")
        }
        let options = names.zip(values).map(|(name, value)| (first(name), first(value)));
        variant.attributes = self.options(options, row, findings);
        variant
    }

    fn with_impact(
        &mut self,
        price: Option<Money>,
        impact: &Cell,
        row: &Row,
        findings: &mut Findings,
    ) -> Option<Money> {
        let added = values::number(&impact.text, self.reading.decimal);
        let added = added.map_err(|reason| findings.refuse_cell(row, impact, reason)).ok()?;
        let rate = 1.0 + self.reading.vat.unwrap_or(0.0) / 100.0;
        let minor = price?.minor() + (added * rate * 100.0).round() as i64;
        if minor < 0 {
            findings.refuse_cell(row, impact, "makes the price negative");
            return None;
        }
        (added != 0.0).then(|| Money::from_minor(minor))
    }

    /// An item of a feed, or a row of a group: a product with attributes of its own.
    fn item(&mut self, product: &mut NewProduct, row: &Row, findings: &mut Findings) {
        let mut variant = self.variant(row, findings);
        variant.key = row.get(&Field::Key).or(row.get(&Field::Id)).map(str::to_owned).or(variant.key);
        variant.attributes = self.attributes(row, findings);
        variant.photo = variant.photo.or_else(|| self.photos(row, findings).into_iter().next());
        push(product, variant, row, findings);
    }
}

/// Adds a variant, unless no catalogue can hold it.
pub(super) fn push(product: &mut NewProduct, variant: NewVariant, row: &Row, findings: &mut Findings) {
    if product.variants.len() == MAX_VARIANTS {
        return findings.refuse(
            row,
            "variants",
            "",
            format!("a product has {MAX_VARIANTS} variants at most"),
        );
    }
    if let Some(reason) = variant.key.as_deref().and_then(wrong_key) {
        let key = variant.key.as_deref().unwrap_or_default();
        return findings.refuse(row, "variant", key, reason);
    }
    let known = |other: &NewVariant| other.key.is_some() && other.key == variant.key;
    if product.variants.iter().any(known) {
        let key = variant.key.as_deref().unwrap_or_default();
        return findings.leave_out(
            row,
            "variant",
            key,
            "is in the product already: two variants cannot have one key",
        );
    }
    product.variants.push(variant);
}

/// Takes from the product what was the first variant's alone.
fn whole(product: &mut NewProduct) {
    product.codes = vitrina_core::product::Codes::default();
    product.stock = None;
    product.availability = None;
    let same = |price: fn(&NewVariant) -> Option<Money>| {
        let first = product.variants.first().and_then(price);
        product.variants.iter().all(|variant| price(variant) == first)
    };
    // The product's price is that of its cheapest variant.
    if !same(|variant| variant.price) || product.price.is_none() {
        product.price = product.variants.iter().filter_map(|variant| variant.price).min();
    }
    if !same(|variant| variant.sale.map(|sale| sale.price)) {
        product.sale = None;
    }
    drop_shared(product);
}

/// Leaves an attribute with the variants if it distinguishes them, and with the product if all have the same values.
fn drop_shared(product: &mut NewProduct) {
    let Some(first) = product.variants.first() else { return };
    let shared: Vec<_> = first
        .attributes
        .iter()
        .filter(|attribute| product.variants.iter().all(|variant| variant.attributes.contains(attribute)))
        .cloned()
        .collect();
    let several = product.variants.len() > 1;
    let names: Vec<_> = product
        .variants
        .iter()
        .flat_map(|variant| &variant.attributes)
        .map(|attribute| attribute.name.clone())
        .collect();
    product
        .attributes
        .retain(|attribute| !names.contains(&attribute.name) || several && shared.contains(attribute));
    if several {
        for variant in &mut product.variants {
            variant.attributes.retain(|attribute| !shared.contains(attribute));
        }
        for attribute in shared {
            if !product.attributes.contains(&attribute) {
                product.attributes.push(attribute);
            }
        }
    }
}
