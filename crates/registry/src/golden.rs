//! The golden record: for each person and attribute one value, and which record it came from.

use std::sync::Arc;

use engine::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use engine::arrow::datatypes::{DataType, Int64Type};
use engine::datafusion::common::DataFusionError;
use engine::datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use engine::{Snapshot, clean};
use hashbrown::HashMap;
use pack::{Survivorship, SurvivorshipRule};

use crate::RegistryError;
use crate::affected::Affected;
use crate::fetch::fetch;
use crate::link::{Linked, NO_CLUSTER};
use crate::records::{
    self, Records, Source, number_column, plain, row_bytes, row_version, sealed_field,
    string_column,
};

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

/// Below this fraction of all records the rows that are asked for are picked out while a file is read;
/// above, most pages have to be read anyway.
const FEW: usize = 2;

/// Sources that are read beside one another. Those of one wave do not know of each other's values, so
/// that a little more is read. For few persons that is next to nothing, and all sources are one wave.
const WAVE: usize = 2;

/// The rows that are asked for: record and place of the person.
type Asked = HashMap<([u8; 12], u32), (u32, u32)>;

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

/// Golden records of the affected persons, by their place in [`Affected::clusters`].
pub(crate) struct Golden {
    /// By attribute (as [`ATTRIBUTES`]), by place.
    pub(crate) chosen: Vec<Vec<Option<Chosen>>>,
    pub(crate) vital: Vec<Vital>,
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
    /// Chooses the values of the affected persons.
    ///
    /// Sources are read in the order of their authority, and of each only the rows and columns that can
    /// still win over what was chosen before.
    pub(crate) async fn choose(
        snapshot: &Snapshot,
        sources: &[Source<'_>],
        survivorship: &Survivorship,
        records: &Records,
        linked: &Linked,
        affected: &Affected,
    ) -> Result<Self, RegistryError> {
        let mut choosing = Choosing {
            ranking: Ranking::new(survivorship)?,
            records,
            linked,
            chosen: ATTRIBUTES.iter().map(|_| vec![None; affected.len()]).collect(),
            deaths: vec![Deaths::default(); affected.len()],
        };
        // By source: record and place of the person; and how many records there are.
        let mut candidates: Vec<Vec<(u32, u32)>> = vec![Vec::new(); sources.len()];
        let mut sizes = vec![0; sources.len()];
        for (record, cluster) in linked.cluster.iter().enumerate() {
            let source = usize::from(records.source[record]);
            sizes[source] += 1;
            if *cluster != NO_CLUSTER
                && let Some(place) = affected.place(*cluster)
            {
                candidates[source].push((record as u32, place as u32));
            }
        }
        let mut order: Vec<(usize, Vec<Offer>)> = sources.iter().map(offers).enumerate().collect();
        order.sort_by_key(|(_, offers)| {
            std::cmp::Reverse(offers.iter().map(|offer| offer.authority).max())
        });
        order.retain(|(number, _)| snapshot.has(&clean::table_name(&sources[*number].contract.id)));
        let few = affected.len() * FEW < linked.clusters;
        let wave = if few { order.len().max(1) } else { WAVE };
        for wave in order.chunks(wave) {
            let mut fetched = Vec::with_capacity(wave.len());
            for (number, offers) in wave {
                let source = &sources[*number];
                let dataset = &source.contract.id;
                let (asked, offers) = choosing.ask(&candidates[*number], offers);
                if asked.is_empty() {
                    continue;
                }
                clean::register(snapshot, dataset).await?;
                let mut sql = select(source, &offers);
                let asked = Arc::new(asked);
                if asked.len() * FEW < sizes[*number] {
                    let function = format!("is_asked_{number}");
                    snapshot.context().register_udf(is_asked(&function, Arc::clone(&asked)));
                    sql.push_str(&format!(" WHERE {function}(row_id, version)"));
                }
                let rows = fetch(snapshot, sql, format!("golden values of {dataset}"));
                fetched.push((*number, offers, asked, rows));
            }
            for (number, offers, asked, mut rows) in fetched {
                while let Some(batch) = rows.recv().await {
                    let dataset = &sources[number].contract.id;
                    choosing.take(&batch?, dataset, number, &offers, &asked)?;
                }
            }
        }
        let vital = choosing
            .deaths
            .iter()
            .map(|deaths| match (deaths.certain, deaths.datasets.count_ones()) {
                (true, _) | (_, 2..) => Vital::Dead,
                (false, 1) => Vital::Uncertain,
                (false, _) => Vital::Alive,
            })
            .collect();
        Ok(Self { chosen: choosing.chosen, vital })
    }
}

/// An attribute that a source states with some authority.
#[derive(Debug, Clone, Copy)]
struct Offer {
    /// Index into [`ATTRIBUTES`].
    attribute: usize,
    keep: Keep,
    authority: u8,
}

fn offers(source: &Source<'_>) -> Vec<Offer> {
    ATTRIBUTES
        .iter()
        .enumerate()
        .filter_map(|(attribute, (name, keep))| {
            let has = source.role.attributes.contains_key(*name)
                || source.role.constants.contains_key(*name);
            let authority = source.role.authority.get(*name).copied().unwrap_or(0);
            (has && authority > 0).then_some(Offer { attribute, keep: *keep, authority })
        })
        .collect()
}

/// What has been chosen so far.
struct Choosing<'a> {
    ranking: Ranking,
    records: &'a Records,
    linked: &'a Linked,
    chosen: Vec<Vec<Option<Chosen>>>,
    deaths: Vec<Deaths>,
}

