//! What a partner's program may ask about.

use axum::Json;
use axum::extract::State;
use identity::api_client::agreement;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Partner;
use crate::api::clients::Agreement;
use crate::app::App;
use crate::problem::{ApiError, Problem};

/// A partner's program, as it is known here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartnerSelf {
    client_id: String,
    name: String,
    /// Id of the organisation whose it is.
    organisation: String,
    /// Significant digits of the code of the division whose people it may ask about.
    division: String,
    /// Those in force.
    agreements: Vec<Agreement>,
}

/// Who one is, and what one may ask about
///
/// The request is signed: HTTP Message Signatures (RFC 9421) with Ed25519, covering `@method`, `@authority`, `@path`, and
/// `@query` and `content-digest` where there are such; with `created`, `keyid` and a new `nonce`.
#[utoipa::path(
    get, path = "/api/v1/exchange/agreements", tag = "exchange", security(("signature" = [])),
    responses(
        (status = 200, description = "The program and its agreements in force.", body = PartnerSelf),
        (status = 401, description = "Not signed, or the signature does not hold.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_partner(
    State(app): State<App>,
    partner: Partner,
) -> Result<Json<PartnerSelf>, ApiError> {
    let now = app.now();
    let client = partner.signer.client;
    let agreements = agreement::list(&app.db, &client.id).await?;
    let in_force = agreements.into_iter().filter(|agreement| agreement.is_in_force(now));
    Ok(Json(PartnerSelf {
        agreements: in_force.map(|one| Agreement::shown(one, now)).collect(),
        client_id: client.id,
        name: client.name,
        organisation: client.organisation,
        division: partner.signer.division.as_str().to_owned(),
    }))
}
