//! The registry's tables.
//!
//! ```text
//! persons     a row a person: for each attribute <a>, <a>__record (the record it came from); sealed
//!             ones also <a>__token and <a>__source ("dataset.field"); vital_status, records
//! links       a row a record: record_id, row_id, dataset, role, person_id, weight, rule, certain
//! households  household_id, kind, division, head_person
//! members     household_id, kind, person_id, relation, record_id
//! id_events   old_id, new_id, kind, run_id: an old person id always leads to the present one
//! link_review record_id, person_id, weight: pairs that a person should look at
//! ```

use std::sync::Arc;

use engine::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch,
    StringBuilder,
};
use engine::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine::{EngineError, Tables, Versions, WriteMode};
use jiff::civil::Date;

use crate::golden::{ATTRIBUTES, Golden, Keep, source_field};
use crate::households::Member;
use crate::identity::Identities;
use crate::link::Linked;
use crate::records::{Records, Source, row_hex};
use crate::{RegistryError, names};

/// Rows per written batch.
const BATCH: usize = 65_536;

/// Name of the table of persons.
pub const PERSONS: &str = "persons";
/// Name of the table of links.
pub const LINKS: &str = "links";
/// Name of the table of households.
pub const HOUSEHOLDS: &str = "households";
/// Name of the table of household members.
pub const MEMBERS: &str = "members";
/// Name of the table of person id changes.
pub const ID_EVENTS: &str = "id_events";
/// Name of the table of uncertain pairs.
pub const REVIEW: &str = "link_review";

/// Everything that the writers need.
pub(crate) struct Content<'a> {
    pub(crate) records: &'a Records,
    pub(crate) sources: &'a [Source<'a>],
    pub(crate) linked: &'a Linked,
    pub(crate) golden: &'a Golden,
    pub(crate) identities: &'a Identities,
    pub(crate) members: &'a [Member],
    pub(crate) run_id: &'a str,
}

impl Content<'_> {
    /// Clusters in the order of their person ids, so that look-ups by id skip most row groups.
    pub(crate) fn by_person_id(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.linked.clusters as u32).collect();
        order.sort_unstable_by(|left, right| {
            self.identities.person[*left as usize].cmp(&self.identities.person[*right as usize])
        });
        order
    }
}

pub(crate) fn persons_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("person_id", DataType::Utf8, false),
        Field::new("name_pinyin", DataType::Utf8, true),
        Field::new("vital_status", DataType::Utf8, false),
        Field::new("records", DataType::Int64, false),
    ];
    for (attribute, keep) in ATTRIBUTES {
        let kind = if keep == Keep::Date { DataType::Date32 } else { DataType::Utf8 };
        fields.push(Field::new(attribute, kind, true));
        fields.push(Field::new(format!("{attribute}__record"), DataType::Utf8, true));
        if keep == Keep::Sealed {
            fields.push(Field::new(format!("{attribute}__token"), DataType::Utf8, true));
            fields.push(Field::new(format!("{attribute}__source"), DataType::Utf8, true));
        }
    }
    Arc::new(Schema::new(fields))
}

