//! Twelve kinds of tampering, a hundred times each at places that are drawn: all have to be found, and a log that
//! nobody has touched holds every time.

use std::fs;
use std::path::PathBuf;

use huimin_audit::Report;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use rstest::rstest;
use store::sea_orm::DatabaseConnection;
use testing::Kind;

use crate::world::World;

const TIMES: u64 = 100;
/// The log is sealed in so many steps of so many entries.
const STEPS: u32 = 10;
const STEP: u32 = 30;
const LEAVES: u64 = 300;

#[derive(Debug, Clone, Copy)]
enum Tampering {
    Edit,
    Delete,
    Insert,
    Reorder,
    CutTail,
    ClockBack,
    SwapBodies,
    RollBack,
    StolenKey,
    SplitView,
    EditedCheckpoint,
    EditedWitnessFile,
}

/// A log and its copies after each step, all as they should be.
struct Original {
    world: World,
    /// The database file after each step.
    copies: Vec<PathBuf>,
    /// What a witness has kept after each step.
    kept: Vec<Vec<u8>>,
    place: u32,
}

impl Original {
    async fn new() -> Self {
        let world = World::new(Kind::Sqlite).await;
        let mut original = Self { world, copies: Vec::new(), kept: Vec::new(), place: 0 };
        for _ in 0..STEPS {
            original.world.write(STEP).await;
            original.world.seal().await;
            original.kept.push(original.world.kept().await);
            let copy = original.file();
            let sql = format!("VACUUM INTO '{}'", copy.display());
            original.world.tamper(&sql).await;
            original.copies.push(copy);
        }
        original
    }

    fn file(&mut self) -> PathBuf {
        self.place += 1;
        self.world.database.folder().join(format!("copy-{}.db", self.place))
    }

    /// A world of its own that goes on from the copy after a step.
    async fn copy(&mut self, step: usize) -> (PathBuf, DatabaseConnection) {
        let file = self.file();
        fs::copy(&self.copies[step], &file).unwrap();
        let db = store::connect(&store::sqlite_url(&file)).await.unwrap();
        (file, db)
    }

    /// Works on a copy: `self.world` is that copy until this is called again.
    async fn turn_to(&mut self, step: usize) {
        let (_, db) = self.copy(step).await;
        std::mem::replace(&mut self.world.db, db).close().await.unwrap();
    }
}

fn below(random: &mut ChaCha8Rng, most: u64) -> u64 {
    random.next_u64() % most
}

/// Two different leaves.
fn two(random: &mut ChaCha8Rng) -> (u64, u64) {
    let one = below(random, LEAVES);
    (one, (one + 1 + below(random, LEAVES - 1)) % LEAVES)
}

