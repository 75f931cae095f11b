//! Loads a pack and shows what is wrong with it: `cargo run -p huimin-pack --example check -- DIR`.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(root) = std::env::args().nth(1) else {
        eprintln!("usage: check DIR");
        return ExitCode::from(2);
    };
    match huimin_pack::load(Path::new(&root)) {
        Ok(pack) => {
            println!(
                "{}: {} datasets, {} variables, {} policies, {} cases, hash {}",
                pack.name.zh,
                pack.datasets.len(),
                pack.variables.len(),
                pack.policies.len(),
                pack.tests.len(),
                pack.hash
            );
            ExitCode::SUCCESS
        }
        Err(faults) => {
            eprint!("{}", faults.render(huimin_pack::Style::Plain));
            ExitCode::FAILURE
        }
    }
}
