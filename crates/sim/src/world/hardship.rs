//! People in hardship: who they are, and the applications that they filed before the first month.

use super::{
    Case, CaseMember, Child, Custody, Death, Event, Listing, NO_MONEY, NOBODY, NOTHING,
    PersonIndex, Reply, Tekun, World, form, settle,
};
use crate::day::Day;
use crate::draw::{Random, Stream};
use crate::entitlement::amounts;
use crate::options::GenerateOptions;

const CHOOSE: u64 = 20;
const APPLY: u64 = 21;

/// Chooses the people in extreme difficulty, the orphans and unattended children, and the families in hardship.
///
/// Returns, by family, whether it is in hardship.
pub(super) fn choose(world: &mut World, options: &GenerateOptions) -> Vec<bool> {
    let mut random = Stream::new(&[world.seed, CHOOSE]);
    let wanted = scaled(options.people, options.hardship_share);
    let hardship = world.profile.hardship.clone();
    let tekun = scaled(wanted, hardship.tekun_per_hardship);
    let children = scaled(wanted, hardship.children_per_hardship);
    // A city of some size has at least one of each.
    let floor = u32::from(options.people >= 1_000 && wanted > 0);
    let mut order: Vec<u32> = (0..u32::try_from(world.families.len()).unwrap_or_default())
        .filter(|family| world.person(world.family(*family).head).is_registered())
        .collect();
    form::shuffle(&mut order, &mut random);
    choose_tekun(world, &order, tekun.max(floor), &mut random);
    choose_children(world, &order, children.max(floor), &mut random);
    let mut poor = vec![false; world.families.len()];
    let mut people = 0;
    for family in order {
        if people >= wanted {
            break;
        }
        let members = &world.family(family).members;
        let taken = members.iter().any(|member| world.tekun.contains_key(member));
        let size = u32::try_from(members.len()).unwrap_or_default();
        if taken || size == 0 {
            continue;
        }
        people += size;
        if let Some(entry) = poor.get_mut(family as usize) {
            *entry = true;
        }
    }
    poor
}

/// People alone without work: most of them old, some disabled, a few who don't meet the conditions any more.
fn choose_tekun(world: &mut World, order: &[u32], wanted: u32, random: &mut Stream) {
    let mut found = 0;
    let today = world.now.first;
    for family in order {
        if found >= wanted {
            return;
        }
        let &[person] = world.family(*family).members.as_slice() else { continue };
        let age = world.person(person).birth.age_on(today);
        let fits = match age {
            60.. => true,
            35..60 => found % 6 == 5,
            _ => false,
        };
        if !fits {
            continue;
        }
        found += 1;
        let from = -random.between(1, 60);
        let care_mode = if random.chance(0.4) { 1 } else { 2 };
        world.tekun.insert(person, Listing::new(Some(Tekun { care_mode, from }), 0));
        if age < 60 {
            let mut card = settle::draw_card(today, random);
            card.expires = Day::NEVER;
            // Four of five are disabled enough; the others' level has been found to be lighter since.
            (card.class, card.level) = if random.chance(0.8) { (5, 2) } else { (4, 3) };
            world.cards.insert(person, Listing::new(Some(card), 0));
        }
        if random.chance(0.97) {
            settle::assess(world, person, random);
        }
    }
}

