//! Approving, sending and receiving, against the fiscal platform as a process of its own.
//!
//! What was paid is read from the platform's journal, never from the program under test.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

#[path = "world/processes.rs"]
mod processes;
mod world;

use std::time::Duration;

use huimin_benefits as benefits;

use benefits::batch::{Received, Sent, approve, prepare, receive, send};
use benefits::channel::{
    Channel, ChannelError, FiscalFolder, FiscalHttp, InstructionFile, ReceiptLine,
};
use benefits::query::{ListFilter, batches, page, payments_of_person, summary};
use benefits::{BatchState, BenefitsError, Delivery, ListKind, Side};
use processes::{Behaviour, Fiscal, Process, run_fiscal};
use rstest::rstest;
use store::sea_orm::ConnectionTrait as _;
use testing::Kind;
use world::{Decided, GRANT, World, at, eligible, keys, not, period, person, programmes};

#[test]
#[ignore = "the fiscal platform that other tests start"]
fn fiscal_process() {
    run_fiscal();
}

const BATCH: &str = "2024-01-01";

fn grants(count: u32) -> Decided {
    let ids: Vec<String> = (0..count).map(|number| format!("p{number:04}")).collect();
    Decided {
        decisions: ids.iter().map(|id| eligible(GRANT, id, 3_000)).collect(),
        persons: ids.iter().map(|id| person(id)).collect(),
        ..Decided::default()
    }
}

async fn approved(kind: Kind, decided: &Decided) -> World {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", decided).await.unwrap();
    approve_twice(&world, BATCH).await;
    world
}

async fn approve_twice(world: &World, batch: &str) {
    for user in ["chen", "li"] {
        approve(&world.db, batch, user, None, at()).await.unwrap();
    }
}

async fn send_to(world: &World, batch: &str, channel: &dyn Channel) -> Result<Sent, BenefitsError> {
    send(&world.db, &keys(), &programmes(), batch, channel, "clerk", at()).await
}

async fn receive_from(world: &World, channel: &dyn Channel) -> Received {
    receive(&world.db, BATCH, channel, "clerk", at()).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn the_paid_list_is_what_the_platform_has_paid(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(400)).await;
    let fiscal = Fiscal::start(
        world.path(),
        Behaviour { reject_permille: 100, return_permille: 50, ..Behaviour::default() },
    );
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    let sent = send_to(&world, BATCH, &channel).await.unwrap();
    assert_eq!((sent.delivery, sent.sent_now), (Delivery::Accepted, 400));
    let before = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert_eq!((before.paid, before.paid_amount_fen), (0, 0), "nothing is paid without a receipt");

    let first = receive_from(&world, &channel).await;
    assert_eq!((first.state, first.open), (BatchState::Settled, 0));
    assert_eq!(first.paid + first.rejected, 400);
    assert!((20..80).contains(&first.rejected), "{first:?}");
    let second = receive_from(&world, &channel).await;
    assert!((5..50).contains(&second.returned), "{second:?}");
    assert_eq!(second.new, second.returned);
    let third = receive_from(&world, &channel).await;
    assert_eq!((third.new, third.contradictory, third.foreign), (0, 0, 0));

    let journal = fiscal.journal();
    let sum = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert_eq!(sum.paid_amount_fen, journal.paid_fen());
    assert_eq!(sum.paid as u64, second.paid);
    assert!(sum.closes);
    let unpaid: i64 = sum
        .differences
        .iter()
        .filter(|one| one.side == Side::DuePaid)
        .inspect(|one| {
            assert!(one.cause.starts_with("rejected:") || one.cause.starts_with("returned:"));
        })
        .map(|one| one.amount_fen)
        .sum();
    assert_eq!(sum.due_amount_fen, journal.paid_fen() + unpaid);
    assert!(sum.differences.iter().all(|one| one.side != Side::PaidDue));
    let listed = world.list("run1", "2024-01").await.unwrap();
    assert!(listed.unchanged);
    assert_eq!((listed.paid, listed.paid_fen), (sum.paid, sum.paid_amount_fen), "as it is now");
    assert!(listed.differences.iter().all(|one| one.cause != "awaiting_approval"));

    let paid = page(&world.db, &ListFilter::new(period("2024-01"), ListKind::Paid)).await.unwrap();
    assert_eq!(paid.total, second.paid);
    let person = payments_of_person(&world.db, &paid.items[0].person_id).await.unwrap();
    assert_eq!(person[0].paid_on.as_deref(), Some("2024-02-05"));
    let view = batches(&world.db).await.unwrap().remove(0);
    assert_eq!(view.state, "settled");
    assert_eq!(view.receipts.paid as u64, second.paid);
    assert_eq!(
        view.approvals.iter().map(|one| one.user.as_str()).collect::<Vec<_>>(),
        ["chen", "li"]
    );
    let acts = store::audit::list(&world.db, Some("batch:2024-01-01"), 0, 100).await.unwrap();
    let acts: Vec<&str> = acts.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(
        acts,
        [
            "batch.prepare",
            "batch.approve",
            "batch.approve",
            "batch.send",
            "batch.receive",
            "batch.receive"
        ]
    );
}

