//! The files of what linking keeps.
//!
//! ```text
//! records.arrow  a row a record: what is compared (see `Records`), and how it is linked
//! near.arrow     record, token: neighbours of mistyped identity numbers; null where there is none
//! names.arrow    text, sound, count: the distinct names, with the frequencies of the model
//! persons.arrow  a row a cluster: person id, version of the row in `persons`
//! review.arrow   record, cluster, weight: uncertain pairs
//! about.json     what all was made from, and the hash of each file
//! ```
//!
//! Nothing is flushed to disk: after a power cut the hashes tell, and everybody is linked again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use blake3::Hasher;
use engine::arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, FixedSizeBinaryArray, FixedSizeBinaryBuilder,
    Float32Array, Int32Array, PrimitiveArray, RecordBatch, StringArray, UInt8Array, UInt32Array,
    UInt64Array,
};
use engine::arrow::datatypes::{
    ArrowPrimitiveType, Float32Type, Int32Type, UInt8Type, UInt32Type, UInt64Type,
};
use engine::arrow::error::ArrowError;
use engine::arrow::ipc::reader::FileReader;
use engine::arrow::ipc::writer::FileWriter;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::{About, Kept};
use crate::RegistryError;
use crate::link::{Linked, Rule, Stage};
use crate::records::{Names, Records};

const ABOUT: &str = "about.json";
const RECORDS: &str = "records.arrow";
const NEAR: &str = "near.arrow";
const NAMES: &str = "names.arrow";
const PERSONS: &str = "persons.arrow";
const REVIEW: &str = "review.arrow";

#[derive(Serialize, Deserialize)]
struct Sealed {
    about: About,
    hashes: BTreeMap<String, String>,
}

/// What a folder was made from; `None` when it can't be read.
pub(super) fn about(dir: &Path) -> Option<About> {
    sealed(dir).map(|sealed| sealed.about)
}

fn sealed(dir: &Path) -> Option<Sealed> {
    serde_json::from_slice(&fs::read(dir.join(ABOUT)).ok()?).ok()
}

/// Reads a folder; `None` when a file is missing, or is not what was written.
pub(super) fn read(dir: &Path) -> Option<Kept> {
    let sealed = sealed(dir)?;
    let open = |name: &str| {
        let bytes = fs::read(dir.join(name)).ok()?;
        let hash = blake3::hash(&bytes);
        (sealed.hashes.get(name).map(String::as_str) == Some(hash.to_hex().as_str()))
            .then_some(bytes)
    };
    let table = |name: &str| batch(open(name)?).ok();

    let records = table(RECORDS)?;
    let names = table(NAMES)?;
    let persons = table(PERSONS)?;
    let mut kept = Kept {
        about: sealed.about,
        records: read_records(&records)?,
        linked: read_linked(&records, persons.num_rows())?,
        link_version: values::<UInt32Type>(&records, "link_version")?,
        person: values::<UInt64Type>(&persons, "person")?,
        person_version: values::<UInt32Type>(&persons, "version")?,
    };
    kept.records.names = read_names(&names)?;
    let near = table(NEAR)?;
    let tokens = near.column_by_name("token")?.as_fixed_size_binary_opt()?;
    let mut lists: HashMap<u32, Vec<u128>> = HashMap::new();
    for (at, record) in values::<UInt32Type>(&near, "record")?.into_iter().enumerate() {
        let list = lists.entry(record).or_default();
        if !tokens.is_null(at) {
            list.push(token(tokens.value(at))?);
        }
    }
    kept.records.near =
        lists.into_iter().map(|(record, list)| (record, list.into_boxed_slice())).collect();
    let review = table(REVIEW)?;
    let (record, cluster, weight) = (
        values::<UInt32Type>(&review, "record")?,
        values::<UInt32Type>(&review, "cluster")?,
        values::<Float32Type>(&review, "weight")?,
    );
    kept.linked.review = record
        .into_iter()
        .zip(cluster)
        .zip(weight)
        .map(|((record, cluster), weight)| (record, cluster, weight))
        .collect();
    Some(kept)
}

/// Writes a folder anew; see [`super::Leftover::write`].
pub(super) fn write(dir: &Path, kept: &Kept, gone: &[bool]) -> Result<(), RegistryError> {
    let io = |what: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| RegistryError::Io { what, path, source }
    };
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(io("clear", dir))?;
    }
    fs::create_dir_all(dir).map_err(io("make", dir))?;
    let stays: Vec<u32> = (0..kept.records.len() as u32)
        .filter(|record| !gone.get(*record as usize).copied().unwrap_or(false))
        .collect();
    let renumbered = Renumbered::new(kept, &stays);
    let mut hashes = BTreeMap::new();
    for (name, columns) in [
        (RECORDS, record_columns(kept, &stays, &renumbered)),
        (NEAR, near_columns(kept, &renumbered)),
        (NAMES, name_columns(&kept.records.names)),
        (PERSONS, person_columns(kept, &renumbered)),
        (REVIEW, review_columns(kept, &renumbered)),
    ] {
        let path = dir.join(name);
        let hash = columns
            .and_then(|columns| write_file(&path, columns))
            .map_err(|source| RegistryError::Kept { path: path.clone(), source })?;
        hashes.insert(name.to_owned(), hash.to_hex().to_string());
    }
    let about = Sealed { about: kept.about.clone(), hashes };
    let path = dir.join(ABOUT);
    // Numbers, dates and texts always have a JSON form.
    let text = serde_json::to_vec_pretty(&about).unwrap_or_default();
    fs::write(&path, text).map_err(io("write", &path))
}

