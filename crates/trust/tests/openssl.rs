//! The SM suite against the `openssl` program (3.0 or newer): other code makes the same bytes out of the same
//! key file, and accepts the same signatures.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use huimin_trust::log::{Head, LogKey, LogVerifier, open_checkpoint};
use huimin_trust::{ColumnKeys, Suite};

const MASTER: [u8; 32] = [7; 32];
const HEAD: Head = Head { size: 70_000, root: [9; 32] };
/// What C2SP signed-note has in front of a public key that has no type of its own, and the type.
const TYPE: &[u8] = b"\xffgithub.com/huimin/huimin/sm2-sm3";

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut process = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program openssl; scripts/setup.sh installs it");
    process.stdin.take().unwrap().write_all(input).unwrap();
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    output.stdout
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &[u8]) -> Vec<u8> {
    let hex: Vec<u8> = hex.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.chunks(2).map(byte).collect()
}

/// HKDF with SM3 and no salt.
fn derived(length: usize, use_of: &str) -> Vec<u8> {
    let length = length.to_string();
    let key = format!("hexkey:{}", hex(&MASTER));
    let info = format!("info:{use_of}");
    let options = ["-kdfopt", "digest:SM3", "-kdfopt", &key, "-kdfopt", &info];
    let arguments = [&["kdf", "-keylen", &length][..], &options, &["HKDF"]].concat();
    bytes(&openssl(&arguments, b""))
}

fn mac(kind: &str, with: &str, key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = format!("hexkey:{}", hex(key));
    bytes(&openssl(&["mac", "-macopt", with, "-macopt", &key, "-in", "-", kind], message))
}

fn cmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    mac("CMAC", "cipher:SM4-CBC", key, message)
}

/// RFC 5297, section 2.3: doubling in the field of 2^128 elements.
fn double(block: &[u8]) -> Vec<u8> {
    let number = u128::from_be_bytes(block.try_into().unwrap());
    let carried = if number >> 127 == 1 { 0x87 } else { 0 };
    ((number << 1) ^ carried).to_be_bytes().to_vec()
}

fn xor(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// RFC 5297, section 2.4, for one header.
fn s2v(key: &[u8], header: &[u8], text: &[u8]) -> Vec<u8> {
    let sum = xor(&double(&cmac(key, &[0; 16])), &cmac(key, header));
    let last = if text.len() >= 16 {
        let (begin, end) = text.split_at(text.len() - 16);
        [begin, &xor(&sum, end)].concat()
    } else {
        let mut padded = text.to_vec();
        padded.push(0x80);
        padded.resize(16, 0);
        xor(&double(&sum), &padded)
    };
    cmac(key, &last)
}

/// RFC 5297, section 2.6.
fn sealed(place: &str, text: &str) -> String {
    let key = derived(32, "huimin 2026-11 sm column seal");
    let (mac_key, counter_key) = key.split_at(16);
    let iv = s2v(mac_key, place.as_bytes(), text.as_bytes());
    let mut counter = iv.clone();
    counter[8] &= 0x7f;
    counter[12] &= 0x7f;
    let (key, counter) = (hex(counter_key), hex(&counter));
    let text = openssl(&["enc", "-sm4-ctr", "-K", &key, "-iv", &counter], text.as_bytes());
    BASE64_STANDARD_NO_PAD.encode([iv, text].concat())
}

#[test]
fn openssl_seals_a_cell_to_the_same_text() {
    let keys = ColumnKeys::from_master_of(Suite::Sm, &MASTER);
    for text in
        ["", "19900191234", "440199195003070", "4401991950030700", "广州市越秀区中山四路123号502房"]
    {
        assert_eq!(
            keys.seal("pension", "phone", "row1", text),
            sealed("pension\u{1f}phone\u{1f}row1", text),
            "{} bytes",
            text.len()
        );
    }
}

#[test]
fn openssl_makes_the_same_token_digest_and_name() {
    let keys = ColumnKeys::from_master_of(Suite::Sm, &MASTER);
    let hmac = |use_of, message| mac("HMAC", "digest:SM3", &derived(32, use_of), message);
    let token = hmac("huimin 2026-11 sm column token", b"phone\x1f19900191234");
    assert_eq!(keys.token("phone", "19900191234"), hex(&token[..16]));
    let digest = hmac("huimin 2026-11 sm row digest", b"a row");
    assert_eq!(keys.digest(b"a row").to_be_bytes().as_slice(), &digest[..8]);
    assert_eq!(keys.id(), hex(&derived(8, "huimin 2026-11 sm key id")));
}

/// The algorithm and curve (1.2.156.10197.1.301) of a public key in ASN.1, before its point of 65 bytes.
const KEY_HEAD: &str = "3059301306072a8648ce3d020106082a811ccf5501822d034200";

/// The two numbers of a signature in ASN.1.
fn to_der(signature: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let begin = bytes.iter().position(|byte| *byte != 0).unwrap();
        let sign: &[u8] = if bytes[begin] >= 0x80 { &[0] } else { &[] };
        let bytes = [sign, &bytes[begin..]].concat();
        [&[2, u8::try_from(bytes.len()).unwrap()], bytes.as_slice()].concat()
    };
    let numbers = [number(&signature[..32]), number(&signature[32..])].concat();
    [&[0x30, u8::try_from(numbers.len()).unwrap()], numbers.as_slice()].concat()
}

