//! How long a sealed cell, a token and a row digest take: `cargo run --release --example seal_bench`.

use std::hint::black_box;
use std::time::Instant;

use huimin_trust::ColumnKeys;

const CELLS: u32 = 1_000_000;

fn main() {
    let keys = ColumnKeys::from_master(&[7; 32]);
    let mut column = keys.column("household_register", "address");
    let mut tokens = keys.tokens("address");
    let address = "广州市越秀区北京街中山四路123号502房";
    let row = [b'a'; 300];
    let mut out = String::new();
    time("seal", || {
        out.clear();
        column.seal_into("0123456789abcdef01234567", black_box(address), &mut out);
    });
    let sealed = out.clone();
    time("open", || {
        out.clear();
        let _ = black_box(column.open_into("0123456789abcdef01234567", &sealed, &mut out));
    });
    time("token", || {
        out.clear();
        tokens.token_into(black_box(address), &mut out);
    });
    time("digest of 300 bytes", || {
        black_box(keys.digest(black_box(&row)));
    });
}

#[allow(clippy::print_stdout)] // A benchmark prints.
fn time(what: &str, mut act: impl FnMut()) {
    let start = Instant::now();
    for _ in 0..CELLS {
        act();
    }
    println!("{what:>20}: {:>5} ns", start.elapsed().as_nanos() / u128::from(CELLS));
}
