//! Whole small cities, looked at from outside: their files, their rates, their truth.

#![allow(clippy::unwrap_used, reason = "a test that can't read its city has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use huimin_sim::{GenerateOptions, SimError, Summary, generate};
use sha2::{Digest, Sha256};
use vocab::Period;

struct City {
    folder: tempfile::TempDir,
    summary: Summary,
}

impl City {
    fn make(
        people: u32,
        months: u32,
        seed: u64,
        change: impl FnOnce(&mut GenerateOptions),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Period::parse("2024-01").unwrap();
        let mut options = GenerateOptions::new(people, start, seed, folder.path().join("city"));
        options.months = months;
        change(&mut options);
        let summary = generate(&options, &mut |_| {}).unwrap();
        Self { folder, summary }
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join("city").join(inside)
    }

    fn manifest(&self, period: &str) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path(&format!("feeds/{period}/manifest.json"))).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["period"], period);
        manifest["deliveries"].as_array().unwrap().clone()
    }

    /// All files with their sums.
    fn sums(&self) -> BTreeMap<PathBuf, String> {
        fn walk(folder: &Path, base: &Path, sums: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, base, sums);
                } else {
                    sums.insert(path.strip_prefix(base).unwrap().to_path_buf(), sum_of(&path));
                }
            }
        }
        let base = self.path("");
        let mut sums = BTreeMap::new();
        walk(&base, &base, &mut sums);
        sums
    }
}

fn sum_of(path: &Path) -> String {
    Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text_of(path: &Path, encoding: &str) -> String {
    let mut bytes = Vec::new();
    fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    if encoding == "gb18030" {
        let (text, _, damaged) = encoding_rs::GB18030.decode(&bytes);
        assert!(!damaged, "{path:?} isn't GB 18030");
        return text.into_owned();
    }
    let text = String::from_utf8(bytes).unwrap();
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// The rows of a file, as cells.
fn rows_of(path: &Path, dataset: &str) -> Vec<Vec<String>> {
    match path.extension().unwrap().to_str().unwrap() {
        "csv" => {
            let gb18030 = ["household_register", "residence_permit", "social_insurance", "vehicle"]
                .contains(&dataset);
            let text = text_of(path, if gb18030 { "gb18030" } else { "utf-8" });
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect()
        }
        "jsonl" => text_of(path, "utf-8")
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| {
                match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
                    Ok(object) => object
                        .values()
                        .map(|value| match value {
                            serde_json::Value::Null => String::new(),
                            serde_json::Value::String(text) => text.clone(),
                            other => other.to_string(),
                        })
                        .collect(),
                    // A broken row.
                    Err(_) => Vec::new(),
                }
            })
            .collect(),
        "xlsx" => {
            use calamine::Reader as _;
            let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
            let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
            sheet.rows().skip(1).map(|row| row.iter().map(ToString::to_string).collect()).collect()
        }
        _ => {
            let table = if dataset == "disability" { "cdpf_card" } else { "gjj_account" };
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns)
                    .map(|column| {
                        Ok(match row.get_ref(column)? {
                            rusqlite::types::ValueRef::Null => String::new(),
                            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                            rusqlite::types::ValueRef::Real(number) => number.to_string(),
                            rusqlite::types::ValueRef::Text(text) => {
                                String::from_utf8(text.to_vec()).unwrap()
                            }
                            rusqlite::types::ValueRef::Blob(_) => {
                                unreachable!("no blobs are written")
                            }
                        })
                    })
                    .collect::<rusqlite::Result<Vec<String>>>()
            });
            rows.unwrap().map(Result::unwrap).collect()
        }
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_ones() {
    let one = City::make(700, 3, 5, |_| {}).sums();
    let same = City::make(700, 3, 5, |_| {}).sums();
    let other = City::make(700, 3, 6, |_| {}).sums();
    assert_eq!(one, same);
    assert_eq!(
        one.keys().count(),
        3 * 4 + 1 + one.keys().filter(|path| path.starts_with("feeds")).count()
    );
    let register = Path::new("feeds/2024-01/household_register.csv");
    assert_ne!(one[register], other[register]);
}