#[rstest]
#[tokio::test]
async fn one_person_can_not_approve_twice_under_any_spelling_of_the_name(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &grants(3)).await.unwrap();
    approve(&world.db, BATCH, "chen", None, at()).await.unwrap();
    for name in ["chen", "Chen", " CHEN "] {
        let error = approve(&world.db, BATCH, name, None, at()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "`chen` has approved batch `2024-01-01` already; a second, different person has to"
        );
    }
    let error = approve(&world.db, BATCH, " ", None, at()).await.unwrap_err();
    assert!(matches!(error, BenefitsError::NoUser));
    let folder = FiscalFolder::new(&world.path().join("out"), &world.path().join("back"));
    let error = send_to(&world, BATCH, &folder).await.unwrap_err();
    assert!(matches!(error, BenefitsError::BatchState { state: BatchState::Prepared, .. }));
    assert!(!world.path().join("out").exists());
}

#[rstest]
#[tokio::test]
async fn of_many_approvals_at_once_by_one_person_one_counts(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.run("run1", "2024-01", &grants(3)).await.unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let db = world.db.clone();
            tokio::spawn(async move { approve(&db, BATCH, "chen", None, at()).await.is_ok() })
        })
        .collect();
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(task.await.unwrap());
    }
    assert_eq!(counted, 1);
    let view = batches(&world.db).await.unwrap().remove(0);
    assert_eq!((view.state.as_str(), view.approvals.len()), ("prepared", 1));
}

#[rstest]
#[tokio::test]
async fn content_that_was_changed_after_it_was_seen_or_approved_is_refused(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let seen = world.run("run1", "2024-01", &grants(3)).await.unwrap().batch.unwrap().hash;
    let error = approve(&world.db, BATCH, "chen", Some("0000"), at()).await.unwrap_err();
    assert!(matches!(error, BenefitsError::ContentChanged { .. }));
    approve(&world.db, BATCH, "chen", Some(&seen), at()).await.unwrap();

    for tampering in [
        "UPDATE payment SET amount_fen = 300000 WHERE seq = 2",
        "UPDATE payment SET account = (SELECT account FROM payment WHERE seq = 1) WHERE seq = 2",
        "DELETE FROM payment WHERE seq = 3",
    ] {
        let copy = store::begin_write(&world.db).await.unwrap();
        copy.execute_unprepared("CREATE TABLE kept AS SELECT * FROM payment").await.unwrap();
        copy.execute_unprepared(tampering).await.unwrap();
        copy.commit().await.unwrap();
        let error = approve(&world.db, BATCH, "li", None, at()).await.unwrap_err();
        assert!(matches!(error, BenefitsError::ContentChanged { .. }), "{tampering}: {error}");
        world
            .db
            .execute_unprepared(
                "DELETE FROM payment; INSERT INTO payment SELECT * FROM kept; DROP TABLE kept",
            )
            .await
            .unwrap();
    }
    approve(&world.db, BATCH, "li", Some(&seen), at()).await.unwrap();
    world.db.execute_unprepared("UPDATE payment SET amount_fen = 1 WHERE seq = 1").await.unwrap();
    let folder = FiscalFolder::new(&world.path().join("out"), &world.path().join("back"));
    let error = send_to(&world, BATCH, &folder).await.unwrap_err();
    assert!(matches!(error, BenefitsError::ContentChanged { .. }));
}

