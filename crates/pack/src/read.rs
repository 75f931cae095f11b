//! Reading typed values out of the tree, gathering faults on the way.
//!
//! Convention: a reader never fails. It notes the fault and goes on with a stand-in (an empty text,
//! no entry), so that one bad value does not hide the next. Stand-ins never leave the crate: a pack
//! with a fault is not handed out. Checks that meet an empty stand-in stay silent about it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::fault::Fault;
use crate::model::Text;
use crate::span::{Span, Spanned};
use crate::yaml::{Key, Kind, Node};

/// Where faults go.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    faults: RefCell<Vec<Fault>>,
}

impl Sink {
    pub(crate) fn push(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Whether a file has a fault already: what depends on it would only repeat it.
    pub(crate) fn has_fault_in(&self, file: &str) -> bool {
        self.faults.borrow().iter().any(|fault| &*fault.span.file == file)
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// Starts to read a mapping; `what` names it in messages (`a policy`).
    pub(crate) fn map<'n>(&'n self, node: &'n Node, what: &'static str) -> Map<'n> {
        Map {
            sink: self,
            span: &node.span,
            what,
            entries: self.pairs(node, what),
            asked: RefCell::default(),
            missing: RefCell::default(),
            broken: !matches!(node.kind, Kind::Map(_)),
        }
    }

    /// The entries of a mapping whose keys are the pack's own words.
    pub(crate) fn pairs<'n>(&self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        if let Kind::Map(entries) = &node.kind {
            return entries;
        }
        self.wrong_kind(node, what, "a mapping", "a mapping, `key: value`");
        &[]
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Kind::List(items) = &node.kind {
            return items;
        }
        self.wrong_kind(node, what, "a list", "a list, `[…]` or lines that begin with `-`");
        &[]
    }

    /// A single value as text, whatever it looks like (`01`, `1.50`, `yes`).
    pub(crate) fn scalar(&self, node: &Node, what: &str) -> Spanned<String> {
        let text = match &node.kind {
            Kind::Scalar { text, .. } if !node.is_null() => text.trim().to_owned(),
            _ => {
                self.wrong_kind(node, what, "a single value", "a text");
                String::new()
            }
        };
        let mut span = node.span.clone();
        span.verbatim &= span.len == text.len();
        Spanned::new(text, span)
    }

    fn wrong_kind(&self, node: &Node, what: &str, wanted: &str, expected: &str) {
        let message = format!("{what} must be {wanted}, found {}", node.describe());
        self.push(Fault::new("PACK-TYPE", &node.span, message).expected(expected));
    }

    /// A list of single values.
    pub(crate) fn scalars(&self, node: &Node, what: &str) -> Vec<Spanned<String>> {
        self.list(node, what).iter().map(|item| self.scalar(item, what)).collect()
    }

    /// An exact decimal number.
    pub(crate) fn decimal(&self, node: &Node, what: &str) -> Option<Decimal> {
        let text = self.scalar(node, what);
        if text.value.is_empty() {
            return None;
        }
        parse_decimal(&text).or_else(|| {
            self.push(
                Fault::new("PACK-NUMBER", &text.span, format!("{what} must be a number")).expected(
                    "a decimal number such as 1282 or 769.20, without thousands separators",
                ),
            );
            None
        })
    }

    /// A calendar date.
    pub(crate) fn date(&self, node: &Node, what: &str) -> Option<Date> {
        let text = self.scalar(node, what);
        if text.value.is_empty() {
            return None;
        }
        parse_date(&text).or_else(|| {
            self.push(
                Fault::new("PACK-DATE", &text.span, format!("{what} is not a calendar date"))
                    .expected("YYYY-MM-DD, a day that exists"),
            );
            None
        })
    }
}

/// `1282`, `-3.5`; no exponents, no separators.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if plain { text.parse().ok() } else { None }
}

/// `2024-01-31` and nothing else.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Reads the keys of one mapping. Every key that the format knows is asked for exactly once, also
/// the optional ones; [`Map::finish`] then knows which keys nobody asked for.
pub(crate) struct Map<'n> {
    pub(crate) sink: &'n Sink,
    /// The mapping's place.
    pub(crate) span: &'n Span,
    what: &'static str,
    entries: &'n [(Key, Node)],
    asked: RefCell<BTreeSet<&'static str>>,
    /// Faults of required keys that are not there, held back until all known keys have been asked
    /// for: a misspelt key is one fault, not an unknown key and a missing one.
    missing: RefCell<Vec<(&'static str, Fault)>>,
    broken: bool,
}

