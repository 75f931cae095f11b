//! Every problem has both texts, and they say the same.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;
use identity::oidc::OidcError;
use identity::{IdentityError as E, PasswordFault};
use tasks::TaskError;
use trust::request::SignatureFault as F;
use vocab::Period;

use super::{ApiError, Language};

/// Where the codes stand.
const SOURCES: [&str; 8] = [
    include_str!("accounts.rs"),
    include_str!("changes.rs"),
    include_str!("citizens.rs"),
    include_str!("partners.rs"),
    include_str!("oidc.rs"),
    include_str!("refusal.rs"),
    include_str!("requests.rs"),
    include_str!("results.rs"),
];

/// Calls outside of this module that bring texts of their own.
const CALLS: [&str; 2] = ["bad_parameter(", "body("];

fn of_constructors() -> Vec<ApiError> {
    vec![
        ApiError::not_signed_in(),
        ApiError::wrong_credentials(),
        ApiError::locked_out(599),
        ApiError::code_needed(),
        ApiError::wrong_code(),
        ApiError::sign_in_busy(),
        ApiError::password_to_change(),
        ApiError::second_factor_needed(),
        ApiError::user_unknown(),
        ApiError::tag_needed(),
        ApiError::changed(),
        ApiError::key_needed(),
        ApiError::key_reused(),
        ApiError::citizen_not_signed_in(),
        ApiError::wrong_citizen(),
        ApiError::bad_id_number(),
        ApiError::bad_phone(),
        ApiError::no_sms(),
        ApiError::may_not_entrust(),
        ApiError::representative_unknown(),
        ApiError::representation_unknown(),
        ApiError::signature_needed(),
        ApiError::signature_without("@query"),
        ApiError::signature_not_timely(),
        ApiError::signature_used(),
        ApiError::digest_wrong(),
        ApiError::not_agreed(),
        ApiError::oidc_not_offered(),
        ApiError::bad_return(),
        ApiError::oidc_expired(),
        ApiError::oidc_cancelled(),
        ApiError::oidc_not_linked(),
        ApiError::oidc_no_person(),
        OidcError::Unavailable(String::new()).into(),
        OidcError::Refused(String::new()).into(),
        ApiError::client_unknown(),
        ApiError::bad_cursor(),
        ApiError::bad_body("应为文本 `a`", "a text `a`"),
        ApiError::too_many_requests(7),
        ApiError::overloaded(),
        ApiError::not_by_tls(),
        ApiError::route_unknown(),
        ApiError::internal("on purpose"),
        ApiError::nothing_published(),
        ApiError::period_unknown(Period::parse("2024-01").unwrap()),
        ApiError::person_unknown(),
        ApiError::policy_unknown(),
        ApiError::decision_unknown(),
        ApiError::export_too_large(2_000_000, 1_048_575),
        ApiError::task_unknown(),
    ]
}

