//! Who may use which operation. The rules stand in [`rules`], one row an operation; what the policies
//! answer decides. Whoever may not use an operation, or not see a thing, is answered as if it were not there.

mod caller;
mod citizen;
mod partner;
mod rules;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use identity::session::{self, Token};
use identity::{Purpose, grant};

pub(crate) use self::caller::{Caller, Missing, cookie_of, token_of};
pub(crate) use self::citizen::{Citizen, Principal, ids_of, present};
pub(crate) use self::partner::Partner;
use self::rules::{Needs, Rule};
pub(crate) use self::rules::{Place, place_of};
use crate::app::App;
use crate::limits::Client;
use crate::problem::ApiError;

/// The header that says what somebody looks at persons for.
pub(crate) const PURPOSE: &str = "huimin-purpose";

/// Lets only those through who may use the operation that is asked for.
pub(crate) async fn require(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_default();
    let Some(rule) = Rule::of(request.method(), &path) else {
        return Err(match Rule::knows(&path) {
            true => ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED),
            false => ApiError::internal("an operation has no access rule"),
        });
    };
    if rule.needs == Needs::Person {
        let Some(citizen) = Citizen::of(&app, request.headers()).await? else {
            count_stranger(&app, &request)?;
            return Err(ApiError::citizen_not_signed_in());
        };
        app.limits.count(&citizen.client())?;
        request.extensions_mut().insert(citizen);
        return Ok(next.run(request).await);
    }
    if rule.needs == Needs::Partner {
        count_stranger(&app, &request)?;
        let (partner, mut request) = Partner::of(&app, request).await?;
        request.extensions_mut().insert(partner);
        return Ok(next.run(request).await);
    }
    let token = token_of(&app, request.headers());
    let Some(who) = session_of(&app, token.as_ref()).await? else {
        count_stranger(&app, &request)?;
        return Err(ApiError::not_signed_in());
    };
    app.limits.count(&Client::Account(who.username.clone()))?;
    let mut caller = Caller { who, purpose: None };
    if let Needs::May { action, place, level } = rule.needs {
        caller.is_complete(&app)?;
        let named = request.headers().get(PURPOSE).and_then(|value| value.to_str().ok());
        let named = named.and_then(|word| Purpose::parse(word).ok());
        caller.purpose = granted(&app, &caller, named).await?;
        let division = match place {
            Place::City => app.pack.division,
            Place::Own => caller.who.division.unwrap_or(app.pack.division),
        };
        if !caller.may(&app, action, &division, level) {
            tracing::info!(action = action.as_str(), "refused");
            return Err(rule.absent());
        }
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Somebody who tries out sessions is counted like somebody who tries out passwords.
fn count_stranger(app: &App, request: &Request) -> Result<(), ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Ok(()), |ConnectInfo(peer)| {
        app.limits.count(&Client::at(app.exposure.client(*peer, request.headers())))
    })
}

/// The purpose that a request names, if it is granted to whoever asks.
async fn granted(
    app: &App,
    caller: &Caller,
    named: Option<Purpose>,
) -> Result<Option<Purpose>, ApiError> {
    let Some(purpose) = named else { return Ok(None) };
    let granted = grant::in_force(&app.db, &caller.who.username, app.now()).await?;
    Ok(granted.contains(&purpose).then_some(purpose))
}

/// Whose session a request comes with; `None` without one.
pub(crate) async fn session_of(
    app: &App,
    token: Option<&Token>,
) -> Result<Option<session::Caller>, ApiError> {
    match token {
        Some(token) => Ok(session::caller(&app.db, token, app.now()).await?),
        None => Ok(None),
    }
}
