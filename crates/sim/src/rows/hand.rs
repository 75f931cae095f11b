//! The hand that writes a row: true facts go in, cells with the errors of a department come out.

use crate::address;
use crate::dataset::{Dataset, DateStyle, Spec};
use crate::day::{Day, Month};
use crate::delivery::Line;
use crate::draw::{Hashed, Random, mix};
use crate::errors::{Tally, birth, contact, identity, name};
use crate::names::Name;
use crate::world::{PersonIndex, World};

/// A person of whom a row speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) person: PersonIndex,
    /// The row carries the person's right identity number.
    pub(crate) id_intact: bool,
}

/// Writes the cells of one row.
pub(crate) struct Hand<'a> {
    pub(super) world: &'a World,
    dataset: Dataset,
    dates: DateStyle,
    row: u64,
    line: &'a mut Line,
    tally: &'a mut Tally,
    roles: Vec<Role>,
    /// The day from which the row's identity is: a name or number changed later isn't in it.
    since: Day,
}

/// What a draw is about.
#[derive(Clone, Copy)]
enum Field {
    Id = 1,
    Name,
    Birth,
    Phone,
    Address,
}

impl<'a> Hand<'a> {
    pub(crate) fn new(
        world: &'a World,
        dataset: Dataset,
        spec: &Spec,
        row: u64,
        line: &'a mut Line,
        tally: &'a mut Tally,
    ) -> Self {
        line.clear();
        Self {
            world,
            dataset,
            dates: spec.dates,
            row,
            line,
            tally,
            roles: Vec::new(),
            since: Day::NEVER,
        }
    }

    /// The people of whom the row speaks.
    pub(crate) fn into_roles(self) -> Vec<Role> {
        self.roles
    }

    /// From here on the row speaks of this person, as known since that day.
    pub(super) fn of(&mut self, role: &'static str, person: PersonIndex, since: Day) {
        self.roles.push(Role { name: role, person, id_intact: false });
        self.since = since;
    }

    /// A draw for something particular to the row.
    pub(super) fn draw(&self, about: u64) -> Hashed {
        Hashed::new(&[self.row, 0x100 + about])
    }

    fn field(&self, field: Field) -> Hashed {
        Hashed::new(&[self.row, field as u64, self.roles.len() as u64])
    }

    /// The register is kept with care: no errors.
    fn careful(&self) -> bool {
        self.dataset == Dataset::HouseholdRegister
    }

    /// Nobody, who is never asked for: every row names its person first.
    fn person(&self) -> PersonIndex {
        self.roles.last().map_or(0, |role| role.person)
    }

    fn name_then(&self, person: PersonIndex) -> Name {
        match self.world.renamed.get(&person) {
            Some((former, day)) if self.since < *day => *former,
            _ => self.world.person(person).name,
        }
    }

    /// The person's name.
    pub(super) fn name(&mut self) {
        let person = self.person();
        let true_name = self.name_then(person);
        let draw = self.field(Field::Name);
        let (world, tally) = (self.world, &mut *self.tally);
        if self.dataset == Dataset::HouseholdRegister {
            self.line.push_with(|out| world.person(person).name.write(&world.tables, out));
        } else {
            self.line.push_with(|out| {
                name::write(
                    true_name,
                    &world.tables,
                    &world.variants,
                    &world.errors,
                    draw,
                    tally,
                    out,
                );
            });
        }
    }

    /// Somebody else's name, of whom the row doesn't speak; empty for nobody.
    pub(super) fn other_name(&mut self, person: PersonIndex) {
        let world = self.world;
        self.line.push_with(|out| {
            if let Some(person) = world.somebody(person) {
                person.name.write(&world.tables, out);
            }
        });
    }

    /// The person's former name, if it was changed.
    pub(super) fn former_name(&mut self) {
        let (world, person) = (self.world, self.person());
        self.line.push_with(|out| {
            if let Some((former, _)) = world.renamed.get(&person) {
                former.write(&world.tables, out);
            }
        });
    }

    /// The person's identity number.
    pub(super) fn id_number(&mut self) {
        let person = self.person();
        let entry = self.world.person(person);
        let former = self
            .world
            .renumbered
            .get(&person)
            .filter(|(_, day)| self.since < *day && !self.careful());
        let sequence = former.map_or(entry.sequence, |(sequence, _)| *sequence);
        let number = identity::number(entry.birth, sequence);
        let (written, intact) = if self.careful() {
            (number, true)
        } else {
            let draw = self.field(Field::Id);
            identity::write(&number, entry.birth, &self.world.errors, draw, self.tally)
        };
        if let Some(role) = self.roles.last_mut() {
            role.id_intact = intact && former.is_none();
        }
        self.line.push(&written);
    }

