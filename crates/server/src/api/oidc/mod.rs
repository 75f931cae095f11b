//! Signing in by OpenID Connect.
//!
//! A browser begins with [`begin_oidc`], goes to the provider, and comes back to [`callback::finish_oidc`]. That one is a page to people, not
//! an answer to a program: whatever it refuses is a code on the sign-in page ([`callback::as_page`]).

pub(crate) mod callback;
pub(crate) mod code;
pub(crate) mod link;

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use identity::oidc::Whom;
use identity::oidc::attempt::{self, Attempt};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::oidc::{OidcProvider, redirect_path};
use crate::params::body;
use crate::problem::{ApiError, Problem};
use crate::text::Text;

/// Longest address within the application to return to.
const RETURN_MOST: usize = 500;

/// Who can sign in by OpenID Connect.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcOffers {
    /// In the console; null if nobody.
    staff: Option<OidcOffer>,
    /// In the portal; null if nobody.
    citizens: Option<OidcOffer>,
}

/// A provider that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcOffer {
    /// What it is called.
    name: Text,
}

/// The beginning of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcStart {
    /// The page of the console to go to afterwards; left out for the portal.
    next: Option<String>,
}

/// Where the browser goes next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcStarted {
    /// An address of the provider, good for one sign-in in this browser.
    location: String,
}

/// Who can sign in by OpenID Connect
#[utoipa::path(
    get, path = "/api/v1/oidc", tag = "session",
    responses((status = 200, description = "The providers that can be chosen.", body = OidcOffers))
)]
pub(crate) async fn get_oidc(State(app): State<App>) -> Json<OidcOffers> {
    let offer = |whom| {
        let offered: Option<&Arc<OidcProvider>> = app.oidc.of(whom);
        offered.map(|one| OidcOffer { name: Text::new(&one.name, &one.name_en) })
    };
    Json(OidcOffers { staff: offer(Whom::Staff), citizens: offer(Whom::Citizens) })
}

/// Begin to sign in by OpenID Connect
#[utoipa::path(
    post, path = "/api/v1/oidc/{whom}/attempts", tag = "session",
    params(("whom" = String, Path, description = "`staff` or `citizens`.")),
    request_body = OidcStart,
    responses(
        (status = 201, description = "Begun; a cookie for the way back is set, and the browser goes to the provider.", body = OidcStarted),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nobody else signs in so.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "There is no provider for these, it does not answer, or the server is busy.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin_oidc(
    State(app): State<App>,
    Path(whom): Path<String>,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let (whom, offered) = offered(&app, &whom)?;
    let start: OidcStart = body(
        &bytes,
        "应为 JSON 对象，可含文本 `next`",
        "a JSON object with the text `next`, or without",
    )?;
    let next = match (whom, start.next) {
        (Whom::Staff, Some(next)) if is_of_the_console(&next) => next,
        (Whom::Staff, None) => "/console".to_owned(),
        (Whom::Citizens, None) => "/".to_owned(),
        _ => return Err(ApiError::bad_return()),
    };
    let attempt = Attempt::random()?;
    let location = offered.provider.authorization(&attempt, app.now()).await?;
    attempt.begin(&app.db, app.keys()?.as_ref(), whom, &next, app.now()).await?;
    let path = redirect_path(whom);
    let secure = app.exposure.secure_cookies();
    let cookie = attempt::cookie(&path).set(&attempt.browser, secure);
    Ok((
        StatusCode::CREATED,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(OidcStarted { location: location.into() }),
    ))
}

/// The provider for those whom a word of an address names.
fn offered<'a>(app: &'a App, whom: &str) -> Result<(Whom, &'a Arc<OidcProvider>), ApiError> {
    let whom = Whom::parse(whom).ok_or_else(ApiError::route_unknown)?;
    let offered = app.oidc.of(whom).ok_or_else(ApiError::oidc_not_offered)?;
    Ok((whom, offered))
}

/// Whether an address is a page of the console: it becomes the `Location` of an answer.
fn is_of_the_console(next: &str) -> bool {
    let rest = next.strip_prefix("/console");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        && next.len() <= RETURN_MOST
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_out_of_the_console() {
        assert!(is_of_the_console("/console"));
        assert!(is_of_the_console("/console/lists?policy=%E5%BC%A0#top"));
        for elsewhere in [
            "",
            "/",
            "//example.org",
            "/consolex",
            "https://example.org/console",
            "/console/\r\nset-cookie: a=b",
            "/console\\..\\",
            "/console/张",
        ] {
            assert!(!is_of_the_console(elsewhere), "{elsewhere}");
        }
        assert!(!is_of_the_console(&format!("/console/{}", "x".repeat(RETURN_MOST))));
    }
}
