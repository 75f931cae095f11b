//! Organisations.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use identity::IdentityError;
use identity::access::Action;
use identity::organisation::{self, Kind, NewOrganisation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocab::{DivisionCode, DivisionLevel};

use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText, body};
use crate::problem::{ApiError, Problem};
use crate::text::Text;

/// What an organisation does.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrganisationKind {
    CivilAffairs,
    Department,
    Charity,
    Audit,
}

impl From<Kind> for OrganisationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::CivilAffairs => Self::CivilAffairs,
            Kind::Department => Self::Department,
            Kind::Charity => Self::Charity,
            Kind::Audit => Self::Audit,
        }
    }
}

impl From<OrganisationKind> for Kind {
    fn from(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::CivilAffairs => Self::CivilAffairs,
            OrganisationKind::Department => Self::Department,
            OrganisationKind::Charity => Self::Charity,
            OrganisationKind::Audit => Self::Audit,
        }
    }
}

/// How high an organisation stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrganisationLevel {
    City,
    District,
    Street,
    Community,
}

impl From<DivisionLevel> for OrganisationLevel {
    fn from(level: DivisionLevel) -> Self {
        match level {
            DivisionLevel::Province | DivisionLevel::City => Self::City,
            DivisionLevel::County => Self::District,
            DivisionLevel::Township => Self::Street,
            DivisionLevel::Community => Self::Community,
        }
    }
}

/// An organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Organisation {
    organisation_id: String,
    name: Text,
    kind: OrganisationKind,
    level: OrganisationLevel,
    /// Significant digits of the code of the division that it works in.
    division: String,
    /// The organisation above.
    parent: Option<String>,
}

impl Organisation {
    pub(super) fn into_name(self) -> Text {
        self.name
    }
}

impl From<organisation::Organisation> for Organisation {
    fn from(found: organisation::Organisation) -> Self {
        // Where nobody has given an English name, the Chinese one stands for itself.
        let english = if found.name_en.is_empty() { &found.name_zh } else { &found.name_en };
        Self {
            name: Text::new(&found.name_zh, english),
            kind: found.kind.into(),
            level: found.division.level().into(),
            division: found.division.as_str().to_owned(),
            organisation_id: found.id,
            parent: found.parent,
        }
    }
}

/// Organisations, by division.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationsPage {
    organisations: Vec<Organisation>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// An organisation to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationDraft {
    /// 1 to 64 lower-case letters, digits, `.`, `-` and `_`.
    organisation_id: String,
    name_zh: String,
    #[serde(default)]
    name_en: String,
    kind: OrganisationKind,
    /// Division code.
    division: String,
    /// The organisation above.
    parent: Option<String>,
}

/// A page of a list that can be cut to a division.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DivisionPage {
    /// Division code.
    #[param(value_type = Option<String>)]
    pub(crate) division: Option<DivisionCode>,
    /// Page size; 50 if left out.
    #[param(required = false, minimum = 1, maximum = 200)]
    pub(crate) limit: u32,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
}

impl FromQuery for DivisionPage {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self {
            division: query.division()?,
            limit: query.limit(50)?,
            cursor: query.text("cursor")?.map(str::to_owned),
        })
    }
}

/// Organisations
#[utoipa::path(
    get, path = "/api/v1/organisations", tag = "access", params(DivisionPage), security(("session" = [])),
    responses(
        (status = 200, description = "Organisations within one's own division.", body = OrganisationsPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_organisations(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(page): ApiQuery<DivisionPage>,
) -> Result<Json<OrganisationsPage>, ApiError> {
    let within = caller.scope(&app, Action::OrganisationRead, page.division)?;
    let within = within.unwrap_or(app.pack.division);
    let after = match &page.cursor {
        None => None,
        Some(cursor) => Some(cursor.split_once('~').ok_or_else(ApiError::bad_cursor)?),
    };
    let limit = rows_to_read(page.limit);
    let mut found = organisation::list(&app.db, &within, after, limit).await?;
    let next =
        cut(&mut found, page.limit, |last| format!("{}~{}", last.division.as_str(), last.id));
    Ok(Json(OrganisationsPage {
        organisations: found.into_iter().map(Organisation::from).collect(),
        next,
    }))
}

/// Make an organisation
#[utoipa::path(
    post, path = "/api/v1/organisations", tag = "access", security(("session" = [])),
    params(
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = OrganisationDraft,
    responses(
        (status = 201, description = "It is there.", body = Organisation),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one with this id.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_organisation(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let draft: OrganisationDraft = body(
        &bytes,
        "应为 JSON 对象，含 `organisation_id`、`name_zh`、`name_en`、`kind`、`division` 和 `parent`",
        "a JSON object with `organisation_id`, `name_zh`, `name_en`, `kind`, `division` and `parent`",
    )?;
    let division = DivisionCode::parse(&draft.division).map_err(|_| {
        ApiError::bad_body(
            "`division` 须为行政区划代码，例如 440104",
            "a division code in `division`, for instance 440104",
        )
    })?;
    if !app.pack.division.contains(&division)
        || !caller.may(&app, Action::OrganisationCreate, &division, 2)
    {
        return Err(ApiError::bad_body(
            "`division` 须在您的区划之内",
            "a division within your own in `division`",
        ));
    }
    // One that lies elsewhere is as if it were not there.
    if let Some(id) = &draft.parent {
        let parent = organisation::find(&app.db, id).await?;
        let within =
            parent.filter(|one| caller.may(&app, Action::OrganisationCreate, &one.division, 2));
        if within.is_none() {
            return Err(IdentityError::OrganisationUnknown(id.clone()).into());
        }
    }
    let new = NewOrganisation {
        id: &draft.organisation_id,
        name_zh: &draft.name_zh,
        name_en: &draft.name_en,
        kind: draft.kind.into(),
        division,
        parent: draft.parent.as_deref(),
    };
    let once = match Once::begin(&app, &caller, key, "organisation", &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let by = caller.who.username.as_str();
    organisation::create_in(once.transaction(), &[new], by, app.now()).await?;
    let made = organisation::find(once.transaction(), &draft.organisation_id).await?;
    let made = made.ok_or_else(|| ApiError::internal("the new organisation is gone"))?;
    once.answer(&Organisation::from(made)).await
}