fn of_refusals() -> Vec<ApiError> {
    let word = || "word".to_owned();
    let identity = [
        E::Password(PasswordFault::Short),
        E::Password(PasswordFault::Long),
        E::Password(PasswordFault::Guessed),
        E::Password(PasswordFault::Same),
        E::Username(word()),
        E::OrganisationId(word()),
        E::Name,
        E::UserExists(word()),
        E::UserUnknown(word()),
        E::OrganisationExists(word()),
        E::OrganisationUnknown(word()),
        E::OutsideParent,
        E::Role(word()),
        E::RolesTogether,
        E::NoOrganisation("case_worker"),
        E::Purpose(word()),
        E::Grant,
        E::GrantUnknown,
        E::Representation,
        E::RepresentationExists,
        E::RepresentationUnknown,
        E::ApiClientId(word()),
        E::ApiClientExists(word()),
        E::ApiClientUnknown,
        E::ApiClientKey,
        E::ApiClientKeyTime,
        E::ApiClientKeys,
        E::ApiClientKeyExists,
        E::ApiClientKeyUnknown,
        E::Agreement,
        E::AgreementExists,
        E::AgreementUnknown,
        E::OidcSubject,
        E::OidcLinkExists,
        E::NoOidcLink,
        E::Own,
        E::Changed,
        E::SecondFactorExists,
        E::NoSecondFactor,
        E::Code,
        E::Totp(word()),
    ];
    let tasks = [
        TaskError::Unknown,
        TaskError::Changed,
        TaskError::State { state: "done", act: "take" },
        TaskError::NotYours,
        TaskError::Note,
    ];
    let signatures = [
        F::Malformed,
        F::Parameter("nonce"),
        F::Algorithm,
        F::Component("@query".to_owned()),
        F::False,
    ];
    let statuses = [
        StatusCode::NOT_FOUND,
        StatusCode::UNAUTHORIZED,
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::FORBIDDEN,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    let identity = identity.into_iter().map(ApiError::from);
    let tasks = tasks.into_iter().map(ApiError::from);
    let signatures = signatures.into_iter().map(ApiError::of_signature);
    let statuses = statuses.into_iter().map(ApiError::of_status);
    identity.chain(tasks).chain(signatures).chain(statuses).collect()
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// The numbers of a text in order of their digits.
fn figures(text: &str) -> Vec<&str> {
    let parts = text.split(|letter: char| !letter.is_ascii_digit());
    let mut figures: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    figures.sort_unstable();
    figures
}

/// What stands between backticks, sorted.
fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    names.sort_unstable();
    names
}

/// Checks that two texts are Chinese and English, and speak of the same things.
#[track_caller]
fn check(zh: &str, en: &str) {
    assert!(zh.chars().any(is_han), "{zh:?} is not Chinese");
    assert!(en.is_ascii() && !en.trim().is_empty(), "{en:?} is not English");
    assert_eq!(figures(zh), figures(en), "{zh} / {en}");
    assert_eq!(names(zh), names(en), "{zh} / {en}");
    // Names and codes keep their own punctuation.
    let prose: String = zh.split('`').step_by(2).collect();
    assert!(!prose.contains([',', ';', ':', '!', '?', '(', ')', '.']), "{zh}");
}

#[test]
fn every_problem_says_the_same_in_both_languages() {
    for error in of_constructors().into_iter().chain(of_refusals()) {
        let problem = error.problem();
        check(problem.title.zh, problem.title.en);
        if let Some(detail) = &problem.detail {
            check(&detail.zh, &detail.en);
            assert!(detail.zh.ends_with('。'), "{}", detail.zh);
        }
    }
}

#[test]
fn no_code_is_left_out_here() {
    let made = of_constructors().into_iter().chain(of_refusals());
    let made: BTreeSet<&str> = made.map(|error| error.problem().code).collect();
    let is_code = |text: &&str| {
        let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
        !text.is_empty() && text.bytes().all(is_upper)
    };
    let literals = SOURCES.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let written: BTreeSet<&str> = literals.filter(is_code).collect();
    assert_eq!(made, written);
}

#[test]
fn a_problem_is_told_in_one_language_with_the_same_code_and_status() {
    let error = ApiError::bad_cursor();
    let zh = error.problem().clone().told(Language::Zh, "0123");
    let en = error.problem().clone().told(Language::En, "0123");
    assert_eq!((zh.title, en.title), ("参数无效", "A parameter is not valid"));
    assert_eq!(zh.detail.as_deref(), Some("参数 `cursor`：应为上一页的 `next`。"));
    assert_eq!(
        en.detail.as_deref(),
        Some("Parameter `cursor`: expected `next` of the page before.")
    );
    for problem in [zh, en] {
        assert_eq!((problem.code, problem.status), ("PARAMETER-INVALID", 400));
        assert_eq!(problem.kind, "urn:huimin:problem:parameter-invalid");
        assert_eq!(
            (problem.parameter, problem.request_id.as_deref()),
            (Some("cursor"), Some("0123"))
        );
    }
}

/// The texts between quotes of a call whose arguments begin here.
fn literals(arguments: &str) -> Vec<&str> {
    let (mut depth, mut found, mut rest) = (1, Vec::new(), arguments);
    while depth > 0 {
        let at = rest.find(['"', '(', ')']).expect("the call ends");
        let (mark, after) = rest[at..].split_at(1);
        rest = after;
        match mark {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {
                let (text, after) = rest.split_once('"').expect("the text ends");
                found.push(text);
                rest = after;
            }
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("problem") {
            sources(&path, found);
        } else if path.is_file() {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_callers_expect_is_said_in_both_languages() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut checked = 0;
    for file in &files {
        for call in CALLS {
            for (at, _) in file.match_indices(call) {
                let texts = literals(&file[at + call.len()..]);
                if let [.., zh, en] = texts.as_slice() {
                    check(zh, en);
                    checked += 1;
                } else {
                    assert!(texts.is_empty(), "{texts:?} has no translation");
                }
            }
        }
    }
    assert!(checked >= 30, "only {checked} calls were found");
}