#[rstest]
#[tokio::test]
async fn a_batch_that_knowledge_has_overtaken_is_neither_approved_nor_sent(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(3)).await;
    // Only part of a listing, as it would be if the batch were not prepared with it.
    world
        .db
        .execute_unprepared("UPDATE list_entry SET hold = 'payee_dead' WHERE subject_id = 'p0001'")
        .await
        .unwrap();
    let folder = FiscalFolder::new(&world.path().join("out"), &world.path().join("back"));
    let error = send_to(&world, BATCH, &folder).await.unwrap_err();
    assert!(matches!(error, BenefitsError::Stale { count: 1, .. }), "{error}");
    assert_eq!(batches(&world.db).await.unwrap()[0].state, "approved");
}

/// Where the payer dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// The intent is stored, the file has not gone out.
    BeforePost,
    /// The platform has taken the file, its answer was not stored.
    AfterPost,
}

/// A channel that says where it is and waits there to be killed.
struct Mortal {
    inner: FiscalHttp,
    death: Death,
}

impl Mortal {
    async fn wait_for_death(&self) {
        println!("now {:?}", self.death);
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
}

#[async_trait::async_trait]
impl Channel for Mortal {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn send(&self, file: &InstructionFile) -> Result<(), ChannelError> {
        if self.death == Death::BeforePost {
            self.wait_for_death().await;
        }
        self.inner.send(file).await?;
        self.wait_for_death().await;
        Ok(())
    }

    async fn ask(&self, batch_id: &str) -> Result<Vec<ReceiptLine>, ChannelError> {
        self.inner.ask(batch_id).await
    }
}

#[test]
#[ignore = "the payer that other tests start and kill"]
fn payer_process() {
    let variable = |name: &str| std::env::var(name).ok();
    let (Some(url), Some(address), Some(death)) = (
        variable("HUIMIN_TEST_DATABASE"),
        variable("HUIMIN_TEST_ADDRESS"),
        variable("HUIMIN_TEST_DEATH"),
    ) else {
        return;
    };
    let death = if death == "BeforePost" { Death::BeforePost } else { Death::AfterPost };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let db = store::connect(&url).await.unwrap();
        let channel = Mortal { inner: FiscalHttp::new(&address).unwrap(), death };
        send(&db, &keys(), &programmes(), BATCH, &channel, "clerk", at()).await.unwrap();
    });
}

async fn killed_payer_loses_and_doubles_nothing(kind: Kind, death: Death) {
    let world = approved(kind, &grants(200)).await;
    let mut fiscal = Fiscal::start(world.path(), Behaviour::default());
    let variables = [
        ("HUIMIN_TEST_DATABASE", world.database.url.clone()),
        ("HUIMIN_TEST_ADDRESS", fiscal.address.clone()),
        ("HUIMIN_TEST_DEATH", format!("{death:?}")),
    ];
    let (payer, _) = Process::start("payer_process", &variables, "now ");
    payer.kill();

    let view = batches(&world.db).await.unwrap().remove(0);
    assert_eq!((view.state.as_str(), view.delivery.as_str()), ("sent", "none"));
    assert_eq!(fiscal.journal().taken.len(), if death == Death::AfterPost { 200 } else { 0 });

    // The platform is killed as well, and comes back on its journal.
    fiscal.restart();
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    let early = receive_from(&world, &channel).await;
    let expected = if death == Death::AfterPost { 0 } else { 200 };
    assert_eq!(early.not_there, expected);
    let sent = send_to(&world, BATCH, &channel).await.unwrap();
    assert_eq!((sent.delivery, sent.sent_now), (Delivery::Accepted, expected));
    let received = receive_from(&world, &channel).await;
    assert_eq!((received.paid, received.open), (200, 0));
    let journal = fiscal.journal();
    assert_eq!((journal.taken.len(), journal.doubled()), (200, 0));
    assert_eq!(journal.paid_fen(), 200 * 3_000);
}

#[rstest]
#[tokio::test]
async fn a_payer_killed_before_the_file_went_out_loses_and_doubles_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    killed_payer_loses_and_doubles_nothing(kind, Death::BeforePost).await;
}

