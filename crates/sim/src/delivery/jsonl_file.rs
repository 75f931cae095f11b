//! JSON Lines files.

use std::io::Write;
use std::path::Path;

use super::sums::SummedFile;
use super::{Line, Shape};
use crate::dataset::{Column, Spec};
use crate::error::SimError;

pub(super) struct JsonlFile {
    file: SummedFile,
    /// Each key in quotes with its colon, and whether its values are numbers.
    keys: Vec<(String, bool)>,
    buffer: String,
    rows: u64,
}

impl JsonlFile {
    pub(super) fn create(path: &Path, spec: &Spec) -> Result<Self, SimError> {
        let keys = spec
            .columns
            .iter()
            .map(|(header, column)| {
                let number = matches!(
                    column,
                    Column::MoneyNumber | Column::KeyNumber | Column::OptionalNumber
                );
                (format!("{}:", quoted(header)), number)
            })
            .collect();
        Ok(Self { file: SummedFile::create(path)?, keys, buffer: String::new(), rows: 0 })
    }

    pub(super) fn write(&mut self, line: &Line) -> Result<(), SimError> {
        self.rows += 1;
        self.buffer.clear();
        for (index, ((key, number), cell)) in self.keys.iter().zip(line.cells()).enumerate() {
            self.buffer.push(if index == 0 { '{' } else { ',' });
            self.buffer.push_str(key);
            if cell.is_empty() {
                self.buffer.push_str("null");
            } else if *number && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                self.buffer.push_str(cell);
            } else {
                self.buffer.push_str(&quoted(cell));
            }
        }
        self.buffer.push('}');
        if line.shape == Shape::Cut {
            // Cut in the middle, at a character's boundary, so that the file stays text.
            let mut middle = self.buffer.len() / 2;
            while !self.buffer.is_char_boundary(middle) {
                middle -= 1;
            }
            self.buffer.truncate(middle);
        }
        self.buffer.push('\n');
        self.file
            .write_all(self.buffer.as_bytes())
            .map_err(SimError::file("write", self.file.path()))
    }

    pub(super) fn finish(mut self) -> Result<String, SimError> {
        if self.rows == 0 {
            // A file of no bytes would look like a failed transfer.
            self.file.write_all(b"\n").map_err(SimError::file("write", self.file.path()))?;
        }
        self.file.finish()
    }
}

fn quoted(text: &str) -> String {
    // Writing a text as JSON can't fail.
    serde_json::to_string(text).unwrap_or_default()
}
