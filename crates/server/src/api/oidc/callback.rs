//! The way back from a provider.

use axum::extract::{MatchedPath, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};
use identity::cookie::Cookie;
use identity::oidc::{Identity, Whom, attempt, link, waiting};
use identity::session::{self, Token};
use identity::{account, attempts, citizen, second_factor};
use serde_json::json;
use store::{StoreError, begin_write};
use url::form_urlencoded;
use vocab::IdNumber;

use super::offered;
use crate::access::cookie_of;
use crate::api::citizen::session::claimed;
use crate::app::App;
use crate::oidc::{OidcProvider, redirect_path};
use crate::problem::{ApiError, BilingualProblem};

/// The route of the way back.
const ROUTE: &str = "/api/v1/oidc/{whom}/callback";
/// Where a code of the second factor is taken.
pub(super) const CODE_PATH: &str = "/api/v1/oidc/staff/session";

/// Finish signing in by OpenID Connect
///
/// The provider leads the browser here. Whatever happens, the browser goes on to a page: after a refusal to the sign-in page, with the
/// code of the problem as `refused`.
#[utoipa::path(
    get, path = "/api/v1/oidc/{whom}/callback", tag = "session",
    params(
        ("whom" = String, Path, description = "`staff` or `citizens`."),
        ("state" = Option<String>, Query, description = "What the attempt gave to the provider."),
        ("code" = Option<String>, Query, description = "What the provider gives for it."),
        ("error" = Option<String>, Query, description = "Why the provider gives nothing."),
        ("iss" = Option<String>, Query, description = "The provider (RFC 9207)."),
    ),
    responses((status = 303, description = "On to a page; after a sign-in a cookie of the session is set."))
)]
pub(crate) async fn finish_oidc(
    State(app): State<App>,
    Path(whom): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (whom, offered) = offered(&app, &whom)?;
    let answer = Answer::read(&query.unwrap_or_default());
    let state = answer.state.as_deref().and_then(Token::parse);
    let way_back = redirect_path(whom);
    let browser = cookie_of(&app, &headers, attempt::cookie(&way_back));
    let (Some(state), Some(browser)) = (state, browser) else {
        return Err(ApiError::oidc_expired());
    };
    let now = app.now();
    let taken = attempt::take(&app.db, app.keys()?.as_ref(), whom, (&state, &browser), now).await?;
    let taken = taken.ok_or_else(ApiError::oidc_expired)?;
    let provider = &offered.provider;
    provider.check_sender(answer.issuer.as_deref(), now).await?;
    let code = answer.code?;
    let wanted = [offered.id_number_claim.as_str(), offered.name_claim.as_str()];
    let wanted: &[&str] = if whom == Whom::Citizens { &wanted } else { &[] };
    let identity = provider.redeem(&code, &taken, wanted, now).await?;
    match whom {
        Whom::Staff => staff(&app, &identity, &taken.return_to).await,
        Whom::Citizens => citizens(&app, offered, &identity, &taken.return_to).await,
    }
}

/// What a provider says in the address of the way back.
struct Answer {
    state: Option<String>,
    issuer: Option<String>,
    code: Result<String, ApiError>,
}

impl Answer {
    /// A parameter that comes twice is taken for none.
    fn read(query: &str) -> Self {
        let one = |name: &str| {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value);
            let first = values.next().filter(|value| !value.is_empty())?;
            values.next().is_none().then(|| first.into_owned())
        };
        let code = match (one("error"), one("code")) {
            (None, Some(code)) => Ok(code),
            (Some(error), _) if error == "access_denied" => Err(ApiError::oidc_cancelled()),
            (Some(error), _) => Err(refused_by_provider(&error)),
            (None, None) => Err(ApiError::oidc_expired()),
        };
        Self { state: one("state"), issuer: one("iss"), code }
    }
}

/// A provider that refuses by itself (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6).
fn refused_by_provider(error: &str) -> ApiError {
    use identity::oidc::OidcError;

    match error {
        "temporarily_unavailable" | "server_error" => {
            OidcError::Unavailable("it says so itself".to_owned()).into()
        }
        "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => ApiError::oidc_cancelled(),
        _ => OidcError::Refused("its page did not take the request".to_owned()).into(),
    }
}

