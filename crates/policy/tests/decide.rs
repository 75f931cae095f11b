//! Deciding and explaining over tables written by hand.

mod common;
#[path = "common/world.rs"]
mod world;

use std::collections::BTreeMap;

use common::club;
use engine::arrow::array::AsArray as _;
use engine::content_hash;
use engine::datafusion::scalar::ScalarValue;
use huimin_policy::{ExplainRequest, Explanation};
use jiff::civil::date;
use proptest::prelude::*;
use vocab::Period;
use world::World;

const KNOWN_AT: jiff::civil::Date = date(2024, 2, 6);

fn january() -> Period {
    Period::parse("2024-01").unwrap()
}

/// Outcome, amount, held and unknown masks of a policy by subject.
async fn decisions(
    world: &World,
    table: &str,
    policy: &str,
) -> BTreeMap<String, (Option<i64>, Option<i64>, i64, i64)> {
    let sql = format!(
        "SELECT subject_id, CAST({policy}__outcome AS BIGINT), {policy}__amount, {policy}__held, \
         {policy}__unknown FROM {table}"
    );
    let mut found = BTreeMap::new();
    for batch in world.snapshot().query(&[table], &sql).await.unwrap() {
        for row in 0..batch.num_rows() {
            let whole = |column: usize| match ScalarValue::try_from_array(batch.column(column), row)
                .unwrap()
            {
                ScalarValue::Int64(value) => value,
                other => panic!("a number was expected, found {other:?}"),
            };
            let ScalarValue::Utf8(Some(subject)) =
                ScalarValue::try_from_array(batch.column(0), row).unwrap()
            else {
                panic!("a text was expected")
            };
            let masks = (whole(3).unwrap_or_default(), whole(4).unwrap_or_default());
            found.insert(subject, (whole(1), whole(2), masks.0, masks.1));
        }
    }
    found
}

const NOT: Option<i64> = Some(0);
const ELIGIBLE: Option<i64> = Some(1);
const ASK: Option<i64> = Some(2);

#[tokio::test]
async fn everybody_gets_an_outcome_an_amount_and_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    let report = world.decide(&book, KNOWN_AT).await;
    assert_eq!((report.persons, report.households), (8, 2));

    let court = decisions(&world, "decisions_person_2024_01", "court_grant").await;
    assert_eq!(court["p1"], (ELIGIBLE, Some(2_000), 0b111, 0), "73, member by the second row");
    assert_eq!(court["p2"], (NOT, None, 0b001, 0), "neither a full member nor old");
    assert_eq!(court["p3"], (ASK, None, 0b110, 0b001), "one source alone reports the death");
    assert_eq!(court["p4"], (ASK, None, 0b011, 0b100), "nobody knows the age");
    assert_eq!(court["p5"], (NOT, None, 0b110, 0), "died in November");
    assert_eq!(court["p6"], (ELIGIBLE, Some(2_000), 0b111, 0), "sixty on the last day");
    assert_eq!(court["p7"], (NOT, None, 0b001, 0), "sixty on the day after");
    assert_eq!(
        court["p8"],
        (ELIGIBLE, Some(3_050), 0b111, 0),
        "the month of the death is paid either way"
    );

    let racket = decisions(&world, "decisions_person_2024_01", "racket_grant").await;
    assert_eq!(racket["p1"], (NOT, None, 0b011, 0), "the court grant goes first");
    assert_eq!(
        racket["p2"],
        (ASK, None, 0b101, 0b010),
        "the second racket may be another person's"
    );
    assert_eq!(racket["p3"], (ASK, None, 0b010, 0b101), "and so may the court grant");
    assert_eq!(racket["p7"], (ASK, None, 0b111, 0b1000), "nothing but the amount is unknown");

    let family = decisions(&world, "decisions_household_2024_01", "family_grant").await;
    assert_eq!(family["h2"], (ELIGIBLE, Some(150_100), 0b1111, 0), "2 x 1000.50 - 500, rounded up");
    assert_eq!(family.len(), 2, "register books are not decided on");

    let rain = decisions(&world, "decisions_person_2024_01", "rain_grant").await;
    assert_eq!(
        rain["p1"],
        (ELIGIBLE, Some(3_602), 0b1, 0),
        "1000.50 x 3.6 %, rounded up to the fen"
    );
    let jubilee = decisions(&world, "decisions_person_2024_01", "jubilee").await;
    assert!(jubilee.values().all(|decision| decision.0.is_none()), "only in October");

    let of =
        |policy: &str| report.policies.iter().find(|summary| summary.policy == policy).unwrap();
    let total = of("court-grant").total;
    assert_eq!((total.eligible, total.ask, total.not, total.amount_fen), (3, 2, 3, 7_050));
    assert_eq!(of("court-grant").failed["is_member"], 2);
    assert_eq!(of("court-grant").unknown["old_enough"], 1);
    assert_eq!(of("court-grant").divisions["990101001"].eligible, 1);
    assert_eq!(of("racket-grant").failed["excluded_by:court-grant"], 3);
    assert!(of("jubilee").not_applicable.is_some());
}

