//! Partners' programs, their keys and agreements.

use identity::IdentityError;
use identity::api_client::agreement::{self, NewAgreement};
use identity::api_client::{self, NewApiClient, key};
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use store::begin_write;
use store::sea_orm::DatabaseConnection;
use testing::Kind;
use trust::request::RequestSignature;

use crate::place::{acts, database, division, now};

/// `test-key-ed25519` of RFC 9421, appendix B.1.4.
const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n\
    -----END PUBLIC KEY-----\n";

async fn client(db: &DatabaseConnection, id: &str, owner: &str) -> Result<(), IdentityError> {
    let transaction = begin_write(db).await.unwrap();
    let new = NewApiClient { id, name: "助学系统", organisation: owner };
    api_client::create_in(&transaction, new, "sec", now()).await?;
    transaction.commit().await.unwrap();
    Ok(())
}

async fn add_key(
    db: &DatabaseConnection,
    client: &str,
    pem: &str,
    until: Timestamp,
) -> Result<key::Key, IdentityError> {
    let transaction = begin_write(db).await.unwrap();
    let made = key::create_in(&transaction, client, (pem, until), "sec", now()).await?;
    transaction.commit().await.unwrap();
    Ok(made)
}

async fn agree(
    db: &DatabaseConnection,
    client: &str,
    basis: &str,
    until: Timestamp,
) -> Result<agreement::Agreement, IdentityError> {
    let transaction = begin_write(db).await.unwrap();
    let new = NewAgreement { policy: "minimum-living-allowance", basis, until };
    let made = agreement::create_in(&transaction, client, new, "sec", now()).await?;
    transaction.commit().await.unwrap();
    Ok(made)
}

/// Another key, made of this one. Only every second text is one.
fn other_keys() -> impl Iterator<Item = String> {
    let letters = ('a'..='z').map(|letter| PEM.replace("JrQLj5P", &format!("JrQLj5{letter}")));
    letters.filter(|pem| trust::request::RequestKey::from_pem(pem).is_some())
}

#[rstest]
#[tokio::test]
async fn a_key_is_its_programs_until_it_ends_or_is_taken_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    client(&db, "edu", "yuexiu").await.unwrap();
    client(&db, "other", "city").await.unwrap();
    let until = now() + 30.hours();
    let made = add_key(&db, "edu", PEM, until).await.unwrap();
    let found = key::signer(&db, &made.id, now()).await.unwrap().unwrap();
    assert_eq!((found.client.id.as_str(), found.division), ("edu", division("440104")));
    assert!(key::signer(&db, &made.id, until).await.unwrap().is_none());
    for nobody in ["", "00", "x", &made.id[1..], "' OR 1=1"] {
        assert!(key::signer(&db, nobody, now()).await.unwrap().is_none(), "{nobody}");
    }
    // The same key does not speak for two.
    let again = add_key(&db, "other", PEM, until).await.unwrap_err();
    assert!(matches!(again, IdentityError::ApiClientKeyExists), "{again}");

    // The next key counts beside the present one; there are no more than three.
    let mut others = other_keys();
    for _ in 0..2 {
        add_key(&db, "edu", &others.next().unwrap(), until).await.unwrap();
    }
    let fourth = others.next().unwrap();
    let enough = add_key(&db, "edu", &fourth, until).await.unwrap_err();
    assert!(matches!(enough, IdentityError::ApiClientKeys), "{enough}");

    assert!(key::revoke(&db, "other", &made.id, "sec", now()).await.is_err());
    key::revoke(&db, "edu", &made.id, "sec", now()).await.unwrap();
    assert!(key::revoke(&db, "edu", &made.id, "sec", now()).await.is_err());
    assert!(key::signer(&db, &made.id, now()).await.unwrap().is_none());
    let gone = add_key(&db, "edu", PEM, until).await.unwrap_err();
    assert!(matches!(gone, IdentityError::ApiClientKeyExists), "{gone}");
    let fourth = add_key(&db, "edu", &fourth, until).await.unwrap();

    // With the program all its keys end.
    api_client::end(&db, "edu", "sec", now()).await.unwrap();
    assert!(key::signer(&db, &fourth.id, now()).await.unwrap().is_none());
    api_client::end(&db, "edu", "sec", now()).await.unwrap();
    assert!(api_client::end(&db, "nobody", "sec", now()).await.is_err());
    let ended = add_key(&db, "edu", &others.next().unwrap(), until).await.unwrap_err();
    assert!(matches!(ended, IdentityError::ApiClientUnknown), "{ended}");
    assert_eq!(key::list(&db, "edu").await.unwrap().len(), 4);

    let seen = acts(&db).await;
    let count = |act: &str| seen.iter().filter(|one| *one == act).count();
    assert_eq!(
        ["create", "end", "key.create", "key.revoke"]
            .map(|act| count(&format!("api_client.{act}"))),
        [2, 1, 4, 1]
    );
}

