//! From text to a syntax tree, and from the parser's places to byte ranges.

use std::ops::Range;

use engine::datafusion::sql::sqlparser::ast::{Expr, Spanned as _};
use engine::datafusion::sql::sqlparser::dialect::GenericDialect;
use engine::datafusion::sql::sqlparser::parser::{Parser, ParserError};
use engine::datafusion::sql::sqlparser::tokenizer::{Location, Token};

/// Why a text is not one SQL expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// What the parser says, without its place.
    pub(crate) message: String,
    /// Bytes of the text that it concerns.
    pub(crate) range: Range<usize>,
}

/// Parses one expression that takes up the whole text.
pub(crate) fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let fail = |error| syntax_error(text, &error);
    if text.trim().is_empty() {
        return Err(SyntaxError {
            message: "there is no expression".to_owned(),
            range: 0..text.len(),
        });
    }
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect).try_with_sql(text).map_err(fail)?;
    let expression = parser.parse_expr().map_err(fail)?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(SyntaxError {
            message: format!("the expression ends before `{}`", rest.token),
            range: range(text, rest.span.start, rest.span.end),
        });
    }
    Ok(expression)
}

/// The bytes of `text` that an expression takes up; the whole text where the parser has no place.
pub(crate) fn place(text: &str, expression: &Expr) -> Range<usize> {
    let span = expression.span();
    range(text, span.start, span.end)
}

pub(crate) fn range(text: &str, start: Location, end: Location) -> Range<usize> {
    match (offset(text, start), offset(text, end)) {
        (Some(start), Some(end)) if start < end => start..end,
        (Some(start), Some(end)) if start == end && start < text.len() => {
            start
                ..text
                    .get(start..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(start, |c| start + c.len_utf8())
        }
        _ => 0..text.len(),
    }
}

/// Lines and columns of the parser count from 1, columns in characters.
fn offset(text: &str, location: Location) -> Option<usize> {
    let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
    let mut start = 0;
    for (number, content) in text.split('\n').enumerate() {
        if number == line {
            let within = content.char_indices().nth(column).map_or(content.len(), |(at, _)| at);
            return Some(start + within);
        }
        start += content.len() + 1;
    }
    None
}

/// The parser writes the place into its message; take it out again and turn it into a range.
fn syntax_error(text: &str, error: &ParserError) -> SyntaxError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            message.as_str()
        }
        ParserError::RecursionLimitExceeded => "the expression is nested too deeply",
    };
    let Some((head, place)) = message.rsplit_once(" at Line: ") else {
        return SyntaxError { message: message.to_owned(), range: 0..text.len() };
    };
    let numbers: Vec<u64> =
        place.split(", Column: ").filter_map(|number| number.trim().parse().ok()).collect();
    let range = match numbers.as_slice() {
        [line, column] => {
            let at = Location { line: *line, column: *column };
            range(text, at, at)
        }
        _ => 0..text.len(),
    };
    SyntaxError { message: head.to_owned(), range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_bytes_also_behind_chinese_text() {
        let text = "name = '区' AND agee > 1";
        let expression = parse(text).unwrap();
        let Expr::BinaryOp { right, .. } = &expression else { panic!("an AND was expected") };
        let Expr::BinaryOp { left, .. } = right.as_ref() else {
            panic!("a comparison was expected")
        };
        assert_eq!(&text[place(text, left)], "agee");
    }

    #[test]
    fn what_follows_an_expression_is_pointed_at() {
        let text = "age > 1 age";
        let error = parse(text).unwrap_err();
        assert_eq!(&text[error.range.clone()], "age");
        assert_eq!(error.message, "the expression ends before `age`");
    }

    #[test]
    fn a_missing_operand_is_a_syntax_error_with_a_place() {
        let error = parse("age > ) 1").unwrap_err();
        assert_eq!(error.range, 6..7);
    }

    #[test]
    fn absurd_nesting_is_refused_and_does_not_overflow_the_stack() {
        let text = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(parse(&text).is_err());
    }
}
