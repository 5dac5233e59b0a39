//! Counts for narrowing an answer down.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Filter;
use crate::product::CategoryPath;
use crate::{CategoryId, Money, Product};

/// How many brands are counted at most: enough for a search among them.
const MOST_BRANDS: usize = 1000;

/// Where the ranges of prices begin, in major units: steps of 1, 2, 5.
const PRICE_STEPS: [i64; 13] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/// How many attributes are counted, and how many values of each.
const MOST_ATTRIBUTES: usize = 30;
const MOST_VALUES: usize = 50;

/// An attribute with more values than this of which most occur once identifies products and is no facet.
const IDENTIFYING: usize = 100;

/// Which facets an answer has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum FacetChoice {
    /// None.
    #[default]
    None,
    /// All that there are.
    All,
    /// Those of these names: `category`, `brand`, `price`, or the name of an attribute, without case. How many products are
    /// in stock comes with any.
    Named(Vec<String>),
}

impl FacetChoice {
    /// Returns whether any facet is to be counted.
    pub fn is_any(&self) -> bool {
        *self != Self::None
    }

    /// Returns whether this facet is to be counted.
    pub fn includes(&self, facet: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| name.to_lowercase() == facet.to_lowercase()),
        }
    }

    /// Returns whether a facet of an attribute may be among those to be counted.
    pub fn includes_attributes(&self) -> bool {
        match self {
            Self::Named(names) => names.iter().any(|name| !FACETS.contains(&name.as_str())),
            other => other.is_any(),
        }
    }
}

/// The names of the facets that are no attributes.
const FACETS: [&str; 3] = ["category", "brand", "price"];

/// How many of the products found have which category, brand, price and stock.
///
/// Each count says how many would be found if the filter asked for just this value in place of what it asks for now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Categories of every level, the most frequent first: a product counts in each of its own and in those above.
    pub categories: Vec<(CategoryId, usize)>,
    /// The most frequent brands, as a product of theirs writes them.
    pub brands: Vec<(String, usize)>,
    /// Ranges of prices that are not empty, the cheapest first.
    pub prices: Vec<PriceRange>,
    /// The lowest and the highest price, whatever prices the filter asks for; `None` where nothing is found.
    pub price_span: Option<(Money, Money)>,
    /// How many can be bought now.
    pub in_stock: usize,
    /// How many cannot.
    pub out_of_stock: usize,
    /// Attributes, those that most products have first.
    pub attributes: Vec<AttributeFacet>,
}

/// The values of an attribute among the products found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeFacet {
    /// The attribute's name, as a product writes it.
    pub name: String,
    /// The most frequent values, as a product writes them.
    pub values: Vec<(String, usize)>,
}

/// The products from one price to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceRange {
    /// The lowest price, inclusive.
    pub min: Money,
    /// The highest price, inclusive; `None` in the last range.
    pub max: Option<Money>,
    /// How many.
    pub count: usize,
}

/// Which parts of a filter a product passes, and with that the facets that it counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// The categories asked for.
    pub category: bool,
    /// The brands asked for.
    pub brand: bool,
    /// The prices asked for.
    pub price: bool,
    /// Whether it can be bought, if that was asked for.
    pub stock: bool,
    /// The attributes asked for.
    pub attributes: AttributePass,
}

/// Which of the attributes that a filter asks for a product has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributePass {
    /// All of them.
    All,
    /// All but the one in this place of the filter.
    AllBut(usize),
    /// Fewer.
    Fewer,
}

impl AttributePass {
    /// The same without the attribute in this place.
    #[must_use]
    pub fn without(self, place: usize) -> Self {
        if self == Self::All { Self::AllBut(place) } else { Self::Fewer }
    }
}

impl Passes {
    /// All parts.
    pub const ALL: Self =
        Self { category: true, brand: true, price: true, stock: true, attributes: AttributePass::All };

    /// Whether all parts are passed.
    #[inline]
    pub fn all(self) -> bool {
        self.category && self.brand && self.price && self.stock && self.attributes == AttributePass::All
    }
}

/// Counts facets product by product; indexes with millions of them use it over their own columns.
#[derive(Debug, Clone)]
pub struct FacetCounter {
    categories: BTreeMap<CategoryId, usize>,
    brands: BTreeMap<String, (String, usize)>,
    prices: [usize; PRICE_STEPS.len()],
    stock: [usize; 2],
    price_span: Option<(Money, Money)>,
    /// By folded names and values.
    attributes: BTreeMap<String, CountedAttribute>,
    choice: FacetChoice,
}

/// An attribute's name as it is shown, and its values by their folded form.
#[derive(Debug, Clone, Default)]
struct CountedAttribute {
    name: String,
    values: BTreeMap<String, (String, usize)>,
}

impl FacetCounter {
    /// Creates a counter of these facets; what is added of others is left out in the end.
    pub fn new(choice: FacetChoice) -> Self {
        Self {
            categories: BTreeMap::new(),
            brands: BTreeMap::new(),
            prices: [0; PRICE_STEPS.len()],
            stock: [0; 2],
            price_span: None,
            attributes: BTreeMap::new(),
            choice,
        }
    }

    /// The facets that it counts.
    pub fn choice(&self) -> &FacetChoice {
        &self.choice
    }