/// Orphans and unattended children: half and half.
fn choose_children(world: &mut World, order: &[u32], wanted: u32, random: &mut Stream) {
    let today = world.now.first;
    let relatives: Vec<u32> = order
        .iter()
        .copied()
        .filter(|family| {
            let head = world.person(world.family(*family).head);
            (45..75).contains(&head.birth.age_on(today))
                && !world.tekun.contains_key(&world.family(*family).head)
        })
        .collect();
    let mut found = [0; 2];
    for family in order.iter().rev() {
        let kind = usize::from(found[1] < found[0]);
        if found[kind] >= wanted {
            return;
        }
        let children: Vec<PersonIndex> = world
            .family(*family)
            .members
            .iter()
            .copied()
            .filter(|member| {
                let person = world.person(*member);
                person.mother != NOBODY
                    && person.father != NOBODY
                    && person.is_registered()
                    && person.birth.age_on(today) < 18
            })
            .collect();
        let Some(first) = children.first().copied() else { continue };
        let (mother, father) = (world.person(first).mother, world.person(first).father);
        if kind == 0 {
            bury_long_ago(world, mother, random);
            bury_long_ago(world, father, random);
        } else if random.chance(0.5) {
            bury_long_ago(world, mother, random);
            imprison(world, father, random);
        } else {
            imprison(world, father, random);
            let mut card = settle::draw_card(today, random);
            (card.class, card.level) = (6, 2);
            world.cards.insert(mother, Listing::new(Some(card), 0));
        }
        let siblings: Vec<PersonIndex> =
            children.into_iter().filter(|child| world.person(*child).mother == mother).collect();
        let guardian = guardian(world, *family, &siblings, &[mother, father], &relatives, random);
        for child in siblings {
            let from = -random.between(1, 48);
            let kind_code = if kind == 0 { 1 } else { 2 };
            world
                .children
                .insert(child, Listing::new(Some(Child { kind: kind_code, guardian, from }), 0));
            found[kind] += 1;
        }
    }
}

/// A grown-up of the family who isn't a parent; without one, the children move to relatives.
fn guardian(
    world: &mut World,
    family: u32,
    children: &[PersonIndex],
    parents: &[PersonIndex],
    relatives: &[u32],
    random: &mut Stream,
) -> PersonIndex {
    let today = world.now.first;
    let grown = |person: &PersonIndex, world: &World| {
        !parents.contains(person)
            && world.person(*person).birth.age_on(today) >= 25
            && world.person(*person).lives_here()
    };
    if let Some(guardian) = world.family(family).members.iter().find(|person| grown(person, world))
    {
        return *guardian;
    }
    let Some(home) = random.pick(relatives).copied().filter(|home| *home != family) else {
        return NOBODY;
    };
    for child in children {
        world.leave_family(*child);
        world.person_mut(*child).family = home;
        if let Some(home) = world.families.get_mut(home as usize) {
            home.members.push(*child);
        }
    }
    world.family(home).head
}

/// Lets somebody have died one to seven years ago, known to everybody.
fn bury_long_ago(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let day = world.now.first.plus(-random.between(400, 2_600));
    world.leave_family(person);
    let month = world.now.index_of(day);
    world.person_mut(person).death = day;
    let spouse = world.person(person).spouse;
    if spouse != NOBODY && world.person(spouse).lives_here() {
        world.person_mut(spouse).marital = 30;
    }
    let book = world.person(person).book;
    world.deaths.insert(
        person,
        Death {
            certificate: month,
            register: month,
            cremation: month,
            cremated_on: day.plus(3),
            fee: 210_000,
            known_cremation: false,
            one_source: false,
        },
    );
    if book != NOTHING && world.books.get(book as usize).is_some_and(|book| book.head == person) {
        world.elect_head(book);
    }
}

fn imprison(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let from = world.now.first.plus(-random.between(60, 500));
    let to = world.now.first.plus(random.between(200, 1_500));
    world.custody.insert(person, Custody { from, to, known: false });
}

/// Files the applications of the families in hardship: most before the first month, the others later.
pub(super) fn apply(world: &mut World, poor: &[bool], options: &GenerateOptions) {
    let mut random = Stream::new(&[world.seed, APPLY]);
    let applied_before = world.profile.hardship.applied_before;
    for (family, is_poor) in (0..).zip(poor) {
        if !is_poor || world.family(family).members.is_empty() {
            continue;
        }
        if random.chance(applied_before) {
            let applied = world.now.first.plus(-random.between(31, 700));
            file_case(world, family, applied, &mut random);
        } else {
            let month = i32::try_from(random.below(options.months.max(1))).unwrap_or_default();
            world.plan(month, Event::Apply(family));
        }
    }
}

