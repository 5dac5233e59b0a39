//! What storefronts send: many searches at once, and what visitors did.

use poem_openapi::{Enum, Object};

use super::{HighlightUnits, TextAnswer, TextSearch};
use crate::events::Event;

/// Many searches.
#[derive(Debug, Object)]
pub struct SearchBatch {
    /// The searches, 20 at most. Without a `limit` each returns up to 24 products.
    #[oai(validator(max_items = 20))]
    pub searches: Vec<TextSearch>,
}

/// The answers to many searches.
#[derive(Debug, Object)]
pub struct BatchAnswer {
    /// In the order of the searches.
    pub results: Vec<TextAnswer>,
}

/// A search among the values of a facet.
#[derive(Debug, Object)]
pub struct FacetValueSearch {
    /// The facet: `brand`, `category`, or an attribute such as `attributes.color`.
    #[oai(validator(max_length = 100))]
    pub facet: String,
    /// What the values contain, whatever its case and accents; all of them where it is empty.
    #[oai(default, validator(max_length = 100))]
    pub query: String,
    /// How many, 1 to 100; 10 unless given.
    #[oai(nullable, validator(minimum(value = "1"), maximum(value = "100")))]
    pub limit: Option<u64>,
    /// The search whose products are counted; all products unless given. What its filter says of the facet itself is left out.
    #[oai(nullable)]
    pub search: Option<TextSearch>,
    /// What positions in `highlights` count; `code_points` unless given.
    #[oai(nullable)]
    pub highlight_units: Option<HighlightUnits>,
}

/// Values of a facet.
#[derive(Debug, Object)]
pub struct FacetValues {
    /// Those that begin with the text first, then the most frequent.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Debug, Object)]
pub struct FacetValue {
    /// The value, as filters take it.
    pub value: String,
    /// How many products have it.
    pub count: u64,
    /// Where the text is in it: pairs of start and end, in the units that were asked for.
    pub highlights: Vec<Vec<u32>>,
}

impl FacetValue {
    /// The value with the positions in these units.
    pub(crate) fn new(found: vitrina_core::search::FacetValue, units: HighlightUnits) -> Self {
        let place = |byte: usize| units.count(&found.value[..byte]);
        let (start, end) = (place(found.matched.start), place(found.matched.end));
        let highlights = if start < end { vec![vec![start, end]] } else { Vec::new() };
        Self { value: found.value, count: found.count as u64, highlights }
    }
}

/// What visitors did.
#[derive(Debug, Object)]
pub struct ShopEvents {
    /// The events, 100 at most.
    #[oai(validator(max_items = 100))]
    pub events: Vec<ShopEvent>,
}

/// What a visitor did, by the names of OpenSearch's User Behavior Insights.
#[derive(Debug, Object)]
pub struct ShopEvent {
    /// What was done.
    pub action_name: Action,
    /// The product's ID.
    #[oai(nullable, validator(max_length = 64))]
    pub object_id: Option<String>,
    /// Where it stood in the answer, from 1; later ones than the hundredth are counted together.
    #[oai(nullable, validator(minimum(value = "1")))]
    pub position: Option<u32>,
    /// Which search it followed, as a random ID of the client's; it is not kept.
    #[oai(nullable, validator(max_length = 64))]
    pub query_id: Option<String>,
}

/// What a visitor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Action {
    /// Searched.
    Search,
    /// Was shown a product.
    View,
    /// Opened a product.
    Click,
    /// Put a product into the cart.
    AddToCart,
    /// Bought a product.
    Purchase,
}

impl From<ShopEvent> for Event {
    fn from(event: ShopEvent) -> Self {
        let action = match event.action_name {
            Action::Search => "search",
            Action::View => "view",
            Action::Click => "click",
            Action::AddToCart => "add_to_cart",
            Action::Purchase => "purchase",
        };
        Self { action_name: action.to_owned(), object_id: event.object_id, position: event.position }
    }
}

/// The events were counted.
#[derive(Debug, Object)]
pub struct EventsReceived {
    /// Always `received`.
    pub status: String,
}