/// Signs in with the account that is linked, as after a password.
async fn staff(app: &App, identity: &Identity, return_to: &str) -> Result<Response, ApiError> {
    let linked = link::username(&app.db, &identity.issuer, &identity.subject).await?;
    let Some(username) = linked else { return Err(refuse(app, None).await) };
    let _turn = app.sign_ins.turn(&username).await;
    let now = app.now();
    if let Some(left) = attempts::locked_for(&app.db, &username, now).await? {
        return Err(ApiError::locked_out(left.as_secs()));
    }
    let transaction = begin_write(&app.db).await?;
    account::lock(&transaction, &username).await?;
    // The link may have been taken away since it was looked for.
    let still = link::username(&transaction, &identity.issuer, &identity.subject).await?;
    let found = account::find(&transaction, &username).await?;
    if still.as_deref() != Some(username.as_str()) || found.is_none_or(|found| found.has_left) {
        drop(transaction);
        return Err(refuse(app, Some(&username)).await);
    }
    let token = Token::random()?;
    if !identity.by_code && second_factor::is_used(&transaction, &username).await? {
        waiting::begin(&transaction, &token, &username, now).await?;
        transaction.commit().await.map_err(StoreError::db("commit who has to give a code"))?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.append_pair("step", "code").append_pair("next", return_to).finish();
        let page = format!("/console/sign-in?{query}");
        return see(app, &page, Whom::Staff, (waiting::cookie(CODE_PATH), &token));
    }
    session::start(&transaction, &token, &username, identity.by_code, now).await?;
    let detail = json!({ "by": "oidc", "second_factor": identity.by_code });
    account::record(&transaction, &username, "session.create", &username, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the session"))?;
    see(app, return_to, Whom::Staff, (session::COOKIE, &token))
}

/// Writes down that somebody was refused whom a provider has named, and gives back the answer to it.
async fn refuse(app: &App, username: Option<&str>) -> ApiError {
    let write = async {
        let subject = username.unwrap_or("unknown");
        let detail = json!({ "by": "oidc" });
        account::record(&app.db, "server", "session.refuse", subject, app.now(), &detail).await
    };
    write.await.err().map_or_else(ApiError::oidc_not_linked, ApiError::from)
}

/// Signs in the person whose number and name the provider gives.
async fn citizens(
    app: &App,
    offered: &OidcProvider,
    identity: &Identity,
    return_to: &str,
) -> Result<Response, ApiError> {
    let (number, name) =
        (identity.claim(&offered.id_number_claim), identity.claim(&offered.name_claim));
    let (Some(number), Some(name)) = (number, name) else {
        let claims = [&offered.id_number_claim, &offered.name_claim];
        tracing::warn!(?claims, "the provider of citizens does not give what it is asked for");
        return Err(ApiError::oidc_no_person());
    };
    let number = IdNumber::parse(number).map_err(|_| ApiError::oidc_no_person())?;
    let hit = claimed(app, &number, name, None).await?.ok_or_else(ApiError::oidc_no_person)?;
    let token = Token::random()?;
    let transaction = begin_write(&app.db).await?;
    citizen::session::start(&transaction, &token, &hit.person_id, app.now()).await?;
    transaction.commit().await.map_err(StoreError::db("commit the sign-in"))?;
    see(app, return_to, Whom::Citizens, (citizen::session::COOKIE, &token))
}

/// On to a page, with a cookie, and without that of the attempt.
fn see(
    app: &App,
    to: &str,
    whom: Whom,
    (cookie, token): (Cookie<'_>, &Token),
) -> Result<Response, ApiError> {
    let to = HeaderValue::from_str(to).map_err(ApiError::internal)?;
    let secure = app.exposure.secure_cookies();
    let over = attempt::cookie(&redirect_path(whom)).unset(secure);
    let cookies = [(header::SET_COOKIE, cookie.set(token, secure)), (header::SET_COOKIE, over)];
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], AppendHeaders(cookies)).into_response())
}

/// Makes a page of what the way back refuses, and of what the layers before it do: people are there, not programs.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let is_way_back = route.is_some_and(|route| route.as_str() == ROUTE);
    let citizens = request.uri().path() == redirect_path(Whom::Citizens);
    let response = next.run(request).await;
    let problem = response.extensions().get::<BilingualProblem>();
    let code = problem.map(|problem| problem.code);
    let Some(code) = code.filter(|_| is_way_back) else { return response };
    let page = if citizens { "/" } else { "/console/sign-in" };
    tracing::info!(code, "refused on the way back from a provider");
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("{page}?refused={code}"))]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_and_an_error_is_no_code() {
        let code = |query: &str| match Answer::read(query).code {
            Ok(code) => code,
            Err(error) => error.problem().code.to_owned(),
        };
        assert_eq!(code("state=a&code=b%2Bc&iss=x"), "b+c");
        assert_eq!(code("state=a&code=b&code=c"), "OIDC-EXPIRED");
        assert_eq!(code("state=a"), "OIDC-EXPIRED");
        assert_eq!(code("error=access_denied&code=b"), "OIDC-CANCELLED");
        assert_eq!(code("error=login_required"), "OIDC-CANCELLED");
        assert_eq!(code("error=server_error"), "OIDC-UNAVAILABLE");
        assert_eq!(code("error=invalid_scope"), "OIDC-REFUSED");
        assert_eq!(Answer::read("state=a&state=b").state, None);
    }
}