#[rstest]
#[tokio::test]
async fn a_payer_killed_before_the_answer_was_stored_loses_and_doubles_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    killed_payer_loses_and_doubles_nothing(kind, Death::AfterPost).await;
}

#[rstest]
#[tokio::test]
async fn a_lost_answer_is_asked_for_and_not_sent_again(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(50)).await;
    let fiscal = Fiscal::start(world.path(), Behaviour { lost_answers: 1, ..Behaviour::default() });
    let hasty = FiscalHttp::with_timeout(&fiscal.address, Duration::from_millis(500)).unwrap();
    let sent = send_to(&world, BATCH, &hasty).await.unwrap();
    assert_eq!((sent.state, sent.delivery), (BatchState::Sent, Delivery::Unknown));
    assert!(sent.note.unwrap().contains("it is not known whether"));
    let waiting = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert_eq!(waiting.differences[0].cause, "awaiting_receipt");

    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    let again = send_to(&world, BATCH, &channel).await.unwrap();
    assert_eq!((again.delivery, again.sent_now), (Delivery::Accepted, 0));
    let journal = fiscal.journal();
    assert_eq!((journal.taken.len(), journal.doubled()), (50, 0));
    assert_eq!(receive_from(&world, &channel).await.paid, 50);
}

#[rstest]
#[tokio::test]
async fn a_platform_that_is_not_there_is_an_error_and_the_batch_can_be_sent_later(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(5)).await;
    let mut fiscal = Fiscal::start(world.path(), Behaviour::default());
    let gone = FiscalHttp::new(&fiscal.address).unwrap();
    fiscal.stop();
    let error = send_to(&world, BATCH, &gone).await.unwrap_err();
    let BenefitsError::Channel { source: ChannelError::Unreachable { .. }, .. } = error else {
        panic!("{error}");
    };
    fiscal.restart();
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    assert_eq!(send_to(&world, BATCH, &channel).await.unwrap().sent_now, 5);
    assert_eq!(send_to(&world, BATCH, &channel).await.unwrap().sent_now, 0);
}

#[rstest]
#[tokio::test]
async fn receipts_that_are_told_twice_or_late_change_nothing_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(20)).await;
    let fiscal = Fiscal::start(
        world.path(),
        Behaviour { undecided_asks: 1, duplicate_receipts: true, ..Behaviour::default() },
    );
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    send_to(&world, BATCH, &channel).await.unwrap();
    let early = receive_from(&world, &channel).await;
    assert_eq!((early.open, early.not_there, early.state), (20, 0, BatchState::Sent));
    let late = receive_from(&world, &channel).await;
    assert_eq!((late.paid, late.new, late.contradictory), (20, 20, 0));
    assert_eq!(world.number("SELECT count(*) AS n FROM receipt").await, 20);
}

#[rstest]
#[tokio::test]
async fn a_raise_after_the_payment_pays_only_the_difference(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = approved(kind, &grants(2)).await;
    let fiscal = Fiscal::start(world.path(), Behaviour::default());
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    send_to(&world, BATCH, &channel).await.unwrap();
    receive_from(&world, &channel).await;

    let mut raised = grants(2);
    raised.decisions[0].amount = 3_400;
    let report = world.run("run2", "2024-01", &raised).await.unwrap();
    let second = report.batch.unwrap();
    assert_eq!((second.batch_id.as_str(), second.items, second.amount_fen), ("2024-01-02", 1, 400));
    assert_eq!(world.number("SELECT payable_fen AS n FROM due_item WHERE revision = 2").await, 400);
    approve_twice(&world, "2024-01-02").await;
    send_to(&world, "2024-01-02", &channel).await.unwrap();
    receive(&world.db, "2024-01-02", &channel, "clerk", at()).await.unwrap();
    let sum = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert_eq!((sum.due_amount_fen, sum.paid_amount_fen), (6_400, 6_400));
    assert!(sum.closes && sum.differences.is_empty());
    assert_eq!(fiscal.journal().paid_fen(), 6_400);
}

