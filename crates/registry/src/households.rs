//! Households: register books and families living together, from the rows that say so.

use engine::arrow::array::Array;
use engine::{EngineError, Snapshot, clean};
use futures::StreamExt as _;
use hashbrown::HashMap;
use jiff::civil::Date;
use pack::{FieldKind, HouseholdKind, Pack};

use crate::RegistryError;
use crate::link::{Linked, NO_CLUSTER};
use crate::records::{Records, Source, row_bytes, string_column};

/// One person in one household.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) household_id: String,
    pub(crate) kind: &'static str,
    pub(crate) cluster: u32,
    /// GB/T 4761 code; empty when the source does not say.
    pub(crate) relation: String,
    pub(crate) record: u32,
}

impl Member {
    /// Whether this is the head of a register book or the applicant.
    pub(crate) fn is_head(&self) -> bool {
        match self.kind {
            "register" => self.relation == "02",
            _ => self.relation == "01",
        }
    }
}

/// Reads the members of all households, sorted; a person stands in a household once.
pub(crate) async fn read(
    snapshot: &Snapshot,
    pack: &Pack,
    sources: &[Source<'_>],
    records: &Records,
    linked: &Linked,
    known_at: Date,
) -> Result<Vec<Member>, RegistryError> {
    let mut members = Vec::new();
    for contract in pack.datasets.values() {
        let Some(household) = &contract.household else { continue };
        let dataset = contract.id.as_str();
        let Some(number) = sources
            .iter()
            .position(|source| source.contract.id == contract.id && source.role.role == "subject")
        else {
            continue;
        };
        if !snapshot.has(&clean::table_name(dataset)) {
            continue;
        }
        clean::register(snapshot, dataset).await?;
        let of_row: HashMap<[u8; 12], u32> = (0..records.len())
            .filter(|at| usize::from(records.source[*at]) == number)
            .filter(|at| linked.cluster[*at] != NO_CLUSTER)
            .map(|at| (records.row[at], at as u32))
            .collect();
        let filter = household.when.as_ref().map(|when| format!(" WHERE {}", when.value));
        let key = match contract.field(&household.key).map(|field| &field.kind) {
            Some(
                FieldKind::IdNumber | FieldKind::Phone | FieldKind::Address | FieldKind::Account,
            ) => {
                format!("{}__token", household.key)
            }
            _ => household.key.clone(),
        };
        let sql = format!(
            "SELECT row_id, CAST(\"{key}\" AS VARCHAR) AS household, CAST(\"{}\" AS VARCHAR) AS relation FROM {}{}",
            household.relation,
            clean::current_sql(snapshot, dataset, known_at, None),
            filter.unwrap_or_default(),
        );
        let context = format!("households of {dataset}");
        let frame =
            snapshot.context().sql(&sql).await.map_err(EngineError::query(context.as_str()))?;
        let mut stream =
            frame.execute_stream().await.map_err(EngineError::query(context.as_str()))?;
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(EngineError::query(context.as_str()))?;
            let row = string_column(&batch, dataset, "row_id")?;
            let household_key = string_column(&batch, dataset, "household")?;
            let relation = string_column(&batch, dataset, "relation")?;
            for at in 0..batch.num_rows() {
                if household_key.is_null(at) {
                    continue;
                }
                let Some(record) = of_row.get(&row_bytes(row.value(at))) else { continue };
                members.push(Member {
                    household_id: household_id(household.kind, household_key.value(at)),
                    kind: household.kind.as_str(),
                    cluster: linked.cluster[*record as usize],
                    relation: if relation.is_null(at) {
                        String::new()
                    } else {
                        relation.value(at).to_owned()
                    },
                    record: *record,
                });
            }
        }
    }
    // Of two rows of one person in one household the head's row stays, else the smaller one.
    members.sort_unstable_by(|left, right| {
        (&left.household_id, left.cluster, !left.is_head(), records.row[left.record as usize]).cmp(
            &(
                &right.household_id,
                right.cluster,
                !right.is_head(),
                records.row[right.record as usize],
            ),
        )
    });
    members.dedup_by(|later, earlier| {
        later.household_id == earlier.household_id && later.cluster == earlier.cluster
    });
    Ok(members)
}

/// The id of a household: made from its key at the source, so it is stable.
fn household_id(kind: HouseholdKind, key: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"household\0");
    hasher.update(kind.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(key.as_bytes());
    format!("H{}", &hasher.finalize().to_hex()[..16])
}
