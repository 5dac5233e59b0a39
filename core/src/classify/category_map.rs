//! Maps the concepts of a vocabulary to the categories of a shop.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::classify::category_names::{CategoryName, Directness, Lexicon, Noun, Reading, is_generic};
use crate::text::words;
use crate::words::Vocabulary;
use crate::words::vocabulary::{Role, Term};
use crate::{Category, CategoryId};

/// Names of products of each category, a sample: what the shop itself calls the things in it.
pub type ProductNames = HashMap<CategoryId, Vec<String>>;

/// How many categories one phrase may mean.
const MEANT: usize = 8;

/// From so many sampled names on, products decide what a category with an unclear name holds.
const DECIDING: usize = 3;

/// A shop with more categories than these has a tree of them, in which "Otros" stands for the rest of one branch.
const FLAT: usize = 40;

/// A category that a phrase means, and how directly, 0 to 1.
pub(crate) type Meant = (CategoryId, f32);

/// A category that may hold a concept.
#[derive(Debug, Clone)]
struct Candidate {
    category: CategoryId,
    directness: Directness,
    /// How many of the names above it say something above the concept.
    agreeing: usize,
    depth: usize,
    /// How many of the sampled products there are.
    sampled: usize,
}

/// Which categories stand for which concepts.
#[derive(Debug)]
pub(crate) struct CategoryMap<'v> {
    vocabulary: &'v Vocabulary,
    /// By concept: categories that are named so, the best first.
    named: HashMap<usize, Vec<Candidate>>,
    /// By concept: categories that are named by a keyword of it.
    narrower: HashMap<usize, Vec<CategoryId>>,
    /// Whether the shop has so many categories that they are branches of a tree.
    is_tree: bool,
    /// By keyword: categories that are named so.
    by_keyword: HashMap<&'v [String], Vec<Meant>>,
    /// The category for what no other is for, if the shop has one.
    pub(crate) fallback: Option<CategoryId>,
}

impl<'v> CategoryMap<'v> {
    pub(crate) fn new(categories: &[Category], vocabulary: &'v Vocabulary, products: &ProductNames) -> Self {
        let lexicon = Lexicon::new(vocabulary);
        let mut map = Self {
            vocabulary,
            named: HashMap::new(),
            narrower: HashMap::new(),
            is_tree: categories.len() > FLAT,
            by_keyword: HashMap::new(),
            fallback: fallback(categories, vocabulary),
        };
        for category in categories {
            let name = CategoryName::new(&category.name);
            let sample = products.get(&category.id).map_or(&[][..], Vec::as_slice);
            let held = Held::new(sample, &lexicon);
            let mut readings = lexicon.read(&name);
            readings.retain(|said| {
                let clear = said.directness <= Directness::Number && name.above.is_empty();
                clear || !held.others_than(said.concept, vocabulary)
            });
            let most = held.most().filter(|most| readings.iter().all(|said| said.concept != most.concept));
            readings.extend(most);
            for said in readings {
                map.add(category.id, &name, &said, &lexicon, sample.len());
            }
        }
        for candidates in map.named.values_mut() {
            candidates.sort_by_key(|found| {
                (
                    found.directness,
                    Reverse(found.agreeing),
                    found.depth,
                    Reverse(found.sampled),
                    found.category,
                )
            });
        }
        map
    }

    fn add(
        &mut self,
        category: CategoryId,
        name: &CategoryName,
        said: &Reading<'v>,
        lexicon: &Lexicon<'v>,
        sampled: usize,
    ) {
        if !said.is_name {
            let weight = if said.directness <= Directness::Part { 0.9 } else { 0.8 };
            self.by_keyword.entry(said.term).or_default().push((category, weight));
        }
        let lineage = self.vocabulary.lineage(said.concept);
        let above = name.above.iter().filter_map(|words| lexicon.read_part(words, Noun::Anywhere));
        let above: Vec<_> =
            above.filter(|above| above.is_name && above.directness <= Directness::Number).collect();
        let agreeing = above.iter().filter(|above| lineage.contains(&above.concept)).count();
        // "Zumos > Naranja" is no fruit.
        if agreeing == 0 && !above.is_empty() && said.directness != Directness::Products {
            return;
        }
        let candidate =
            Candidate { category, directness: said.directness, agreeing, depth: name.above.len(), sampled };
        // "Accesorios" stands for whatever the branch is of.
        let is_vague = self.is_tree && agreeing == 0 && said.term.iter().all(|word| is_generic(word));
        if !said.is_name {
            self.narrower.entry(said.concept).or_default().push(category);
        } else if !is_vague {
            self.named.entry(said.concept).or_default().push(candidate);
        }
    }

    /// The category for photos of a concept: its own, else that of the nearest concept above it that has one.
    pub(crate) fn home(&self, concept: usize) -> Option<CategoryId> {
        let own = self.named.get(&concept).and_then(|found| found.first());
        own.or_else(|| self.above(concept)).map(|found| found.category)
    }

