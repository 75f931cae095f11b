//! What the platform knows of each instruction.

use std::collections::HashMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::FiscalOptions;
use super::file::Instruction;
use super::journal::{Event, Journal, JournalError, Status};

/// Reasons of a refusal or return, with their shares in a hundred.
const REASONS: [(&str, u64); 5] =
    [("账户不存在", 40), ("户名不符", 25), ("账户冻结", 15), ("超限", 10), ("其他", 10)];

/// Everything the platform has been told and has decided.
#[derive(Debug)]
pub(super) struct Ledger {
    journal: Journal,
    instructions: HashMap<String, Known>,
    batches: HashMap<String, Batch>,
    seed: u64,
    reject_permille: u64,
    return_permille: u64,
    undecided_asks: u32,
}

#[derive(Debug)]
struct Known {
    amount_fen: i64,
    account: String,
    pay_on: String,
    receipts: Vec<(String, Status, Option<String>)>,
}

#[derive(Debug, Default)]
struct Batch {
    instructions: Vec<String>,
    asked: u32,
}

/// A receipt, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Receipt {
    pub(super) instruction_id: String,
    pub(super) receipt_no: Option<String>,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) amount_fen: i64,
    pub(super) on: String,
}

/// How a file was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Taken {
    pub(super) accepted: u64,
    pub(super) duplicate: u64,
}

/// Why a file was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// An instruction is known with another amount or account.
    Contradiction(String),
    /// The journal failed: nothing can be promised any more.
    Journal(JournalError),
}

impl Ledger {
    pub(super) fn open(options: &FiscalOptions) -> Result<Self, JournalError> {
        let (journal, events) = Journal::open(&options.journal)?;
        let mut ledger = Self {
            journal,
            instructions: HashMap::new(),
            batches: HashMap::new(),
            seed: options.seed,
            reject_permille: u64::from(options.reject_permille),
            return_permille: u64::from(options.return_permille),
            undecided_asks: options.faults.undecided_asks,
        };
        for event in events {
            ledger.apply(event);
        }
        Ok(ledger)
    }

    /// Takes the instructions of a file: all of them, or none when one contradicts what is known.
    pub(super) fn take(
        &mut self,
        batch: &str,
        instructions: Vec<Instruction>,
    ) -> Result<Taken, Refusal> {
        let mut taken = Taken { accepted: 0, duplicate: 0 };
        let mut events = Vec::new();
        let mut new: HashMap<String, (i64, String)> = HashMap::new();
        for one in instructions {
            let known = self
                .instructions
                .get(&one.id)
                .map(|known| (known.amount_fen, known.account.clone()))
                .or_else(|| new.get(&one.id).cloned());
            match known {
                Some(known) if known == (one.amount_fen, one.account.clone()) => {
                    taken.duplicate += 1;
                }
                Some(_) => return Err(Refusal::Contradiction(one.id)),
                None => {
                    taken.accepted += 1;
                    new.insert(one.id.clone(), (one.amount_fen, one.account.clone()));
                    events.push(Event::Taken {
                        batch: batch.to_owned(),
                        instruction_id: one.id,
                        policy: one.policy,
                        period: one.period,
                        name: one.name,
                        account: one.account,
                        amount_fen: one.amount_fen,
                        pay_on: one.pay_on,
                    });
                }
            }
        }
        self.commit(events).map_err(Refusal::Journal)?;
        Ok(taken)
    }

    /// The receipts of a batch; `None` for a batch that is not known.
    ///
    /// The first time, everything that was taken is decided; the next time, what is to be sent back
    /// is.
    pub(super) fn receipts(&mut self, batch: &str) -> Result<Option<Vec<Receipt>>, JournalError> {
        let Some(known) = self.batches.get(batch) else { return Ok(None) };
        let decided = known.asked >= self.undecided_asks;
        let ids = known.instructions.clone();
        let mut events = vec![Event::Asked { batch: batch.to_owned() }];
        if decided {
            events.extend(ids.iter().filter_map(|id| self.decide(id)));
        }
        self.commit(events)?;
        let told = ids.iter().flat_map(|id| {
            let known = self.instructions.get(id);
            let receipts = known.map(|known| known.told(id)).unwrap_or_default();
            receipts.into_iter()
        });
        Ok(Some(told.collect()))
    }

    /// The next receipt of an instruction, if there is one to come.
    fn decide(&self, id: &str) -> Option<Event> {
        let known = self.instructions.get(id)?;
        let fate = self.fate(id);
        let status = match known.receipts.last().map(|(_, status, _)| *status) {
            None if fate.rejected => Status::Rejected,
            None => Status::Paid,
            Some(Status::Paid) if fate.returned => Status::Returned,
            Some(_) => return None,
        };
        let reason = (status != Status::Paid).then(|| fate.reason.to_owned());
        Some(Event::Receipt {
            instruction_id: id.to_owned(),
            receipt_no: format!("R{}-{}", id, known.receipts.len() + 1),
            status,
            reason,
        })
    }

