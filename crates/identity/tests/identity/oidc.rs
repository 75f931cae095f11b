//! Sign-in by OpenID Connect: attempts and links on both databases, and what of a provider's answers counts.

use futures::future::join_all;
use identity::oidc::attempt::{self, Attempt, Taken};
use identity::oidc::{Identity, OidcError, Provider, Settings, Whom, link, waiting};
use identity::session::{self, Token};
use identity::{IdentityError, Role};
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use serde_json::{Value, json};
use store::sea_orm::DatabaseConnection;
use testing::Kind;
use testing::provider::{Signing, TestProvider};
use trust::ColumnKeys;

use crate::place::{acts, database, make, now};

const ISSUER: &str = "https://id.example.gov.cn";

fn keys() -> ColumnKeys {
    ColumnKeys::from_master(&[7; 32])
}

/// An attempt and what the provider gives back.
async fn begun(db: &DatabaseConnection) -> (Attempt, Token) {
    let attempt = Attempt::random().unwrap();
    attempt.begin(db, &keys(), Whom::Staff, "/console/people", now()).await.unwrap();
    let state = Token::parse(attempt.state()).unwrap();
    (attempt, state)
}

async fn taken(
    db: &DatabaseConnection,
    whom: Whom,
    both: (&Token, &Token),
    at: Timestamp,
) -> Option<Taken> {
    attempt::take(db, &keys(), whom, both, at).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn an_attempt_is_good_once_for_ten_minutes_in_the_browser_that_began(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let (attempt, state) = begun(&db).await;
    let (other, other_state) = begun(&db).await;
    let staff = Whom::Staff;
    let late = now() + 10.minutes();
    assert!(taken(&db, staff, (&state, &other.browser), now()).await.is_none());
    assert!(taken(&db, staff, (&other_state, &attempt.browser), now()).await.is_none());
    assert!(taken(&db, Whom::Citizens, (&state, &attempt.browser), now()).await.is_none());
    assert!(taken(&db, staff, (&state, &attempt.browser), late).await.is_none());
    // Nothing of that has spent it.
    let right = taken(&db, staff, (&state, &attempt.browser), now() + 9.minutes()).await;
    assert_eq!(right.unwrap().return_to, "/console/people");
    assert!(taken(&db, staff, (&state, &attempt.browser), now()).await.is_none());
}

#[rstest]
#[tokio::test]
async fn of_those_who_come_with_the_same_at_once_one_gets_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for _ in 0..5 {
        let (attempt, state) = begun(&db).await;
        let all = (0..8).map(|_| taken(&db, Whom::Staff, (&state, &attempt.browser), now()));
        assert_eq!(join_all(all).await.into_iter().flatten().count(), 1);
    }
}

#[rstest]
#[tokio::test]
async fn a_link_is_one_accounts_and_ends_its_sessions_with_each_change(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for username in ["wu", "li"] {
        make(&db, username, &[Role::CaseWorker]).await.unwrap();
    }
    let begin = async || {
        let (token, waits) = (Token::random().unwrap(), Token::random().unwrap());
        session::start(&db, &token, "wu", false, now()).await.unwrap();
        waiting::begin(&db, &waits, "wu", now()).await.unwrap();
        (token, waits)
    };
    let has_ended = async |(token, waits): &(Token, Token)| {
        let session = session::caller(&db, token, now()).await.unwrap();
        session.is_none() && waiting::username(&db, waits, now()).await.unwrap().is_none()
    };
    let set = async |account: &str, subject: &str, by: &str| {
        link::set(&db, account, (ISSUER, subject), by, now()).await
    };
    let whose = async |subject: &str| link::username(&db, ISSUER, subject).await.unwrap();

    let before = begin().await;
    assert!(!has_ended(&before).await);
    set("wu", "w-1", "chen").await.unwrap();
    assert!(has_ended(&before).await);
    assert_eq!(whose("w-1").await.as_deref(), Some("wu"));
    assert_eq!(link::username(&db, "https://other.example", "w-1").await.unwrap(), None);
    let made = link::of(&db, "wu").await.unwrap().unwrap();
    assert_eq!((made.subject.as_str(), made.made_by.as_str()), ("w-1", "chen"));

    let refused = set("li", "w-1", "chen").await;
    assert!(matches!(refused, Err(IdentityError::OidcLinkExists)), "{refused:?}");
    assert!(matches!(set("wu", "w-2", "wu").await, Err(IdentityError::Own)));
    for subject in ["", "a b", "张三", &"x".repeat(256)] {
        assert!(matches!(set("wu", subject, "chen").await, Err(IdentityError::OidcSubject)));
    }

    let before = begin().await;
    set("wu", "w-2", "chen").await.unwrap();
    assert!(has_ended(&before).await);
    assert_eq!((whose("w-1").await, whose("w-2").await.as_deref()), (None, Some("wu")));

    let before = begin().await;
    assert!(matches!(link::take_away(&db, "wu", "wu", now()).await, Err(IdentityError::Own)));
    link::take_away(&db, "wu", "chen", now()).await.unwrap();
    assert!(has_ended(&before).await);
    assert_eq!(whose("w-2").await, None);
    assert!(matches!(
        link::take_away(&db, "wu", "chen", now()).await,
        Err(IdentityError::NoOidcLink)
    ));
    let acts = acts(&db).await;
    assert!(acts.ends_with(&["oidc.link", "oidc.link", "oidc.unlink"].map(str::to_owned)));
}