impl<'n> Map<'n> {
    /// The value of an optional key; `null` counts as absent.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'n Node> {
        self.asked.borrow_mut().insert(key);
        self.entries
            .iter()
            .find(|(k, _)| k.text == key)
            .map(|(_, node)| node)
            .filter(|n| !n.is_null())
    }

    /// The place of a key, else that of the mapping.
    pub(crate) fn key_span(&self, key: &str) -> &'n Span {
        self.entries.iter().find(|(k, _)| k.text == key).map_or(self.span, |(k, _)| &k.span)
    }

    /// The value of a required key.
    pub(crate) fn required(&self, key: &'static str) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() && !self.broken {
            let fault = match self.entries.iter().find(|(k, _)| k.text == key) {
                Some((k, _)) => Fault::new(
                    "PACK-KEY-MISSING",
                    &k.span,
                    format!("`{key}` of {} has no value", self.what),
                )
                .expected("a value after this key"),
                None => Fault::new(
                    "PACK-KEY-MISSING",
                    self.span,
                    format!("{} has no `{key}`", self.what),
                )
                .expected(format!("`{key}: …` in this mapping")),
            };
            self.missing.borrow_mut().push((key, fault));
        }
        node
    }

    /// A required single value; empty when it is missing.
    pub(crate) fn string(&self, key: &'static str) -> Spanned<String> {
        match self.required(key) {
            Some(node) => self.sink.scalar(node, &format!("`{key}`")),
            None => Spanned::new(String::new(), self.span.clone()),
        }
    }

    /// An optional single value.
    pub(crate) fn string_opt(&self, key: &'static str) -> Option<Spanned<String>> {
        self.get(key).map(|node| self.sink.scalar(node, &format!("`{key}`")))
    }

    /// Optional single values; none when the key is absent.
    pub(crate) fn strings(&self, key: &'static str) -> Vec<Spanned<String>> {
        self.get(key).map(|node| self.sink.scalars(node, &format!("`{key}`"))).unwrap_or_default()
    }

    /// A required identifier: the words of `form`.
    pub(crate) fn id(&self, form: IdForm) -> Spanned<String> {
        let id = self.string("id");
        form.check(&id, self.sink);
        id
    }

    /// A required text in both languages.
    pub(crate) fn text(&self, key: &'static str) -> Text {
        self.required(key).map(|node| self.both(node, key)).unwrap_or_default()
    }

    /// An optional text in both languages.
    pub(crate) fn text_opt(&self, key: &'static str) -> Option<Text> {
        self.get(key).map(|node| self.both(node, key))
    }

    fn both(&self, node: &Node, key: &str) -> Text {
        if !matches!(node.kind, Kind::Map(_)) {
            self.sink.push(
                Fault::new(
                    "PACK-TEXT",
                    &node.span,
                    format!("`{key}` of {} must be given in Chinese and English", self.what),
                )
                .expected("{ zh: …, en: … }"),
            );
            return Text::default();
        }
        let map = self.sink.map(node, "a text in two languages");
        let text = Text { zh: map.string("zh").value, en: map.string("en").value };
        map.finish();
        text
    }

    /// An optional truth value.
    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        let text = self.string_opt(key)?;
        match text.value.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.sink.push(
                    Fault::new("PACK-WORD", &text.span, format!("`{key}` must be true or false"))
                        .expected("true or false"),
                );
                None
            }
        }
    }

    /// An optional whole number between two bounds.
    pub(crate) fn number(&self, key: &'static str, min: u32, max: u32) -> Option<u32> {
        let text = self.string_opt(key)?;
        match text.value.parse::<u32>() {
            Ok(number) if (min..=max).contains(&number) => Some(number),
            _ => {
                self.sink.push(
                    Fault::new(
                        "PACK-NUMBER",
                        &text.span,
                        format!("`{key}` of {} is out of bounds", self.what),
                    )
                    .expected(format!("a whole number from {min} to {max}")),
                );
                None
            }
        }
    }

    /// A required word of a fixed list; the first word stands in for a wrong one.
    pub(crate) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.required(key).map(|node| self.sink.scalar(node, &format!("`{key}`")))?;
        self.known_word(key, &text, words)
    }

    /// An optional word of a fixed list.
    pub(crate) fn word_opt<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string_opt(key)?;
        self.known_word(key, &text, words)
    }

    fn known_word<T: Copy>(
        &self,
        key: &str,
        text: &Spanned<String>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if found.is_none() && !text.value.is_empty() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let mut fault = Fault::new(
                "PACK-WORD",
                &text.span,
                format!("`{}` is no {key} of {}", text.value, self.what),
            )
            .expected(format!("one of {}", list.join(", ")));
            if let Some(word) = crate::suggest::nearest(&text.value, list) {
                fault = fault.help(format!("did you mean `{word}`?"));
            }
            self.sink.push(fault);
        }
        found
    }

    /// The items of an optional list.
    pub(crate) fn items(&self, key: &'static str) -> &'n [Node] {
        self.get(key).map(|node| self.sink.list(node, &format!("`{key}`"))).unwrap_or_default()
    }

    /// The items of a required list that may not be empty.
    pub(crate) fn items_required(&self, key: &'static str) -> &'n [Node] {
        let Some(node) = self.required(key) else { return &[] };
        let items = self.sink.list(node, &format!("`{key}`"));
        if items.is_empty() && matches!(node.kind, Kind::List(_)) {
            self.sink.push(
                Fault::new(
                    "PACK-KEY-MISSING",
                    &node.span,
                    format!("`{key}` of {} is empty", self.what),
                )
                .expected("at least one entry"),
            );
        }
        items
    }

    /// The entries of an optional mapping whose keys are the pack's own words.
    pub(crate) fn pairs(&self, key: &'static str) -> &'n [(Key, Node)] {
        self.get(key).map(|node| self.sink.pairs(node, &format!("`{key}`"))).unwrap_or_default()
    }

    /// Complains about required keys that are not there and about keys that nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner();
        let mut missing = self.missing.into_inner();
        #[cfg(test)]
        recording::record(self.what, &asked);
        for (key, _) in self.entries {
            if !asked.contains(key.text.as_str()) {
                let free = asked.iter().copied().filter(|known| {
                    !self.entries.iter().any(|(present, _)| present.text == *known)
                });
                let mut fault = Fault::new(
                    "PACK-KEY-UNKNOWN",
                    &key.span,
                    format!("{} knows no key `{}`", self.what, key.text),
                )
                .expected(format!(
                    "one of {}",
                    asked.iter().copied().collect::<Vec<_>>().join(", ")
                ));
                if let Some(word) = crate::suggest::nearest(&key.text, free) {
                    fault = fault.help(format!("did you mean `{word}`?"));
                    missing.retain(|(key, _)| *key != word);
                }
                self.sink.push(fault);
            }
        }
        for (_, fault) in missing {
            self.sink.push(fault);
        }
    }
}

/// How an identifier is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// `word_word`: becomes a column or a name in SQL.
    Snake,
    /// `word-word`: names of policies.
    Kebab,
}

