//! The command line: words and options. What each command does stands in `commands/`.

mod access;
mod audit;
mod keys;
mod oidc;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::DataFolder;
use identity::sms::SmsGateway;
use ipnet::IpNet;
use jiff::civil::Date;
use store::sea_orm::DatabaseConnection;
use vocab::Period;
use zeroize::Zeroizing;

pub(crate) use self::access::{OrganisationAction, UserAction, UserSetArgs};
pub(crate) use self::audit::{AuditAction, VerifyArgs, WitnessAction, WitnessArgs, WitnessesArgs};
pub(crate) use self::keys::{KeysAction, ResealArgs, RetireArgs};
pub(crate) use self::oidc::OidcArgs;
use crate::failure::Failure;

/// 惠民 Huimin: from the dirty feeds of a city's departments to the right payments.
///
/// Exit codes: 0 done; 1 something failed; 2 the command line is wrong; 3 the pack has faults or its
/// tests fail; 4 a delivery was refused; 5 another run holds the data folder; 6 the audit log was
/// changed.
#[derive(Debug, Parser)]
#[command(name = "huimin", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Write one JSON document to standard output; progress and messages go to standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// A configuration file, whose settings stand in for options that are not given.
    #[arg(long, global = true, env = "HUIMIN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How much is logged to standard error: a level, or levels by part of the program.
    #[arg(long, global = true, env = "HUIMIN_LOG", default_value = "error", value_name = "LEVELS")]
    pub(crate) log: String,
    /// In which form.
    #[arg(long, global = true, env = "HUIMIN_LOG_FORMAT", value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
    /// A collector of OpenTelemetry that traces are sent to, by OTLP over HTTP; default: none.
    #[arg(long, global = true, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub(crate) otlp_endpoint: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Forms of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a city pack as a whole and report all faults at once.
    Check {
        /// The pack's folder.
        pack: PathBuf,
    },
    /// Run the tests of a pack's policies.
    Test {
        /// The pack's folder.
        pack: PathBuf,
    },
    /// Take in all deliveries up to a month: clean tables, quarantine, row accounts.
    Ingest(RunArgs),
    /// Link the records to persons and households.
    Link(LinkArgs),
    /// Decide all policies of a month for everybody.
    Decide(StepArgs),
    /// Make the three lists of a month and prepare its payment batch.
    List(StepArgs),
    /// The main job: ingest, link, decide and list.
    Run(RunArgs),
    /// Say why a person gets or does not get a benefit.
    Explain(ExplainArgs),
    /// Payment batches.
    Batch {
        /// What to do with a batch.
        #[command(subcommand)]
        action: BatchAction,
    },
    /// The synthetic city, its counterparts, and the score against its truth.
    Sim {
        /// What to simulate.
        #[command(subcommand)]
        action: SimAction,
    },
    /// Serve the console.
    Serve {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The pack's folder.
        #[arg(long, env = "HUIMIN_PACK")]
        pack: PathBuf,
        /// Where it listens, and how it is reached.
        #[command(flatten)]
        reach: ReachArgs,
    },
    /// The configuration file.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// The database.
    Db {
        /// What to do with the database.
        #[command(subcommand)]
        action: DbAction,
    },
    /// The keys of the sealed columns.
    Keys {
        /// What to do with the keys.
        #[command(subcommand)]
        action: KeysAction,
    },
    /// The audit trail's log.
    Audit {
        /// What to do with the log.
        #[command(subcommand)]
        action: AuditAction,
    },
    /// A witness that watches over audit logs, such as that of another department.
    Witness {
        /// What to do.
        #[command(subcommand)]
        action: WitnessAction,
    },
    /// Organisations, which employ the staff.
    Organisation {
        /// What to do with organisations.
        #[command(subcommand)]
        action: OrganisationAction,
    },
    /// Accounts of the staff.
    User {
        /// What to do with an account.
        #[command(subcommand)]
        action: UserAction,
    },
}

/// Where the platform keeps what it knows.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// The data folder.
    #[arg(long, env = "HUIMIN_DATA")]
    pub(crate) data: PathBuf,
    /// The database, as <postgres://user:password@host/name>; default: a file in the data folder.
    /// Others can read a command line, so a URL with a password belongs into the environment.
    #[arg(long, env = "HUIMIN_DATABASE", hide_env_values = true, value_name = "URL")]
    pub(crate) database: Option<String>,
}

impl PlaceArgs {
    /// The database's URL, if one was given; an empty variable gives none.
    pub(crate) fn url(&self) -> Option<&str> {
        self.database.as_deref().filter(|url| !url.trim().is_empty())
    }

    /// Opens the data folder and its database.
    pub(crate) async fn open(&self) -> Result<(DataFolder, DatabaseConnection), Failure> {
        let folder = DataFolder::open(&self.data)?;
        let db = server::open_database(&folder, self.url()).await?;
        Ok((folder, db))
    }
}

