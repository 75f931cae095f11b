//! The configuration file: settings that stand in for options that are not given.
//!
//! An option on the command line comes first, then the environment, then the file, then what the program has by
//! itself. The file is TOML; its settings have the names of the options:
//!
//! ```toml
//! data = "/var/lib/huimin"
//! pack = "/etc/huimin/guangzhou"
//! listen = "127.0.0.1:8080"
//! mode = "production"
//! trusted_proxies = ["127.0.0.1/32"]
//! metrics = "127.0.0.1:9100"
//! requests_per_minute = 1200
//! sms_gateway = "https://sms.example.gov.cn"
//! log = "info"
//! log_format = "json"
//! otlp_endpoint = "http://127.0.0.1:4318"
//! public_url = "https://huimin.example.gov.cn"
//! witnesses = ["audit.example.gov.cn+5d1f0a2b+BAx… https://witness.audit.example.gov.cn/"]
//!
//! [oidc.staff]
//! issuer = "https://id.example.gov.cn"
//! client_id = "huimin"
//! name = "统一身份认证"
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::builder::OsStr;
use clap::{Command, CommandFactory as _, FromArgMatches as _};
use serde::Deserialize;

use crate::cli::Cli;
use crate::failure::Failure;

/// The settings that a file may have. Folders are taken from where the file lies.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    pack: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    mode: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    metrics: Option<String>,
    requests_per_minute: Option<u32>,
    sms_gateway: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
    otlp_endpoint: Option<String>,
    public_url: Option<String>,
    witnesses: Option<Vec<String>>,
    #[serde(default)]
    oidc: Providers,
}

/// OpenID Connect. The settings are the options without `oidc_staff_` and `oidc_citizens_`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Providers {
    #[serde(default)]
    staff: StaffProvider,
    #[serde(default)]
    citizens: CitizensProvider,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffProvider {
    issuer: Option<String>,
    client_id: Option<String>,
    name: Option<String>,
    name_en: Option<String>,
    scopes: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CitizensProvider {
    issuer: Option<String>,
    client_id: Option<String>,
    name: Option<String>,
    name_en: Option<String>,
    scopes: Option<Vec<String>>,
    id_number_claim: Option<String>,
    name_claim: Option<String>,
}

/// The options of a command line, with those of the configuration file that it names behind them.
pub(crate) fn command_line(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Failure> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command = match named(&arguments) {
        Some(path) => with_defaults(Cli::command(), &defaults(&path)?),
        None => Cli::command(),
    };
    let matches = command.get_matches_from(arguments);
    Cli::from_arg_matches(&matches).map_err(|error| anyhow!(error).into())
}

/// The file that a command line, or the environment, names. Whatever else is wrong with it is said later.
fn named(arguments: &[OsString]) -> Option<PathBuf> {
    let matches = Cli::command().ignore_errors(true).try_get_matches_from(arguments).ok()?;
    matches.try_get_one::<PathBuf>("config").ok()?.cloned()
}

type Defaults = Vec<(&'static str, Vec<OsStr>)>;

fn defaults(path: &Path) -> Result<Defaults, Failure> {
    let of = || format!("configuration file `{}`", path.display());
    let text = std::fs::read_to_string(path).with_context(of)?;
    // The message shows the line and what is wrong in it.
    let file: File = toml::from_str(&text).map_err(|error| anyhow!("{}: {error}", of()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let place = |path: PathBuf| OsStr::from(folder.join(path).into_os_string());
    let one = |text: Option<String>| text.map(|text| vec![OsStr::from(OsString::from(text))]);
    let several = |texts: Vec<String>| {
        texts.into_iter().map(|text| OsStr::from(OsString::from(text))).collect::<Vec<_>>()
    };
    let Providers { staff, citizens } = file.oidc;
    let settings = [
        ("data", file.data.map(|path| vec![place(path)])),
        ("pack", file.pack.map(|path| vec![place(path)])),
        ("database", one(file.database)),
        ("listen", one(file.listen)),
        ("mode", one(file.mode)),
        ("trusted_proxy", file.trusted_proxies.map(several)),
        ("metrics", one(file.metrics)),
        ("requests_per_minute", one(file.requests_per_minute.map(|number| number.to_string()))),
        ("sms_gateway", one(file.sms_gateway)),
        ("log", one(file.log)),
        ("log_format", one(file.log_format)),
        ("otlp_endpoint", one(file.otlp_endpoint)),
        ("public_url", one(file.public_url)),
        ("ask_witness", file.witnesses.map(several)),
        ("oidc_staff_issuer", one(staff.issuer)),
        ("oidc_staff_client_id", one(staff.client_id)),
        ("oidc_staff_name", one(staff.name)),
        ("oidc_staff_name_en", one(staff.name_en)),
        ("oidc_staff_scopes", staff.scopes.map(several)),
        ("oidc_citizens_issuer", one(citizens.issuer)),
        ("oidc_citizens_client_id", one(citizens.client_id)),
        ("oidc_citizens_name", one(citizens.name)),
        ("oidc_citizens_name_en", one(citizens.name_en)),
        ("oidc_citizens_scopes", citizens.scopes.map(several)),
        ("oidc_citizens_id_number_claim", one(citizens.id_number_claim)),
        ("oidc_citizens_name_claim", one(citizens.name_claim)),
    ];
    Ok(settings.into_iter().filter_map(|(id, values)| Some((id, values?))).collect())
}

fn with_defaults(mut command: Command, defaults: &Defaults) -> Command {
    let has = |command: &Command, id: &str| {
        command.get_arguments().any(|argument| argument.get_id() == id && !argument.is_positional())
    };
    for (id, values) in defaults {
        if has(&command, id) && !values.is_empty() {
            let values = values.clone();
            command = command
                .mut_arg(id, move |argument| argument.default_values(values).required(false));
        }
    }
    let below: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    // Counterparts of the synthetic city have settings of their own.
    for name in below.into_iter().filter(|name| name != "sim") {
        command = command.mut_subcommand(name, |below| with_defaults(below, defaults));
    }
    command
}
