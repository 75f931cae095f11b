//! Signed heads of the tree, C2SP `tlog-checkpoint` in the form of `signed-note`.

use signed_note::{Note, Verifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash as Node};

use super::witness::seconds_of;
use super::{Hash, LogKey, LogVerifier, WitnessKey, WitnessVerifier};
use crate::TrustError;

/// The head of a log: how many leaves it has, and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of leaves.
    pub size: u64,
    /// The Merkle tree hash.
    pub root: Hash,
}

/// A checkpoint whose signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What was signed.
    pub head: Head,
    /// The witnesses among those asked for that have co-signed it, and when, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
}

impl LogKey {
    /// Signs a head: the checkpoint.
    ///
    /// # Errors
    ///
    /// [`TrustError::Checkpoint`] when it can't be signed.
    pub fn sign(&self, head: Head) -> Result<Vec<u8>, TrustError> {
        let checkpoint = Checkpoint::new(&self.name, head.size, Node(head.root), "")
            .map_err(|error| wrong(&error))?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|error| wrong(&error))?;
        note.add_sigs(&[&*self.signer]).map_err(|error| wrong(&error))?;
        Ok(note.to_bytes())
    }
}

impl WitnessKey {
    /// Adds the co-signature to a checkpoint, at a moment in seconds since 1970. That the tree has only grown
    /// to it was checked before.
    ///
    /// # Errors
    ///
    /// [`TrustError::Checkpoint`] for another text than a signed note.
    pub fn cosign(&self, checkpoint: &[u8], seconds: u64) -> Result<Vec<u8>, TrustError> {
        let mut note = Note::from_bytes(checkpoint).map_err(|error| wrong(&error))?;
        note.add_sigs(&[&self.at(seconds)]).map_err(|error| wrong(&error))?;
        Ok(note.to_bytes())
    }

    /// The co-signature alone, as a line of a signed note. Otherwise as [`WitnessKey::cosign`].
    ///
    /// # Errors
    ///
    /// As [`WitnessKey::cosign`].
    pub fn cosignature(&self, checkpoint: &[u8], seconds: u64) -> Result<Vec<u8>, TrustError> {
        let note = Note::from_bytes(checkpoint).map_err(|error| wrong(&error))?;
        let mut unsigned = Note::new(note.text(), &[]).map_err(|error| wrong(&error))?;
        unsigned.add_sigs(&[&self.at(seconds)]).map_err(|error| wrong(&error))?;
        // The signatures stand behind the text and an empty line.
        let lines = unsigned.to_bytes().split_off(note.text().len() + 1);
        Ok(lines)
    }
}

/// The log that a checkpoint says it is of. No signature is checked.
///
/// # Errors
///
/// [`TrustError::Checkpoint`] for another text.
pub fn origin_of(checkpoint: &[u8]) -> Result<String, TrustError> {
    let note = Note::from_bytes(checkpoint).map_err(|error| wrong(&error))?;
    let text = Checkpoint::from_bytes(note.text()).map_err(|error| wrong(&error))?;
    Ok(text.origin().to_owned())
}

/// A checkpoint with the co-signature of `witness` that stands in `answer`, the lines that the witness has
/// answered. What others have co-signed before stays; other lines of the answer are left out.
///
/// # Errors
///
/// [`TrustError::Checkpoint`] when there is none, it is false, or the checkpoint is not one of the log.
pub fn with_cosignature(
    checkpoint: &[u8],
    answer: &[u8],
    log: &LogVerifier,
    witness: &WitnessVerifier,
) -> Result<Vec<u8>, TrustError> {
    let log = || Box::new(log.clone()) as Box<dyn Verifier>;
    let note = Note::from_bytes(checkpoint).map_err(|error| wrong(&error))?;
    let (own, others) =
        note.verify(&VerifierList::new(vec![log()])).map_err(|error| wrong(&error))?;
    let joined = Note::from_bytes(&[note.to_bytes().as_slice(), answer].concat())
        .map_err(|error| wrong(&error))?;
    let known = VerifierList::new(vec![log(), Box::new(witness.clone())]);
    let (verified, _) = joined.verify(&known).map_err(|error| wrong(&error))?;
    let of_witness = |name: &str, id: u32| name == witness.name() && id == witness.key_id();
    let is_new = |one: &&signed_note::Signature| of_witness(one.name(), one.id());
    let cosignature = verified
        .iter()
        .find(is_new)
        .ok_or_else(|| wrong(&format!("witness `{}` has not co-signed it", witness.name())))?;
    let kept = own.iter().chain(&others).filter(|one| !is_new(one)).chain([cosignature]);
    let signatures: Vec<_> = kept.cloned().collect();
    let note = Note::new(note.text(), &signatures).map_err(|error| wrong(&error))?;
    Ok(note.to_bytes())
}

