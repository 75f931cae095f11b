//! The table of operations: what each needs, and what it answers to those who may not use it. An operation
//! without a row answers nobody.

use axum::http::Method;
use identity::access::Action;

use crate::problem::ApiError;

/// What an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A session; it is about the caller's own account.
    Session,
    /// A session of the portal. The operation asks the policies about the person whom it is about.
    Person,
    /// A signature of a partner's program. The operation asks the policies about the person whom it is about.
    Partner,
    /// Leave of the policies.
    May {
        /// For what.
        action: Action,
        /// Where.
        place: Place,
        /// The highest sensitivity level that it shows.
        level: u8,
    },
}

/// Where leave is asked before the operation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the caller's division; the operation asks again about the thing itself, or cuts its list to a division.
    Own,
    /// In the whole city: what it shows has no division.
    City,
}

/// What is said to be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    Route,
    Person,
    User,
    Task,
    Client,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    method: &'static str,
    path: &'static str,
    pub(crate) needs: Needs,
    absent: Absent,
}

impl Rule {
    /// The row of an operation.
    pub(crate) fn of(method: &Method, path: &str) -> Option<&'static Self> {
        // HEAD is answered by what GET does.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        RULES.iter().find(|rule| rule.path == path && rule.method == method.as_str())
    }

    /// Whether there is an operation at a path, with whatever method.
    pub(crate) fn knows(path: &str) -> bool {
        RULES.iter().any(|rule| rule.path == path)
    }

    /// What is answered to those who may not use it.
    pub(crate) fn absent(&self) -> ApiError {
        match self.absent {
            Absent::Route => ApiError::route_unknown(),
            Absent::Person => ApiError::person_unknown(),
            Absent::User => ApiError::user_unknown(),
            Absent::Task => ApiError::task_unknown(),
            Absent::Client => ApiError::client_unknown(),
        }
    }
}

/// Where leave for an act is asked; in one's own division if no operation needs it.
pub(crate) fn place_of(action: Action) -> Place {
    let asked = RULES.iter().find_map(|rule| match rule.needs {
        Needs::May { action: needed, place, .. } if needed == action => Some(place),
        _ => None,
    });
    asked.unwrap_or(Place::Own)
}

const fn own(method: &'static str, path: &'static str) -> Rule {
    Rule { method, path, needs: Needs::Session, absent: Absent::Route }
}

const fn person(method: &'static str, path: &'static str) -> Rule {
    Rule { method, path, needs: Needs::Person, absent: Absent::Person }
}

const fn partner(method: &'static str, path: &'static str) -> Rule {
    Rule { method, path, needs: Needs::Partner, absent: Absent::Route }
}

const fn may(
    (method, path): (&'static str, &'static str),
    action: Action,
    (place, level): (Place, u8),
    absent: Absent,
) -> Rule {
    Rule { method, path, needs: Needs::May { action, place, level }, absent }
}

