//! Writing down who read what.

use std::collections::BTreeSet;

use store::audit::Reading;

use crate::access::{Caller, Citizen, Principal};
use crate::app::App;
use crate::problem::ApiError;

/// Writes an audit entry before something is shown: without the entry nothing is shown.
///
/// `subject` is `<kind>:<id>`, never a name or a number of a person.
#[tracing::instrument(name = "audit.write", skip_all)]
pub(crate) async fn reading(
    app: &App,
    caller: &Caller,
    what: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), ApiError> {
    let entry = entry(app, caller, what, subject.to_owned(), detail);
    app.recorder.record(entry).await.map_err(ApiError::internal)
}

/// Writes an entry for each act and person whose data are shown, before they are. A person twice is one entry.
#[tracing::instrument(name = "audit.write", skip_all)]
pub(crate) async fn persons<'a>(
    app: &App,
    caller: &Caller,
    seen: impl IntoIterator<Item = (&'a str, &'a str)>,
    detail: &serde_json::Value,
) -> Result<(), ApiError> {
    let seen: BTreeSet<_> = seen.into_iter().filter(|(_, person)| !person.is_empty()).collect();
    let entries = seen
        .into_iter()
        .map(|(what, person)| entry(app, caller, what, format!("person:{person}"), detail))
        .collect();
    app.recorder.record_all(entries).await.map_err(ApiError::internal)
}

/// Writes an entry before a person is shown their own affairs, or those of somebody whom they act for.
#[tracing::instrument(name = "audit.write", skip_all)]
pub(crate) async fn affairs(
    app: &App,
    citizen: &Citizen,
    what: &str,
    of: &Principal,
    detail: &serde_json::Value,
) -> Result<(), ApiError> {
    let entry = Reading {
        who: citizen.subject(),
        what: what.to_owned(),
        subject: identity::citizen::subject(&of.person),
        at: app.now(),
        purpose: of.standing.as_str().to_owned(),
        detail: detail.clone(),
    };
    app.recorder.record(entry).await.map_err(ApiError::internal)
}

fn entry(
    app: &App,
    caller: &Caller,
    what: &str,
    subject: String,
    detail: &serde_json::Value,
) -> Reading {
    Reading {
        who: caller.who.username.clone(),
        what: what.to_owned(),
        subject,
        at: app.now(),
        purpose: caller.purpose_word().to_owned(),
        detail: detail.clone(),
    }
}
