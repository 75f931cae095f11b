//! Errors of the API: RFC 9457 problem documents with stable codes, built in this place alone.
//!
//! Handlers return [`ApiError`], made by the function named for the situation; those functions stand by subject in the
//! files beside this one, each text beside its translation. What happened inside goes to the log; what the reader gets is
//! chosen here and never holds personal data. In which language, [`render`] decides, which knows the request.

mod accounts;
mod changes;
mod citizens;
mod language;
mod oidc;
mod partners;
mod refusal;
mod requests;
mod results;
#[cfg(test)]
mod tests;

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

pub(crate) use self::language::Language;
use crate::text::Text;

/// An error as RFC 9457 describes it (`application/problem+json`). `title` and `detail` are Chinese or English, as
/// `Accept-Language` asks, and English without such a wish; `Content-Language` says which.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// Short summary of the kind of problem.
    title: &'static str,
    #[schema(value_type = i32, minimum = 400, maximum = 599)]
    status: u16,
    /// What happened in this case and what to do; never holds personal data.
    detail: Option<String>,
    /// Stable code, for instance `AUTH-CREDENTIALS`, `AUTH-SESSION`, `PERSON-UNKNOWN`,
    /// `PERIOD-UNKNOWN`.
    code: &'static str,
    /// The parameter at fault, if one is.
    parameter: Option<&'static str>,
    /// Name of this request in the server's log.
    request_id: Option<String>,
}

/// A title in the two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

/// A problem before it is known in which language the reader wants it.
#[derive(Debug, Clone)]
pub(crate) struct BilingualProblem {
    pub(crate) code: &'static str,
    pub(crate) title: Title,
    pub(crate) parameter: Option<&'static str>,
    status: StatusCode,
    detail: Option<Text>,
}

impl BilingualProblem {
    /// What the reader gets.
    fn told(self, language: Language, request_id: &str) -> Problem {
        let (title, detail) = match language {
            Language::Zh => (self.title.zh, self.detail.map(|detail| detail.zh)),
            Language::En => (self.title.en, self.detail.map(|detail| detail.en)),
        };
        Problem {
            kind: format!("urn:huimin:problem:{}", self.code.to_ascii_lowercase()),
            title,
            status: self.status.as_u16(),
            detail,
            code: self.code,
            parameter: self.parameter,
            request_id: Some(request_id.to_owned()),
        }
    }
}

/// A request that can't be answered as asked.
#[derive(Debug)]
pub(crate) struct ApiError {
    // Apart, so that a `Result` with an error in it stays small.
    problem: Box<BilingualProblem>,
    retry_after_s: Option<i64>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// `zh` and `en` are the title.
    fn new(status: StatusCode, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        let title = Title { zh, en };
        let problem = BilingualProblem { code, title, parameter: None, status, detail: None };
        Self { problem: Box::new(problem), retry_after_s: None, source: None }
    }

    fn detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.problem.detail = Some(Text::new(zh, en));
        self
    }

    fn parameter(mut self, name: &'static str) -> Self {
        self.problem.parameter = Some(name);
        self
    }

    fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// What the reader gets, in both languages.
    pub(crate) fn problem(&self) -> &BilingualProblem {
        &self.problem
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

/// The problem travels beside an empty response; [`render`] writes it, once the request id and the language
/// are known.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(source) = &self.source {
            let code = self.problem.code;
            tracing::error!(code, error = chain(source.as_ref()), "request failed");
        }
        let mut response = self.problem.status.into_response();
        if let Some(value) =
            self.retry_after_s.and_then(|s| HeaderValue::try_from(s.to_string()).ok())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(*self.problem);
        response
    }
}

/// Writes the problem of a response into its body, in the reader's language.
pub(crate) fn render(mut response: Response, language: Language, request_id: &str) -> Response {
    let status = response.status();
    let Some(problem) = response.extensions_mut().remove::<BilingualProblem>() else {
        return response;
    };
    let mut rendered = (status, Json(problem.told(language, request_id))).into_response();
    let headers = rendered.headers_mut();
    for (name, value) in response.headers() {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            headers.append(name, value.clone());
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(header::VARY, HeaderValue::from_name(header::ACCEPT_LANGUAGE));
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
