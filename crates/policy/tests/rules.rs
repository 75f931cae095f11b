//! The checking of rules and the running of cases, over a made-up tennis club.

mod common;

use common::{club, faults_with};
use pack::Style;

#[tokio::test]
async fn all_cases_of_the_club_come_out_as_they_say() {
    let pack = club();
    let book = huimin_policy::compile(&pack).unwrap();
    let report = huimin_policy::test(&book, &pack).await.unwrap();
    assert!(report.cases > 20);
    assert!(report.passed(), "{:?}", report.faults(&pack));
}

#[test]
fn the_rules_of_the_city_check() {
    // Its cases are run by `huimin test`, which is part of `make test`.
    let city = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../city/guangzhou");
    let pack = pack::load(&city).unwrap();
    huimin_policy::compile(&pack).unwrap();
}

#[tokio::test]
async fn a_case_that_fails_says_what_came_out_and_where_it_stands() {
    let mut texts = common::texts();
    let file = "policies/tests/court-grant.yaml";
    let text = texts[file].replace("amount: 20 }", "amount: 21 }");
    texts.insert(file.to_owned(), text);
    let pack = pack::load_texts(texts.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap();
    let book = huimin_policy::compile(&pack).unwrap();
    let report = huimin_policy::test(&book, &pack).await.unwrap();
    insta::assert_snapshot!(report.faults(&pack).render(Style::Plain));
}

const VARIABLES: &str = "variables.yaml";
const COURT: &str = "policies/court-grant.yaml";
const FAMILY: &str = "policies/family-grant.yaml";

macro_rules! fault {
    ($name:ident, $file:expr, $old:expr, $new:expr) => {
        #[test]
        fn $name() {
            let faults = faults_with($file, $old, $new);
            insta::assert_snapshot!(faults.render(Style::Plain));
        }
    };
}

fault!(
    an_unknown_name_gets_a_suggestion,
    COURT,
    r#"when: "age >= age_min""#,
    r#"when: "agee >= age_min""#
);
fault!(a_condition_has_to_be_true_or_false, COURT, r#"when: "member""#, r#"when: "age""#);
fault!(
    an_amount_has_to_be_rounded_by_name,
    COURT,
    "fen(bracket(age, by_age))",
    "bracket(age, by_age)"
);
fault!(whole_numbers_are_not_divided, COURT, "age >= age_min", "age / 2 >= 30");
fault!(money_and_years_are_not_added, COURT, "age >= age_min", "age + hire_fees >= 60");
fault!(money_is_not_multiplied_by_money, COURT, "age >= age_min", "hire_fees * hire_fees > 3");
fault!(a_code_that_does_not_exist_is_found, VARIABLES, "kind = '1' AND", "kind = '3' AND");
fault!(codes_are_text, VARIABLES, "kind = '1' AND", "kind = 1 AND");
fault!(sealed_fields_are_not_for_rules, VARIABLES, "kind = '1' AND", "phone = '1' AND");
fault!(a_comparison_with_null_is_never_true, VARIABLES, "left_on IS NULL", "left_on = NULL");
fault!(a_sub_query_is_not_allowed, COURT, "age >= age_min", "age >= (SELECT 60)");
fault!(a_window_function_is_not_allowed, COURT, "age >= age_min", "rank() OVER () > 1");
fault!(an_aggregate_is_not_allowed, COURT, "age >= age_min", "sum(age) > 1");
fault!(what_is_not_sql_is_pointed_at, COURT, "age >= age_min", "age >= >= age_min");
fault!(an_unknown_function_gets_a_suggestion, FAMILY, "ceil_yuan(living", "ceil_yaun(living");
fault!(fen_never_rounds, COURT, "fen(bracket(age, by_age))", "fen(bracket(age, by_age) * 0.333)");
fault!(a_person_has_no_household_variables, COURT, "age >= age_min", "income_total > 1");
fault!(
    a_bracket_needs_a_parameter_of_steps,
    COURT,
    "bracket(age, by_age)",
    "bracket(age, age_min)"
);
fault!(
    variables_do_not_go_round_in_circles,
    VARIABLES,
    r#"sql: "age_on(birth_date, period_end)""#,
    r#"sql: "CASE WHEN counted THEN age ELSE 1 END""#
);
fault!(
    a_product_that_could_overflow_is_refused,
    FAMILY,
    "income_total < living",
    "income_total * members_counted * members_counted < living"
);

#[test]
fn several_faults_are_shown_at_once() {
    let mut texts = common::texts();
    let court = texts[COURT].replace("age >= age_min", "agee >= age_mni AND member = 1");
    texts.insert(COURT.to_owned(), court);
    let pack = pack::load_texts(texts.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap();
    let faults = huimin_policy::compile(&pack).unwrap_err();
    assert_eq!(faults.len(), 3, "{faults:?}");
}
