//! What a product or a variant costs, whether it can be had, and its codes.

use vitrina_core::Money;
use vitrina_core::product::{Availability, Codes, ProductDraft, SalePrice, Timestamp};

use crate::field::Field;
use crate::headers::Dialect;
use crate::row::{Cell, Row};
use crate::values::{self, Gtin, StockWord};

use super::{Assembler, Findings, ROUNDED};

/// The parts that products and variants have alike.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) codes: Codes,
    pub(super) price: Option<Money>,
    pub(super) sale: Option<SalePrice>,
    pub(super) stock: Option<u32>,
    pub(super) availability: Option<Availability>,
    pub(super) link: Option<String>,
}

/// The longest code in characters, and the most of a product.
const MAX_CODE: usize = ProductDraft::MAX_CODE;

impl Assembler {
    pub(super) fn offer(&mut self, row: &Row, findings: &mut Findings) -> Offer {
        let mut offer = Offer { codes: self.codes(row, findings), ..Offer::default() };
        offer.price = self.price(row, findings);
        offer.sale = self.sale(row, &mut offer.price, findings);
        self.set_stock(&mut offer, row, findings);
        if let Some(cell) = row.cell(&Field::Link) {
            match values::link(&cell.text) {
                Ok(link) => offer.link = Some(link),
                Err(reason) => findings.leave_out_cell(row, cell, reason),
            }
        }
        offer
    }

    fn price(&mut self, row: &Row, findings: &mut Findings) -> Option<Money> {
        let (cell, vat) = match (row.cell(&Field::Price), row.cell(&Field::NetPrice)) {
            (Some(cell), _) => (cell, None),
            (None, Some(cell)) => (cell, self.vat(row, findings)?),
            (None, None) => return None,
        };
        self.money(cell, vat, row, findings)
    }

    /// Returns the rate of VAT of a row, else that of the mapping; `None` if the product is refused for it.
    fn vat(&self, row: &Row, findings: &mut Findings) -> Option<Option<f64>> {
        let Some(cell) = row.cell(&Field::VatRate) else { return Some(self.reading.vat) };
        let text = cell.text.trim().trim_end_matches('%').trim_end();
        match values::number(text, self.reading.decimal) {
            Ok(rate) if (0.0..=100.0).contains(&rate) => Some(Some(rate)),
            _ => {
                findings.refuse_cell(row, cell, "is no rate of VAT in per cent, 0 to 100");
                None
            }
        }
    }

    /// Reads an amount of money in the source's currency; a wrong one refuses the product.
    fn money(&mut self, cell: &Cell, vat: Option<f64>, row: &Row, findings: &mut Findings) -> Option<Money> {
        // Shop systems compute with more decimals than they show.
        let rounding = matches!(self.reading.dialect, Dialect::PrestaShop | Dialect::Database);
        let read = values::amount(&cell.text, self.reading.decimal).and_then(|amount| {
            let money = amount.money(vat, rounding)?;
            match (&amount.currency, &self.reading.currency) {
                (Some(found), Some(expected)) if found != expected && found != "$" => {
                    Err(format!("is in {found}; the other prices are in {expected}"))
                }
                (Some(found), None) => {
                    self.reading.currency = Some(found.clone());
                    Ok(money)
                }
                _ => Ok(money),
            }
        });
        read.map_err(|reason| findings.refuse_cell(row, cell, reason)).ok()
    }

    fn sale(&mut self, row: &Row, price: &mut Option<Money>, findings: &mut Findings) -> Option<SalePrice> {
        let (from, until) = self.sale_dates(row, findings)?;
        if let Some((from, until)) = from.zip(until).filter(|(from, until)| from >= until) {
            let shown = format!("{} to {}", from.0, until.0);
            findings.leave_out(row, "sale", &shown, "ends before it begins: the reduced price is left out");
            return None;
        }
        let with_dates = |price| SalePrice { price, from, until };
        if let Some(cell) = row.cell(&Field::ComparePrice) {
            // The price that is struck through; one that is not higher says nothing.
            let before = self.money(cell, None, row, findings)?;
            let now = (*price)?;
            if before <= now {
                return None;
            }
            *price = Some(before);
            return Some(with_dates(now));
        }
        let (cell, reduced) = if let Some(cell) = row.cell(&Field::SalePrice) {
            (cell, self.money(cell, None, row, findings)?)
        } else if let Some(cell) = row.cell(&Field::DiscountAmount).filter(|cell| !is_zero(&cell.text)) {
            let discount = self.money(cell, None, row, findings)?;
            (cell, Money::from_minor((*price)?.minor() - discount.minor()))
        } else if let Some(cell) = row.cell(&Field::DiscountPercent).filter(|cell| !is_zero(&cell.text)) {
            let text = cell.text.trim().trim_end_matches('%');
            match values::number(text, self.reading.decimal) {
                Ok(percent) if (0.0..=100.0).contains(&percent) => {
                    let minor = ((*price)?.minor() as f64 * (100.0 - percent) / 100.0).round() as i64;
                    (cell, Money::from_minor(minor))
                }
                _ => {
                    findings.refuse_cell(row, cell, "is no discount in per cent, 0 to 100");
                    return None;
                }
            }
        } else {
            return None;
        };
        let regular = (*price)?;
        if reduced.minor() < 0 || reduced >= regular {
            findings.leave_out_cell(row, cell, format!("is not below the price of {regular}"));
            return None;
        }
        Some(with_dates(reduced))
    }