/// Writes the persons and returns the table's version.
pub(crate) async fn write_persons(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<i64, RegistryError> {
    let schema = persons_schema();
    let mut writer = tables
        .writer(PERSONS, schema.clone(), base.get(PERSONS).copied(), WriteMode::Overwrite)
        .await?;
    for clusters in content.by_person_id().chunks(BATCH) {
        let (mut id, mut sound, mut vital, mut count) =
            (StringBuilder::new(), StringBuilder::new(), StringBuilder::new(), Int64Builder::new());
        for cluster in clusters {
            let at = *cluster as usize;
            id.append_value(&content.identities.person[at]);
            match &content.golden.chosen[0][at] {
                Some(name) => sound.append_value(names::pinyin(&name.value)),
                None => sound.append_null(),
            }
            vital.append_value(content.golden.vital[at].as_str());
            count.append_value(i64::from(content.golden.records[at]));
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(id.finish()),
            Arc::new(sound.finish()),
            Arc::new(vital.finish()),
            Arc::new(count.finish()),
        ];
        for (number, (attribute, keep)) in ATTRIBUTES.iter().enumerate() {
            columns.extend(attribute_columns(content, clusters, number, attribute, *keep));
        }
        writer.write(&batch(&schema, columns)?)?;
    }
    Ok(writer.commit().await?)
}

fn attribute_columns(
    content: &Content<'_>,
    clusters: &[u32],
    number: usize,
    attribute: &str,
    keep: Keep,
) -> Vec<ArrayRef> {
    let (mut text, mut date) = (StringBuilder::new(), Date32Builder::new());
    let (mut record, mut token, mut source) =
        (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    for cluster in clusters {
        let Some(chosen) = &content.golden.chosen[number][*cluster as usize] else {
            text.append_null();
            date.append_null();
            record.append_null();
            token.append_null();
            source.append_null();
            continue;
        };
        if keep == Keep::Date {
            date.append_option(days(&chosen.value));
        } else {
            text.append_value(&chosen.value);
        }
        record.append_value(content.records.record_id(chosen.record, content.sources));
        if keep == Keep::Sealed {
            token.append_value(&chosen.token);
            source.append_value(source_field(
                content.records,
                content.sources,
                chosen.record,
                attribute,
            ));
        }
    }
    let value: ArrayRef =
        if keep == Keep::Date { Arc::new(date.finish()) } else { Arc::new(text.finish()) };
    let mut columns = vec![value, Arc::new(record.finish()) as ArrayRef];
    if keep == Keep::Sealed {
        columns.push(Arc::new(token.finish()));
        columns.push(Arc::new(source.finish()));
    }
    columns
}

/// Writes the links, sorted by source, and returns the table's version.
pub(crate) async fn write_links(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<i64, RegistryError> {
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("record_id", DataType::Utf8, false),
        Field::new("row_id", DataType::Utf8, false),
        Field::new("dataset", DataType::Utf8, false),
        Field::new("role", DataType::Utf8, false),
        Field::new("person_id", DataType::Utf8, false),
        Field::new("weight", DataType::Float64, false),
        Field::new("rule", DataType::Utf8, false),
        Field::new("certain", DataType::Boolean, false),
        Field::new("run_id", DataType::Utf8, false),
    ]));
    let mut writer = tables
        .writer(LINKS, schema.clone(), base.get(LINKS).copied(), WriteMode::Overwrite)
        .await?;
    // Records are read source by source, so they already lie sorted by dataset and role.
    let all: Vec<u32> = (0..content.records.len() as u32).collect();
    for chunk in all.chunks(BATCH) {
        let (mut record_id, mut row_id, mut dataset, mut role, mut person, mut rule, mut run) = (
            StringBuilder::new(),
            StringBuilder::new(),
            StringBuilder::new(),
            StringBuilder::new(),
            StringBuilder::new(),
            StringBuilder::new(),
            StringBuilder::new(),
        );
        let (mut weight, mut certain) = (Float64Builder::new(), BooleanBuilder::new());
        for record in chunk {
            let at = *record as usize;
            let source = &content.sources[content.records.source[at] as usize];
            let row = row_hex(&content.records.row[at]);
            record_id.append_value(format!("{row}:{}", source.role.role));
            row_id.append_value(row);
            dataset.append_value(&source.contract.id);
            role.append_value(&source.role.role);
            person.append_value(&content.identities.person[content.linked.cluster[at] as usize]);
            weight.append_value((f64::from(content.linked.weight[at]) * 100.0).round() / 100.0);
            rule.append_value(content.linked.rule[at].as_str());
            certain.append_value(content.linked.certain[at]);
            run.append_value(content.run_id);
        }
        writer.write(&batch(
            &schema,
            vec![
                Arc::new(record_id.finish()),
                Arc::new(row_id.finish()),
                Arc::new(dataset.finish()),
                Arc::new(role.finish()),
                Arc::new(person.finish()),
                Arc::new(weight.finish()),
                Arc::new(rule.finish()),
                Arc::new(certain.finish()),
                Arc::new(run.finish()),
            ],
        )?)?;
    }
    Ok(writer.commit().await?)
}

