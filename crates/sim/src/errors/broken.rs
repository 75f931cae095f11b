//! Rows that can't be read: a field missing, an impossible date, an unknown code, a wrong number of columns.
//!
//! The key stays readable, for a roll whose keys can't be read would be held up as a whole.

use crate::dataset::{Column, Format, Spec};
use crate::delivery::{Line, Shape};
use crate::draw::{Hashed, Random};

/// Breaks a line in a way that its format allows.
pub(crate) fn spoil(line: &mut Line, spec: &Spec, mut draw: Hashed) {
    if draw.chance(0.2) {
        let shape = match spec.format {
            Format::Csv => {
                Some(if draw.chance(0.5) { Shape::ExtraColumn } else { Shape::MissingColumn })
            }
            Format::Jsonl => Some(Shape::Cut),
            Format::Xlsx | Format::Sqlite(_) => None,
        };
        if let Some(shape) = shape {
            line.shape = shape;
            return;
        }
    }
    let breakable: Vec<usize> = (0..spec.columns.len())
        .filter(|place| {
            !matches!(
                spec.columns[*place].1,
                Column::Key | Column::KeyNumber | Column::Optional | Column::OptionalNumber
            )
        })
        .collect();
    let Some(place) = draw.pick(&breakable).copied() else { return };
    let choose = |choices: &[&'static str], draw: &mut Hashed| {
        draw.pick(choices).copied().unwrap_or_default()
    };
    let bad = match spec.columns[place].1 {
        Column::Date | Column::DateCell => {
            choose(&["2024-13-45", "20230230", "不详", ""], &mut draw)
        }
        Column::Month => choose(&["2024-13", "去年", ""], &mut draw),
        Column::Code => choose(&["X", "9Z", "?", ""], &mut draw),
        Column::Money | Column::MoneyNumber | Column::Number => {
            choose(&["abc", "1,2,3", "--", ""], &mut draw)
        }
        _ => "",
    };
    line.replace(place, bad);
}
