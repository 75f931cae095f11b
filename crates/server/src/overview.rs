//! Figures of the overview: computed once for a published state, since they go over everybody.

use std::collections::{BTreeMap, BTreeSet};

use engine::arrow::array::RecordBatch;
use pack::{Pack, Policy};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::{DivisionCode, Period};

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
    /// Of the whole city always: nobody knows whose these rows are.
    quarantined: u64,
    alive: u64,
    dead: u64,
    /// Persons whose death one source alone reports.
    uncertain: u64,
}

/// Persons by district code.
pub(crate) type DistrictPersons = BTreeMap<String, u64>;

/// Figures by the division that they are of, significant digits; empty for what lies nobody knows where.
type ByDivision<T> = BTreeMap<String, T>;

/// Figures of the registry: of all, and by division.
#[derive(Debug, Clone, Default)]
pub(crate) struct RegistryFigures {
    pub(crate) totals: Totals,
    pub(crate) districts: DistrictPersons,
    /// Persons and households alone.
    divisions: ByDivision<Totals>,
}

/// Records, and those of them that are linked without certainty, by the division of the person.
pub(crate) type Records = ByDivision<(u64, u64)>;

impl RegistryFigures {
    /// The figures of a division.
    pub(crate) fn within(&self, division: &DivisionCode, records: &Records) -> Totals {
        let mut sum = Totals { quarantined: self.totals.quarantined, ..Totals::default() };
        for part in parts(&self.divisions, division) {
            sum.persons += part.persons;
            sum.households += part.households;
            sum.alive += part.alive;
            sum.dead += part.dead;
            sum.uncertain += part.uncertain;
        }
        for (all, uncertain) in parts(records, division) {
            sum.records += all;
            sum.links_uncertain += uncertain;
        }
        sum
    }
}

/// What is of a division and of those within it: their codes follow on its own.
fn parts<'a, T>(all: &'a ByDivision<T>, division: &DivisionCode) -> impl Iterator<Item = &'a T> {
    let first = division.as_str().to_owned();
    let rest = all.range(first.clone()..);
    rest.take_while(move |(code, _)| code.starts_with(&first)).map(|(_, part)| part)
}

/// By policy id.
pub(crate) type ByPolicy = BTreeMap<String, PolicyFigures>;

/// Decisions of a period.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeriodFigures {
    /// Of the whole city.
    pub(crate) policies: ByPolicy,
    /// By district code: entitlements and their amount.
    pub(crate) districts: BTreeMap<String, (u64, i64)>,
    divisions: ByDivision<ByPolicy>,
}

impl PeriodFigures {
    /// The figures of a division.
    pub(crate) fn within(&self, division: &DivisionCode) -> ByPolicy {
        let mut sum = ByPolicy::new();
        for part in parts(&self.divisions, division) {
            for (policy, figures) in part {
                sum.entry(policy.clone()).or_default().add(*figures);
            }
        }
        sum
    }
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

    fn add(&mut self, other: Self) {
        self.eligible += other.eligible;
        self.ask += other.ask;
        self.not += other.not;
        self.amount_fen += other.amount_fen;
    }
}

/// Where a person lives, or else is registered.
pub(crate) const HOME: &str = "coalesce(division, hukou_division, '')";

