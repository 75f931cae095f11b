//! YAML text → a tree that remembers where everything stood.
//!
//! Built on the events of `saphyr-parser` rather than on a deserialiser, for three reasons: a
//! deserialiser stops at its first fault and we want all of them; duplicate keys must be seen, not
//! overwritten; and numbers must reach us as written, because an amount that has been a float on
//! the way is no longer exact. Aliases (`*name`) are refused: they make files that a reader cannot
//! follow and parsers that run out of memory.

use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::fault::Fault;
use crate::span::Span;

/// Deepest nesting of a file: the formats need seven, so this refuses only nonsense.
const DEPTH_MAX: usize = 32;

/// A YAML value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A scalar; `plain` when it stands without quotes.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A mapping in file order.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Node {
    /// Whether the value is absent or says null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, in words for a message.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            _ if self.is_null() => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// Parses one document. A file that is empty, or holds only comments, gives `None`.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> (Option<Node>, Vec<Fault>) {
    let mut builder = Builder::new(file, text);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::StreamEnd, _)) => break,
            Ok((event, span)) => {
                if builder.event(event, span.start, span.end).is_err() {
                    break;
                }
            }
            Err(err) => {
                let span = builder.lines.point(file, *err.marker());
                builder.faults.push(
                    Fault::new("PACK-YAML-SYNTAX", &span, "the file is not valid YAML")
                        .expected(err.info().to_owned())
                        .help("texts with `: `, ` #` or a leading bracket, quote or `*` need quotes; indent with spaces"),
                );
                return (None, builder.faults);
            }
        }
    }
    (builder.root, builder.faults)
}

/// Stops reading a file whose rest makes no sense.
struct Stop;

enum Open {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, key: Option<Key> },
}

struct Builder<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    lines: Lines,
    stack: Vec<(Marker, Open)>,
    root: Option<Node>,
    faults: Vec<Fault>,
}