/// Does it once, to a log that is as it should be. Gives what a verification says then.
async fn once(kind: Tampering, original: &mut Original, random: &mut ChaCha8Rng) -> Report {
    let last = STEPS as usize - 1;
    original.turn_to(last).await;
    let mut kept = vec![original.kept[last].clone()];
    let (leaf, other) = two(random);
    let world = &mut original.world;
    match kind {
        Tampering::Edit => {
            let columns = ["who", "what", "subject", "purpose", "detail", "at"];
            let column = columns[usize::try_from(below(random, 6)).unwrap()];
            let sql =
                format!("UPDATE audit_entry SET {column} = {column} || 'x' WHERE leaf = {leaf}");
            world.tamper(&sql).await;
        }
        Tampering::Delete => {
            world.tamper(&format!("DELETE FROM audit_entry WHERE leaf = {leaf}")).await;
        }
        Tampering::Insert => {
            world
                .tamper(&format!(
                    "UPDATE audit_entry SET leaf = leaf + 1000 WHERE leaf = {leaf}; \
                     INSERT INTO audit_entry (at, who, what, subject, purpose, detail, leaf, salt, sealed_at) \
                     SELECT at, who, what, subject, purpose, detail, {leaf}, salt, sealed_at FROM audit_entry \
                     WHERE leaf = {other}"
                ))
                .await;
        }
        Tampering::Reorder => {
            world
                .tamper(&format!(
                    "UPDATE audit_entry SET leaf = 1000 WHERE leaf = {leaf}; \
                     UPDATE audit_entry SET leaf = {leaf} WHERE leaf = {other}; \
                     UPDATE audit_entry SET leaf = {other} WHERE leaf = 1000"
                ))
                .await;
        }
        Tampering::CutTail => {
            world
                .tamper(&format!(
                    "DELETE FROM audit_entry WHERE leaf >= {leaf}; DELETE FROM audit_checkpoint WHERE size > {leaf}"
                ))
                .await;
        }
        Tampering::ClockBack => {
            let at = "2020-01-01T00:00:00.000Z";
            world
                .tamper(&format!("UPDATE audit_entry SET sealed_at = '{at}' WHERE leaf >= {leaf}"))
                .await;
        }
        Tampering::SwapBodies => {
            world
                .tamper(&format!(
                    "UPDATE audit_entry SET subject = (SELECT subject FROM audit_entry o WHERE o.leaf = {other}) \
                     WHERE leaf = {leaf}"
                ))
                .await;
        }
        Tampering::RollBack => {
            // The whole store as it was, which holds by itself.
            let step = usize::try_from(below(random, u64::from(STEPS) - 1)).unwrap();
            original.turn_to(step).await;
            assert!(original.world.verify(&[]).await.holds());
        }
        Tampering::StolenKey => {
            world
                .tamper(&format!(
                    "UPDATE audit_entry SET who = 'nobody' WHERE leaf = {leaf}; \
                     UPDATE audit_entry SET leaf = NULL, salt = NULL, sealed_at = NULL; \
                     DELETE FROM audit_tile; DELETE FROM audit_checkpoint"
                ))
                .await;
            world.seal().await;
            assert!(world.verify(&[]).await.holds());
        }
        Tampering::SplitView => {
            // From one step on the log has two histories of one size; the witness was shown the other.
            let step = usize::try_from(below(random, u64::from(STEPS) - 1)).unwrap();
            original.turn_to(step).await;
            let size = u32::try_from(step + 1).unwrap() * STEP;
            original.world.write(u32::try_from(LEAVES).unwrap() - size).await;
            original.world.seal().await;
            assert!(original.world.verify(&[]).await.holds());
        }
        Tampering::EditedCheckpoint => {
            let size = (1 + below(random, u64::from(STEPS))) * u64::from(STEP);
            // A sign of the note, at any place, becomes another one.
            let place = 1 + below(random, 100);
            world
                .tamper(&format!(
                    "UPDATE audit_checkpoint SET note = substr(note, 1, {place} - 1) || \
                     CASE substr(note, {place}, 1) WHEN 'q' THEN 'r' ELSE 'q' END || substr(note, {place} + 1) \
                     WHERE size = {size}"
                ))
                .await;
        }
        Tampering::EditedWitnessFile => {
            let note = &mut kept[0];
            let place = usize::try_from(below(random, note.len() as u64)).unwrap();
            note[place] ^= 1 << below(random, 8);
        }
    }
    original.world.verify(&kept).await
}

#[rstest]
#[tokio::test]
async fn all_of_a_hundred_are_found(
    #[values(
        Tampering::Edit,
        Tampering::Delete,
        Tampering::Insert,
        Tampering::Reorder,
        Tampering::CutTail,
        Tampering::ClockBack,
        Tampering::SwapBodies,
        Tampering::RollBack,
        Tampering::StolenKey,
        Tampering::SplitView,
        Tampering::EditedCheckpoint,
        Tampering::EditedWitnessFile
    )]
    kind: Tampering,
) {
    let mut original = Original::new().await;
    for seed in 0..TIMES {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let report = once(kind, &mut original, &mut random).await;
        // A co-signature that is asked for and isn't there is told as well.
        let is_quiet = report.holds() && report.cosignatures == 1;
        assert!(!is_quiet, "{kind:?}, seed {seed}: {report:?}");
    }
}

#[tokio::test]
async fn a_log_that_nobody_has_touched_holds_a_hundred_times() {
    let mut original = Original::new().await;
    for seed in 0..TIMES {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let step = usize::try_from(below(&mut random, u64::from(STEPS))).unwrap();
        original.turn_to(step).await;
        let kept = original.kept[..=step].to_vec();
        original.world.write(u32::try_from(below(&mut random, 20)).unwrap()).await;
        original.world.seal().await;
        let report = original.world.verify(&kept).await;
        assert!(report.holds() && report.kept == kept.len() as u64, "seed {seed}: {report:?}");
        assert_eq!(report.cosignatures, kept.len() as u64);
    }
}
