//! The policies against a table of who may do what, written by hand, for every combination.

use identity::access::{Access, Action, Asker, Target};
use identity::{Purpose, Role};

use crate::place::division;

/// What a role may do: the act, the purpose that it needs, and up to which level.
fn expected(role: Role) -> &'static [(&'static str, Option<&'static str>, u8)] {
    match role {
        Role::CaseWorker => &[
            ("meta.read", None, 4),
            ("overview.read", None, 4),
            ("task.read", None, 4),
            ("task.work", None, 4),
            ("person.search", Some("casework"), 3),
            ("person.read", Some("casework"), 3),
            ("decision.explain", Some("casework"), 3),
            ("person.reveal", Some("casework"), 4),
            ("representation.read", Some("casework"), 3),
            ("representation.change", Some("casework"), 3),
            ("list.read", Some("casework"), 3),
            ("list.export", Some("casework"), 3),
        ],
        Role::PolicyOfficer => &[
            ("meta.read", None, 4),
            ("overview.read", None, 4),
            ("task.read", None, 4),
            ("task.work", None, 4),
            ("person.search", Some("policy_work"), 3),
            ("person.read", Some("policy_work"), 3),
            ("decision.explain", Some("policy_work"), 3),
            ("list.read", Some("policy_work"), 3),
            ("list.export", Some("policy_work"), 3),
            ("batch.read", Some("policy_work"), 3),
        ],
        Role::DataSteward => &[
            ("meta.read", None, 4),
            ("overview.read", None, 4),
            ("task.read", None, 4),
            ("task.work", None, 4),
            ("person.search", Some("data_quality"), 3),
            ("person.read", Some("data_quality"), 3),
            ("decision.explain", Some("data_quality"), 3),
            ("person.reveal", Some("data_quality"), 4),
            ("quarantine.read", Some("data_quality"), 3),
            ("quarantine.export", Some("data_quality"), 3),
        ],
        Role::FinanceOfficer => &[
            ("meta.read", None, 4),
            ("overview.read", None, 4),
            ("task.read", None, 4),
            ("task.work", None, 4),
            ("list.read", Some("payment"), 3),
            ("list.export", Some("payment"), 3),
            ("batch.read", Some("payment"), 3),
        ],
        Role::Auditor => &[
            ("meta.read", None, 4),
            ("overview.read", None, 4),
            ("task.read", None, 4),
            ("task.work", None, 4),
            ("person.search", Some("supervision"), 3),
            ("person.read", Some("supervision"), 3),
            ("decision.explain", Some("supervision"), 3),
            ("list.read", Some("supervision"), 3),
            ("list.export", Some("supervision"), 3),
            ("batch.read", Some("supervision"), 3),
            ("quarantine.read", Some("supervision"), 3),
            ("quarantine.export", Some("supervision"), 3),
            ("organisation.read", None, 4),
            ("user.read", None, 4),
            ("grant.read", None, 4),
            ("client.read", None, 4),
            ("trail.read", None, 4),
        ],
        Role::SystemAdmin => &[("meta.read", None, 4), ("system.read", None, 4)],
        Role::SecurityAdmin => &[
            ("meta.read", None, 4),
            ("organisation.read", None, 4),
            ("organisation.create", None, 4),
            ("user.read", None, 4),
            ("user.create", None, 4),
            ("user.change", None, 4),
            ("grant.read", None, 4),
            ("grant.create", None, 4),
            ("grant.revoke", None, 4),
            ("client.read", None, 4),
            ("client.create", None, 4),
            ("client.change", None, 4),
        ],
        Role::AuditAdmin => &[
            ("meta.read", None, 4),
            ("organisation.read", None, 4),
            ("user.read", None, 4),
            ("grant.read", None, 4),
            ("client.read", None, 4),
            ("trail.read", None, 4),
        ],
    }
}

/// Acts that don't ask where something is.
const ANYWHERE: [&str; 2] = ["meta.read", "system.read"];

