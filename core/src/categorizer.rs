//! From words and from recognised photos to the categories of a shop.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::text::{singulars, words};
use crate::{Category, CategoryId, CategoryScore, Discriminant, Recognition, Vocabulary};

/// Decides which of a shop's categories a text or a photo means.
///
/// It is made anew whenever the catalogue changes and is immutable in between, so every server that holds the same
/// catalogue decides alike. Photos are decided by the labels that the model gives, and by how the shop's own photos look
/// ([`with_looks`](Self::with_looks)).
#[derive(Debug, Clone)]
pub struct Categorizer {
    categories: HashMap<CategoryId, Category>,
    /// Phrases and what they mean, under every form of their first word.
    phrases: HashMap<String, Vec<(Phrase, CategoryId)>>,
    labels: HashMap<String, CategoryId>,
    fallback: Option<CategoryId>,
    looks: Option<Arc<Discriminant>>,
}

/// What a label says to a category that the shop has photos of weighs as much as photos do when there are so many a
/// category; the more there are, the less. Chosen by cross-validation on 1 to 10 photos a category, of clothes.
const LABELS_WORTH: f32 = 3.0;

/// The probability that a category has however little of it the labels show, so that no label forbids what photos say.
const LEAST: f32 = 0.02;

/// What labels must show of the shop's own categories for a photo to be of them though it looks strange.
const SURE: f32 = 0.5;

/// A phrase as the forms that each of its words may have.
type Phrase = Vec<Vec<String>>;

/// The phrase of a name, in the singular or the plural.
fn name(words: &[String]) -> Phrase {
    words.iter().map(|word| singulars(word)).collect()
}

/// The phrase of a keyword, which may be typed in the plural too; one that is a plural itself is meant so: "deportivas"
/// are shoes, "deportiva" is not.
fn keyword(words: &[String]) -> Phrase {
    words.iter().map(|word| vec![word.clone()]).collect()
}

/// Whether the text's words say the phrase.
fn says(text: &[Vec<String>], phrase: &Phrase) -> bool {
    text.len() == phrase.len()
        && text.iter().zip(phrase).all(|(typed, known)| typed.iter().any(|form| known.contains(form)))
}

impl Categorizer {
    /// Joins the shop's categories with the vocabulary.
    ///
    /// A category is known by its own name and, where the vocabulary has a concept of that name, by the concept's
    /// keywords and labels. What a concept without a category of its own means falls to the nearest concept above it that
    /// has one: a shop with only `Ropa` gets the T-shirts there. Words go on to the concepts below ("ordenador" in a shop
    /// that has laptops only), and at last to the fallback category.
    pub fn new(categories: &[Category], vocabulary: &Vocabulary) -> Self {
        let mut by_concept: HashMap<usize, CategoryId> = HashMap::new();
        let mut phrases: Vec<(Phrase, CategoryId)> = Vec::new();
        for category in categories {
            phrases.push((name(&words(&category.name)), category.id));
            if let Some(concept) = vocabulary.concept_named(&category.name) {
                by_concept.entry(concept).or_insert(category.id);
            }
        }
        let first =
            |concepts: Vec<usize>| concepts.into_iter().find_map(|concept| by_concept.get(&concept).copied());
        let fallback = vocabulary.concepts().find(|(_, concept)| concept.fallback);
        let fallback = fallback.and_then(|(at, _)| by_concept.get(&at).copied());
        let mut labels = HashMap::new();
        for (at, concept) in vocabulary.concepts() {
            let home = first(vocabulary.lineage(at));
            if let Some(category) = home.or_else(|| first(vocabulary.descent(at))).or(fallback) {
                phrases.extend(concept.names.iter().map(|phrase| (keyword(phrase), category)));
                phrases.extend(concept.keywords.iter().map(|phrase| (keyword(phrase), category)));
            }
            for label in &concept.labels {
                labels.entry(label.clone()).or_insert(home);
            }
        }
        let labels = labels.into_iter().filter_map(|(label, home)| Some((label, home?))).collect();
        let mut by_first: HashMap<String, Vec<(Phrase, CategoryId)>> = HashMap::new();
        for (phrase, category) in phrases {
            for form in phrase.first().into_iter().flatten() {
                by_first.entry(form.clone()).or_default().push((phrase.clone(), category));
            }
        }
        let categories = categories.iter().map(|category| (category.id, category.clone())).collect();
        Self { categories, phrases: by_first, labels, fallback, looks: None }
    }

