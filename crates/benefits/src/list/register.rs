//! Who is on which list and why: the rules, without any table.

use super::read::Id;
use crate::cause;
use crate::model::EntryState;
use crate::programme::{Mode, Programme};

/// The condition that is about death, by the pack's convention.
const ALIVE: &str = "alive";

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Not,
    Eligible,
    Ask,
}

/// A decision that can end up on a list.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The policy's place in the pack.
    pub(super) programme: usize,
    pub(super) subject: Id,
    pub(super) division: String,
    pub(super) outcome: Outcome,
    pub(super) amount_fen: i64,
    /// Bit `n`: condition `n` holds.
    pub(super) held: i64,
    /// Bit `n`: condition `n` could not be decided.
    pub(super) unknown: i64,
    /// On the department's roll, confirmed or applied.
    pub(super) enrolled: bool,
}

/// What earlier periods say of a subject and a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct History {
    /// It was on the register in the month before, and not taken off it then.
    pub(super) carried: bool,
    /// It was taken off the register in an earlier period.
    pub(super) ended_before: bool,
}

/// Where a subject stands on the lists of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) registered: bool,
    pub(super) eligible: bool,
    pub(super) state: EntryState,
    /// Why it is not due, or not registered; none when it is due.
    pub(super) cause: Option<String>,
    pub(super) due_fen: Option<i64>,
}

/// Judges a decision; `None` when it is on no list.
///
/// The harm guard is here: what is not known for certain holds a payment or asks a question. Only
/// a certain death, or for a policy without a register of its own a condition that certainly
/// fails, takes somebody off the register.
pub(super) fn judge(
    programme: &Programme,
    candidate: &Candidate,
    history: History,
) -> Option<Judged> {
    let eligible = candidate.outcome == Outcome::Eligible;
    let registered = match programme.mode {
        Mode::Auto => eligible || history.carried,
        Mode::Enrolled => {
            candidate.enrolled && !(history.ended_before && candidate.outcome == Outcome::Not)
        }
    };
    let entry = |state, cause: Option<String>| {
        Some(Judged { registered, eligible, state, cause, due_fen: None })
    };
    match (candidate.outcome, registered) {
        (Outcome::Eligible, false) => {
            entry(EntryState::Found, Some(cause::NOT_ENROLLED.to_owned()))
        }
        (Outcome::Eligible, true) if candidate.amount_fen == 0 => {
            entry(EntryState::Recognised, Some(cause::RECOGNITION.to_owned()))
        }
        (Outcome::Eligible, true) => Some(Judged {
            registered,
            eligible,
            state: EntryState::Due,
            cause: None,
            due_fen: Some(candidate.amount_fen),
        }),
        (Outcome::Ask, registered) => {
            let state = if registered { EntryState::Held } else { EntryState::Question };
            entry(state, Some(open_question(programme, candidate)))
        }
        (Outcome::Not, false) => None,
        (Outcome::Not, true) => {
            let cause = failure(programme, candidate);
            let ends = cause == cause::DEAD || programme.mode == Mode::Auto;
            let state = if ends { EntryState::Ended } else { EntryState::Suspended };
            entry(state, Some(cause))
        }
    }
}

/// An entry for somebody who was on the register and is no longer in the registry of persons.
pub(super) fn vanished() -> Judged {
    Judged {
        registered: true,
        eligible: false,
        state: EntryState::Ended,
        cause: Some(cause::NOT_IN_REGISTRY.to_owned()),
        due_fen: None,
    }
}

/// An entry that only exists because money was sent for what is no longer on any list.
pub(super) fn withdrawn() -> Judged {
    Judged {
        registered: false,
        eligible: false,
        state: EntryState::Ended,
        cause: Some(cause::WITHDRAWN.to_owned()),
        due_fen: None,
    }
}

fn open_question(programme: &Programme, candidate: &Candidate) -> String {
    let open = |index: usize| bit(candidate.unknown, index);
    if first(programme, |index, id| id == ALIVE && open(index)).is_some() {
        return cause::UNCERTAIN_DEATH.to_owned();
    }
    let id = first(programme, |index, _| open(index)).unwrap_or("amount");
    format!("{}{id}", cause::MISSING)
}

fn failure(programme: &Programme, candidate: &Candidate) -> String {
    let failed = |index: usize| !bit(candidate.held, index) && !bit(candidate.unknown, index);
    if first(programme, |index, id| id == ALIVE && failed(index)).is_some() {
        return cause::DEAD.to_owned();
    }
    let id = first(programme, |index, _| failed(index)).unwrap_or("amount");
    format!("{}{id}", cause::CONDITION)
}

fn first(programme: &Programme, holds: impl Fn(usize, &str) -> bool) -> Option<&str> {
    programme
        .conditions
        .iter()
        .enumerate()
        .find(|(index, condition)| holds(*index, &condition.id))
        .map(|(_, condition)| condition.id.as_str())
}

