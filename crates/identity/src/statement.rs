//! What somebody writes down to say why: the reason of a purpose, the paper behind an agreement.

/// Longest statement, in characters.
const LONGEST: usize = 500;

/// A statement without the blanks around it, on one line or several; `None` when it says nothing, is too long or can't be read.
pub(crate) fn stated(text: &str) -> Option<&str> {
    let text = text.trim();
    let readable = !text.chars().any(|one| one.is_control() && one != '\n');
    (readable && (1..=LONGEST).contains(&text.chars().count())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_says_something_that_can_be_read() {
        assert_eq!(
            stated("  《教育法》第三十八条\n核发助学金 "),
            Some("《教育法》第三十八条\n核发助学金")
        );
        let longest = "长".repeat(LONGEST);
        assert_eq!(stated(&longest), Some(longest.as_str()));
        for none in ["", " \n", "a\tb", "a\u{7}", &format!("{longest}长")] {
            assert_eq!(stated(none), None, "{none:?}");
        }
    }
}
