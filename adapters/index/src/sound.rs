//! How a Spanish word sounds: spellings that are confused because they are said alike share a key.

/// The sound of a folded word: b for v, no mute h, one sound for ll and y, for j and soft g, for c, s and z, for hard c, k
/// and qu, as most speakers say them (RAE, *Ortografía de la lengua española*, 2010, chapter I).
pub(crate) fn sound(word: &str) -> String {
    let letters: Vec<_> = word.chars().collect();
    let mut said = String::with_capacity(word.len());
    for (at, letter) in letters.iter().enumerate() {
        let after = letters.get(at + 1).copied();
        let soft = matches!(after, Some('e' | 'i' | 'y'));
        let sound = match letter {
            'v' | 'w' => 'b',
            'h' if said.ends_with('c') => 'h', // ch
            'h' => continue,
            'l' if after == Some('l') => 'y',
            'l' if at > 0 && letters[at - 1] == 'l' => continue,
            'y' if after.is_none() => 'i',
            'g' if soft => 'j',
            'u' if at > 0 && letters[at - 1] == 'q' => continue,
            'u' if soft && at > 0 && letters[at - 1] == 'g' => continue, // gue, gui
            'c' if soft => 's',
            'c' if after == Some('h') => 'c',
            'c' | 'q' => 'k',
            'z' | 'x' => 's',
            other => *other,
        };
        if !said.ends_with(sound) {
            said.push(sound);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::sound;

    #[test]
    fn what_is_said_alike_has_one_key() {
        for (right, wrong) in [
            ("bateria", "vateria"),
            ("horno", "orno"),
            ("zapatillas", "sapatiyas"),
            ("jersey", "gersei"),
            ("queso", "keso"),
            ("cocina", "cosina"),
            ("carro", "caro"),
        ] {
            assert_eq!(sound(right), sound(wrong), "{right} {wrong}");
        }
        for (one, other) in [("casa", "cama"), ("pollo", "polo"), ("gato", "jato"), ("coche", "coce")] {
            assert_ne!(sound(one), sound(other), "{one} {other}");
        }
    }
}