/// Opens a checkpoint of the log that `log` is the key of.
///
/// # Errors
///
/// [`TrustError::Checkpoint`] for another text, another log's checkpoint, one that the log has not signed, and
/// one with a false signature of the log or of one of `witnesses`. Signatures of others do not matter.
pub fn open_checkpoint(
    checkpoint: &[u8],
    log: &LogVerifier,
    witnesses: &[WitnessVerifier],
) -> Result<Opened, TrustError> {
    let note = Note::from_bytes(checkpoint).map_err(|error| wrong(&error))?;
    let mut known: Vec<Box<dyn Verifier>> = vec![Box::new(log.clone())];
    for witness in witnesses {
        known.push(Box::new(witness.clone()));
    }
    let (verified, _) = note.verify(&VerifierList::new(known)).map_err(|error| wrong(&error))?;
    let is_log = |name: &str, id: u32| name == log.name() && id == log.key_id();
    if !verified.iter().any(|signature| is_log(signature.name(), signature.id())) {
        return Err(wrong(&"the log has not signed it"));
    }
    let text = Checkpoint::from_bytes(note.text()).map_err(|error| wrong(&error))?;
    if text.origin() != log.name() {
        return Err(wrong(&format!("it is of log `{}`, not of `{}`", text.origin(), log.name())));
    }
    let witnesses = verified
        .iter()
        .filter(|signature| !is_log(signature.name(), signature.id()))
        .filter_map(|one| Some((one.name().to_owned(), seconds_of(one.signature())?.0)))
        .collect();
    Ok(Opened { head: Head { size: text.size(), root: text.hash().0 }, witnesses })
}

