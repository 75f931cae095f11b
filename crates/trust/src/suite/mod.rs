//! The suites: which algorithms a key works with.

mod international;
mod sm;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use zeroize::Zeroizing;

pub(crate) use sm::sm2_secret;

use crate::TrustError;

/// Length of a master key in bytes.
pub(crate) const MASTER: usize = 32;
/// Length of a token in bytes.
pub(crate) const TOKEN: usize = 16;
/// Length of a key's public name in bytes.
const ID: usize = 8;

pub(crate) type Master = Zeroizing<[u8; MASTER]>;

/// The algorithms that a key works with. It is a property of the key and stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// Cells: AES-256-GCM-SIV (RFC 8452). Tokens, digests and derived keys: BLAKE3. Signatures: Ed25519
    /// (RFC 8032).
    International,
    /// 国密. Cells: SM4 (GB/T 32907) in the mode SIV (RFC 5297). Tokens, digests and derived keys: SM3
    /// (GB/T 32905) in HMAC and HKDF. Signatures: SM2 (GB/T 32918).
    Sm,
}

impl Suite {
    /// The name in settings: `international` or `sm`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::International => "international",
            Self::Sm => "sm",
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Suite {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, TrustError> {
        [Self::International, Self::Sm]
            .into_iter()
            .find(|suite| suite.as_str() == text)
            .ok_or_else(|| TrustError::Suite { text: text.to_owned() })
    }
}

/// What follows from a master key: a key of its own for every use, so that what one of them gives away says
/// nothing about the others.
pub(crate) enum Secrets {
    International(Box<international::Secrets>),
    Sm(Box<sm::Secrets>),
}

impl Secrets {
    /// The keys, and the public name of the master.
    pub(crate) fn derive(suite: Suite, master: &[u8; MASTER]) -> (Self, [u8; ID]) {
        match suite {
            Suite::International => {
                let (secrets, id) = international::Secrets::derive(master);
                (Self::International(Box::new(secrets)), id)
            }
            Suite::Sm => {
                let (secrets, id) = sm::Secrets::derive(master);
                (Self::Sm(Box::new(secrets)), id)
            }
        }
    }

    /// Seals and opens many cells.
    pub(crate) fn sealer(&self) -> Sealer<'_> {
        match self {
            Self::International(secrets) => Sealer::International(secrets.sealer()),
            Self::Sm(secrets) => Sealer::Sm(Box::new(secrets.sealer())),
        }
    }

    pub(crate) fn token(&self, message: &[u8]) -> [u8; TOKEN] {
        match self {
            Self::International(secrets) => secrets.token(message),
            Self::Sm(secrets) => secrets.token(message),
        }
    }

    pub(crate) fn digest(&self, bytes: &[u8]) -> u64 {
        match self {
            Self::International(secrets) => secrets.digest(bytes),
            Self::Sm(secrets) => secrets.digest(bytes),
        }
    }
}

/// A cipher with its buffers.
pub(crate) enum Sealer<'k> {
    International(international::Sealer<'k>),
    Sm(Box<sm::Sealer>),
}

impl Sealer<'_> {
    /// Makes `cell` the sealed form of `plain`. Nothing for a text beyond the cipher's limit, of gigabytes.
    pub(crate) fn seal(&mut self, place: &[u8], plain: &[u8], cell: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::International(sealer) => sealer.seal(place, plain, cell),
            Self::Sm(sealer) => sealer.seal(place, plain, cell),
        }
    }

    /// Opens a cell where it lies, and says where in it the plain text is. What is left of a cell that does
    /// not open is of no use.
    pub(crate) fn open(&mut self, place: &[u8], cell: &mut [u8]) -> Option<Range<usize>> {
        match self {
            Self::International(sealer) => sealer.open(place, cell),
            Self::Sm(sealer) => sealer.open(place, cell),
        }
    }
}

/// The first bytes of a hash that is at least as long.
fn first<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut first = [0; N];
    for (place, byte) in first.iter_mut().zip(hash) {
        *place = *byte;
    }
    first
}
