//! `divisions.csv` and `divisions.geojson`.

use std::collections::BTreeSet;

use vocab::DivisionCode;

use super::Files;
use crate::fault::Fault;
use crate::model::{AreaKind, Division};
use crate::read::Sink;
use crate::span::Span;

const CSV: &str = "divisions.csv";
const MAP: &str = "divisions.geojson";

/// Words of the column `level`.
const LEVELS: [(&str, AreaKind); 5] = [
    ("city", AreaKind::City),
    ("district", AreaKind::District),
    ("street", AreaKind::Street),
    ("town", AreaKind::Town),
    ("community", AreaKind::Community),
];

const HEADER: [&str; 5] = ["code", "name", "level", "parent", "population_share"];

/// The divisions of the city; `city` is the division of `pack.yaml`, if it has a valid one.
pub(super) fn read(files: &Files, sink: &Sink, city: Option<&DivisionCode>) -> Vec<Division> {
    let Some(text) = files.required_text(CSV, sink) else { return Vec::new() };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut divisions: Vec<Division> = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(err) => {
                sink.push(Fault::new(
                    "PACK-DIVISION",
                    &Span::file_start(CSV),
                    format!("{CSV} can't be read: {err}"),
                ));
                return divisions;
            }
        };
        let row = Row::new(text, &record);
        if at == 0 {
            if record.iter().ne(HEADER) {
                sink.push(row.fault("the header is wrong").expected(HEADER.join(",")));
                return divisions;
            }
            continue;
        }
        match row.division() {
            Err(fault) => sink.push(*fault),
            Ok(division) => {
                if !seen.insert(division.code) {
                    sink.push(
                        row.fault(format!("the code {} stands twice", division.code.as_str())),
                    );
                }
                let outside = city.is_some_and(|city| !city.contains(&division.code));
                // What is above the city itself lies outside the pack.
                let orphan =
                    division.parent.as_ref().filter(|_| city != Some(&division.code)).is_some_and(
                        |parent| !seen.contains(parent) || !parent.contains(&division.code),
                    );
                if outside {
                    sink.push(
                        row.fault("the division is not in the city")
                            .expected("a code below that of pack.yaml"),
                    );
                } else if orphan {
                    sink.push(
                        row.fault("the parent is not above it")
                            .expected("the code of an earlier line that contains this one"),
                    );
                }
                divisions.push(division);
            }
        }
    }
    divisions
}

/// The map, checked to be a collection of features that each have the code of a division and a name.
pub(super) fn read_map(files: &Files, sink: &Sink, divisions: &[Division]) -> Option<String> {
    let text = files.text(MAP)?;
    let fault = |message: String| {
        Fault::new("PACK-MAP", &Span::file_start(MAP), message).expected(
            "a GeoJSON FeatureCollection; each feature has the properties `code` and `name`",
        )
    };
    let value: serde_json::Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(err) => {
            sink.push(fault(format!("{MAP} is not valid JSON: {err}")));
            return None;
        }
    };
    let Some(features) = value.get("features").and_then(serde_json::Value::as_array) else {
        sink.push(fault(format!("{MAP} is not a map of divisions")));
        return None;
    };
    for (at, feature) in features.iter().enumerate() {
        let property = |key: &str| {
            feature.get("properties").and_then(|p| p.get(key)).and_then(serde_json::Value::as_str)
        };
        let code = property("code").and_then(|code| DivisionCode::parse(code).ok());
        let (Some(code), Some(_)) = (code, property("name")) else {
            sink.push(fault(format!(
                "feature {} of {MAP} has no division code or no name",
                at + 1
            )));
            continue;
        };
        if !divisions.is_empty() && !divisions.iter().any(|division| division.code == code) {
            sink.push(fault(format!(
                "feature {} of {MAP} is of {}, which {CSV} does not have",
                at + 1,
                code.as_str()
            )));
        }
    }
    Some(text.to_string())
}

/// One line of the file.
struct Row<'a> {
    record: &'a csv::StringRecord,
    span: Span,
}

impl<'a> Row<'a> {
    fn new(text: &str, record: &'a csv::StringRecord) -> Self {
        let (offset, line) = record.position().map_or((0, 1), |position| {
            (
                usize::try_from(position.byte()).unwrap_or(0),
                u32::try_from(position.line()).unwrap_or(1),
            )
        });
        let len = text.get(offset..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
        let span = Span { line, offset, len, ..Span::file_start(CSV) };
        Self { record, span }
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new("PACK-DIVISION", &self.span, message)
    }

    fn division(&self) -> Result<Division, Box<Fault>> {
        let cell = |at: usize| self.record.get(at).unwrap_or_default().trim();
        if self.record.len() != HEADER.len() {
            return Err(Box::new(
                self.fault(format!("the line has {} columns", self.record.len()))
                    .expected(format!("{} columns: {}", HEADER.len(), HEADER.join(","))),
            ));
        }
        let code = |at: usize| {
            DivisionCode::parse(cell(at)).map_err(|err| {
                Box::new(
                    self.fault(format!("the code is wrong: {err}"))
                        .expected("a code of GB/T 2260 or GB/T 10114"),
                )
            })
        };
        let level = LEVELS.iter().find(|(word, _)| *word == cell(2)).map(|(_, level)| *level);
        let share = match cell(4) {
            "" => Some(None),
            text => text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share)).map(Some),
        };
        Ok(Division {
            code: code(0)?,
            name: match cell(1) {
                "" => return Err(Box::new(self.fault("the division has no name"))),
                name => name.to_owned(),
            },
            level: level.ok_or_else(|| {
                Box::new(
                    self.fault(format!("`{}` is no level", cell(2)))
                        .expected(format!("one of {}", LEVELS.map(|(word, _)| word).join(", "))),
                )
            })?,
            parent: if cell(3).is_empty() { None } else { Some(code(3)?) },
            population_share: share.ok_or_else(|| {
                Box::new(
                    self.fault("the share of the population is wrong")
                        .expected("a number from 0 to 1, or nothing"),
                )
            })?,
        })
    }
}