    /// The categories that a term of a concept means, each with how directly, 0 to 1.
    ///
    /// Those that are named by the term or by its concept; else that of the nearest concept above. A name of a concept that
    /// has no category goes on to the nearest concepts below that have: "ordenador" in a shop with laptops only. At last there
    /// is the fallback category.
    pub(crate) fn meant(&self, concept: usize, term: &Term) -> Vec<Meant> {
        let is_name = term.role != Role::Keyword;
        let mut meant: Vec<Meant> = match self.by_keyword.get(term.words.as_slice()) {
            Some(found) if !is_name => found.clone(),
            _ => {
                let named = self.named.get(&concept).into_iter().flatten();
                named.map(|found| (found.category, weight(found.directness))).collect()
            }
        };
        if meant.is_empty() {
            meant.extend(self.above(concept).map(|found| (found.category, ABOVE)));
        }
        if meant.is_empty() && is_name {
            meant.extend(self.below(concept).into_iter().map(|category| (category, BELOW)));
        }
        if meant.is_empty() && is_name {
            let narrower = self.narrower.get(&concept).into_iter().flatten();
            meant.extend(narrower.map(|category| (*category, BELOW)));
        }
        if meant.is_empty() {
            meant.extend(self.fallback.map(|category| (category, REST)));
        }
        meant.truncate(MEANT);
        meant
    }

    /// The category of the nearest concept above that names it and nothing narrower.
    fn above(&self, concept: usize) -> Option<&Candidate> {
        self.vocabulary.lineage(concept).iter().find_map(|at| self.clear(*at))
    }

    /// The categories of the nearest concepts below that have one each.
    fn below(&self, concept: usize) -> Vec<CategoryId> {
        let (mut found, mut seen) = (Vec::new(), vec![concept]);
        let mut at = 0;
        while let Some(here) = seen.get(at).copied() {
            for child in self.vocabulary.children(here) {
                match self.clear(*child) {
                    Some(own) if !found.contains(&own.category) => found.push(own.category),
                    None if !seen.contains(child) => seen.push(*child),
                    _ => {}
                }
            }
            at += 1;
        }
        found
    }

    /// The first category that names the concept and nothing narrower.
    fn clear(&self, concept: usize) -> Option<&Candidate> {
        self.named.get(&concept)?.iter().find(|found| found.directness <= Directness::Part)
    }
}

/// How much a word speaks for the category of a concept above its own, of one below, and for the fallback category.
const ABOVE: f32 = 0.6;
const BELOW: f32 = 0.5;
const REST: f32 = 0.3;

/// How much a word that means a concept speaks for a category that says it.
fn weight(directness: Directness) -> f32 {
    match directness {
        Directness::Name | Directness::Number => 0.9,
        Directness::Part => 0.85,
        Directness::Products | Directness::Kind => 0.75,
        Directness::Of => 0.65,
    }
}

/// The category for what no other is for: one at the top of a shop that has no tree of categories.
fn fallback(categories: &[Category], vocabulary: &Vocabulary) -> Option<CategoryId> {
    if categories.len() > FLAT {
        return None;
    }
    let (_, concept) = vocabulary.concepts().find(|(_, concept)| concept.fallback)?;
    let called = |category: &&Category| {
        let name = words(&category.name);
        let is_path = !CategoryName::new(&category.name).above.is_empty();
        !is_path && concept.names.iter().any(|known| known.words == name)
    };
    categories.iter().find(called).map(|category| category.id)
}

/// What the sampled products of a category are.
struct Held<'v> {
    total: usize,
    readings: Vec<(usize, Reading<'v>)>,
}

impl<'v> Held<'v> {
    fn new(names: &[String], lexicon: &Lexicon<'v>) -> Self {
        let mut readings: Vec<(usize, Reading<'v>)> = Vec::new();
        for name in names {
            let head = name.split([',', '(', ':']).next().unwrap_or_default();
            let head = head.split(" - ").next().unwrap_or_default();
            let said = lexicon.read_part(&words(head), Noun::First);
            if let Some(said) = said.filter(|said| said.directness < Directness::Of) {
                match readings.iter_mut().find(|(_, known)| known.concept == said.concept) {
                    Some((count, _)) => *count += 1,
                    None => readings.push((1, said)),
                }
            }
        }
        Self { total: names.len(), readings }
    }

    /// The concept of most products.
    fn most(&self) -> Option<Reading<'v>> {
        let (count, most) =
            self.readings.iter().max_by_key(|(count, said)| (*count, Reverse(said.concept)))?;
        let decides = self.total >= DECIDING && 2 * count > self.total;
        decides.then(|| Reading { directness: Directness::Products, ..most.clone() })
    }

    /// Whether most products are known to be of other concepts, which are neither above nor below this one.
    fn others_than(&self, concept: usize, vocabulary: &Vocabulary) -> bool {
        let lineage = vocabulary.lineage(concept);
        let other = |held: usize| !lineage.contains(&held) && !vocabulary.lineage(held).contains(&concept);
        let others: usize =
            self.readings.iter().filter(|(_, said)| other(said.concept)).map(|(count, _)| count).sum();
        self.total >= DECIDING && 3 * others > 2 * self.total
    }
}