#[test]
fn every_file_is_readable_and_has_the_rows_and_the_sum_of_the_manifest() {
    let city = City::make(3_000, 2, 8, |_| {});
    for period in ["2024-01", "2024-02"] {
        let deliveries = city.manifest(period);
        if period == "2024-01" {
            let datasets: BTreeSet<&str> =
                deliveries.iter().map(|d| d["dataset"].as_str().unwrap()).collect();
            assert_eq!(datasets.len(), 27);
            assert!(deliveries.iter().all(|delivery| delivery["kind"] == "full"));
        }
        for delivery in deliveries {
            let dataset = delivery["dataset"].as_str().unwrap();
            let path = city.path(&format!("feeds/{period}/{}", delivery["file"].as_str().unwrap()));
            assert_eq!(delivery["sha256"], sum_of(&path), "{dataset}");
            assert_eq!(delivery["rows"], rows_of(&path, dataset).len(), "{dataset} of {period}");
            let (as_of, received) =
                (delivery["as_of"].as_str().unwrap(), delivery["received"].as_str().unwrap());
            assert!(
                as_of.starts_with(period) && received > as_of,
                "{dataset}: {as_of}, {received}"
            );
        }
    }
}

#[test]
fn errors_are_as_frequent_as_the_profile_says() {
    let city = City::make(20_000, 2, 9, |_| {});
    let expected = [
        ("id_missing", 0.08, 0.004),
        ("id_mistyped", 0.015, 0.002),
        ("id_15_digits", 0.01, 0.002),
        ("name_similar", 0.015, 0.002),
        ("name_traditional", 0.01, 0.0015),
        ("name_outside_bmp", 0.002, 0.000_6),
        ("name_spacing", 0.02, 0.002),
        ("birth_swapped", 0.007, 0.001),
        ("phone_old", 0.15, 0.01),
        ("phone_shared", 0.20, 0.02),
        ("address_old", 0.10, 0.01),
        ("repeated", 0.01, 0.0015),
        ("broken", 0.003, 0.000_8),
    ];
    for (kind, rate, tolerance) in expected {
        let found = city.summary.errors[kind];
        assert!(
            (found.rate() - rate).abs() < tolerance,
            "{kind}: {} of {}",
            found.hits,
            found.chances
        );
    }
    // Seen from outside: what stands in the files is what was counted.
    let rows = rows_of(&city.path("feeds/2024-01/income_tax.csv"), "income_tax");
    let missing = rows.iter().filter(|row| row.get(2).is_some_and(String::is_empty)).count();
    assert!(
        (0.07..0.09).contains(&(missing as f64 / rows.len() as f64)),
        "{missing} of {}",
        rows.len()
    );
    let keys: BTreeSet<&String> = rows.iter().filter_map(|row| row.first()).collect();
    let same = (rows.len() - keys.len()) as f64 / rows.len() as f64;
    assert!((0.003..0.008).contains(&same), "the same key twice: {same}");
}

#[test]
fn deaths_are_late_and_rolls_are_forgotten_as_often_as_the_profile_says() {
    let city = City::make(60_000, 6, 10, |_| {});
    let late = city.summary.errors["death_late"];
    assert!((0.19..0.31).contains(&late.rate()), "{} of {}", late.hits, late.chances);
    let one_source = city.summary.errors["death_one_source"];
    assert!(
        (0.005..0.07).contains(&one_source.rate()),
        "{} of {}",
        one_source.hits,
        one_source.chances
    );
    let forgotten = city.summary.errors["not_updated"];
    assert!(
        (0.016..0.024).contains(&forgotten.rate()),
        "{} of {}",
        forgotten.hits,
        forgotten.chances
    );
}