/// The first column of a query over the facts of persons.
async fn texts(world: &World, sql: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for batch in world.snapshot().query(&["facts_person_2024_01"], sql).await.unwrap() {
        texts.extend(batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    texts
}

#[tokio::test]
async fn the_latest_of_the_rows_that_count_is_by_date_and_not_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 1, 7).await;
    world.decide(&book, KNOWN_AT).await;
    let fees = texts(
        &world,
        "SELECT CAST(last_hire AS VARCHAR) FROM facts_person_2024_01 \
         WHERE subject_id IN ('p2', 'p6') ORDER BY subject_id",
    );
    assert_eq!(fees.await, ["7.00", "10.00"]);
}

/// p2: an uncertain row counts. p5: it may, since its status is unknown. p8: it does not.
#[tokio::test]
async fn only_uncertain_rows_that_may_count_make_a_variable_doubtful() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    world.decide(&book, KNOWN_AT).await;
    let doubtful = texts(
        &world,
        "SELECT subject_id FROM facts_person_2024_01 WHERE rackets__uncertain ORDER BY subject_id",
    );
    assert_eq!(doubtful.await, ["p2", "p5"]);
}

#[tokio::test]
async fn an_uncertain_row_that_leaves_a_member_out_is_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    world.decide(&book, KNOWN_AT).await;
    let family = decisions(&world, "decisions_household_2024_01", "family_grant").await;
    assert_eq!(family["h1"].0, ASK, "{:?}", family["h1"]);
}

#[tokio::test]
async fn what_came_later_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    let report = world.decide(&book, date(2024, 2, 1)).await;
    let court = decisions(&world, "decisions_person_2024_01", "court_grant").await;
    assert_eq!(
        court["p1"],
        (ASK, None, 0b101, 0b010),
        "no roll has come, which is not the same as no member"
    );
    assert_eq!(report.datasets.len(), 5);
    let rain = report.policies.iter().find(|summary| summary.policy == "rain-grant").unwrap();
    assert!(rain.not_applicable.is_some(), "the index is not known yet");
}

async fn explain(world: &World, person: &str, policy: &str) -> Explanation {
    let book = huimin_policy::compile(&club()).unwrap();
    let request = ExplainRequest { person, policy, period: january(), known_at: KNOWN_AT };
    huimin_policy::explain(&book, &world.snapshot(), request).await.unwrap()
}

#[tokio::test]
async fn explanations_name_conditions_values_rows_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    world.decide(&book, KNOWN_AT).await;
    // The hash of the pack changes with its files.
    let fixed = |text: &str| text.replace(book.pack_hash().get(..12).unwrap(), "<pack>");
    let mut all = String::new();
    for (person, policy) in [
        ("p1", "court-grant"),
        ("p7", "court-grant"),
        ("p3", "court-grant"),
        ("p2", "racket-grant"),
        ("p1", "racket-grant"),
        ("p1", "family-grant"),
        ("p6", "family-grant"),
        ("p4", "family-grant"),
        ("p1", "jubilee"),
    ] {
        let explanation = explain(&world, person, policy).await;
        all.push_str(&format!(
            "# {person} {policy}\n\n{}\n{}\n",
            fixed(&explanation.text.zh),
            fixed(&explanation.text.en)
        ));
    }
    insta::assert_snapshot!(all);
    let json =
        serde_json::to_string_pretty(&explain(&world, "p2", "racket-grant").await.conditions)
            .unwrap();
    insta::assert_snapshot!(json);
}

#[tokio::test]
async fn nobody_and_nothing_are_errors_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), 2, 0).await;
    let ask =
        |person, policy| ExplainRequest { person, policy, period: january(), known_at: KNOWN_AT };
    let error = huimin_policy::explain(&book, &world.snapshot(), ask("p1", "court-grant"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "period 2024-01 has not been decided; run `huimin run --period 2024-01` first"
    );
    world.decide(&book, KNOWN_AT).await;
    let error = huimin_policy::explain(&book, &world.snapshot(), ask("p99", "court-grant"))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no person `p99` in the registry of this run");
    let error =
        huimin_policy::explain(&book, &world.snapshot(), ask("p1", "golf")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no policy `golf` in this period; policies: court-grant, racket-grant, family-grant, rain-grant, jubilee"
    );
}

/// Hashes of all tables that deciding writes, whatever the order of rows and the partitions.
async fn hashes(partitions: usize, seed: u64) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let book = huimin_policy::compile(&club()).unwrap();
    let mut world = World::write(folder.path(), partitions, seed).await;
    let report = world.decide(&book, KNOWN_AT).await;
    let snapshot = world.snapshot();
    let mut hashes = BTreeMap::new();
    for table in report.versions.keys() {
        let rows = snapshot.table(table).await.unwrap().collect().await.unwrap();
        assert!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>() > 0);
        hashes.insert(table.clone(), content_hash(&rows).unwrap());
    }
    assert_eq!(hashes.len(), 5);
    hashes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decisions_depend_neither_on_the_order_of_rows_nor_on_partitions(
        partitions in 1_usize..5,
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let plain = runtime.block_on(hashes(2, 0));
        let other = runtime.block_on(hashes(partitions, seed));
        prop_assert_eq!(plain, other);
    }
}
