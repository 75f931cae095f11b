//! Tasks on both databases: taken by one, closed by whoever has taken them, all of it remembered.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_tasks as tasks;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rstest::rstest;
use serde_json::json;
use store::begin_write;
use store::sea_orm::DatabaseConnection;
use tasks::{
    Act, ClosedFilter, ClosedTask, Filter, NewTask, Task, TaskError, TaskState, act, history, list,
    list_closed, open,
};
use testing::{Kind, TestDatabase};
use vocab::DivisionCode;

fn now() -> Timestamp {
    Timestamp::from_second(1_707_120_000).unwrap()
}

async fn fresh(kind: Kind) -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    store::migrate(&db, &[tasks::migrations]).await.unwrap();
    (database, db)
}

async fn make(db: &DatabaseConnection, subject: &str, division: &str, due_on: Date) -> bool {
    let data = json!({ "rows": 3 });
    let new = NewTask {
        kind: "quarantine",
        subject,
        role: "data_steward",
        division,
        due_on,
        data: &data,
    };
    let transaction = begin_write(db).await.unwrap();
    let made = open(&transaction, &new, "run1", now()).await.unwrap();
    transaction.commit().await.unwrap();
    made
}

async fn all(db: &DatabaseConnection, division: &str, states: &[TaskState]) -> Vec<Task> {
    let division = DivisionCode::parse(division).unwrap();
    let filter = Filter {
        roles: &["data_steward", "auditor"],
        division: &division,
        states,
        assignee: None,
        after: None,
        limit: 100,
    };
    list(db, &filter).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn of_one_subject_there_is_one_task(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = fresh(kind).await;
    assert!(make(&db, "delivery:a", "4401", date(2024, 2, 20)).await);
    assert!(!make(&db, "delivery:a", "4401", date(2024, 2, 25)).await);
    let found = all(&db, "440100", &TaskState::ALL).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].due_on, &found[0].data), (date(2024, 2, 20), &json!({ "rows": 3 })));
    let events = history(&db, found[0].id).await.unwrap();
    assert_eq!((events.len(), events[0].what.as_str()), (1, "open"));
}

#[rstest]
#[tokio::test]
async fn whoever_takes_a_task_closes_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = fresh(kind).await;
    make(&db, "delivery:a", "4401", date(2024, 2, 20)).await;
    let id = all(&db, "440100", &[TaskState::Open]).await[0].id;
    let go = async |version, what, note: &str, by: &str| {
        act(&db, id, version, what, note, by, now()).await
    };
    assert!(matches!(go(1, Act::Done, "", "wu").await, Err(TaskError::State { .. })));
    let taken = go(1, Act::Take, "", "wu").await.unwrap();
    assert_eq!((taken.state, taken.assignee.as_deref()), (TaskState::Taken, Some("wu")));
    assert!(matches!(go(1, Act::Take, "", "li").await, Err(TaskError::Changed)));
    assert!(matches!(go(2, Act::Take, "", "li").await, Err(TaskError::State { .. })));
    assert!(matches!(go(2, Act::Done, "", "li").await, Err(TaskError::NotYours)));
    assert!(matches!(go(2, Act::Release, "", "li").await, Err(TaskError::NotYours)));
    assert!(matches!(go(2, Act::Note, " ", "li").await, Err(TaskError::Note)));
    let long = "字".repeat(1001);
    assert!(matches!(go(2, Act::Note, &long, "li").await, Err(TaskError::Note)));
    // Anybody may write something about it.
    go(2, Act::Note, "已联系公安局", "li").await.unwrap();
    assert_eq!(go(3, Act::Release, "", "wu").await.unwrap().assignee, None);
    go(4, Act::Take, "", "li").await.unwrap();
    assert_eq!(go(5, Act::Done, "更正后重报", "li").await.unwrap().state, TaskState::Done);
    assert!(all(&db, "440100", &[TaskState::Open, TaskState::Taken]).await.is_empty());
    assert!(matches!(go(6, Act::Take, "", "wu").await, Err(TaskError::State { .. })));
    go(6, Act::Reopen, "又出错了", "wu").await.unwrap();
    // Whoever has taken it may have left.
    go(7, Act::Take, "", "wu").await.unwrap();
    assert_eq!(go(8, Act::Release, "吴已离职", "li").await.unwrap().state, TaskState::Open);
    let events = history(&db, id).await.unwrap();
    let what: Vec<&str> = events.iter().map(|event| event.what.as_str()).collect();
    assert_eq!(
        what,
        ["open", "take", "note", "release", "take", "done", "reopen", "take", "release"]
    );
    assert_eq!(events[2].note, "已联系公安局");
    let trail = store::audit::list(&db, Some(&format!("task:{id}")), 0, 100).await.unwrap();
    assert_eq!(trail.len(), 9);
    // What somebody wrote stays out of the trail.
    assert!(trail.iter().all(|entry| !entry.detail.contains('公')));
    assert!(matches!(act(&db, 999, 1, Act::Take, "", "wu", now()).await, Err(TaskError::Unknown)));
}

