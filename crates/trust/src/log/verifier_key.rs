//! The text of public keys, C2SP `signed-note`: `<name>+<key id>+<Base64 of type and key>`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use signed_note::{is_key_name_valid, key_id};

use crate::TrustError;

/// The parts of a public key.
pub(super) struct VerifierKey<'t> {
    pub(super) name: &'t str,
    pub(super) id: u32,
    /// The type and the key.
    pub(super) bytes: Vec<u8>,
}

impl<'t> VerifierKey<'t> {
    /// Parts that belong together: the id is that of name, type and key.
    pub(super) fn parse(text: &'t str) -> Result<Self, TrustError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("expected <name>+<key id>+<key>"));
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| wrong("the key is not Base64"))?;
        let expected = key_id(name, &bytes);
        if !is_key_name_valid(name) || id != format!("{expected:08x}") {
            return Err(wrong("the key id does not belong to this name and key"));
        }
        Ok(Self { name, id: expected, bytes })
    }
}

/// The text of a public key of this type and name.
pub(super) fn to_text(name: &str, bytes: &[u8]) -> String {
    format!("{name}+{:08x}+{}", key_id(name, bytes), BASE64_STANDARD.encode(bytes))
}

pub(super) fn wrong(reason: &str) -> TrustError {
    TrustError::VerifierKey { reason: reason.to_owned() }
}
