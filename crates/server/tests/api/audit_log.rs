//! The audit trail's log while the server runs.

use std::time::Duration;

use trust::log::LogVerifier;

use crate::app::TestApp;

#[tokio::test]
async fn what_was_read_gets_its_place_in_the_log() {
    let app = TestApp::with_town().await;
    let cookie = app.auditor().await;
    let people = app.search_as(&cookie, &serde_json::json!({ "limit": 1 })).await.json();
    let person = people["people"][0]["person_id"].as_str().unwrap().to_owned();
    assert_eq!(
        app.get_as(&cookie, &format!("/api/v1/people/{person}?period=2024-01")).await.status,
        200
    );

    let db = app.database().await;
    while store::audit::count_unsealed(&db).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = server::AuditLog::open(&app.folder, &db, &server::KeySource::Folder).await.unwrap();
    let verifier = LogVerifier::parse(log.verifier_key()).unwrap();
    let report = audit::verify(&db, &verifier, &[], &[], &|_, _| {}).await.unwrap();
    assert_eq!((report.findings.len(), report.waiting), (0, 0));
    let entries = store::audit::sealed(&db, 0..i64::MAX).await.unwrap();
    assert_eq!(entries.len() as u64, report.entries);
    let acts: Vec<&str> = entries.iter().map(|sealed| sealed.entry.what.as_str()).collect();
    assert!(acts.contains(&"session.create") && acts.contains(&"person.read"), "{acts:?}");
    db.close().await.unwrap();
    app.stop().await;
}
