//! The three lists, on a real SQLite file and real Delta tables.
#![allow(clippy::unwrap_used, missing_docs)]

mod world;

use huimin_benefits as benefits;

use benefits::batch::{approve, prepare};
use benefits::query::{ExportNames, ListFilter, export_xlsx, page, payments_of_person, summary};
use benefits::{BenefitsError, ListKind, ListReport, Side};
use jiff::civil::date;
use rstest::rstest;
use testing::Kind;
use world::{
    Decided, Decision, FAMILY, GRANT, Person, RACKET, World, ask, at, eligible, not, not_enrolled,
    period, person, programmes,
};

fn cause(report: &ListReport, side: Side, policy: &str, cause: &str) -> (i64, i64) {
    report
        .differences
        .iter()
        .find(|one| one.side == side && one.policy == policy && one.cause == cause)
        .map_or((0, 0), |one| (one.count, one.amount_fen))
}

fn people(ids: &[&str]) -> Vec<Person> {
    ids.iter().map(|id| person(id)).collect()
}

/// One person or household for every way of standing on a list.
fn every_kind() -> Decided {
    let mut persons = people(&["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"]);
    persons[1].account = None;
    persons[8].vital = "dead";
    Decided {
        decisions: vec![
            eligible(GRANT, "p1", 3_000),
            eligible(GRANT, "p2", 3_000),
            ask(GRANT, "p3", 0b101, 0b010),
            eligible(GRANT, "p9", 9_900),
            eligible(RACKET, "p1", 10_000),
            not_enrolled(eligible(RACKET, "p2", 10_000)),
            not(RACKET, "p4", 0b110),
            not(RACKET, "p5", 0b101),
            ask(RACKET, "p6", 0b110, 0b001),
            ask(RACKET, "p7", 0b101, 0b010),
            eligible(FAMILY, "h1", 174_600),
            eligible(FAMILY, "h2", 0),
            eligible(FAMILY, "h3", 50_000),
        ],
        persons,
        households: vec![("h1".to_owned(), "p8".to_owned()), ("h2".to_owned(), "p7".to_owned())],
    }
}

#[rstest]
#[tokio::test]
async fn every_difference_between_the_lists_has_its_cause_and_the_lists_close(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let report = world.run("run1", "2024-01", &every_kind()).await.unwrap();

    // The figures, counted by hand from the decisions above.
    assert_eq!((report.registered, report.due, report.eligible, report.found), (11, 6, 8, 1));
    assert_eq!(report.due_fen, 3_000 + 3_000 + 9_900 + 10_000 + 174_600 + 50_000);
    for (side, policy, code, expected) in [
        (Side::RegisteredDue, RACKET, "dead", (1, 0)),
        (Side::RegisteredDue, RACKET, "condition:member", (1, 0)),
        (Side::RegisteredDue, RACKET, "uncertain_death", (1, 0)),
        (Side::RegisteredDue, RACKET, "missing:member", (1, 0)),
        (Side::RegisteredDue, FAMILY, "recognition", (1, 0)),
        (Side::EligibleRegistered, RACKET, "not_enrolled", (1, 0)),
        (Side::EligibleRegistered, GRANT, "uncertain_death", (1, 0)),
        (Side::DuePaid, GRANT, "no_account", (1, 3_000)),
        (Side::DuePaid, GRANT, "payee_dead", (1, 9_900)),
        (Side::DuePaid, FAMILY, "no_payee", (1, 50_000)),
        (Side::DuePaid, GRANT, "awaiting_approval", (1, 3_000)),
        (Side::DuePaid, FAMILY, "awaiting_approval", (1, 174_600)),
    ] {
        assert_eq!(cause(&report, side, policy, code), expected, "{side:?} {policy} {code}");
    }
    assert_eq!(report.differences.iter().map(|one| one.count).sum::<i64>(), 13);

    let batch = report.batch.unwrap();
    assert_eq!((batch.batch_id.as_str(), batch.items), ("2024-01-01", 3));
    assert_eq!(batch.amount_fen, 3_000 + 10_000 + 174_600);
    let sum = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert!(sum.closes);
    assert_eq!((sum.registered, sum.due, sum.paid), (11, 6, 0));
}

