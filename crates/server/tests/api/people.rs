//! Search, files and explanations over a town of three.

use serde_json::{Value, json};

use crate::app::{TestApp, check_problem};

fn names(page: &Value) -> Vec<&str> {
    page["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn people_are_found_and_their_files_are_shown_masked_and_written_down() {
    let app = TestApp::with_town().await;
    let cookie = app.auditor().await;

    // By characters, by sound, by initials, by the whole identity number; everybody without a query.
    let number = crate::town::id_number("19400103", "001");
    for q in ["张三", "zhangsanfeng", "zsf", number.as_str()] {
        let page = app.search_as(&cookie, &json!({ "q": q })).await.json();
        assert_eq!(names(&page), ["张三丰"], "{q}");
        assert_eq!(page["total"], 1);
    }
    let all = app.search_as(&cookie, &json!({ "limit": 2 })).await.json();
    assert_eq!((names(&all).len(), all["total"].as_u64()), (2, Some(3)));
    let next = all["next"].as_str().unwrap();
    let rest = app.search_as(&cookie, &json!({ "limit": 2, "cursor": next })).await.json();
    assert_eq!((names(&rest).len(), &rest["next"]), (1, &Value::Null));
    let none = app.search_as(&cookie, &json!({ "division": "440106" })).await.json();
    assert_eq!(none["total"], 0);

    // What is searched for has no place in an address.
    let old = app.get_as(&cookie, "/api/v1/people?q=zsf").await;
    check_problem(&old, 404, "ROUTE-UNKNOWN");
    let by_address = app.get_as(&cookie, "/api/v1/people/searches?q=zsf").await;
    check_problem(&by_address, 405, "METHOD-NOT-ALLOWED");

    let page = app.search_as(&cookie, &json!({ "q": "zsf" })).await.json();
    let hit = &page["people"][0];
    assert_eq!(hit["age"], 84);
    assert_eq!(hit["division_name"]["zh"], "越秀区洪桥街道");
    let id = hit["person_id"].as_str().unwrap().to_owned();

    let path = format!("/api/v1/people/{id}?period=2024-01");
    let answer = app.get_as(&cookie, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(&number), "the whole identity number is shown");
    assert!(!answer.text().contains("19900190001"), "the whole telephone number is shown");
    let file = answer.json();
    assert_eq!(file["name"], "张三丰");
    assert_eq!(file["merged_into"], Value::Null);
    let attribute = |name: &str| -> Value {
        let all = file["attributes"].as_array().unwrap();
        all.iter().find(|attribute| attribute["attribute"] == name).unwrap().clone()
    };
    assert_eq!(attribute("sex")["label"]["en"], "Male");
    assert_eq!(attribute("id_number")["level"], 4);
    assert_eq!(attribute("name")["why"]["en"], "all 2 records agree");
    assert_eq!(attribute("name")["competing"][0]["chosen"], true);
    assert_eq!(file["records"].as_array().unwrap().len(), 2);
    let members = file["households"][0]["members"].as_array().unwrap();
    assert_eq!(members.len(), 2);
    assert!(
        members
            .iter()
            .any(|member| member["is_self"] == true && member["relation_name"]["zh"] == "户主")
    );
    let decision = file["decisions"].as_array().unwrap();
    let longevity = decision.iter().find(|one| one["policy"] == "longevity-allowance").unwrap();
    assert_eq!(
        (&longevity["outcome"], &longevity["amount_fen"]),
        (&"eligible".into(), &10_000.into())
    );
    assert_eq!(file["payments"][0]["policy"], "longevity-allowance");
    assert_eq!(file["payments"][0]["amount_fen"], 10_000);

    let path = format!("/api/v1/people/{id}/decisions/longevity-allowance?period=2024-01");
    let answer = app.get_as(&cookie, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let why = answer.json();
    assert_eq!(why["outcome"], "eligible");
    let conditions = why["conditions"].as_array().unwrap();
    assert!(conditions.iter().all(|condition| condition["held"] == true));
    let sources = conditions.iter().flat_map(|c| c["values"].as_array().unwrap());
    assert!(sources.flat_map(|value| value["sources"].as_array().unwrap()).count() > 0);
    assert!(!why["text"]["zh"].as_str().unwrap().is_empty());

    let trail = app.trail().await;
    for act in ["person.search", "person.read", "decision.explain"] {
        assert!(trail.contains(&(act.to_owned(), format!("person:{id}"))), "{act}");
    }

    // Whoever lives with them was seen as well.
    let household = trail.iter().filter(|(act, _)| act == "household.read");
    assert_eq!(household.count(), 1);
    assert!(!trail.iter().any(|(_, subject)| subject.contains(&number)));

    check_problem(
        &app.get_as(&cookie, "/api/v1/people/P1?period=2024-01").await,
        404,
        "PERSON-UNKNOWN",
    );
    check_problem(
        &app.get_as(&cookie, "/api/v1/people/P%27?period=2024-01").await,
        404,
        "PERSON-UNKNOWN",
    );
    let unknown = format!("/api/v1/people/{id}/decisions/tennis?period=2024-01");
    check_problem(&app.get_as(&cookie, &unknown).await, 404, "POLICY-UNKNOWN");
    let period = format!("/api/v1/people/{id}?period=2023-01");
    check_problem(&app.get_as(&cookie, &period).await, 404, "PERIOD-UNKNOWN");
    app.stop().await;
}
