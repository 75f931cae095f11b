//! The true world: who lives in the city, with whom, and what they have; and beside it what deliveries have told of it.
//!
//! Tables of plain structs joined by index, so that millions of people fit into memory. Nothing here makes errors: that is
//! the business of [`crate::errors`] when a row is written.

mod build;
mod form;
mod hardship;
mod kin;
mod listing;
mod person;
pub(crate) mod settle;
mod status;
mod things;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use build::build;
pub(crate) use hardship::file_case;
pub(crate) use listing::Listing;
pub(crate) use person::{
    COVER_CARD, COVER_FUND, COVER_INSURED, COVER_PERMIT, COVER_WATER, LEFT_SCHOOL, NO_MONEY,
    NOBODY, NOTHING, Person, PersonIndex, SCHOOL_STAGE, Seen,
};
pub(crate) use things::{
    Book, Business, Card, Case, CaseMember, Child, Custody, Death, Family, Home, Job, MOST_MEMBERS,
    NEVER_MONTH, Relief, Reply, SelfCare, Tekun, Union, Vehicle,
};

use crate::address::Address;
use crate::dataset::Dataset;
use crate::day::{Day, Month};
use crate::divisions::Divisions;
use crate::draw::{Random, Stream, mix};
use crate::errors::Tally;
use crate::names::{Name, NameTables, Variants};
use crate::profile::{Errors, Profile};

/// Why a row is delivered. Of several causes for one row the first stands for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The row is new.
    New,
    /// The row was delivered broken last time.
    Corrected,
    /// The row's content changed.
    Changed,
    /// The row's content changed some months ago and shows only now.
    ChangedLate,
}

/// A row to deliver: its dataset, its index in the table that the dataset is made from, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    pub(crate) dataset: Dataset,
    pub(crate) slot: u32,
    pub(crate) cause: Cause,
}

/// Something that will happen in a later month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The household register learns of a death.
    RegisterDeath(PersonIndex),
    /// A newborn is entered in the household register.
    RegisterBirth(PersonIndex),
    /// A newborn without registration gets a residence permit.
    PermitBirth(PersonIndex),
    /// A family in hardship files its application.
    Apply(u32),
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    /// Rates of error, scaled.
    pub(crate) errors: Errors,
    pub(crate) divisions: Divisions,
    pub(crate) tables: NameTables,
    pub(crate) variants: Variants,
    /// The month that is being lived.
    pub(crate) now: Month,

    pub(crate) people: Vec<Person>,
    pub(crate) families: Vec<Family>,
    pub(crate) books: Vec<Book>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) homes: Vec<Home>,
    pub(crate) businesses: Vec<Business>,
    pub(crate) unions: Vec<Union>,
    pub(crate) cases: Vec<Case>,
    pub(crate) replies: Vec<Reply>,

    pub(crate) deaths: BTreeMap<PersonIndex, Death>,
    pub(crate) renamed: BTreeMap<PersonIndex, (Name, Day)>,
    pub(crate) renumbered: BTreeMap<PersonIndex, (u16, Day)>,
    pub(crate) custody: BTreeMap<PersonIndex, Custody>,
    pub(crate) self_care: BTreeMap<PersonIndex, SelfCare>,
    pub(crate) relief: BTreeMap<PersonIndex, Listing<Relief>>,
    pub(crate) tekun: BTreeMap<PersonIndex, Listing<Tekun>>,
    pub(crate) children: BTreeMap<PersonIndex, Listing<Child>>,
    pub(crate) cards: BTreeMap<PersonIndex, Listing<Card>>,
    /// The latest day of birth, per person, of those who confirmed the longevity allowance, with the day of confirming.
    pub(crate) confirmed: BTreeMap<PersonIndex, Day>,
    /// The case of each person who is named in one.
    pub(crate) case_of: BTreeMap<PersonIndex, u32>,
    /// Rows about these people are broken in the latest delivery that has them.
    pub(crate) broken: BTreeSet<(PersonIndex, Dataset)>,

    pub(crate) agenda: BTreeMap<i32, Vec<Event>>,
    pub(crate) outgoing: BTreeMap<i32, Vec<Change>>,
    /// Counts of late deaths and late changes.
    pub(crate) tally: Tally,
    sequences: Vec<[u16; 2]>,
}

