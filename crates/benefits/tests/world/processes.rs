//! Real processes: the fiscal platform, and a payer that can be killed.
//!
//! The test program starts itself again with one ignored test as the whole of its work, so that
//! the process on the other side is a real one, with a socket, a journal and a life of its own.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sim::fiscal::{FiscalFaults, FiscalOptions};

/// A child that does not outlive its test.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `test` of this program and waits for a line of output that holds `sign`; returns what
    /// follows the sign.
    pub(crate) fn start(test: &str, variables: &[(&str, String)], sign: &str) -> (Self, String) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let rest = loop {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "{test} ended without `{sign}`");
            if let Some((_, rest)) = line.split_once(sign) {
                break rest.trim().to_owned();
            }
        };
        // Somebody has to read on, or the child blocks when the pipe is full.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        (Self { child }, rest)
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The fiscal platform of a test.
pub(crate) struct Fiscal {
    pub(crate) address: String,
    pub(crate) journal: PathBuf,
    process: Option<Process>,
    variables: Vec<(&'static str, String)>,
}

/// How the platform of a test behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Behaviour {
    pub(crate) reject_permille: u32,
    pub(crate) return_permille: u32,
    pub(crate) lost_answers: u32,
    pub(crate) undecided_asks: u32,
    pub(crate) duplicate_receipts: bool,
}

impl Fiscal {
    pub(crate) fn start(folder: &Path, behaviour: Behaviour) -> Self {
        let journal = folder.join("fiscal.jsonl");
        let variables = vec![
            ("HUIMIN_TEST_JOURNAL", journal.display().to_string()),
            ("HUIMIN_TEST_REJECT", behaviour.reject_permille.to_string()),
            ("HUIMIN_TEST_RETURN", behaviour.return_permille.to_string()),
            ("HUIMIN_TEST_LOST", behaviour.lost_answers.to_string()),
            ("HUIMIN_TEST_UNDECIDED", behaviour.undecided_asks.to_string()),
            ("HUIMIN_TEST_DUPLICATE", u32::from(behaviour.duplicate_receipts).to_string()),
        ];
        let (process, address) = Process::start("fiscal_process", &variables, "listening on ");
        Self { address, journal, process: Some(process), variables }
    }

    /// Kills the platform and starts it again on its journal, with a new address.
    pub(crate) fn restart(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
        let (process, address) = Process::start("fiscal_process", &self.variables, "listening on ");
        (self.process, self.address) = (Some(process), address);
    }

    pub(crate) fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// What the journal says: instruction and amount of every instruction that was taken, and
    /// instruction and status of every receipt.
    pub(crate) fn journal(&self) -> Journal {
        let mut journal = Journal::default();
        for line in std::fs::read_to_string(&self.journal).unwrap().lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            match event["event"].as_str() {
                Some("taken") => {
                    let entitlement = (text("policy"), text("period"), text("account"));
                    let amount = event["amount_fen"].as_i64().unwrap();
                    journal.taken.push((text("instruction_id"), entitlement, amount));
                }
                Some("receipt") => journal.receipts.push((text("instruction_id"), text("status"))),
                _ => {}
            }
        }
        journal
    }
}

/// (policy, period, account) that money went out for.
pub(crate) type Entitlement = (String, String, String);

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) taken: Vec<(String, Entitlement, i64)>,
    pub(crate) receipts: Vec<(String, String)>,
}

impl Journal {
    /// Sum of what was paid and not sent back, by the journal alone.
    pub(crate) fn paid_fen(&self) -> i64 {
        self.taken.iter().filter(|(id, _, _)| self.is_paid(id)).map(|(_, _, amount)| amount).sum()
    }

    pub(crate) fn is_paid(&self, instruction: &str) -> bool {
        let has = |status: &str| {
            self.receipts.iter().any(|(id, said)| id == instruction && said == status)
        };
        has("paid") && !has("returned")
    }

    /// Entitlements for which more than one instruction was taken.
    pub(crate) fn doubled(&self) -> usize {
        let mut entitlements: Vec<&Entitlement> = self.taken.iter().map(|one| &one.1).collect();
        let all = entitlements.len();
        entitlements.sort();
        entitlements.dedup();
        all - entitlements.len()
    }
}

/// The work of the child that is the fiscal platform.
pub(crate) fn run_fiscal() {
    let variable = |name: &str| std::env::var(name).ok();
    let number = |name: &str| variable(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    // Started by hand together with all ignored tests, there is nothing to do.
    let Some(journal) = variable("HUIMIN_TEST_JOURNAL") else { return };
    let options = FiscalOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        journal: journal.into(),
        seed: 20_240_101,
        reject_permille: number("HUIMIN_TEST_REJECT"),
        return_permille: number("HUIMIN_TEST_RETURN"),
        faults: FiscalFaults {
            lost_answers: number("HUIMIN_TEST_LOST"),
            undecided_asks: number("HUIMIN_TEST_UNDECIDED"),
            duplicate_receipts: number("HUIMIN_TEST_DUPLICATE") > 0,
            delay: None,
        },
    };
    tokio::runtime::Runtime::new().unwrap().block_on(sim::fiscal::serve(options)).unwrap();
}
