//! Answers whether codes are right, line by line, so that another implementation can be asked the same.
//!
//! Standard input: lines `kind<TAB>value`, kind `ric` (identity number) or `uscc` (unified social credit code).
//! Standard output: the same lines with `<TAB>ok` or `<TAB>bad` appended.
//! `scripts/compare_python_stdnum.py` drives it. Meant for made-up values: it writes them out in clear.

use std::io::{self, BufRead, BufWriter, Write};

use huimin_vocab::{IdNumber, UnifiedSocialCreditCode};

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for (position, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        let right = match line.split_once('\t') {
            Some(("ric", value)) => IdNumber::parse(value).is_ok(),
            Some(("uscc", value)) => UnifiedSocialCreditCode::parse(value).is_ok(),
            _ => {
                let message =
                    format!("line {}: expected `ric` or `uscc`, a tab and a value", position + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        };
        writeln!(out, "{line}\t{}", if right { "ok" } else { "bad" })?;
    }
    out.flush()
}
