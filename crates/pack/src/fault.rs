//! Faults of a pack: gathered, sorted and shown all at once.
//!
//! A fault has a stable code (tests, help pages and editors depend on it, not on wording), a place,
//! a sentence that says what is wrong, what was expected there, and where possible what to do.
//! Messages name ids of the pack, never data of persons; there are none in a pack.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity,
    SourceCode, SourceSpan,
};
use serde::Serialize;

use crate::span::{Sources, Span};

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, `PACK-…`.
    pub code: &'static str,
    /// Where.
    pub span: Span,
    /// What is wrong, one sentence without full stop.
    pub message: String,
    /// What was expected at the place; shown under the underlined text.
    pub expected: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Other places that matter, with what is there.
    pub also: Vec<(Span, String)>,
}

impl Fault {
    /// A fault at a place.
    pub fn new(code: &'static str, span: &Span, message: impl Into<String>) -> Self {
        Self {
            code,
            span: span.clone(),
            message: message.into(),
            expected: None,
            help: None,
            also: Vec::new(),
        }
    }

    /// Says what was expected.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = Some(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Points at another place too.
    #[must_use]
    pub fn also(mut self, span: &Span, text: impl Into<String>) -> Self {
        self.also.push((span.clone(), text.into()));
        self
    }

    /// Suggests the nearest of `known`, or lists them when they are few.
    #[must_use]
    pub fn suggest<'a>(self, found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match crate::suggest::help(found, known) {
            Some(text) => self.help(text),
            None => self,
        }
    }
}

/// How to show faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Unicode lines and colours, for a terminal.
    Fancy,
    /// ASCII without colours, for logs and files.
    Plain,
}

/// Everything that is wrong with a pack; never empty when it comes as an error.
#[derive(Clone, Default)]
pub struct Faults {
    root: PathBuf,
    all: Vec<Fault>,
    sources: Sources,
}

impl Faults {
    /// An empty collection over the files of the pack at `root`.
    #[must_use]
    pub fn new(root: &Path, sources: Sources) -> Self {
        Self { root: root.to_owned(), all: Vec::new(), sources }
    }

    /// Adds a fault.
    pub fn push(&mut self, fault: Fault) {
        self.all.push(fault);
    }

    /// Adds faults.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.all.extend(faults);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The faults by file, line and column.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Fault> {
        let mut sorted: Vec<&Fault> = self.all.iter().collect();
        sorted.sort_by(|a, b| (&a.span, a.code, &a.message).cmp(&(&b.span, b.code, &b.message)));
        sorted.dedup();
        sorted
    }

    /// `Ok(value)` when nothing is wrong.
    ///
    /// # Errors
    ///
    /// The faults themselves when there are any.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.all.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The faults as text, each with its file, line and column and the text underlined, and a last
    /// line with their number.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let theme = match style {
            Style::Fancy => GraphicalTheme::unicode(),
            Style::Plain => GraphicalTheme::none(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(RENDER_WIDTH)
            .with_links(false)
            .without_cause_chain();
        let mut text = String::new();
        for fault in self.sorted() {
            let shown = Shown::new(fault, self);
            // Writing into a string cannot fail, and a fault whose place lies outside its file is
            // still named by the header that has been written before the snippet.
            if handler.render_report(&mut text, &shown).is_err() {
                text.push_str(&fault.message);
            }
            text.push('\n');
        }
        text.push_str(&self.to_string());
        text.push('\n');
        text
    }

    /// The faults as a JSON value:
    /// `{"count": n, "faults": [{code, file, line, column, length, text, message, expected, help, also}]}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let faults: Vec<JsonFault<'_>> = self
            .sorted()
            .into_iter()
            .map(|fault| JsonFault {
                code: fault.code,
                file: self.path_of(&fault.span),
                line: fault.span.line,
                column: fault.span.column,
                length: self.text_of(&fault.span).chars().count(),
                text: self.text_of(&fault.span),
                message: &fault.message,
                expected: fault.expected.as_deref(),
                help: fault.help.as_deref(),
                also: fault
                    .also
                    .iter()
                    .map(|(span, text)| JsonPlace {
                        file: self.path_of(span),
                        line: span.line,
                        column: span.column,
                        message: text,
                    })
                    .collect(),
            })
            .collect();
        serde_json::json!({ "count": faults.len(), "faults": faults })
    }

    fn path_of(&self, span: &Span) -> String {
        self.root.join(&*span.file).display().to_string()
    }

    fn text_of(&self, span: &Span) -> &str {
        self.sources
            .get(&span.file)
            .and_then(|text| text.get(span.offset..span.offset + span.len))
            .unwrap_or_default()
    }
}

/// Columns of the rendered text; a terminal of 100 columns shows it without wrapping.
const RENDER_WIDTH: usize = 100;

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.sorted().len();
        let noun = if count == 1 { "fault" } else { "faults" };
        if self.root.as_os_str().is_empty() {
            write!(f, "the pack has {count} {noun}")
        } else {
            write!(f, "the pack {} has {count} {noun}", self.root.display())
        }
    }
}

impl fmt::Debug for Faults {
    /// The plain rendering: what `unwrap` in a test prints should be readable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\n")?;
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Faults {}

#[derive(Serialize)]
struct JsonFault<'a> {
    code: &'a str,
    file: String,
    line: u32,
    column: u32,
    length: usize,
    text: &'a str,
    message: &'a str,
    expected: Option<&'a str>,
    help: Option<&'a str>,
    also: Vec<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: String,
    line: u32,
    column: u32,
    message: &'a str,
}

/// A fault together with its source, as the renderer wants it.
struct Shown<'a> {
    fault: &'a Fault,
    source: NamedSource<Arc<str>>,
    help: Option<String>,
}

impl<'a> Shown<'a> {
    fn new(fault: &'a Fault, faults: &Faults) -> Self {
        let text = faults.sources.get(&fault.span.file).cloned().unwrap_or_else(|| Arc::from(""));
        let elsewhere = fault.also.iter().filter(|(span, _)| span.file != fault.span.file).map(
            |(span, text)| {
                format!("see {}:{}:{}: {text}", faults.path_of(span), span.line, span.column)
            },
        );
        // Without a text there is nothing to underline and so no label; say it below.
        let expected = fault
            .expected
            .iter()
            .filter(|_| text.is_empty())
            .map(|text| format!("expected {text}"));
        let help: Vec<String> =
            expected.chain(fault.help.iter().cloned()).chain(elsewhere).collect();
        Self {
            fault,
            source: NamedSource::new(faults.path_of(&fault.span), text),
            help: (!help.is_empty()).then(|| help.join("\n")),
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.fault, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fault.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.fault.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let fault = self.fault;
        let label = fault.expected.clone().or_else(|| Some("here".to_owned()));
        let main = LabeledSpan::new_primary_with_span(label, source_span(&fault.span));
        let others =
            fault.also.iter().filter(|(span, _)| span.file == fault.span.file).map(
                |(span, text)| LabeledSpan::new_with_span(Some(text.clone()), source_span(span)),
            );
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

fn source_span(span: &Span) -> SourceSpan {
    SourceSpan::new(span.offset.into(), span.len)
}