#[rstest]
#[tokio::test]
async fn of_accounts_that_are_linked_to_the_same_at_once_one_is(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let names = ["wu", "li", "he", "ma"];
    for username in names {
        make(&db, username, &[Role::CaseWorker]).await.unwrap();
    }
    let all = names.map(|name| link::set(&db, name, (ISSUER, "w-1"), "chen", now()));
    let done = join_all(all).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    let others = done.iter().filter_map(|done| done.as_ref().err());
    assert!(
        others.into_iter().all(|error| matches!(error, IdentityError::OidcLinkExists)),
        "{done:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_code_is_waited_for_five_minutes_and_ends_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    let token = Token::random().unwrap();
    waiting::begin(&db, &token, "wu", now()).await.unwrap();
    let whose = async |at| waiting::username(&db, &token, at).await.unwrap();
    assert_eq!(whose(now() + 4.minutes()).await.as_deref(), Some("wu"));
    assert_eq!(whose(now() + 5.minutes()).await, None);
    assert!(waiting::end(&db, &token).await.unwrap());
    assert!(!waiting::end(&db, &token).await.unwrap());
    assert_eq!(whose(now()).await, None);
}

/// A provider that signs as it is told, and what is asked of it.
struct Place {
    _database: testing::TestDatabase,
    db: DatabaseConnection,
    at: TestProvider,
    provider: Provider,
}

impl Place {
    async fn new() -> Self {
        let (database, db) = database(Kind::Sqlite).await;
        let at = TestProvider::start().await;
        let provider = Provider::new(Settings {
            issuer: at.issuer(),
            client_id: "huimin",
            secret: "secret".to_owned().into(),
            redirect: "http://127.0.0.1:1/back",
            scopes: &["profile".to_owned()],
            strict: false,
        });
        Self { _database: database, db, at, provider: provider.unwrap() }
    }

    /// Redeems a code for an ID token that says this, besides what a right one does. A claim that is null is left out.
    async fn redeem(&self, changed: Value, wanted: &[&str]) -> Result<Identity, OidcError> {
        self.redeem_at(changed, wanted, now()).await
    }

    async fn redeem_at(
        &self,
        changed: Value,
        wanted: &[&str],
        at: Timestamp,
    ) -> Result<Identity, OidcError> {
        let attempt = Attempt::random().unwrap();
        attempt.begin(&self.db, &keys(), Whom::Staff, "/console", at).await.unwrap();
        let address = self.provider.authorization(&attempt, at).await?;
        let nonce = address.query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned();
        let mut claims = json!({
            "iss": self.at.issuer(), "aud": "huimin", "sub": "w-1", "nonce": nonce,
            "iat": at.as_second(), "exp": at.as_second() + 300,
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.at.next().claims = claims;
        let state = Token::parse(attempt.state()).unwrap();
        let both = (&state, &attempt.browser);
        let taken = taken(&self.db, Whom::Staff, both, at).await.unwrap();
        self.provider.redeem("c", &taken, wanted, at).await
    }

    /// Why an ID token is not believed.
    async fn distrust(&self, changed: Value) -> String {
        match self.redeem(changed, &[]).await {
            Err(OidcError::Untrusted(why)) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_address_of_the_provider_asks_for_a_code_with_pkce_state_and_nonce() {
    let place = Place::new().await;
    let attempt = Attempt::random().unwrap();
    let address = place.provider.authorization(&attempt, now()).await.unwrap();
    let query: std::collections::BTreeMap<_, _> = address.query_pairs().into_owned().collect();
    assert!(address.as_str().starts_with(&format!("{}/authorize?", place.at.issuer())));
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "huimin");
    assert_eq!(query["redirect_uri"], "http://127.0.0.1:1/back");
    assert_eq!(query["scope"], "openid profile");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!((query["state"].as_str(), query["nonce"].len()), (attempt.state(), 64));
    // SHA-256 in base64url.
    assert_eq!(query["code_challenge"].len(), 43);
    assert_eq!(query.len(), 8);
}

#[tokio::test]
async fn a_right_id_token_tells_who_somebody_is_and_whether_a_second_factor_was_given() {
    let place = Place::new().await;
    let plain = place.redeem(json!({}), &[]).await.unwrap();
    assert_eq!((plain.issuer.as_str(), plain.subject.as_str()), (place.at.issuer(), "w-1"));
    assert!(!plain.by_code);
    for (methods, by_code) in [
        (json!(["pwd"]), false),
        (json!(["pwd", "sms", "face"]), false),
        (json!(["pwd", "otp"]), true),
        (json!(["mfa"]), true),
        (json!(["hwk"]), true),
        (json!(["swk"]), true),
        (json!(["sc", "pin"]), true),
        (json!([]), false),
    ] {
        let identity = place.redeem(json!({ "amr": methods }), &[]).await.unwrap();
        assert_eq!(identity.by_code, by_code, "{methods}");
    }
    let form = place.at.asked().redeemed[0].clone();
    assert_eq!(
        (form["grant_type"].as_str(), form["code_verifier"].len()),
        ("authorization_code", 64)
    );
    assert_eq!(form["redirect_uri"], "http://127.0.0.1:1/back");
    // The secret goes into the header.
    assert!(!form.contains_key("client_secret"));
    // Its description is read once, not with each sign-in.
    assert_eq!(place.at.asked().descriptions, 1);
}

#[tokio::test]
async fn a_forged_id_token_is_not_believed() {
    let place = Place::new().await;
    let second = now().as_second();
    for (changed, why) in [
        (json!({ "nonce": "another" }), "another request"),
        (json!({ "nonce": null }), "another request"),
        (json!({ "aud": "other" }), "another client"),
        (json!({ "aud": ["huimin", "other"] }), "another client"),
        (json!({ "aud": null }), "another client"),
        (json!({ "iss": "https://other.example" }), "another issuer"),
        (json!({ "iss": format!("{}/", place.at.issuer()) }), "another issuer"),
        (json!({ "exp": second }), "expired"),
        (json!({ "exp": second - 3600 }), "expired"),
        (json!({ "iat": second + 180, "exp": second + 600 }), "of the future"),
    ] {
        let told = place.distrust(changed.clone()).await;
        assert!(told.contains(why), "{changed}: {told}");
    }
    for (signing, why) in [
        (Signing::OtherKey, "signature is wrong"),
        (Signing::Changed, "signature is wrong"),
        (Signing::UnpublishedKey, "does not have"),
        (Signing::Nothing, "not signed"),
        (Signing::Secret, "not taken"),
    ] {
        place.at.next().signing = signing;
        let told = match place.redeem(json!({}), &[]).await {
            Err(OidcError::Untrusted(told)) => told,
            other => panic!("{signing:?}: {other:?}"),
        };
        assert!(told.contains(why), "{signing:?}: {told}");
    }
    // Without the fault the same is believed.
    place.at.next().signing = Signing::Right;
    assert!(place.redeem(json!({}), &[]).await.is_ok());
}

#[tokio::test]
async fn claims_come_from_the_id_token_or_else_from_user_info_of_the_same_person() {
    let place = Place::new().await;
    let wanted = ["id_number", "name"];
    let in_token = json!({ "id_number": " 1 ", "name": "张三" });
    let identity = place.redeem(in_token, &wanted).await.unwrap();
    assert_eq!((identity.claim("id_number"), identity.claim("name")), (Some("1"), Some("张三")));

    place.at.next().user_info = json!({ "sub": "w-1", "id_number": "2", "name": "李四" });
    let identity = place.redeem(json!({ "name": "张三" }), &wanted).await.unwrap();
    assert_eq!((identity.claim("id_number"), identity.claim("name")), (Some("2"), Some("张三")));
    // Nobody asks for more than is wanted.
    let identity = place.redeem(json!({}), &[]).await.unwrap();
    assert_eq!(identity.claim("name"), None);

    place.at.next().user_info = json!({ "sub": "w-2", "id_number": "2", "name": "李四" });
    let other = place.redeem(json!({}), &wanted).await;
    assert!(
        matches!(&other, Err(OidcError::Untrusted(why)) if why.contains("somebody else")),
        "{other:?}"
    );
    // What is said of somebody is in no text of an error or for a log.
    assert!(!format!("{identity:?} {other:?}").contains("w-"));
}

#[tokio::test]
async fn a_provider_that_changes_its_keys_or_was_down_is_asked_again_but_not_all_the_time() {
    let place = Place::new().await;
    assert!(place.redeem(json!({}), &[]).await.is_ok());
    place.at.next().key = 1;
    let later = now() + 20.seconds();
    assert!(place.redeem_at(json!({}), &[], later).await.is_ok());
    assert_eq!(place.at.asked().descriptions, 2);
    // A token of a key that nobody knows does not make us ask with each one.
    place.at.next().signing = Signing::UnpublishedKey;
    for _ in 0..5 {
        assert!(place.redeem_at(json!({}), &[], later + 1.second()).await.is_err());
    }
    assert_eq!(place.at.asked().descriptions, 2);
    place.at.next().signing = Signing::Right;

    let hours = now() + 2.hours();
    place.at.next().is_down = true;
    for _ in 0..3 {
        let down = place.redeem_at(json!({}), &[], hours).await;
        assert!(matches!(down, Err(OidcError::Unavailable(_))), "{down:?}");
    }
    assert_eq!(place.at.asked().descriptions, 3);
    place.at.next().is_down = false;
    assert!(place.redeem_at(json!({}), &[], hours + 11.seconds()).await.is_ok());
}

#[tokio::test]
async fn a_code_goes_nowhere_else_and_what_is_too_large_or_of_another_issuer_is_not_read() {
    let place = Place::new().await;
    place.at.next().refused_code = Some("c".to_owned());
    let refused = place.redeem(json!({}), &[]).await;
    assert!(
        matches!(&refused, Err(OidcError::Refused(why)) if why == "invalid_grant"),
        "{refused:?}"
    );
    place.at.next().refused_code = None;

    let elsewhere = TestProvider::start().await;
    place.at.next().leads_on = Some(format!("{}/token", elsewhere.issuer()));
    assert!(place.redeem(json!({}), &[]).await.is_err());
    assert_eq!(elsewhere.asked().redeemed.len(), 0);
    place.at.next().leads_on = None;

    let hours = now() + 2.hours();
    place.at.next().padding = 600_000;
    let large = place.redeem_at(json!({}), &[], hours).await;
    assert!(
        matches!(&large, Err(OidcError::Unavailable(why)) if why.contains("bytes")),
        "{large:?}"
    );
    place.at.next().padding = 0;
    place.at.next().other_issuer = true;
    let other = place.redeem_at(json!({}), &[], hours + 1.minute()).await;
    assert!(
        matches!(&other, Err(OidcError::Unavailable(why)) if why.contains("issuer")),
        "{other:?}"
    );
}

#[tokio::test]
async fn an_answer_that_names_another_provider_or_none_is_not_taken() {
    let place = Place::new().await;
    let check = async |issuer| place.provider.check_sender(issuer, now()).await;
    assert!(check(Some(place.at.issuer())).await.is_ok());
    // It says of itself that it names itself (RFC 9207).
    assert!(matches!(check(None).await, Err(OidcError::Untrusted(_))));
    assert!(matches!(check(Some("https://other.example")).await, Err(OidcError::Untrusted(_))));
}
