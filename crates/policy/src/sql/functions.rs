//! The functions that rules may call, with the types that they take.

use std::ops::Range;

use engine::datafusion::scalar::ScalarValue;
use engine::datafusion::sql::sqlparser::ast::{
    Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments,
};
use pack::ParameterKind;
use vocab::DivisionCode;

use super::check::{Checker, common_codes, common_dimension, typed};
use super::dimension::Dimension;
use super::tree::{Function, Node, Typed};
use super::types::{INTEGER_DIGITS, Type};

/// Names with how they are called, for messages.
const FUNCTIONS: [(&str, &str); 20] = [
    ("abs", "abs(number)"),
    ("age_on", "age_on(birth_date, day)"),
    ("bracket", "bracket(number, parameter)"),
    ("ceil_fen", "ceil_fen(yuan)"),
    ("ceil_yuan", "ceil_yuan(yuan)"),
    ("coalesce", "coalesce(value, value, …)"),
    ("division_in", "division_in(division, '440100')"),
    ("fen", "fen(yuan)"),
    ("greatest", "greatest(value, value, …)"),
    ("has_date", "has_date(parameter, first_day, last_day)"),
    ("least", "least(value, value, …)"),
    ("left", "left(text, characters)"),
    ("length", "length(text)"),
    ("lookup", "lookup(text, parameter)"),
    ("month", "month(date)"),
    ("nullif", "nullif(value, value)"),
    ("right", "right(text, characters)"),
    ("starts_with", "starts_with(text, 'beginning')"),
    ("substr", "substr(text, first, characters)"),
    ("year", "year(date)"),
];

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &Call, range: Range<usize>) -> Option<Typed> {
        let name = call.name.to_string().to_lowercase();
        if call.over.is_some() {
            self.fault_with_help(
                "RULE-NOT-ALLOWED",
                &range,
                "a window function is not allowed in a rule",
                "an expression over one person or household",
                "make a variable that aggregates the rows, and use it here",
            );
            return None;
        }
        if ["sum", "count", "min", "max", "avg", "bool_or", "bool_and", "any"]
            .contains(&name.as_str())
        {
            self.fault_with_help(
                "RULE-NOT-ALLOWED",
                &range,
                format!("the aggregate `{name}` is not allowed in an expression"),
                "an expression over one row",
                "make a variable with `from:` and `aggregate:`, and use it here",
            );
            return None;
        }
        let Some((_, usage)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            self.unknown_function(&name, &range);
            return None;
        };
        let plain =
            call.filter.is_none() && call.within_group.is_empty() && call.null_treatment.is_none();
        let arguments = match &call.args {
            FunctionArguments::List(list)
                if plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() =>
            {
                list.args
                    .iter()
                    .map(|argument| match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
                        _ => None,
                    })
                    .collect::<Option<Vec<&Expr>>>()
            }
            _ => None,
        };
        let Some(arguments) = arguments else {
            self.fault(
                "RULE-FUNCTION",
                &range,
                format!("`{name}` can't be called like this"),
                *usage,
            );
            return None;
        };
        self.call_named(&name, &arguments, range)
    }

    fn unknown_function(&mut self, name: &str, range: &Range<usize>) {
        let known = FUNCTIONS.iter().map(|(known, _)| *known);
        let help = nearest(name, known.clone()).map_or_else(
            || format!("functions: {}", known.collect::<Vec<_>>().join(", ")),
            |word| format!("did you mean `{word}`?"),
        );
        self.fault_with_help(
            "RULE-FUNCTION",
            range,
            format!("unknown function `{name}`"),
            "a function that rules may call",
            help,
        );
    }

    pub(super) fn call_named(
        &mut self,
        name: &str,
        arguments: &[&Expr],
        range: Range<usize>,
    ) -> Option<Typed> {
        match (name, arguments) {
            ("age_on", [birth, day]) => {
                let (birth, day) = (self.date(birth), self.date(day));
                self.result(Function::AgeOn, vec![birth?, day?], Type::Integer, years(), range)
            }
            ("division_in", [division, within]) => self.division_in(division, within, range),
            ("bracket", [key, parameter]) => {
                let key = self.number(key);
                let (parameter, kind, dimension) =
                    self.parameter(parameter, ParameterKind::Bracket)?;
                let node = Node::Bracket { key: Box::new(key?), parameter };
                Some(Typed { dimension, ..typed(node, kind, true, range) })
            }
            ("lookup", [key, parameter]) => {
                let key = self.text(key);
                let (parameter, kind, dimension) =
                    self.parameter(parameter, ParameterKind::Table)?;
                let node = Node::Lookup { key: Box::new(key?), parameter };
                Some(Typed { dimension, ..typed(node, kind, true, range) })
            }
            ("has_date", [parameter, from, to]) => {
                let (from, to) = (self.date(from), self.date(to));
                let (parameter, ..) = self.parameter(parameter, ParameterKind::Dates)?;
                let (from, to) = (Box::new(from?), Box::new(to?));
                let nullable = from.nullable || to.nullable;
                Some(typed(Node::HasDate { parameter, from, to }, Type::Boolean, nullable, range))
            }
            ("fen", [yuan]) => self.rounded(Function::Fen, yuan, range),
            ("ceil_yuan", [yuan]) => self.rounded(Function::CeilYuan, yuan, range),
            ("ceil_fen", [yuan]) => self.rounded(Function::CeilFen, yuan, range),
            ("coalesce", [_, _, ..]) => self.alike(Function::Coalesce, arguments, range),
            ("least", [_, _, ..]) => self.alike(Function::Least, arguments, range),
            ("greatest", [_, _, ..]) => self.alike(Function::Greatest, arguments, range),
            ("nullif", [_, _]) => self.alike(Function::Nullif, arguments, range),
            ("abs", [number]) => {
                let number = self.number(number)?;
                let number = self.to_decimal(number);
                let (kind, dimension) = (number.kind, number.dimension.clone());
                self.result(Function::Abs, vec![number], kind, dimension, range)
            }
            ("left", [text, count]) => self.cut(Function::Left, &[text, count], range),
            ("right", [text, count]) => self.cut(Function::Right, &[text, count], range),
            ("substr", [_, _] | [_, _, _]) => self.cut(Function::Substr, arguments, range),
            ("length", [text]) => {
                let text = self.text(text)?;
                self.result(Function::Length, vec![text], Type::Integer, None, range)
            }
            ("starts_with", [text, beginning]) => {
                let (text, beginning) = (self.text(text), self.text(beginning));
                self.result(
                    Function::StartsWith,
                    vec![text?, beginning?],
                    Type::Boolean,
                    None,
                    range,
                )
            }
            ("year" | "month", [date]) => {
                let date = self.date(date)?;
                let function = if name == "year" { Function::Year } else { Function::Month };
                self.result(function, vec![date], Type::Integer, None, range)
            }
            _ => {
                let usage = FUNCTIONS
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map_or(name, |(_, usage)| usage);
                self.fault(
                    "RULE-FUNCTION",
                    &range,
                    format!("`{name}` is given {} arguments", arguments.len()),
                    usage,
                );
                None
            }
        }
    }

    fn result(
        &mut self,
        function: Function,
        arguments: Vec<Typed>,
        kind: Type,
        dimension: Option<Dimension>,
        range: Range<usize>,
    ) -> Option<Typed> {
        let nullable = arguments.iter().any(|argument| argument.nullable);
        Some(Typed { dimension, ..typed(Node::Call(function, arguments), kind, nullable, range) })
    }

    fn division_in(
        &mut self,
        division: &Expr,
        within: &Expr,
        range: Range<usize>,
    ) -> Option<Typed> {
        let (division, within) = (self.text(division), self.text(within));
        let (division, within) = (division?, within?);
        let Node::Literal(ScalarValue::Utf8(Some(code))) = &within.node else {
            self.fault(
                "RULE-DIVISION",
                &within.range,
                "the surrounding division has to be a literal",
                "'440100'",
            );
            return None;
        };
        if DivisionCode::parse(code).is_err() {
            let message = format!("'{code}' is not a division code");
            self.fault(
                "RULE-DIVISION",
                &within.range,
                message,
                "a code of GB/T 2260, for instance '440100'",
            );
            return None;
        }
        self.result(Function::DivisionIn, vec![division, within], Type::Boolean, None, range)
    }

    fn parameter(
        &mut self,
        expression: &Expr,
        shape: ParameterKind,
    ) -> Option<(String, Type, Option<Dimension>)> {
        let range = self.place(expression);
        let wanted = match shape {
            ParameterKind::Scalar => "a parameter of kind `scalar`",
            ParameterKind::Bracket => "a parameter of kind `bracket`",
            ParameterKind::Table => "a parameter of kind `table`",
            ParameterKind::Dates => "a parameter of kind `dates`",
        };
        let Expr::Identifier(name) = expression else {
            self.fault("RULE-PARAMETER", &range, "the name of a parameter belongs here", wanted);
            return None;
        };
        match self.scope.find_parameter(&name.value) {
            Some(parameter) if parameter.shape == shape => {
                Some((name.value.clone(), parameter.kind, parameter.dimension.clone()))
            }
            Some(_) => {
                let message = format!("the parameter `{}` has another kind", name.value);
                self.fault("RULE-PARAMETER", &range, message, wanted);
                None
            }
            None => {
                let known: Vec<String> =
                    self.scope.parameter_names(shape).map(str::to_owned).collect();
                let help = match nearest(&name.value, known.iter().map(String::as_str)) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None if known.is_empty() => {
                        "the policy has no parameter of this kind".to_owned()
                    }
                    None => format!("parameters of this kind: {}", known.join(", ")),
                };
                let message = format!("unknown parameter `{}`", name.value);
                self.fault_with_help("RULE-PARAMETER", &range, message, wanted, help);
                None
            }
        }
    }

    /// Yuan to fen.
    fn rounded(&mut self, function: Function, yuan: &Expr, range: Range<usize>) -> Option<Typed> {
        let yuan = self.number(yuan)?;
        if let Some(Dimension::Other(unit)) = &yuan.dimension {
            let message = format!("`{}` is in {unit}", self.source(&yuan.range));
            self.fault("RULE-UNIT", &yuan.range, message, "an amount of money in yuan");
            return None;
        }
        let yuan = match yuan.kind {
            Type::Integer if yuan.number().is_none() => {
                self.convert(yuan, Type::Decimal { digits: INTEGER_DIGITS, scale: 0 })
            }
            _ => self.to_decimal(yuan),
        };
        if let (Function::Fen, Type::Decimal { scale: 3.., .. }) = (function, yuan.kind) {
            self.fault_with_help(
                "RULE-ROUNDING",
                &yuan.range,
                format!("`{}` is a {}; `fen` never rounds", self.source(&yuan.range), yuan.kind),
                "at most 2 decimals",
                "say how it is rounded: ceil_fen or ceil_yuan",
            );
            return None;
        }
        // Amounts beyond what 64 bits hold are unknown.
        let arguments = vec![yuan];
        Some(typed(Node::Call(function, arguments), Type::Fen, true, range))
    }

    /// Functions whose arguments and result have one type.
    fn alike(
        &mut self,
        function: Function,
        arguments: &[&Expr],
        range: Range<usize>,
    ) -> Option<Typed> {
        let arguments: Vec<Option<Typed>> =
            arguments.iter().map(|argument| self.expression(argument)).collect();
        let arguments: Vec<Typed> = arguments.into_iter().collect::<Option<_>>()?;
        let arguments = self.unify(arguments, "alternatives")?;
        let nullable = match function {
            Function::Coalesce => arguments.iter().all(|argument| argument.nullable),
            Function::Nullif => true,
            _ => arguments.iter().any(|argument| argument.nullable),
        };
        let first = arguments.first()?;
        if matches!(function, Function::Least | Function::Greatest)
            && matches!(first.kind, Type::Boolean | Type::Null)
        {
            self.fault(
                "RULE-TYPE",
                &range,
                "true and false have no order",
                "numbers, dates or texts",
            );
            return None;
        }
        let (kind, dimension, codes) =
            (first.kind, common_dimension(&arguments), common_codes(&arguments));
        Some(Typed {
            dimension,
            codes,
            ..typed(Node::Call(function, arguments), kind, nullable, range)
        })
    }

    /// Functions that take a part of a text.
    fn cut(
        &mut self,
        function: Function,
        arguments: &[&Expr],
        range: Range<usize>,
    ) -> Option<Typed> {
        let mut parts = Vec::with_capacity(arguments.len());
        for (at, argument) in arguments.iter().enumerate() {
            if at == 0 {
                parts.push(self.text(argument)?);
                continue;
            }
            let count = self.number(argument)?;
            if count.kind != Type::Integer {
                self.fault(
                    "RULE-TYPE",
                    &count.range,
                    "characters are counted in whole numbers",
                    "an integer",
                );
                return None;
            }
            parts.push(count);
        }
        self.result(function, parts, Type::Text, None, range)
    }
}

fn years() -> Option<Dimension> {
    Dimension::parse("years")
}

/// The one of `known` that is a slip of the pen away.
fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (edits(found, word), word))
        .filter(|(distance, word)| *distance <= word.chars().count().div_ceil(3))
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's distance.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            *cell = (diagonal + usize::from(a != *b)).min(above + 1).min(before + 1);
            diagonal = above;
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_single_edits() {
        assert_eq!(edits("celi_yuan", "ceil_yuan"), 2);
        assert_eq!(edits("", "fen"), 3);
        assert_eq!(edits("fen", "fen"), 0);
    }
}
