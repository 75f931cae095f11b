//! Figures of the overview: computed once for a published state, since they go over everybody.

use std::collections::{BTreeMap, BTreeSet};

use engine::arrow::array::RecordBatch;
use pack::{Pack, Policy};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::Period;

use crate::problem::ApiError;
use crate::published::{Published, of_period};
use crate::rows::{Row, rows};
use crate::text::Text;

/// Figures of the registry as published.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Totals {
    persons: u64,
    households: u64,
    /// Rows that speak of a person, one per role.
    records: u64,
    /// Records linked to a person without certainty.
    links_uncertain: u64,
    quarantined: u64,
    alive: u64,
    dead: u64,
    /// Persons whose death one source alone reports.
    uncertain: u64,
}

/// Persons by district code.
pub(crate) type DistrictPersons = BTreeMap<String, u64>;

/// Decisions of a period.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeriodFigures {
    /// By policy id.
    pub(crate) policies: BTreeMap<String, PolicyFigures>,
    /// By district code: entitlements and their amount.
    pub(crate) districts: BTreeMap<String, (u64, i64)>,
}

/// Decisions of one policy in a period.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PolicyFigures {
    pub(crate) eligible: u64,
    pub(crate) ask: u64,
    pub(crate) not: u64,
    pub(crate) amount_fen: i64,
}

impl PolicyFigures {
    /// Nobody was decided: the policy does not apply in the period.
    pub(crate) fn is_empty(self) -> bool {
        self.eligible + self.ask + self.not == 0
    }
}

/// Computes the figures of the registry.
pub(crate) async fn registry_figures(
    published: &Published,
) -> Result<(Totals, DistrictPersons), ApiError> {
    let mut figures = Totals::default();
    let mut districts = DistrictPersons::new();
    let sql = "SELECT vital_status, left(coalesce(division, hukou_division, ''), 6) AS district, \
               count(*) AS persons FROM persons GROUP BY 1, 2";
    for row in rows(&published.query(&[registry::PERSONS], sql).await?) {
        let persons = row.count("persons")?;
        figures.persons += persons;
        *match row.text_or_empty("vital_status")? {
            "alive" => &mut figures.alive,
            "dead" => &mut figures.dead,
            _ => &mut figures.uncertain,
        } += persons;
        *districts.entry(row.text_or_empty("district")?.to_owned()).or_default() += persons;
    }
    let sql = "SELECT certain, count(*) AS records FROM links GROUP BY certain";
    for row in rows(&published.query(&[registry::LINKS], sql).await?) {
        let records = row.count("records")?;
        figures.records += records;
        if row.boolean("certain")? != Some(true) {
            figures.links_uncertain += records;
        }
    }
    let sql = "SELECT count(*) AS households FROM households";
    figures.households =
        first_count(&published.query(&[registry::HOUSEHOLDS], sql).await?, "households")?;
    let sql = "SELECT count(*) AS quarantined FROM quarantine";
    figures.quarantined =
        first_count(&published.query(&[intake::QUARANTINE], sql).await?, "quarantined")?;
    Ok((figures, districts))
}

/// Computes the figures of a period.
pub(crate) async fn period_figures(
    published: &Published,
    pack: &Pack,
    period: Period,
) -> Result<PeriodFigures, ApiError> {
    let mut figures = PeriodFigures::default();
    for stem in ["decisions_person", "decisions_household"] {
        let table = of_period(stem, period);
        let columns = published.columns(&table).await?;
        let decided: Vec<&Policy> = pack
            .policies
            .iter()
            .filter(|policy| columns.contains(&format!("{}__outcome", column_stem(&policy.id))))
            .collect();
        if decided.is_empty() {
            continue;
        }
        let batches = published.query(&[&table], &figures_sql(&table, &columns, &decided)).await?;
        for row in rows(&batches) {
            let district = row.text_or_empty("district")?;
            for policy in &decided {
                add(&mut figures, &row, district, &policy.id)?;
            }
        }
    }
    Ok(figures)
}

/// The column prefix of a policy in the decisions tables.
pub(crate) fn column_stem(policy: &str) -> String {
    policy.replace('-', "_")
}

