//! The passwords that attackers try first.
//!
//! The list is a text file in the binary, sorted, and searched where it lies: nothing is built at start and no
//! entry is ever allocated. What follows from a rule is not listed but recognised: parts of a keyboard row or
//! of the alphabet, and one short piece written over and over.

/// The embedded file: a header of lines that start with `#`, an empty line, the sorted entries.
const FILE: &str = include_str!("common.txt");

/// What people's fingers run along. Digits and letters start over, so that `890123` is found too.
const WALKS: &[&str] = &[
    "012345678901234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// The longest piece whose mere repetition makes a weak password whatever the piece is.
const SHORT_PIECE: usize = 4;

/// Whether the whole of a case-folded password is on the list, a walk or a repetition.
pub(super) fn is_common(folded: &str) -> bool {
    contains(entries(), folded) || is_walk(folded) || is_repetition(folded)
}

pub(super) fn entries() -> &'static [u8] {
    FILE.split_once("\n\n").map_or("", |(_header, entries)| entries).as_bytes()
}

/// Binary search over lines in byte order.
pub(super) fn contains(sorted_lines: &[u8], word: &str) -> bool {
    // Both ends always lie at the start of a line, or at the end of the text.
    let mut from = 0;
    let mut to = sorted_lines.len();
    while from < to {
        let middle = from + (to - from) / 2;
        let start = match sorted_lines[from..middle].iter().rposition(|b| *b == b'\n') {
            Some(newline) => from + newline + 1,
            None => from,
        };
        let len = sorted_lines[start..].iter().position(|b| *b == b'\n');
        let end = len.map_or(sorted_lines.len(), |len| start + len);
        match sorted_lines[start..end].cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = end + 1,
            std::cmp::Ordering::Greater => to = start,
        }
    }
    false
}

/// Whether all of it is one stretch of a walk, in either direction.
fn is_walk(folded: &str) -> bool {
    let backwards: String = folded.chars().rev().collect();
    WALKS.iter().any(|walk| walk.contains(folded) || walk.contains(&backwards))
}

/// Whether all of it is one piece repeated, the last time perhaps cut off: a short piece, or a walk.
fn is_repetition(folded: &str) -> bool {
    let characters: Vec<char> = folded.chars().collect();
    (1..=characters.len() / 2).any(|len| {
        let (piece, _) = characters.split_at(len);
        characters.iter().zip(piece.iter().cycle()).all(|(a, b)| a == b)
            && (len <= SHORT_PIECE || is_walk(&piece.iter().collect::<String>()))
    })
}
