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
//! link_model  see [`crate::link::MODEL`]
//! ```
//!
//! `persons` and `links` grow by what a run changes: a row has the `version` that wrote it, and the
//! table of closed rows names those that no longer hold (`engine::closed_table`). The others are small
//! and written whole.

use std::sync::Arc;

use engine::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch,
    StringBuilder,
};
use engine::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine::{EngineError, Tables, Versions, WriteMode};
use hashbrown::HashMap;
use jiff::civil::Date;

use crate::affected::Affected;
use crate::golden::{ATTRIBUTES, Chosen, Golden, Keep, source_field};
use crate::households::Member;
use crate::identity::{self, Identities, PersonId};
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
    pub(crate) affected: &'a Affected,
    pub(crate) golden: &'a Golden,
    pub(crate) identities: &'a Identities,
    pub(crate) news: &'a News,
    pub(crate) members: &'a [Member],
    /// Division of the persons that are not affected, as far as households need it.
    pub(crate) divisions: &'a HashMap<PersonId, String>,
    pub(crate) run_id: &'a str,
}

/// Which rows of `persons` and `links` a run writes and closes.
pub(crate) struct News {
    /// Whether the tables are written anew, or get the news only.
    pub(crate) mode: WriteMode,
    /// The version of the rows that are written.
    pub(crate) version: u32,
    /// Records whose link is written.
    pub(crate) links: Vec<u32>,
    /// Records whose link of an earlier version is closed.
    pub(crate) closed_links: Vec<(u32, u32)>,
    /// Persons whose row of an earlier version is closed.
    pub(crate) closed_persons: Vec<(PersonId, u32)>,
}

impl News {
    /// Whether the tables stay as they are.
    fn is_empty(&self) -> bool {
        self.mode == WriteMode::Append
            && self.links.is_empty()
            && self.closed_links.is_empty()
            && self.closed_persons.is_empty()
    }
}

impl Content<'_> {
    fn person(&self, cluster: u32) -> PersonId {
        self.identities.person[cluster as usize]
    }

    /// Affected clusters in the order of their person ids, so that look-ups by id skip most row
    /// groups.
    pub(crate) fn by_person_id(&self) -> Vec<u32> {
        let mut order = self.affected.clusters.clone();
        order.sort_unstable_by_key(|cluster| self.person(*cluster));
        order
    }

    /// A golden value of a person.
    pub(crate) fn value(&self, attribute: &str, cluster: u32) -> Option<&Chosen> {
        let place = self.affected.place(cluster)?;
        self.golden.chosen[attribute_index(attribute)][place].as_ref()
    }

    fn division(&self, cluster: u32) -> Option<String> {
        match self.affected.place(cluster) {
            Some(_) => self.value("division", cluster).map(|chosen| chosen.value.to_string()),
            None => self.divisions.get(&self.person(cluster)).cloned(),
        }
    }
}

pub(crate) fn persons_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("person_id", DataType::Utf8, false),
        Field::new("version", DataType::Int64, false),
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

