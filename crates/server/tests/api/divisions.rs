//! The divisions that somebody may choose from.

use identity::organisation::{self, Kind, NewOrganisation};
use serde_json::{Value, json};

use crate::app::{TestApp, check_problem};

async fn divisions(app: &TestApp, cookie: &str) -> Vec<Value> {
    let answer = app.get_as(cookie, "/api/v1/divisions").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["divisions"].as_array().unwrap().clone()
}

fn codes(divisions: &[Value]) -> Vec<&str> {
    divisions.iter().map(|division| division["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everybody_has_the_divisions_within_their_own() {
    let app = TestApp::empty().await;
    let pack = crate::town::pack();
    let (auditor, worker) = (app.auditor().await, app.as_user("worker").await);
    let everywhere = divisions(&app, &auditor).await;
    let mut of_pack: Vec<_> = pack.divisions.iter().map(|division| division.code).collect();
    of_pack.sort();
    assert_eq!(codes(&everywhere), of_pack.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    let named = |code: &str| everywhere.iter().find(|one| one["code"] == code).unwrap().clone();
    let of = |code: &str, name: &str, level: &str| json!({ "code": code, "name": { "zh": name, "en": name }, "level": level });
    assert_eq!(named("4401"), of("4401", "广州市", "city"));
    assert_eq!(named("440104"), of("440104", "越秀区", "district"));
    assert_eq!(named("440104001"), of("440104001", "洪桥街道", "street"));

    // Those who may not read organisations have streets as well, but none of another district.
    check_problem(&app.get_as(&worker, "/api/v1/organisations").await, 404, "ROUTE-UNKNOWN");
    let own = divisions(&app, &worker).await;
    assert_eq!(own[0], named("440104"));
    assert!(own.len() > 1);
    let within: Vec<Value> = everywhere
        .iter()
        .filter(|one| one["code"].as_str().unwrap().starts_with("440104"))
        .cloned()
        .collect();
    assert_eq!(own, within);
    app.stop().await;
}

#[tokio::test]
async fn where_the_pack_has_no_name_the_organisation_there_gives_its_own() {
    let app = TestApp::empty().await;
    let db = app.database().await;
    let of = |id, kind, name_zh, name_en, code| NewOrganisation {
        id,
        name_zh,
        name_en,
        kind,
        division: vocab::DivisionCode::parse(code).unwrap(),
        parent: Some("ca-440104"),
    };
    let new = [
        of("a-charity", Kind::Charity, "某慈善会", "", "440104001001"),
        of("committee", Kind::CivilAffairs, "三眼井社区居民委员会", "Sanyanjing", "440104001001"),
        of("office", Kind::CivilAffairs, "洪桥街道办事处", "", "440104001"),
    ];
    organisation::create(&db, &new, "test", app.now()).await.unwrap();
    db.close().await.unwrap();
    let worker = app.as_user("worker").await;
    let own = divisions(&app, &worker).await;
    let at = own.iter().position(|one| one["code"] == "440104001").unwrap();
    assert_eq!(own[at]["name"]["zh"], "洪桥街道");
    // Each before those that lie in it.
    let name = json!({ "zh": "三眼井社区居民委员会", "en": "Sanyanjing" });
    assert_eq!(own[at + 1], json!({ "code": "440104001001", "name": name, "level": "community" }));
    assert_eq!(codes(&own).iter().filter(|code| **code == "440104001001").count(), 1);
    app.stop().await;
}