impl<'a> Builder<'a> {
    fn new(file: &'a Arc<str>, text: &'a str) -> Self {
        Self {
            file,
            text,
            lines: Lines::new(text),
            stack: Vec::new(),
            root: None,
            faults: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Result<(), Stop> {
        match event {
            Event::Scalar(value, style, _, _) => {
                let (span, plain) = self.scalar_span(&value, style, start, end);
                self.put(Node { span, kind: Kind::Scalar { text: value.into_owned(), plain } });
            }
            Event::SequenceStart(..) => self.open(start, Open::List(Vec::new()))?,
            Event::MappingStart(..) => {
                self.open(start, Open::Map { entries: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end)?,
            Event::Alias(_) => {
                let span = self.lines.range(self.file, self.text, start, end);
                self.faults.push(
                    Fault::new("PACK-YAML-ALIAS", &span, "aliases are not allowed in a pack")
                        .expected("write the value out"),
                );
                // Not `plain`: an empty text stands in for the value, not for its absence.
                self.put(Node { span, kind: Kind::Scalar { text: String::new(), plain: false } });
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                let span = self.lines.range(self.file, self.text, start, end);
                self.faults.push(
                    Fault::new("PACK-YAML-SYNTAX", &span, "the file holds more than one document")
                        .expected("one document a file"),
                );
                return Err(Stop);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, start: Marker, open: Open) -> Result<(), Stop> {
        if self.stack.len() >= DEPTH_MAX {
            let span = self.lines.point(self.file, start);
            self.faults.push(
                Fault::new("PACK-YAML-DEPTH", &span, "the file is nested too deeply")
                    .expected(format!("at most {DEPTH_MAX} levels")),
            );
            return Err(Stop);
        }
        self.stack.push((start, open));
        Ok(())
    }

    fn close(&mut self, end: Marker) -> Result<(), Stop> {
        // The parser sends an end only after its start, so the stack is not empty here.
        let (start, open) = self.stack.pop().ok_or(Stop)?;
        let kind = match open {
            Open::List(items) => Kind::List(items),
            Open::Map { entries, .. } => Kind::Map(entries),
        };
        let span = self.collection_span(&kind, start, end);
        self.put(Node { span, kind });
        Ok(())
    }

    fn put(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some((_, Open::List(items))) => items.push(node),
            Some((_, Open::Map { entries, key })) => match key.take() {
                Some(key) => {
                    if let Some((first, _)) = entries.iter().find(|(k, _)| k.text == key.text) {
                        let message = format!("the key `{}` stands twice in one mapping", key.text);
                        self.faults.push(
                            Fault::new("PACK-KEY-DUPLICATE", &key.span, message)
                                .expected("remove one of the two")
                                .also(&first.span, "first here"),
                        );
                    } else {
                        entries.push((key, node));
                    }
                }
                None => *key = Some(as_key(node, &mut self.faults)),
            },
        }
    }

    /// The span of a scalar without its quotes, and whether it stands without any.
    fn scalar_span(
        &self,
        value: &str,
        style: ScalarStyle,
        start: Marker,
        end: Marker,
    ) -> (Span, bool) {
        let mut span = self.lines.range(self.file, self.text, start, end);
        let quote = match style {
            ScalarStyle::SingleQuoted => Some('\''),
            ScalarStyle::DoubleQuoted => Some('"'),
            _ => None,
        };
        if let Some(quote) = quote {
            // The parser's end lies behind a comment that follows; the closing quote is ours to find.
            let written = self.text.get(span.offset..span.offset + span.len).unwrap_or_default();
            let inner = written.strip_prefix(quote).unwrap_or_default();
            span.offset += 1;
            span.column += 1;
            span.len = closing_quote(inner, quote).unwrap_or(inner.len());
        }
        let written = self.text.get(span.offset..span.offset + span.len).unwrap_or_default();
        span.verbatim = written == value;
        if !span.verbatim {
            // Several lines, or escapes: show the first line, whatever it says.
            span.len = written.lines().next().unwrap_or_default().trim_end().len();
        }
        (span, style == ScalarStyle::Plain)
    }

    /// The span of a list or mapping: its brackets, or in block style its first entry.
    fn collection_span(&self, kind: &Kind, start: Marker, end: Marker) -> Span {
        let whole = self.lines.range(self.file, self.text, start, end);
        let written = self.text.get(whole.offset..whole.offset + whole.len).unwrap_or_default();
        if written.starts_with(['{', '[']) {
            let len = written.lines().next().unwrap_or_default().len();
            return Span { len, ..whole };
        }
        match kind {
            Kind::Map(entries) => match entries.first() {
                Some((key, value)) if value.span.line == key.span.line => Span {
                    len: (value.span.offset + value.span.len).saturating_sub(key.span.offset),
                    ..key.span.clone()
                },
                Some((key, _)) => key.span.clone(),
                None => whole,
            },
            Kind::List(items) => items.first().map_or(whole, |item| item.span.clone()),
            Kind::Scalar { .. } => whole,
        }
    }
}

/// A node in the place of a key.
fn as_key(node: Node, faults: &mut Vec<Fault>) -> Key {
    if let Kind::Scalar { text, .. } = node.kind {
        return Key { text, span: node.span };
    }
    faults.push(
        Fault::new("PACK-YAML-SYNTAX", &node.span, "a key must be a single word").expected("a key"),
    );
    Key { text: String::new(), span: node.span }
}

/// Byte offset of the quote that ends a quoted scalar, after its opening quote.
fn closing_quote(inner: &str, quote: char) -> Option<usize> {
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            // `''` inside single quotes is one quote.
            if quote == '\'' && chars.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return Some(at);
        }
    }
    None
}

/// Translates the parser's character positions to byte offsets.
struct Lines {
    /// Byte offset of every character, and of the end.
    offsets: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let mut offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).collect();
        offsets.push(text.len());
        Self { offsets }
    }

    fn offset(&self, marker: Marker) -> usize {
        let last = self.offsets.last().copied().unwrap_or(0);
        self.offsets.get(marker.index()).copied().unwrap_or(last)
    }

    fn point(&self, file: &Arc<str>, at: Marker) -> Span {
        Span {
            file: Arc::clone(file),
            line: u32::try_from(at.line()).unwrap_or(u32::MAX),
            column: u32::try_from(at.col() + 1).unwrap_or(u32::MAX),
            offset: self.offset(at),
            len: 0,
            verbatim: false,
        }
    }

    fn range(&self, file: &Arc<str>, text: &str, start: Marker, end: Marker) -> Span {
        let mut span = self.point(file, start);
        let end = self.offset(end).max(span.offset);
        let written = text.get(span.offset..end).unwrap_or_default();
        span.len = written.trim_end().len();
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node {
        let (node, faults) = parse(&Arc::from("x.yaml"), text);
        assert_eq!(faults, Vec::new());
        node.unwrap_or(Node {
            span: Span::file_start("x.yaml"),
            kind: Kind::Scalar { text: String::new(), plain: true },
        })
    }

    fn value<'n>(node: &'n Node, key: &str) -> &'n Node {
        let Kind::Map(entries) = &node.kind else { panic!("not a mapping") };
        &entries.iter().find(|(k, _)| k.text == key).unwrap_or_else(|| panic!("no {key}")).1
    }

