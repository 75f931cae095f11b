//! How long a sealed cell, a token, a row digest and a signed checkpoint take in both suites, and how opening
//! goes when several keys are there: `cargo run --release --example seal_speed -p huimin-trust`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use huimin_trust::log::{Head, LogKey, LogVerifier, open_checkpoint};
use huimin_trust::{ColumnKeys, Suite};

const CELLS: u32 = 1_000_000;
const SIGNATURES: u32 = 1_000;
const ROW: &str = "0123456789abcdef01234567";
const ADDRESS: &str = "广州市越秀区北京街中山四路123号502房";

#[allow(clippy::print_stdout, clippy::unwrap_used)] // A benchmark prints, and fails by panicking.
fn main() {
    for suite in [Suite::International, Suite::Sm] {
        println!("{suite}");
        cells(suite);
        checkpoints(suite);
    }
    for (suite, word) in [(Suite::International, ""), (Suite::Sm, "sm ")] {
        println!("{suite}, two keys");
        let (new, old) = ("11".repeat(32), "22".repeat(32));
        let old_alone = ColumnKeys::parse(&format!("{word}{old}"), "the benchmark").unwrap();
        let both = format!("{word}{new} seal\n{word}{old} token");
        let both = ColumnKeys::parse(&both, "the benchmark").unwrap();
        two_keys(&old_alone, &both);
    }
}

fn cells(suite: Suite) {
    let keys = ColumnKeys::from_master_of(suite, &[7; 32]);
    let mut column = keys.column("household_register", "address");
    let mut tokens = keys.tokens("address");
    let row = [b'a'; 300];
    let mut out = String::new();
    time("seal", CELLS, || {
        out.clear();
        column.seal_into(ROW, black_box(ADDRESS), &mut out);
    });
    let sealed = out.clone();
    time("open", CELLS, || {
        out.clear();
        let _ = black_box(column.open_into(ROW, &sealed, &mut out));
    });
    time("token", CELLS, || {
        out.clear();
        tokens.token_into(black_box(ADDRESS), &mut out);
    });
    time("digest of 300 bytes", CELLS, || {
        black_box(keys.digest(black_box(&row)));
    });
}

#[allow(clippy::unwrap_used)] // A benchmark fails by panicking.
fn two_keys(old_alone: &ColumnKeys, both: &ColumnKeys) {
    let old = old_alone.seal("household_register", "address", ROW, ADDRESS);
    let new = both.seal("household_register", "address", ROW, ADDRESS);
    let mut column = both.column("household_register", "address");
    let mut out = String::new();
    time("open, present", CELLS, || {
        out.clear();
        column.open_into(ROW, black_box(&new), &mut out).unwrap();
    });
    time("open, older", CELLS, || {
        out.clear();
        column.open_into(ROW, black_box(&old), &mut out).unwrap();
    });
    // The worst case: each cell is of another key than the one before.
    let mut turn = false;
    time("open, in turns", CELLS, || {
        out.clear();
        turn = !turn;
        column.open_into(ROW, black_box(if turn { &old } else { &new }), &mut out).unwrap();
    });
}

#[allow(clippy::unwrap_used)] // A benchmark fails by panicking.
fn checkpoints(suite: Suite) {
    let key = LogKey::from_seed_of(suite, "example.org/log", &[1; 32]).unwrap();
    let verifier = LogVerifier::parse(key.verifier_key()).unwrap();
    let head = Head { size: 70_000, root: [9; 32] };
    let note = key.sign(head).unwrap();
    time("sign a checkpoint", SIGNATURES, || {
        black_box(key.sign(black_box(head)).unwrap());
    });
    time("verify it", SIGNATURES, || {
        black_box(open_checkpoint(&note, &verifier, &[]).unwrap());
    });
}

/// The best of ten rounds: others that use the machine only ever make it slower.
#[allow(clippy::print_stdout)] // A benchmark prints.
fn time(what: &str, times: u32, mut act: impl FnMut()) {
    let round = times / 10;
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        for _ in 0..round {
            act();
        }
        best = best.min(start.elapsed());
    }
    let each = best.as_nanos() / u128::from(round);
    println!("{what:>20}: {each:>8} ns, {:>10.0} a second", f64::from(round) / best.as_secs_f64());
}