/// Options of `ingest` and `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The folder with the deliveries, a folder a month.
    #[arg(long)]
    pub(crate) feeds: PathBuf,
    /// Where, when and as known.
    #[command(flatten)]
    pub(crate) step: StepArgs,
}

/// Options of the linking step.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Learn the frequencies of names and the number of people anew from all records. Weights change
    /// with them, so that uncertain records may move; without it, only the news are linked.
    #[arg(long)]
    pub(crate) learn: bool,
    /// Where, when and as known.
    #[command(flatten)]
    pub(crate) step: StepArgs,
}

/// Options of every step.
#[derive(Debug, Args)]
pub(crate) struct StepArgs {
    /// The pack's folder.
    #[arg(long, env = "HUIMIN_PACK")]
    pub(crate) pack: PathBuf,
    /// The data folder, made if it is not there, and its database.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The month, as 2024-01.
    #[arg(long, value_parser = period)]
    pub(crate) period: Period,
    /// Only deliveries received by this day count; default: all deliveries of the months up to the
    /// period, which has to have some itself. The clock is never asked.
    #[arg(long, value_parser = date)]
    pub(crate) known_at: Option<Date>,
    /// Parallel partitions of queries.
    #[arg(long, default_value_t = default_partitions())]
    pub(crate) partitions: usize,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The pack's folder.
    #[arg(long, env = "HUIMIN_PACK")]
    pub(crate) pack: PathBuf,
    /// The data folder and its database, whose audit trail is told of it.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The person's id, as the console and the lists show it.
    #[arg(long)]
    pub(crate) person: String,
    /// The policy's id.
    #[arg(long)]
    pub(crate) policy: String,
    /// The month, as 2024-01.
    #[arg(long, value_parser = period)]
    pub(crate) period: Period,
    /// Language of the text.
    #[arg(long, default_value = "zh")]
    pub(crate) lang: Language,
}

/// Languages of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// What can be done with a payment batch.
#[derive(Debug, Subcommand)]
pub(crate) enum BatchAction {
    /// Show the batches.
    Show {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Approve a prepared batch; two different people have to.
    Approve {
        /// Which batch.
        #[command(flatten)]
        batch: BatchArgs,
        /// Who approves.
        #[arg(long)]
        user: String,
    },
    /// Send an approved batch to the fiscal platform.
    Send {
        /// The pack's folder, for the names of the policies.
        #[arg(long, env = "HUIMIN_PACK")]
        pack: PathBuf,
        /// Which batch.
        #[command(flatten)]
        batch: BatchArgs,
        /// Where to.
        #[command(flatten)]
        channel: ChannelArgs,
    },
    /// Fetch the receipts of a sent batch.
    Receive {
        /// Which batch.
        #[command(flatten)]
        batch: BatchArgs,
        /// Where from.
        #[command(flatten)]
        channel: ChannelArgs,
    },
}

/// Which batch.
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    /// The data folder and its database.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The month whose batch is meant; its latest batch is taken.
    #[arg(long, value_parser = period)]
    pub(crate) period: Period,
    /// A batch by its id, where a month has several.
    #[arg(long)]
    pub(crate) batch: Option<String>,
}

/// The way to the fiscal platform.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ChannelArgs {
    /// Address of the fiscal platform, such as <http://127.0.0.1:9090>.
    #[arg(long)]
    pub(crate) fiscal: Option<String>,
    /// Folder for instruction and receipt files.
    #[arg(long)]
    pub(crate) files: Option<PathBuf>,
}

