//! `huimin witness`.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use trust::log::{LogVerifier, WitnessKey};
use witness::Witness;

use crate::cli::{WitnessAction, WitnessArgs};
use crate::failure::Failure;
use crate::output::Output;

/// Watches over the logs of others.
pub(crate) async fn witness(action: &WitnessAction, output: &Output) -> Result<(), Failure> {
    match action {
        WitnessAction::Key(args) => {
            let key = key(args)?.verifier_key();
            output.report(&json!({ "verifier_key": key }), || key.clone());
            Ok(())
        }
        WitnessAction::Serve { witness, log_key, witness_listen } => {
            serve(witness, log_key, *witness_listen, output).await
        }
    }
}

fn key(args: &WitnessArgs) -> Result<WitnessKey, Failure> {
    Ok(WitnessKey::load_or_create(&args.folder.join("witness.key"), &args.name)?)
}

async fn serve(
    args: &WitnessArgs,
    logs: &[String],
    listen: SocketAddr,
    output: &Output,
) -> Result<(), Failure> {
    let logs = logs.iter().map(|key| LogVerifier::parse(key)).collect::<Result<Vec<_>, _>>();
    let witness = Witness::open(&args.folder, key(args)?, logs.context("--log-key")?)?;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("failed to listen on {listen}; give another address with --witness-listen")
    })?;
    let address = listener.local_addr().context("failed to listen")?;
    output.text(&format!("listening on http://{address}\n{}", witness.verifier_key()));
    let clock = Arc::new(|| u64::try_from(Timestamp::now().as_second()).unwrap_or(0));
    let stop = async {
        // Without a handler for the signal the process simply ends, which is as good: what is co-signed is on disk.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, witness::router(Arc::new(witness), clock))
        .with_graceful_shutdown(stop)
        .await
        .context("the witness broke off")?;
    Ok(())
}
