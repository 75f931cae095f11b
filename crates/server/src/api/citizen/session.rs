//! Signing in with identity number, name and a code that is sent to a telephone.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use identity::citizen::code::{self, Taken};
use identity::citizen::representation;
use identity::citizen::session::{self, COOKIE};
use identity::session::Token;
use identity::sms::{Content, Message, SmsGateway};
use registry::{Claim, Hit};
use serde::{Deserialize, Serialize};
use store::{StoreError, begin_write};
use trust::ColumnKeys;
use utoipa::ToSchema;
use vocab::{IdNumber, Phone, PhoneKind};
use zeroize::Zeroizing;

use super::StandingName;
use crate::access::{Citizen, cookie_of};
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// From this age on somebody signs in alone; a younger child's guardian acts for them (《中华人民共和国个人信息保护法》 art. 31).
const ALONE_FROM: i32 = 14;

/// Who somebody says they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    /// 18 characters.
    #[schema(format = Password)]
    id_number: String,
    name: String,
    /// A mobile number that a department has for this person.
    #[schema(format = Password)]
    phone: String,
}

/// What happens next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeAnswer {
    /// How long a code is good.
    expires_in_s: i64,
    /// After how long there may be another one.
    again_in_s: i64,
}

/// Who somebody says they are, and the code that they were sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CitizenSignIn {
    /// 18 characters.
    #[schema(format = Password)]
    id_number: String,
    name: String,
    #[schema(format = Password)]
    phone: String,
    /// Six digits.
    #[schema(format = Password)]
    code: String,
}

/// A person in the portal, and whom they may act for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitizenSession {
    /// Themselves first.
    people: Vec<Affiliated>,
}

/// A person whose affairs may be seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Affiliated {
    person_id: String,
    name: String,
    standing: StandingName,
    /// Until when one may act for them.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Have a code sent
