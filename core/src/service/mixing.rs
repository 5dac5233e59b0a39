//! Products of several categories in one list.

use crate::Hit;

/// From this cosine on two photos show the same thing: pictures of one product in another size or quality reach it.
pub(super) const SAME: f32 = 0.97;

/// Lists, each with its weight, mixed so that of every beginning each list has the share that its weight asks for.
///
/// Places are given one after the other to the list with the highest weight divided by one, three, five, … for each place
/// that it has (the method of Sainte-Laguë for seats in a parliament). What shows the same as the photo comes before all
/// others.
pub(super) fn mixed(lists: &[(f32, Vec<Hit>)], limit: usize) -> Vec<Hit> {
    let mut first: Vec<Hit> =
        lists.iter().flat_map(|(_, hits)| hits).filter(|hit| hit.score >= SAME).copied().collect();
    first.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
    first.dedup_by_key(|hit| hit.product);
    let mut rest: Vec<_> = lists
        .iter()
        .map(|(weight, hits)| (*weight, 0, hits.iter().filter(|hit| hit.score < SAME).copied().peekable()))
        .collect();
    while first.len() < limit {
        let claim = |weight: f32, places: u16| weight / (2.0 * f32::from(places) + 1.0);
        let open = rest.iter_mut().filter_map(|(weight, places, hits)| {
            hits.peek().is_some().then_some((claim(*weight, *places), places, hits))
        });
        // Of equal claims the first wins: the lists come with the likeliest before.
        let next = open.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let Some((_, places, hits)) = next else { break };
        *places = places.saturating_add(1);
        first.extend(hits.next());
    }
    first.truncate(limit);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProductId;

    fn hits(scores: &[(i64, f32)]) -> Vec<Hit> {
        scores.iter().map(|(id, score)| Hit { product: ProductId(*id), score: *score }).collect()
    }

    fn ids(hits: &[Hit]) -> Vec<i64> {
        hits.iter().map(|hit| hit.product.0).collect()
    }

    #[test]
    fn every_list_has_its_share_of_every_beginning() {
        let likely = hits(&[(1, 0.8), (2, 0.7), (3, 0.6), (4, 0.5)]);
        let other = hits(&[(11, 0.9), (12, 0.4)]);
        let lists = [(0.6, likely), (0.3, other)];
        assert_eq!(ids(&mixed(&lists, 10)), [1, 11, 2, 3, 12, 4]);
        assert_eq!(ids(&mixed(&lists, 3)), [1, 11, 2]);
        assert_eq!(ids(&mixed(&[], 3)), [0; 0]);
    }

    #[test]
    fn the_same_thing_comes_first_whatever_its_category() {
        let lists = [(0.8, hits(&[(1, 0.9), (2, 0.8)])), (0.2, hits(&[(11, 0.99), (12, 0.4)]))];
        assert_eq!(ids(&mixed(&lists, 10)), [11, 1, 2, 12]);
    }
}
