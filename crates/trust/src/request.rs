//! Signatures of HTTP requests: HTTP Message Signatures (RFC 9421) with Ed25519, and Digest Fields (RFC 9530).
//!
//! Structured fields are read and written by the library `sfv`. What is ours is the signature base: it is made from the
//! parameters as they came, in the order in which they came, so that any signer's are checked.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use ed25519_dalek::{Signature, VerifyingKey};
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, Item, List, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

/// Components that one signature covers at most; a request has few that matter.
const COMPONENTS: usize = 32;

/// Why a signature does not count. Holds nothing of the request but names of its parts.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SignatureFault {
    /// The fields are not what RFC 9421 says.
    #[error("`Signature-Input` and `Signature` do not hold one signature after RFC 9421")]
    Malformed,
    /// A parameter of the signature is missing, or not of its type.
    #[error("the signature has no usable parameter `{0}`")]
    Parameter(&'static str),
    /// Another algorithm than Ed25519.
    #[error("the signature's algorithm is not `ed25519`")]
    Algorithm,
    /// A component that the request does not have, or that is not supported here.
    #[error(
        "the signature covers `{0}`, which the request does not have, or which is not read here"
    )]
    Component(String),
    /// The signature does not belong to the request and the key.
    #[error("the signature does not belong to this request and this key")]
    False,
}

/// The public key of whoever signs requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey(VerifyingKey);

impl RequestKey {
    /// Reads a public key in PEM (`SubjectPublicKeyInfo`, RFC 8410), as `openssl pkey -pubout` writes it. `None` for anything
    /// else, and for the few keys that fit every signature.
    #[must_use]
    pub fn from_pem(text: &str) -> Option<Self> {
        let key = VerifyingKey::from_public_key_pem(text.trim()).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    /// Reads what [`RequestKey::to_base64`] wrote.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok().map(Self)
    }

    /// The 32 bytes of the key in Base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(self.0.as_bytes())
    }
}

/// A signature that came with a request.
#[derive(Debug, Clone)]
pub struct RequestSignature {
    /// The id of the key that it is made with.
    pub key_id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// When it ends, in seconds since 1970, where it says so.
    pub expires: Option<i64>,
    /// What makes it the only one of its kind.
    pub nonce: String,
    components: Vec<String>,
    /// Covered components and parameters as they came: the last line of the signature base.
    params: String,
    signature: Signature,
}

/// The parts of a request that signatures cover.
pub struct RequestParts<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Host, and port unless it is the scheme's own, in small letters.
    pub authority: &'a str,
    /// The path as it was sent; at least `/`.
    pub path: &'a str,
    /// The query as it was sent, without the question mark.
    pub query: Option<&'a str>,
    /// The value of a header field by its name in small letters; several lines joined by `, `.
    pub field: &'a dyn Fn(&str) -> Option<String>,
}