    /// The same with what the shop's own photos teach.
    #[must_use]
    pub fn with_looks(mut self, looks: Option<Arc<Discriminant>>) -> Self {
        self.looks = looks;
        self
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

    /// Every category whose keywords appear in the text, the one with most of its words in it first.
    ///
    /// Longer phrases use their words up: "pelota de tenis" is sport, and no shoe. The score is the share of the text's
    /// words that speak for the category.
    pub fn of_words(&self, text: &str) -> Vec<CategoryScore> {
        let text: Vec<_> = words(text).iter().map(|word| singulars(word)).collect();
        let mut found = Vec::new();
        for (start, forms) in text.iter().enumerate() {
            for (phrase, category) in forms.iter().filter_map(|form| self.phrases.get(form)).flatten() {
                let span = start..(start + phrase.len()).min(text.len());
                if says(&text[span.clone()], phrase) {
                    found.push((span, *category));
                }
            }
        }
        found.sort_by_key(|(span, _)| std::cmp::Reverse(span.len()));
        let mut used = vec![0; text.len()];
        let mut spoken: HashMap<CategoryId, BTreeSet<usize>> = HashMap::new();
        for (span, category) in found {
            if used[span.clone()].iter().all(|length| *length <= span.len()) {
                used[span.clone()].fill(span.len());
                spoken.entry(category).or_default().extend(span);
            }
        }
        let score = |seen: BTreeSet<usize>| seen.len() as f32 / text.len() as f32;
        ranked(
            spoken
                .into_iter()
                .map(|(category, seen)| CategoryScore { category, score: score(seen) })
                .collect(),
        )
    }

    /// The categories that a recognised photo shows, the likeliest first; none for what the shop does not sell.
    ///
    /// - Probabilities of labels that belong to one category add up. Labels that belong to none are unlike each other, so
    ///   they are not added: the fallback category ("Otros"), where the shop has one, gets the likeliest of them, and so
    ///   comes first only when the photo shows one such thing more clearly than anything the shop sells.
    /// - Categories that the shop has photos of share what the others leave. How likely each is, its photos and its labels
    ///   say together: a product of powers, in which photos gain weight as they become more.
    /// - A photo that looks like none of the shop's own, and of whose labels the shop sells none either, is of nothing but
    ///   the fallback category.
    /// - Categories that come without labels are believed; unknown ones are dropped.
    pub fn of_photo(&self, recognition: &Recognition) -> Vec<CategoryScore> {
        if recognition.labels.is_empty() && !recognition.categories.is_empty() {
            let known =
                recognition.categories.iter().filter(|given| self.categories.contains_key(&given.category));
            return summed(known.map(|given| (given.category, clean(given.score))));
        }
        let (named, strange) = self.by_labels(recognition);
        let looks = self.looks.as_deref().zip(recognition.embedding.as_ref());
        let looks = looks.and_then(|(looks, photo)| Some((looks, photo, looks.probabilities(photo)?)));
        let Some((looks, photo, seen)) = looks else {
            return summed(named.into_iter().chain(self.fallback.map(|fallback| (fallback, strange))));
        };
        if looks.is_strange(photo) && named.values().sum::<f32>() < SURE {
            return summed(self.fallback.map(|fallback| (fallback, strange)));
        }
        let unseen = |category: &CategoryId| looks.categories().binary_search(category).is_err();
        let mut others: Vec<(CategoryId, f32)> =
            named.iter().filter(|(id, _)| unseen(id)).map(|(id, score)| (*id, *score)).collect();
        // Photos that are too few to tell a stranger must not claim what the labels call strange; and what no label names may
        // as well be of a category that has no photos, by the share of these in the shop.
        let strange = if looks.knows_strangers() { 0.0 } else { strange };
        let dark = self.categories.keys().filter(|id| unseen(id) && Some(**id) != self.fallback).count();
        let dark = dark as f32 / self.categories.len().max(1) as f32;
        let doubt = strange.max(dark * (1.0 - named.values().sum::<f32>()));
        let left = (1.0 - doubt - others.iter().map(|(_, score)| score).sum::<f32>()).max(0.0);
        others.extend(self.fallback.filter(unseen).map(|fallback| (fallback, strange)));
        let weight = LABELS_WORTH / (LABELS_WORTH + looks.photos_per_category());
        let joined = seen.into_iter().map(|(id, score)| {
            let label = named.get(&id).copied().unwrap_or_default();
            (id, score * (label + LEAST).powf(weight))
        });
        let joined: Vec<_> = joined.filter(|(id, _)| self.categories.contains_key(id)).collect();
        let sum = joined.iter().map(|(_, score)| score).sum::<f32>().max(f32::MIN_POSITIVE);
        summed(joined.into_iter().map(|(id, score)| (id, left * score / sum)).chain(others))
    }

    /// What the labels say: the probability of each category, and that of the likeliest label that is of none.
    fn by_labels(&self, recognition: &Recognition) -> (HashMap<CategoryId, f32>, f32) {
        let (mut scores, mut strange) = (HashMap::new(), 0.0_f32);
        for label in &recognition.labels {
            match self.labels.get(&label.label) {
                Some(category) => *scores.entry(*category).or_default() += clean(label.score),
                None => strange = strange.max(clean(label.score)),
            }
        }
        (scores, strange)
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
    use crate::LabelScore;

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
            |(at, name): (usize, &&str)| Category { id: CategoryId(at as i64 + 1), name: name.to_string() };
        let categories: Vec<_> = names.iter().enumerate().map(category).collect();
        Categorizer::new(&categories, &Vocabulary::from_json(VOCABULARY).unwrap())
    }

    fn seen(labels: &[(&str, f32)]) -> Recognition {
        let labels =
            labels.iter().map(|(label, score)| LabelScore { label: label.to_string(), score: *score });
        Recognition { labels: labels.collect(), ..Recognition::default() }
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
        assert!((scores[0].score - 0.5).abs() < 1e-6);
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
        let categories = [Category { id: CategoryId(1), name: "Zapatos".into() }];
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
        let categories: Vec<_> =
            names.map(|(name, id)| Category { id: CategoryId(id), name: name.into() }).collect();
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
        let dog = seen(&[("beagle", 0.6), ("running_shoe", 0.2), ("basset", 0.1)]);
        assert_eq!(ids(&shop(&["Zapatos", "Otros"]).of_photo(&dog)), [2, 1]);
        assert_eq!(ids(&shop(&["Zapatos"]).of_photo(&dog)), [1]);
    }

    #[test]
    fn scores_from_outside_are_bounded() {
        let given = |category, score| CategoryScore { category: CategoryId(category), score };
        let categories = vec![given(1, f32::NAN), given(1, 7.0), given(99, 0.9)];
        let scores = shop(&["Zapatos"]).of_photo(&Recognition { categories, ..Recognition::default() });
        assert_eq!(scores, [given(1, 1.0)]);
    }
}