#[rstest]
#[tokio::test]
async fn a_cut_after_the_payment_is_an_alarm_and_never_a_deduction(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = approved(kind, &grants(3)).await;
    let fiscal = Fiscal::start(world.path(), Behaviour::default());
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    send_to(&world, BATCH, &channel).await.unwrap();
    receive_from(&world, &channel).await;

    // One gets less by today's knowledge, one turns out to have died, one is as before.
    let mut cut = grants(3);
    cut.decisions[0].amount = 2_000;
    cut.decisions[1] = not(GRANT, "p0001", 0b101);
    let report = world.run("run2", "2024-01", &cut).await.unwrap();
    assert_eq!(report.batch, None);
    let alarm: Vec<_> = report.differences.iter().filter(|one| one.side == Side::PaidDue).collect();
    assert_eq!(alarm.iter().map(|one| one.count).sum::<i64>(), 2);
    assert_eq!(alarm.iter().map(|one| one.amount_fen).sum::<i64>(), 1_000 + 3_000);
    let sum = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    assert_eq!((sum.due_amount_fen, sum.paid_amount_fen), (5_000, 9_000));
    assert!(sum.closes);
    assert_eq!(prepare(&world.db, period("2024-01"), "clerk", at()).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_refused_payment_is_made_again_only_to_another_account_and_under_a_new_id(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = approved(kind, &grants(1)).await;
    let fiscal =
        Fiscal::start(world.path(), Behaviour { reject_permille: 1_000, ..Behaviour::default() });
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    send_to(&world, BATCH, &channel).await.unwrap();
    assert_eq!(receive_from(&world, &channel).await.rejected, 1);
    assert_eq!(world.run("run2", "2024-01", &grants(1)).await.unwrap().batch, None);

    let mut corrected = grants(1);
    corrected.persons[0].account = Some("6299111122223333".to_owned());
    let report = world.run("run3", "2024-01", &corrected).await.unwrap();
    assert_eq!((report.new_items, report.revised_items), (0, 0));
    let second = report.batch.unwrap();
    assert_eq!((second.batch_id.as_str(), second.amount_fen), ("2024-01-02", 3_000));
    assert_eq!(world.number("SELECT count(DISTINCT instruction_id) AS n FROM payment").await, 2);
    assert_eq!(world.number("SELECT max(attempt) AS n FROM payment").await, 2);
}

#[rstest]
#[tokio::test]
async fn an_answer_over_another_amount_is_taken_over_in_no_part(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    struct Liar;

    #[async_trait::async_trait]
    impl Channel for Liar {
        fn name(&self) -> &'static str {
            "liar"
        }
        async fn send(&self, _: &InstructionFile) -> Result<(), ChannelError> {
            Ok(())
        }
        async fn ask(&self, _: &str) -> Result<Vec<ReceiptLine>, ChannelError> {
            let ids: Vec<String> = LIES.lock().unwrap().clone();
            Ok(ids
                .into_iter()
                .enumerate()
                .map(|(index, instruction_id)| ReceiptLine {
                    instruction_id,
                    receipt_no: index.to_string(),
                    kind: benefits::ReceiptKind::Paid,
                    reason: None,
                    amount_fen: if index == 2 { 1 } else { 3_000 },
                    on: "2024-02-06".to_owned(),
                })
                .collect())
        }
    }
    static LIES: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

    let world = approved(kind, &grants(3)).await;
    send_to(&world, BATCH, &Liar).await.unwrap();
    let ids = instruction_ids(&world).await;
    *LIES.lock().unwrap() = ids;
    let error = receive(&world.db, BATCH, &Liar, "clerk", at()).await.unwrap_err();
    assert!(matches!(error, BenefitsError::ReceiptAmount { told: 1, instructed: 3_000, .. }));
    assert_eq!(world.number("SELECT count(*) AS n FROM receipt").await, 0);
    LIES.lock().unwrap().truncate(2);
    LIES.lock().unwrap().push("Inot-ours".to_owned());
    // Two of ours, one of somebody else: the third of ours stays open.
    let received = receive(&world.db, BATCH, &Liar, "clerk", at()).await;
    let received = received.unwrap();
    assert_eq!((received.paid, received.open, received.foreign), (2, 1, 1));
}

async fn instruction_ids(world: &World) -> Vec<String> {
    use store::sea_orm::{self, FromQueryResult, Statement};
    #[derive(FromQueryResult)]
    struct Row {
        instruction_id: String,
    }
    let statement = Statement::from_string(
        world.db.get_database_backend(),
        "SELECT instruction_id FROM payment ORDER BY seq",
    );
    let rows = Row::find_by_statement(statement).all(&world.db).await.unwrap();
    rows.into_iter().map(|row| row.instruction_id).collect()
}

#[rstest]
#[tokio::test]
async fn instructions_go_into_a_folder_whole_and_receipts_come_from_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = approved(kind, &grants(3)).await;
    let (out, back) = (world.path().join("out"), world.path().join("back"));
    let folder = FiscalFolder::new(&out, &back);
    assert_eq!(send_to(&world, BATCH, &folder).await.unwrap().sent_now, 3);
    let files: Vec<_> =
        std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(files, ["2024-01-01.1.csv"]);
    let text = std::fs::read_to_string(out.join("2024-01-01.1.csv")).unwrap();
    assert!(text.starts_with('\u{feff}'));
    assert!(text.contains(",张p0000,62990000p0000,30.00,440104001,2024-02-05"));

    let waiting = receive_from(&world, &folder).await;
    assert_eq!((waiting.open, waiting.not_there), (3, 0));
    let ids = instruction_ids(&world).await;
    std::fs::create_dir_all(&back).unwrap();
    let receipts = format!(
        "\u{feff}批次号,指令号,回执号,状态,原因,金额(元),日期\r\n\
         {BATCH},{},R1,已发放,,30.00,2024-02-07\r\n\
         {BATCH},{},R2,已退回,账户冻结,30.00,2024-02-07\r\n",
        ids[0], ids[1]
    );
    std::fs::write(back.join("2024-01-01.receipts.csv"), receipts).unwrap();
    let received = receive_from(&world, &folder).await;
    assert_eq!((received.paid, received.rejected, received.open), (1, 1, 1));
    let sum = summary(&world.db, period("2024-01"), None, None).await.unwrap();
    let causes: Vec<_> = sum.differences.iter().map(|one| one.cause.as_str()).collect();
    assert_eq!(causes, ["awaiting_receipt", "rejected:account_frozen"]);
    // Sent again (say, after a crash), nothing new goes out.
    assert_eq!(send_to(&world, BATCH, &folder).await.unwrap().sent_now, 0);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
}

