//! Writing down who read what.

use store::audit::{Act, record};
use store::{StoreError, begin_write};

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
    let act = Act { who: &user.username, what, subject, at: app.now(), purpose: "console" };
    let transaction = begin_write(&app.db).await?;
    record(&transaction, act, detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit an audit entry"))?;
    Ok(())
}