fn figures_sql(table: &str, columns: &BTreeSet<String>, decided: &[&Policy]) -> String {
    let mut selected = String::new();
    for policy in decided {
        let stem = column_stem(&policy.id);
        for (word, outcome) in [("not", 0), ("eligible", 1), ("ask", 2)] {
            selected.push_str(&format!(
                ", count(*) FILTER (WHERE \"{stem}__outcome\" = {outcome}) AS \"{stem}__{word}\""
            ));
        }
        selected.push_str(&format!(
            ", sum(\"{stem}__amount\") FILTER (WHERE \"{stem}__outcome\" = 1) AS \"{stem}__amount\""
        ));
    }
    let district =
        if columns.contains("division") { "left(coalesce(division, ''), 6)" } else { "''" };
    format!("SELECT {district} AS district{selected} FROM \"{table}\" GROUP BY 1")
}

fn add(
    figures: &mut PeriodFigures,
    row: &Row<'_>,
    district: &str,
    policy: &str,
) -> Result<(), ApiError> {
    let stem = column_stem(policy);
    let eligible = row.count(&format!("{stem}__eligible"))?;
    let amount = row.integer(&format!("{stem}__amount"))?.unwrap_or_default();
    let of_policy = figures.policies.entry(policy.to_owned()).or_default();
    of_policy.eligible += eligible;
    of_policy.ask += row.count(&format!("{stem}__ask"))?;
    of_policy.not += row.count(&format!("{stem}__not"))?;
    of_policy.amount_fen += amount;
    let of_district = figures.districts.entry(district.to_owned()).or_default();
    of_district.0 += eligible;
    of_district.1 += amount;
    Ok(())
}

fn first_count(batches: &[RecordBatch], column: &str) -> Result<u64, ApiError> {
    rows(batches).next().map_or(Ok(0), |row| row.count(column))
}

/// The districts of the city as a GeoJSON FeatureCollection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapCollection {
    #[serde(rename = "type")]
    kind: MapCollectionType,
    features: Vec<MapFeature>,
}

/// Always this word.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum MapCollectionType {
    FeatureCollection,
}

/// A district.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapFeature {
    #[serde(rename = "type")]
    kind: MapFeatureType,
    properties: MapProperties,
    geometry: MapGeometry,
}

/// Always this word.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum MapFeatureType {
    Feature,
}

/// Which district a feature shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapProperties {
    code: String,
    name: Text,
}

/// A GeoJSON geometry (RFC 7946), WGS 84.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MapGeometry {
    #[serde(rename = "type")]
    kind: MapGeometryType,
    /// As RFC 7946 nests them for the type.
    coordinates: Vec<serde_json::Value>,
}

/// GeoJSON geometry types in use.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum MapGeometryType {
    Polygon,
    MultiPolygon,
}

/// The pack's map, read once.
#[derive(Debug)]
pub(crate) struct MapFile {
    pub(crate) collection: MapCollection,
}

impl MapFile {
    /// Reads the districts out of the pack's map. Features that are no districts of the pack, or
    /// have no area, are left out; a pack without a map gives an empty collection.
    pub(crate) fn read(pack: &Pack) -> Self {
        let document: serde_json::Value = pack
            .map
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let features = document
            .get("features")
            .and_then(|features| features.as_array())
            .map(|features| features.iter().filter_map(|feature| district(pack, feature)).collect())
            .unwrap_or_default();
        Self { collection: MapCollection { kind: MapCollectionType::FeatureCollection, features } }
    }
}

fn district(pack: &Pack, feature: &serde_json::Value) -> Option<MapFeature> {
    let code = match feature.get("properties")?.get("code")? {
        serde_json::Value::String(code) => code.clone(),
        number => number.as_u64()?.to_string(),
    };
    let division = pack.division_named(&code)?;
    let geometry = feature.get("geometry")?;
    let kind = match geometry.get("type")?.as_str()? {
        "Polygon" => MapGeometryType::Polygon,
        "MultiPolygon" => MapGeometryType::MultiPolygon,
        _ => return None,
    };
    Some(MapFeature {
        kind: MapFeatureType::Feature,
        properties: MapProperties { code, name: Text::both(&division.name) },
        geometry: MapGeometry {
            kind,
            coordinates: geometry.get("coordinates")?.as_array()?.clone(),
        },
    })
}
