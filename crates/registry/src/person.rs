//! One person's file: the golden record, and for every attribute all values that compete.

use engine::arrow::array::{Array as _, AsArray as _};
use engine::arrow::datatypes::{Date32Type, Int64Type};
use engine::{Snapshot, clean};
use jiff::civil::Date;
use pack::Pack;
use serde::Serialize;
use trust::ColumnKeys;

use crate::golden::{ATTRIBUTES, Keep};
use crate::records::{date_in, number_column, plain, sealed_field, sources, string_column};
use crate::search::{Hit, PersonIndex};
use crate::{RecordLink, RegistryError};

/// A person with everything that is known of them.
#[derive(Debug, Clone, Serialize)]
pub struct PersonFile {
    /// The present id; another one than asked for when persons have merged.
    pub person_id: String,
    /// What the result list shows.
    pub summary: Hit,
    /// One entry an attribute that has a value.
    pub attributes: Vec<AttributeFile>,
    /// The records of the person.
    pub records: Vec<PersonRecord>,
}

/// One record in a person's file.
#[derive(Debug, Clone, Serialize)]
pub struct PersonRecord {
    /// How it was linked.
    #[serde(flatten)]
    pub link: RecordLink,
    /// The role in which the row speaks of the person.
    pub role: String,
    /// The day whose state the row shows.
    pub as_of: Date,
    /// The delivery that brought it.
    pub delivery_id: String,
    /// Line in the delivered file.
    pub line: i64,
}

/// One attribute with all its values.
#[derive(Debug, Clone, Serialize)]
pub struct AttributeFile {
    /// The attribute.
    pub attribute: String,
    /// The chosen value; masked if sensitive, unless it was asked for in full.
    pub value: String,
    /// Sensitivity level, 1 to 4.
    pub level: u8,
    /// Values of all records, the chosen one first.
    pub competing: Vec<Competing>,
}

/// A value that a record states.
#[derive(Debug, Clone, Serialize)]
pub struct Competing {
    /// The value; masked if sensitive, unless it was asked for in full.
    pub value: String,
    /// The record.
    pub record_id: String,
    /// The dataset.
    pub dataset: String,
    /// The day whose state it shows.
    pub as_of: Date,
    /// Authority of the source for this attribute, 0 to 100; 0 never wins.
    pub authority: u8,
    /// Whether the identity of the record is certain.
    pub certain: bool,
    /// Whether this value is the golden one.
    pub chosen: bool,
}

/// Which sensitive values leave in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitive<'a> {
    /// None.
    Masked,
    /// Those of one attribute.
    Open(&'a str),
}

/// Who an id stands for, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The present id; another one than asked for when persons have merged.
    pub person_id: String,
    /// Significant digits of their division's code, where one is known.
    pub division: Option<String>,
}

/// Finds a person by an id of now or before; `None` when there is no such person.
///
/// # Errors
///
/// When a table or the index can't be read.
pub async fn locate(
    snapshot: &Snapshot,
    index: &PersonIndex,
    person_id: &str,
) -> Result<Option<Located>, RegistryError> {
    Ok(find(snapshot, index, person_id)
        .await?
        .map(|(person_id, summary, _)| Located { person_id, division: summary.division }))
}

async fn find(
    snapshot: &Snapshot,
    index: &PersonIndex,
    person_id: &str,
) -> Result<Option<(String, Hit, Vec<RecordLink>)>, RegistryError> {
    let mut present = person_id.to_owned();
    let mut found = index.person(&present)?;
    if found.is_none() {
        let Some(new) = present_id(snapshot, person_id).await? else { return Ok(None) };
        present = new;
        found = index.person(&present)?;
    }
    Ok(found.map(|(summary, links)| (present, summary, links)))
}