#[tokio::test]
async fn listing_the_same_run_again_changes_nothing_at_all() {
    let mut world = World::new(Kind::Sqlite).await;
    let first = world.run("run1", "2024-01", &every_kind()).await.unwrap();
    let before = std::fs::read(world.file()).unwrap();
    let entries = "SELECT count(*) AS n FROM audit_entry";
    let audited = world.number(entries).await;
    let again = world.list("run1", "2024-01").await.unwrap();
    assert!(again.unchanged);
    assert_eq!(ListReport { unchanged: false, ..again }, first);
    assert_eq!(world.number(entries).await, audited);
    assert_eq!(std::fs::read(world.file()).unwrap(), before);
}

#[rstest]
#[tokio::test]
async fn another_run_with_the_same_decisions_makes_no_new_revision_and_keeps_the_approval(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let first = world.run("run1", "2024-01", &every_kind()).await.unwrap();
    approve(&world.db, "2024-01-01", "chen", None, at()).await.unwrap();
    let again = world.run("run2", "2024-01", &every_kind()).await.unwrap();
    assert_eq!((again.new_items, again.revised_items), (0, 0));
    assert_eq!(again.batch, first.batch);
    assert_eq!(again.policies, first.policies);
    let approved = approve(&world.db, "2024-01-01", "li", None, at()).await.unwrap();
    assert_eq!(approved.approvals, 2);
}

#[rstest]
#[tokio::test]
async fn an_amount_that_changes_before_it_was_sent_is_paid_in_full_and_needs_new_approvals(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let decided = |amount| Decided {
        decisions: vec![eligible(GRANT, "p1", amount)],
        persons: people(&["p1"]),
        ..Decided::default()
    };
    let first = world.run("run1", "2024-01", &decided(3_000)).await.unwrap().batch.unwrap();
    approve(&world.db, &first.batch_id, "chen", None, at()).await.unwrap();
    approve(&world.db, &first.batch_id, "li", None, at()).await.unwrap();

    let report = world.run("run2", "2024-01", &decided(4_000)).await.unwrap();
    assert_eq!(report.revised_items, 1);
    let batch = report.batch.unwrap();
    assert_eq!((batch.batch_id.as_str(), batch.amount_fen), ("2024-01-01", 4_000));
    assert_eq!(batch.state, benefits::BatchState::Prepared);
    assert_ne!(batch.hash, first.hash);
    assert_eq!(world.number("SELECT count(*) AS n FROM due_item").await, 2);
    assert_eq!(world.number("SELECT count(*) AS n FROM payment").await, 1);
    let approved = approve(&world.db, &batch.batch_id, "chen", None, at()).await.unwrap();
    assert_eq!(approved.approvals, 1);
}

#[rstest]
#[tokio::test]
async fn a_hold_that_is_learnt_after_approval_takes_the_payment_out_of_the_batch(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let mut decided = Decided {
        decisions: vec![eligible(GRANT, "p1", 3_000), eligible(GRANT, "p2", 3_000)],
        persons: people(&["p1", "p2"]),
        ..Decided::default()
    };
    world.run("run1", "2024-01", &decided).await.unwrap();
    for user in ["chen", "li"] {
        approve(&world.db, "2024-01-01", user, None, at()).await.unwrap();
    }
    decided.persons[1].vital = "uncertain";
    let report = world.run("run2", "2024-01", &decided).await.unwrap();
    let batch = report.batch.clone().unwrap();
    assert_eq!((batch.items, batch.state), (1, benefits::BatchState::Prepared));
    assert_eq!(cause(&report, Side::DuePaid, GRANT, "payee_uncertain_death"), (1, 3_000));
}

