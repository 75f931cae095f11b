//! Sealing and verifying, on both kinds of database.

use audit::{AuditError, Finding, Report, seal};
use huimin_audit as audit;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rstest::rstest;
use store::sea_orm::ConnectionTrait as _;
use testing::Kind;
use trust::log::{LogVerifier, Tree, check_consistency, leaf_hash, open_checkpoint};

use crate::world::{World, log_key};

#[rstest]
#[tokio::test]
async fn every_entry_gets_one_place_and_the_log_holds(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    assert_eq!(world.verify(&[]).await, Report::default());
    assert_eq!(world.seal().await, audit::Sealed { head: None, entries: 0 });
    world.write(3).await;
    assert_eq!(world.verify(&[]).await.waiting, 3);
    let mut sizes = vec![world.seal().await.head.unwrap().size];
    for part in [250, 4, 255, 1, 300] {
        world.write(part).await;
        sizes.push(world.seal().await.head.unwrap().size);
    }
    assert_eq!(sizes, [3, 253, 257, 512, 513, 813]);
    let again = world.seal().await;
    assert_eq!((again.entries, again.head.map(|head| head.size)), (0, Some(813)));
    let kept = world.kept().await;
    let report = world.verify(std::slice::from_ref(&kept)).await;
    assert_eq!(report.findings, []);
    assert_eq!((report.entries, report.checkpoints, report.waiting), (813, 6, 0));
    assert_eq!((report.kept, report.cosignatures), (1, 1));
    assert_eq!(report.head, again.head);

    // A head of before fits as well after the log has grown.
    world.write(700).await;
    world.seal().await;
    let report = world.verify(&[kept]).await;
    assert!(report.holds() && report.kept == 1, "{report:?}");
}

#[rstest]
#[tokio::test]
async fn many_entries_are_sealed_in_several_transactions(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let sql = match kind {
        Kind::Postgres => "SELECT n FROM generate_series(1, 12345) AS s (n)",
        Kind::Sqlite => {
            "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 12345) SELECT n FROM s"
        }
    };
    let insert = format!(
        "INSERT INTO audit_entry (at, who, what, subject, purpose, detail) \
         SELECT '2024-01-01T00:00:00.000Z', 'w', 'a.b', 's:' || n, 'p', '{{}}' FROM ({sql}) AS t"
    );
    world.db.execute_unprepared(&insert).await.unwrap();
    assert_eq!(world.seal().await.entries, 12_345);
    let report = world.verify(&[]).await;
    assert_eq!((report.entries, report.checkpoints, report.findings.len()), (12_345, 3, 0));
}

#[rstest]
#[tokio::test]
async fn programs_that_seal_at_once_give_each_entry_one_place(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    world.write(300).await;
    let mut sealing = tokio::task::JoinSet::new();
    for seed in 0..4 {
        let (url, at) = (world.database.url.clone(), world.now());
        sealing.spawn(async move {
            let db = store::connect(&url).await.unwrap();
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            seal(&db, &log_key(1), None, at, &mut random).await.unwrap().entries
        });
    }
    assert_eq!(sealing.join_all().await.iter().sum::<u64>(), 300);
    assert_eq!(world.verify(&[]).await.findings, []);
    world.write(1).await;
    assert_eq!(world.seal().await.head.unwrap().size, 301);
}