/// Reads a person's file from a published snapshot; `None` when there is no such person.
///
/// An id of before leads to the present person.
///
/// # Errors
///
/// When a table or the index can't be read.
pub async fn person_file(
    snapshot: &Snapshot,
    index: &PersonIndex,
    pack: &Pack,
    keys: &ColumnKeys,
    person_id: &str,
    known_at: Date,
    sensitive: Sensitive<'_>,
) -> Result<Option<PersonFile>, RegistryError> {
    let found = find(snapshot, index, person_id).await?;
    let Some((present, summary, links)) = found else { return Ok(None) };
    let chosen = chosen_records(snapshot, &present).await?;

    let mut attributes: Vec<AttributeFile> = ATTRIBUTES
        .iter()
        .map(|(attribute, _)| AttributeFile {
            attribute: (*attribute).to_owned(),
            value: String::new(),
            level: 2,
            competing: Vec::new(),
        })
        .collect();
    let mut records = Vec::new();
    for source in sources(pack) {
        let dataset = source.contract.id.as_str();
        let mine: Vec<&RecordLink> = links
            .iter()
            .filter(|link| {
                link.dataset == dataset
                    && link
                        .record_id
                        .split_once(':')
                        .is_some_and(|(_, role)| role == source.role.role)
            })
            .collect();
        if mine.is_empty() || !snapshot.has(&clean::table_name(dataset)) {
            continue;
        }
        clean::register(snapshot, dataset).await?;
        let mut columns = String::from("row_id, as_of, delivery_id, line");
        for (attribute, _) in ATTRIBUTES {
            let value = match sealed_field(&source, attribute) {
                Some(field) => format!("\"{field}\""),
                None => plain(&source, attribute, "VARCHAR"),
            };
            columns.push_str(&format!(", {value} AS {attribute}"));
        }
        let rows: Vec<String> = mine
            .iter()
            .filter_map(|link| Some(format!("'{}'", link.record_id.split_once(':')?.0)))
            .collect();
        let sql = format!(
            "SELECT {columns} FROM {} WHERE row_id IN ({})",
            clean::current_sql(snapshot, dataset, known_at, None),
            rows.join(", ")
        );
        for batch in snapshot.sql(&sql).await? {
            let row = string_column(&batch, dataset, "row_id")?;
            let delivery = string_column(&batch, dataset, "delivery_id")?;
            let as_of = number_column::<Date32Type>(&batch, dataset, "as_of")?;
            let line = number_column::<Int64Type>(&batch, dataset, "line")?;
            for at in 0..batch.num_rows() {
                let Some(link) = mine.iter().find(|link| link.record_id.starts_with(row.value(at)))
                else {
                    continue;
                };
                let as_of = date_in(as_of.value(at), dataset, "as_of")?;
                records.push(PersonRecord {
                    link: (*link).clone(),
                    role: source.role.role.clone(),
                    as_of,
                    delivery_id: delivery.value(at).to_owned(),
                    line: line.value(at),
                });
                for (number, (attribute, keep)) in ATTRIBUTES.iter().enumerate() {
                    let values = string_column(&batch, dataset, attribute)?;
                    if values.is_null(at) {
                        continue;
                    }
                    let value = match (keep, sealed_field(&source, attribute)) {
                        (Keep::Sealed, Some(field)) => {
                            let plain = keys
                                .open(dataset, field, row.value(at), values.value(at))
                                .map_err(|_| RegistryError::Sealed {
                                    dataset: dataset.to_owned(),
                                    column: field.to_owned(),
                                })?;
                            match sensitive {
                                Sensitive::Open(open) if open == *attribute => plain,
                                _ => mask(attribute, &plain),
                            }
                        }
                        _ => values.value(at).to_owned(),
                    };
                    let entry = &mut attributes[number];
                    let is_chosen = chosen[number].as_deref() == Some(link.record_id.as_str());
                    if *keep == Keep::Sealed {
                        entry.level = 4;
                    }
                    if is_chosen {
                        entry.value.clone_from(&value);
                    }
                    entry.competing.push(Competing {
                        value,
                        record_id: link.record_id.clone(),
                        dataset: dataset.to_owned(),
                        as_of,
                        authority: source.role.authority.get(*attribute).copied().unwrap_or(0),
                        certain: link.certain,
                        chosen: is_chosen,
                    });
                }
            }
        }
    }
    for entry in &mut attributes {
        entry.competing.sort_by(|left, right| {
            (right.chosen, right.authority, right.as_of)
                .cmp(&(left.chosen, left.authority, left.as_of))
                .then_with(|| left.record_id.cmp(&right.record_id))
        });
    }
    attributes.retain(|entry| !entry.competing.is_empty());
    Ok(Some(PersonFile { person_id: present, summary, attributes, records }))
}

/// The record behind each golden attribute of a person.
async fn chosen_records(
    snapshot: &Snapshot,
    person_id: &str,
) -> Result<Vec<Option<String>>, RegistryError> {
    let columns: Vec<String> =
        ATTRIBUTES.iter().map(|(attribute, _)| format!("{attribute}__record")).collect();
    let sql = format!(
        "SELECT {} FROM persons WHERE person_id = '{}'",
        columns.join(", "),
        person_id.replace('\'', "''")
    );
    let mut chosen = vec![None; ATTRIBUTES.len()];
    for batch in snapshot.query(&[crate::PERSONS], &sql).await? {
        for (number, column) in batch.columns().iter().enumerate() {
            if let Some(column) = column.as_string_opt::<i32>()
                && batch.num_rows() > 0
                && !column.is_null(0)
            {
                chosen[number] = Some(column.value(0).to_owned());
            }
        }
    }
    Ok(chosen)
}

/// Where an id of before leads now.
async fn present_id(snapshot: &Snapshot, old: &str) -> Result<Option<String>, RegistryError> {
    if !snapshot.has(crate::ID_EVENTS) {
        return Ok(None);
    }
    let mut id = old.to_owned();
    let mut moved = false;
    // A chain of merges has no circle, because a merged id is never given again; the bound only
    // guards against a damaged table.
    for _ in 0..1000 {
        let sql = format!(
            "SELECT new_id FROM id_events WHERE old_id = '{}' AND kind = 'merged' ORDER BY new_id LIMIT 1",
            id.replace('\'', "''")
        );
        let batches = snapshot.query(&[crate::ID_EVENTS], &sql).await?;
        let Some(next) = batches.iter().find(|batch| batch.num_rows() > 0) else { break };
        id = string_column(next, crate::ID_EVENTS, "new_id")?.value(0).to_owned();
        moved = true;
    }
    Ok(moved.then_some(id))
}

fn mask(attribute: &str, plain: &str) -> String {
    match attribute {
        "id_number" => vocab::mask::id_number(plain),
        "phone" => vocab::mask::phone(plain),
        "account" => vocab::mask::account(plain),
        _ => vocab::mask::address(plain),
    }
}
