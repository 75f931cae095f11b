//! Who is what to whom.

use super::{NOBODY, PersonIndex, World};

impl World {
    /// The relation of a person to the head of a household book, by GB/T 4761-2008; the head is 02.
    pub(crate) fn relation_to_head(&self, head: PersonIndex, person: PersonIndex) -> &'static str {
        if head == person { "02" } else { self.relation(head, person) }
    }

    /// The relation of a person to an applicant, by GB/T 4761-2008; the applicant is 01.
    pub(crate) fn relation_to_applicant(
        &self,
        applicant: PersonIndex,
        person: PersonIndex,
    ) -> &'static str {
        if applicant == person { "01" } else { self.relation(applicant, person) }
    }

    fn relation(&self, from: PersonIndex, to: PersonIndex) -> &'static str {
        let (Some(from_person), Some(to_person)) = (self.somebody(from), self.somebody(to)) else {
            return "97";
        };
        let parents = |person: PersonIndex| {
            self.somebody(person).map_or([NOBODY; 2], |person| [person.mother, person.father])
        };
        let is_parent = |parent: PersonIndex, child: PersonIndex| parents(child).contains(&parent);
        let male = to_person.male;
        if from_person.spouse == to {
            return if male { "11" } else { "12" };
        }
        if is_parent(from, to)
            || (from_person.spouse != NOBODY && is_parent(from_person.spouse, to))
        {
            return if male { "20" } else { "30" };
        }
        if is_parent(to, from) {
            return if male { "51" } else { "52" };
        }
        let is_grandparent = |elder: PersonIndex, younger: PersonIndex| {
            parents(younger).into_iter().any(|parent| parent != NOBODY && is_parent(elder, parent))
        };
        if is_grandparent(from, to) {
            return "40";
        }
        if is_grandparent(to, from) {
            return "60";
        }
        let shared = parents(from)
            .into_iter()
            .any(|parent| parent != NOBODY && parents(to).contains(&parent));
        if shared { "70" } else { "97" }
    }

    /// Chooses a head for a book: a member who is still in it, the spouse of the last head before others, then the eldest.
    pub(crate) fn elect_head(&mut self, book: u32) {
        let Some(entry) = self.books.get(book as usize) else { return };
        let spouse = self.somebody(entry.head).map_or(NOBODY, |head| head.spouse);
        let standing = |person: &PersonIndex| {
            self.somebody(*person).is_some_and(|p| p.is_registered() && p.book == book)
        };
        let head = if entry.members.contains(&spouse) && standing(&spouse) {
            Some(spouse)
        } else {
            entry
                .members
                .iter()
                .copied()
                .filter(standing)
                .min_by_key(|person| (self.person(*person).birth, *person))
        };
        if let (Some(head), Some(entry)) = (head, self.books.get_mut(book as usize)) {
            entry.head = head;
        }
    }

    /// Somebody else of the family with a telephone, closest first: spouse, then the youngest grown-up.
    pub(crate) fn family_phone_holder(&self, person: PersonIndex) -> Option<PersonIndex> {
        let own = self.person(person);
        let family = self.families.get(own.family as usize)?;
        let grown = |other: &PersonIndex| *other != person && self.has_phone(*other);
        if family.members.contains(&own.spouse) && grown(&own.spouse) {
            return Some(own.spouse);
        }
        family
            .members
            .iter()
            .copied()
            .filter(grown)
            .max_by_key(|other| (self.person(*other).birth, *other))
    }

    /// Has a telephone of one's own: everybody from 14 on.
    pub(crate) fn has_phone(&self, person: PersonIndex) -> bool {
        self.person(person).birth.age_on(self.now.last) >= 14
    }
}
