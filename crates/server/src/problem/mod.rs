//! Errors of the API: RFC 9457 problem documents with stable codes, built in this place alone.
//!
//! Handlers return [`ApiError`], made by the function named for the situation. What happened inside
//! goes to the log; what the reader gets is chosen here and never holds personal data.

mod oidc;
mod refusal;

use std::error::Error;
use std::fmt::Write as _;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::IdentityError;
use identity::oidc::OidcError;
use serde::Serialize;
use tasks::TaskError;
use utoipa::ToSchema;

/// An error as RFC 9457 describes it (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Short summary of the kind of problem.
    pub(crate) title: &'static str,
    #[schema(value_type = i32, minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What happened in this case and what to do; never holds personal data.
    pub(crate) detail: Option<String>,
    /// Stable code, for instance `AUTH-CREDENTIALS`, `AUTH-SESSION`, `PERSON-UNKNOWN`,
    /// `PERIOD-UNKNOWN`.
    pub(crate) code: &'static str,
    /// The parameter at fault, if one is.
    pub(crate) parameter: Option<&'static str>,
    /// Name of this request in the server's log.
    pub(crate) request_id: Option<String>,
}

/// A request that can't be answered as asked.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    parameter: Option<&'static str>,
    retry_after_s: Option<i64>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            parameter: None,
            retry_after_s: None,
            source: None,
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// No session, or one that has ended.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-SESSION", "Not signed in")
            .detail("Sign in; a session ends after twelve hours.")
    }

    /// A wrong username or password; which of them is not said.
    pub(crate) fn wrong_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-CREDENTIALS", "Wrong username or password")
            .detail("Check both and try again. After five wrong passwords sign-in is locked for some minutes.")
    }

    /// Too many wrong passwords.
    pub(crate) fn locked_out(seconds: i64) -> Self {
        let minutes = seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0);
        let mut error =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "AUTH-LOCKED", "Too many attempts").detail(
                format!("Sign-in with this username is locked. Try again in {minutes} minutes."),
            );
        error.retry_after_s = Some(seconds.max(1));
        error
    }

    /// Username and password are right, and the account has a second factor.
    pub(crate) fn code_needed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-CODE-NEEDED", "A code is needed")
            .detail("Give the code that the telephone shows, or a recovery code, as `code`.")
    }

    /// A wrong code, or one that was used before.
    pub(crate) fn wrong_code() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-CODE", "Wrong code").detail(
            "Each code is taken once. After five wrong ones sign-in is locked for some minutes.",
        )
    }

    /// No session of the portal, or one that has ended.
    pub(crate) fn citizen_not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "CITIZEN-SESSION", "Not signed in").detail(
            "Sign in with identity number, name and telephone; a session ends after two hours.",
        )
    }

    /// Number, name, telephone and code do not belong together; which of them is not said.
    pub(crate) fn wrong_citizen() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "CITIZEN-CREDENTIALS", "Not these together").detail(
            "Check number, name, telephone and code. A code is good for five minutes and five tries.",
        )
    }

    /// What was typed can't be an identity number.
    pub(crate) fn bad_id_number() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ID-NUMBER-INVALID", "This is no identity number")
            .detail(
                "An identity number has 18 characters, and the last one follows from the others.",
            )
    }

    /// What was typed can't be a mobile number.
    pub(crate) fn bad_phone() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PHONE-INVALID", "This is no mobile number")
            .detail("A mobile number has 11 digits.")
    }

    /// The server sends no messages.
    pub(crate) fn no_sms() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "SMS-UNAVAILABLE", "No messages are sent here")
            .detail("This server has no SMS gateway; its operator gives one with --sms-gateway.")
    }

    /// A child, or somebody who has a guardian, asks nobody.
    pub(crate) fn may_not_entrust() -> Self {
        Self::new(StatusCode::FORBIDDEN, "REPRESENTATION-GUARDIAN", "The guardian decides")
            .detail("Who is under 18 or has a guardian can't ask somebody else to act.")
    }

    /// Nobody has this number and this name.
    pub(crate) fn representative_unknown() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "REPRESENTATIVE-UNKNOWN", "There is no such person")
            .detail("Nobody in the registry has this identity number and this name.")
    }

    /// Nobody acts for the person under this id.
    pub(crate) fn representation_unknown() -> Self {
        Self::of_identity(IdentityError::RepresentationUnknown)
    }

    /// Somebody else has chosen the password.
    pub(crate) fn password_to_change() -> Self {
        Self::new(StatusCode::FORBIDDEN, "AUTH-CHANGE-PASSWORD", "Change the password first")
            .detail("Somebody else has chosen this password; choose one of your own.")
    }

    /// Every account needs a second factor here, and this one has none.
    pub(crate) fn second_factor_needed() -> Self {
        Self::new(StatusCode::FORBIDDEN, "AUTH-SECOND-FACTOR", "Set up a second factor first")
            .detail("This server asks every account for a second factor.")
    }

    /// There is no such account.
    pub(crate) fn user_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "USER-UNKNOWN", "There is no such account")
            .detail("/api/v1/users lists those within your division.")
    }

    /// There is no such task.
    pub(crate) fn task_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "TASK-UNKNOWN", "There is no such task")
            .detail("/api/v1/tasks lists those for your roles.")
    }

    /// A change without the entity tag of what it is about.
    pub(crate) fn tag_needed() -> Self {
        Self::new(StatusCode::PRECONDITION_REQUIRED, "TAG-NEEDED", "An entity tag is needed")
            .detail("Read it again, and give its `ETag` as `If-Match`.")
    }

    /// It was changed since it was read.
    pub(crate) fn changed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "CHANGED", "It was changed meanwhile")
            .detail("Somebody else has changed it since it was read. Read it again.")
    }

    /// A request that makes something, without a key.
    pub(crate) fn key_needed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "KEY-NEEDED", "A key is needed").detail(
            "Give a new `Idempotency-Key` of 1 to 64 characters, best a UUID, and the same one when asking again.",
        )
    }

    /// A key that was used for something else.
    pub(crate) fn key_reused() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "KEY-REUSED", "This key was used before")
            .detail("The `Idempotency-Key` was used for another request; give a new one.")
    }

    /// More sign-ins at once than the server checks.
    pub(crate) fn sign_in_busy() -> Self {
        let mut error =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "AUTH-BUSY", "Too many sign-ins at once")
                .detail("Try again in a moment.");
        error.retry_after_s = Some(2);
        error
    }

    /// One client asks for more than it may.
    pub(crate) fn too_many_requests(seconds: i64) -> Self {
        let mut error =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO-MANY-REQUESTS", "Too many requests")
                .detail(format!("Try again in {seconds} seconds."));
        error.retry_after_s = Some(seconds);
        error
    }

    /// More requests at once than are worked on.
    pub(crate) fn overloaded() -> Self {
        let mut error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", "The server is busy")
                .detail("Nothing was done. Try again in a moment.");
        error.retry_after_s = Some(1);
        error
    }

    /// Production mode, and the request did not come through a proxy that ends TLS.
    pub(crate) fn not_by_tls() -> Self {
        Self::new(StatusCode::FORBIDDEN, "TLS-REQUIRED", "Only over TLS")
            .detail("This server answers only what comes by HTTPS through its proxy.")
    }

    /// There is no such address under `/api`.
    pub(crate) fn route_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ROUTE-UNKNOWN", "There is no such address")
            .detail("The addresses of this API are in its OpenAPI document.")
    }

    /// No run has decided this period.
    pub(crate) fn period_unknown(period: vocab::Period) -> Self {
        Self::new(StatusCode::NOT_FOUND, "PERIOD-UNKNOWN", "There is no such period").detail(
            format!("No published run has decided {period}; /api/v1/meta lists those that are."),
        )
    }

    /// No person has this id.
    pub(crate) fn person_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "PERSON-UNKNOWN", "There is no such person")
            .detail("The registry has no person with this id, and none that it was merged into.")
    }

    /// The pack has no such policy.
    pub(crate) fn policy_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "POLICY-UNKNOWN", "There is no such policy")
            .detail("/api/v1/meta lists the policies of this city.")
    }

    /// The policy decided nothing about this person in this period.
    pub(crate) fn decision_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "DECISION-UNKNOWN", "There is no such decision").detail(
            "The policy was not decided for this person, or a household of theirs, in this period.",
        )
    }

    /// A parameter of the address is not valid.
    pub(crate) fn bad_parameter(parameter: &'static str, expected: impl Into<String>) -> Self {
        let mut error =
            Self::new(StatusCode::BAD_REQUEST, "PARAMETER-INVALID", "A parameter is not valid")
                .detail(format!("Parameter `{parameter}`: expected {}.", expected.into()));
        error.parameter = Some(parameter);
        error
    }

    /// The body is not what the operation takes.
    pub(crate) fn bad_body(expected: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BODY-INVALID", "The body is not valid")
            .detail(format!("Expected {expected}."))
    }

    /// An export would have more rows than a worksheet holds.
    pub(crate) fn export_too_large(rows: u64, most: u64) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "EXPORT-TOO-LARGE", "Too many rows for one workbook")
            .detail(format!(
                "The filters select {rows} rows, a worksheet holds {most}; narrow the filters."
            ))
    }

    /// Something failed that is not the reader's fault. `source` goes to the log only.
    pub(crate) fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "The server could not answer",
        )
        .detail("Nothing was changed. Try again; if it stays, give the operator the request id.");
        error.source = Some(source.into());
        error
    }

    /// The problem that stands for a status that some layer below the handlers gave.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::route_unknown(),
            StatusCode::UNAUTHORIZED => Self::not_signed_in(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "METHOD-NOT-ALLOWED", "This address does not take this method")
            }
            StatusCode::FORBIDDEN => Self::new(status, "CROSS-SITE", "Refused")
                .detail("The request comes from another site."),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "BODY-TOO-LARGE", "The body is too large")
            }
            _ if status.is_client_error() => {
                Self::new(status, "REQUEST-INVALID", "The request is not valid")
            }
            _ => Self::new(status, "INTERNAL", "The server could not answer"),
        }
    }

    /// What the reader gets.
    pub(crate) fn problem(&self) -> Problem {
        Problem {
            kind: format!("urn:huimin:problem:{}", self.code.to_ascii_lowercase()),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            parameter: self.parameter,
            request_id: None,
        }
    }
}

