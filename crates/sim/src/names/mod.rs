//! Names of people: drawn by the frequencies of real ones, held in six bytes, written out when needed.

mod tables;
mod variants;

pub(crate) use tables::NameTables;
pub(crate) use variants::Variants;

use crate::draw::Random;

/// A name: surname and one or two characters, or a dotted name of two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// Index of the surname, or [`DOTTED`].
    pub(crate) surname: u16,
    /// Index of the character, or of the first part of a dotted name.
    pub(crate) first: u16,
    /// Index of the second character or part; [`NONE`] for a given name of one character.
    pub(crate) second: u16,
}

/// In the place of the surname: the name is written with a dot and has no surname.
pub(crate) const DOTTED: u16 = u16::MAX;
/// No second character.
pub(crate) const NONE: u16 = u16::MAX;

impl Name {
    /// Draws a whole name.
    pub(crate) fn draw(
        tables: &NameTables,
        random: &mut impl Random,
        male: bool,
        rates: &crate::profile::Names,
    ) -> Self {
        let surname = tables.draw_surname(random);
        Self::draw_given(tables, random, surname, male, rates)
    }

    /// Draws the given name to a surname.
    pub(crate) fn draw_given(
        tables: &NameTables,
        random: &mut impl Random,
        surname: u16,
        male: bool,
        rates: &crate::profile::Names,
    ) -> Self {
        if random.chance(rates.common_full) {
            let (first, second) = tables.draw_common(random, male);
            return Self { surname, first, second };
        }
        let first = tables.draw_character(random, male);
        let second = if random.chance(rates.one_character) {
            NONE
        } else if random.chance(rates.outside_bmp / (1.0 - rates.one_character).max(0.01)) {
            tables.draw_rare(random)
        } else {
            tables.draw_character(random, male)
        };
        Self { surname, first, second }
    }

    /// Draws a dotted name, as some minorities write it.
    pub(crate) fn draw_dotted(tables: &NameTables, random: &mut impl Random, male: bool) -> Self {
        let (first, second) = tables.draw_dotted(random, male);
        Self { surname: DOTTED, first, second }
    }

    /// Is it written with a dot?
    pub(crate) fn is_dotted(self) -> bool {
        self.surname == DOTTED
    }

    /// Writes the name out at the end of a text.
    pub(crate) fn write(self, tables: &NameTables, out: &mut String) {
        if self.is_dotted() {
            out.push_str(tables.dotted_part(self.first));
            out.push('·');
            out.push_str(tables.dotted_part(self.second));
            return;
        }
        out.push_str(tables.surname(self.surname));
        out.push(tables.character(self.first));
        if self.second != NONE {
            out.push(tables.character(self.second));
        }
    }
}