/// Writes the persons and returns the versions of the table and of its closed rows.
pub(crate) async fn write_persons(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<Versions, RegistryError> {
    let schema = persons_schema();
    let news = content.news;
    if news.is_empty() {
        return Ok(unchanged(base, PERSONS));
    }
    let mut writer =
        tables.writer(PERSONS, schema.clone(), base.get(PERSONS).copied(), news.mode).await?;
    for clusters in content.by_person_id().chunks(BATCH) {
        let (mut id, mut version) = (StringBuilder::new(), Int64Builder::new());
        let (mut sound, mut vital, mut count) =
            (StringBuilder::new(), StringBuilder::new(), Int64Builder::new());
        for cluster in clusters {
            id.append_value(identity::shown(content.person(*cluster)));
            version.append_value(i64::from(news.version));
            sound.append_option(
                content.value("name", *cluster).map(|name| names::pinyin(&name.value)),
            );
            vital.append_option(
                content.affected.place(*cluster).map(|at| content.golden.vital[at].as_str()),
            );
            count.append_value(content.affected.records(*cluster).len() as i64);
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(id.finish()),
            Arc::new(version.finish()),
            Arc::new(sound.finish()),
            Arc::new(vital.finish()),
            Arc::new(count.finish()),
        ];
        for (attribute, keep) in ATTRIBUTES {
            columns.extend(attribute_columns(content, clusters, attribute, keep));
        }
        writer.write(&batch(&schema, columns)?)?;
    }
    let mut versions = Versions::from([(PERSONS.to_owned(), writer.commit().await?)]);
    let keys = [("person_id", DataType::Utf8), ("version", DataType::Int64)];
    let (mut id, mut version) = (StringBuilder::new(), Int64Builder::new());
    for (person, of) in &news.closed_persons {
        id.append_value(identity::shown(*person));
        version.append_value(i64::from(*of));
    }
    let columns: [ArrayRef; 2] = [Arc::new(id.finish()), Arc::new(version.finish())];
    versions.extend(close(tables, base, PERSONS, news.mode, keys, columns).await?);
    Ok(versions)
}

/// The versions of a table that nothing has come to.
fn unchanged(base: &Versions, table: &str) -> Versions {
    [table.to_owned(), engine::closed_table(table)]
        .into_iter()
        .filter_map(|name| base.get(&name).map(|version| (name, *version)))
        .collect()
}

/// Writes the closed rows of a table and returns the version.
async fn close<const N: usize>(
    tables: &Tables,
    base: &Versions,
    table: &str,
    mode: WriteMode,
    keys: [(&str, DataType); N],
    columns: [ArrayRef; N],
) -> Result<Option<(String, i64)>, RegistryError> {
    let name = engine::closed_table(table);
    if columns[0].is_empty() && mode == WriteMode::Append {
        return Ok(base.get(&name).map(|version| (name, *version)));
    }
    let schema: SchemaRef =
        Arc::new(Schema::new(keys.map(|(column, kind)| Field::new(column, kind, false)).to_vec()));
    let rows = batch(&schema, columns.to_vec())?;
    let version = tables.write(&name, schema, base.get(&name).copied(), mode, &[rows]).await?;
    Ok(Some((name, version)))
}

fn attribute_columns(
    content: &Content<'_>,
    clusters: &[u32],
    attribute: &str,
    keep: Keep,
) -> Vec<ArrayRef> {
    let (mut text, mut date) = (StringBuilder::new(), Date32Builder::new());
    let (mut record, mut token, mut source) =
        (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    for cluster in clusters {
        let Some(chosen) = content.value(attribute, *cluster) else {
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

/// Writes the links, sorted by source, and returns the versions of the table and of its closed rows.
pub(crate) async fn write_links(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<Versions, RegistryError> {
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("record_id", DataType::Utf8, false),
        Field::new("version", DataType::Int64, false),
        Field::new("row_id", DataType::Utf8, false),
        Field::new("dataset", DataType::Utf8, false),
        Field::new("role", DataType::Utf8, false),
        Field::new("person_id", DataType::Utf8, false),
        Field::new("weight", DataType::Float64, false),
        Field::new("rule", DataType::Utf8, false),
        Field::new("certain", DataType::Boolean, false),
        Field::new("run_id", DataType::Utf8, false),
    ]));
    let news = content.news;
    if news.is_empty() {
        return Ok(unchanged(base, LINKS));
    }
    let mut writer =
        tables.writer(LINKS, schema.clone(), base.get(LINKS).copied(), news.mode).await?;
    let mut order = news.links.clone();
    order.sort_by_key(|record| content.records.source[*record as usize]);
    for chunk in order.chunks(BATCH) {
        let mut texts: [StringBuilder; 7] = std::array::from_fn(|_| StringBuilder::new());
        let [record_id, row_id, dataset, role, person, rule, run] = &mut texts;
        let (mut version, mut weight, mut certain) =
            (Int64Builder::new(), Float64Builder::new(), BooleanBuilder::new());
        for record in chunk {
            let at = *record as usize;
            let source = &content.sources[content.records.source[at] as usize];
            let row = row_hex(&content.records.row[at]);
            record_id.append_value(format!("{row}:{}", source.role.role));
            version.append_value(i64::from(news.version));
            row_id.append_value(row);
            dataset.append_value(&source.contract.id);
            role.append_value(&source.role.role);
            person.append_value(identity::shown(content.person(content.linked.cluster[at])));
            weight.append_value((f64::from(content.linked.weight[at]) * 100.0).round() / 100.0);
            rule.append_value(content.linked.rule[at].as_str());
            certain.append_value(content.linked.certain[at]);
            run.append_value(content.run_id);
        }
        writer.write(&batch(
            &schema,
            vec![
                Arc::new(record_id.finish()),
                Arc::new(version.finish()),
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
    let mut versions = Versions::from([(LINKS.to_owned(), writer.commit().await?)]);
    let keys =
        [("dataset", DataType::Utf8), ("record_id", DataType::Utf8), ("version", DataType::Int64)];
    let (mut dataset, mut record_id, mut version) =
        (StringBuilder::new(), StringBuilder::new(), Int64Builder::new());
    for (record, of) in &news.closed_links {
        let source = usize::from(content.records.source[*record as usize]);
        dataset.append_value(&content.sources[source].contract.id);
        record_id.append_value(content.records.record_id(*record, content.sources));
        version.append_value(i64::from(*of));
    }
    let columns: [ArrayRef; 3] =
        [Arc::new(dataset.finish()), Arc::new(record_id.finish()), Arc::new(version.finish())];
    versions.extend(close(tables, base, LINKS, news.mode, keys, columns).await?);
    Ok(versions)
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
    let person = |member: &Member| identity::shown(content.person(member.cluster));
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
    let rows: Vec<[Option<String>; 4]> = content
        .members
        .chunk_by(|left, right| left.household_id == right.household_id)
        .map(|household| {
            number += 1;
            let head = household.iter().find(|member| member.is_head()).unwrap_or(&household[0]);
            [
                Some(head.household_id.clone()),
                Some(head.kind.to_owned()),
                content.division(head.cluster),
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
            Some(identity::shown(event.old)),
            Some(identity::shown(event.new)),
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
            Some(identity::shown(content.person(*cluster))),
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
