//! The typed tree of a checked expression.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use engine::datafusion::logical_expr::Operator;
use engine::datafusion::scalar::ScalarValue;

use super::Type;
use super::dimension::Dimension;

/// A checked expression with its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Typed {
    /// What it is.
    pub(crate) node: Node,
    /// Its type.
    pub(crate) kind: Type,
    /// Whether it can be unknown.
    pub(crate) nullable: bool,
    /// What it measures, if known.
    pub(crate) dimension: Option<Dimension>,
    /// The code list that its values are of, if known.
    pub(crate) codes: Option<Arc<str>>,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
}

/// A test on the truth of an expression, never unknown itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    Null,
    True,
    False,
}

/// Arithmetic on decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Functions over values; those over parameters have nodes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    AgeOn,
    DivisionIn,
    Fen,
    CeilYuan,
    CeilFen,
    Coalesce,
    Nullif,
    Least,
    Greatest,
    Abs,
    Left,
    Right,
    Substr,
    Length,
    StartsWith,
    Year,
    Month,
}

/// What an expression is. Operands have been brought to the types that the operation needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Column(String),
    Literal(ScalarValue),
    Parameter(String),
    Bracket {
        key: Box<Typed>,
        parameter: String,
    },
    Lookup {
        key: Box<Typed>,
        parameter: String,
    },
    HasDate {
        parameter: String,
        from: Box<Typed>,
        to: Box<Typed>,
    },
    Not(Box<Typed>),
    And(Box<Typed>, Box<Typed>),
    Or(Box<Typed>, Box<Typed>),
    Compare(Operator, Box<Typed>, Box<Typed>),
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    ShiftDate {
        date: Box<Typed>,
        months: i32,
        days: i32,
    },
    Is {
        what: Test,
        negated: bool,
        inner: Box<Typed>,
    },
    InList {
        value: Box<Typed>,
        list: Vec<Typed>,
        negated: bool,
    },
    Like {
        value: Box<Typed>,
        pattern: String,
        negated: bool,
    },
    Case {
        whens: Vec<(Typed, Typed)>,
        otherwise: Option<Box<Typed>>,
    },
    Call(Function, Vec<Typed>),
    /// To the type of the tree; unknown where the value does not fit.
    Cast(Box<Typed>),
}

impl Typed {
    /// Calls `visit` with this tree and every tree below it.
    fn walk<'t>(&'t self, visit: &mut impl FnMut(&'t Self)) {
        visit(self);
        match &self.node {
            Node::Column(_) | Node::Literal(_) | Node::Parameter(_) => {}
            Node::Bracket { key: inner, .. }
            | Node::Lookup { key: inner, .. }
            | Node::Not(inner)
            | Node::ShiftDate { date: inner, .. }
            | Node::Is { inner, .. }
            | Node::Like { value: inner, .. }
            | Node::Cast(inner) => inner.walk(visit),
            Node::HasDate { from: left, to: right, .. }
            | Node::And(left, right)
            | Node::Or(left, right)
            | Node::Compare(_, left, right)
            | Node::Arithmetic(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Node::InList { value, list, .. } => {
                value.walk(visit);
                for item in list {
                    item.walk(visit);
                }
            }
            Node::Case { whens, otherwise } => {
                for (condition, result) in whens {
                    condition.walk(visit);
                    result.walk(visit);
                }
                if let Some(otherwise) = otherwise {
                    otherwise.walk(visit);
                }
            }
            Node::Call(_, arguments) => arguments.iter().for_each(|argument| argument.walk(visit)),
        }
    }

    /// The columns that it reads, built-in names included.
    pub(crate) fn columns(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.walk(&mut |tree| {
            if let Node::Column(name) = &tree.node {
                names.insert(name.as_str());
            }
        });
        names
    }

    /// The parameters that it uses.
    pub(crate) fn parameters(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.walk(&mut |tree| match &tree.node {
            Node::Parameter(parameter)
            | Node::Bracket { parameter, .. }
            | Node::Lookup { parameter, .. }
            | Node::HasDate { parameter, .. } => {
                names.insert(parameter.as_str());
            }
            _ => {}
        });
        names
    }

    /// The number that a literal stands for, as integer with its scale.
    pub(crate) fn number(&self) -> Option<(i128, u8)> {
        match &self.node {
            Node::Literal(ScalarValue::Int64(Some(value))) => Some((i128::from(*value), 0)),
            Node::Literal(ScalarValue::Decimal128(Some(value), _, scale)) => {
                Some((*value, u8::try_from(*scale).ok()?))
            }
            _ => None,
        }
    }
}
