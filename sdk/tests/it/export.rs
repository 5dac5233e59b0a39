//! Exports: what is exported comes back, field by field, for shops made at random.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use vitrina::core::product::{
    AttributeValue, Availability, Codes, ProductDraft, SalePrice, Texts, Timestamp, Variant,
};
use vitrina::core::{Category, CategoryId, Money};
use vitrina::{Attribute, ErrorKind, NewProduct, Product, ProductId, Shop};

/// Numbers in a fixed order (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    fn list<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self, u64) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|place| make(self, place)).collect()
    }

    /// A text that a careless reader would change: signs of lists and paths, numbers, spaces, other scripts.
    fn text(&mut self) -> String {
        const PARTS: [&str; 16] = [
            "rojo",
            "1.034,90 €",
            " > ",
            "-",
            "ñandú",
            "\"",
            "\\n",
            "\n",
            "日本語",
            "👟",
            "a;b|c",
            "0012",
            "<b>",
            "null",
            "  ",
            "é",
        ];
        let parts = self.below(4) + 1;
        let text: String = (0..parts).map(|_| PARTS[self.below(16) as usize]).collect();
        if text.trim().is_empty() { "x".into() } else { text }
    }

    fn money(&mut self) -> Money {
        Money::from_minor(self.below(10_000_000_000) as i64 % (Money::MAX.minor() + 1))
    }

    fn moment(&mut self) -> Timestamp {
        Timestamp(self.below(4_000_000_000) as i64 - 1_000_000)
    }

    fn sale(&mut self) -> SalePrice {
        let from = self.some(Self::moment);
        let until = self.some(|dice| Timestamp(from.map_or(0, |from| from.0) + 1 + dice.below(1000) as i64));
        SalePrice { price: self.money(), from, until }
    }

    fn availability(&mut self) -> Availability {
        use Availability::{Backorder, InStock, OutOfStock, Preorder};
        [InStock, OutOfStock, Preorder, Backorder][self.below(4) as usize]
    }

    fn codes(&mut self) -> Codes {
        let (sku, gtin, mpn) = (self.some(Self::text), self.some(Self::text), self.some(Self::text));
        Codes { sku, gtin, mpn, others: self.list(3, |dice, _| dice.text()) }
    }

    fn attributes(&mut self) -> Vec<Attribute> {
        self.list(4, |dice, place| {
            let value = |dice: &mut Self, _| match dice.below(3) {
                0 => AttributeValue::Flag(dice.below(2) == 0),
                1 => AttributeValue::Number {
                    number: dice.below(1_000_000) as f64 / 1000.0 - 300.0,
                    unit: dice.some(Self::text),
                },
                _ => AttributeValue::Text(dice.text()),
            };
            let mut values = dice.list(3, value);
            values.push(AttributeValue::Text(dice.text()));
            Attribute { name: format!("{}{place}", dice.text()), values }
        })
    }

    fn photo(&mut self) -> String {
        match self.below(2) {
            0 => format!("https://cdn.example/{}.jpg", self.below(1000)),
            _ => format!("{:064x}.png", self.below(u64::MAX)),
        }
    }

    fn link(&mut self) -> String {
        format!("https://tienda.example/p/{}?v=ñ&a=b", self.below(1000))
    }

    fn variant(&mut self, place: u64) -> Variant {
        Variant {
            key: self.some(|dice| format!("{}{place}", dice.text().replace(char::is_control, ""))),
            codes: self.codes(),
            attributes: self.attributes(),
            price: self.some(Self::money),
            sale: self.some(Self::sale),
            stock: self.some(|dice| dice.below(u64::from(u32::MAX)) as u32),
            availability: self.some(Self::availability),
            photo: self.some(Self::photo),
            link: self.some(Self::link),
        }
    }

    fn product(&mut self, id: i64, categories: i64) -> ProductDraft {
        let mut of: Vec<_> = self.list(3, |dice, _| CategoryId(1 + dice.below(categories as u64) as i64));
        of.sort_unstable();
        of.dedup();
        ProductDraft {
            id: Some(ProductId(id)),
            key: self.some(|dice| format!("{}{id}", dice.text().replace(char::is_control, ""))),
            name: self.text(),
            description: self.some(Self::text).unwrap_or_default(),
            brand: self.some(Self::text),
            price: self.money(),
            sale: self.some(Self::sale),
            categories: of,
            stock: self.some(|dice| dice.below(1000) as u32),
            availability: self.some(Self::availability),
            photos: self.list(3, |dice, _| dice.photo()),
            link: self.some(Self::link),
            codes: self.codes(),
            attributes: self.attributes(),
            tags: self.list(3, |dice, _| dice.text()),
            popularity: self.some(|dice| dice.below(1_000_000) as f64 / 1000.0),
            translations: self
                .list(3, |dice, place| {
                    let texts =
                        Texts { name: dice.text(), description: dice.some(Self::text).unwrap_or_default() };
                    (["en", "ca", "pt-br"][place as usize].to_owned(), texts)
                })
                .into_iter()
                .collect(),
            updated_at: self.some(Self::moment),
            variants: self.list(4, Self::variant),
        }
    }

    /// A tree of categories, some of them empty; each below one that has a lower ID, or at the root.
    fn categories(&mut self, count: i64) -> Vec<Category> {
        (1..=count)
            .map(|id| {
                let parent = 1 + self.below(id as u64) as i64;
                let parent = (parent < id && self.below(3) > 0).then_some(CategoryId(parent));
                let translations: BTreeMap<_, _> =
                    self.some(|dice| ("en".to_owned(), dice.text())).into_iter().collect();
                let name = format!("{} {id}", self.text());
                Category { parent, translations, ..Category::new(CategoryId(id), name.trim()) }
            })
            .collect()
    }
}

