//! From words and from classified photos to the categories of a shop.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::classify::category_map::{CategoryMap, ProductNames};
use crate::classify::category_names::CategoryName;
use crate::classify::evidence::{LabelEvidence, combine};
use crate::classify::phrase::Phrase;
use crate::classify::{CategoryScore, Classification, Discriminant};
use crate::text::{root, singulars, words};
use crate::words::Vocabulary;
use crate::{Category, CategoryId};

/// Decides which of a shop's categories a text or a photo means.
///
/// It is made anew whenever the catalogue changes and is immutable in between, so every server that holds the same
/// catalogue decides alike. Photos are decided by the labels that the model gives, and by how the shop's own photos look
/// ([`with_discriminant`](Self::with_discriminant)).
#[derive(Debug, Clone)]
pub struct Categorizer {
    categories: HashMap<CategoryId, Category>,
    /// The categories by their own names, each word in one form for all numbers.
    names: HashMap<String, CategoryId>,
    /// Phrases and what they mean, under every form of their first word.
    phrases: HashMap<String, Vec<Phrase>>,
    labels: HashMap<String, CategoryId>,
    /// Labels of things that the shop has no category for, and which thing each shows.
    unsold: HashMap<String, usize>,
    fallback: Option<CategoryId>,
    discriminant: Option<Arc<Discriminant>>,
}

/// A name with each of its words in one form for all numbers.
fn name_key(name: &str) -> String {
    words(name).iter().map(|word| root(word)).collect::<Vec<_>>().join(" ")
}

/// How directly a category is meant by its whole name, by the last part of it where it is a path, by one of the things
/// that it lists, and by what it has the rest of ("Otros quesos").
const WHOLE: f32 = 1.0;
const OWN: f32 = 0.98;
const LISTED: f32 = 0.85;
const OTHERS: f32 = 0.7;

impl Categorizer {
    /// Joins the shop's categories with the vocabulary.
    ///
    /// A category is known by its own name and, where the vocabulary has a concept that the name says, by the concept's
    /// keywords and labels. Names may be paths ("Hogar > Cocina > Hornos") and lists ("Hornos y microondas"). Of several
    /// categories for a concept, photos go to the one that says it most directly. What a concept without a category of its
    /// own means falls to the nearest concept above it that has one: a shop with only `Ropa` gets the T-shirts there. Its
    /// names go on to the concepts below ("ordenador" in a shop that has laptops only), and its words at last to the
    /// fallback category.
    pub fn new(categories: &[Category], vocabulary: &Vocabulary) -> Self {
        Self::of_shop(categories, vocabulary, &ProductNames::new())
    }

    /// The same with a sample of the products' names, which tell what a category holds where its own name does not.
    pub fn of_shop(categories: &[Category], vocabulary: &Vocabulary, products: &ProductNames) -> Self {
        let map = CategoryMap::new(categories, vocabulary, products);
        let mut phrases = Vec::new();
        for category in categories {
            let name = CategoryName::new(&category.name);
            phrases.push(Phrase::name(&words(&category.name), category.id, WHOLE));
            if !name.above.is_empty() {
                phrases.push(Phrase::name(&name.own, category.id, OWN));
            }
            let listed = name.parts.iter().filter(|part| **part != name.own);
            let weight = if name.others { OTHERS } else { LISTED };
            phrases.extend(listed.map(|part| Phrase::name(part, category.id, weight)));
        }
        let (mut labels, mut unsold) = (HashMap::new(), HashMap::new());
        for (at, concept) in vocabulary.concepts() {
            for term in concept.names.iter().chain(&concept.keywords) {
                let meant = map.meant(at, term).into_iter();
                phrases.extend(meant.map(|meant| Phrase::keyword(&term.words, meant)));
            }
            let home = if concept.labels.is_empty() { None } else { map.home(at) };
            for label in &concept.labels {
                labels.entry(label.clone()).or_insert(home);
                unsold.entry(label.clone()).or_insert(at);
            }
        }
        let labels: HashMap<_, _> =
            labels.into_iter().filter_map(|(label, home)| Some((label, home?))).collect();
        unsold.retain(|label, _| !labels.contains_key(label));
        let mut by_first: HashMap<String, Vec<Phrase>> = HashMap::new();
        for phrase in phrases {
            for form in phrase.words.first().into_iter().flatten() {
                by_first.entry(form.clone()).or_default().push(phrase.clone());
            }
        }
        let mut names: HashMap<String, CategoryId> = HashMap::new();
        for category in categories {
            let known = names.entry(name_key(&category.name)).or_insert(category.id);
            *known = category.id.min(*known);
        }
        let fallback = map.fallback;
        let categories = categories.iter().map(|category| (category.id, category.clone())).collect();
        Self { categories, names, phrases: by_first, labels, unsold, fallback, discriminant: None }
    }