    #[track_caller]
    fn written(text: &str, node: &Node, expected: &str, line: u32, column: u32) {
        assert_eq!(&text[node.span.offset..node.span.offset + node.span.len], expected);
        assert_eq!((node.span.line, node.span.column), (line, column));
    }

    #[test]
    fn places_count_characters_and_offsets_count_bytes() {
        let text = "名称: { zh: 长寿, en: 'Long life' }\nwhen: \"age >= 70\"  # 岁\n";
        let node = root(text);
        written(text, value(value(&node, "名称"), "en"), "Long life", 1, 20);
        written(text, value(&node, "when"), "age >= 70", 2, 8);
        assert!(value(&node, "when").span.verbatim);
        let inside = value(&node, "when").span.inside("age >= 70", 7, 2);
        assert_eq!((inside.line, inside.column, inside.len), (2, 15, 2));
    }

    #[test]
    fn a_plain_scalar_ends_before_its_comment() {
        let text = "a: 1080.50   # yuan\nb:\n";
        let node = root(text);
        written(text, value(&node, "a"), "1080.50", 1, 4);
        assert!(value(&node, "b").is_null());
    }

    #[test]
    fn a_quoted_text_with_escapes_is_underlined_whole_but_not_verbatim() {
        let text = "a: \"x\\\"y\" # c\nb: 'it''s' # d\n";
        let node = root(text);
        written(text, value(&node, "a"), "x\\\"y", 1, 5);
        written(text, value(&node, "b"), "it''s", 2, 5);
        assert!(!value(&node, "a").span.verbatim && !value(&node, "b").span.verbatim);
    }

    #[test]
    fn a_block_text_shows_its_first_line_and_is_not_verbatim() {
        let text = "when: >\n  a = 1\n  and b = 2\nnext: 1\n";
        let node = root(text);
        let when = value(&node, "when");
        assert!(matches!(&when.kind, Kind::Scalar { text, .. } if text == "a = 1 and b = 2\n"));
        assert!(!when.span.verbatim);
    }

    #[test]
    fn duplicate_keys_aliases_and_second_documents_are_faults() {
        for (text, code) in [
            ("a: 1\na: 2\n", "PACK-KEY-DUPLICATE"),
            ("a: &x 1\nb: *x\n", "PACK-YAML-ALIAS"),
            ("a: 1\n---\nb: 1\n", "PACK-YAML-SYNTAX"),
            ("a: [1, 2\n", "PACK-YAML-SYNTAX"),
            ("a: \"open\n", "PACK-YAML-SYNTAX"),
            ("a: b: c\n", "PACK-YAML-SYNTAX"),
            ("a: 1\n b: 2\n", "PACK-YAML-SYNTAX"),
        ] {
            let (_, faults) = parse(&Arc::from("x.yaml"), text);
            assert_eq!(faults.first().map(|fault| fault.code), Some(code), "{text:?}");
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        for (depth, code) in [(40, "PACK-YAML-DEPTH"), (100_000, "PACK-YAML-SYNTAX")] {
            let text = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let (_, faults) = parse(&Arc::from("x.yaml"), &text);
            assert_eq!(faults.first().map(|fault| fault.code), Some(code), "{depth}");
        }
    }

    #[test]
    fn an_empty_file_has_no_root() {
        assert!(parse(&Arc::from("x.yaml"), "# nothing\n").0.is_none());
    }
}
