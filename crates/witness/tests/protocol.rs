//! What the standard (C2SP `tlog-witness`) says about each request, over HTTP.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use huimin_witness::{Answer, Client, ClientError, Witness, WitnessError, router};
use rstest::rstest;
use trust::Suite;
use trust::log::{
    Head, LogKey, LogVerifier, Submission, Tree, WitnessKey, WitnessVerifier, leaf_hash,
    open_checkpoint, prove, with_cosignature,
};

const ORIGIN: &str = "example.org/log";
const NOW: u64 = 1_700_000_000;

/// A log whose leaves from `anew` on are other ones.
struct Log {
    key: LogKey,
    anew: u64,
}

impl Log {
    fn new(suite: Suite) -> Self {
        Self { key: LogKey::from_seed_of(suite, ORIGIN, &[1; 32]).unwrap(), anew: u64::MAX }
    }

    fn verifier(&self) -> LogVerifier {
        LogVerifier::parse(self.key.verifier_key()).unwrap()
    }

    /// The request for a head of `new` leaves, when the witness has co-signed `old`.
    fn ask(&self, old: u64, new: u64) -> Submission {
        let mut tree = Tree::new();
        let mut tiles = BTreeMap::new();
        for number in 0..new {
            let text = if number < self.anew { "leaf" } else { "other" };
            let full = tree.push(leaf_hash(format!("{text} {number}").as_bytes()));
            tiles.extend(full.into_iter().map(|tile| ((tile.level, tile.number), tile.hashes)));
        }
        tiles.extend(tree.partial().map(|tile| ((tile.level, tile.number), tile.hashes)));
        let checkpoint = self.key.sign(Head { size: new, root: tree.root() }).unwrap();
        let proof = if old > new { Vec::new() } else { prove(old, new, &tiles).unwrap() };
        Submission { old, proof, checkpoint }
    }
}

fn witness_key() -> WitnessKey {
    WitnessKey::from_seed("example.net/witness", &[3; 32]).unwrap()
}

fn witness_verifier() -> WitnessVerifier {
    WitnessVerifier::parse(&witness_key().verifier_key()).unwrap()
}

/// A witness that answers on an address, one second later each time.
async fn serve(folder: &Path, logs: Vec<LogVerifier>) -> String {
    let witness = Witness::open(folder, witness_key(), logs).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seconds = AtomicU64::new(NOW);
    let clock = Arc::new(move || seconds.fetch_add(1, Ordering::Relaxed));
    tokio::spawn(async move { axum::serve(listener, router(Arc::new(witness), clock)).await });
    address
}

async fn post(address: &str, body: impl Into<reqwest::Body>) -> (u16, String, String) {
    let request = reqwest::Client::new().post(format!("{address}/add-checkpoint")).body(body);
    let answer = request.send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.text().await.unwrap())
}

