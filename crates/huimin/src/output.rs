//! What goes to standard output: text for people, or one JSON document.

use std::io::Write as _;

use serde::Serialize;

/// Standard output in one of two manners.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a program reads.
    pub(crate) fn json(self) -> bool {
        self.json
    }

    /// Writes the document if a program reads, else the text.
    pub(crate) fn report<T: Serialize>(self, document: &T, text: impl FnOnce() -> String) {
        if self.json {
            self.document(document);
        } else {
            self.text(&text());
        }
    }

    /// Writes a JSON document.
    pub(crate) fn document<T: Serialize>(self, document: &T) {
        match serde_json::to_string_pretty(document) {
            Ok(text) => self.text(&text),
            Err(error) => eprintln!("✘ failed to write the report as JSON: {error}"),
        }
    }

    /// Writes a line of text; a reader that has gone away is not an error.
    pub(crate) fn text(self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
        let _ = out.flush();
    }
}

/// A count with thousands separators.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Fen as yuan with separators, such as `1,234.50`.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", count(fen / 100), fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_readable() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(yuan(123_450), "1,234.50");
        assert_eq!(yuan(-5), "-0.05");
    }
}