impl RequestSignature {
    /// Reads the fields `Signature-Input` and `Signature`, which hold one signature.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`], but for [`SignatureFault::False`].
    pub fn read(signature_input: &str, signature: &str) -> Result<Self, SignatureFault> {
        let inputs = dictionary(signature_input)?;
        let signatures = dictionary(signature)?;
        let (Some((label, ListEntry::InnerList(input))), 1, 1) =
            (inputs.first(), inputs.len(), signatures.len())
        else {
            return Err(SignatureFault::Malformed);
        };
        let Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), .. })) =
            signatures.get(label)
        else {
            return Err(SignatureFault::Malformed);
        };
        let signature = Signature::from_slice(bytes).map_err(|_| SignatureFault::Algorithm)?;
        let text = |name: &'static str| match input.params.get(name) {
            Some(BareItem::String(value)) => Ok(value.as_str().to_owned()),
            _ => Err(SignatureFault::Parameter(name)),
        };
        let number = |name: &'static str| match input.params.get(name) {
            Some(BareItem::Integer(value)) => Ok(i64::from(*value)),
            _ => Err(SignatureFault::Parameter(name)),
        };
        if input.params.contains_key("alg") && text("alg")? != "ed25519" {
            return Err(SignatureFault::Algorithm);
        }
        let expires = input.params.contains_key("expires").then(|| number("expires"));
        Ok(Self {
            key_id: text("keyid")?,
            created: number("created")?,
            expires: expires.transpose()?,
            nonce: text("nonce")?,
            components: components(input)?,
            params: written(input)?,
            signature,
        })
    }

    /// The first of some components that it does not cover.
    #[must_use]
    pub fn uncovered<'n>(&self, needed: &[&'n str]) -> Option<&'n str> {
        needed.iter().copied().find(|name| !self.components.iter().any(|known| known == name))
    }

    /// Whether it belongs to a request and a key.
    ///
    /// # Errors
    ///
    /// [`SignatureFault::Component`] and [`SignatureFault::False`].
    pub fn verify(&self, key: &RequestKey, parts: &RequestParts<'_>) -> Result<(), SignatureFault> {
        let base = self.base(parts)?;
        // The strict way also refuses signatures that were changed without the key.
        key.0.verify_strict(base.as_bytes(), &self.signature).map_err(|_| SignatureFault::False)
    }

    /// The signature base, RFC 9421, section 2.5.
    fn base(&self, parts: &RequestParts<'_>) -> Result<String, SignatureFault> {
        let mut base = String::new();
        for name in &self.components {
            let value = match name.as_str() {
                "@method" => Some(parts.method.to_owned()),
                "@authority" => Some(parts.authority.to_owned()),
                "@path" => Some(parts.path.to_owned()),
                "@query" => Some(format!("?{}", parts.query.unwrap_or_default())),
                derived if derived.starts_with('@') => None,
                field => (parts.field)(field),
            };
            let value = value.ok_or_else(|| SignatureFault::Component(name.clone()))?;
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(&self.params);
        Ok(base)
    }
}

/// Whether a field `Content-Digest` (RFC 9530) is that of a body: it has a digest that is known here, and each that is known
/// is right.
#[must_use]
pub fn digest_fits(content_digest: &str, body: &[u8]) -> bool {
    let Ok(digests) = dictionary(content_digest) else { return false };
    let mut known = 0;
    for (name, entry) in &digests {
        let expected = match name.as_str() {
            "sha-256" => Sha256::digest(body).to_vec(),
            "sha-512" => Sha512::digest(body).to_vec(),
            // Older algorithms prove nothing, and others are not known.
            _ => continue,
        };
        let ListEntry::Item(Item { bare_item: BareItem::ByteSequence(given), .. }) = entry else {
            return false;
        };
        if *given != expected {
            return false;
        }
        known += 1;
    }
    known > 0
}

fn dictionary(text: &str) -> Result<Dictionary, SignatureFault> {
    Parser::new(text).parse().map_err(|_| SignatureFault::Malformed)
}

