//! The language that a reader asks for by `Accept-Language` (RFC 9110, sections 12.4.2 and 12.5.4).

use std::cmp::Reverse;

use axum::http::{HeaderMap, header};

/// A language of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Zh,
    En,
}

/// A language range with its weight in thousandths.
type Range<'a> = (&'a str, u16);

impl Language {
    /// The one that is wished for more; of equal wishes the one that stands first. English where neither is wished for.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let lines = lines.filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range<'_>> =
            lines.flat_map(|line| line.split(',')).filter_map(range).collect();
        let (zh, en) = (wish(&ranges, "zh"), wish(&ranges, "en"));
        let accepts_zh = zh.is_some_and(|(weight, _)| weight > 0);
        if accepts_zh && zh > en { Self::Zh } else { Self::En }
    }

    /// Its tag (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// The primary subtag of a range, or `*`, with its weight; `None` for what is none.
fn range(text: &str) -> Option<Range<'_>> {
    let (tag, weight) = match text.split_once(';') {
        Some((tag, weight)) => (tag, thousandths(weight)?),
        None => (text, 1000),
    };
    let primary = tag.trim().split('-').next().unwrap_or_default();
    (!primary.is_empty()).then_some((primary, weight))
}

/// `q=` and a number from 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (name, value) = text.split_once('=')?;
    let (whole, decimals) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let is_decimal = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !name.trim().eq_ignore_ascii_case("q") || !is_decimal {
        return None;
    }
    let rest: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(1000),
        _ => None,
    }
}

/// How much a language is wished for, and how far in front; `*` speaks for those that are not named.
fn wish(ranges: &[Range<'_>], language: &str) -> Option<(u16, Reverse<usize>)> {
    let of = |name: &str| {
        let ranges = ranges.iter().enumerate();
        ranges
            .filter(|(_, (primary, _))| primary.eq_ignore_ascii_case(name))
            .map(|(place, (_, weight))| (*weight, Reverse(place)))
            .max()
    };
    of(language).or_else(|| of("*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(lines: &[&str]) -> &'static str {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_LANGUAGE, line.parse().unwrap());
        }
        Language::wanted(&headers).tag()
    }

    #[test]
    fn what_is_wished_for_more_or_first_is_given() {
        for (line, tag) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("en-GB,en;q=0.9,zh;q=0.8", "en"),
            ("en;q=0.8, zh-Hans-CN;q=0.85", "zh"),
            ("fr, en;q=0.2, ZH ; Q=0.200", "en"),
            ("zh,en", "zh"),
            ("en,zh", "en"),
            ("zh-TW;q=0.1", "zh"),
            ("en;q=0.999, zh;q=1.000", "zh"),
        ] {
            assert_eq!(wanted(&[line]), tag, "{line}");
        }
        assert_eq!(wanted(&["fr", "en;q=0.5", "zh;q=0.7"]), "zh");
    }

    #[test]
    fn without_a_wish_that_can_be_read_it_is_english() {
        assert_eq!(wanted(&[]), "en");
        for line in [
            "",
            "fr",
            "fr-CH, de;q=0.9",
            "*",
            "zh;q=0",
            "zh;q=0.000, fr",
            "zh;q=0, *",
            "zhx",
            "x-zh",
            "zh;q=1.5",
            "zh;q=-1",
            "zh;q=0.1234",
            "zh;q=",
            "zh;q",
            "zh;p=1",
            "zh;q=+1",
            ";q=1",
            "-",
            ",,;",
        ] {
            assert_eq!(wanted(&[line]), "en", "{line}");
        }
    }

    #[test]
    fn any_language_is_a_wish_for_those_that_are_not_named() {
        assert_eq!(wanted(&["en;q=0, *"]), "zh");
        assert_eq!(wanted(&["*;q=0.5, en;q=0.1"]), "zh");
        assert_eq!(wanted(&["*;q=0.5, zh;q=0.1"]), "en");
        assert_eq!(wanted(&["fr, *;q=0.1"]), "en");
    }

    #[test]
    fn bytes_that_are_no_text_are_no_wish() {
        let mut headers = HeaderMap::new();
        let bytes = axum::http::HeaderValue::from_bytes(b"zh\xff").unwrap();
        headers.append(header::ACCEPT_LANGUAGE, bytes);
        assert_eq!(Language::wanted(&headers), Language::En);
    }
}