/// Each kind of change, and what is found first. The world has 900 entries, sealed at 300, 600 and 900.
#[rstest]
#[case::edit("UPDATE audit_entry SET subject = 'person:P0' WHERE leaf = 420", Finding::Entry { leaf: 420, id: 421 })]
#[case::backdate("UPDATE audit_entry SET at = '2020-01-01T00:00:00.000Z' WHERE leaf = 0", Finding::Entry { leaf: 0, id: 1 })]
#[case::salt("UPDATE audit_entry SET salt = NULL WHERE leaf = 899", Finding::Entry { leaf: 899, id: 900 })]
#[case::delete("DELETE FROM audit_entry WHERE leaf = 512", Finding::Missing { leaf: 512 })]
#[case::insert(
    "UPDATE audit_entry SET leaf = leaf + 1 WHERE leaf = 899; INSERT INTO audit_entry (at, who, what, subject, purpose, detail, leaf, salt, sealed_at) SELECT at, 'x', what, subject, purpose, detail, 899, salt, sealed_at FROM audit_entry WHERE leaf = 1",
    Finding::Entry { leaf: 899, id: 901 }
)]
#[case::reorder(
    "UPDATE audit_entry SET leaf = 10000 WHERE leaf = 5; UPDATE audit_entry SET leaf = 5 WHERE leaf = 6; UPDATE audit_entry SET leaf = 6 WHERE leaf = 10000",
    Finding::Entry { leaf: 5, id: 7 }
)]
#[case::swapped_bodies(
    "UPDATE audit_entry SET subject = (SELECT subject FROM audit_entry o WHERE o.leaf = 8) WHERE leaf = 7",
    Finding::Entry { leaf: 7, id: 8 }
)]
#[case::cut_tail("DELETE FROM audit_entry WHERE leaf >= 890", Finding::Missing { leaf: 890 })]
#[case::sealing_backdated(
    "UPDATE audit_entry SET sealed_at = '2020-01-01T00:00:00.000Z' WHERE leaf >= 600",
    Finding::Entry { leaf: 600, id: 601 }
)]
#[case::hidden("UPDATE audit_entry SET leaf = -7 WHERE leaf = 600", Finding::Missing { leaf: 600 })]
#[case::tile("UPDATE audit_tile SET hashes = (SELECT hashes FROM audit_tile WHERE level = 0 AND number = 1) WHERE level = 0 AND number = 0", Finding::Entry { leaf: 0, id: 1 })]
#[case::higher_tile("DELETE FROM audit_tile WHERE level = 1", Finding::Tile { level: 1, number: 0 })]
#[case::more_tiles("INSERT INTO audit_tile (level, number, hashes) SELECT 0, 4, hashes FROM audit_tile WHERE level = 0 AND number = 1", Finding::Tiles { stored: 6, expected: 5 })]
#[case::edited_checkpoint(
    "UPDATE audit_checkpoint SET note = REPLACE(note, '600', '599') WHERE size = 600",
    Finding::Checkpoint { size: 600, reason: String::new() }
)]
#[case::swapped_checkpoint(
    "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint WHERE size = 300) WHERE size = 600",
    Finding::Checkpoint { size: 600, reason: String::new() }
)]
#[case::log_shortened(
    "DELETE FROM audit_checkpoint WHERE size = 900",
    Finding::Tile { level: 0, number: 2 }
)]
#[tokio::test]
async fn a_change_is_found(
    #[case] sql: &str,
    #[case] expected: Finding,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = World::sealed(kind, 900).await;
    assert_eq!(world.verify(&[]).await.findings, []);
    world.tamper(sql).await;
    let report = world.verify(&[]).await;
    let first = match report.findings.first().unwrap().clone() {
        // The reason is a library's.
        Finding::Checkpoint { size, .. } => Finding::Checkpoint { size, reason: String::new() },
        other => other,
    };
    assert_eq!(first, expected, "{report:?}");
}

#[rstest]
#[tokio::test]
async fn a_new_entry_can_not_be_kept_out_by_calling_it_sealed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 30).await;
    world.write(1).await;
    let places = match kind {
        Kind::Sqlite => &["-1", "77", "9223372036854775807", "'x'"][..],
        Kind::Postgres => &["-1", "77", "9223372036854775807"],
    };
    let mut from = "IS NULL".to_owned();
    for place in places {
        world.tamper(&format!("UPDATE audit_entry SET leaf = {place} WHERE leaf {from}")).await;
        assert_eq!(world.seal().await.entries, 0);
        let found = world.verify(&[]).await.findings;
        assert_eq!(found, [Finding::Sealed { entries: 31, leaves: 30 }], "{place}");
        from = format!("= {place}");
    }
}

#[rstest]
#[tokio::test]
async fn a_log_without_the_head_that_was_seen_is_not_signed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 30).await;
    world.write(5).await;
    let seen = world.seal().await.head;
    world.write(1).await;
    let now = world.now();
    assert_eq!(seal(&world.db, &world.key, seen, now, &mut world.random).await.unwrap().entries, 1);
    // Everything is made anew from nothing: the same entries, and a key that signs whatever is there.
    world.tamper("UPDATE audit_entry SET leaf = NULL, salt = NULL, sealed_at = NULL").await;
    world.tamper("DELETE FROM audit_tile; DELETE FROM audit_checkpoint").await;
    let refused = seal(&world.db, &world.key, seen, now, &mut world.random).await.unwrap_err();
    assert!(matches!(refused, AuditError::Replaced { size: 35 }), "{refused}");
    assert_eq!(world.verify(&[]).await.waiting, 36);
}

#[rstest]
#[tokio::test]
async fn an_old_copy_and_a_history_written_anew_are_found_by_what_others_have_kept(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 60).await;
    let early = world.kept().await;
    world.write(20).await;
    world.seal().await;
    let late = world.kept().await;
    let kept = [early.clone(), late.clone()];
    assert_eq!(world.verify(&kept).await.findings, []);

    // With the log's key and the database everything can be made anew, and holds by itself.
    world.tamper("UPDATE audit_entry SET who = 'nobody' WHERE leaf = 65").await;
    let all = "UPDATE audit_entry SET leaf = NULL, salt = NULL, sealed_at = NULL";
    world.tamper(&format!("{all} WHERE leaf >= 60")).await;
    world.tamper("DELETE FROM audit_checkpoint WHERE size > 60").await;
    let tile = "UPDATE audit_tile SET hashes = substr(hashes, 1, 1920)";
    world.tamper(tile).await;
    assert_eq!(world.seal().await.entries, 20);
    assert_eq!(world.verify(&[]).await.findings, []);
    assert_eq!(world.verify(&kept).await.findings, [Finding::Rewritten { from: 60, to: 80 }]);

    // An old copy of the whole database.
    world.tamper(&format!("{all} WHERE leaf >= 60")).await;
    world.tamper("DELETE FROM audit_checkpoint WHERE size > 60").await;
    world.tamper(tile).await;
    world.tamper("DELETE FROM audit_entry WHERE leaf IS NULL").await;
    assert_eq!(world.verify(&[]).await.findings, []);
    assert_eq!(world.verify(&kept).await.findings, [Finding::Cut { size: 80, here: 60 }]);

    // Another key is not the log's.
    world.key = log_key(2);
    let report = world.verify(&[early]).await;
    assert!(matches!(report.findings.first(), Some(Finding::Kept { place: 0, .. })), "{report:?}");
    assert_eq!(report.findings.len(), 1 + 3, "no stored checkpoint holds either: {report:?}");
}

