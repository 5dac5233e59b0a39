//! Answering queries by words.

use tantivy::{Searcher, SegmentOrdinal, SegmentReader, TantivyError};
use vitrina::text::{fold, same_word};
use vitrina::{CategoryId, FacetCounter, Filter, MAX_LIMIT, Result, Sort, Suggestions, TextHits, TextQuery};

use crate::analysis::is_stop_word;
use crate::facets::SegmentFacets;
use crate::failed;
use crate::filter::{SegmentFilter, Wanted};
use crate::intersection::Intersection;
use crate::matching::SegmentQuery;
use crate::page::{COUNTED, PageBuilder, SegmentPage};
use crate::query::{LastWord, Query, Reader};
use crate::ranking::shares;
use crate::spelling::completions;
use crate::window::Window;

/// How many ways to go on are tried for each that is wanted.
const TRIED: usize = 4;

/// Answers a query from this state of the index.
pub(crate) fn text(reader: &Reader<'_>, query: &TextQuery) -> Result<TextHits> {
    let words = reader.read(&query.text, LastWord::Typed).map_err(failed)?;
    Search::new(reader, words, &query.meant, &query.filter).answer(query)
}

/// How a half-typed query may go on.
pub(crate) fn suggest(reader: &Reader<'_>, text: &str, limit: usize) -> Result<Suggestions> {
    let Some(last) = vitrina::text::tokens(text).pop() else {
        return Ok(Suggestions::default());
    };
    let begun = reader.read(text, LastWord::Begun).map_err(failed)?;
    let begun = Search::new(reader, begun, &[], &Filter::default());
    let products = begun.answer(&TextQuery { limit: limit.clamp(1, MAX_LIMIT), ..TextQuery::default() })?;
    let whole = begun.query.words.len() as f32;
    let products = products.hits.into_iter().filter(|hit| whole > 0.0 && hit.score >= whole);
    let before = text[..last.span.start].trim();
    let prefix = last.word.replace('ñ', "n");
    let endings =
        completions(reader.searcher, reader.fields.spellings, &prefix, limit * TRIED).map_err(failed)?;
    let mut queries = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for ending in endings {
        if queries.len() == limit {
            break;
        }
        // Words that say nothing end no query, and one number of a word is enough.
        let word = fold(&ending.shown);
        if is_stop_word(&word) || told.iter().any(|known| same_word(known, &word)) {
            continue;
        }
        let whole = if before.is_empty() { ending.shown } else { format!("{before} {}", ending.shown) };
        let words = reader.read(&whole, LastWord::Typed).map_err(failed)?;
        if Search::new(reader, words, &[], &Filter::default()).finds_all().map_err(failed)? {
            told.push(word);
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
    meant: Vec<CategoryId>,
    wanted: Wanted,
}

impl<'a> Search<'a> {
    fn new(reader: &'a Reader<'a>, query: Query, meant: &[CategoryId], filter: &Filter) -> Self {
        let frequencies: Vec<_> = query.words.iter().map(|word| word.frequency).collect();
        let shares = shares(reader.searcher.num_docs(), &frequencies);
        let mut meant = meant.to_vec();
        meant.sort_unstable();
        Self { searcher: reader.searcher, reader, query, shares, meant, wanted: Wanted::new(filter) }
    }

    /// A page: of the products with all words as long as there are enough, then of those with any.
    fn answer(&self, query: &TextQuery) -> Result<TextHits> {
        let page = || {
            let limit = query.limit.clamp(1, MAX_LIMIT);
            PageBuilder::new(query.sort, limit, query.after.as_ref(), &self.meant)
        };
        let mut whole = page()?;
        let mut facets = query.facets.then(FacetCounter::default);
        let kind = if self.query.has_words { Kind::All } else { Kind::Everything };
        self.run(kind, &mut whole, facets.as_mut()).map_err(failed)?;
        let enough = whole.is_full() || query.sort != Sort::Relevance && whole.total() > 0;
        let mut hits = if enough || kind == Kind::Everything {
            let uncounted = self.query.words.len() > 1 || !self.meant.is_empty() || whole.total() >= COUNTED;
            let more = query.sort == Sort::Relevance && uncounted;
            TextHits { at_least: more && kind == Kind::All, ..whole.finish() }
        } else {
            let mut any = page()?;
            let none = whole.total() == 0;
            if none {
                facets = query.facets.then(FacetCounter::default);
            }
            self.run(Kind::Any, &mut any, facets.as_mut().filter(|_| none)).map_err(failed)?;
            let at_least = query.sort == Sort::Relevance && any.total() >= COUNTED;
            TextHits { at_least, ..any.finish() }
        };
        hits.facets = facets.map(FacetCounter::finish);
        hits.did_you_mean.clone_from(&self.query.did_you_mean);
        let variants = self.query.words.iter().flat_map(|word| &word.variants);
        hits.matched = variants.map(|variant| variant.text.clone()).collect();
        Ok(hits)
    }

    /// Whether any product has all words.
    fn finds_all(&self) -> Result<bool, TantivyError> {
        let mut any = false;
        let mut intersection = Intersection::new();
        for (place, segment) in (0..).zip(self.searcher.segment_readers()) {
            self.open(place)?.all(&mut intersection, 0, |doc, _| {
                any |= !segment.is_deleted(doc);
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
        page: &mut PageBuilder,
        mut facets: Option<&mut FacetCounter>,
    ) -> Result<(), TantivyError> {
        let (mut intersection, mut window) = (Intersection::new(), Window::new());
        let counting = facets.is_some();
        for (place, segment) in (0..).zip(self.searcher.segment_readers()) {
            let mut visitor = Visitor {
                segment,
                filter: SegmentFilter::new(&self.wanted, segment)?,
                page: page.segment(segment)?,
                facets: match facets.as_deref_mut() {
                    Some(counter) => Some((SegmentFacets::new(segment)?, counter)),
                    None => None,
                },
            };
            let wanted = if counting { 0 } else { visitor.page.least() };
            match kind {
                Kind::All => self.open(place)?.all(&mut intersection, wanted, |doc, points| {
                    visitor.visit(doc, points, true);
                    Some(if counting { 0 } else { visitor.page.least() })
                }),
                Kind::Any => {
                    self.open(place)?.any(&mut window, wanted, |doc, points| {
                        visitor.visit(doc, points, points > 0);
                        if counting { 0 } else { visitor.page.least() }
                    });
                }
                Kind::Everything => (0..segment.max_doc()).for_each(|doc| visitor.visit(doc, 0, true)),
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
    filter: SegmentFilter<'a>,
    page: SegmentPage,
    facets: Option<(SegmentFacets, &'b mut FacetCounter)>,
}

impl Visitor<'_, '_> {
    fn visit(&mut self, doc: u32, points: u32, counts: bool) {
        if self.segment.is_deleted(doc) {
            return;
        }
        let passes = match &mut self.facets {
            Some((columns, counter)) if counts => {
                let passes = self.filter.passes(doc);
                columns.count(doc, passes, counter);
                passes.all()
            }
            _ => self.filter.matches(doc),
        };
        if passes {
            self.page.offer(doc, points);
        }
    }
}