/// The names of the covered components, each once. None may have a parameter, which would mean another value.
fn components(input: &InnerList) -> Result<Vec<String>, SignatureFault> {
    if input.items.len() > COMPONENTS {
        return Err(SignatureFault::Malformed);
    }
    let mut names: Vec<String> = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let BareItem::String(name) = &item.bare_item else { return Err(SignatureFault::Malformed) };
        let name = name.as_str();
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if !item.params.is_empty() || !is_lower || names.iter().any(|known| known == name) {
            return Err(SignatureFault::Component(name.to_owned()));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

fn written(input: &InnerList) -> Result<String, SignatureFault> {
    let list: List = vec![ListEntry::InnerList(input.clone())];
    list.serialize().ok_or(SignatureFault::Malformed)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;

    use super::*;

    /// `test-key-ed25519` and the request of RFC 9421, appendices B.1.4 and B.2.
    const RFC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n\
        -----END PUBLIC KEY-----\n";

    fn field(name: &str) -> Option<String> {
        let value = match name {
            "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type" => "application/json",
            "content-length" => "18",
            "content-digest" => {
                "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
            }
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn parts() -> RequestParts<'static> {
        RequestParts {
            method: "POST",
            authority: "example.com",
            path: "/foo",
            query: Some("param=Value&Pet=dog"),
            field: &field,
        }
    }

    #[test]
    fn the_signature_of_the_standard_holds_and_no_other_request_has_it() {
        // Appendix B.2.6. It has no nonce, which we ask for; the base and the key are what is tested here.
        let params = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
                      \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
        let bytes = BASE64_STANDARD
            .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
            .unwrap();
        let signature = RequestSignature {
            key_id: "test-key-ed25519".to_owned(),
            created: 1_618_884_473,
            expires: None,
            nonce: String::new(),
            components: [
                "date",
                "@method",
                "@path",
                "@authority",
                "content-type",
                "content-length",
            ]
            .map(str::to_owned)
            .to_vec(),
            params: params.to_owned(),
            signature: Signature::from_slice(&bytes).unwrap(),
        };
        let key = RequestKey::from_pem(RFC_KEY).unwrap();
        assert_eq!(signature.verify(&key, &parts()), Ok(()));
        let others = [
            RequestParts { method: "PUT", ..parts() },
            RequestParts { path: "/bar", ..parts() },
            RequestParts { authority: "example.org", ..parts() },
        ];
        for other in others {
            assert_eq!(signature.verify(&key, &other), Err(SignatureFault::False));
        }
        let unsigned = RequestParts { query: None, ..parts() };
        assert_eq!(signature.verify(&key, &unsigned), Ok(()), "the query is not covered");
        assert_eq!(signature.uncovered(&["@method", "@query"]), Some("@query"));
        let no_field = |_: &str| None;
        let without = RequestParts { field: &no_field, ..parts() };
        assert_eq!(
            signature.verify(&key, &without),
            Err(SignatureFault::Component("date".to_owned()))
        );
    }

    fn signed(params: &str, base: &str, seed: u8) -> (String, String) {
        let signature = SigningKey::from_bytes(&[seed; 32]).sign(base.as_bytes());
        let signature = BASE64_STANDARD.encode(signature.to_bytes());
        (format!("sig1={params}"), format!("sig1=:{signature}:"))
    }

    fn key(seed: u8) -> RequestKey {
        RequestKey(SigningKey::from_bytes(&[seed; 32]).verifying_key())
    }

    #[test]
    fn parameters_are_checked_in_the_order_in_which_the_signer_wrote_them() {
        for params in [
            "(\"@method\" \"@query\");created=5;nonce=\"n\";keyid=\"k\";alg=\"ed25519\"",
            "(\"@method\" \"@query\");keyid=\"k\";alg=\"ed25519\";created=5;expires=9;nonce=\"n\"",
            "(\"@method\" \"@query\");tag=\"x\";keyid=\"k\";nonce=\"n\";created=5;other",
        ] {
            let base = format!(
                "\"@method\": POST\n\"@query\": ?param=Value&Pet=dog\n\"@signature-params\": {params}"
            );
            let (input, signature) = signed(params, &base, 1);
            let read = RequestSignature::read(&input, &signature).unwrap();
            assert_eq!((read.key_id.as_str(), read.created, read.nonce.as_str()), ("k", 5, "n"));
            assert_eq!(read.verify(&key(1), &parts()), Ok(()), "{params}");
            assert_eq!(read.verify(&key(2), &parts()), Err(SignatureFault::False));
            let empty = RequestParts { query: None, ..parts() };
            assert_eq!(read.verify(&key(1), &empty), Err(SignatureFault::False));
        }
    }

    #[test]
    fn what_is_not_one_whole_signature_is_refused() {
        let whole = "sig1=(\"@method\");created=5;nonce=\"n\";keyid=\"k\"";
        let (_, signature) = signed("", "", 1);
        assert!(RequestSignature::read(whole, &signature).is_ok());
        let two = format!("{whole}, {}", whole.replace("sig1", "sig2"));
        let fault = |input: &str, signature: &str| {
            RequestSignature::read(input, signature).err().map(|fault| fault.to_string())
        };
        for (input, expected) in [
            ("", SignatureFault::Malformed),
            ("sig1", SignatureFault::Malformed),
            ("sig1=(\"@method\"", SignatureFault::Malformed),
            (two.as_str(), SignatureFault::Malformed),
            (&whole.replace("sig1", "other"), SignatureFault::Malformed),
            (&whole.replace(";created=5", ""), SignatureFault::Parameter("created")),
            (&whole.replace("created=5", "created=\"5\""), SignatureFault::Parameter("created")),
            (&whole.replace(";nonce=\"n\"", ""), SignatureFault::Parameter("nonce")),
            (&whole.replace(";keyid=\"k\"", ""), SignatureFault::Parameter("keyid")),
            (&format!("{whole};expires=soon"), SignatureFault::Parameter("expires")),
            (&format!("{whole};alg=\"hmac-sha256\""), SignatureFault::Algorithm),
            (
                &whole.replace("\"@method\"", "\"@method\" \"@method\""),
                SignatureFault::Component("@method".to_owned()),
            ),
            (
                &whole.replace("\"@method\"", "\"date\";bs"),
                SignatureFault::Component("date".to_owned()),
            ),
            (
                &whole.replace("\"@method\"", "\"Date\""),
                SignatureFault::Component("Date".to_owned()),
            ),
        ] {
            assert_eq!(fault(input, &signature), Some(expected.to_string()), "{input}");
        }
        for signature in ["", "sig1", "sig1=\"text\"", "sig1=:YWJj:", "sig2=:YWJj:"] {
            assert!(fault(whole, signature).is_some(), "{signature}");
        }
        let read =
            RequestSignature::read(&whole.replace("@method", "@status"), &signature).unwrap();
        assert_eq!(
            read.verify(&key(1), &parts()),
            Err(SignatureFault::Component("@status".to_owned()))
        );
    }

    #[test]
    fn a_digest_is_that_of_the_body() {
        // The body of RFC 9421, appendix B.2.
        let body = br#"{"hello": "world"}"#;
        let sha512 = field("content-digest").unwrap();
        let sha256 = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
        assert!(digest_fits(&sha512, body) && digest_fits(sha256, body));
        assert!(digest_fits(&format!("{sha256}, {sha512}, unixsum=:YQ==:"), body));
        assert!(!digest_fits(sha256, b"{}"));
        let false_one = sha256.replace("X48", "X49");
        assert!(!digest_fits(&format!("{false_one}, {sha512}"), body));
        for none in ["", "md5=:YQ==:", "sha-256=1", "sha-256=:YQ==:", "sha-256"] {
            assert!(!digest_fits(none, body), "{none}");
        }
    }

    #[test]
    fn only_keys_of_this_kind_are_taken() {
        let key = RequestKey::from_pem(RFC_KEY).unwrap();
        assert_eq!(RequestKey::from_base64(&key.to_base64()), Some(key));
        // The neutral element of the curve, which fits signatures that nobody has made.
        let weak = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\
            -----END PUBLIC KEY-----\n";
        for other in ["", "key", weak, &RFC_KEY.replace("PUBLIC", "PRIVATE")] {
            assert_eq!(RequestKey::from_pem(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(input in ".{0,200}", signature in ".{0,200}", body: Vec<u8>) {
            let read = RequestSignature::read(&input, &signature);
            prop_assert!(read.is_err() || input.contains("keyid"));
            prop_assert!(!digest_fits(&input, &body) || input.contains("sha-"));
        }

        #[test]
        fn a_changed_signature_does_not_hold(place in 0_usize..64, bit in 0_u8..8) {
            let params = "(\"@method\");created=5;nonce=\"n\";keyid=\"k\"";
            let base = format!("\"@method\": POST\n\"@signature-params\": {params}");
            let mut bytes = SigningKey::from_bytes(&[1; 32]).sign(base.as_bytes()).to_bytes();
            bytes[place] ^= 1 << bit;
            let changed = format!("sig1=:{}:", BASE64_STANDARD.encode(bytes));
            let read = RequestSignature::read(&format!("sig1={params}"), &changed).unwrap();
            prop_assert_eq!(read.verify(&key(1), &parts()), Err(SignatureFault::False));
        }
    }
}