    /// The person's birth date.
    pub(super) fn birth(&mut self) {
        let true_birth = self.world.person(self.person()).birth;
        let written = if self.careful() {
            true_birth
        } else {
            let draw = self.field(Field::Birth);
            birth::write(true_birth, &self.world.errors, draw, self.tally)
        };
        self.date(written);
    }

    /// The person's sex.
    pub(super) fn sex(&mut self) {
        let male = self.world.person(self.person()).male;
        self.text(if male { "1" } else { "2" });
    }

    /// The person's telephone.
    pub(super) fn phone(&mut self) {
        let draw = self.field(Field::Phone);
        let phone = contact::phone(self.world, self.person(), &self.world.errors, draw, self.tally);
        self.line.push(&phone);
    }

    /// The telephone of another person, as it is; empty for nobody.
    pub(super) fn other_phone(&mut self, person: Option<PersonIndex>) {
        let phone = person.map_or_else(String::new, contact::true_phone);
        self.line.push(&phone);
    }

    /// The person's home.
    pub(super) fn address(&mut self) {
        let draw = self.field(Field::Address);
        let (world, person, tally) = (self.world, self.person(), &mut *self.tally);
        self.line.push_with(|out| contact::address(world, person, &world.errors, draw, tally, out));
    }

    /// Another address, in one of the five ways.
    pub(super) fn place(&mut self, home: address::Address) {
        let draw = self.field(Field::Address);
        let world = self.world;
        self.line.push_with(|out| contact::write_address(world, home, draw, out));
    }

    /// An address as the register writes it.
    pub(super) fn register_address(&mut self, home: address::Address) {
        let world = self.world;
        self.line.push_with(|out| home.write(&world.divisions, address::REGISTER_FORM, out));
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) {
        self.line.push(text);
    }

    /// A number or another thing that is written plainly.
    pub(super) fn plain(&mut self, value: impl std::fmt::Display) {
        use std::fmt::Write as _;
        // Writing to a string can't fail.
        self.line.push_with(|out| {
            let _ = write!(out, "{value}");
        });
    }

    /// A code that says whether something stands.
    pub(super) fn active(&mut self, active: bool) {
        self.text(if active { "1" } else { "0" });
    }

    /// A day, in the way of the department; nothing for a day that never comes.
    pub(super) fn date(&mut self, day: Day) {
        let Some(day) = day.happened() else { return self.text("") };
        let (year, month, day) = day.civil();
        match self.dates {
            DateStyle::Iso => self.plain(format_args!("{year:04}-{month:02}-{day:02}")),
            DateStyle::Compact => self.plain(format_args!("{year:04}{month:02}{day:02}")),
            DateStyle::Slash => self.plain(format_args!("{year}/{month}/{day}")),
            DateStyle::Dot => self.plain(format_args!("{year}.{month}.{day}")),
            DateStyle::Chinese => self.plain(format_args!("{year}年{month}月{day}日")),
        }
    }

    /// A day for a cell that holds dates.
    pub(super) fn date_cell(&mut self, day: Day) {
        let (year, month, day) = day.civil();
        self.plain(format_args!("{year:04}-{month:02}-{day:02}"));
    }

    /// A month, from its index.
    pub(super) fn month(&mut self, index: i32) {
        self.plain(Month { ..self.world.now.plus(index - self.world.now.index) });
    }

    /// An amount in yuan with two decimals, from fen.
    pub(super) fn money(&mut self, fen: i64) {
        self.plain(format_args!("{}.{:02}", fen / 100, fen.rem_euclid(100)));
    }

    /// An amount in yuan without needless zeros, as numbers are shown.
    pub(super) fn money_number(&mut self, fen: i64) {
        match (fen / 100, fen.rem_euclid(100)) {
            (yuan, 0) => self.plain(yuan),
            (yuan, rest) if rest % 10 == 0 => self.plain(format_args!("{yuan}.{}", rest / 10)),
            (yuan, rest) => self.plain(format_args!("{yuan}.{rest:02}")),
        }
    }

    /// The parts of the row's key.
    pub(super) fn key(&mut self, slot: u32, entry: u8) {
        for part in super::key(self.world, self.dataset, slot, entry) {
            self.line.push(&part);
        }
    }

    /// A bank account of the person, for a purpose.
    pub(super) fn account(&mut self, purpose: u64) {
        let account = crate::keys::account(self.person(), purpose);
        self.line.push(&account);
    }

    /// Since when a department knows a person, where no row says it: some time of the last ten years.
    pub(super) fn some_time_ago(&self, person: PersonIndex) -> Day {
        let mut draw =
            Hashed::new(&[mix(&[self.world.seed, self.dataset.number()]), person.into()]);
        let start = self.world.now.plus(-self.world.now.index).first;
        start.plus(-draw.between(1, 3_650))
    }
}
