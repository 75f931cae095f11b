//! Writing down who read what.

use store::audit::Reading;

use crate::api::session::User;
use crate::app::App;
use crate::problem::ApiError;

/// Writes an audit entry before something is shown: without the entry nothing is shown.
///
/// `subject` is `<kind>:<id>`, never a name or a number of a person.
pub(crate) async fn reading(
    app: &App,
    user: &User,
    what: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), ApiError> {
    let reading = Reading {
        who: user.username.clone(),
        what: what.to_owned(),
        subject: subject.to_owned(),
        at: app.now(),
        purpose: "console".to_owned(),
        detail: detail.clone(),
    };
    app.recorder.record(reading).await.map_err(ApiError::internal)
}
