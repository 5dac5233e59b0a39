//! Generated products, and what is asked for among them.

use vitrina_core::text::words;
use vitrina_core::{Category, CategoryId, Money, Product, ProductId};

const DEMO: &str = include_str!("../../../../data/demo/products_es.jsonl");
const VOCABULARY: &str = include_str!("../../../../data/vocabulary.json");

/// The words that products are made of: those of the demo catalogue and of the vocabulary.
pub(crate) struct Words(Vec<String>);

impl Words {
    pub(crate) fn read() -> Self {
        let mut all: Vec<_> = words(DEMO).into_iter().chain(words(VOCABULARY)).collect();
        all.retain(|word| word.len() > 2 && word.chars().all(char::is_alphabetic));
        all.sort();
        all.dedup();
        Self(all)
    }

    /// A word; the frequencies fall like those of a language.
    fn one(&self, dice: &mut Dice) -> &str {
        let part = dice.below(1 << 20) as f64 / f64::from(1 << 20);
        &self.0[((self.0.len() as f64).powf(part) - 1.0) as usize]
    }

    fn name(&self, number: usize) -> String {
        let mut dice = Dice(number as u64 * 7919);
        let words: Vec<_> = (0..6).map(|_| self.one(&mut dice)).collect();
        let (series, model) = (["XT", "GL", "PRO", "K"][dice.below(4)], dice.below(50_000));
        format!("{} {series}{model}", words.join(" "))
    }

    /// The product of this number.
    pub(crate) fn product(&self, number: usize) -> Product {
        let mut dice = Dice(number as u64);
        let description: Vec<_> = (0..25).map(|_| self.one(&mut dice)).collect();
        let category = dice.below(200);
        Product {
            description: description.join(" "),
            brand: Some(format!("Marca {}", dice.below(3000))),
            price: Money::from_minor(100 + dice.below(200_000) as i64),
            categories: vec![
                Category::new(CategoryId(category as i64 + 1), self.0[category * 7].clone()).into(),
            ],
            stock: Some(dice.below(5) as u32),
            ..Product::new(ProductId(number as i64 + 1), self.name(number))
        }
    }

    /// One to three words of the name of one of `size` products; one query in ten with a slip.
    pub(crate) fn query(&self, dice: &mut Dice, size: usize) -> String {
        let name = self.name(dice.below(size));
        let words: Vec<_> = name.split(' ').collect();
        let (first, count) = (dice.below(words.len() - 2), 1 + dice.below(3));
        let mut query = words[first..first + count].join(" ");
        if dice.below(10) == 0 && query.len() > 5 {
            query.remove(3);
        }
        query
    }
}

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
