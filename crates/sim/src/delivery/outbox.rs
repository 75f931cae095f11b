//! One dataset's delivery of a month: writes rows with their errors, and tells the truth about each.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Delivery, FileWriter, Line};
use crate::dataset::{Dataset, Spec};
use crate::day::Month;
use crate::draw::{Hashed, Random};
use crate::error::SimError;
use crate::errors::repeated::{self, Repeat};
use crate::errors::{Kind, Tally, broken};
use crate::rows::{self, Hand};
use crate::world::{Cause, World};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can be read. Says whether its first person's identity number is there and right.
    Readable {
        id_intact: bool,
    },
    Broken,
}

/// How many rows later a repeated row comes.
const REPEATED_AFTER: usize = 12;
/// Salts of the draws that aren't about a field.
const BROKEN: u64 = 0xb0;
const REPEATED: u64 = 0xb1;

/// The delivery being written.
pub(crate) struct Outbox {
    dataset: Dataset,
    spec: Spec,
    file_name: String,
    file: FileWriter,
    rows: u64,
    line: Line,
    echoes: VecDeque<Line>,
}

impl Outbox {
    /// Opens the file of a dataset in the month's folder.
    pub(crate) fn open(folder: &Path, dataset: Dataset) -> Result<Self, SimError> {
        let spec = dataset.spec();
        let file_name = format!("{}.{}", spec.id, spec.format.extension());
        let file = FileWriter::create(&folder.join(&file_name), &spec)?;
        Ok(Self {
            dataset,
            spec,
            file_name,
            file,
            rows: 0,
            line: Line::default(),
            echoes: VecDeque::new(),
        })
    }

    /// Writes a row, perhaps broken, perhaps repeated.
    ///
    /// * `cause`: `None` for a row of a full roll that stood in it before.
    /// * `version`: the month in which the row's content is from: a broken row is corrected in the next delivery.
    pub(crate) fn put(
        &mut self,
        world: &World,
        slot: u32,
        cause: Option<Cause>,
        version: i32,
        truth: &mut Records,
        tally: &mut Tally,
    ) -> Result<Verdict, SimError> {
        let row = rows::row_hash(world.seed, self.dataset, slot, 0);
        let month = u64::from_ne_bytes(i64::from(world.now.index).to_ne_bytes());
        let mut hand = Hand::new(world, self.dataset, &self.spec, row, &mut self.line, tally);
        rows::fill(self.dataset, slot, 0, &mut hand);
        let roles = hand.into_roles();
        let id_intact = roles.first().is_some_and(|role| role.id_intact);
        let correcting = cause == Some(Cause::Corrected);
        let breakable = self.spec.breaks && !correcting && version == world.now.index;
        let is_broken = breakable && Hashed::new(&[row, BROKEN, month]).chance(world.errors.broken);
        if self.spec.breaks {
            tally.count(Kind::Broken, is_broken);
        }
        let repeat = if is_broken {
            Repeat::Once
        } else {
            repeated::draw(world.errors.repeated, self.spec.repeats, Hashed::new(&[row, REPEATED]))
        };
        if self.spec.repeats != crate::dataset::Repeats::Never {
            tally.count(Kind::Repeated, repeat != Repeat::Once);
        }
        let news = matches!(cause, Some(Cause::New | Cause::Corrected));
        if news {
            let key = rows::key(world, self.dataset, slot, 0);
            truth.add(self.spec.id, &key, &roles, is_broken)?;
        }
        if is_broken {
            broken::spoil(&mut self.line, &self.spec, Hashed::new(&[row, BROKEN, month, 1]));
        }
        self.write_line()?;
        match repeat {
            Repeat::Once => {}
            Repeat::SameRow => self.echoes.push_back(self.line.clone()),
            Repeat::AnotherKey => {
                let row = rows::row_hash(world.seed, self.dataset, slot, 1);
                let mut hand =
                    Hand::new(world, self.dataset, &self.spec, row, &mut self.line, tally);
                rows::fill(self.dataset, slot, 1, &mut hand);
                let roles = hand.into_roles();
                if news {
                    let key = rows::key(world, self.dataset, slot, 1);
                    truth.add(self.spec.id, &key, &roles, false)?;
                }
                self.echoes.push_back(self.line.clone());
            }
        }
        if self.echoes.len() > REPEATED_AFTER {
            self.write_echo()?;
        }
        Ok(if is_broken { Verdict::Broken } else { Verdict::Readable { id_intact } })
    }

    /// Writes a row that speaks of nobody.
    pub(crate) fn put_plain(&mut self, cells: &[&str]) -> Result<(), SimError> {
        self.line.clear();
        for cell in cells {
            self.line.push(cell);
        }
        self.write_line()
    }

    fn write_line(&mut self) -> Result<(), SimError> {
        self.rows += 1;
        self.file.write(&self.line)
    }

    fn write_echo(&mut self) -> Result<(), SimError> {
        if let Some(line) = self.echoes.pop_front() {
            self.rows += 1;
            self.file.write(&line)?;
        }
        Ok(())
    }

    /// Completes the file.
    ///
    /// * `kind`: `full` or `delta`.
    pub(crate) fn finish(mut self, month: Month, kind: &'static str) -> Result<Delivery, SimError> {
        while !self.echoes.is_empty() {
            self.write_echo()?;
        }
        let day = |day: crate::day::Day| {
            let (year, month, day) = day.civil();
            format!("{year:04}-{month:02}-{day:02}")
        };
        Ok(Delivery {
            dataset: self.spec.id,
            file: self.file_name,
            as_of: day(month.last),
            received: day(month.last.plus(self.spec.received)),
            sequence: 1,
            kind,
            rows: self.rows,
            sha256: self.file.finish()?,
        })
    }
}

/// The truth about rows: of whom each speaks.
///
/// `truth/records/YYYY-MM.csv`: `record_id`, `person` (true id), `broken` (1: the row couldn't be read in this delivery). A
/// record stands in the month in which it was first delivered, and once more in the month in which a broken one was
/// corrected.
pub(crate) struct Records {
    path: std::path::PathBuf,
    file: BufWriter<File>,
}

impl Records {
    pub(crate) fn create(path: &Path) -> Result<Self, SimError> {
        let file = File::create(path).map_err(SimError::file("create", path))?;
        let mut records =
            Self { path: path.to_path_buf(), file: BufWriter::with_capacity(1 << 16, file) };
        records.line(format_args!("record_id,person,broken"))?;
        Ok(records)
    }

    fn add(
        &mut self,
        dataset: &str,
        key: &[String],
        roles: &[rows::Role],
        is_broken: bool,
    ) -> Result<(), SimError> {
        let parts: Vec<&str> = key.iter().map(String::as_str).collect();
        let row = vocab::RowId::from_key(dataset, &parts);
        for role in roles {
            let (id, person) = (row.as_str(), u64::from(role.person) + 1);
            self.line(format_args!("{id}:{},{person},{}", role.name, u8::from(is_broken)))?;
        }
        Ok(())
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) -> Result<(), SimError> {
        writeln!(self.file, "{text}").map_err(SimError::file("write", &self.path))
    }

    pub(crate) fn finish(mut self) -> Result<(), SimError> {
        self.file.flush().map_err(SimError::file("write", &self.path))
    }
}
