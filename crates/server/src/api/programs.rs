//! What partners' programs are called, for whoever reads in the audit trail what they did.

use std::collections::{BTreeMap, BTreeSet};

use identity::api_client;
use serde::Serialize;
use utoipa::ToSchema;

use super::organisations::Organisation;
use crate::app::App;
use crate::problem::ApiError;
use crate::text::Text;

/// A partner's program that entries of the trail name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NamedProgram {
    /// As the entries name it, `api_client:<id>`.
    subject: String,
    pub(super) name: String,
    /// Whose it is.
    pub(super) organisation: Option<Text>,
}

/// The programs among those whom entries name, by how they name them. All are read at once.
pub(super) async fn named<'a>(
    app: &App,
    subjects: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, NamedProgram>, ApiError> {
    let ids: BTreeSet<&str> = subjects.filter_map(api_client::of_subject).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let found = api_client::with_owners(&app.db, &ids).await?;
    let programs = found.into_iter().map(|(client, owner)| {
        let subject = api_client::subject(&client.id);
        let organisation = owner.map(|owner| Organisation::from(owner).into_name());
        (subject.clone(), NamedProgram { subject, name: client.name, organisation })
    });
    Ok(programs.collect())
}