#[rstest]
#[tokio::test]
async fn acts_out_of_order_say_what_is_missing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind).await;
    let folder = FiscalFolder::new(&world.path().join("out"), &world.path().join("back"));
    let error = approve(&world.db, "2024-09-01", "chen", None, at()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no batch `2024-09-01`; `huimin batch list` shows those that there are"
    );
    world.run("run1", "2024-01", &grants(1)).await.unwrap();
    let error = receive(&world.db, BATCH, &folder, "clerk", at()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "batch `2024-01-01` is prepared; it has to be sent before it can have receipts (`huimin batch send`)"
    );
    approve_twice(&world, BATCH).await;
    let error = approve(&world.db, BATCH, "wang", None, at()).await.unwrap_err();
    assert!(matches!(error, BenefitsError::BatchState { state: BatchState::Approved, .. }));
}

/// Measures, does not judge: `cargo nextest run --release -p huimin-benefits --run-ignored only
/// --no-capture paying_rate`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn paying_rate() {
    let count = 100_000;
    let mut world = World::new(Kind::Sqlite).await;
    world.run("run1", "2024-01", &grants(count)).await.unwrap();
    let measure = |what: &str, started: std::time::Instant| {
        eprintln!("{count} payments, {what}: {:.2} s", started.elapsed().as_secs_f64());
    };
    let started = std::time::Instant::now();
    approve_twice(&world, BATCH).await;
    measure("two approvals", started);
    let fiscal =
        Fiscal::start(world.path(), Behaviour { reject_permille: 20, ..Behaviour::default() });
    let channel = FiscalHttp::new(&fiscal.address).unwrap();
    let started = std::time::Instant::now();
    send_to(&world, BATCH, &channel).await.unwrap();
    measure("sent", started);
    let started = std::time::Instant::now();
    receive_from(&world, &channel).await;
    measure("received", started);
}