#[rstest]
#[tokio::test]
async fn a_log_that_grows_is_co_signed(#[values(Suite::International, Suite::Sm)] suite: Suite) {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(suite);
    let address = serve(folder.path(), vec![log.verifier()]).await;
    let known = [witness_verifier()];
    let mut old = 0;
    for (step, new) in [1, 255, 256, 700, 700].into_iter().enumerate() {
        let asked = log.ask(old, new);
        let (status, _, line) = post(&address, asked.to_bytes()).await;
        assert_eq!(status, 200, "{line}");
        assert!(line.starts_with("— example.net/witness ") && line.ends_with('\n'));
        let note = with_cosignature(&asked.checkpoint, line.as_bytes(), &log.verifier(), &known[0]);
        let opened = open_checkpoint(&note.unwrap(), &log.verifier(), &known).unwrap();
        let at = NOW + u64::try_from(step).unwrap();
        assert_eq!((opened.head.size, opened.witnesses[0].1), (new, at));
        old = new;
    }
    // Auditors read it there.
    let index = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(index.contains("size 700\n") && index.contains(&witness_key().verifier_key()));
    let path = index.lines().find(|line| line.starts_with("/checkpoints/")).unwrap();
    let kept = reqwest::get(format!("{address}{path}")).await.unwrap().bytes().await.unwrap();
    let opened = open_checkpoint(&kept, &log.verifier(), &known).unwrap();
    assert_eq!((opened.head.size, opened.witnesses.len()), (700, 1));
    let other = reqwest::get(format!("{address}/checkpoints/0000")).await.unwrap();
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn each_refusal_has_the_status_of_the_standard() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new(Suite::International);
    let address = serve(folder.path(), vec![log.verifier()]).await;
    let status = async |asked: Submission| post(&address, asked.to_bytes()).await.0;
    assert_eq!(status(log.ask(0, 300)).await, 200);

    // 400: no request, no checkpoint, or it would shrink.
    for body in ["", "old 300\n", "old x\n\n", "old 300\n\nno checkpoint\n"] {
        assert_eq!(post(&address, body).await.0, 400, "{body}");
    }
    assert_eq!(status(log.ask(301, 300)).await, 400);
    // 403: somebody else's signature, or none that holds.
    let thief = Log { key: LogKey::from_seed(ORIGIN, &[2; 32]).unwrap(), anew: u64::MAX };
    assert_eq!(status(thief.ask(300, 400)).await, 403);
    let mut changed = log.ask(300, 400);
    let text = String::from_utf8(changed.checkpoint).unwrap().replacen("400", "401", 1);
    changed.checkpoint = text.into_bytes();
    assert_eq!(status(changed).await, 403);
    // 404: a log that nobody has named.
    let other =
        Log { key: LogKey::from_seed("example.org/other", &[1; 32]).unwrap(), anew: u64::MAX };
    assert_eq!(status(other.ask(0, 3)).await, 404);
    // 409: another size than the one that was co-signed last; it is told.
    for old in [0, 299] {
        let told = post(&address, log.ask(old, 400).to_bytes()).await;
        assert_eq!(told, (409, "text/x.tlog.size".to_owned(), "300\n".to_owned()));
    }
    // 422: the proof is missing, false, or more than there is to show.
    let good = log.ask(300, 400);
    for proof in
        [Vec::new(), vec![[0; 32]; good.proof.len()], [good.proof.clone(), vec![[0; 32]]].concat()]
    {
        assert_eq!(status(Submission { proof, ..good.clone() }).await, 422);
    }
    // Written anew with the log's own key: from a leaf that was seen, and of the same size.
    log.anew = 250;
    assert_eq!(status(log.ask(300, 400)).await, 422);
    assert_eq!(post(&address, log.ask(300, 300).to_bytes()).await.0, 409);
    // 413: too long.
    assert_eq!(post(&address, vec![b'x'; 100_000]).await.0, 413);

    // Nothing of all this has changed what the witness remembers.
    log.anew = u64::MAX;
    assert_eq!(status(log.ask(300, 400)).await, 200);
    assert_eq!(post(&address, log.ask(300, 500).to_bytes()).await.2, "400\n");
}

#[tokio::test]
async fn a_witness_remembers_after_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(Suite::International);
    let open = || Witness::open(folder.path(), witness_key(), vec![log.verifier()]);
    let witness = open().unwrap();
    witness.add_checkpoint(&log.ask(0, 80).to_bytes(), NOW).unwrap();
    assert!(matches!(open().unwrap_err(), WitnessError::Held { .. }));
    drop(witness);
    let witness = open().unwrap();
    let refused = witness.add_checkpoint(&log.ask(0, 90).to_bytes(), NOW).unwrap_err();
    assert_eq!(refused.to_string(), "80");
    let note = witness.logs().unwrap()[0].checkpoint.clone().unwrap();
    drop(witness);

    // What somebody else has written there is not believed.
    let file = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some()).last().unwrap();
    let forged = log.ask(0, 10).checkpoint;
    for text in [b"".as_slice(), b"nonsense", &forged, &note[..note.len() - 1]] {
        std::fs::write(&file, text).unwrap();
        assert!(matches!(open().unwrap_err(), WitnessError::Memory { .. }));
    }
    std::fs::write(&file, note).unwrap();
    open().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_requests_at_once_each_is_checked_against_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(Suite::International);
    let address = serve(folder.path(), vec![log.verifier()]).await;
    assert_eq!(post(&address, log.ask(0, 10).to_bytes()).await.0, 200);
    let mut asking = tokio::task::JoinSet::new();
    for new in 11..31 {
        let (address, body) = (address.clone(), log.ask(10, new).to_bytes());
        asking.spawn(async move { post(&address, body).await.0 });
    }
    let answers = asking.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 409].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn a_client_tells_the_answers_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new(Suite::International);
    let address = serve(folder.path(), vec![log.verifier()]).await;
    let client =
        |at: &str| Client::parse(&format!("{} {at}", witness_key().verifier_key())).unwrap();
    let here = client(&address);
    assert!(matches!(here.add_checkpoint(&log.ask(0, 20)).await.unwrap(), Answer::Cosigned(_)));
    assert_eq!(here.add_checkpoint(&log.ask(0, 30)).await.unwrap(), Answer::Conflict(20));
    log.anew = 5;
    assert_eq!(here.add_checkpoint(&log.ask(20, 30)).await.unwrap(), Answer::Inconsistent);
    let unknown = Log { key: LogKey::from_seed("example.org/x", &[1; 32]).unwrap(), anew: 0 };
    let refused = here.add_checkpoint(&unknown.ask(0, 3)).await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused { status: 404, .. }), "{refused}");
    let nowhere = client("http://127.0.0.1:9").add_checkpoint(&log.ask(0, 3)).await.unwrap_err();
    assert!(matches!(nowhere, ClientError::Unreachable { .. }), "{nowhere}");
}
