//! What a log sends to a witness, C2SP `tlog-witness`: `add-checkpoint`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::Hash;
use crate::TrustError;

/// Hashes that a proof may have: more than the depth of any tree.
const MOST: usize = 63;

/// A new checkpoint, and the proof that the log only grew to it since the witness has seen it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Leaves of the checkpoint that the witness has co-signed last; 0 for none.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The checkpoint, a signed note.
    pub checkpoint: Vec<u8>,
}

impl Submission {
    /// The body of the request.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&BASE64_STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads the body of a request. The checkpoint is not looked at.
    ///
    /// # Errors
    ///
    /// [`TrustError::Submission`] for another text.
    pub fn parse(body: &[u8]) -> Result<Self, TrustError> {
        let mut rest = body;
        let old = next_line(&mut rest)?
            .strip_prefix("old ")
            .and_then(decimal)
            .ok_or_else(|| wrong("the first line is not `old` and a number of leaves"))?;
        let mut proof = Vec::new();
        loop {
            let line = next_line(&mut rest)?;
            if line.is_empty() {
                break;
            }
            if proof.len() == MOST {
                return Err(wrong("a proof has 63 hashes at most"));
            }
            let hash = BASE64_STANDARD.decode(line).ok().and_then(|hash| hash.try_into().ok());
            proof.push(hash.ok_or_else(|| wrong("a line of the proof is not a hash in Base64"))?);
        }
        Ok(Self { old, proof, checkpoint: rest.to_vec() })
    }
}

/// The text up to the next end of a line, which is taken off `rest`.
fn next_line<'b>(rest: &mut &'b [u8]) -> Result<&'b str, TrustError> {
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, after) = end.and_then(|end| rest.split_at_checked(end)).unwrap_or_default();
    let after = after.strip_prefix(b"\n").ok_or_else(|| wrong("it ends within the proof"))?;
    *rest = after;
    std::str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))
}

/// A number as the format has it: digits alone, none of them a zero in front.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn wrong(reason: &'static str) -> TrustError {
    TrustError::Submission { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_standard() {
        // The example of C2SP tlog-witness, with two hashes of its proof.
        let text = "old 20852014\n\
            PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
            jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
            \n\
            example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = Submission::parse(text.as_bytes()).unwrap();
        assert_eq!((read.old, read.proof.len()), (20_852_014, 2));
        assert!(read.checkpoint.starts_with(b"example.com/behind-the-sofa\n20852163\n"));
        assert_eq!(read.to_bytes(), text.as_bytes());
    }

    #[test]
    fn another_text_is_refused() {
        let line = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
        let many = format!("old 1\n{}\nx", line.repeat(64));
        for text in [
            "",
            "old",
            "old 1",
            "old 1\n",
            "old 1\nPlRN\n\n",
            "old  1\n\n",
            "old +1\n\n",
            "old 01\n\n",
            "old -1\n\n",
            "old 1 \n\n",
            "Old 1\n\n",
            "old 18446744073709551616\n\n",
            "old 1\r\n\r\n",
            &many,
        ] {
            assert!(Submission::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Submission::parse(&many.replacen(line, "", 1).into_bytes()).is_ok());
        assert!(Submission::parse(b"old 1\n\xff\n\n").is_err());
        assert_eq!(Submission::parse(b"old 0\n\n").unwrap().checkpoint, b"");
    }
}
