//! Organisations.

use identity::IdentityError;
use identity::organisation::{self, Kind as Does, NewOrganisation};
use rstest::rstest;
use testing::Kind;

use crate::place::{database, division, now};

#[rstest]
#[tokio::test]
async fn an_organisation_works_within_the_one_above_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let street = NewOrganisation {
        id: "hongqiao",
        name_zh: "洪桥街道办事处",
        name_en: "Hongqiao Street Office",
        kind: Does::CivilAffairs,
        division: division("440104001"),
        parent: Some("yuexiu"),
    };
    let outside = NewOrganisation { division: division("440106001"), ..street };
    let refused = organisation::create(&db, &[street, outside], "test", now()).await;
    assert!(refused.is_err());
    // All or none.
    assert_eq!(organisation::find(&db, "hongqiao").await.unwrap(), None);
    let refused = organisation::create(&db, &[outside], "test", now()).await;
    assert!(matches!(refused, Err(IdentityError::OutsideParent)));
    organisation::create(&db, &[street], "test", now()).await.unwrap();
    let again = organisation::create(&db, &[street], "test", now()).await;
    assert!(matches!(again, Err(IdentityError::OrganisationExists(_))));
    for (id, name_zh) in [("", "名"), ("A", "名"), ("a b", "名"), ("a", " "), ("a", "a\u{7}")] {
        let bad = NewOrganisation { id, name_zh, parent: None, ..street };
        assert!(organisation::create(&db, &[bad], "test", now()).await.is_err(), "{id} {name_zh}");
    }
    let district = division("440104");
    let all = organisation::list(&db, &district, None, 10).await.unwrap();
    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["yuexiu", "hongqiao"]);
    let rest = organisation::list(&db, &district, Some(("440104", "yuexiu")), 10).await.unwrap();
    assert_eq!(rest[0].name_en, "Hongqiao Street Office");
    // Those in divisions that one does not know yet.
    let beyond = organisation::elsewhere(&db, &district, &["440104"]).await.unwrap();
    assert_eq!(beyond.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["hongqiao"]);
    let known = ["440104", "440104001"];
    assert!(organisation::elsewhere(&db, &district, &known).await.unwrap().is_empty());
}