/// Computes the figures of the registry.
pub(crate) async fn registry_figures(published: &Published) -> Result<RegistryFigures, ApiError> {
    let mut figures = RegistryFigures::default();
    let sql = format!(
        "SELECT vital_status, {HOME} AS place, count(*) AS persons FROM persons GROUP BY 1, 2"
    );
    for row in rows(&published.query(&[registry::PERSONS], &sql).await?) {
        let persons = row.count("persons")?;
        let division = row.text_or_empty("place")?;
        let status = row.text_or_empty("vital_status")?;
        let part = figures.divisions.entry(division.to_owned()).or_default();
        for totals in [&mut figures.totals, part] {
            totals.persons += persons;
            *match status {
                "alive" => &mut totals.alive,
                "dead" => &mut totals.dead,
                _ => &mut totals.uncertain,
            } += persons;
        }
        *figures.districts.entry(district_of(division).to_owned()).or_default() += persons;
    }
    let sql = "SELECT certain, count(*) AS records FROM links GROUP BY certain";
    for row in rows(&published.query(&[registry::LINKS], sql).await?) {
        let records = row.count("records")?;
        figures.totals.records += records;
        if row.boolean("certain")? != Some(true) {
            figures.totals.links_uncertain += records;
        }
    }
    let sql = "SELECT coalesce(division, '') AS place, count(*) AS households \
               FROM households GROUP BY 1";
    for row in rows(&published.query(&[registry::HOUSEHOLDS], sql).await?) {
        let households = row.count("households")?;
        let division = row.text_or_empty("place")?.to_owned();
        figures.totals.households += households;
        figures.divisions.entry(division).or_default().households += households;
    }
    let sql = "SELECT count(*) AS quarantined FROM quarantine";
    figures.totals.quarantined =
        first_count(&published.query(&[intake::QUARANTINE], sql).await?, "quarantined")?;
    Ok(figures)
}

/// Counts the records by the division of the person that they are linked to.
pub(crate) async fn records(published: &Published) -> Result<Records, ApiError> {
    let mut found = Records::new();
    let sql = format!(
        "SELECT p.home AS place, l.certain AS certain, count(*) AS records \
         FROM links l JOIN (SELECT person_id, {HOME} AS home FROM persons) p \
         ON l.person_id = p.person_id GROUP BY 1, 2"
    );
    for row in rows(&published.query(&[registry::LINKS, registry::PERSONS], &sql).await?) {
        let records = row.count("records")?;
        let part = found.entry(row.text_or_empty("place")?.to_owned()).or_default();
        part.0 += records;
        if row.boolean("certain")? != Some(true) {
            part.1 += records;
        }
    }
    Ok(found)
}

/// The code of the district that a division lies in; of what lies in none its own.
fn district_of(division: &str) -> &str {
    division.get(..6).unwrap_or(division)
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
            let division = row.text_or_empty("place")?;
            for policy in &decided {
                add(&mut figures, &row, division, &policy.id)?;
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
    let place = if columns.contains("division") { "coalesce(division, '')" } else { "''" };
    format!("SELECT {place} AS place{selected} FROM \"{table}\" GROUP BY 1")
}

fn add(
    figures: &mut PeriodFigures,
    row: &Row<'_>,
    division: &str,
    policy: &str,
) -> Result<(), ApiError> {
    let stem = column_stem(policy);
    let part = PolicyFigures {
        eligible: row.count(&format!("{stem}__eligible"))?,
        ask: row.count(&format!("{stem}__ask"))?,
        not: row.count(&format!("{stem}__not"))?,
        amount_fen: row.integer(&format!("{stem}__amount"))?.unwrap_or_default(),
    };
    figures.policies.entry(policy.to_owned()).or_default().add(part);
    let of_division = figures.divisions.entry(division.to_owned()).or_default();
    of_division.entry(policy.to_owned()).or_default().add(part);
    let of_district = figures.districts.entry(district_of(division).to_owned()).or_default();
    of_district.0 += part.eligible;
    of_district.1 += part.amount_fen;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_division_is_of_it() {
        let codes =
            ["", "4401", "440103", "440104", "440104001", "440104001001", "440104009", "440105"];
        let all: ByDivision<&str> = codes.map(|code| (code.to_owned(), code)).into();
        let found = |code: &str| {
            let division = DivisionCode::parse(code);
            division.map(|division| parts(&all, &division).copied().collect::<Vec<_>>())
        };
        let district = ["440104", "440104001", "440104001001", "440104009"];
        assert_eq!(found("440104"), Ok(district.to_vec()));
        assert_eq!(found("440104001"), Ok(vec!["440104001", "440104001001"]));
        assert_eq!(found("440100"), Ok(codes.get(1..).unwrap_or_default().to_vec()));
        assert_eq!(found("440106"), Ok(Vec::new()));
    }
}