#[rstest]
#[tokio::test]
async fn another_key_does_not_go_on_with_the_log(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 9).await;
    world.write(1).await;
    let now = world.now();
    let refused = seal(&world.db, &log_key(2), None, now, &mut world.random).await.unwrap_err();
    assert!(matches!(refused, AuditError::OtherKey), "{refused}");
    assert_eq!(world.seal().await.entries, 1);
}

#[rstest]
#[tokio::test]
async fn an_export_has_the_leaves_that_give_the_signed_root(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 900).await;
    world.write(3).await;
    let folder = world.database.folder().join("log");
    assert_eq!(audit::export(&world.db, &folder).await.unwrap(), 900);
    let note = std::fs::read(folder.join("checkpoint")).unwrap();
    let log = LogVerifier::parse(world.key.verifier_key()).unwrap();
    let head = open_checkpoint(&note, &log, &[]).unwrap().head;

    let mut tree = Tree::new();
    for bundle in ["000", "001", "002", "003.p/132"] {
        let bytes = std::fs::read(folder.join("tile/entries").join(bundle)).unwrap();
        let hashes = std::fs::read(folder.join("tile/0").join(bundle)).unwrap();
        let mut rest = bytes.as_slice();
        let mut expected = hashes.chunks_exact(32);
        while let Some((length, more)) = rest.split_first_chunk::<2>() {
            let (leaf, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
            assert_eq!(leaf_hash(leaf), expected.next().unwrap());
            assert!(!String::from_utf8_lossy(leaf).contains("person:P"), "no person is named");
            tree.push(leaf_hash(leaf));
            rest = more;
        }
        assert_eq!(expected.next(), None);
    }
    assert_eq!((tree.size(), tree.root()), (head.size, head.root));
    assert_eq!(std::fs::read(folder.join("tile/1/000.p/3")).unwrap().len(), 3 * 32);
}

#[rstest]
#[tokio::test]
async fn a_clock_that_is_behind_does_not_seal_earlier_than_the_leaf_before(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 9).await;
    world.minute -= 3;
    world.write(2).await;
    world.seal().await;
    assert_eq!(world.verify(&[]).await.findings, []);
    let sealed = store::audit::sealed(&world.db, 8..11).await.unwrap();
    assert!(sealed.iter().all(|one| one.sealed_at == sealed[0].sealed_at), "{sealed:?}");
}

#[rstest]
#[tokio::test]
async fn a_log_that_was_changed_is_not_gone_on_from(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::sealed(kind, 30).await;
    world.tamper("UPDATE audit_tile SET hashes = substr(hashes, 1, 928)").await;
    world.write(1).await;
    let now = world.now();
    let refused = seal(&world.db, &world.key, None, now, &mut world.random).await.unwrap_err();
    assert!(matches!(refused, AuditError::Changed { size: 30 }), "{refused}");
    assert_eq!(world.verify(&[]).await.waiting, 1);
}

#[rstest]
#[tokio::test]
async fn a_proof_shows_that_the_log_grew_from_each_head_to_the_last(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind).await;
    let mut heads = Vec::new();
    for part in [1, 300, 40, 700] {
        world.write(part).await;
        heads.push(world.seal().await.head.unwrap());
    }
    let last = *heads.last().unwrap();
    for head in &heads {
        let proof = audit::consistency(&world.db, head.size, last.size).await.unwrap();
        check_consistency(&proof, *head, last).unwrap();
    }
    assert!(audit::consistency(&world.db, 0, last.size).await.unwrap().is_empty());
    assert!(audit::consistency(&world.db, last.size + 1, last.size).await.is_err());
    assert!(audit::consistency(&world.db, 1, last.size + 1).await.is_err());
}

#[rstest]
#[tokio::test]
async fn of_each_witness_the_last_checkpoint_is_kept(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let world = World::new(kind).await;
    let of = |witness: &str, size| audit::Cosigned {
        witness: witness.to_owned(),
        size,
        note: format!("note {size}"),
    };
    for one in [of("b", 1), of("a", 2), of("b", 3)] {
        audit::keep_cosigned(&world.db, &one).await.unwrap();
    }
    assert_eq!(audit::cosigned(&world.db).await.unwrap(), [of("a", 2), of("b", 3)]);
}