#[rstest]
#[tokio::test]
async fn a_register_goes_on_from_month_to_month_and_ends_with_a_death(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let month = |decision: Decision| Decided {
        decisions: vec![decision, eligible(GRANT, "p2", 3_000)],
        persons: people(&["p1", "p2"]),
        ..Decided::default()
    };
    let january = month(eligible(GRANT, "p1", 3_000));
    assert_eq!(world.run("r1", "2024-01", &january).await.unwrap().registered, 2);

    // One source reports a death: still on the register, nothing due.
    let february =
        world.run("r2", "2024-02", &month(ask(GRANT, "p1", 0b101, 0b010))).await.unwrap();
    assert_eq!((february.registered, february.due), (2, 1));
    assert_eq!(cause(&february, Side::RegisteredDue, GRANT, "uncertain_death"), (1, 0));

    // Confirmed: listed once more, with the cause.
    let march = world.run("r3", "2024-03", &month(not(GRANT, "p1", 0b101))).await.unwrap();
    assert_eq!((march.registered, march.due), (2, 1));
    assert_eq!(cause(&march, Side::RegisteredDue, GRANT, "dead"), (1, 0));

    let april = world.run("r4", "2024-04", &month(not(GRANT, "p1", 0b101))).await.unwrap();
    assert_eq!((april.registered, april.due), (1, 1));
    let ended = "SELECT count(*) AS n FROM enrolment WHERE subject_id = 'p1' AND state = 'ended' \
                 AND ended_in = '2024-03' AND since = '2024-01'";
    assert_eq!(world.number(ended).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_confirmed_person_who_died_is_listed_once_and_not_for_ever(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let dead = Decided {
        decisions: vec![not(RACKET, "p1", 0b110)],
        persons: people(&["p1"]),
        ..Decided::default()
    };
    assert_eq!(world.run("r1", "2024-01", &dead).await.unwrap().registered, 1);
    assert_eq!(world.run("r2", "2024-02", &dead).await.unwrap().registered, 0);
    // Listing January again still shows it there.
    assert_eq!(world.run("r3", "2024-01", &dead).await.unwrap().registered, 1);
}

#[rstest]
#[tokio::test]
async fn somebody_who_left_the_registry_does_not_leave_the_register_silently(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let decided = |ids: &[&str]| Decided {
        decisions: ids.iter().map(|id| eligible(GRANT, id, 3_000)).collect(),
        persons: people(ids),
        ..Decided::default()
    };
    world.run("r1", "2024-01", &decided(&["p1", "p2"])).await.unwrap();
    let february = world.run("r2", "2024-02", &decided(&["p2"])).await.unwrap();
    assert_eq!(cause(&february, Side::RegisteredDue, GRANT, "not_in_registry"), (1, 0));
}

#[rstest]
#[tokio::test]
async fn a_listing_that_fails_leaves_the_lists_as_they_were(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &every_kind()).await.unwrap();
    let before =
        page(&world.db, &ListFilter::new(period("2024-01"), ListKind::Registered)).await.unwrap();
    world.write("2024-01", &Decided::default()).await;
    world.forget("persons");
    world.list("run2", "2024-01").await.unwrap_err();
    let after =
        page(&world.db, &ListFilter::new(period("2024-01"), ListKind::Registered)).await.unwrap();
    assert_eq!(after, before);
    let error = world.list("run3", "2031-05").await.unwrap_err();
    assert!(matches!(error, BenefitsError::NoDecisions { .. }));
    assert_eq!(
        error.to_string(),
        "there are no decisions for 2031-05; run `huimin run` or `huimin decide` for it first"
    );
}

#[rstest]
#[tokio::test]
async fn an_account_that_becomes_known_makes_the_payment_possible(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let mut decided = Decided {
        decisions: vec![eligible(GRANT, "p1", 3_000)],
        persons: people(&["p1"]),
        ..Decided::default()
    };
    let account = decided.persons[0].account.take();
    assert_eq!(world.run("r1", "2024-01", &decided).await.unwrap().batch, None);
    decided.persons[0].account = account;
    let report = world.run("r2", "2024-01", &decided).await.unwrap();
    assert_eq!(report.batch.unwrap().amount_fen, 3_000);
    assert_eq!((report.new_items, report.revised_items), (0, 0));
}

#[rstest]
#[tokio::test]
async fn listing_an_old_month_again_does_not_bring_an_old_account_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let mut decided = Decided {
        decisions: vec![eligible(GRANT, "p1", 3_000)],
        persons: people(&["p1"]),
        ..Decided::default()
    };
    decided.persons[0].account = Some("6299new".to_owned());
    world.write("2024-02", &decided).await;
    world.list_known("r1", "2024-02", date(2024, 3, 5)).await.unwrap();
    let token = "SELECT count(DISTINCT account_token) AS n FROM payee";
    decided.persons[0].account = Some("6299old".to_owned());
    world.write("2024-01", &decided).await;
    world.list_known("r2", "2024-01", date(2024, 2, 5)).await.unwrap();
    assert_eq!(world.number(token).await, 1);
    let same = "SELECT count(DISTINCT account_token) AS n FROM payment";
    assert_eq!(world.number(same).await, 1);
}

