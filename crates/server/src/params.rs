//! Reading what an address or the body of a search says: every bad value is a problem that names its parameter.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, RawQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use vocab::{DivisionCode, Period};

use crate::problem::ApiError;

/// Longest value that a parameter may have, in bytes. Names and ids are far shorter.
const LONGEST: usize = 200;

/// Page size at most.
pub(crate) const PAGE_MAX: u32 = 200;

/// The query part of an address. An empty value counts as left out.
#[derive(Debug, Default)]
pub(crate) struct QueryText(Vec<(String, String)>);

/// A type that a handler takes from the query.
pub(crate) trait FromQuery: Sized {
    /// Reads and checks the parameters.
    fn from_query(query: &QueryText) -> Result<Self, ApiError>;
}

/// Extractor of a [`FromQuery`].
#[derive(Debug)]
pub(crate) struct ApiQuery<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for ApiQuery<T>
where
    S: Send + Sync,
    T: FromQuery,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let RawQuery(raw) = RawQuery::from_request_parts(parts, state).await?;
        T::from_query(&QueryText::parse(&raw.unwrap_or_default())).map(Self)
    }
}

impl QueryText {
    fn parse(raw: &str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// A text, trimmed; `None` when left out or empty.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        let mut values =
            self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(ApiError::bad_parameter(name, "只能给一次", "to be given once"));
        }
        text(name, first)
    }

    /// A month that must be given.
    pub(crate) fn period(&self) -> Result<Period, ApiError> {
        let bad = || {
            ApiError::bad_parameter(
                "period",
                "应为月份 `YYYY-MM`，例如 2024-01",
                "a month `YYYY-MM`, for instance 2024-01",
            )
        };
        Period::parse(self.text("period")?.ok_or_else(bad)?).map_err(|_| bad())
    }

    /// A division code.
    pub(crate) fn division(&self) -> Result<Option<DivisionCode>, ApiError> {
        division(self.text("division")?)
    }

    /// The page size, `default` when left out.
    pub(crate) fn limit(&self, default: u32) -> Result<u32, ApiError> {
        let Some(text) = self.text("limit")? else { return Ok(default) };
        limit(text.parse().ok())
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        choices.iter().find(|(word, _)| *word == text).map(|(_, value)| Some(*value)).ok_or_else(
            || {
                let words: Vec<String> =
                    choices.iter().map(|(word, _)| format!("`{word}`")).collect();
                let (zh, en) = (words.join("、"), words.join(", "));
                ApiError::bad_parameter(name, format!("应为 {zh} 之一"), format!("one of {en}"))
            },
        )
    }
}

/// A text that was given, trimmed; `None` when it is empty.
pub(crate) fn text<'a>(
    name: &'static str,
    given: Option<&'a str>,
) -> Result<Option<&'a str>, ApiError> {
    match given.map(str::trim).filter(|value| !value.is_empty()) {
        Some(value) if value.len() > LONGEST => Err(ApiError::bad_parameter(
            name,
            format!("最多 {LONGEST} 字节"),
            format!("at most {LONGEST} bytes"),
        )),
        Some(value) if value.chars().any(char::is_control) => {
            Err(ApiError::bad_parameter(name, "不能含控制字符", "no control characters"))
        }
        other => Ok(other),
    }
}

/// The division of a code that was given.
pub(crate) fn division(given: Option<&str>) -> Result<Option<DivisionCode>, ApiError> {
    given.map(DivisionCode::parse).transpose().map_err(|_| {
        ApiError::bad_parameter(
            "division",
            "应为行政区划代码，例如 440104",
            "a division code, for instance 440104",
        )
    })
}

/// A page size that was given; `None` is no number.
pub(crate) fn limit(given: Option<u32>) -> Result<u32, ApiError> {
    given.filter(|limit| (1..=PAGE_MAX).contains(limit)).ok_or_else(|| {
        ApiError::bad_parameter(
            "limit",
            format!("应为 1 到 {PAGE_MAX} 之间的数"),
            format!("a number from 1 to {PAGE_MAX}"),
        )
    })
}

/// Undoes percent-encoding and `+`. Bytes that are not UTF-8 become replacement characters, which
/// match nothing.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    match String::from_utf8_lossy(&out) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// Reads a body as JSON. What is wrong with it is not said, because it may hold a password. Nobody types the character
/// zero, and PostgreSQL has no texts with it. `zh` and `en` say what was expected, as for [`ApiError::bad_body`].
///
/// # Errors
///
/// `BODY-INVALID`, with what was expected.
pub(crate) fn body<T: DeserializeOwned>(bytes: &[u8], zh: &str, en: &str) -> Result<T, ApiError> {
    let has_zero = bytes.windows(6).any(|six| six.eq_ignore_ascii_case(b"\\u0000"));
    let read = serde_json::from_slice(bytes).ok().filter(|_| !has_zero);
    read.ok_or_else(|| ApiError::bad_body(zh, en))
}

/// Whether a text can be an id of ours: letters, digits, `-`, `_`, `.`, `:`. Others name nothing,
/// and never get into a query.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=80).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<impl Sized, ApiError>) -> (&'static str, Option<&'static str>) {
        match result {
            Ok(_) => ("", None),
            Err(error) => {
                let problem = error.problem();
                (problem.code, problem.parameter)
            }
        }
    }

    #[test]
    fn percent_and_plus_are_undone_and_broken_escapes_stay() {
        let query = QueryText::parse("q=%E5%BC%A0+%E4%B8%89&x=100%&y=%zz&&z");
        assert_eq!(query.text("q").unwrap_or_default(), Some("张 三"));
        assert_eq!(query.text("x").unwrap_or_default(), Some("100%"));
        assert_eq!(query.text("y").unwrap_or_default(), Some("%zz"));
        assert_eq!(query.text("z").unwrap_or_default(), None);
    }

    #[test]
    fn a_bad_value_names_its_parameter() {
        let query = QueryText::parse("period=2024-13&limit=201&division=x&list=all");
        assert_eq!(code(query.period()), ("PARAMETER-INVALID", Some("period")));
        assert_eq!(code(query.limit(20)), ("PARAMETER-INVALID", Some("limit")));
        assert_eq!(code(query.division()), ("PARAMETER-INVALID", Some("division")));
        assert_eq!(code(query.choice("list", &[("due", 1)])), ("PARAMETER-INVALID", Some("list")));
        assert_eq!(code(QueryText::parse("").period()), ("PARAMETER-INVALID", Some("period")));
    }

    #[test]
    fn a_parameter_that_comes_twice_is_refused() {
        let query = QueryText::parse("limit=1&limit=2");
        assert_eq!(code(query.limit(20)), ("PARAMETER-INVALID", Some("limit")));
    }

    #[test]
    fn ids_hold_no_quotes_or_slashes() {
        assert!(is_id("P0123456789abcdef"));
        assert!(!is_id("P' OR 1=1"));
        assert!(!is_id(""));
    }
}
