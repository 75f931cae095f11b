//! Options about the audit trail's log, and the witnesses that co-sign it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use witness::{Client, ClientError};

use super::PlaceArgs;

/// What can be done with the audit trail's log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Read the whole log again and name every entry that is not what was sealed. Needs no network.
    Verify(VerifyArgs),
    /// Print the public key that others check the log with.
    Key(PlaceArgs),
    /// Print the signed head of the log. Kept elsewhere, it proves the log up to here.
    Checkpoint(PlaceArgs),
    /// Have the head of the log co-signed by witnesses, as a server does by itself, and print what they have co-signed.
    Cosign {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// Whom to ask.
        #[command(flatten)]
        witnesses: WitnessesArgs,
    },
    /// Write the log as files in the layout of C2SP tlog-tiles.
    Export {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The folder to write to.
        #[arg(long)]
        out: PathBuf,
    },
}

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The data folder and its database.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The log's public key, as `audit key` printed it; default: that of the data folder.
    #[arg(long, value_name = "KEY")]
    pub(crate) log_key: Option<String>,
    /// The public key of a witness whose co-signatures count; may be given several times.
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// A checkpoint that was kept elsewhere; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) kept: Vec<PathBuf>,
}

/// The witnesses of the log.
#[derive(Debug, Args)]
pub(crate) struct WitnessesArgs {
    /// A witness that co-signs the audit log (C2SP tlog-witness): its public key, a space, its address; may be given
    /// several times.
    #[arg(long, env = "HUIMIN_WITNESSES", value_delimiter = ',', value_name = "KEY URL")]
    pub(crate) ask_witness: Vec<String>,
}

impl WitnessesArgs {
    /// Whom to ask.
    pub(crate) fn clients(&self) -> Result<Vec<Client>, ClientError> {
        // An empty variable names nobody.
        let named = self.ask_witness.iter().filter(|text| !text.trim().is_empty());
        named.map(|text| Client::parse(text)).collect()
    }
}

/// What a witness does: whoever watches over the audit log of somebody else.
#[derive(Debug, Subcommand)]
pub(crate) enum WitnessAction {
    /// Co-sign checkpoints of the logs whose keys are given, over HTTP (C2SP tlog-witness), until the process is stopped.
    /// Needs neither a data folder nor a pack.
    Serve {
        /// Its key, and its folder.
        #[command(flatten)]
        witness: WitnessArgs,
        /// The public key of a log, as `audit key` printed it; may be given several times.
        #[arg(
            long,
            env = "HUIMIN_WITNESS_LOG_KEYS",
            value_delimiter = ',',
            value_name = "KEY",
            required = true
        )]
        log_key: Vec<String>,
        /// Address to listen on; the address is the first line on standard output.
        #[arg(long, env = "HUIMIN_WITNESS_LISTEN", default_value = "127.0.0.1:9092")]
        witness_listen: SocketAddr,
    },
    /// Print the public key that its co-signatures are checked with. The key is made if there is none.
    Key(WitnessArgs),
}

/// Which witness.
#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    /// The folder with its key (witness.key) and what it has co-signed. Made if it is not there. Keep copies: a witness
    /// that has forgotten proves nothing.
    #[arg(long, env = "HUIMIN_WITNESS_FOLDER")]
    pub(crate) folder: PathBuf,
    /// Its name, such as an address without scheme; it stands in each co-signature and can't be changed later.
    #[arg(long, env = "HUIMIN_WITNESS_NAME")]
    pub(crate) name: String,
}