#[rstest]
#[tokio::test]
async fn tasks_are_listed_by_division_and_due_date_page_by_page(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    for (subject, division, day) in
        [("a", "4401", 9), ("b", "440104001", 7), ("c", "440104", 7), ("d", "440106", 8)]
    {
        make(&db, subject, division, date(2024, 2, day)).await;
    }
    let subjects =
        |found: Vec<Task>| found.into_iter().map(|task| task.subject).collect::<Vec<_>>();
    assert_eq!(subjects(all(&db, "440100", &TaskState::ALL).await), ["b", "c", "d", "a"]);
    assert_eq!(subjects(all(&db, "440104", &TaskState::ALL).await), ["b", "c"]);
    assert!(all(&db, "440104", &[TaskState::Done]).await.is_empty());
    let city = DivisionCode::parse("440100").unwrap();
    let states = TaskState::ALL;
    let mut filter = Filter {
        roles: &["data_steward"],
        division: &city,
        states: &states,
        assignee: None,
        after: None,
        limit: 3,
    };
    let page = list(&db, &filter).await.unwrap();
    filter.after = page.last().map(|last| (last.due_on, last.id));
    assert_eq!(subjects(list(&db, &filter).await.unwrap()), ["a"]);
    filter.after = None;
    filter.roles = &["case_worker"];
    assert!(list(&db, &filter).await.unwrap().is_empty());
    filter.roles = &["data_steward"];
    filter.assignee = Some("wu");
    assert!(list(&db, &filter).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_was_closed_last_comes_first_page_by_page(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    for (subject, division, day) in
        [("a", "4401", 7), ("b", "440104001", 8), ("c", "440104", 9), ("d", "440106", 10)]
    {
        make(&db, subject, division, date(2024, 2, day)).await;
    }
    let id = async |subject: &str| {
        let found = all(&db, "440100", &TaskState::ALL).await;
        found.into_iter().find(|task| task.subject == subject).unwrap().id
    };
    let close = async |subject: &str, version: i64, what: Act, seconds: i64| {
        let (id, now) = (id(subject).await, Timestamp::from_second(seconds).unwrap());
        act(&db, id, version, Act::Take, "", "wu", now).await.unwrap();
        act(&db, id, version + 1, what, "已核对", "wu", now).await.unwrap();
    };
    close("b", 1, Act::Done, 1_707_120_010).await;
    close("d", 1, Act::Drop, 1_707_120_020).await;
    close("a", 1, Act::Done, 1_707_120_030).await;
    // A note does not close a task once more.
    act(&db, id("b").await, 3, Act::Note, "已归档", "li", now()).await.unwrap();
    let city = DivisionCode::parse("440100").unwrap();
    let filter =
        ClosedFilter { roles: &["data_steward"], division: &city, before: None, limit: 100 };
    let subjects =
        |found: &[ClosedTask]| found.iter().map(|one| one.task.subject.clone()).collect::<Vec<_>>();
    let found = list_closed(&db, &filter).await.unwrap();
    assert_eq!(subjects(&found), ["a", "d", "b"]);
    let at = |one: &ClosedTask| one.closed_at.parse::<Timestamp>().unwrap().as_second();
    assert_eq!(found.iter().map(at).collect::<Vec<_>>(), [30, 20, 10].map(|s| 1_707_120_000 + s));
    assert_eq!((found[1].task.state, found[2].task.version), (TaskState::Dropped, 4));

    // Opened again it is no longer closed; closed again it was closed last.
    act(&db, id("b").await, 4, Act::Reopen, "又出错了", "wu", now()).await.unwrap();
    assert_eq!(subjects(&list_closed(&db, &filter).await.unwrap()), ["a", "d"]);
    close("b", 5, Act::Done, 1_707_120_040).await;
    let first = list_closed(&db, &ClosedFilter { limit: 2, ..filter }).await.unwrap();
    assert_eq!(subjects(&first), ["b", "a"]);
    let before = first.last().map(|last| last.closing);
    let rest = list_closed(&db, &ClosedFilter { before, ..filter }).await.unwrap();
    assert_eq!(subjects(&rest), ["d"]);

    let district = DivisionCode::parse("440104").unwrap();
    let within = ClosedFilter { division: &district, ..filter };
    assert_eq!(subjects(&list_closed(&db, &within).await.unwrap()), ["b"]);
    let others = ClosedFilter { roles: &["case_worker"], ..filter };
    assert!(list_closed(&db, &others).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn of_many_who_take_a_task_at_once_one_gets_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    make(&db, "a", "4401", date(2024, 2, 20)).await;
    let id = all(&db, "440100", &TaskState::ALL).await[0].id;
    let names: Vec<String> = (0..8).map(|number| format!("u{number}")).collect();
    let takes = names.iter().map(|name| act(&db, id, 1, Act::Take, "", name, now()));
    let outcomes = futures::future::join_all(takes).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .iter()
            .filter_map(|one| one.as_ref().err())
            .all(|error| matches!(error, TaskError::Changed))
    );
    assert_eq!(history(&db, id).await.unwrap().len(), 2);
}
