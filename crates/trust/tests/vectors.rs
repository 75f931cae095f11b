//! The algorithms of the SM suite against the examples of their standards.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm3::{Digest as _, Sm3};
use sm4::Sm4;
use sm4::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};

fn bytes(hex: &str) -> Vec<u8> {
    let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.chunks(2).map(byte).collect()
}

/// GB/T 32905-2016, appendix A.1 and A.2.
#[test]
fn sm3() {
    assert_eq!(
        Sm3::digest(b"abc").to_vec(),
        bytes("66c7f0f4 62eeedd9 d1f2d46b dc10e4e2 4167c487 5cf2f7a2 297da02b 8f4ba8e0")
    );
    assert_eq!(
        Sm3::digest("abcd".repeat(16)).to_vec(),
        bytes("debe9ff9 2275b8a1 38604889 c18e5a4d 6fdb70e5 387e5765 293dcba3 9c0c5732")
    );
}

/// GB/T 32907-2016, appendix A.1 and A.2: one encryption, and a million of them.
#[test]
fn sm4() {
    let key: [u8; 16] = bytes("01234567 89abcdef fedcba98 76543210").try_into().unwrap();
    let cipher = Sm4::new(&key.into());
    let mut block = key.into();
    cipher.encrypt_block(&mut block);
    assert_eq!(block.to_vec(), bytes("681edf34 d206965e 86b3e94f 536e4246"));
    for _ in 1..1_000_000 {
        cipher.encrypt_block(&mut block);
    }
    assert_eq!(block.to_vec(), bytes("595298c7 c6fd271f 0402f804 c33d3f66"));
    for _ in 0..1_000_000 {
        cipher.decrypt_block(&mut block);
    }
    assert_eq!(block.to_vec(), key);
}

const IDENTITY: &str = "1234567812345678";
const PRIVATE: &str = "3945208F 7B2144B1 3F36E38A C6D39F95 88939369 2860B51A 42FB81EF 4DF7C5B8";
const PUBLIC: &str = "04
    09F9DF31 1E5421A1 50DD7D16 1E4BC5C6 72179FAD 1833FC07 6BB08FF3 56F35020
    CCEA490C E26775A5 2DC6EA71 8CC1AA60 0AED05FB F35E084A 6632F607 2DA9AD13";
const SIGNATURE: &str = "
    F5A03B06 48D2C463 0EEAC513 E1BB81A1 5944DA38 27D5B741 43AC7EAC EEE720B3
    B1B6AA29 DF212FD8 763182BC 0D421CA1 BB9038FD 1F7F42D4 840B69C4 85BBC1AA";

/// GB/T 32918.5-2017, appendix A: the signature of "message digest" on the recommended curve.
#[test]
fn sm2() {
    let key = VerifyingKey::from_sec1_bytes(IDENTITY, &bytes(PUBLIC)).unwrap();
    let signature = Signature::from_slice(&bytes(SIGNATURE)).unwrap();
    assert!(key.verify(b"message digest", &signature).is_ok());
    assert!(key.verify(b"message digest.", &signature).is_err());

    // The standard takes a given k; here it follows from key and text. The public key is the same.
    let signer = SigningKey::from_slice(IDENTITY, &bytes(PRIVATE)).unwrap();
    assert_eq!(signer.verifying_key().to_sec1_point(false).as_bytes(), bytes(PUBLIC));
    let own: Signature = signer.sign(b"message digest");
    assert!(key.verify(b"message digest", &own).is_ok());
}
