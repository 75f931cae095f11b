//! The district map.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::overview::{MapCollection, MapFile};
use crate::problem::{ApiError, Problem};

/// District boundaries
#[utoipa::path(
    get, path = "/api/v1/map", tag = "overview", security(("session" = [])),
    responses(
        (status = 200, description = "GeoJSON.", body = MapCollection),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_map(State(app): State<App>) -> Result<Json<MapCollection>, ApiError> {
    let map = app.map.get_or_init(|| async { MapFile::read(&app.pack) }).await;
    Ok(Json(map.collection.clone()))
}