impl<E> From<E> for ApiError
where
    E: Error + Send + Sync + 'static,
{
    /// What accounts and tasks refuse is the asker's; any other error of the layers below is the server's own.
    fn from(error: E) -> Self {
        let error: Box<dyn Error + Send + Sync> = Box::new(error);
        let error = match error.downcast::<IdentityError>() {
            Ok(refused) => return Self::of_identity(*refused),
            Err(other) => other,
        };
        let error = match error.downcast::<OidcError>() {
            Ok(failed) => return Self::of_oidc(*failed),
            Err(other) => other,
        };
        match error.downcast::<TaskError>() {
            Ok(refused) => Self::of_task(*refused),
            Err(other) => Self::internal(other),
        }
    }
}

/// The problem travels beside an empty response; [`render`] writes it, once the request id is known.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(source) = &self.source {
            tracing::error!(code = self.code, error = chain(source.as_ref()), "request failed");
        }
        let mut response = self.status.into_response();
        if let Some(value) =
            self.retry_after_s.and_then(|s| HeaderValue::try_from(s.to_string()).ok())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(self.problem());
        response
    }
}

/// Writes the problem of a response into its body.
pub(crate) fn render(mut response: Response, request_id: &str) -> Response {
    let status = response.status();
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return response };
    problem.request_id = Some(request_id.to_owned());
    let mut rendered = (status, Json(problem)).into_response();
    for (name, value) in response.headers() {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    rendered
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Writing into a String can't fail.
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}
