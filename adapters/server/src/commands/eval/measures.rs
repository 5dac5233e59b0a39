//! The standard figures of retrieval.
//!
//! - nDCG@k: gain `2^grade − 1`, discount `log2(rank + 1)`, over the best order of the judged products (Burges et al.,
//!   *Learning to Rank using Gradient Descent*, ICML 2005; the discount of Järvelin & Kekäläinen, TOIS 2002).
//! - recall@k, precision@k and the reciprocal rank (Voorhees, TREC-8 1999): a product is relevant from grade 1 on; what
//!   nobody judged is not. Manning, Raghavan & Schütze, *Introduction to Information Retrieval*, chapter 8.

use std::collections::BTreeMap;

use vitrina_core::ProductId;

use super::files::Judged;

/// Names and values, as they are printed.
pub(super) type Figures = BTreeMap<&'static str, f64>;

/// How deep an answer is looked at.
pub(super) const DEPTH: usize = 50;

/// The mean figures over the answers to the judged queries; queries without a relevant product are passed over.
pub(super) fn figures(judged: &[Judged], answers: &[Vec<ProductId>]) -> Figures {
    let mut sums = Figures::new();
    let mut queries = 0;
    for (judged, answer) in judged.iter().zip(answers) {
        if relevant(judged) == 0 {
            continue;
        }
        queries += 1;
        let zero = if answer.is_empty() { 1.0 } else { 0.0 };
        for (name, value) in [
            ("ndcg@10", ndcg(judged, answer, 10)),
            ("recall@10", recall(judged, answer, 10)),
            ("recall@50", recall(judged, answer, 50)),
            ("mrr", reciprocal_rank(judged, answer)),
            ("precision@10", hits(judged, answer, 10) as f64 / 10.0),
            ("zero_results", zero),
        ] {
            *sums.entry(name).or_default() += value;
        }
    }
    sums.values_mut().for_each(|sum| *sum /= f64::from(queries.max(1)));
    sums.insert("queries", f64::from(queries));
    sums
}

/// The share of the relevant products among the first `k`.
pub(super) fn recall(judged: &Judged, answer: &[ProductId], k: usize) -> f64 {
    match relevant(judged) {
        0 => 0.0,
        all => hits(judged, answer, k) as f64 / all as f64,
    }
}

fn grade(judged: &Judged, product: ProductId) -> u32 {
    judged.grades.get(&product).copied().unwrap_or(0)
}

fn relevant(judged: &Judged) -> usize {
    judged.grades.values().filter(|grade| **grade > 0).count()
}

fn hits(judged: &Judged, answer: &[ProductId], k: usize) -> usize {
    answer.iter().take(k).filter(|product| grade(judged, **product) > 0).count()
}

fn reciprocal_rank(judged: &Judged, answer: &[ProductId]) -> f64 {
    let first = answer.iter().position(|product| grade(judged, *product) > 0);
    first.map_or(0.0, |place| 1.0 / (place + 1) as f64)
}

fn ndcg(judged: &Judged, answer: &[ProductId], k: usize) -> f64 {
    let dcg = |grades: &mut dyn Iterator<Item = u32>| -> f64 {
        grades
            .take(k)
            .enumerate()
            .map(|(place, grade)| (2f64.powi(grade as i32) - 1.0) / (place as f64 + 2.0).log2())
            .sum()
    };
    let mut best: Vec<_> = judged.grades.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = dcg(&mut best.into_iter());
    if ideal == 0.0 { 0.0 } else { dcg(&mut answer.iter().map(|product| grade(judged, *product))) / ideal }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(grades: &[(i64, u32)]) -> Judged {
        let grades = grades.iter().map(|(id, grade)| (ProductId(*id), *grade)).collect();
        Judged { query: String::new(), grades }
    }

    #[test]
    fn figures_are_those_of_the_formulas() {
        let judged = judged(&[(1, 3), (2, 1), (3, 0)]);
        let answer = [3, 1, 9].map(ProductId);
        let figures = figures(std::slice::from_ref(&judged), &[answer.to_vec()]);
        let expected = (7.0 / 3f64.log2()) / (7.0 + 1.0 / 3f64.log2());
        assert!((figures["ndcg@10"] - expected).abs() < 1e-12);
        assert_eq!(figures["recall@10"], 0.5);
        assert_eq!(figures["mrr"], 0.5);
        assert_eq!(figures["precision@10"], 0.1);
        assert_eq!(figures["zero_results"], 0.0);
    }

    #[test]
    fn queries_without_anything_relevant_do_not_count() {
        let none = judged(&[(1, 0)]);
        assert_eq!(figures(&[none], &[vec![]])["queries"], 0.0);
    }
}
