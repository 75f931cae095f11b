//! Signatures of the log with SM2 and SM3, GB/T 32918.2 on the curve of GB/T 32918.5.
//!
//! C2SP `signed-note` has no type for SM2. It keeps 0xff for types without a byte of their own, followed by a
//! longer identifier: here [`TYPE`]. Behind it the public key is the point uncompressed, 0x04, x, y (65 bytes);
//! a signature is r, s (64 bytes), over the note's text. The signer's identity in the hash Z is the one that
//! GM/T 0009 gives to those who have agreed on none. The secret k follows from key and text (RFC 6979 with
//! HMAC-SM3), so that a signature needs no random numbers.

use ed25519_dalek::SignatureError;
use signed_note::{Signer, Verifier, key_id};
use sm2::SecretKey;
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point as _;

use super::verifier_key::{self, VerifierKey, wrong};
use crate::TrustError;
use crate::suite::{self, MASTER};

/// Names a type without an assigned byte in the keys of signed notes.
pub(super) const UNASSIGNED: u8 = 0xff;
/// Names this one behind it.
const TYPE: &[u8] = b"github.com/huimin/huimin/sm2-sm3";
/// The signer's identity, GM/T 0009-2012, section 10.
const IDENTITY: &str = "1234567812345678";
/// Bytes of a point that is not compressed.
const POINT: usize = 65;

/// The private key.
pub(super) struct Sm2Signer {
    name: String,
    id: u32,
    /// Kept in the form that clears itself; what signs is made from it each time.
    secret: SecretKey,
}

impl Sm2Signer {
    /// The key that follows from a secret, and the text of its public key. The name is a valid one.
    pub(super) fn from_seed(name: &str, seed: &[u8; MASTER]) -> (Self, String) {
        // Not every 32 bytes are a private key: one in 2^32 is not.
        let secret = (0..=u8::MAX)
            .find_map(|attempt| SecretKey::from_slice(&*suite::sm2_secret(seed, attempt)).ok())
            .unwrap_or_else(|| unreachable!("256 secrets of which none is below the order"));
        let point = secret.public_key().to_sec1_point(false);
        let public = [&[UNASSIGNED], TYPE, point.as_bytes()].concat();
        let signer = Self { name: name.to_owned(), id: key_id(name, &public), secret };
        (signer, verifier_key::to_text(name, &public))
    }
}

impl Signer for Sm2Signer {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let signature: Result<Signature, _> =
            SigningKey::new(IDENTITY, &self.secret).and_then(|key| key.try_sign(text));
        // The two are of different versions of one crate; neither says why.
        signature.map(|bytes| bytes.to_bytes().to_vec()).map_err(|_| SignatureError::new())
    }
}

/// The public key.
#[derive(Clone)]
pub(super) struct Sm2Verifier {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl Sm2Verifier {
    pub(super) fn new(parts: &VerifierKey<'_>) -> Result<Self, TrustError> {
        let point = parts
            .bytes
            .strip_prefix(&[UNASSIGNED])
            .and_then(|bytes| bytes.strip_prefix(TYPE))
            .ok_or_else(|| wrong("it is of a type that is not known here"))?;
        if point.len() != POINT {
            return Err(wrong("the key is too short or long"));
        }
        let key = VerifyingKey::from_sec1_bytes(IDENTITY, point)
            .map_err(|_| wrong("it is no point of the curve"))?;
        Ok(Self { name: parts.name.to_owned(), id: parts.id, key })
    }
}

impl Verifier for Sm2Verifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify(text, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_changed_signature_or_text_holds() {
        let (signer, verifier) = Sm2Signer::from_seed("example.org/log", &[1; 32]);
        let verifier = Sm2Verifier::new(&VerifierKey::parse(&verifier).unwrap()).unwrap();
        let mut tried = 0;
        let mut accepted = 0;
        for text in [b"one\n".as_slice(), b"two\n"] {
            let signature = signer.sign(text).unwrap();
            assert!(verifier.verify(text, &signature));
            assert_eq!(signature, signer.sign(text).unwrap(), "signing needs no random numbers");
            for bit in 0..signature.len() * 8 {
                let mut changed = signature.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                tried += 1;
                accepted += usize::from(verifier.verify(text, &changed));
            }
            assert!(!verifier.verify(b"other\n", &signature));
            for length in [0, 32, 63] {
                assert!(!verifier.verify(text, &signature[..length]));
            }
            assert!(!verifier.verify(text, &[signature, vec![0]].concat()));
        }
        assert_eq!((tried, accepted), (1024, 0));
        for nothing in [[0; 64], [0xff; 64]] {
            assert!(!verifier.verify(b"one\n", &nothing));
        }
    }

    #[test]
    fn the_key_stays_the_same_between_versions_of_the_program() {
        let (_, verifier) = Sm2Signer::from_seed("example.org/log", &[1; 32]);
        insta::assert_snapshot!(verifier, @"example.org/log+eb13387f+/2dpdGh1Yi5jb20vaHVpbWluL2h1aW1pbi9zbTItc20zBF+F9A+UANKeHzc0hO4qznhM71vlvu4p2RQh+c2rPBTDBh2O8H7LNjbfv6/fV1uhiJlMRQcVhsUo57L6Y0t9y50=");
    }

    #[test]
    fn a_public_key_of_another_form_is_refused() {
        let (signer, verifier) = Sm2Signer::from_seed("example.org/log", &[1; 32]);
        let bytes = VerifierKey::parse(&verifier).unwrap().bytes;
        let point = bytes.strip_prefix(&[UNASSIGNED]).unwrap().strip_prefix(TYPE).unwrap();
        let refused = |bytes: &[u8]| {
            let text = verifier_key::to_text("example.org/log", bytes);
            Sm2Verifier::new(&VerifierKey::parse(&text).unwrap()).err().unwrap().to_string()
        };
        let compressed = signer.secret.public_key().to_sec1_point(true);
        let mut off_the_curve = bytes.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        let other_type = [&[UNASSIGNED], b"example.org/other".as_slice(), point].concat();
        insta::assert_snapshot!(refused(&[&[UNASSIGNED], TYPE, compressed.as_bytes()].concat()), @"this is not a verifier key of C2SP signed-note: the key is too short or long");
        insta::assert_snapshot!(refused(&off_the_curve), @"this is not a verifier key of C2SP signed-note: it is no point of the curve");
        insta::assert_snapshot!(refused(&other_type), @"this is not a verifier key of C2SP signed-note: it is of a type that is not known here");
    }
}
