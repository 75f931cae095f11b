//! `huimin serve`.

use std::path::Path;

use engine::DataFolder;
use server::KeySource;

use crate::cli::{PlaceArgs, ReachArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Serves the console until the process is told to stop.
pub(crate) async fn serve(place: PlaceArgs, pack: &Path, reach: &ReachArgs) -> Result<(), Failure> {
    let folder = DataFolder::open(&place.data)?;
    let (pack, _) = commands::pack::load(pack)?;
    server::serve(server::ServeOptions {
        folder,
        database: place.url().map(str::to_owned),
        pack,
        keys: KeySource::from_environment()?,
        listen: reach.listen,
        exposure: reach.exposure(),
        metrics: reach.metrics,
        requests_per_minute: reach.requests_per_minute,
        sms: reach.sms()?,
        oidc: reach.oidc.providers(reach.exposure().mode)?,
        witnesses: reach.witnesses.clients()?,
        on_ready: |address| Output::new(false).text(&format!("console: http://{address}")),
    })
    .await?;
    Ok(())
}