    /// Sets the discriminant trained on the shop's own photos.
    #[must_use]
    pub fn with_discriminant(mut self, discriminant: Option<Arc<Discriminant>>) -> Self {
        self.discriminant = discriminant;
        self
    }

    /// The mean of the shop's own photos, if there is a discriminant.
    pub(crate) fn catalog_mean(&self) -> Option<&[f32]> {
        self.discriminant.as_deref().map(Discriminant::mean)
    }

    /// How many photos a category has in the mean, of those that have some; 0 without photos.
    pub(crate) fn photos_per_category(&self) -> f32 {
        self.discriminant.as_deref().map_or(0.0, Discriminant::photos_per_category)
    }

    /// The category of this number.
    pub fn category(&self, id: CategoryId) -> Option<&Category> {
        self.categories.get(&id)
    }

    /// The categories with a word in their name that begins like the last word of `text`, by name.
    pub fn named_like(&self, text: &str) -> Vec<Category> {
        let Some(last) = words(text).pop() else { return Vec::new() };
        let alike = |category: &&Category| words(&category.name).iter().any(|word| word.starts_with(&last));
        let mut found: Vec<_> = self.categories.values().filter(alike).cloned().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        found
    }

    /// The category whose own name the words are, but for their number; the first by number if several are called so.
    pub fn named(&self, text: &str) -> Option<CategoryId> {
        self.names.get(&name_key(text)).copied()
    }

    /// Every category whose keywords appear in the text, the one with most of its words in it first.
    ///
    /// Longer phrases use their words up: "pelota de tenis" is sport, and no shoe. The score is the share of the text's
    /// words that speak for the category, each by how directly it does: most by the category's own name.
    pub fn of_words(&self, text: &str) -> Vec<CategoryScore> {
        let text: Vec<_> = words(text).iter().map(|word| singulars(word)).collect();
        let mut found = Vec::new();
        for (start, forms) in text.iter().enumerate() {
            for phrase in forms.iter().filter_map(|form| self.phrases.get(form)).flatten() {
                let span = start..(start + phrase.words.len()).min(text.len());
                if let Some(weight) = phrase.said_by(&text[span.clone()]) {
                    found.push((span, phrase.category, weight));
                }
            }
        }
        found.sort_by_key(|(span, ..)| std::cmp::Reverse(span.len()));
        let mut used = vec![0; text.len()];
        let mut spoken: HashMap<CategoryId, BTreeMap<usize, f32>> = HashMap::new();
        for (span, category, weight) in found {
            if used[span.clone()].iter().all(|length| *length <= span.len()) {
                used[span.clone()].fill(span.len());
                let spoken = spoken.entry(category).or_default();
                for at in span {
                    let said = spoken.entry(at).or_default();
                    *said = said.max(weight);
                }
            }
        }
        let score = |said: BTreeMap<usize, f32>| said.values().sum::<f32>() / text.len() as f32;
        ranked(
            spoken
                .into_iter()
                .map(|(category, said)| CategoryScore { category, score: score(said) })
                .collect(),
        )
    }

    /// The categories that a classified photo shows, the likeliest first, with calibrated probabilities; none for what the
    /// shop does not sell.
    ///
    /// - Probabilities of labels that belong to one category add up, and so do those of one thing that the shop does not
    ///   sell. A label that the vocabulary does not have is read as words, where all of them speak for one category.
    /// - Categories that the shop has photos of are judged by labels and photos together, all others by labels alone, on
    ///   equal terms (docs/adr/0012).
    /// - A photo that likelier shows none of the categories is of the fallback category ("Otros"), where the shop has one.
    /// - Categories that come without labels are believed; unknown ones are dropped.
    pub fn of_photo(&self, classification: &Classification) -> Vec<CategoryScore> {
        if classification.labels.is_empty() && !classification.categories.is_empty() {
            let known = classification
                .categories
                .iter()
                .filter(|given| self.categories.contains_key(&given.category));
            return summed(known.map(|given| (given.category, clean(given.score))));
        }
        let photos = self.discriminant.as_deref().zip(classification.embedding.as_ref());
        let mut photos =
            photos.and_then(|(discriminant, photo)| discriminant.evidence(photo)).unwrap_or_default();
        photos.retain(|seen| self.categories.contains_key(&seen.category));
        let combined = combine(&self.label_evidence(classification), &photos, self.categories.len());
        let best = combined.categories.first().map_or(0.0, |best| best.score);
        match self.fallback {
            None if combined.is_none => Vec::new(),
            fallback => {
                // It comes first only for what is of none of the others.
                let none = if combined.is_none { combined.none } else { combined.none.min(0.99 * best) };
                let fallback = fallback.map(|category| (category, none));
                summed(
                    combined.categories.into_iter().map(|seen| (seen.category, seen.score)).chain(fallback),
                )
            }
        }
    }

