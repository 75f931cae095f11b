//! The files of the truth.
//!
//! * `persons.csv`: person, birth, sex, hukou, `hukou_from`, `hukou_to`, death, left — everybody, at the end of the last month.
//! * `entitlements/YYYY-MM.csv`, `ceiling/YYYY-MM.csv`: policy, subject, `amount_fen`.
//! * `causes/YYYY-MM.csv`: policy, subject, kind (`missed`, `wrong`, `amount`), cause.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::causes::cause;
use super::evaluate::Entitlements;
use crate::day::Day;
use crate::entitlement::HouseholdPolicy;
use crate::error::SimError;
use crate::options::Gap;
use crate::world::World;

/// Writes a month's entitlements by true and by known facts, and the causes of their differences.
///
/// Returns the differences by policy.
pub(crate) fn write_month(
    folder: &Path,
    world: &World,
    truth: &Entitlements,
    known: &Entitlements,
) -> Result<BTreeMap<&'static str, Gap>, SimError> {
    let month = world.now.to_string();
    write_entitlements(&folder.join("entitlements").join(format!("{month}.csv")), truth)?;
    write_entitlements(&folder.join("ceiling").join(format!("{month}.csv")), known)?;
    let mut gaps: BTreeMap<&'static str, Gap> = BTreeMap::new();
    let mut file = Csv::create(
        &folder.join("causes").join(format!("{month}.csv")),
        "policy,subject,kind,cause",
    )?;
    let keys: std::collections::BTreeSet<_> = truth.keys().chain(known.keys()).collect();
    for key in keys {
        let gap = gaps.entry(key.0).or_default();
        let kind = match (truth.get(key), known.get(key)) {
            (Some(true_fen), Some(known_fen)) if true_fen == known_fen => continue,
            (Some(_), Some(_)) => {
                gap.amount += 1;
                "amount"
            }
            (Some(_), None) => {
                gap.missed += 1;
                "missed"
            }
            (None, _) => {
                gap.wrong += 1;
                "wrong"
            }
        };
        let household = HouseholdPolicy::ALL.iter().any(|policy| policy.id() == key.0);
        let why = cause(world, key.1, household);
        file.line(format_args!("{},{},{kind},{why}", key.0, u64::from(key.1) + 1))?;
    }
    file.finish()?;
    Ok(gaps)
}

fn write_entitlements(path: &Path, entitlements: &Entitlements) -> Result<(), SimError> {
    let mut file = Csv::create(path, "policy,subject,amount_fen")?;
    for ((policy, subject), fen) in entitlements {
        file.line(format_args!("{policy},{},{fen}", u64::from(*subject) + 1))?;
    }
    file.finish()
}

/// Writes the list of everybody.
pub(crate) fn write_persons(path: &Path, world: &World) -> Result<(), SimError> {
    let mut file = Csv::create(path, "person,birth,sex,hukou,hukou_from,hukou_to,death,left")?;
    for (index, person) in (1_u64..).zip(&world.people) {
        let sex = if person.male { 1 } else { 2 };
        let hukou =
            u8::from(person.book != crate::world::NOTHING && person.hukou_from != Day::NEVER);
        let from = if hukou == 1 { iso(person.hukou_from) } else { String::new() };
        file.line(format_args!(
            "{index},{},{sex},{hukou},{from},{},{},{}",
            iso(person.birth),
            iso(person.hukou_to),
            iso(person.death),
            iso(person.left)
        ))?;
    }
    file.finish()
}

fn iso(day: Day) -> String {
    day.happened().map_or_else(String::new, |day| {
        let (year, month, day) = day.civil();
        format!("{year:04}-{month:02}-{day:02}")
    })
}

struct Csv {
    path: std::path::PathBuf,
    file: BufWriter<File>,
}

impl Csv {
    fn create(path: &Path, header: &str) -> Result<Self, SimError> {
        let file = File::create(path).map_err(SimError::file("create", path))?;
        let mut csv = Self { path: path.to_path_buf(), file: BufWriter::new(file) };
        csv.line(format_args!("{header}"))?;
        Ok(csv)
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) -> Result<(), SimError> {
        writeln!(self.file, "{text}").map_err(SimError::file("write", &self.path))
    }

    fn finish(mut self) -> Result<(), SimError> {
        self.file.flush().map_err(SimError::file("write", &self.path))
    }
}
