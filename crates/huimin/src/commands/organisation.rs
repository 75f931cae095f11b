//! `huimin organisation`.

use std::path::Path;

use engine::DataFolder;
use identity::organisation::{self, Kind, NewOrganisation, Organisation};
use jiff::Timestamp;
use pack::AreaKind;
use serde_json::json;
use store::sea_orm::DatabaseConnection;
use vocab::DivisionCode;

use crate::cli::{OrganisationAction, PlaceArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::{Output, count};

/// Organisations that are read at once.
const PAGE: u64 = 500;

/// Makes or lists organisations.
pub(crate) async fn organisation(
    action: &OrganisationAction,
    output: &Output,
) -> Result<(), Failure> {
    // These are acts of a person, not steps of the main job.
    let now = Timestamp::now();
    match action {
        OrganisationAction::Add { place, id, name, name_en, kind, division, parent } => {
            let (folder, db) = open(place).await?;
            let new = NewOrganisation {
                id,
                name_zh: name,
                name_en,
                kind: *kind,
                division: *division,
                parent: parent.as_deref(),
            };
            organisation::create(&db, &[new], super::BY, now).await?;
            commands::audit::seal(&folder, &db).await;
            output.report(&json!({ "organisation": id }), || {
                format!("✔ organisation `{id}` is there")
            });
            Ok(())
        }
        OrganisationAction::Import { place, pack } => import(place, pack, now, output).await,
        OrganisationAction::List { place, division } => {
            let (_, db) = place.open().await?;
            let found = all(&db, division).await?;
            output.report(&found, || table(&found));
            Ok(())
        }
    }
}

async fn open(place: &PlaceArgs) -> Result<(DataFolder, DatabaseConnection), Failure> {
    let folder = DataFolder::open_or_create(&place.data)?;
    let db = server::open_database(&folder, place.url()).await?;
    Ok((folder, db))
}

/// One organisation a division: the bureau of the city and of each district, the office of each street and
/// town, under the one above.
async fn import(
    place: &PlaceArgs,
    pack: &Path,
    now: Timestamp,
    output: &Output,
) -> Result<(), Failure> {
    let (pack, _) = commands::pack::load(pack)?;
    let (folder, db) = open(place).await?;
    let there = all(&db, &pack.division).await?;
    let drafts: Vec<Draft> = pack.divisions.iter().map(|division| draft(&pack, division)).collect();
    let new: Vec<NewOrganisation<'_>> = drafts
        .iter()
        .filter(|draft| there.iter().all(|one| one.id != draft.id))
        .map(|draft| NewOrganisation {
            id: &draft.id,
            name_zh: &draft.name,
            name_en: "",
            kind: Kind::CivilAffairs,
            division: draft.division,
            parent: draft.parent.as_deref(),
        })
        .collect();
    organisation::create(&db, &new, super::BY, now).await?;
    commands::audit::seal(&folder, &db).await;
    let made = new.len() as u64;
    output.report(&json!({ "made": made, "there": there.len() }), || {
        format!("✔ {} organisations made, {} were there", count(made), count(there.len() as u64))
    });
    Ok(())
}

struct Draft {
    id: String,
    name: String,
    division: DivisionCode,
    parent: Option<String>,
}

fn draft(pack: &pack::Pack, division: &pack::Division) -> Draft {
    let office = match division.level {
        AreaKind::City | AreaKind::District => "民政局",
        AreaKind::Street => "办事处",
        AreaKind::Town => "人民政府",
        AreaKind::Community => "居民委员会",
    };
    let within = |parent: &&DivisionCode| pack.division.contains(parent);
    let parent = division.parent.as_ref().filter(|_| division.code != pack.division);
    Draft {
        id: organisation_id(&division.code),
        name: format!("{}{office}", division.name),
        division: division.code,
        parent: parent.filter(within).map(organisation_id),
    }
}

/// The id of the civil-affairs organisation of a division.
fn organisation_id(division: &DivisionCode) -> String {
    format!("ca-{}", division.as_str())
}

async fn all(db: &DatabaseConnection, within: &DivisionCode) -> Result<Vec<Organisation>, Failure> {
    let mut found: Vec<Organisation> = Vec::new();
    loop {
        let after = found.last().map(|last| (last.division.as_str().to_owned(), last.id.clone()));
        let after = after.as_ref().map(|(division, id)| (division.as_str(), id.as_str()));
        let page = organisation::list(db, within, after, PAGE).await?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

fn table(found: &[Organisation]) -> String {
    if found.is_empty() {
        return "There is no organisation there yet; `huimin organisation import` makes those of a city pack."
            .to_owned();
    }
    let lines = found.iter().map(|one| {
        format!(
            "{:<24} {:<14} {:<14} {}",
            one.id,
            one.division.as_str(),
            one.kind.as_str(),
            one.name_zh
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