    /// What the labels say: the probability of each category, and that of the likeliest thing that is of none.
    fn label_evidence(&self, classification: &Classification) -> LabelEvidence {
        if classification.labels.is_empty() {
            return LabelEvidence { unsold: 1.0, ..LabelEvidence::default() };
        }
        let (mut shares, mut unsold, mut unknown) = (HashMap::new(), HashMap::new(), 0.0_f32);
        for label in &classification.labels {
            let score = clean(label.score);
            if let Some(category) = self.labels.get(&label.label) {
                *shares.entry(*category).or_default() += score;
            } else if let Some(thing) = self.unsold.get(&label.label) {
                *unsold.entry(*thing).or_default() += score;
            } else if let Some(category) = self.called(&label.label) {
                *shares.entry(category).or_default() += score;
            } else {
                unknown = unknown.max(score);
            }
        }
        LabelEvidence { shares, unsold: unsold.into_values().fold(unknown, f32::max) }
    }

    /// The category of a label that is the name of a thing, such as "running shoe" or "running_shoe": the category that all
    /// its words speak for.
    fn called(&self, label: &str) -> Option<CategoryId> {
        // IDs, such as those of WordNet, are no names.
        if label.contains(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        let spoken = self.of_words(&label.replace('_', " "));
        // A concept below the category speaks for it with 0.6; names of which half the words say nothing stay below it.
        spoken.first().filter(|best| best.score > 0.55).map(|best| best.category)
    }
}

/// A probability as it may come from outside, brought into its range.
fn clean(score: f32) -> f32 {
    if score.is_finite() { score.clamp(0.0, 1.0) } else { 0.0 }
}

/// Scores of one category add up, 1 at most; the highest come first.
fn summed(scores: impl IntoIterator<Item = (CategoryId, f32)>) -> Vec<CategoryScore> {
    let mut sums: HashMap<CategoryId, f32> = HashMap::new();
    for (category, score) in scores.into_iter().filter(|(_, score)| *score > 0.0) {
        *sums.entry(category).or_default() += score;
    }
    let scores = sums.into_iter().map(|(category, score)| CategoryScore { category, score: score.min(1.0) });
    ranked(scores.collect())
}

fn ranked(mut scores: Vec<CategoryScore>) -> Vec<CategoryScore> {
    scores.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::LabelScore;

    const VOCABULARY: &str = r#"{"concepts": [
        {"key": "shoes", "names": {"es": ["zapatos"]}, "parents": ["clothes"],
         "keywords": {"es": ["zapatilla", "zapatilla de correr"]}, "labels": ["running_shoe", "clog"]},
        {"key": "shirts", "names": {"es": ["camisetas"]}, "keywords": {"es": ["polera"]},
         "labels": ["jersey"], "parents": ["clothes"]},
        {"key": "clothes", "names": {"es": ["ropa"]}, "labels": ["cloak", "clog"]},
        {"key": "other", "fallback": true, "names": {"es": ["otros"]}}
    ]}"#;

    fn shop(names: &[&str]) -> Categorizer {
        let category =
            |(at, name): (usize, &&str)| Category::new(CategoryId(at as i64 + 1), name.to_string());
        let categories: Vec<_> = names.iter().enumerate().map(category).collect();
        Categorizer::new(&categories, &Vocabulary::from_json(VOCABULARY).unwrap())
    }

    fn seen(labels: &[(&str, f32)]) -> Classification {
        let labels =
            labels.iter().map(|(label, score)| LabelScore { label: label.to_string(), score: *score });
        Classification { labels: labels.collect(), ..Classification::default() }
    }

    fn ids(scores: &[CategoryScore]) -> Vec<i64> {
        scores.iter().map(|score| score.category.0).collect()
    }

    #[test]
    fn all_categories_whose_keywords_appear_most_matches_first() {
        let shop = shop(&["Zapatos", "Camisetas", "Otros"]);
        assert_eq!(ids(&shop.of_words("polera y ZAPATILLAS de correr")), [1, 2]);
        assert_eq!(ids(&shop.of_words("algo azul")), [0; 0]);
        assert_eq!(ids(&shop.of_words("")), [0; 0]);
    }

    #[test]
    fn labels_of_one_category_add_up() {
        let shop = shop(&["Zapatos", "Camisetas"]);
        let scores = shop.of_photo(&seen(&[("jersey", 0.4), ("running_shoe", 0.3), ("clog", 0.2)]));
        assert_eq!(ids(&scores), [1, 2]);
        assert!(scores[0].score > 0.5, "{scores:?}");
    }

    #[test]
    fn labels_that_are_names_are_read_as_words() {
        let shop = shop(&["Zapatos", "Camisetas", "Otros"]);
        assert_eq!(
            ids(&shop.of_photo(&seen(&[("Zapatilla_de_correr", 0.6), ("camisetas", 0.3)])))[..2],
            [1, 2]
        );
        let half_named = shop.of_photo(&seen(&[("tienda de zapatos", 0.6)]));
        assert_eq!(
            half_named,
            shop.of_photo(&seen(&[("n00000001", 0.6)])),
            "not all its words speak for shoes"
        );
    }

    #[test]
    fn a_concept_without_a_category_falls_to_the_one_above() {
        let shop = shop(&["Ropa"]);
        assert_eq!(ids(&shop.of_photo(&seen(&[("jersey", 0.4), ("clog", 0.3)]))), [1]);
        assert_eq!(ids(&shop.of_words("zapatilla")), [1]);
    }

    #[test]
    fn a_keyword_in_the_plural_is_meant_so() {
        let sneakers = r#"{"concepts": [{"key": "shoes", "names": {"es": ["zapatos"]}, "keywords": {"es": ["deportivas"]}}]}"#;
        let categories = [Category::new(CategoryId(1), "Zapatos")];
        let shop = Categorizer::new(&categories, &Vocabulary::from_json(sneakers).unwrap());
        assert_eq!(ids(&shop.of_words("camiseta deportiva")), [0; 0]);
        assert_eq!(ids(&shop.of_words("unas deportivas")), [1]);
        assert_eq!(ids(&shop.of_words("zapato")), [1]);
    }

    #[test]
    fn a_longer_phrase_uses_its_words_up() {
        let ball = r#"{"concepts": [
            {"key": "balls", "names": {"es": ["deportes"]}, "keywords": {"es": ["pelota de tenis"]}},
            {"key": "shoes", "names": {"es": ["zapatos"]}, "keywords": {"es": ["tenis"]}}
        ]}"#;
        let names = ["Zapatos", "Deportes"].into_iter().zip(1..);
        let categories: Vec<_> = names.map(|(name, id)| Category::new(CategoryId(id), name)).collect();
        let shop = Categorizer::new(&categories, &Vocabulary::from_json(ball).unwrap());
        assert_eq!(ids(&shop.of_words("pelota de tenis")), [2]);
        assert_eq!(ids(&shop.of_words("tenis y pelota de tenis")), [2, 1]);
    }

    #[test]
    fn words_go_down_and_then_to_the_fallback() {
        assert_eq!(ids(&shop(&["Zapatos"]).of_words("ropa")), [1]);
        assert_eq!(ids(&shop(&["Zapatos", "Otros"]).of_words("polera")), [2]);
    }

    #[test]
    fn what_fits_none_goes_to_the_fallback_where_there_is_one() {
        let dog = seen(&[("beagle", 0.6), ("running_shoe", 0.1), ("basset", 0.1)]);
        assert_eq!(ids(&shop(&["Zapatos", "Otros"]).of_photo(&dog)), [2, 1]);
        assert_eq!(ids(&shop(&["Zapatos"]).of_photo(&dog)), [0; 0]);
    }

    #[test]
    fn labels_of_one_unsold_thing_add_up() {
        let shirts = seen(&[("jersey", 0.3), ("running_shoe", 0.3)]);
        assert_eq!(ids(&shop(&["Zapatos"]).of_photo(&shirts)), [1]);
        let shoes = seen(&[("running_shoe", 0.25), ("clog", 0.25), ("jersey", 0.3)]);
        assert_eq!(ids(&shop(&["Camisetas"]).of_photo(&shoes)), [0; 0]);
    }

    #[test]
    fn scores_from_outside_are_bounded() {
        let given = |category, score| CategoryScore { category: CategoryId(category), score };
        let categories = vec![given(1, f32::NAN), given(1, 7.0), given(99, 0.9)];
        let scores = shop(&["Zapatos"]).of_photo(&Classification { categories, ..Classification::default() });
        assert_eq!(scores, [given(1, 1.0)]);
    }
}