/// Identity numbers are given out for births from here on.
const FIRST_BIRTH: Day = Day::new(1880, 1, 1);
/// Sequence numbers of one birth date and sex: 000 to 999, odd or even.
const SEQUENCES: u16 = 500;

impl World {
    /// A stream of draws for a process of the current month.
    pub(crate) fn stream(&self, process: u64) -> Stream {
        Stream::new(&[
            self.seed,
            process,
            u64::from_ne_bytes(i64::from(self.now.index).to_ne_bytes()),
        ])
    }

    /// The person at an index.
    pub(crate) fn person(&self, index: PersonIndex) -> &Person {
        // Indices are given out by `add_person` only, and nobody is ever taken out.
        &self.people[index as usize]
    }

    /// The person at an index, to change.
    pub(crate) fn person_mut(&mut self, index: PersonIndex) -> &mut Person {
        // As in `person`.
        &mut self.people[index as usize]
    }

    /// The person, unless the index says nobody.
    pub(crate) fn somebody(&self, index: PersonIndex) -> Option<&Person> {
        self.people.get(index as usize)
    }

    /// The family at an index.
    pub(crate) fn family(&self, index: u32) -> &Family {
        // Indices are given out where families are added, and none is ever taken out.
        &self.families[index as usize]
    }

    /// Adds a person and returns the index.
    pub(crate) fn add_person(&mut self, person: Person) -> PersonIndex {
        let index = u32::try_from(self.people.len()).unwrap_or(NOBODY);
        self.people.push(person);
        index
    }

    /// Adds a family, at an address, of people whose `family` is set to it.
    pub(crate) fn add_family(
        &mut self,
        address: Address,
        former: Address,
        members: Vec<PersonIndex>,
    ) -> u32 {
        let index = u32::try_from(self.families.len()).unwrap_or(NOTHING);
        for member in &members {
            self.person_mut(*member).family = index;
        }
        let head = members.first().copied().unwrap_or(NOBODY);
        self.families.push(Family { address, former, members, head });
        index
    }

    /// Takes somebody out of the family that they live in.
    pub(crate) fn leave_family(&mut self, person: PersonIndex) {
        let family = self.person(person).family;
        let Some(family) = self.families.get_mut(family as usize) else { return };
        family.members.retain(|member| *member != person);
        if family.head == person {
            family.head = family.members.first().copied().unwrap_or(NOBODY);
        }
    }

    /// The next free sequence number for a birth date and sex. When a date is full, the next date is taken.
    pub(crate) fn next_sequence(&mut self, birth: Day, male: bool) -> (Day, u16) {
        let mut day = birth;
        loop {
            let place = usize::try_from(day.0.saturating_sub(FIRST_BIRTH.0)).unwrap_or_default();
            if self.sequences.len() <= place {
                self.sequences.resize(place + 366, [0; 2]);
            }
            let used = &mut self.sequences[place][usize::from(male)];
            if *used < SEQUENCES {
                // Numbers of a date follow each other, as those of twins do, from a different beginning on each date.
                let begin = u16::try_from(
                    mix(&[u64::from(day.0.unsigned_abs()), male.into()]) % u64::from(SEQUENCES),
                );
                let number = (*used + begin.unwrap_or_default()) % SEQUENCES * 2 + u16::from(male);
                *used += 1;
                return (day, number);
            }
            day = day.plus(1);
        }
    }

    /// Says that a row is to be delivered this month.
    pub(crate) fn deliver(&mut self, dataset: Dataset, slot: u32, cause: Cause) {
        self.deliver_in(self.now.index, dataset, slot, cause);
    }

    /// Says that a row is to be delivered in a given month.
    pub(crate) fn deliver_in(&mut self, month: i32, dataset: Dataset, slot: u32, cause: Cause) {
        self.outgoing.entry(month).or_default().push(Change { dataset, slot, cause });
    }

    /// Plans an event.
    pub(crate) fn plan(&mut self, month: i32, event: Event) {
        self.agenda.entry(month).or_default().push(event);
    }

    /// A day of the current month.
    pub(crate) fn some_day(&self, random: &mut impl Random) -> Day {
        self.now.first.plus(random.between(0, self.now.length() - 1))
    }

    /// A list of living residents, in order.
    pub(crate) fn residents(&self) -> Vec<PersonIndex> {
        (0..)
            .zip(&self.people)
            .filter(|(_, person)| person.lives_here())
            .map(|(index, _)| index)
            .collect()
    }
}