#[rstest]
#[tokio::test]
async fn people_who_share_an_account_are_flagged_before_approval(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let mut persons = people(&["p1", "p2", "p3"]);
    persons[1].account = persons[0].account.clone();
    let decided = Decided {
        decisions: ["p1", "p2", "p3"].map(|id| eligible(GRANT, id, 3_000)).to_vec(),
        persons,
        ..Decided::default()
    };
    let batch = world.run("r1", "2024-01", &decided).await.unwrap().batch.unwrap();
    assert_eq!((batch.items, batch.shared_account), (3, 2));
}

#[tokio::test]
async fn account_numbers_never_stand_in_the_database_in_the_clear() {
    let mut world = World::new(Kind::Sqlite).await;
    world.run("run1", "2024-01", &every_kind()).await.unwrap();
    for file in [world.file(), world.file().with_extension("db-wal")] {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = bytes.windows(10).any(|window| window == b"62990000p1");
        assert!(!found, "{}", file.display());
    }
    assert!(world.number("SELECT count(*) AS n FROM payee WHERE account IS NOT NULL").await > 0);
}

#[rstest]
#[tokio::test]
async fn preparing_again_without_news_changes_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let first = world.run("run1", "2024-01", &every_kind()).await.unwrap().batch;
    let filter = ListFilter::new(period("2024-01"), ListKind::Differences);
    // The listing wrote what the lists say of its payments; preparing makes it from the payments.
    let lists = page(&world.db, &filter).await.unwrap();
    let again = prepare(&world.db, period("2024-01"), "clerk", at()).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(page(&world.db, &filter).await.unwrap(), lists);

    let raised = Decided { decisions: vec![eligible(GRANT, "p1", 5_000)], ..every_kind() };
    let second = world.run("run2", "2024-01", &raised).await.unwrap().batch;
    let lists = page(&world.db, &filter).await.unwrap();
    assert_eq!(prepare(&world.db, period("2024-01"), "clerk", at()).await.unwrap(), second);
    assert_eq!(page(&world.db, &filter).await.unwrap(), lists);
    let prepared = "SELECT count(*) AS n FROM audit_entry WHERE what = 'batch.prepare'";
    assert_eq!(world.number(prepared).await, 2);
}

#[rstest]
#[tokio::test]
async fn pages_follow_each_other_without_gap_and_filters_narrow_them(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &every_kind()).await.unwrap();
    let mut filter = ListFilter::new(period("2024-01"), ListKind::Registered);
    let all = page(&world.db, &filter).await.unwrap();
    assert_eq!((all.items.len(), all.total, all.next.as_deref()), (11, 11, None));

    filter.limit = 3;
    let mut seen = Vec::new();
    loop {
        let part = page(&world.db, &filter).await.unwrap();
        assert_eq!(part.total, 11);
        seen.extend(part.items);
        match part.next {
            Some(mark) => filter.cursor = Some(mark),
            None => break,
        }
    }
    assert_eq!(seen, all.items);

    let count = async |change: &dyn Fn(&mut ListFilter)| {
        let mut filter = ListFilter::new(period("2024-01"), ListKind::Differences);
        change(&mut filter);
        page(&world.db, &filter).await.unwrap().total
    };
    assert_eq!(count(&|_| {}).await, 13);
    assert_eq!(count(&|one| one.policy = Some(RACKET.to_owned())).await, 6);
    assert_eq!(count(&|one| one.cause = Some("no_account".to_owned())).await, 1);
    assert_eq!(count(&|one| one.state = Some("held".to_owned())).await, 2);
    assert_eq!(count(&|one| one.division = Some("4401".to_owned())).await, 13);
    assert_eq!(count(&|one| one.division = Some("440105".to_owned())).await, 0);
    assert_eq!(count(&|one| one.division = Some("%".to_owned())).await, 13);
    assert_eq!(count(&|one| one.list = ListKind::Due).await, 6);
    assert_eq!(count(&|one| one.list = ListKind::Paid).await, 0);
    filter.cursor = Some("nonsense".to_owned());
    assert!(matches!(page(&world.db, &filter).await, Err(BenefitsError::Cursor)));
}

