//! The lists of the disabled persons' federation, of custody, of self-care, of children, of extreme difficulty, and the
//! confirmations of the longevity allowance.

use super::Process;
use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Hashed, Random};
use crate::world::{Cause, Child, Custody, Listing, NOBODY, PersonIndex, Tekun, World, settle};

/// Chances a month. Made up.
const NEW_CARD: f64 = 0.000_12;
const NEW_CUSTODY: f64 = 0.000_03;
const REASSESSED: f64 = 0.02;
const NEW_TEKUN: f64 = 0.008;
const NEW_CHILD: f64 = 0.01;

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    confirm(world, residents);
    cards(world, residents);
    custody(world, residents);
    self_care(world);
    tekun(world, residents);
    children(world, residents);
}

fn confirm(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Confirmations.number());
    let rate = world.profile.coverage.confirmed_longevity;
    for person in residents.iter().copied() {
        let entry = world.person(person);
        let turns = entry.birth.age_on(world.now.last) == 70
            && entry.birth.age_on(world.now.first.plus(-1)) < 70;
        if turns && entry.is_registered() && random.chance(rate) {
            let day = world.some_day(&mut random);
            world.confirmed.insert(person, day);
            world.deliver(Dataset::BenefitConfirmation, person, Cause::New);
        }
    }
}

/// Brings an entry of a roll up to date; a late change is counted as such.
fn update<T: Copy + PartialEq>(
    listing: &mut Listing<T>,
    entry: Option<T>,
    month: i32,
    rate: f64,
    parts: [u64; 3],
) -> Option<bool> {
    let [seed, dataset, person] = parts;
    listing.update(
        entry,
        month,
        rate,
        Hashed::new(&[seed, 0x6c69_7374, dataset, person, u64::from(month.unsigned_abs())]),
    )
}

fn cards(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Cards.number());
    for person in residents.iter().copied() {
        if random.chance(NEW_CARD)
            && world.person(person).lives_here()
            && !world.cards.contains_key(&person)
        {
            let mut card = settle::draw_card(world.now.first, &mut random);
            card.issued = world.some_day(&mut random);
            card.expires = card.issued.plus(3_653);
            world.cards.insert(person, Listing::new(Some(card), world.now.index));
        }
    }
    let (now, rate, seed) = (world.now, world.errors.not_updated, world.seed);
    let people: Vec<PersonIndex> = world.cards.keys().copied().collect();
    for person in people {
        let entry = world.person(person);
        let gone = entry.left != Day::NEVER || world.is_known_dead(person);
        let draw = random.unit();
        let Some(listing) = world.cards.get_mut(&person) else { continue };
        let mut card = listing.truth;
        if let Some(card) = &mut card {
            if gone {
                card.active = false;
            } else if card.active && card.expires < now.first {
                // Nobody came to renew it.
                card.active = false;
            } else if card.active && now.contains(card.expires) && draw < 0.75 {
                card.issued = now.first.plus(4);
                card.expires = card.issued.plus(3_653);
            }
        }
        let changed = update(
            listing,
            card,
            now.index,
            rate,
            [seed, Dataset::Disability.number(), person.into()],
        );
        world.count_update(changed);
    }
}

fn custody(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Custody.number());
    for person in residents.iter().copied() {
        if !random.chance(NEW_CUSTODY) {
            continue;
        }
        let entry = world.person(person);
        if entry.male
            && entry.lives_here()
            && entry.birth.age_on(world.now.first) >= 18
            && !world.custody.contains_key(&person)
        {
            let from = world.some_day(&mut random);
            let to = from.plus(random.between(200, 1_800));
            world.custody.insert(person, Custody { from, to, known: false });
            world.deliver(Dataset::Custody, person, Cause::New);
        }
    }
}

fn self_care(world: &mut World) {
    let mut random = world.stream(Process::Lists.number());
    let people: Vec<PersonIndex> = world.self_care.keys().copied().collect();
    for person in people {
        let day = world.some_day(&mut random);
        if !random.chance(REASSESSED) || !world.person(person).lives_here() {
            continue;
        }
        let worse = u8::try_from(random.below(3)).unwrap_or_default();
        if let Some(care) = world.self_care.get_mut(&person) {
            care.failed = (care.failed + worse).min(6);
            care.assessed = day;
            care.number += 1;
            world.deliver(Dataset::SelfCare, person, Cause::New);
        }
    }
}