/// New numbers of the records that stay and of the clusters that have some.
struct Renumbered {
    record: HashMap<u32, u32>,
    cluster: Vec<u32>,
    clusters: Vec<u32>,
}

impl Renumbered {
    fn new(kept: &Kept, stays: &[u32]) -> Self {
        let mut used = vec![false; kept.linked.clusters];
        for record in stays {
            used[kept.linked.cluster[*record as usize] as usize] = true;
        }
        let clusters: Vec<u32> =
            (0..used.len() as u32).filter(|cluster| used[*cluster as usize]).collect();
        let mut cluster = vec![u32::MAX; used.len()];
        for (new, old) in clusters.iter().enumerate() {
            cluster[*old as usize] = new as u32;
        }
        // Only these are looked up by record.
        let asked = |record: &u32| kept.records.near.contains_key(record);
        let reviewed: hashbrown::HashSet<u32> =
            kept.linked.review.iter().map(|(record, ..)| *record).collect();
        let record = stays
            .iter()
            .enumerate()
            .filter(|(_, record)| asked(record) || reviewed.contains(*record))
            .map(|(new, old)| (*old, new as u32))
            .collect();
        Self { record, cluster, clusters }
    }
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn record_columns(
    kept: &Kept,
    stays: &[u32],
    renumbered: &Renumbered,
) -> Result<Columns, ArrowError> {
    let (records, linked) = (&kept.records, &kept.linked);
    let at = || stays.iter().map(|record| *record as usize);
    let u32s = |values: &[u32]| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(at().map(|record| values[record])))
    };
    let i32s = |values: &[i32]| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(at().map(|record| values[record])))
    };
    let u64s = |values: &[u64]| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(at().map(|record| values[record])))
    };
    let u8s = |value: &dyn Fn(usize) -> u8| -> ArrayRef {
        Arc::new(UInt8Array::from_iter_values(at().map(value)))
    };
    let mut ids = FixedSizeBinaryBuilder::with_capacity(stays.len(), 16);
    for record in at() {
        ids.append_value(records.id[record].to_be_bytes())?;
    }
    let mut rows = FixedSizeBinaryBuilder::with_capacity(stays.len(), 12);
    for record in at() {
        rows.append_value(records.row[record])?;
    }
    Ok(vec![
        ("row", Arc::new(rows.finish())),
        ("version", u32s(&records.version)),
        ("as_of", i32s(&records.as_of)),
        ("source", u8s(&|record| records.source[record])),
        ("name", u32s(&records.name)),
        ("former", u32s(&records.former)),
        ("birth", i32s(&records.birth)),
        ("sex", u8s(&|record| records.sex[record])),
        ("id", Arc::new(ids.finish())),
        ("phone", u64s(&records.phone)),
        ("address", u64s(&records.address)),
        ("case_no", u64s(&records.case_no)),
        (
            "cluster",
            Arc::new(UInt32Array::from_iter_values(
                at().map(|record| renumbered.cluster[linked.cluster[record] as usize]),
            )),
        ),
        ("stage", u8s(&|record| linked.stage[record] as u8)),
        ("rule", u8s(&|record| linked.rule[record] as u8)),
        (
            "weight",
            Arc::new(Float32Array::from_iter_values(at().map(|record| linked.weight[record]))),
        ),
        (
            "certain",
            Arc::new(at().map(|record| Some(linked.certain[record])).collect::<BooleanArray>()),
        ),
        ("link_version", u32s(&kept.link_version)),
    ])
}

fn near_columns(kept: &Kept, renumbered: &Renumbered) -> Result<Columns, ArrowError> {
    let mut lists: Vec<(u32, &[u128])> = kept
        .records
        .near
        .iter()
        .filter_map(|(record, tokens)| Some((*renumbered.record.get(record)?, &**tokens)))
        .collect();
    lists.sort_unstable_by_key(|(record, _)| *record);
    let mut records = Vec::new();
    let mut tokens = FixedSizeBinaryBuilder::new(16);
    for (record, list) in lists {
        if list.is_empty() {
            records.push(record);
            tokens.append_null();
        }
        for token in list {
            records.push(record);
            tokens.append_value(token.to_be_bytes())?;
        }
    }
    Ok(vec![("record", Arc::new(UInt32Array::from(records))), ("token", Arc::new(tokens.finish()))])
}

fn name_columns(names: &Names) -> Result<Columns, ArrowError> {
    Ok(vec![
        ("text", Arc::new(StringArray::from_iter_values(&names.text))),
        ("sound", Arc::new(UInt64Array::from(names.sound.clone()))),
        ("count", Arc::new(UInt32Array::from(names.count.clone()))),
    ])
}