#[test]
fn without_errors_the_known_facts_are_the_true_ones() {
    let city = City::make(6_000, 7, 11, |options| options.error_scale = 0.0);
    assert!(city.summary.errors.values().all(|count| count.hits == 0), "{:?}", city.summary.errors);
    for month in 1..=7 {
        let name = format!("2024-{month:02}.csv");
        let truth = lines(&city.path(&format!("truth/entitlements/{name}")));
        assert!(!truth.is_empty());
        assert_eq!(truth, lines(&city.path(&format!("truth/ceiling/{name}"))), "{name}");
        assert!(lines(&city.path(&format!("truth/causes/{name}"))).is_empty());
    }
}

#[test]
fn the_ceiling_is_close_to_the_truth_and_every_policy_has_somebody() {
    let city = City::make(20_000, 10, 12, |_| {});
    let mut entitled: BTreeMap<&str, u64> = BTreeMap::new();
    let mut gaps: BTreeMap<&str, u64> = BTreeMap::new();
    for (period, counts) in &city.summary.entitled {
        for (policy, count) in counts {
            *entitled.entry(policy).or_default() += count;
        }
        for (policy, gap) in &city.summary.ceiling[period] {
            *gaps.entry(policy).or_default() += gap.missed + gap.wrong;
        }
    }
    assert_eq!(entitled.len(), 14);
    for (policy, count) in &entitled {
        assert!(*count > 0, "nobody gets {policy}");
    }
    let (all, wide) = (entitled.values().sum::<u64>(), gaps.values().sum::<u64>());
    assert!(wide * 10_000 < all * 60, "{wide} of {all}");
    for (policy, gap) in gaps {
        let count = entitled[policy];
        // Small numbers swing: two cases are granted to each.
        assert!(gap.saturating_sub(2) * 10_000 < count * 150, "{policy}: {gap} of {count}");
    }
    // The causes of all differences are named.
    let causes: BTreeSet<String> = (1..=10)
        .flat_map(|month| lines(&city.path(&format!("truth/causes/2024-{month:02}.csv"))))
        .map(|line| line.rsplit(',').next().unwrap().to_owned())
        .collect();
    let known = ["late_death", "one_source_death", "stale_roll", "broken_row", "late_fact"];
    assert!(causes.iter().all(|cause| known.contains(&cause.as_str())), "{causes:?}");
    assert!(causes.contains("late_death"), "{causes:?}");
}

#[test]
fn the_truth_names_the_record_of_every_row_under_the_id_of_its_key() {
    let city = City::make(2_000, 2, 13, |_| {});
    let mut records: BTreeMap<String, String> = BTreeMap::new();
    for period in ["2024-01", "2024-02"] {
        for line in lines(&city.path(&format!("truth/records/{period}.csv"))) {
            let cells: Vec<&str> = line.split(',').collect();
            let known = records.insert(cells[0].to_owned(), cells[1].to_owned());
            assert!(known.is_none_or(|person| person == cells[1]), "one record of two people");
        }
    }
    let persons = lines(&city.path("truth/persons.csv")).len();
    assert!(records.values().all(|person| (1..=persons).contains(&person.parse().unwrap())));
    for period in ["2024-01", "2024-02"] {
        for delivery in city.manifest(period) {
            let dataset = delivery["dataset"].as_str().unwrap();
            let path = city.path(&format!("feeds/{period}/{}", delivery["file"].as_str().unwrap()));
            let parts = if dataset == "assistance_application" { 2 } else { 1 };
            let role = if dataset == "marriage" { "husband" } else { "subject" };
            for row in rows_of(&path, dataset)
                .iter()
                .filter(|row| !row.is_empty() && dataset != "price_index")
            {
                let key: Vec<&str> = row[..parts].iter().map(String::as_str).collect();
                let id = vocab::RecordId::new(&vocab::RowId::from_key(dataset, &key), role);
                assert!(records.contains_key(id.as_str()), "{dataset}: a row without truth");
            }
        }
    }
}

