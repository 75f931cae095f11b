//! The routes, the layers around them, and the API's description made from them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{citizen, session as staff};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{
    batches, citizen as portal, client_agreements, client_keys, clients, decision, divisions,
    exchange, grants, link_reviews, lists, map, meta, oidc, organisations, overview, own_account,
    people, person, quarantine, representatives, reveal, session, tasks, trail, users,
};
use crate::app::App;
use crate::exposure::{Exposure, require_tls};
use crate::{access, envelope, health, limits, web};

/// Largest body that is read; all are small documents.
pub(crate) const BODY_MOST: usize = 16 * 1024;

/// Media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The whole application.
pub(crate) fn router(app: App, exposure: Exposure) -> Router {
    let (open, _) = open_routes().split_for_parts();
    let (entrance, _) = entrance_routes().split_for_parts();
    let entrance = entrance.route_layer(from_fn_with_state(app.clone(), limits::by_address));
    let (guarded, _) = guarded_routes().split_for_parts();
    let guarded = guarded.route_layer(from_fn_with_state(app.clone(), access::require));
    let not_workbooks = DefaultPredicate::new().and(NotForContentType::const_new(XLSX));
    let api = entrance.merge(guarded).route_layer(from_fn_with_state(app.clone(), limits::shed));
    let api = api.route_layer(from_fn(oidc::callback::as_page));
    open.merge(api)
        .route("/api/v1/openapi.json", get(describe))
        .fallback(web::serve)
        .layer(DefaultBodyLimit::max(BODY_MOST))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(exposure, require_tls))
        .layer(CatchPanicLayer::custom(envelope::after_panic))
        .layer(from_fn(envelope::wrap))
        .layer(CompressionLayer::new().compress_when(not_workbooks))
        .with_state(app)
}

/// The description of the API as JSON: what `web/openapi.json` holds.
///
/// # Examples
///
/// ```
/// let document: serde_json::Value = serde_json::from_str(&huimin_server::openapi_json())?;
/// assert_eq!(document["openapi"], "3.1.0");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn openapi_json() -> String {
    let mut document = OpenApiRouter::<App>::with_openapi(base())
        .merge(open_routes())
        .merge(entrance_routes())
        .merge(guarded_routes())
        .into_openapi();
    let mut components = document.components.take().unwrap_or_default();
    for (scheme, cookie) in [("session", staff::COOKIE), ("citizen", citizen::session::COOKIE)] {
        let plain = cookie.name(false);
        let note = format!("In development mode, over plain HTTP, `{plain}`.");
        let key = ApiKeyValue::with_description(cookie.name(true), note);
        components.add_security_scheme(scheme, SecurityScheme::ApiKey(ApiKey::Cookie(key)));
    }
    let signature = ApiKeyValue::with_description(
        "signature",
        "`Signature` and `Signature-Input` of RFC 9421, with Ed25519.",
    );
    components.add_security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    // Only parameters refer to them, and those are not followed.
    components.schemas.insert(lists::ListName::name().into_owned(), lists::ListName::schema());
    components.schemas.insert(tasks::Inbox::name().into_owned(), tasks::Inbox::schema());
    document.components = Some(components);
    // The document is made of texts, numbers and lists, which always have a JSON form.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The description itself; whoever writes a client reads it without an account.
async fn describe() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_json);
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT.as_str())
}

/// Those that say how the server is.
fn open_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(empty())
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
}

/// Where a session begins and ends.
fn entrance_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(empty())
        .routes(routes!(session::get_session, session::create_session, session::delete_session))
        .routes(routes!(portal::session::create_code))
        .routes(routes!(
            portal::session::create_citizen_session,
            portal::session::delete_citizen_session
        ))
        .routes(routes!(oidc::get_oidc))
        .routes(routes!(oidc::begin_oidc))
        .routes(routes!(oidc::callback::finish_oidc))
        .routes(routes!(oidc::code::complete_oidc))
}

/// Those that need one.
fn guarded_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(empty())
        .routes(routes!(meta::get_meta))
        .routes(routes!(divisions::list_divisions))
        .routes(routes!(overview::get_overview))
        .routes(routes!(map::get_map))
        .routes(routes!(people::search_people))
        .routes(routes!(person::get_person))
        .routes(routes!(decision::explain_decision))
        .routes(routes!(link_reviews::list_link_reviews))
        .routes(routes!(quarantine::list_quarantine))
        .routes(routes!(quarantine::export_quarantine))
        .routes(routes!(lists::list_lists))
        .routes(routes!(lists::export_lists))
        .routes(routes!(batches::list_batches))
        .routes(routes!(reveal::reveal_attribute))
        .routes(routes!(own_account::change_password))
        .routes(routes!(own_account::begin_second_factor, own_account::confirm_second_factor))
        .routes(routes!(organisations::list_organisations, organisations::create_organisation))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::get_user, users::change_user))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::reset_second_factor))
        .routes(routes!(users::end_sessions))
        .routes(routes!(
            oidc::link::get_oidc_link,
            oidc::link::set_oidc_link,
            oidc::link::remove_oidc_link
        ))
        .routes(routes!(grants::list_grants, grants::create_grant))
        .routes(routes!(grants::revoke_grant))
        .routes(routes!(clients::list_clients, clients::create_client))
        .routes(routes!(clients::get_client, clients::end_client))
        .routes(routes!(client_keys::create_client_key))
        .routes(routes!(client_keys::revoke_client_key))
        .routes(routes!(client_agreements::create_agreement))
        .routes(routes!(client_agreements::end_agreement))
        .routes(routes!(exchange::agreements::get_partner))
        .routes(routes!(exchange::verification::verify))
        .routes(routes!(trail::list_entries))
        .routes(routes!(tasks::list_tasks))
        .routes(routes!(tasks::get_task))
        .routes(routes!(tasks::act_on_task))
        .routes(routes!(
            representatives::list_representatives,
            representatives::create_representative
        ))
        .routes(routes!(representatives::end_representation))
        .routes(routes!(portal::session::get_citizen_session))
        .routes(routes!(portal::affairs::get_affairs))
        .routes(routes!(portal::affairs::explain_own_decision))
        .routes(routes!(portal::readings::list_readings))
        .routes(routes!(
            portal::representatives::list_own_representatives,
            portal::representatives::entrust
        ))
        .routes(routes!(portal::representatives::end_own_representation))
}

fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Huimin")
        .description(Some(
            "HTTP API of the Huimin civil-affairs platform. Money is integer fen. Errors are \
             `application/problem+json`, in Chinese or English as `Accept-Language` asks.",
        ))
        .version(crate::CODE_VERSION)
        .license(Some(
            LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build(),
        ))
        .build();
    OpenApiBuilder::new().info(info).build()
}

fn empty() -> OpenApi {
    OpenApiBuilder::new().build()
}

/// A workbook as a download.
pub(crate) fn workbook(bytes: axum::body::Body, filename: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(XLSX));
    // File names are of ASCII letters, digits and dashes only.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{filename}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