/// Files an application of a family, with the incomes and savings that its level of hardship means.
///
/// * `applied`: the day of filing; consent to the check was given the same day or up to three days before.
///
/// Returns the case's index; `None` when the family has no registered grown-up who could file.
pub(crate) fn file_case(
    world: &mut World,
    family: u32,
    applied: Day,
    random: &mut Stream,
) -> Option<u32> {
    let today = world.now.last;
    let members = world.family(family).members.clone();
    let applicant = members.iter().copied().find(|member| {
        world.person(*member).is_registered() && world.person(*member).birth.age_on(today) >= 18
    })?;
    if members
        .iter()
        .any(|member| world.case_of.contains_key(member) || world.tekun.contains_key(member))
    {
        return None;
    }
    let index = u32::try_from(world.cases.len()).ok()?;
    let standard = amounts::minimum_living(world.now);
    let hardship = world.profile.hardship.clone();
    let level = random.unit();
    let count = i64::try_from(members.len()).unwrap_or(1);
    let permille = |low: i32, high: i32, random: &mut Stream| i64::from(random.between(low, high));
    let per_head = if level < hardship.below_line {
        standard * permille(0, 960, random) / 1_000
    } else if level < hardship.below_line + hardship.near_line {
        standard * permille(1_000, 1_480, random) / 1_000
    } else {
        standard * permille(1_500, 2_600, random) / 1_000
    };
    let other = set_incomes(world, &members, per_head * count / 100 * 100, random);
    let failing = random.chance(hardship.failing_assets);
    let failure = random.below(3);
    let asked = applied.plus(random.between(2, 9)).min(world.now.last);
    let mut lines = Vec::new();
    for (line, person) in
        (0..).zip(members.iter().copied().take(super::things::MOST_MEMBERS as usize))
    {
        let grown = world.person(person).birth.age_on(today) >= 16;
        let rich = failing && failure == 0 && person == applicant;
        let balance = match (grown, rich) {
            (_, true) => standard * permille(40_000, 90_000, random) / 1_000 * count,
            (true, _) => standard * permille(50, 14_000, random) / 1_000,
            (false, _) => 0,
        };
        let other_income =
            if person == applicant { u32::try_from(other).unwrap_or_default() } else { 0 };
        world.case_of.insert(person, index);
        world.replies.push(Reply { case: index, line, asked, balance });
        lines.push(CaseMember {
            person,
            other_income,
            savings: Some((asked, balance)),
            known: None,
            known_savings: None,
        });
    }
    if failing && failure == 1 {
        settle::add_vehicle_of(world, applicant, 1, applied.plus(-400));
    }
    if failing && failure == 2 {
        settle::add_home(world, applicant, true, random);
        settle::add_home(world, applicant, false, random);
    }
    let consented = applied.plus(-random.between(0, 3));
    world.cases.push(Case { applicant, consented, applied, active: true, members: lines });
    Some(index)
}

/// Fits wages and pensions to a household income; returns what is left to be declared as other income, in fen.
fn set_incomes(world: &mut World, members: &[PersonIndex], total: i64, random: &mut Stream) -> i64 {
    let mut left = total;
    for member in members {
        let person = world.person_mut(*member);
        let pension = i64::from(person.pension);
        if pension > left {
            // A pension that is too large for this household becomes the largest that isn't; a tiny one none at all.
            let fitting = if left >= 20_000 { left } else { 0 };
            person.pension = u32::try_from(fitting).unwrap_or_default();
        }
        left -= i64::from(person.pension);
    }
    for member in members {
        let person = world.person_mut(*member);
        if person.tax == NO_MONEY {
            continue;
        }
        let tax = i64::from(person.tax).min(left);
        person.tax = u32::try_from(tax).unwrap_or_default();
        person.wage = person.wage.min(person.tax.max(60_000));
        left -= tax;
    }
    // Not all that is left is declared: whole tens of yuan are.
    let declared = if random.chance(0.7) { left / 1_000 * 1_000 } else { left };
    declared.max(0)
}

fn scaled(number: u32, share: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number that fits"
    )]
    let result = (f64::from(number) * share).round() as u32;
    result
}