    fn commit(&mut self, events: Vec<Event>) -> Result<(), JournalError> {
        self.journal.append(&events)?;
        for event in events {
            self.apply(event);
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Taken { batch, instruction_id, account, amount_fen, pay_on, .. } => {
                self.batches.entry(batch).or_default().instructions.push(instruction_id.clone());
                let known = Known { amount_fen, account, pay_on, receipts: Vec::new() };
                self.instructions.insert(instruction_id, known);
            }
            Event::Asked { batch } => {
                let batch = self.batches.entry(batch).or_default();
                batch.asked = batch.asked.saturating_add(1);
            }
            Event::Receipt { instruction_id, receipt_no, status, reason } => {
                if let Some(known) = self.instructions.get_mut(&instruction_id) {
                    known.receipts.push((receipt_no, status, reason));
                }
            }
        }
    }

    /// What is going to happen to an instruction: by the seed and its id alone.
    fn fate(&self, id: &str) -> Fate {
        let digest = Sha256::new_with_prefix(self.seed.to_le_bytes()).chain_update(id).finalize();
        let number = |from: usize| {
            digest.iter().skip(from).take(6).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let rejected = number(0) % 1_000 < self.reject_permille;
        let returned = !rejected && number(6) % 1_000 < self.return_permille;
        let mut place = number(12) % 100;
        let reason = REASONS
            .into_iter()
            .find(|(_, share)| {
                let here = place < *share;
                place = place.saturating_sub(*share);
                here
            })
            .map_or("其他", |(reason, _)| reason);
        Fate { rejected, returned, reason }
    }
}

struct Fate {
    rejected: bool,
    returned: bool,
    reason: &'static str,
}

impl Known {
    fn told(&self, id: &str) -> Vec<Receipt> {
        let line = |receipt_no, status, reason| Receipt {
            instruction_id: id.to_owned(),
            receipt_no,
            status,
            reason,
            amount_fen: self.amount_fen,
            on: self.pay_on.clone(),
        };
        if self.receipts.is_empty() {
            return vec![line(None, Status::Accepted, None)];
        }
        self.receipts
            .iter()
            .map(|(number, status, reason)| line(Some(number.clone()), *status, reason.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiscal::FiscalFaults;

    fn options(folder: &std::path::Path) -> FiscalOptions {
        FiscalOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            journal: folder.join("journal.jsonl"),
            seed: 7,
            reject_permille: 100,
            return_permille: 50,
            faults: FiscalFaults::default(),
        }
    }

    fn instructions(count: u32) -> Vec<Instruction> {
        (0..count)
            .map(|number| Instruction {
                id: format!("I{number}"),
                policy: "tennis-grant".to_owned(),
                period: "2024-01".to_owned(),
                name: "张三".to_owned(),
                account: format!("6299{number}"),
                amount_fen: 3_000,
                pay_on: "2024-02-05".to_owned(),
            })
            .collect()
    }

    fn tally(receipts: &[Receipt]) -> [usize; 4] {
        [Status::Accepted, Status::Paid, Status::Rejected, Status::Returned]
            .map(|status| receipts.iter().filter(|one| one.status == status).count())
    }

    #[test]
    fn an_instruction_is_taken_once_however_often_it_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ledger = Ledger::open(&options(folder.path())).expect("a ledger");
        let first = ledger.take("b", instructions(3)).expect("taken");
        let again = ledger.take("b", instructions(4)).expect("taken");
        assert_eq!((first.accepted, first.duplicate), (3, 0));
        assert_eq!((again.accepted, again.duplicate), (1, 3));
        let mut other = instructions(1);
        other[0].amount_fen += 1;
        assert!(matches!(ledger.take("b", other), Err(Refusal::Contradiction(id)) if id == "I0"));
    }

    #[test]
    fn some_are_refused_at_once_and_some_sent_back_when_asked_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ledger = Ledger::open(&options(folder.path())).expect("a ledger");
        ledger.take("b", instructions(2_000)).expect("taken");
        let first = tally(&ledger.receipts("b").expect("an answer").expect("known"));
        let second = tally(&ledger.receipts("b").expect("an answer").expect("known"));
        let third = tally(&ledger.receipts("b").expect("an answer").expect("known"));
        assert_eq!(first[1] + first[2], 2_000);
        assert!((150..250).contains(&first[2]), "refused {first:?}");
        assert!((50..150).contains(&second[3]), "sent back {second:?}");
        assert_eq!((first[3], second[1], third), (0, first[1], second));
        assert!(ledger.receipts("c").expect("an answer").is_none());
    }

    #[test]
    fn after_a_restart_the_journal_gives_the_same_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = options(folder.path());
        let mut ledger = Ledger::open(&options).expect("a ledger");
        ledger.take("b", instructions(200)).expect("taken");
        ledger.receipts("b").expect("an answer");
        let second = ledger.receipts("b").expect("an answer");
        drop(ledger);
        // A line that was being written when the process was killed.
        let mut torn = std::fs::read(&options.journal).expect("a journal");
        torn.extend_from_slice(br#"{"event":"taken","batch":"b","instr"#);
        std::fs::write(&options.journal, torn).expect("written");
        let mut ledger = Ledger::open(&options).expect("a ledger");
        assert_eq!(ledger.receipts("b").expect("an answer"), second);
        let again = ledger.take("b", instructions(200)).expect("taken");
        assert_eq!(again.duplicate, 200);
    }

    #[test]
    fn two_platforms_never_share_a_journal() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = options(folder.path());
        let _open = Ledger::open(&options).expect("a ledger");
        assert!(matches!(Ledger::open(&options), Err(JournalError::Locked { .. })));
    }
}
