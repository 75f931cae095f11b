//! People in the portal: who they are, and whose affairs they may ask about.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use identity::access::{Affair, Standing};
use identity::citizen::representation::{self, Representation};
use identity::citizen::{self, session};
use registry::Hit;

use super::caller::cookie_of;
use crate::app::App;
use crate::limits::Client;
use crate::params::is_id;
use crate::problem::ApiError;
use crate::published::Published;

/// A person who is signed in. Extractor behind [`super::require`].
#[derive(Debug, Clone)]
pub(crate) struct Citizen {
    /// The present id.
    pub(crate) person: String,
}

/// A person whose affairs may be asked about.
pub(crate) struct Principal {
    pub(crate) published: Arc<Published>,
    /// The present id.
    pub(crate) person: String,
    pub(crate) standing: Standing,
}

impl Citizen {
    /// Whose session a request comes with. A person who is no longer in the registry, or is known to be dead, has none.
    pub(super) async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(token) = cookie_of(app, headers, session::COOKIE) else { return Ok(None) };
        let Some(person) = session::person(&app.db, &token, app.now()).await? else {
            return Ok(None);
        };
        let Some(published) = app.published().await? else { return Ok(None) };
        let found = present(&published, &person).await?;
        Ok(found.filter(|hit| hit.vital_status != "dead").map(|hit| Self { person: hit.person_id }))
    }

    /// How they are named in the audit trail.
    pub(crate) fn subject(&self) -> String {
        citizen::subject(&self.person)
    }

    pub(super) fn client(&self) -> Client {
        Client::Account(self.subject())
    }

    /// A person whose affairs they may ask this about. Anybody else is as if there were no such person.
    pub(crate) async fn affairs(
        &self,
        app: &App,
        affair: Affair,
        person_id: &str,
    ) -> Result<Principal, ApiError> {
        let unknown = ApiError::person_unknown;
        let published = app.published().await?.ok_or_else(unknown)?;
        if !is_id(person_id) {
            return Err(unknown());
        }
        let hit = present(&published, person_id).await?.ok_or_else(unknown)?;
        let standings = self.standings_to(app, &published, &hit.person_id).await?;
        let may = |standing: &Standing| {
            app.access.allows_person(&self.person, affair, &hit.person_id, *standing)
        };
        let standing = standings.into_iter().find(may).ok_or_else(unknown)?;
        Ok(Principal { published, person: hit.person_id, standing })
    }

    /// How they stand to a person; what gives most comes first.
    async fn standings_to(
        &self,
        app: &App,
        published: &Published,
        person: &str,
    ) -> Result<Vec<Standing>, ApiError> {
        if person == self.person {
            return Ok(vec![Standing::Own]);
        }
        let acts = self.acts_for(app, published).await?;
        let found = acts.into_iter().filter(|(hit, _)| hit.person_id == person);
        let mut standings: Vec<Standing> = found.map(|(_, one)| Standing::For(one.kind)).collect();
        standings.sort_unstable();
        Ok(standings)
    }

    /// The persons that they may act for now.
    pub(crate) async fn acts_for(
        &self,
        app: &App,
        published: &Published,
    ) -> Result<Vec<(Hit, Representation)>, ApiError> {
        let ids = ids_of(published, &self.person).await?;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        for one in representation::of_representatives(&app.db, &ids, app.now()).await? {
            // Whoever is acted for may have left the registry, or have become the same person as who acts; what was said
            // in life ends with it.
            let hit = present(published, &one.principal).await?;
            let hit = hit.filter(|hit| hit.vital_status != "dead" && hit.person_id != self.person);
            found.extend(hit.map(|hit| (hit, one)));
        }
        Ok(found)
    }
}

/// The person that an id stands for now.
pub(crate) async fn present(
    published: &Published,
    person_id: &str,
) -> Result<Option<Hit>, ApiError> {
    let Some(index) = published.index().await? else { return Ok(None) };
    let snapshot = published.with_all_tables().await?;
    let Some(found) = registry::locate(snapshot, &index, person_id).await? else { return Ok(None) };
    Ok(index.person(&found.person_id)?.map(|(hit, _)| hit))
}

/// All ids that a person has had.
pub(crate) async fn ids_of(published: &Published, person: &str) -> Result<Vec<String>, ApiError> {
    Ok(registry::all_ids(published.with_all_tables().await?, person).await?)
}

impl<S: Send + Sync> FromRequestParts<S> for Citizen {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::citizen_not_signed_in)
    }
}
