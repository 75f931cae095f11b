//! A server as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::city::{command, pack};

/// A server, killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(data: &str, url: Option<&str>, more: &[&str], errors: Stdio) -> Self {
        let args = ["serve", "--data", data, "--pack", &pack(), "--listen", "127.0.0.1:0"];
        let mut command = command(&args);
        command.args(["--requests-per-minute", "0"]).args(more);
        command.stdout(Stdio::piped()).stderr(errors);
        if let Some(url) = url {
            command.env("HUIMIN_DATABASE", url);
        }
        Self::spawned(command)
    }

    /// Any program that says on the first line where it listens.
    pub(crate) fn spawned(mut command: std::process::Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its standard output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit('/').next().expect("an address").to_owned();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL; whoever has ended already can't be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
