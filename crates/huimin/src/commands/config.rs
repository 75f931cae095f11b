//! `huimin config`.

use std::net::TcpListener;
use std::path::Path;

use engine::{DataFolder, Manifest};
use identity::oidc::Whom;
use server::{AUDIT_KEY, COLUMN_KEYS, KeySource};
use witness::Client;

use crate::cli::{ConfigAction, PlaceArgs, ReachArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// What was looked at, and what is wrong with it.
#[derive(serde::Serialize)]
struct Line {
    what: &'static str,
    value: String,
    fault: Option<String>,
}

/// Works on the configuration.
pub(crate) async fn config(action: &ConfigAction, output: &Output) -> Result<(), Failure> {
    let ConfigAction::Check { place, pack, reach } = action;
    let mut lines = Vec::new();
    let mut look = |what, value: String, fault: Option<String>| {
        lines.push(Line { what, value, fault });
    };
    let folder = DataFolder::open(&place.data);
    look("data", place.data.display().to_string(), folder.as_ref().err().map(chain));
    look("pack", pack.display().to_string(), fault_of_pack(pack));
    if let Ok(folder) = &folder {
        let is_new = matches!(Manifest::current(folder), Ok(None));
        let is_new = is_new && !folder.key_file().exists();
        for (what, value, fault) in keys(folder, is_new) {
            look(what, value, fault);
        }
        look("published", published(folder), Manifest::current(folder).err().as_ref().map(chain));
        look("database", kind(place).to_owned(), fault_of_database(folder, place).await);
    }
    look(
        "listen",
        reach.listen.to_string(),
        TcpListener::bind(reach.listen).err().as_ref().map(chain),
    );
    if let Some(metrics) = reach.metrics {
        look("metrics", metrics.to_string(), TcpListener::bind(metrics).err().as_ref().map(chain));
    }
    let gateway = reach.sms_gateway.as_deref().unwrap_or("none; citizens can't sign in").to_owned();
    look("SMS gateway", gateway, reach.sms().err().as_ref().map(chain));
    for (what, whom) in [("OIDC staff", Whom::Staff), ("OIDC citizens", Whom::Citizens)] {
        let provider = reach.oidc.provider(reach.exposure().mode, whom);
        look(what, provider_of(reach, whom), provider.err().as_ref().map(chain));
    }
    for named in &reach.witnesses.ask_witness {
        let address = named.split_whitespace().next_back().unwrap_or_default().to_owned();
        look("witness", address, Client::parse(named).err().as_ref().map(chain));
    }
    look("mode", mode(reach), reach.exposure().check().err().as_ref().map(chain));
    let faults = lines.iter().filter(|line| line.fault.is_some()).count();
    output.report(&serde_json::json!({ "settings": lines, "faults": faults }), || text(&lines));
    if faults == 0 { Ok(()) } else { Err(Failure::Told(1)) }
}

/// What, where, and what is wrong with it.
type Looked = (&'static str, String, Option<String>);

fn keys(folder: &DataFolder, is_new: bool) -> Vec<Looked> {
    let (column, log) = ("column key", "audit key");
    let source = match KeySource::from_environment() {
        Ok(source) => source,
        Err(error) => return vec![(column, "environment".to_owned(), Some(chain(&error)))],
    };
    let of_column = source.column(folder).err().as_ref().map(chain);
    let of_log = || source.audit(folder, "check").err().as_ref().map(chain);
    if !source.is_folder() {
        let place = |name: &str| format!("environment variable {name}");
        return vec![(column, place(COLUMN_KEYS), of_column), (log, place(AUDIT_KEY), of_log())];
    }
    let first = "there is none yet; `huimin run` makes it, a server needs it";
    let fault = if is_new { Some(first.to_owned()) } else { of_column };
    let mut looked = vec![(column, folder.key_file().display().to_string(), fault)];
    if folder.audit_key_file().exists() {
        looked.push((log, folder.audit_key_file().display().to_string(), of_log()));
    }
    looked
}

fn text(lines: &[Line]) -> String {
    let line = |line: &Line| match &line.fault {
        None => format!("✔ {:<12} {}", line.what, line.value),
        Some(fault) => format!("✘ {:<12} {}\n  {fault}", line.what, line.value),
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn chain(error: &(impl std::error::Error + 'static)) -> String {
    let causes =
        std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn fault_of_pack(pack: &Path) -> Option<String> {
    commands::pack::faults(pack).map(|faults| {
        format!("the pack has {faults} faults; run `huimin check {}`", pack.display())
    })
}

fn published(folder: &DataFolder) -> String {
    match Manifest::current(folder) {
        Ok(Some(manifest)) => format!("run {} of {}", manifest.run_id, manifest.period),
        Ok(None) => "nothing yet".to_owned(),
        Err(_) => "can't be read".to_owned(),
    }
}

/// A URL may hold a password.
fn kind(place: &PlaceArgs) -> &'static str {
    if place.url().is_some() { "on a server" } else { "a file in the data folder" }
}

async fn fault_of_database(folder: &DataFolder, place: &PlaceArgs) -> Option<String> {
    match server::database_status(folder, place.url()).await {
        Err(error) => Some(chain(&error)),
        Ok(status) if !status.unknown.is_empty() => {
            Some("a newer program wrote this database; use that one".to_owned())
        }
        Ok(_) => None,
    }
}

fn provider_of(reach: &ReachArgs, whom: Whom) -> String {
    let issuer = match whom {
        Whom::Staff => reach.oidc.oidc_staff_issuer.as_deref(),
        Whom::Citizens => reach.oidc.oidc_citizens_issuer.as_deref(),
    };
    let Some(issuer) = issuer else { return "none".to_owned() };
    // What the operator registers at the provider.
    let public = reach.oidc.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    format!("{issuer}, leads back to {public}{}", server::redirect_path(whom))
}

fn mode(reach: &ReachArgs) -> String {
    let proxies: Vec<String> = reach.trusted_proxy.iter().map(ToString::to_string).collect();
    let mode = match reach.exposure().mode {
        server::Mode::Development => "development",
        server::Mode::Production => "production",
    };
    if proxies.is_empty() {
        mode.to_owned()
    } else {
        format!("{mode}, proxies {}", proxies.join(", "))
    }
}