/// What can be simulated.
#[derive(Debug, Subcommand)]
pub(crate) enum SimAction {
    /// Make a synthetic city: its feeds, and apart from them its truth.
    Generate {
        /// How many people live in the city.
        #[arg(long, default_value_t = 100_000)]
        people: u32,
        /// The first month.
        #[arg(long, default_value = "2024-01", value_parser = period)]
        start: Period,
        /// How many months.
        #[arg(long, default_value_t = 9)]
        months: u32,
        /// The same seed gives the same bytes.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Share of the people who live in hardship.
        #[arg(long, default_value_t = 0.03)]
        hardship_share: f64,
        /// Multiplies all error rates; 0 gives clean feeds.
        #[arg(long, default_value_t = 1.0)]
        error_scale: f64,
        /// Another profile of rates than the built-in one.
        #[arg(long)]
        profile: Option<PathBuf>,
        /// Where to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Compare what the main job found with the truth.
    Score {
        /// The truth folder.
        #[arg(long)]
        truth: PathBuf,
        /// The data folder.
        #[arg(long, env = "HUIMIN_DATA")]
        data: PathBuf,
        /// The month.
        #[arg(long, value_parser = period)]
        period: Period,
    },
    /// Run the fiscal platform: takes instruction files, gives receipts.
    Fiscal {
        /// Address to listen on; the address is the first line on standard output.
        #[arg(long, default_value = "127.0.0.1:9090")]
        listen: SocketAddr,
        /// Its own journal of what it accepted and paid.
        #[arg(long)]
        journal: PathBuf,
        /// Decides which instructions are rejected or returned.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Instructions rejected, of a thousand.
        #[arg(long, default_value_t = 8)]
        reject_permille: u32,
        /// Payments returned later, of a thousand.
        #[arg(long, default_value_t = 4)]
        return_permille: u32,
    },
    /// Run an SMS gateway that shows the messages instead of sending them.
    Sms {
        /// Address to listen on; the address is the first line on standard output.
        #[arg(long, default_value = "127.0.0.1:9091")]
        listen: SocketAddr,
        /// What those who send have to prove themselves with; nobody has to without it.
        #[arg(long, env = "HUIMIN_SMS_TOKEN", hide_env_values = true)]
        token: Option<String>,
        /// Answer so many requests with 503 before the first message is taken.
        #[arg(long, default_value_t = 0)]
        refuse_first: u32,
    },
}

/// What can be done with the database.
#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Say which migrations the database has, and change nothing.
    Status(PlaceArgs),
    /// Make the database, or bring its schema up to this program's. Every command that works with it
    /// does so too.
    Migrate(PlaceArgs),
    /// Copy the data folder and the database as they are at one moment. The console may be served
    /// meanwhile; a run can't work.
    Backup {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The folder to make.
        #[arg(long)]
        to: PathBuf,
        /// Put the keys into the backup too. Whoever has it can then read everything.
        #[arg(long)]
        with_keys: bool,
    },
    /// Read a backup and say whether it is whole.
    CheckBackup {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
    },
    /// Make a data folder and its database from a backup; a damaged one is refused.
    Restore {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
        /// The data folder to make, and, where the database was on a server, an empty one.
        #[command(flatten)]
        place: PlaceArgs,
        /// The folder that the keys were kept in.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
}

/// How the server is reached.
#[derive(Debug, Args)]
pub(crate) struct ReachArgs {
    /// Address to listen on.
    #[arg(long, env = "HUIMIN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Production refuses to start with what is not safe, and answers only what came by TLS.
    #[arg(long, env = "HUIMIN_MODE", value_enum, default_value_t)]
    pub(crate) mode: Mode,
    /// A proxy that ends TLS, as an address with a prefix length such as 127.0.0.1/32; may be given several
    /// times.
    #[arg(long, env = "HUIMIN_TRUSTED_PROXY", value_delimiter = ',', value_name = "NET")]
    pub(crate) trusted_proxy: Vec<IpNet>,
    /// Address on which figures for Prometheus are answered, at /metrics.
    #[arg(long, env = "HUIMIN_METRICS", value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Requests that one account, or one address before signing in, may send a minute, a quarter of them at once; 0:
    /// without limit.
    #[arg(long, env = "HUIMIN_REQUESTS_PER_MINUTE", default_value_t = 1200, value_name = "N")]
    pub(crate) requests_per_minute: u32,
    /// Address of the SMS gateway that sends codes to citizens; they can't sign in without it.
    #[arg(long, env = "HUIMIN_SMS_GATEWAY", value_name = "URL")]
    pub(crate) sms_gateway: Option<String>,
    /// The gateway's token. Others can read a command line, so it belongs into the environment.
    #[arg(
        long,
        env = "HUIMIN_SMS_TOKEN",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) sms_token: String,
    /// Providers that sign people in.
    #[command(flatten)]
    pub(crate) oidc: OidcArgs,
    /// Who co-signs the audit log.
    #[command(flatten)]
    pub(crate) witnesses: WitnessesArgs,
}

/// Whether real people are behind the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// For trying out.
    #[default]
    Development,
    /// For real people.
    Production,
}

impl ReachArgs {
    /// The SMS gateway, where one is named.
    pub(crate) fn sms(&self) -> Result<Option<Arc<dyn SmsGateway>>, server::SmsSetupError> {
        let named = self.sms_gateway.as_deref().filter(|address| !address.trim().is_empty());
        let token = || Zeroizing::new(self.sms_token.clone());
        let mode = self.exposure().mode;
        named.map(|address| server::sms_gateway(mode, address, token())).transpose()
    }

    pub(crate) fn exposure(&self) -> server::Exposure {
        let mode = match self.mode {
            Mode::Development => server::Mode::Development,
            Mode::Production => server::Mode::Production,
        };
        server::Exposure { mode, trusted_proxies: self.trusted_proxy.clone() }
    }
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Say which settings are in force, and whether a server could be started with them. Changes nothing.
    Check {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The pack's folder.
        #[arg(long, env = "HUIMIN_PACK")]
        pack: PathBuf,
        /// Where it listens, and how it is reached.
        #[command(flatten)]
        reach: ReachArgs,
    },
}

fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|error| error.to_string())
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day as 2024-02-05".to_owned())
}

fn default_partitions() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