fn tekun(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Lists.number() + 1_000);
    #[expect(clippy::cast_precision_loss, reason = "a count of people")]
    let wanted = world.tekun.len() as f64 * NEW_TEKUN;
    let mut tries = if random.chance(wanted.fract()) { 1 } else { 0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let whole = wanted as u32;
    tries += whole;
    // Somebody old who lives alone without a pension and isn't in a case.
    for _ in 0..tries * 200 {
        let Some(person) = random.pick(residents).copied() else { break };
        let entry = world.person(person);
        let alone = world
            .families
            .get(entry.family as usize)
            .is_some_and(|family| family.members.len() == 1);
        let fits = alone
            && entry.is_registered()
            && entry.birth.age_on(world.now.first) >= 60
            && entry.pension == 0
            && !world.case_of.contains_key(&person)
            && !world.tekun.contains_key(&person);
        if fits {
            let entry =
                Tekun { care_mode: if random.chance(0.4) { 1 } else { 2 }, from: world.now.index };
            world.tekun.insert(person, Listing::new(Some(entry), world.now.index));
            settle::assess(world, person, &mut random);
            let day = world.now.first.plus(-3);
            if let Some(care) = world.self_care.get_mut(&person) {
                care.assessed = day;
            }
            world.deliver(Dataset::SelfCare, person, Cause::New);
            tries = tries.saturating_sub(1);
            if tries == 0 {
                break;
            }
        }
    }
    let (now, rate, seed) = (world.now, world.errors.not_updated, world.seed);
    let people: Vec<PersonIndex> = world.tekun.keys().copied().collect();
    for person in people {
        let person_entry = world.person(person);
        // The month of death is still paid; who moved the registration away is off the roll at once.
        let gone = person_entry.death < now.first || person_entry.left != Day::NEVER;
        let Some(listing) = world.tekun.get_mut(&person) else { continue };
        let entry = listing.truth.filter(|_| !gone);
        let changed = update(
            listing,
            entry,
            now.index,
            rate,
            [seed, Dataset::TekunRoll.number(), person.into()],
        );
        world.count_update(changed);
    }
}

fn children(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Lists.number() + 2_000);
    #[expect(clippy::cast_precision_loss, reason = "a count of people")]
    let wanted = world.children.len() as f64 * NEW_CHILD;
    if random.chance(wanted) {
        // A child of a single parent who has been found to be unattended.
        let found = (0..2_000).find_map(|_| {
            let child = random.pick(residents).copied()?;
            let entry = world.person(child);
            let fits = entry.is_registered()
                && entry.birth.age_on(world.now.first) < 17
                && !world.children.contains_key(&child)
                && !world.case_of.contains_key(&child);
            let family = world.families.get(entry.family as usize)?;
            let grown = |other: &PersonIndex| {
                ![entry.mother, entry.father].contains(other)
                    && world.person(*other).birth.age_on(world.now.first) >= 25
            };
            let guardian = family.members.iter().copied().find(grown)?;
            fits.then_some((child, guardian))
        });
        if let Some((child, guardian)) = found {
            let entry = Child { kind: 2, guardian, from: world.now.index };
            world.children.insert(child, Listing::new(Some(entry), world.now.index));
        }
    }
    let (now, rate, seed) = (world.now, world.errors.not_updated, world.seed);
    let people: Vec<PersonIndex> = world.children.keys().copied().collect();
    for person in people {
        let child = world.person(person);
        let gone = child.death < now.first || child.left != Day::NEVER;
        // The roll keeps a child one month longer than the age limit allows to pay.
        let grown = child.birth.age_on(now.plus(-1).first) >= 18;
        let Some(listing) = world.children.get_mut(&person) else { continue };
        let mut entry = listing.truth.filter(|_| !gone && !grown);
        let guardian = entry.map_or(NOBODY, |entry| entry.guardian);
        let orphaned = guardian != NOBODY && !world.people[guardian as usize].lives_here();
        if let Some(entry) = entry.as_mut().filter(|_| orphaned) {
            entry.guardian = NOBODY;
        }
        let changed = update(
            listing,
            entry,
            now.index,
            rate,
            [seed, Dataset::OrphanRoll.number(), person.into()],
        );
        world.count_update(changed);
    }
}