impl IdForm {
    /// Complains about an identifier of another form; empty ones have been complained about.
    pub(crate) fn check(self, id: &Spanned<String>, sink: &Sink) {
        if id.value.is_empty() || self.fits(&id.value) {
            return;
        }
        let (separator, example) = match self {
            Self::Snake => ("_", "birth_date"),
            Self::Kebab => ("-", "longevity-allowance"),
        };
        sink.push(
            Fault::new("PACK-ID-FORM", &id.span, format!("`{}` is not an identifier", id.value))
                .expected(format!(
                    "lower-case letters and digits joined by `{separator}`, such as `{example}`, at most {ID_LEN_MAX}"
                )),
        );
    }

    fn fits(self, id: &str) -> bool {
        let separator = match self {
            Self::Snake => '_',
            Self::Kebab => '-',
        };
        id.len() <= ID_LEN_MAX
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.split(separator).all(|word| {
                !word.is_empty()
                    && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            })
    }
}

/// Longest identifier: `PostgreSQL`'s bound for names is 63 bytes, less what table and column names
/// add to it (`decisions_household_2024_01`, `__outcome`).
const ID_LEN_MAX: usize = 48;

/// Which keys were asked for, so that the schemas can be held against them.
#[cfg(test)]
mod recording {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    pub(super) type Asked = BTreeMap<&'static str, BTreeSet<String>>;

    thread_local! {
        static ASKED: RefCell<Asked> = RefCell::default();
    }

    pub(super) fn record(what: &'static str, keys: &BTreeSet<&'static str>) {
        ASKED.with_borrow_mut(|asked| {
            asked.entry(what).or_default().extend(keys.iter().map(|key| (*key).to_owned()));
        });
    }

    pub(super) fn asked() -> Asked {
        ASKED.with_borrow(Clone::clone)
    }
}

/// The keys that this thread has asked for so far, by the name of the mapping.
#[cfg(test)]
pub(crate) fn asked_keys() -> std::collections::BTreeMap<&'static str, BTreeSet<String>> {
    recording::asked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_and_exact() {
        assert_eq!(parse_decimal("769.20").map(|d| d.to_string()).as_deref(), Some("769.20"));
        assert_eq!(parse_decimal("-3").map(|d| d.to_string()).as_deref(), Some("-3"));
        for wrong in ["1,282", "1e3", "0x10", ".5", "", "1_000", "1.2.3", "NaN"] {
            assert_eq!(parse_decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_have_one_spelling() {
        assert!(parse_date("2024-02-29").is_some());
        for wrong in ["2023-02-29", "2024-1-5", "20240105", "2024-01-05T00:00", "2024-13-01"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
