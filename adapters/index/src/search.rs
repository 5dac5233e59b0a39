//! Answering queries by words.

use tantivy::{Searcher, SegmentOrdinal, SegmentReader, TantivyError};
use vitrina_core::catalog::{DEFAULT_LIMIT, Filter, MAX_LIMIT, Sort};
use vitrina_core::index::{FacetCounter, MAX_EXPLAINED, MAX_SKIPPED, Suggestions, TextHits, TextQuery};
use vitrina_core::text::{fold, same_word};
use vitrina_core::words::PriceOrder;
use vitrina_core::{CategoryId, Result};

use crate::analysis::is_stop_word;
use crate::asked::Asked;
use crate::codes::is_code;
use crate::explain::Explainer;
use crate::facets::SegmentFacets;
use crate::failed;
use crate::filter::{SegmentFilter, Wanted};
use crate::intersection::Intersection;
use crate::matching::SegmentQuery;
use crate::negation::SegmentUnwanted;
use crate::page::{COUNTED, PageBuilder, SegmentPage};
use crate::query::{LastWord, Query, Reader, Word};
use crate::ranking::{QueryWord, shares};
use crate::spelling::completions;
use crate::window::Window;

/// How many ways to go on are tried for each that is wanted.
const TRIED: usize = 4;

/// Answers a query from this state of the index.
pub(crate) fn text(reader: &Reader<'_>, query: &TextQuery) -> Result<TextHits> {
    let words = reader.read(&query.text, &query.without, LastWord::Typed).map_err(failed)?;
    Search::new(reader, words, &query.meant, &query.filter, query.price_order).map_err(failed)?.answer(query)
}

/// How a half-typed query may go on.
pub(crate) fn suggest(reader: &Reader<'_>, text: &str, limit: usize) -> Result<Suggestions> {
    let Some(last) = vitrina_core::text::tokens(text).pop() else {
        return Ok(Suggestions::default());
    };
    let begun = reader.read(text, &[], LastWord::Begun).map_err(failed)?;
    let begun = Search::new(reader, begun, &[], &Filter::default(), None).map_err(failed)?;
    let products = begun.answer(&TextQuery::default().limit(limit.clamp(1, MAX_LIMIT)))?;
    let has_words = !begun.query.words.is_empty();
    let products = products.hits.into_iter().filter(|hit| has_words && hit.score >= 1.0);
    let before = text[..last.span.start].trim();
    let prefix = last.word.replace('ñ', "n");
    let endings =
        completions(reader.searcher, reader.fields.spellings, &prefix, limit * TRIED).map_err(failed)?;
    let mut queries = Vec::new();
    let mut shown: Vec<String> = Vec::new();
    for ending in endings {
        if queries.len() == limit {
            break;
        }
        // Words that say nothing end no query, and one number of a word is enough.
        let word = fold(&ending.shown);
        if is_stop_word(&word) || shown.iter().any(|known| same_word(known, &word)) {
            continue;
        }
        let whole = if before.is_empty() { ending.shown } else { format!("{before} {}", ending.shown) };
        let words = reader.read(&whole, &[], LastWord::Typed).map_err(failed)?;
        let search = Search::new(reader, words, &[], &Filter::default(), None).map_err(failed)?;
        if search.finds_all().map_err(failed)? {
            shown.push(word);
            queries.push(whole);
        }
    }
    Ok(Suggestions { queries, products: products.map(|hit| hit.product).collect() })
}

/// A query that was read, and everything that answering it needs.
struct Search<'a> {
    searcher: &'a Searcher,
    reader: &'a Reader<'a>,
    query: Query,
    shares: Vec<f32>,
    asked: Asked,
    meant: Vec<CategoryId>,
    wanted: Wanted,
    /// For each segment which of its products have something unwanted.
    unwanted: Vec<SegmentUnwanted>,
}

impl<'a> Search<'a> {
    fn new(
        reader: &'a Reader<'a>,
        query: Query,
        meant: &[CategoryId],
        filter: &Filter,
        order: Option<PriceOrder>,
    ) -> Result<Self, TantivyError> {
        let Reader { searcher, fields, kinds, lexicon, .. } = reader;
        let known = |word: &Word| QueryWord {
            frequency: word.frequency,
            surely: word.surely,
            is_purpose: word.is_purpose,
        };
        let known: Vec<_> = query.words.iter().map(known).collect();
        let shares = shares(searcher.num_docs(), &known);
        let words: Vec<_> = query.words.iter().zip(shares.iter().copied()).collect();
        let asked = Asked::of(kinds, searcher, fields, &words, lexicon, order)?;
        let wanted = Wanted::new(filter);
        let segments = 0..searcher.segment_readers().len();
        let unwanted = segments.map(|place| SegmentUnwanted::open(place, reader, &query));
        let unwanted = unwanted.collect::<Result<_, _>>()?;
        Ok(Self { searcher, reader, query, shares, asked, meant: meant.to_vec(), wanted, unwanted })
    }