async fn exported(shop: &Shop) -> Vec<u8> {
    shop.export().try_concat().await.unwrap()
}

async fn everything(shop: &Shop) -> Vec<Product> {
    let (mut all, mut list) = (Vec::new(), shop.list().limit(100).await.unwrap());
    loop {
        all.append(&mut list.items);
        match list.next {
            Some(next) => list = shop.list().limit(100).after(next).await.unwrap(),
            None => return all,
        }
    }
}

#[tokio::test]
async fn shops_made_at_random_come_back_field_by_field() {
    for seed in 1..=8 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let folders = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let shop = Shop::open(folders.0.path()).await.unwrap();
        let categories = dice.categories(12);
        shop.service().catalog().upsert_categories(&categories).await.unwrap();
        let drafts: Vec<_> = (1..=230).map(|n| dice.product(n * 3, 12)).collect();
        shop.service().catalog().upsert_products(&drafts).await.unwrap();
        let before = everything(&shop).await;
        assert_eq!(before.len(), 230);

        let lines = exported(&shop).await;
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 231);
        let copy = Shop::open(folders.1.path()).await.unwrap();
        let report = copy.restore(&lines[..]).await.unwrap();
        assert_eq!((report.written, report.unchanged, report.categories), (230, 0, 12), "seed {seed}");
        assert_eq!(copy.categories().await.unwrap(), shop.categories().await.unwrap(), "seed {seed}");
        for (one, other) in before.iter().zip(everything(&copy).await) {
            assert_eq!(*one, other, "seed {seed}");
        }
        assert!(exported(&copy).await == lines, "seed {seed}: an export of the copy is the same");
        let again = copy.restore(&lines[..]).await.unwrap();
        assert_eq!((again.written, again.unchanged, again.categories), (0, 230, 0));
    }
}

#[tokio::test]
async fn an_export_comes_into_a_shop_that_has_other_products() {
    let put = async |shop: &Shop, key: Option<&str>, name: &str, category: &str| {
        let mut product = NewProduct::new(name, "5".parse().unwrap()).category(category);
        product.key = key.map(str::to_owned);
        shop.put(product).await.unwrap()
    };
    let (one, other) = (Shop::in_memory(), Shop::in_memory());
    put(&one, Some("A"), "Bota", "Zapatos").await;
    put(&one, None, "Sin clave", "Zapatos").await;
    put(&other, Some("X"), "Gorra", "Gorras").await;
    let known = put(&other, Some("A"), "Bota vieja", "Gorras").await;
    let report = other.restore(&exported(&one).await[..]).await.unwrap();
    assert_eq!((report.written, report.categories), (2, 1));
    let boot = other.product("A").await.unwrap();
    assert_eq!((boot.id, boot.name.as_str()), (known, "Bota"), "by key, whatever its ID was");
    assert_eq!(boot.category().unwrap().name, "Zapatos");
    assert_eq!(other.product("X").await.unwrap().name, "Gorra", "others stay");
    assert_eq!(everything(&other).await.len(), 3);
}

#[tokio::test]
async fn what_is_no_export_is_refused_by_its_line() {
    let shop = Shop::in_memory();
    let head = r#"{"vitrina_export":1,"categories":[{"id":1,"path":["A"]}]}"#;
    let product = r#"{"id":1,"name":"a","price":1.0,"categories":[["A"]]}"#;
    for (lines, wanted) in [
        (String::new(), "empty"),
        (product.to_owned(), "line 1"),
        (head.replace(":1,", ":9,"), "version 9"),
        (format!("{head}\n{{\"id\":1}}"), "line 2"),
        (format!("{head}\n{product}\n\n{}", product.replace("[\"A\"]", "[\"B\"]")), "line 4"),
        (format!("{head}\n{}", product.replace("\"price\"", "\"colour\":1,\"price\"")), "colour"),
        (format!("{head}\n{}", &product[..20]), "line 2"),
    ] {
        let error = shop.restore(lines.as_bytes()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{wanted}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert!(everything(&shop).await.is_empty());
}
