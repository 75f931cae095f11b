//! Makes a city from the command line: `generate OUT PEOPLE MONTHS SEED [START]`.

use std::path::PathBuf;
use std::process::ExitCode;

use huimin_sim::{GenerateOptions, generate};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, people, months, seed, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: generate OUT PEOPLE MONTHS SEED [START]");
        return ExitCode::from(2);
    };
    let start = rest.first().map_or("2024-01", String::as_str);
    let (Ok(people), Ok(months), Ok(seed), Ok(start)) =
        (people.parse(), months.parse(), seed.parse(), vocab::Period::parse(start))
    else {
        eprintln!("PEOPLE, MONTHS and SEED are numbers, START is a month such as 2024-01");
        return ExitCode::from(2);
    };
    let mut options = GenerateOptions::new(people, start, seed, PathBuf::from(out));
    options.months = months;
    let result = generate(&options, &mut |progress| {
        if progress.done == progress.total {
            eprintln!("{}: {}", progress.step, progress.total);
        }
    });
    match result {
        Ok(summary) => {
            eprintln!("{} people, {} residents", summary.people, summary.residents);
            for (period, rows) in &summary.rows {
                eprintln!("{period}: {} rows {rows:?}", rows.values().sum::<u64>());
            }
            for (kind, count) in &summary.errors {
                eprintln!("{kind}: {:.5} ({} of {})", count.rate(), count.hits, count.chances);
            }
            for (period, entitled) in &summary.entitled {
                eprintln!("{period}: entitled {entitled:?}");
            }
            for (period, gaps) in &summary.ceiling {
                let wide: Vec<String> = gaps
                    .iter()
                    .filter(|(_, gap)| gap.missed + gap.wrong + gap.amount > 0)
                    .map(|(policy, gap)| {
                        format!("{policy} -{} +{} ~{}", gap.missed, gap.wrong, gap.amount)
                    })
                    .collect();
                eprintln!("{period}: ceiling {}", wide.join(", "));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                eprintln!("  {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