#[rstest]
#[tokio::test]
async fn a_person_sees_what_is_due_and_why_something_is_not(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &every_kind()).await.unwrap();
    let of = async |id: &str| payments_of_person(&world.db, id).await.unwrap();
    let first = of("p1").await;
    assert_eq!(first.len(), 2);
    assert!(first.iter().all(|one| one.state == "prepared" && one.due_item_id.is_some()));
    let head = of("p8").await;
    assert_eq!((head[0].subject_id.as_str(), head[0].amount_fen), ("h1", Some(174_600)));
    let suspended = of("p5").await;
    assert_eq!(suspended[0].reason.as_deref(), Some("condition:member"));
    assert_eq!(suspended[0].amount_fen, None);
}

#[rstest]
#[tokio::test]
async fn a_workbook_holds_all_rows_with_names_in_place_of_codes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    use calamine::{Data, Reader as _, Xlsx};

    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &every_kind()).await.unwrap();
    let programmes = programmes();
    let names = ExportNames::of_programmes(&programmes, "zh");
    let filter =
        ListFilter { limit: 1, ..ListFilter::new(period("2024-01"), ListKind::Differences) };
    let mut bytes = Vec::new();
    export_xlsx(&world.db, &filter, &names, &mut bytes).await.unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = workbook.worksheet_range("差异清单").unwrap();
    assert_eq!(sheet.height(), 14);
    let text = |row: usize, column: usize| sheet.get((row, column)).map(ToString::to_string);
    assert_eq!(text(0, 5).as_deref(), Some("应发(元)"));
    let rows: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    let no_account =
        rows.iter().find(|row| row[8] == Data::String("无收款账户".to_owned())).unwrap();
    assert_eq!(no_account[0].to_string(), "网球补助");
    assert_eq!(no_account[5], Data::Float(30.0));
    assert!(rows.iter().any(|row| row[8] == Data::String("不符合：条件member".to_owned())));
    assert!(rows.iter().any(|row| row[8] == Data::String("待核实：条件member".to_owned())));
}

/// Measures, does not judge: `cargo nextest run --release -p huimin-benefits --run-ignored only
/// --no-capture listing_rate`; `HUIMIN_BENCH_ITEMS` sets the number of due items.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn listing_rate() {
    let count: usize = std::env::var("HUIMIN_BENCH_ITEMS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let mut world = World::new(Kind::Sqlite).await;
    let ids: Vec<String> = (0..count).map(|number| format!("{:024x}", number * 7_919)).collect();
    let mut decided = Decided {
        decisions: ids.iter().map(|id| eligible(GRANT, id, 3_000)).collect(),
        persons: ids.iter().map(|id| person(id)).collect(),
        ..Decided::default()
    };
    world.write("2024-01", &decided).await;
    let measure = |what: &str, started: std::time::Instant| {
        eprintln!("{count} due items, {what}: {:.2} s", started.elapsed().as_secs_f64());
    };
    let started = std::time::Instant::now();
    let report = world.list("r1", "2024-01").await.unwrap();
    measure("first listing", started);
    assert_eq!(report.due, count as i64);
    for one in decided.decisions.iter_mut().step_by(100) {
        one.amount = 4_000;
    }
    world.write("2024-01", &decided).await;
    let started = std::time::Instant::now();
    let report = world.list("r2", "2024-01").await.unwrap();
    measure("listing again with one in a hundred revised", started);
    assert_eq!(report.revised_items, count.div_ceil(100) as u64);
    let started = std::time::Instant::now();
    summary(&world.db, period("2024-01"), None, None).await.unwrap();
    measure("summary", started);
    let started = std::time::Instant::now();
    page(&world.db, &ListFilter::new(period("2024-01"), ListKind::Due)).await.unwrap();
    measure("a page", started);
    let size = std::fs::metadata(world.file()).unwrap().len() / 1_000_000;
    eprintln!("database: {size} MB");
}

#[tokio::test]
async fn both_kinds_of_database_give_the_same_lists() {
    let mut world = World::new(Kind::Postgres).await;
    let mut embedded = World::new(Kind::Sqlite).await;
    for (run, decided) in [
        ("r1", every_kind()),
        ("r2", Decided { decisions: vec![eligible(GRANT, "p1", 5_000)], ..every_kind() }),
    ] {
        let one = world.run(run, "2024-01", &decided).await.unwrap();
        let other = embedded.run(run, "2024-01", &decided).await.unwrap();
        assert_eq!(one, other);
        let filter = ListFilter::new(period("2024-01"), ListKind::Differences);
        assert_eq!(
            page(&world.db, &filter).await.unwrap(),
            page(&embedded.db, &filter).await.unwrap()
        );
    }
}