impl Choosing<'_> {
    fn rank(&self, offer: &Offer, record: u32) -> u64 {
        let at = record as usize;
        let certain = self.linked.certain[at];
        self.ranking.rank(offer.attribute, certain, offer.authority, self.records.as_of[at])
    }

    /// Whether a value of the record would win over what is chosen.
    fn wins(&self, offer: &Offer, record: u32, place: u32) -> bool {
        self.chosen[offer.attribute][place as usize].as_ref().is_none_or(|best| {
            let rank = self.rank(offer, record);
            rank > best.rank
                || (rank == best.rank && key(self.records, record) < key(self.records, best.record))
        })
    }

    /// The rows that have to be looked at, and for which attributes.
    fn ask(&self, candidates: &[(u32, u32)], offers: &[Offer]) -> (Asked, Vec<Offer>) {
        let mut asked = Asked::new();
        let mut useful = vec![false; offers.len()];
        for (record, place) in candidates {
            let mut any = false;
            for (offer, useful) in offers.iter().zip(&mut useful) {
                // Every word on a death counts, whoever is believed about its day.
                if is_death(offer) || self.wins(offer, *record, *place) {
                    *useful = true;
                    any = true;
                }
            }
            if any {
                let at = *record as usize;
                let row = (self.records.row[at], self.records.version[at]);
                asked.insert(row, (*record, *place));
            }
        }
        let offers =
            offers.iter().zip(useful).filter(|(_, useful)| *useful).map(|(offer, _)| *offer);
        (asked, offers.collect())
    }

    /// Takes what is better from some rows.
    fn take(
        &mut self,
        batch: &RecordBatch,
        dataset: &str,
        source: usize,
        offers: &[Offer],
        asked: &Asked,
    ) -> Result<(), RegistryError> {
        let row = string_column(batch, dataset, "row_id")?;
        let version = number_column::<Int64Type>(batch, dataset, "version")?;
        let record_of: Vec<Option<(u32, u32)>> = (0..batch.num_rows())
            .map(|at| {
                let key = (row_bytes(row.value(at)), row_version(version.value(at)));
                asked.get(&key).copied()
            })
            .collect();
        for offer in offers {
            let name = ATTRIBUTES[offer.attribute].0;
            let values = string_column(batch, dataset, name)?;
            let tokens = match offer.keep {
                Keep::Sealed => Some(string_column(batch, dataset, token_name(name))?),
                _ => None,
            };
            for (at, found) in record_of.iter().enumerate() {
                let Some((record, place)) = *found else { continue };
                if values.is_null(at) {
                    continue;
                }
                if is_death(offer) {
                    let certain = self.linked.certain[record as usize];
                    let deaths = &mut self.deaths[place as usize];
                    deaths.datasets |= 1 << (source % 64);
                    deaths.certain |= certain && offer.authority >= AUTHORITATIVE;
                }
                if self.wins(offer, record, place) {
                    self.chosen[offer.attribute][place as usize] = Some(Chosen {
                        rank: self.rank(offer, record),
                        record,
                        value: values.value(at).into(),
                        token: tokens.map_or("", |tokens| tokens.value(at)).into(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn is_death(offer: &Offer) -> bool {
    ATTRIBUTES[offer.attribute].0 == "death_date"
}

/// Ties go to the smaller record id.
fn key(records: &Records, record: u32) -> ([u8; 12], u8) {
    (records.row[record as usize], records.source[record as usize])
}

/// A SQL function that is true for the rows that are asked for. It is evaluated while a file is read,
/// before the other columns of a row are.
fn is_asked(name: &str, asked: Arc<Asked>) -> ScalarUDF {
    let evaluate = move |arguments: &[ColumnarValue]| -> Result<ColumnarValue, DataFusionError> {
        let columns = ColumnarValue::values_to_arrays(arguments)?;
        let rows = columns[0].as_string::<i32>();
        let versions = columns[1].as_primitive::<Int64Type>();
        let found: BooleanArray = rows
            .iter()
            .zip(versions)
            .map(|(row, version)| {
                let key =
                    (row_bytes(row.unwrap_or_default()), row_version(version.unwrap_or_default()));
                Some(asked.contains_key(&key))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    };
    create_udf(
        name,
        vec![DataType::Utf8, DataType::Int64],
        DataType::Boolean,
        Volatility::Immutable,
        Arc::new(evaluate),
    )
}

fn select(source: &Source<'_>, offers: &[Offer]) -> String {
    let mut columns = String::from("row_id, version");
    for offer in offers {
        let name = ATTRIBUTES[offer.attribute].0;
        match (offer.keep, sealed_field(source, name)) {
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
    format!("SELECT {columns} FROM \"{}\"", clean::table_name(&source.contract.id))
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
