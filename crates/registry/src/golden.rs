//! The golden record: for each person and attribute one value, and which record it came from.

use engine::arrow::array::{Array, AsArray};
use engine::arrow::datatypes::Date32Type;
use engine::{EngineError, Snapshot, clean};
use futures::StreamExt as _;
use hashbrown::HashMap;
use jiff::civil::Date;
use pack::{Survivorship, SurvivorshipRule};

use crate::records::{self, Records, Source, plain, row_bytes, sealed_field, string_column};
use crate::{RegistryError, link::Linked};

/// How an attribute is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As text.
    Text,
    /// As a date.
    Date,
    /// As the ciphertext of its source, with a token.
    Sealed,
}

/// The attributes of a golden record, in the order of the `persons` table.
pub(crate) const ATTRIBUTES: [(&str, Keep); 17] = [
    ("name", Keep::Text),
    ("former_name", Keep::Text),
    ("sex", Keep::Text),
    ("birth_date", Keep::Date),
    ("id_number", Keep::Sealed),
    ("ethnicity", Keep::Text),
    ("marital", Keep::Text),
    ("phone", Keep::Sealed),
    ("address", Keep::Sealed),
    ("division", Keep::Text),
    ("hukou_division", Keep::Text),
    ("hukou_status", Keep::Text),
    ("hukou_from", Keep::Date),
    ("hukou_to", Keep::Date),
    ("area_type", Keep::Text),
    ("death_date", Keep::Date),
    ("account", Keep::Sealed),
];

/// Authority from which a source's word on a death is enough on its own.
const AUTHORITATIVE: u8 = 80;

/// A chosen value.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    rank: u64,
    /// The record that it came from.
    pub(crate) record: u32,
    /// The text, or the ciphertext.
    pub(crate) value: Box<str>,
    /// The token of a sealed value, else empty.
    pub(crate) token: Box<str>,
}

/// Whether a person lives, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vital {
    Alive,
    /// An authoritative source with a certain identity says so, or two sources do.
    Dead,
    /// One weak signal: a question to a person, not a fact.
    Uncertain,
}

impl Vital {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Dead => "dead",
            Self::Uncertain => "uncertain",
        }
    }
}

/// Golden records by cluster.
pub(crate) struct Golden {
    /// By attribute (as [`ATTRIBUTES`]), by cluster.
    pub(crate) chosen: Vec<Vec<Option<Chosen>>>,
    pub(crate) vital: Vec<Vital>,
    pub(crate) records: Vec<u32>,
}

/// What a person's records say about a death.
#[derive(Clone, Copy, Default)]
struct Deaths {
    datasets: u64,
    certain: bool,
}

/// Order of preference between two values of an attribute, as a number: greater wins.
struct Ranking(Vec<Vec<SurvivorshipRule>>);

