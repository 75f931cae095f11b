//! `huimin batch`.

use anyhow::anyhow;
use benefits::batch;
use benefits::channel::{Channel, FiscalFolder, FiscalHttp};
use benefits::{Programmes, query};
use jiff::Timestamp;
use server::KeySource;
use store::sea_orm::DatabaseConnection;

use crate::cli::{BatchAction, BatchArgs, ChannelArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::{Output, count, yuan};

/// Works on a payment batch.
pub(crate) async fn batch(action: &BatchAction, output: &Output) -> Result<(), Failure> {
    // Approving, sending and receiving are acts of people, at the time of the act.
    let now = Timestamp::now();
    match action {
        BatchAction::Show { place } => {
            let (_, db) = place.open().await?;
            let batches = query::batches(&db).await?;
            output.report(&serde_json::json!({ "batches": batches }), || {
                batches
                    .iter()
                    .map(|batch| {
                        format!(
                            "{}  {}  {:<9} {:>9} items  ¥{}",
                            batch.batch_id,
                            batch.period,
                            batch.state,
                            count(batch.items.unsigned_abs()),
                            yuan(batch.amount_fen)
                        )
                    })
                    .collect::<Vec<_>>()
                    .join("\n")
            });
        }
        BatchAction::Approve { batch: which, user } => {
            let (folder, db) = which.place.open().await?;
            let id = resolve(&db, which).await?;
            let approval = batch::approve(&db, &id, user, None, now).await?;
            commands::audit::seal(&folder, &db).await;
            output.report(&approval, || {
                format!(
                    "✔ batch {id}: approved by `{user}` ({} of 2), now {}",
                    approval.approvals,
                    approval.state.as_str()
                )
            });
        }
        BatchAction::Send { pack, batch: which, channel } => {
            let (folder, db) = which.place.open().await?;
            let id = resolve(&db, which).await?;
            let keys = KeySource::from_environment()?.column(&folder)?;
            let (pack, _) = commands::pack::load(pack)?;
            let programmes = Programmes::from_pack(&pack);
            let channel = open_channel(channel)?;
            let sent =
                batch::send(&db, &keys, &programmes, &id, channel.as_ref(), "command line", now)
                    .await?;
            commands::audit::seal(&folder, &db).await;
            output.report(&sent, || {
                format!(
                    "✔ batch {id}: {} instructions sent, now {}",
                    count(sent.sent_now),
                    sent.state.as_str()
                )
            });
        }
        BatchAction::Receive { batch: which, channel } => {
            let (folder, db) = which.place.open().await?;
            let id = resolve(&db, which).await?;
            let channel = open_channel(channel)?;
            let received = batch::receive(&db, &id, channel.as_ref(), "command line", now).await?;
            commands::audit::seal(&folder, &db).await;
            output.report(&received, || {
                format!(
                    "✔ batch {id}: {} paid (¥{}), {} rejected, {} returned, {} open, now {}",
                    count(received.paid),
                    yuan(received.paid_fen),
                    count(received.rejected),
                    count(received.returned),
                    count(received.open),
                    received.state.as_str()
                )
            });
        }
    }
    Ok(())
}

/// The batch that is meant: by its id, or the latest one of the month.
async fn resolve(db: &DatabaseConnection, which: &BatchArgs) -> Result<String, Failure> {
    if let Some(id) = &which.batch {
        return Ok(id.clone());
    }
    let period = which.period.to_string();
    let batches = query::batches(db).await?;
    batches
        .into_iter()
        // The latest one comes first.
        .find(|batch| batch.period == period)
        .map(|batch| batch.batch_id)
        .ok_or_else(|| {
            anyhow!(
                "{period} has no batch in `{}`; run `huimin run --period {period}` first",
                which.place.data.display()
            )
            .into()
        })
}

fn open_channel(args: &ChannelArgs) -> Result<Box<dyn Channel>, Failure> {
    match (&args.fiscal, &args.files) {
        (Some(address), _) => Ok(Box::new(FiscalHttp::new(address)?)),
        (None, Some(folder)) => {
            Ok(Box::new(FiscalFolder::new(&folder.join("out"), &folder.join("back"))))
        }
        // The command line asks for one of the two.
        (None, None) => Err(anyhow!("give --fiscal or --files").into()),
    }
}