fn bit(mask: i64, index: usize) -> bool {
    u32::try_from(index)
        .ok()
        .and_then(|index| mask.checked_shr(index))
        .is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::{ProgrammeCondition, SubjectKind};

    fn programme(mode: Mode) -> Programme {
        let condition =
            |id: &str| ProgrammeCondition { id: id.to_owned(), name: pack::Text::default() };
        Programme {
            id: "tennis-grant".to_owned(),
            name: pack::Text::default(),
            unit: SubjectKind::Person,
            mode,
            continuing: true,
            conditions: ["member", "alive", "amount"].map(condition).to_vec(),
        }
    }

    fn candidate(outcome: Outcome, held: i64, unknown: i64, enrolled: bool) -> Candidate {
        Candidate {
            programme: 0,
            subject: "p1".into(),
            division: "440104".to_owned(),
            outcome,
            amount_fen: 3_000,
            held,
            unknown,
            enrolled,
        }
    }

    #[track_caller]
    fn check(
        mode: Mode,
        candidate: &Candidate,
        history: History,
        expected: Option<(EntryState, Option<&str>, bool)>,
    ) {
        let judged = judge(&programme(mode), candidate, history);
        let seen = judged.as_ref().map(|one| (one.state, one.cause.as_deref(), one.registered));
        assert_eq!(seen, expected);
        let due = judged.and_then(|one| one.due_fen);
        assert_eq!(due.is_some(), matches!(expected, Some((EntryState::Due, _, _))));
    }

    const NEW: History = History { carried: false, ended_before: false };
    const CARRIED: History = History { carried: true, ended_before: false };
    const ENDED: History = History { carried: false, ended_before: true };

    #[test]
    fn whoever_is_eligible_for_an_automatic_benefit_is_registered_and_due() {
        let eligible = candidate(Outcome::Eligible, 0b111, 0, true);
        check(Mode::Auto, &eligible, NEW, Some((EntryState::Due, None, true)));
    }

    #[test]
    fn an_eligible_person_who_has_not_confirmed_is_found_and_not_registered() {
        let eligible = candidate(Outcome::Eligible, 0b111, 0, false);
        check(
            Mode::Enrolled,
            &eligible,
            NEW,
            Some((EntryState::Found, Some("not_enrolled"), false)),
        );
    }

    #[test]
    fn a_recognition_is_registered_and_nothing_is_due() {
        let mut eligible = candidate(Outcome::Eligible, 0b111, 0, true);
        eligible.amount_fen = 0;
        check(
            Mode::Enrolled,
            &eligible,
            NEW,
            Some((EntryState::Recognised, Some("recognition"), true)),
        );
    }

    #[test]
    fn a_death_that_one_source_reports_holds_and_does_not_end() {
        let uncertain = candidate(Outcome::Ask, 0b101, 0b010, true);
        let held = Some((EntryState::Held, Some("uncertain_death"), true));
        check(Mode::Enrolled, &uncertain, NEW, held);
        check(Mode::Auto, &uncertain, CARRIED, held);
        let question = Some((EntryState::Question, Some("uncertain_death"), false));
        check(Mode::Auto, &uncertain, NEW, question);
    }

    #[test]
    fn a_certain_death_ends_the_enrolment_once_and_later_periods_do_not_list_it() {
        let dead = candidate(Outcome::Not, 0b101, 0, true);
        check(Mode::Enrolled, &dead, NEW, Some((EntryState::Ended, Some("dead"), true)));
        check(Mode::Auto, &dead, CARRIED, Some((EntryState::Ended, Some("dead"), true)));
        check(Mode::Enrolled, &dead, ENDED, None);
    }

    #[test]
    fn a_failed_condition_suspends_on_a_roll_and_ends_where_there_is_none() {
        let moved = candidate(Outcome::Not, 0b110, 0, true);
        let cause = Some("condition:member");
        check(Mode::Enrolled, &moved, NEW, Some((EntryState::Suspended, cause, true)));
        check(Mode::Auto, &moved, CARRIED, Some((EntryState::Ended, cause, true)));
        check(Mode::Auto, &moved, NEW, None);
    }

    #[test]
    fn whoever_is_eligible_again_is_back_on_the_register() {
        let eligible = candidate(Outcome::Eligible, 0b111, 0, true);
        check(Mode::Enrolled, &eligible, ENDED, Some((EntryState::Due, None, true)));
    }

    #[test]
    fn an_unknown_amount_is_a_question_about_the_amount() {
        let unknown = candidate(Outcome::Ask, 0b011, 0b100, true);
        check(
            Mode::Enrolled,
            &unknown,
            NEW,
            Some((EntryState::Held, Some("missing:amount"), true)),
        );
    }

    #[test]
    fn an_unknown_condition_is_not_a_failed_one() {
        let both = candidate(Outcome::Not, 0b000, 0b010, true);
        check(
            Mode::Enrolled,
            &both,
            NEW,
            Some((EntryState::Suspended, Some("condition:member"), true)),
        );
    }
}