/// The same answer by other means: the table, and whether one division lies in another.
fn reference(
    roles: &[Role],
    own: Option<&str>,
    action: Action,
    (place, level): (&str, u8),
    purpose: Option<Purpose>,
) -> bool {
    roles.iter().any(|role| {
        expected(*role).iter().any(|(act, needs, most)| {
            let there = match own {
                // Whoever has no organisation sees what is the same for everybody.
                None => ANYWHERE.contains(act),
                // The whole city's figures are for everybody, those of a part of it for those who work there.
                Some(_) if *act == "overview.read" && level <= 1 => true,
                Some(own) => ANYWHERE.contains(act) || place.starts_with(own),
            };
            *act == action.as_str()
                && there
                && level <= *most
                && needs
                    .is_none_or(|needs| purpose.is_some_and(|purpose| purpose.as_str() == needs))
        })
    })
}

#[test]
fn every_combination_is_answered_as_the_table_says() {
    let access = Access::new().unwrap();
    let mut purposes: Vec<Option<Purpose>> = Purpose::ALL.into_iter().map(Some).collect();
    purposes.push(None);
    let mut role_sets: Vec<Vec<Role>> = Role::ALL.into_iter().map(|role| vec![role]).collect();
    role_sets.extend([
        vec![],
        vec![Role::CaseWorker, Role::FinanceOfficer],
        vec![Role::DataSteward, Role::Auditor],
    ]);
    let places = ["4401", "440104", "440104001", "440106", "440106001"];
    let mut asked = 0;
    for roles in &role_sets {
        for own in [None, Some("4401"), Some("440104"), Some("440104001")] {
            let own_division = own.map(division);
            for purpose in &purposes {
                let asker = Asker {
                    username: "wu",
                    roles,
                    division: own_division.as_ref(),
                    purpose: *purpose,
                };
                for action in Action::ALL {
                    for place in places {
                        for level in [1, 3, 4] {
                            let target = Target { division: &division(place), level };
                            assert_eq!(
                                access.allows(&asker, action, &target),
                                reference(roles, own, action, (place, level), *purpose),
                                "{roles:?} of {own:?} for {purpose:?}: {} in {place} at level {level}",
                                action.as_str()
                            );
                            asked += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(asked, 11 * 4 * 6 * 28 * 5 * 3);
}

#[test]
fn administrators_share_no_power() {
    let access = Access::new().unwrap();
    let city = division("4401");
    // The names of months and policies, and who holds which account, are no power.
    let harmless = ["meta.read", "organisation.read", "user.read", "grant.read", "client.read"];
    let power = |role: Role| {
        let purposes = Purpose::ALL.into_iter().map(Some).chain([None]);
        let may = |action: &Action| {
            let roles = [role];
            purposes.clone().any(|purpose| {
                let asker = Asker { username: "wu", roles: &roles, division: Some(&city), purpose };
                access.allows(&asker, *action, &Target { division: &city, level: 1 })
            })
        };
        let acts = Action::ALL.into_iter().filter(may).map(Action::as_str);
        acts.filter(|act| !harmless.contains(act)).collect::<Vec<_>>()
    };
    let three = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin].map(power);
    for (at, one) in three.iter().enumerate() {
        assert!(!one.is_empty());
        for other in &three[at + 1..] {
            assert!(one.iter().all(|act| !other.contains(act)), "{one:?} {other:?}");
        }
        let personal = ["person.", "decision.", "list.", "batch.", "quarantine.", "task."];
        assert!(
            one.iter().all(|act| personal.iter().all(|kind| !act.starts_with(kind))),
            "{one:?}"
        );
    }
}

#[test]
fn a_partner_asks_about_its_own_division_what_is_agreed_and_no_more() {
    let access = Access::new().unwrap();
    let mut allowed = Vec::new();
    for own in ["4401", "440104"] {
        for place in ["4401", "440104", "440104001", "440106"] {
            for level in [1, 2, 3, 4] {
                for agreed in [true, false] {
                    let target = Target { division: &division(place), level };
                    if access.allows_client("edu", &division(own), agreed, &target) {
                        assert!(agreed && level <= 2 && place.starts_with(own));
                        allowed.push((own, place, level));
                    }
                }
            }
        }
    }
    assert_eq!(allowed.len(), (4 + 2) * 2, "{allowed:?}");
}