/// Writes members and households and returns the versions of (members, households, their number).
pub(crate) async fn write_households(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<(i64, i64, u64), RegistryError> {
    let members_schema =
        text_schema(&["household_id", "kind", "person_id", "relation", "record_id"]);
    let mut writer = tables
        .writer(MEMBERS, members_schema.clone(), base.get(MEMBERS).copied(), WriteMode::Overwrite)
        .await?;
    let person = |member: &Member| content.identities.person[member.cluster as usize].clone();
    for chunk in content.members.chunks(BATCH) {
        writer.write(&text_batch(
            &members_schema,
            chunk.iter().map(|member| {
                [
                    Some(member.household_id.clone()),
                    Some(member.kind.to_owned()),
                    Some(person(member)),
                    Some(member.relation.clone()),
                    Some(content.records.record_id(member.record, content.sources)),
                ]
            }),
        )?)?;
    }
    let members_version = writer.commit().await?;

    let households_schema = text_schema(&["household_id", "kind", "division", "head_person"]);
    let mut writer = tables
        .writer(
            HOUSEHOLDS,
            households_schema.clone(),
            base.get(HOUSEHOLDS).copied(),
            WriteMode::Overwrite,
        )
        .await?;
    let mut number = 0;
    let divisions = attribute_index("division");
    let rows: Vec<[Option<String>; 4]> = content
        .members
        .chunk_by(|left, right| left.household_id == right.household_id)
        .map(|household| {
            number += 1;
            let head = household.iter().find(|member| member.is_head()).unwrap_or(&household[0]);
            let division = content.golden.chosen[divisions][head.cluster as usize]
                .as_ref()
                .map(|chosen| chosen.value.to_string());
            [
                Some(head.household_id.clone()),
                Some(head.kind.to_owned()),
                division,
                Some(person(head)),
            ]
        })
        .collect();
    for chunk in rows.chunks(BATCH) {
        writer.write(&text_batch(&households_schema, chunk.iter().cloned())?)?;
    }
    Ok((members_version, writer.commit().await?, number))
}

/// Appends this run's changes of person ids.
pub(crate) async fn write_events(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<i64, RegistryError> {
    let schema = text_schema(&["old_id", "new_id", "kind", "run_id"]);
    let rows = content.identities.events.iter().map(|event| {
        [
            Some(event.old.clone()),
            Some(event.new.clone()),
            Some(event.kind.to_owned()),
            Some(content.run_id.to_owned()),
        ]
    });
    let batch = text_batch(&schema, rows)?;
    Ok(tables
        .write(ID_EVENTS, schema, base.get(ID_EVENTS).copied(), WriteMode::Append, &[batch])
        .await?)
}

/// Writes the uncertain pairs.
pub(crate) async fn write_review(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<i64, RegistryError> {
    let schema = text_schema(&["record_id", "person_id", "weight"]);
    let rows = content.linked.review.iter().map(|(record, cluster, weight)| {
        [
            Some(content.records.record_id(*record, content.sources)),
            Some(content.identities.person[*cluster as usize].clone()),
            Some(format!("{weight:.2}")),
        ]
    });
    let batch = text_batch(&schema, rows)?;
    Ok(tables
        .write(REVIEW, schema, base.get(REVIEW).copied(), WriteMode::Overwrite, &[batch])
        .await?)
}

/// Index of an attribute in [`ATTRIBUTES`]. Only names from that list are asked for.
pub(crate) fn attribute_index(attribute: &str) -> usize {
    ATTRIBUTES.iter().position(|(name, _)| *name == attribute).unwrap_or(0)
}

/// Days since 1970-01-01 of an ISO date.
pub(crate) fn days(text: &str) -> Option<i32> {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    let date: Date = text.parse().ok()?;
    Some(EPOCH.until(date).ok()?.get_days())
}

fn text_schema(columns: &[&str]) -> SchemaRef {
    Arc::new(Schema::new(
        columns.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect::<Vec<_>>(),
    ))
}

fn text_batch<const N: usize>(
    schema: &SchemaRef,
    rows: impl Iterator<Item = [Option<String>; N]>,
) -> Result<RecordBatch, RegistryError> {
    let mut builders: [StringBuilder; N] = std::array::from_fn(|_| StringBuilder::new());
    for row in rows {
        for (builder, value) in builders.iter_mut().zip(row) {
            builder.append_option(value);
        }
    }
    batch(
        schema,
        builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect(),
    )
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, RegistryError> {
    RecordBatch::try_new(schema.clone(), columns)
        .map_err(|error| EngineError::arrow("build a registry table")(error).into())
}