fn person_columns(kept: &Kept, renumbered: &Renumbered) -> Result<Columns, ArrowError> {
    let at = || renumbered.clusters.iter().map(|cluster| *cluster as usize);
    Ok(vec![
        ("person", Arc::new(UInt64Array::from_iter_values(at().map(|of| kept.person[of])))),
        (
            "version",
            Arc::new(UInt32Array::from_iter_values(at().map(|of| kept.person_version[of]))),
        ),
    ])
}

fn review_columns(kept: &Kept, renumbered: &Renumbered) -> Result<Columns, ArrowError> {
    let pairs: Vec<(u32, u32, f32)> = kept
        .linked
        .review
        .iter()
        .filter_map(|(record, cluster, weight)| {
            let record = *renumbered.record.get(record)?;
            Some((record, renumbered.cluster[*cluster as usize], *weight))
        })
        .collect();
    Ok(vec![
        ("record", Arc::new(UInt32Array::from_iter_values(pairs.iter().map(|pair| pair.0)))),
        ("cluster", Arc::new(UInt32Array::from_iter_values(pairs.iter().map(|pair| pair.1)))),
        ("weight", Arc::new(Float32Array::from_iter_values(pairs.iter().map(|pair| pair.2)))),
    ])
}

fn read_records(batch: &RecordBatch) -> Option<Records> {
    let fixed = |name: &str| batch.column_by_name(name)?.as_fixed_size_binary_opt();
    let rows: &FixedSizeBinaryArray = fixed("row")?;
    let ids = fixed("id")?;
    Some(Records {
        row: (0..rows.len()).map(|at| rows.value(at).try_into().ok()).collect::<Option<_>>()?,
        version: values::<UInt32Type>(batch, "version")?,
        as_of: values::<Int32Type>(batch, "as_of")?,
        source: values::<UInt8Type>(batch, "source")?,
        name: values::<UInt32Type>(batch, "name")?,
        former: values::<UInt32Type>(batch, "former")?,
        birth: values::<Int32Type>(batch, "birth")?,
        sex: values::<UInt8Type>(batch, "sex")?,
        id: (0..ids.len()).map(|at| token(ids.value(at))).collect::<Option<_>>()?,
        phone: values::<UInt64Type>(batch, "phone")?,
        address: values::<UInt64Type>(batch, "address")?,
        case_no: values::<UInt64Type>(batch, "case_no")?,
        near: HashMap::new(),
        names: Names::default(),
    })
}

fn read_linked(batch: &RecordBatch, clusters: usize) -> Option<Linked> {
    let certain = batch.column_by_name("certain")?.as_boolean_opt()?;
    Some(Linked {
        cluster: values::<UInt32Type>(batch, "cluster")?,
        clusters,
        stage: values::<UInt8Type>(batch, "stage")?
            .into_iter()
            .map(|number| Stage::ALL.get(usize::from(number)).copied())
            .collect::<Option<_>>()?,
        weight: values::<Float32Type>(batch, "weight")?,
        rule: values::<UInt8Type>(batch, "rule")?
            .into_iter()
            .map(|number| Rule::ALL.get(usize::from(number)).copied())
            .collect::<Option<_>>()?,
        certain: certain.values().iter().collect(),
        review: Vec::new(),
        skipped_blocks: 0,
    })
}

fn read_names(batch: &RecordBatch) -> Option<Names> {
    let text = batch.column_by_name("text")?.as_string_opt::<i32>()?;
    let sound = values::<UInt64Type>(batch, "sound")?;
    let count = values::<UInt32Type>(batch, "count")?;
    let mut names = Names::default();
    for (at, (sound, count)) in sound.into_iter().zip(count).enumerate() {
        names.restore(text.value(at), sound, count);
    }
    Some(names)
}

fn token(bytes: &[u8]) -> Option<u128> {
    Some(u128::from_be_bytes(bytes.try_into().ok()?))
}

fn values<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> Option<Vec<T::Native>> {
    let column: &PrimitiveArray<T> = batch.column_by_name(name)?.as_primitive_opt::<T>()?;
    Some(column.values().to_vec())
}

/// Writes a file and returns its hash.
fn write_file(path: &Path, columns: Columns) -> Result<blake3::Hash, ArrowError> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, name == "token")),
    )?;
    let file = Hashing { file: BufWriter::new(File::create(path)?), hasher: Hasher::new() };
    let mut writer = FileWriter::try_new(file, &batch.schema())?;
    writer.write(&batch)?;
    let mut written = writer.into_inner()?;
    written.flush()?;
    Ok(written.hasher.finalize())
}

/// A file that is hashed while it is written.
struct Hashing {
    file: BufWriter<File>,
    hasher: Hasher,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// The one batch of a file.
fn batch(bytes: Vec<u8>) -> Result<RecordBatch, ArrowError> {
    let mut reader = FileReader::try_new(Cursor::new(bytes), None)?;
    reader.next().unwrap_or_else(|| Err(ArrowError::IpcError("no rows".to_owned())))
}
