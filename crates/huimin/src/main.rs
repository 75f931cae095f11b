//! The command line of Huimin. It reads options, calls the crates in their order, and prints.

mod cli;
mod commands;
mod config;
mod failure;
mod output;
mod progress;
mod telemetry;

use std::process::ExitCode;

use cli::Command;
use failure::Failure;
use output::Output;
use telemetry::Telemetry;

/// A run makes and drops millions of small texts on several threads; the C library's allocator spends
/// a tenth of the run on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match config::command_line(std::env::args_os()) {
        Ok(cli) => cli,
        Err(failure) => return failure.report(&Output::new(false)),
    };
    let output = Output::new(cli.json);
    let telemetry = match Telemetry::start(&cli) {
        Ok(telemetry) => telemetry,
        Err(failure) => return failure.report(&output),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("✘ failed to start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(run(cli.command, &output));
    drop(telemetry);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&output),
    }
}

async fn run(command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Check { pack } => commands::pack::check(&pack, output),
        Command::Test { pack } => commands::pack::test(&pack, output).await,
        Command::Ingest(args) => commands::job::ingest(&args, output).await,
        Command::Link(args) => commands::job::link(&args, output).await,
        Command::Decide(args) => commands::job::decide(&args, output).await,
        Command::List(args) => commands::job::list(&args, output).await,
        Command::Run(args) => commands::job::run(&args, output).await,
        Command::Explain(args) => commands::explain::explain(&args, output).await,
        Command::Keys { action } => commands::keys::keys(&action, output).await,
        Command::Audit { action } => commands::audit::audit(&action, output).await,
        Command::Witness { action } => commands::witness::witness(&action, output).await,
        Command::Batch { action } => commands::batch::batch(&action, output).await,
        Command::Sim { action } => commands::sim::sim(action, output).await,
        Command::Serve { place, pack, reach } => commands::serve::serve(place, &pack, &reach).await,
        Command::Config { action } => commands::config::config(&action, output).await,
        Command::Db { action } => commands::db::db(&action, output).await,
        Command::Organisation { action } => {
            commands::organisation::organisation(&action, output).await
        }
        Command::User { action } => commands::user::user(&action, output).await,
    }
}