fn from_der(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut signature = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        signature.extend(vec![0; 32 - number.len()]);
        signature.extend(number);
        rest = after;
    }
    signature
}

const VERIFY: [&str; 11] = [
    "pkeyutl",
    "-rawin",
    "-digest",
    "sm3",
    "-pkeyopt",
    "distid:1234567812345678",
    "-in",
    "text",
    "-sigfile",
    "signature",
    "-verify",
];

fn verifies(folder: &Path) -> bool {
    Command::new("openssl")
        .args(VERIFY)
        .args(["-pubin", "-keyform", "DER", "-inkey", "key"])
        .current_dir(folder)
        .output()
        .unwrap()
        .status
        .success()
}

#[test]
fn openssl_accepts_a_checkpoint_and_no_other_text() {
    let folder = tempfile::tempdir().unwrap();
    let key = LogKey::from_seed_of(Suite::Sm, "example.org/log", &[1; 32]).unwrap();
    let public = BASE64_STANDARD.decode(key.verifier_key().splitn(3, '+').nth(2).unwrap()).unwrap();
    let point = public.strip_prefix(TYPE).unwrap();
    let note = String::from_utf8(key.sign(HEAD).unwrap()).unwrap();
    let (text, signatures) = note.split_once("\n\n").unwrap();
    let signature = signatures.trim().rsplit(' ').next().unwrap();
    // Behind the id of the key.
    let signature = &BASE64_STANDARD.decode(signature).unwrap()[4..];
    let der = [bytes(KEY_HEAD.as_bytes()).as_slice(), point].concat();
    fs::write(folder.path().join("key"), der).unwrap();
    fs::write(folder.path().join("signature"), to_der(signature)).unwrap();
    fs::write(folder.path().join("text"), format!("{text}\n")).unwrap();
    assert!(verifies(folder.path()));
    fs::write(folder.path().join("text"), text).unwrap();
    assert!(!verifies(folder.path()));
}

#[test]
fn a_checkpoint_that_openssl_signed_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (private, public) = (path("private"), path("public"));
    let curve = "ec_paramgen_curve:SM2";
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", curve, "-out", &private], b"");
    openssl(&["pkey", "-in", &private, "-pubout", "-outform", "DER", "-out", &public], b"");
    let der = fs::read(&public).unwrap();
    let key = [TYPE, &der[der.len() - 65..]].concat();
    let id = signed_note::key_id("example.org/log", &key);
    let verifier = format!("example.org/log+{id:08x}+{}", BASE64_STANDARD.encode(&key));
    let verifier = LogVerifier::parse(&verifier).unwrap();

    let text = format!("example.org/log\n{}\n{}\n", HEAD.size, BASE64_STANDARD.encode(HEAD.root));
    fs::write(path("text"), &text).unwrap();
    let identity = "distid:1234567812345678";
    let sign = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", identity];
    let signature =
        openssl(&[&sign[..], &["-inkey", &private, "-in", &path("text")]].concat(), b"");
    let signature = [&id.to_be_bytes(), from_der(&signature).as_slice()].concat();
    let note = format!("{text}\n— example.org/log {}\n", BASE64_STANDARD.encode(signature));
    assert_eq!(open_checkpoint(note.as_bytes(), &verifier, &[]).unwrap().head, HEAD);
    let other = note.replace("70000", "70001");
    assert!(open_checkpoint(other.as_bytes(), &verifier, &[]).is_err());
}