    /// Counts a product in every facet that the rest of the filter leaves it in.
    pub fn count(&mut self, product: &Product, filter: &Filter) {
        let part = |filter: Filter| filter.matches(product);
        let passes = Passes {
            category: part(Filter { categories: filter.categories.clone(), ..Filter::default() }),
            brand: part(Filter { brands: filter.brands.clone(), ..Filter::default() }),
            price: part(Filter {
                min_price: filter.min_price,
                max_price: filter.max_price,
                ..Filter::default()
            }),
            stock: part(Filter { in_stock: filter.in_stock, ..Filter::default() }),
            attributes: filter.attributes.iter().enumerate().fold(
                AttributePass::All,
                |pass, (place, (name, values))| {
                    let attributes = [(name.clone(), values.clone())].into();
                    let has = part(Filter { attributes, ..Filter::default() });
                    if has { pass } else { pass.without(place) }
                },
            ),
        };
        if (Passes { category: true, ..passes }).all() {
            let above = product.categories.iter().flat_map(CategoryPath::iter);
            let categories: BTreeSet<_> = above.map(|category| category.id).collect();
            categories.into_iter().for_each(|category| self.add_category(category, 1));
        }
        if (Passes { brand: true, ..passes }).all()
            && let Some(brand) = &product.brand
        {
            self.add_brand(brand, 1);
        }
        if (Passes { price: true, ..passes }).all() {
            self.add_price(product.current_price());
        }
        if (Passes { stock: true, ..passes }).all() {
            self.add_stock(product.in_stock());
        }
        if (Passes { attributes: AttributePass::All, ..passes }).all() {
            let only = match passes.attributes {
                AttributePass::All => None,
                AttributePass::AllBut(place) => filter.attributes.keys().nth(place),
                AttributePass::Fewer => return,
            };
            let folded = |(name, value): (&str, String)| (name.to_lowercase(), value.to_lowercase());
            let mut seen = BTreeSet::new();
            for (name, value) in product.attribute_values() {
                let is_counted = only.is_none_or(|only| only.to_lowercase() == name.to_lowercase());
                if is_counted && seen.insert(folded((name, value.clone()))) {
                    self.add_attribute(name, &value, 1);
                }
            }
        }
    }

    /// Adds products that have a value of an attribute; case does not matter.
    pub fn add_attribute(&mut self, name: &str, value: &str, count: usize) {
        let attribute = self.attributes.entry(name.to_lowercase()).or_default();
        if attribute.name.is_empty() || name < attribute.name.as_str() {
            name.clone_into(&mut attribute.name);
        }
        let known = attribute.values.entry(value.to_lowercase()).or_insert_with(|| (value.to_owned(), 0));
        known.1 += count;
        if value < known.0.as_str() {
            value.clone_into(&mut known.0);
        }
    }

    /// Adds products of a category.
    pub fn add_category(&mut self, category: CategoryId, count: usize) {
        *self.categories.entry(category).or_default() += count;
    }

    /// Adds products of a brand, whose case does not matter.
    pub fn add_brand(&mut self, brand: &str, count: usize) {
        let known = self.brands.entry(brand.to_lowercase()).or_insert_with(|| (brand.to_owned(), 0));
        known.1 += count;
        if brand < known.0.as_str() {
            brand.clone_into(&mut known.0);
        }
    }

    /// Adds a product of a price.
    #[inline]
    pub fn add_price(&mut self, price: Money) {
        let range = PRICE_STEPS.iter().rposition(|step| price.minor() >= step * 100).unwrap_or(0);
        self.prices[range] += 1;
        let (low, high) = self.price_span.unwrap_or((price, price));
        self.price_span = Some((low.min(price), high.max(price)));
    }

    /// Adds a product that can be bought, or not.
    #[inline]
    pub fn add_stock(&mut self, in_stock: bool) {
        self.stock[usize::from(in_stock)] += 1;
    }

    /// The counts.
    pub fn finish(self) -> Facets {
        let [has_categories, has_brands, has_prices] = FACETS.map(|facet| self.choice.includes(facet));
        let mut categories: Vec<_> = self.categories.into_iter().filter(|_| has_categories).collect();
        categories.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        let named = |(name, _): &(String, usize)| has_brands && !name.is_empty();
        let mut brands: Vec<_> = self.brands.into_values().filter(named).collect();
        brands.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        brands.truncate(MOST_BRANDS);
        let ranges = self.prices.into_iter().enumerate().filter(|(_, count)| has_prices && *count > 0);
        let prices = ranges.map(|(at, count)| PriceRange {
            min: Money::from_minor(PRICE_STEPS[at] * 100),
            max: PRICE_STEPS.get(at + 1).map(|next| Money::from_minor(next * 100 - 1)),
            count,
        });
        Facets {
            categories,
            brands,
            prices: prices.collect(),
            price_span: self.price_span.filter(|_| has_prices),
            attributes: attributes(self.attributes, &self.choice),
            in_stock: self.stock[1],
            out_of_stock: self.stock[0],
        }
    }
}

/// The attributes that are facets and asked for, with their most frequent values. One that is named is a facet.
fn attributes(counted: BTreeMap<String, CountedAttribute>, choice: &FacetChoice) -> Vec<AttributeFacet> {
    let is_named = matches!(choice, FacetChoice::Named(_));
    let facet = |counted: CountedAttribute| {
        let mut values: Vec<_> = counted.values.into_values().collect();
        let products: usize = values.iter().map(|(_, count)| count).sum();
        let identifies = !is_named && values.len() > IDENTIFYING && products < 2 * values.len();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(MOST_VALUES);
        (!identifies).then_some((products, AttributeFacet { name: counted.name, values }))
    };
    let counted = counted.into_values().filter(|counted| choice.includes(&counted.name));
    let mut facets: Vec<_> = counted.filter_map(facet).collect();
    facets.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    facets.into_iter().take(MOST_ATTRIBUTES).map(|(_, facet)| facet).collect()
}
