//! 'Did you mean …?'

/// The one of `known` that `found` is most likely a slip of, if any is near enough.
pub(crate) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Codes and other very short words are all alike.
    if found.chars().count() < 3 {
        return None;
    }
    // A third of the letters may be wrong, at least one: enough for slips and for a wrong ending,
    // too little for another word.
    let bound = found.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(found, word), word))
        .filter(|(distance, _)| *distance > 0 && *distance <= bound)
        .min()
        .map(|(_, word)| word)
}

/// A sentence that helps to replace `found` by one of `known`: the nearest one, or the list when
/// it is short enough to read.
pub(crate) fn help<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const LIST_MAX: usize = 12;
    let mut known: Vec<&str> = known.into_iter().collect();
    if let Some(word) = nearest(found, known.iter().copied()) {
        return Some(format!("did you mean `{word}`?"));
    }
    known.sort_unstable();
    known.dedup();
    match known.len() {
        0 => None,
        count if count <= LIST_MAX => Some(format!("known here: {}", known.join(", "))),
        count => {
            let shown = known.get(..LIST_MAX).unwrap_or_default().join(", ");
            Some(format!("known here: {shown} and {} more", count - LIST_MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(nearest("legal_bases", ["legal_basis", "line"]), Some("legal_basis"));
        assert_eq!(nearest("nmae", ["name", "mode"]), Some("name"));
    }

    #[test]
    fn another_word_is_not_taken_for_a_slip() {
        assert_eq!(nearest("amount", ["name", "mode"]), None);
        assert_eq!(help("amount", ["name", "mode"]).as_deref(), Some("known here: mode, name"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let words: Vec<String> = (0..15).map(|i| format!("word{i:02}")).collect();
        let text = help("quite different", words.iter().map(String::as_str)).unwrap_or_default();
        assert!(text.ends_with("word11 and 3 more"), "{text}");
    }
}
