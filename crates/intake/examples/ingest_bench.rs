//! Rows a second of intake, with all checks, sealing and writing.
//!
//! `ingest_bench PACK FEEDS PERIOD` takes in a feeds folder; `ingest_bench PACK FEEDS PERIOD DATASET…`
//! only those datasets of it, one after the other. The data folder is a temporary one beside FEEDS.
//! Wall time depends on what else the machine does, so CPU time is printed too.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // A benchmark prints, and stops at a fault.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use engine::{DataFolder, Tables};
use huimin_intake::{IngestContext, ingest};
use trust::ColumnKeys;
use vocab::Period;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pack, feeds, period, datasets @ ..] = arguments.as_slice() else {
        println!("usage: ingest_bench PACK FEEDS PERIOD [DATASET…]");
        return;
    };
    let pack = pack::load(Path::new(pack)).unwrap_or_else(|faults| {
        panic!("{}", faults.render(pack::Style::Plain));
    });
    let feeds = PathBuf::from(feeds);
    if datasets.is_empty() {
        measure("all", &pack, &feeds, period);
    }
    for dataset in datasets {
        let only = tempfile::tempdir_in(feeds.parent().unwrap()).unwrap();
        copy_one(&feeds, only.path(), dataset);
        measure(dataset, &pack, only.path(), period);
    }
}

/// A feeds folder with the deliveries of one dataset.
fn copy_one(feeds: &Path, to: &Path, dataset: &str) {
    for entry in fs::read_dir(feeds).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("manifest.json")) else {
            continue;
        };
        let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let deliveries = manifest["deliveries"].as_array_mut().unwrap();
        deliveries.retain(|delivery| delivery["dataset"] == dataset);
        let target = to.join(folder.file_name().unwrap());
        fs::create_dir(&target).unwrap();
        for delivery in deliveries {
            let file = delivery["file"].as_str().unwrap();
            fs::hard_link(folder.join(file), target.join(file)).unwrap();
        }
        fs::write(target.join("manifest.json"), manifest.to_string()).unwrap();
    }
}

fn measure(what: &str, pack: &pack::Pack, feeds: &Path, period: &str) {
    let data = tempfile::tempdir_in(feeds.parent().unwrap()).unwrap();
    let folder = DataFolder::open_or_create(&data.path().join("data")).unwrap();
    let tables = Tables::new(&folder);
    let keys = ColumnKeys::load_or_create(&folder.key_file()).unwrap();
    let context = IngestContext { folder: &folder, tables: &tables, pack, keys: &keys };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let through = Period::parse(period).unwrap();
    let report = runtime.block_on(ingest(&context, feeds, through, None, &|_| {})).unwrap();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let rows = report.rows_in() as f64;
    println!(
        "{what:>22}: {rows:>9} rows, {wall:6.2} s, {:>8.0} rows/s; CPU {cpu:6.2} s, {:5.2} µs a row, {:>8.0} rows/s on 2 cores; peak {} MiB; quarantined {}",
        rows / wall,
        cpu * 1e6 / rows,
        2.0 * rows / cpu,
        peak_mib(),
        report.quarantined(),
    );
}

/// User and system time of this process, in seconds (proc(5): ticks of 1/100 s).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
