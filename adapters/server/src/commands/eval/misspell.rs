//! Misspellings as people make them at a keyboard, from a seed.

/// The neighbours of each key on a Spanish keyboard.
const NEIGHBOURS: &[(char, &str)] = &[
    ('a', "qsz"),
    ('b', "vn"),
    ('c', "xv"),
    ('d', "sf"),
    ('e', "wr"),
    ('f', "dg"),
    ('g', "fh"),
    ('h', "gj"),
    ('i', "uo"),
    ('j', "hk"),
    ('k', "jl"),
    ('l', "kñ"),
    ('m', "n"),
    ('n', "bm"),
    ('o', "ip"),
    ('p', "o"),
    ('q', "wa"),
    ('r', "et"),
    ('s', "ad"),
    ('t', "ry"),
    ('u', "yi"),
    ('v', "cb"),
    ('w', "qe"),
    ('x', "zc"),
    ('y', "tu"),
    ('z', "ax"),
];

/// The words that are misspelt have this many letters at least, and twice as many for a second edit to be made.
const SHORTEST: usize = 5;
const SHORTEST_FOR_TWO: usize = 9;

/// A stream of numbers from a seed: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

/// A query with one of its longer words misspelt: one edit, and in one word out of three that are long enough a second.
/// The first letter stays, as it mostly does (Pollock & Zamora, CACM 1984). `None` where all words are short.
pub(super) fn misspell(query: &str, dice: &mut Dice) -> Option<String> {
    let words: Vec<_> = query.split_whitespace().collect();
    let letters = |word: &str| word.chars().count();
    let plain = |word: &str| word.chars().all(char::is_alphabetic);
    let long: Vec<_> =
        (0..words.len()).filter(|at| letters(words[*at]) >= SHORTEST && plain(words[*at])).collect();
    if long.is_empty() {
        return None;
    }
    let at = long[dice.below(long.len())];
    let mut word: Vec<_> = words[at].chars().flat_map(char::to_lowercase).collect();
    let original = word.clone();
    let edits = if word.len() >= SHORTEST_FOR_TWO && dice.below(3) == 0 { 2 } else { 1 };
    for _ in 0..edits {
        edit(&mut word, dice);
    }
    if word == original {
        return None;
    }
    let mut words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    words[at] = word.into_iter().collect();
    Some(words.join(" "))
}

/// A letter left out, doubled, hit beside its key, or swapped with the next (Damerau, CACM 1964).
fn edit(word: &mut Vec<char>, dice: &mut Dice) {
    let at = 1 + dice.below(word.len() - 2);
    match dice.below(4) {
        0 => drop(word.remove(at)),
        1 => word.insert(at, word[at]),
        2 => {
            let near = NEIGHBOURS.iter().find(|(key, _)| *key == word[at]).map_or("e", |(_, near)| near);
            let near: Vec<_> = near.chars().collect();
            word[at] = near[dice.below(near.len())];
        }
        _ => word.swap(at, at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_misspellings_for_ever() {
        let misspelt = |seed| misspell("zapatillas de running", &mut Dice(seed));
        assert_eq!(misspelt(7), misspelt(7));
        let all: std::collections::BTreeSet<_> = (0..50).filter_map(misspelt).collect();
        assert!(all.len() > 20);
        assert!(all.iter().all(|query| query != "zapatillas de running" && query.contains(" de ")));
    }

    #[test]
    fn short_words_and_numbers_stay() {
        assert_eq!(misspell("usb c 12345678", &mut Dice(1)), None);
    }
}