#[rstest]
#[tokio::test]
async fn programs_are_named_with_whose_they_are_also_after_their_end(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    client(&db, "edu", "yuexiu").await.unwrap();
    client(&db, "bus", "city").await.unwrap();
    client(&db, "other", "city").await.unwrap();
    api_client::end(&db, "bus", "sec", now()).await.unwrap();
    let ids = ["edu", "nobody", "bus", "a\0b", ""];
    let found = api_client::with_owners(&db, &ids).await.unwrap();
    let named: Vec<(&str, &str)> = found
        .iter()
        .map(|(client, owner)| (client.id.as_str(), owner.as_ref().unwrap().name_zh.as_str()))
        .collect();
    assert_eq!(named, [("bus", "广州市民政局"), ("edu", "越秀区民政局")]);
    assert!(api_client::with_owners(&db, &[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_is_no_program_no_key_and_no_agreement_is_refused(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for (id, owner) in [("", "city"), ("Big", "city"), ("a b", "city"), ("edu", "nobody")] {
        assert!(client(&db, id, owner).await.is_err(), "{id} of {owner}");
    }
    client(&db, "edu", "city").await.unwrap();
    assert!(matches!(
        client(&db, "edu", "city").await.unwrap_err(),
        IdentityError::ApiClientExists(_)
    ));
    for (pem, until) in [
        ("", now() + 1.hour()),
        ("key", now() + 1.hour()),
        (PEM, now()),
        (PEM, now() + (3 * 366 * 24).hours()),
    ] {
        assert!(add_key(&db, "edu", pem, until).await.is_err(), "{pem} until {until}");
    }
    let long = "长".repeat(501);
    for (basis, until) in
        [(" ", now() + 1.hour()), (long.as_str(), now() + 1.hour()), ("令", now())]
    {
        assert!(agree(&db, "edu", basis, until).await.is_err(), "{basis} until {until}");
    }
    assert!(agree(&db, "nobody", "令", now() + 1.hour()).await.is_err());
    assert!(!acts(&db).await.iter().any(|act| act.contains("key") || act.contains("agreement")));
}

#[rstest]
#[tokio::test]
async fn an_agreement_is_in_force_until_it_ends(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    client(&db, "edu", "city").await.unwrap();
    let policy = "minimum-living-allowance";
    let until = now() + 2.hours();
    let made = agree(&db, "edu", "《教育法》第三十八条：核发助学金", until).await.unwrap();
    let twice = agree(&db, "edu", "又一份", until).await.unwrap_err();
    assert!(matches!(twice, IdentityError::AgreementExists), "{twice}");
    let found = |policy, at| agreement::in_force(&db, "edu", policy, at);
    assert_eq!(found(policy, now()).await.unwrap(), Some(made.clone()));
    assert_eq!(found(policy, until).await.unwrap(), None);
    assert_eq!(found("longevity-allowance", now()).await.unwrap(), None);
    for (client, id) in [("other", made.id.as_str()), ("edu", "00"), ("edu", "'")] {
        assert!(agreement::end(&db, client, id, "sec", now()).await.is_err());
    }
    agreement::end(&db, "edu", &made.id, "sec", now()).await.unwrap();
    assert_eq!(found(policy, now()).await.unwrap(), None);
    agree(&db, "edu", "又一份", until).await.unwrap();
    assert_eq!(agreement::list(&db, "edu").await.unwrap().len(), 2);
}

fn signature(created: i64, more: &str, nonce: &str) -> RequestSignature {
    let input = format!("s=(\"@method\");created={created}{more};nonce=\"{nonce}\";keyid=\"ab\"");
    RequestSignature::read(&input, &format!("s=:{}A==:", "A".repeat(85))).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_signed_request_counts_once_and_in_its_time(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let second = now().as_second();
    for (created, more, timely) in [
        (second, "", true),
        (second - 300, "", true),
        (second + 300, "", true),
        (second - 301, "", false),
        (second + 301, "", false),
        (i64::from(i32::MAX), "", false),
        (second, &format!(";expires={}", second + 1), true),
        (second, &format!(";expires={second}"), false),
    ] {
        assert_eq!(
            key::is_timely(&signature(created, more, "n"), now()),
            timely,
            "{created}{more}"
        );
    }
    let one = signature(second, "", "one");
    assert!(key::count(&db, &one, now()).await.unwrap());
    assert!(!key::count(&db, &one, now()).await.unwrap());
    assert!(key::count(&db, &signature(second, "", "two"), now()).await.unwrap());
    // As long as it may be timely it is remembered.
    assert!(!key::count(&db, &one, now() + 10.minutes()).await.unwrap());
    for nonce in [String::new(), "n".repeat(129)] {
        assert!(!key::count(&db, &signature(second, "", &nonce), now()).await.unwrap());
    }
    // Of many at once one counts.
    let same = signature(second, "", "same");
    let counted = futures::future::join_all((0..8).map(|_| key::count(&db, &same, now()))).await;
    assert_eq!(counted.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
}