///
/// The answer is the same whether number, name and telephone belong together or not.
#[utoipa::path(
    post, path = "/api/v1/citizen/codes", tag = "citizen",
    request_body = CodeRequest,
    responses(
        (status = 202, description = "If number, name and telephone belong to one person, a code is on its way.", body = CodeAnswer),
        (status = 400, description = "The identity number or the telephone number can't be one.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "This server sends no messages, or is busy.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_code(
    State(app): State<App>,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let asked: CodeRequest = body(
        &bytes,
        "应为 JSON 对象，含文本 `id_number`、`name` 和 `phone`",
        "a JSON object with the texts `id_number`, `name` and `phone`",
    )?;
    let told = Told::read(&asked.id_number, asked.name, &asked.phone)?;
    let gateway = app.sms.clone().ok_or_else(ApiError::no_sms)?;
    let turn = app.codes.clone().try_acquire_owned().map_err(|_| ApiError::overloaded())?;
    let sending = app.clone();
    // Nobody waits for it, so that how long it takes does not tell whether there is such a person.
    tokio::spawn(async move {
        let _turn = turn;
        if let Err(error) = send_code(&sending, &gateway, &told).await {
            crate::metrics::sms_failed();
            tracing::error!(error = error.to_string(), "a code was not sent");
        }
    });
    let answer =
        CodeAnswer { expires_in_s: code::LASTS.as_secs(), again_in_s: code::PAUSE.as_secs() };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// What was typed, once it can be a number and a telephone.
struct Told {
    id_number: IdNumber,
    name: String,
    phone: Phone,
}

/// Why a code was not sent; holds nothing of what was typed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotSent(String);

impl Told {
    fn read(id_number: &str, name: String, phone: &str) -> Result<Self, ApiError> {
        let id_number = IdNumber::parse(id_number.trim()).map_err(|_| ApiError::bad_id_number())?;
        let phone = Phone::parse(phone.trim()).ok();
        let phone = phone.filter(|phone| phone.kind() == PhoneKind::Mobile);
        let phone = phone.ok_or_else(ApiError::bad_phone)?;
        if name.trim().is_empty() || name.chars().count() > 100 {
            return Err(ApiError::bad_body(
                "`name` 须为 1 到 100 个字符",
                "a `name` of 1 to 100 characters",
            ));
        }
        Ok(Self { id_number, name, phone })
    }

    /// The person that it is right for.
    async fn person(&self, app: &App) -> Result<Option<Hit>, ApiError> {
        claimed(app, &self.id_number, &self.name, Some(&self.phone)).await
    }

    fn phone_token(&self, keys: &ColumnKeys) -> String {
        keys.token("phone", self.phone.expose())
    }
}

/// The person that a claim is right for, if they can sign in alone.
pub(crate) async fn claimed(
    app: &App,
    id_number: &IdNumber,
    name: &str,
    phone: Option<&Phone>,
) -> Result<Option<Hit>, ApiError> {
    let Some(published) = app.published().await? else { return Ok(None) };
    let Some(index) = published.index().await? else { return Ok(None) };
    let snapshot = published.with_all_tables().await?;
    let known_at = published.manifest.known_at;
    let claim = Claim { id_number, name, phone };
    let found =
        registry::claimed(snapshot, &index, &app.pack, app.keys()?.as_ref(), known_at, claim)
            .await?;
    let today = app.today();
    let alone = vocab::date::age_on(id_number.birth_date(), today) >= ALONE_FROM;
    Ok(found.filter(|hit| alone && hit.vital_status != "dead"))
}

async fn send_code(app: &App, gateway: &Arc<dyn SmsGateway>, told: &Told) -> Result<(), NotSent> {
    let failed = |error: ApiError| NotSent(error.problem().code.to_owned());
    let Some(hit) = told.person(app).await.map_err(failed)? else { return Ok(()) };
    let keys = app.keys().map_err(failed)?;
    let phone = told.phone_token(&keys);
    let issued = code::issue(&app.db, &keys, &hit.person_id, &phone, app.now()).await;
    let issued = issued.map_err(|error| NotSent(error.to_string()))?;
    let Some(code) = issued else { return Ok(()) };
    let id = keys.token("sms", &format!("{} {}", hit.person_id, app.now()));
    let to = Zeroizing::new(told.phone.expose().to_owned());
    let minutes = code::LASTS.as_secs() / 60;
    let message = Message { id, to, content: Content::SignInCode { code, minutes } };
    if let Err(error) = gateway.send(&message).await {
        let back = code::not_sent(&app.db, &hit.person_id).await;
        back.map_err(|error| NotSent(error.to_string()))?;
        return Err(NotSent(error.to_string()));
    }
    Ok(())
}

/// Sign in to the portal
#[utoipa::path(
    post, path = "/api/v1/citizen/session", tag = "citizen",
    request_body = CitizenSignIn,
    responses(
        (status = 200, description = "Signed in; the cookie of the scheme `citizen` is set.", body = CitizenSession),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Number, name, telephone and code do not belong together.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server is busy.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_citizen_session(
    State(app): State<App>,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let given: CitizenSignIn = body(
        &bytes,
        "应为 JSON 对象，含文本 `id_number`、`name`、`phone` 和 `code`",
        "a JSON object with the texts `id_number`, `name`, `phone` and `code`",
    )?;
    let told = Told::read(&given.id_number, given.name, &given.phone)?;
    let code = Zeroizing::new(given.code);
    let wrong = ApiError::wrong_citizen;
    let hit = told.person(&app).await?;
    let keys = app.keys()?;
    let phone = told.phone_token(&keys);
    let now = app.now();
    let transaction = begin_write(&app.db).await?;
    // The same is done for nobody, so that how long it takes does not tell whether there is such a person.
    let person = hit.as_ref().map_or("nobody", |hit| hit.person_id.as_str());
    let taken = code::take(&transaction, &keys, person, &phone, code.trim(), now).await?;
    let token = Token::random()?;
    match taken {
        Taken::Right => session::start(&transaction, &token, person, now).await?,
        Taken::Wrong => session::refused(&transaction, person, now).await?,
        Taken::NoneWaits => {}
    }
    transaction.commit().await.map_err(StoreError::db("commit the sign-in"))?;
    let hit = hit.filter(|_| taken == Taken::Right).ok_or_else(wrong)?;
    let citizen = Citizen { person: hit.person_id };
    let cookie = COOKIE.set(&token, app.exposure.secure_cookies());
    let described = described(&app, &citizen).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(described)))
}

/// Who is signed in to the portal
#[utoipa::path(
    get, path = "/api/v1/citizen/session", tag = "citizen", security(("citizen" = [])),
    responses(
        (status = 200, description = "Signed in.", body = CitizenSession),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_citizen_session(
    State(app): State<App>,
    citizen: Citizen,
) -> Result<Json<CitizenSession>, ApiError> {
    described(&app, &citizen).await.map(Json)
}

/// Sign out of the portal
#[utoipa::path(
    delete, path = "/api/v1/citizen/session", tag = "citizen",
    responses(
        (status = 204, description = "Signed out."),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_citizen_session(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(token) = cookie_of(&app, &headers, COOKIE) {
        let transaction = begin_write(&app.db).await?;
        session::end(&transaction, &token, app.now()).await?;
        transaction.commit().await.map_err(StoreError::db("commit the sign-out"))?;
    }
    let gone = COOKIE.unset(app.exposure.secure_cookies());
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

async fn described(app: &App, citizen: &Citizen) -> Result<CitizenSession, ApiError> {
    let published = app.published().await?.ok_or_else(ApiError::citizen_not_signed_in)?;
    let own = crate::access::present(&published, &citizen.person).await?;
    let own = own.ok_or_else(ApiError::citizen_not_signed_in)?;
    let mut people = vec![Affiliated {
        person_id: own.person_id,
        name: own.name.unwrap_or_default(),
        standing: StandingName::Own,
        until: None,
    }];
    for (hit, one) in citizen.acts_for(app, &published).await? {
        // By law and by wish as well: the law counts.
        let known = people.iter_mut().find(|known| known.person_id == hit.person_id);
        match (known, one.kind) {
            (None, kind) => people.push(Affiliated {
                person_id: hit.person_id,
                name: hit.name.unwrap_or_default(),
                standing: identity::access::Standing::For(kind).into(),
                until: Some(one.until_at),
            }),
            (Some(known), representation::Kind::Guardian) => {
                known.standing = StandingName::Guardian;
                known.until = Some(one.until_at);
            }
            (Some(_), representation::Kind::Entrusted) => {}
        }
    }
    Ok(CitizenSession { people })
}

/// Codes that are being sent at once.
pub(crate) const SENDING: usize = 32;