#[rustfmt::skip]
const RULES: &[Rule] = &[
    own("PUT", "/api/v1/session/password"),
    own("POST", "/api/v1/session/second-factor"),
    own("PUT", "/api/v1/session/second-factor"),
    may(("GET", "/api/v1/meta"), Action::MetaRead, (Place::Own, 1), Absent::Route),
    may(("GET", "/api/v1/divisions"), Action::MetaRead, (Place::Own, 1), Absent::Route),
    may(("GET", "/api/v1/overview"), Action::OverviewRead, (Place::Own, 1), Absent::Route),
    may(("GET", "/api/v1/map"), Action::OverviewRead, (Place::Own, 1), Absent::Route),
    may(("POST", "/api/v1/people/searches"), Action::PersonSearch, (Place::Own, 3), Absent::Route),
    may(("GET", "/api/v1/people/{person_id}"), Action::PersonRead, (Place::Own, 3), Absent::Person),
    may(("POST", "/api/v1/people/{person_id}/reveal"), Action::PersonReveal, (Place::Own, 4), Absent::Person),
    may(("GET", "/api/v1/people/{person_id}/decisions/{policy}"), Action::DecisionExplain, (Place::Own, 3), Absent::Person),
    may(("GET", "/api/v1/people/{person_id}/representatives"), Action::RepresentationRead, (Place::Own, 3), Absent::Person),
    may(("POST", "/api/v1/people/{person_id}/representatives"), Action::RepresentationChange, (Place::Own, 3), Absent::Person),
    may(("DELETE", "/api/v1/people/{person_id}/representatives/{representation_id}"), Action::RepresentationChange, (Place::Own, 3), Absent::Person),
    may(("GET", "/api/v1/link-reviews"), Action::PersonSearch, (Place::Own, 3), Absent::Route),
    may(("GET", "/api/v1/quarantine"), Action::QuarantineRead, (Place::City, 3), Absent::Route),
    may(("GET", "/api/v1/quarantine/export.xlsx"), Action::QuarantineExport, (Place::City, 3), Absent::Route),
    may(("GET", "/api/v1/lists"), Action::ListRead, (Place::Own, 3), Absent::Route),
    may(("GET", "/api/v1/lists/export.xlsx"), Action::ListExport, (Place::Own, 3), Absent::Route),
    may(("GET", "/api/v1/batches"), Action::BatchRead, (Place::City, 2), Absent::Route),
    may(("GET", "/api/v1/organisations"), Action::OrganisationRead, (Place::Own, 2), Absent::Route),
    may(("POST", "/api/v1/organisations"), Action::OrganisationCreate, (Place::Own, 2), Absent::Route),
    may(("GET", "/api/v1/users"), Action::UserRead, (Place::Own, 2), Absent::Route),
    may(("POST", "/api/v1/users"), Action::UserCreate, (Place::Own, 2), Absent::Route),
    may(("GET", "/api/v1/users/{username}"), Action::UserRead, (Place::Own, 2), Absent::User),
    may(("PATCH", "/api/v1/users/{username}"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("PUT", "/api/v1/users/{username}/password"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("DELETE", "/api/v1/users/{username}/second-factor"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("DELETE", "/api/v1/users/{username}/sessions"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("GET", "/api/v1/users/{username}/oidc-link"), Action::UserRead, (Place::Own, 2), Absent::User),
    may(("PUT", "/api/v1/users/{username}/oidc-link"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("DELETE", "/api/v1/users/{username}/oidc-link"), Action::UserChange, (Place::Own, 2), Absent::User),
    may(("GET", "/api/v1/users/{username}/grants"), Action::GrantRead, (Place::Own, 2), Absent::User),
    may(("POST", "/api/v1/users/{username}/grants"), Action::GrantCreate, (Place::Own, 2), Absent::User),
    may(("DELETE", "/api/v1/users/{username}/grants/{grant_id}"), Action::GrantRevoke, (Place::Own, 2), Absent::User),
    may(("GET", "/api/v1/api-clients"), Action::ClientRead, (Place::Own, 2), Absent::Route),
    may(("POST", "/api/v1/api-clients"), Action::ClientCreate, (Place::Own, 2), Absent::Route),
    may(("GET", "/api/v1/api-clients/{client_id}"), Action::ClientRead, (Place::Own, 2), Absent::Client),
    may(("DELETE", "/api/v1/api-clients/{client_id}"), Action::ClientChange, (Place::Own, 2), Absent::Client),
    may(("POST", "/api/v1/api-clients/{client_id}/keys"), Action::ClientChange, (Place::Own, 2), Absent::Client),
    may(("DELETE", "/api/v1/api-clients/{client_id}/keys/{key_id}"), Action::ClientChange, (Place::Own, 2), Absent::Client),
    may(("POST", "/api/v1/api-clients/{client_id}/agreements"), Action::ClientChange, (Place::Own, 2), Absent::Client),
    may(("DELETE", "/api/v1/api-clients/{client_id}/agreements/{agreement_id}"), Action::ClientChange, (Place::Own, 2), Absent::Client),
    may(("GET", "/api/v1/audit/entries"), Action::TrailRead, (Place::City, 2), Absent::Route),
    may(("GET", "/api/v1/tasks"), Action::TaskRead, (Place::Own, 2), Absent::Route),
    may(("GET", "/api/v1/tasks/{task_id}"), Action::TaskRead, (Place::Own, 2), Absent::Task),
    may(("POST", "/api/v1/tasks/{task_id}/acts"), Action::TaskWork, (Place::Own, 2), Absent::Task),
    partner("GET", "/api/v1/exchange/agreements"),
    partner("POST", "/api/v1/exchange/verifications"),
    person("GET", "/api/v1/citizen/session"),
    person("GET", "/api/v1/citizen/people/{person_id}"),
    person("GET", "/api/v1/citizen/people/{person_id}/decisions/{policy}"),
    person("GET", "/api/v1/citizen/people/{person_id}/readings"),
    person("GET", "/api/v1/citizen/people/{person_id}/representatives"),
    person("POST", "/api/v1/citizen/people/{person_id}/representatives"),
    person("DELETE", "/api/v1/citizen/people/{person_id}/representatives/{representation_id}"),
];