#[test]
fn the_register_is_clean_and_its_numbers_are_nobodys() {
    let city = City::make(5_000, 1, 14, |_| {});
    let rows = rows_of(&city.path("feeds/2024-01/household_register.csv"), "household_register");
    let share = rows.len() as f64 / 5_000.0;
    assert!((0.55..0.60).contains(&share), "{share}");
    let mut numbers = BTreeSet::new();
    for row in &rows {
        let number = vocab::IdNumber::parse(&row[7]).unwrap();
        assert_eq!(number.division(), "440199");
        assert_eq!(number.birth_date(), vocab::date::parse_loose(&row[6]).unwrap());
        assert!(numbers.insert(row[7].clone()), "a number twice");
        assert!(vocab::DivisionCode::parse(&row[11]).is_ok());
        assert_eq!(vocab::text::clean(&row[2]), row[2]);
    }
    // Each book with people in it has one head.
    let mut heads: BTreeMap<&str, u32> = BTreeMap::new();
    for row in rows.iter().filter(|row| row[13] == "1") {
        *heads.entry(&row[1]).or_default() += u32::from(row[8] == "02");
    }
    assert!(heads.values().all(|count| *count == 1));
    assert!(rows.iter().any(|row| row[2].contains('·')));
    assert!(rows.iter().any(|row| !row[3].is_empty()), "nobody has a former name");
}

#[test]
fn a_roll_delivered_again_shows_the_same_errors_in_the_same_rows() {
    let city = City::make(8_000, 2, 15, |_| {});
    let table = |period: &str| -> BTreeMap<String, Vec<String>> {
        let rows = rows_of(&city.path(&format!("feeds/{period}/disability.sqlite")), "disability");
        rows.into_iter().map(|row| (row[0].clone(), row)).collect()
    };
    let (first, second) = (table("2024-01"), table("2024-02"));
    let both: Vec<&String> = first.keys().filter(|key| second.contains_key(*key)).collect();
    let same_identity = both.iter().filter(|key| first[**key][1..5] == second[**key][1..5]).count();
    // Broken rows are corrected, a birthday may change whose telephone it is; names and numbers stay as they are.
    assert!(
        both.len() > 90 && both.len() - same_identity <= 2,
        "{} of {}",
        same_identity,
        both.len()
    );
}

#[test]
fn the_smallest_cities_are_made_without_complaint() {
    for people in [1, 2, 7, 60, 200] {
        let city = City::make(people, 4, 16, |_| {});
        assert_eq!(city.summary.periods.len(), 4);
        assert!(city.path("truth/persons.csv").exists());
    }
}

#[test]
fn every_dataset_is_delivered_in_the_first_month_even_of_the_smallest_city() {
    let city = City::make(3, 1, 17, |_| {});
    assert_eq!(city.manifest("2024-01").len(), 27);
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    let options =
        GenerateOptions::new(10, Period::parse("2024-01").unwrap(), 1, folder.path().to_path_buf());
    let error = generate(&options, &mut |_| {}).unwrap_err();
    assert!(matches!(error, SimError::NotEmpty { .. }));
    assert_eq!(fs::read_to_string(folder.path().join("letter.txt")).unwrap(), "dear");
}

#[test]
fn an_option_out_of_range_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let start = Period::parse("2024-01").unwrap();
    let mut options = GenerateOptions::new(0, start, 1, folder.path().join("x"));
    let error = generate(&options, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "option `people`: 0 is out of range; expected 1 to 4,000,000");
    options.people = 10;
    options.error_scale = f64::NAN;
    assert!(matches!(
        generate(&options, &mut |_| {}),
        Err(SimError::Option { option: "error-scale", .. })
    ));
    assert!(!folder.path().join("x").exists());
}