    /// Returns the dates of a sale; `None` if one of them cannot be read, so that no sale lasts longer than it should.
    fn sale_dates(
        &self,
        row: &Row,
        findings: &mut Findings,
    ) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
        if let Some(cell) = row.cell(&Field::SalePeriod) {
            return values::period(&cell.text)
                .map_err(|reason| findings.leave_out_cell(row, cell, reason))
                .ok();
        }
        let mut dates = [None, None];
        for (place, field) in [(0, Field::SaleFrom), (1, Field::SaleUntil), (1, Field::SaleUntilMoment)] {
            let Some(cell) = row.cell(&field) else { continue };
            dates[place] = values::timestamp(&cell.text)
                .map_err(|reason| findings.leave_out_cell(row, cell, reason))
                .ok()?;
            // The last day of a sale is part of it.
            if field == Field::SaleUntil && cell.text.contains(['-', '/', '.']) && !cell.text.contains(':') {
                dates[place] = dates[place].map(|date| Timestamp(date.0 + 86_400));
            }
        }
        Some((dates[0], dates[1]))
    }

    fn set_stock(&self, offer: &mut Offer, row: &Row, findings: &mut Findings) {
        if let Some(cell) = row.cell(&Field::Stock) {
            match values::stock(&cell.text) {
                Ok(StockWord::Pieces(pieces)) => offer.stock = Some(pieces),
                Ok(StockWord::Oversold) => {
                    offer.stock = Some(0);
                    findings.leave_out_cell(row, cell, "is negative: counted as 0 pieces");
                }
                Ok(StockWord::Word(word)) => offer.availability = Some(word),
                Err(reason) => findings.refuse_cell(row, cell, reason),
            }
        }
        let Some(cell) = row.cell(&Field::Availability) else { return };
        if self.reading.dialect == Dialect::Shopify {
            let sold_on = matches!(cell.text.to_ascii_lowercase().as_str(), "continue" | "true");
            if sold_on && offer.stock == Some(0) {
                offer.availability = Some(Availability::Backorder);
            }
            return;
        }
        match values::availability(&cell.text) {
            // WooCommerce says 1 for every product in stock, counted or not.
            Ok(Availability::InStock) if offer.stock.is_some_and(|stock| stock > 0) => {}
            Ok(availability) => offer.availability = Some(availability),
            Err(reason) if cell.text == "backorder" => findings.leave_out_cell(row, cell, reason),
            Err(reason) => findings.refuse_cell(row, cell, reason),
        }
    }

    fn codes(&self, row: &Row, findings: &mut Findings) -> Codes {
        let mut codes = Codes::default();
        let one = |field: &Field, findings: &mut Findings| -> Option<String> {
            let cell = row.cell(field)?;
            if values::rounded_by_a_spreadsheet(&cell.text) {
                findings.leave_out_cell(row, cell, ROUNDED);
                return None;
            }
            Some(cell.text.trim().trim_start_matches('\'').to_owned()).filter(|code| !code.is_empty())
        };
        codes.sku = one(&Field::Sku, findings);
        codes.mpn = one(&Field::Mpn, findings);
        if let Some(text) = one(&Field::Gtin, findings) {
            match values::gtin(&text) {
                Gtin::Valid(digits) => codes.gtin = Some(digits),
                Gtin::Other(code) => {
                    let cell = row.cell(&Field::Gtin);
                    let field = cell.map_or("gtin", |cell| &cell.column.header).to_owned();
                    let reason = "is no EAN, UPC or ISBN-13 (its check digit is wrong): kept as another code";
                    findings.leave_out(row, &field, &text, reason);
                    codes.others.push(code);
                }
            }
        }
        for cell in row.all(&Field::Code) {
            let code = cell.text.trim().to_owned();
            if values::rounded_by_a_spreadsheet(&code) {
                findings.leave_out_cell(row, cell, ROUNDED);
            } else if !codes.others.contains(&code) {
                codes.others.push(code);
            }
        }
        kept_codes(codes, row, findings)
    }
}

/// Leaves out codes that no catalogue can hold.
pub(super) fn kept_codes(codes: Codes, row: &Row, findings: &mut Findings) -> Codes {
    let mut kept = |name: &str, code: String| {
        if code.trim().is_empty() {
            return None;
        }
        if code.chars().count() > MAX_CODE {
            findings.leave_out(row, name, &code, format!("is longer than {MAX_CODE} characters"));
            return None;
        }
        Some(code)
    };
    let sku = codes.sku.and_then(|code| kept("sku", code));
    let gtin = codes.gtin.and_then(|code| kept("gtin", code));
    let mpn = codes.mpn.and_then(|code| kept("mpn", code));
    let mut others: Vec<_> = codes.others.into_iter().filter_map(|code| kept("code", code)).collect();
    for code in others.drain(MAX_CODE.min(others.len())..) {
        findings.leave_out(row, "code", &code, format!("is one too many: {MAX_CODE} further codes at most"));
    }
    Codes { sku, gtin, mpn, others }
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','))
}