    /// A page: of the products with all words as long as there are enough, then of those with any.
    fn answer(&self, query: &TextQuery) -> Result<TextHits> {
        let page = || {
            let limit = if query.limit == 0 { DEFAULT_LIMIT } else { query.limit.min(MAX_LIMIT) };
            let skip = query.skip.min(MAX_SKIPPED);
            let known = (&self.asked, self.reader.signals);
            PageBuilder::new(query.sort, skip, limit, query.after.as_ref(), known)
        };
        let counter = || query.facets.is_any().then(|| FacetCounter::new(query.facets.clone()));
        let mut whole = page()?;
        let mut facets = counter();
        let kind = if self.query.has_words { Kind::All } else { Kind::Everything };
        self.run(kind, &mut whole, facets.as_mut()).map_err(failed)?;
        let only_whole = query.all_words || query.sort != Sort::Relevance;
        let enough = whole.is_full() || only_whole && whole.total() > 0;
        let mut hits = if enough || kind == Kind::Everything {
            let uncounted = self.query.words.len() > 1
                || !self.query.unwanted.is_empty()
                || !self.meant.is_empty()
                || whole.total() >= COUNTED;
            let more = query.sort == Sort::Relevance && uncounted;
            TextHits { at_least: more && kind == Kind::All, ..whole.finish() }
        } else {
            let mut any = page()?;
            facets = counter();
            self.run(Kind::Any, &mut any, facets.as_mut()).map_err(failed)?;
            let at_least = query.sort == Sort::Relevance && any.total() >= COUNTED;
            TextHits { at_least, ..any.finish() }
        };
        if query.limit == 0 {
            hits = TextHits { hits: Vec::new(), next: None, ..hits };
        }
        if query.explain {
            let Self { reader, query, shares, asked, unwanted, .. } = self;
            let explainer = Explainer { reader, query, shares, asked, unwanted };
            let first = hits.hits.iter().take(MAX_EXPLAINED);
            let explained = first.map(|hit| explainer.explain(hit.product));
            hits.explanations =
                explained.filter_map(Result::transpose).collect::<Result<_, _>>().map_err(failed)?;
        }
        hits.facets = facets.map(FacetCounter::finish);
        hits.did_you_mean.clone_from(&self.query.did_you_mean);
        hits.unknown.clone_from(&self.query.unknown);
        let variants = self.query.words.iter().flat_map(|word| &word.variants);
        let words = variants.filter(|variant| !is_code(&variant.text));
        hits.matched = words.map(|variant| variant.text.clone()).collect();
        Ok(hits)
    }

    /// Whether any product has all words.
    fn finds_all(&self) -> Result<bool, TantivyError> {
        let mut any = false;
        let mut intersection = Intersection::new();
        for (place, segment) in (0..).zip(self.searcher.segment_readers()) {
            let unwanted = &self.unwanted[place as usize];
            self.open(place)?.all(&mut intersection, 0, |doc, _| {
                any |= !segment.is_deleted(doc) && !unwanted.is_last(doc);
                (!any).then_some(0)
            });
        }
        Ok(any)
    }

    fn open(&self, segment: SegmentOrdinal) -> Result<SegmentQuery, TantivyError> {
        SegmentQuery::open(segment, self.reader, &self.query, &self.shares, &self.meant)
    }

    /// Offers what is found to the page, and counts facets.
    fn run(
        &self,
        kind: Kind,
        page: &mut PageBuilder<'_>,
        mut facets: Option<&mut FacetCounter>,
    ) -> Result<(), TantivyError> {
        let (mut intersection, mut window) = (Intersection::new(), Window::new());
        let counting = facets.is_some();
        for (place, segment) in (0..).zip(self.searcher.segment_readers()) {
            let columns = self.reader.columns.of(segment)?;
            let mut visitor = Visitor {
                segment,
                unwanted: &self.unwanted[place as usize],
                finds_all: kind != Kind::Any,
                filter: SegmentFilter::new(&self.wanted, &columns)?,
                page: page.segment(place as usize, &columns)?,
                facets: match facets.as_deref_mut() {
                    Some(counter) => {
                        let has_attributes = counter.choice().includes_attributes();
                        Some((SegmentFacets::new(&self.wanted, columns, has_attributes)?, counter))
                    }
                    None => None,
                },
            };
            let wanted = if counting { 0 } else { visitor.page.least() };
            match kind {
                Kind::All => self.open(place)?.all(&mut intersection, wanted, |doc, points| {
                    visitor.visit(doc, points);
                    Some(if counting { 0 } else { visitor.page.least() })
                }),
                Kind::Any => {
                    self.open(place)?.any(&mut window, wanted, |doc, points| {
                        visitor.visit(doc, points);
                        if counting { 0 } else { visitor.page.least() }
                    });
                }
                Kind::Everything => (0..segment.max_doc()).for_each(|doc| visitor.visit(doc, 0)),
            }
            let Visitor { page: found, facets: counted, .. } = visitor;
            page.add(found)?;
            if let Some((columns, counter)) = counted {
                columns.finish(counter)?;
            }
        }
        Ok(())
    }
}

/// Which products are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Those with all words.
    All,
    /// Those with any word, and those of a meant category.
    Any,
    /// All there are.
    Everything,
}

/// Takes the documents of one segment as they are found.
struct Visitor<'a, 'b> {
    segment: &'a SegmentReader,
    unwanted: &'a SegmentUnwanted,
    /// Whether what has something unwanted is left out for now.
    finds_all: bool,
    filter: SegmentFilter<'a>,
    page: SegmentPage<'a>,
    facets: Option<(SegmentFacets, &'b mut FacetCounter)>,
}

impl Visitor<'_, '_> {
    fn visit(&mut self, doc: u32, points: u32) {
        if self.segment.is_deleted(doc) || self.unwanted.excludes(doc) {
            return;
        }
        let is_last = self.unwanted.is_last(doc);
        if is_last && self.finds_all {
            return;
        }
        let points = if is_last { 0 } else { points };
        let passes = match &mut self.facets {
            Some((columns, counter)) => {
                let passes = self.filter.passes(doc);
                columns.count(doc, passes, counter);
                passes.all()
            }
            None => self.filter.matches(doc),
        };
        if passes {
            self.page.offer(doc, points);
        }
    }
}