fn wrong(reason: &dyn std::fmt::Display) -> TrustError {
    TrustError::Checkpoint { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;

    fn key(name: &str, seed: u8) -> LogKey {
        LogKey::from_seed(name, &[seed; 32]).unwrap()
    }

    fn sm_key(name: &str, seed: u8) -> LogKey {
        LogKey::from_seed_of(Suite::Sm, name, &[seed; 32]).unwrap()
    }

    fn verifier(key: &LogKey) -> LogVerifier {
        LogVerifier::parse(key.verifier_key()).unwrap()
    }

    const HEAD: Head = Head { size: 70_000, root: [9; 32] };

    #[test]
    fn a_checkpoint_opens_with_the_key_of_its_log_only() {
        let log = key("example.org/log", 1);
        let note = log.sign(HEAD).unwrap();
        assert_eq!(
            open_checkpoint(&note, &verifier(&log), &[]).unwrap(),
            Opened { head: HEAD, witnesses: Vec::new() }
        );
        for other in [key("example.org/log", 2), key("example.org/other", 1)] {
            assert!(open_checkpoint(&note, &verifier(&other), &[]).is_err());
        }
    }

    #[test]
    fn no_byte_of_a_checkpoint_can_be_changed() {
        let log = key("example.org/log", 1);
        let note = log.sign(HEAD).unwrap();
        for place in 0..note.len() {
            let mut changed = note.clone();
            changed[place] ^= 1;
            let opened = open_checkpoint(&changed, &verifier(&log), &[]);
            assert!(opened.is_err(), "byte {place}");
        }
        for length in 0..note.len() {
            assert!(open_checkpoint(&note[..length], &verifier(&log), &[]).is_err());
        }
    }

    #[test]
    fn a_checkpoint_signed_with_sm2_opens_with_its_key_only() {
        let log = sm_key("example.org/log", 1);
        let note = log.sign(HEAD).unwrap();
        assert_eq!(open_checkpoint(&note, &verifier(&log), &[]).unwrap().head, HEAD);
        let others = [
            sm_key("example.org/log", 2),
            sm_key("example.org/other", 1),
            key("example.org/log", 1),
        ];
        for other in others {
            assert!(open_checkpoint(&note, &verifier(&other), &[]).is_err());
            assert!(open_checkpoint(&other.sign(HEAD).unwrap(), &verifier(&log), &[]).is_err());
        }
        for place in 0..note.len() {
            let mut changed = note.clone();
            changed[place] ^= 1;
            assert!(open_checkpoint(&changed, &verifier(&log), &[]).is_err(), "byte {place}");
        }
        assert!(!format!("{log:?} {:?}", verifier(&log)).contains("secret"));
    }

    #[test]
    fn witnesses_co_sign_logs_of_both_suites() {
        let log = sm_key("example.org/log", 1);
        let witness = WitnessKey::from_seed("example.net/witness", &[3; 32]).unwrap();
        let known = [WitnessVerifier::parse(&witness.verifier_key()).unwrap()];
        let note = witness.cosign(&log.sign(HEAD).unwrap(), 1_700_000_000).unwrap();
        let opened = open_checkpoint(&note, &verifier(&log), &known).unwrap();
        assert_eq!(opened.witnesses, [("example.net/witness".to_owned(), 1_700_000_000)]);
    }

    #[test]
    fn a_witness_is_named_with_the_moment_that_it_signed() {
        let log = key("example.org/log", 1);
        let witness = WitnessKey::from_seed("example.net/witness", &[3; 32]).unwrap();
        let known = [WitnessVerifier::parse(&witness.verifier_key()).unwrap()];
        let note = witness.cosign(&log.sign(HEAD).unwrap(), 1_700_000_000).unwrap();
        let opened = open_checkpoint(&note, &verifier(&log), &known).unwrap();
        assert_eq!(opened.witnesses, [("example.net/witness".to_owned(), 1_700_000_000)]);
        let unasked = open_checkpoint(&note, &verifier(&log), &[]).unwrap();
        assert_eq!(unasked.witnesses, []);

        let alone = [note.split(|byte| *byte == b'\n').next().unwrap(), b"\n\n"].concat();
        assert!(open_checkpoint(&alone, &verifier(&log), &known).is_err());
        let text = String::from_utf8(note).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.remove(4);
        let unsigned = lines.join("\n") + "\n";
        let refused = open_checkpoint(unsigned.as_bytes(), &verifier(&log), &known).unwrap_err();
        assert!(refused.to_string().contains("the log has not signed it"), "{refused}");
    }

    #[test]
    fn the_answer_of_a_witness_is_taken_over_when_it_holds() {
        let log = key("example.org/log", 1);
        let (one, other) = (
            WitnessKey::from_seed("example.net/witness", &[3; 32]).unwrap(),
            WitnessKey::from_seed("example.com/other", &[4; 32]).unwrap(),
        );
        let known = |key: &WitnessKey| WitnessVerifier::parse(&key.verifier_key()).unwrap();
        let note = log.sign(HEAD).unwrap();
        let own = verifier(&log);
        assert_eq!(origin_of(&note).unwrap(), "example.org/log");
        assert!(origin_of(b"no note").is_err());

        let line = one.cosignature(&note, 1_700_000_000).unwrap();
        let first = with_cosignature(&note, &line, &own, &known(&one)).unwrap();
        assert_eq!(first, one.cosign(&note, 1_700_000_000).unwrap());
        // Lines of others count for nothing, those that were there before stay.
        let both =
            [other.cosignature(&note, 9).unwrap(), one.cosignature(&note, 8).unwrap()].concat();
        let second = with_cosignature(&first, &both, &own, &known(&other)).unwrap();
        let opened = open_checkpoint(&second, &own, &[known(&one), known(&other)]).unwrap();
        let names: Vec<_> =
            opened.witnesses.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        assert_eq!(names, [("example.net/witness", 1_700_000_000), ("example.com/other", 9)]);

        assert!(with_cosignature(&note, &line, &own, &known(&other)).is_err());
        assert!(with_cosignature(&note, b"", &own, &known(&one)).is_err());
        assert!(with_cosignature(&note, b"nonsense\n", &own, &known(&one)).is_err());
        assert!(
            with_cosignature(&note, &line, &verifier(&key("example.org/log", 2)), &known(&one))
                .is_err()
        );
        let later = Head { size: HEAD.size + 1, ..HEAD };
        let elsewhere = one.cosignature(&log.sign(later).unwrap(), 7).unwrap();
        assert!(with_cosignature(&note, &elsewhere, &own, &known(&one)).is_err());
    }

    #[test]
    fn keys_of_others_are_refused() {
        let log = key("example.org/log", 1);
        let witness = WitnessKey::from_seed("example.net/witness", &[3; 32]).unwrap();
        assert!(WitnessVerifier::parse(log.verifier_key()).is_err());
        assert!(LogVerifier::parse(&witness.verifier_key()).is_err());
        for text in ["", "a", "a+b", "a+b+c", &witness.verifier_key().replace("net", "com")] {
            assert!(WitnessVerifier::parse(text).is_err(), "{text}");
        }
        for name in ["", "with space", "with+plus"] {
            assert!(LogKey::from_seed(name, &[1; 32]).is_err());
            assert!(WitnessKey::from_seed(name, &[1; 32]).is_err());
        }
        assert!(!format!("{log:?}").contains("PRIVATE"));
    }
}