impl Ranking {
    fn new(survivorship: &Survivorship) -> Result<Self, RegistryError> {
        let default = vec![SurvivorshipRule::Authority, SurvivorshipRule::Recency];
        ATTRIBUTES
            .iter()
            .map(|(attribute, _)| {
                let rules = survivorship
                    .attributes
                    .get(*attribute)
                    .cloned()
                    .unwrap_or_else(|| default.clone());
                if rules.contains(&SurvivorshipRule::Agreement) {
                    return Err(RegistryError::Rules(format!(
                        "survivorship of `{attribute}`: the rule `agreement` is not there yet; use \
                         valid, certain, authority and recency"
                    )));
                }
                Ok(rules)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The rank of a value: one field of bits a rule, the first rule in the highest bits.
    fn rank(&self, attribute: usize, certain: bool, authority: u8, as_of: i32) -> u64 {
        self.0[attribute].iter().fold(0, |rank, rule| match rule {
            // Values that fail their check are not offered at all.
            SurvivorshipRule::Valid | SurvivorshipRule::Agreement => rank,
            SurvivorshipRule::Certain => rank << 1 | u64::from(certain),
            SurvivorshipRule::Authority => rank << 8 | u64::from(authority),
            SurvivorshipRule::Recency => {
                rank << 32 | u64::from((i64::from(as_of) - i64::from(i32::MIN)) as u32)
            }
        })
    }
}

impl Golden {
    /// Chooses the values of all persons.
    pub(crate) async fn choose(
        snapshot: &Snapshot,
        sources: &[Source<'_>],
        survivorship: &Survivorship,
        records: &Records,
        linked: &Linked,
        known_at: Date,
    ) -> Result<Self, RegistryError> {
        let ranking = Ranking::new(survivorship)?;
        let mut golden = Self {
            chosen: ATTRIBUTES.iter().map(|_| vec![None; linked.clusters]).collect(),
            vital: Vec::new(),
            records: vec![0; linked.clusters],
        };
        for cluster in &linked.cluster {
            golden.records[*cluster as usize] += 1;
        }
        let mut deaths = vec![Deaths::default(); linked.clusters];
        for (number, source) in sources.iter().enumerate() {
            let dataset = source.contract.id.as_str();
            if !snapshot.has(&clean::table_name(dataset)) {
                continue;
            }
            let of_row: HashMap<[u8; 12], u32> = (0..records.len())
                .filter(|at| usize::from(records.source[*at]) == number)
                .map(|at| (records.row[at], at as u32))
                .collect();
            let offered: Vec<(usize, Keep, u8)> = ATTRIBUTES
                .iter()
                .enumerate()
                .filter_map(|(at, (attribute, keep))| {
                    let has = source.role.attributes.contains_key(*attribute)
                        || source.role.constants.contains_key(*attribute);
                    let authority = source.role.authority.get(*attribute).copied().unwrap_or(0);
                    (has && authority > 0).then_some((at, *keep, authority))
                })
                .collect();
            let sql = select(snapshot, source, &offered, known_at);
            let context = format!("golden values of {dataset}");
            let frame =
                snapshot.context().sql(&sql).await.map_err(EngineError::query(context.as_str()))?;
            let mut stream =
                frame.execute_stream().await.map_err(EngineError::query(context.as_str()))?;
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(EngineError::query(context.as_str()))?;
                let row = string_column(&batch, dataset, "row_id")?;
                let as_of = batch
                    .column_by_name("as_of")
                    .and_then(|column| column.as_primitive_opt::<Date32Type>())
                    .ok_or_else(|| RegistryError::Column {
                        dataset: dataset.to_owned(),
                        column: "as_of".to_owned(),
                        found: "something else".to_owned(),
                        expected: "a date",
                    })?;
                let record_of: Vec<Option<u32>> = (0..batch.num_rows())
                    .map(|at| of_row.get(&row_bytes(row.value(at))).copied())
                    .collect();
                for (attribute, keep, authority) in &offered {
                    let name = ATTRIBUTES[*attribute].0;
                    let values = string_column(&batch, dataset, name)?;
                    let tokens = match keep {
                        Keep::Sealed => Some(string_column(&batch, dataset, token_name(name))?),
                        _ => None,
                    };
                    for (at, record) in record_of.iter().enumerate() {
                        let Some(record) = record else { continue };
                        if values.is_null(at) {
                            continue;
                        }
                        let cluster = linked.cluster[*record as usize] as usize;
                        let certain = linked.certain[*record as usize];
                        if name == "death_date" {
                            deaths[cluster].datasets |= 1 << (number % 64);
                            deaths[cluster].certain |= certain && *authority >= AUTHORITATIVE;
                        }
                        let rank = ranking.rank(*attribute, certain, *authority, as_of.value(at));
                        let slot = &mut golden.chosen[*attribute][cluster];
                        if slot.as_ref().is_none_or(|best| {
                            (rank, std::cmp::Reverse(key(records, *record)))
                                > (best.rank, std::cmp::Reverse(key(records, best.record)))
                        }) {
                            *slot = Some(Chosen {
                                rank,
                                record: *record,
                                value: values.value(at).into(),
                                token: tokens.map_or("", |tokens| tokens.value(at)).into(),
                            });
                        }
                    }
                }
            }
        }
        golden.vital = deaths
            .iter()
            .map(|deaths| match (deaths.certain, deaths.datasets.count_ones()) {
                (true, _) | (_, 2..) => Vital::Dead,
                (false, 1) => Vital::Uncertain,
                (false, _) => Vital::Alive,
            })
            .collect();
        Ok(golden)
    }
}

/// Ties go to the smaller record id.
fn key(records: &Records, record: u32) -> ([u8; 12], u8) {
    (records.row[record as usize], records.source[record as usize])
}

fn select(
    snapshot: &Snapshot,
    source: &Source<'_>,
    offered: &[(usize, Keep, u8)],
    known_at: Date,
) -> String {
    let mut columns = String::from("row_id, as_of");
    for (attribute, keep, _) in offered {
        let name = ATTRIBUTES[*attribute].0;
        match (keep, sealed_field(source, name)) {
            (Keep::Sealed, Some(field)) => {
                let valid = if name == "id_number" {
                    format!("CASE WHEN \"{field}__state\" = 'valid' THEN \"{field}\" END")
                } else {
                    format!("\"{field}\"")
                };
                columns
                    .push_str(&format!(", {valid} AS {name}, \"{field}__token\" AS {name}__token"));
            }
            (Keep::Sealed, None) => columns.push_str(&format!(
                ", CAST(NULL AS VARCHAR) AS {name}, CAST(NULL AS VARCHAR) AS {name}__token"
            )),
            // Dates travel as ISO text; the table has them as dates again.
            (Keep::Date, _) => columns
                .push_str(&format!(", CAST({} AS VARCHAR) AS {name}", plain(source, name, "DATE"))),
            (Keep::Text, _) => {
                columns.push_str(&format!(", {} AS {name}", plain(source, name, "VARCHAR")));
            }
        }
    }
    format!(
        "SELECT {columns} FROM {}",
        clean::current_sql(snapshot, &source.contract.id, known_at, None)
    )
}

fn token_name(attribute: &str) -> &'static str {
    match attribute {
        "id_number" => "id_number__token",
        "phone" => "phone__token",
        "address" => "address__token",
        _ => "account__token",
    }
}

/// The source field of a chosen value, as `dataset.field`.
pub(crate) fn source_field(
    records: &Records,
    sources: &[Source<'_>],
    record: u32,
    attribute: &str,
) -> String {
    let source = &sources[records.source[record as usize] as usize];
    let field = records::sealed_field(source, attribute).unwrap_or_default();
    format!("{}.{field}", source.contract.id)
}
