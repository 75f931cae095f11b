//! Identity numbers: left out, mistyped, in the old form of 15 digits.

use super::{Kind, Tally, among, share};
use crate::day::Day;
use crate::divisions::SYNTHETIC_DIVISION;
use crate::draw::{Hashed, Random};
use crate::profile::Errors;

/// The true number of a birth date and sequence.
pub(crate) fn number(birth: Day, sequence: u16) -> String {
    // Births lie between 1880 and 2110 and sequences below 1,000, hence the number exists.
    birth
        .date()
        .and_then(|date| vocab::IdNumber::from_parts(SYNTHETIC_DIVISION, date, sequence))
        .map_or_else(String::new, |number| number.expose().to_owned())
}

/// What a clerk writes for a number, and whether it still names the person.
pub(crate) fn write(
    true_number: &str,
    birth: Day,
    errors: &Errors,
    mut draw: Hashed,
    tally: &mut Tally,
) -> (String, bool) {
    let point = draw.unit();
    let missing = point < errors.id_missing;
    let mistyped = !missing && point < errors.id_missing + errors.id_mistyped;
    let old_rate = among(errors.id_15_digits, share::BORN_BEFORE_2000);
    let (year, ..) = birth.civil();
    let old = !missing
        && !mistyped
        && (1900..2000).contains(&year)
        && point < errors.id_missing + errors.id_mistyped + old_rate;
    tally.count(Kind::IdMissing, missing);
    tally.count(Kind::IdMistyped, mistyped);
    tally.count(Kind::Id15Digits, old);
    if missing {
        (String::new(), false)
    } else if mistyped {
        (mistype(true_number, errors.id_mistyped_valid, &mut draw), false)
    } else if old {
        // Without the century and the check character.
        let old = [true_number.get(..6), true_number.get(8..17)].into_iter().flatten().collect();
        (old, true)
    } else {
        (true_number.to_owned(), true)
    }
}

/// One digit substituted, or two different neighbours exchanged; now and then another number with a check character that
/// fits.
fn mistype(number: &str, valid: f64, draw: &mut Hashed) -> String {
    let mut characters: Vec<u8> = number.bytes().collect();
    if characters.len() != 18 {
        return number.to_owned();
    }
    let fits = draw.chance(valid);
    // A valid one differs in the last two digits of the sequence, by an even step, so that date and sex stay.
    if fits {
        let digit = characters[15] - b'0';
        let step = u8::try_from(1 + draw.below(9)).unwrap_or(1);
        characters[15] = b'0' + (digit + step) % 10;
        let first17 = String::from_utf8_lossy(&characters[..17]).into_owned();
        let check = vocab::IdNumber::check_character(&first17).unwrap_or('0');
        return format!("{first17}{check}");
    }
    let swaps: Vec<usize> =
        (6..16).filter(|place| characters[*place] != characters[place + 1]).collect();
    match draw.pick(&swaps).copied().filter(|_| draw.chance(0.35)) {
        Some(place) => characters.swap(place, place + 1),
        None => {
            let place = draw.below(17) as usize;
            let digit = characters[place] - b'0';
            let step = u8::try_from(1 + draw.below(9)).unwrap_or(1);
            characters[place] = b'0' + (digit + step) % 10;
        }
    }
    String::from_utf8(characters).unwrap_or_else(|_| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors() -> Errors {
        crate::profile::Profile::read(None).expect("the embedded profile").errors
    }

    #[test]
    fn the_true_number_is_the_one_of_the_standard() {
        assert_eq!(number(Day::new(1940, 1, 1), 1), "440199194001010014");
        assert_eq!(number(Day::new(2016, 2, 29), 4), "440199201602290042");
    }

    #[test]
    fn a_mistyped_number_mostly_fails_the_check() {
        let true_number = number(Day::new(1985, 7, 23), 123);
        let errors = Errors { id_missing: 0.0, id_mistyped: 1.0, ..errors() };
        let mut valid = 0;
        for index in 0..2_000 {
            let (written, intact) = write(
                &true_number,
                Day::new(1985, 7, 23),
                &errors,
                Hashed::new(&[index]),
                &mut Tally::default(),
            );
            assert!(!intact);
            assert_ne!(written, true_number);
            valid += u32::from(vocab::IdNumber::parse(&written).is_ok());
        }
        assert!((10..100).contains(&valid), "{valid}");
    }

    #[test]
    fn fifteen_digits_convert_back_to_the_true_number() {
        let birth = Day::new(1985, 7, 23);
        let true_number = number(birth, 123);
        let errors = Errors { id_missing: 0.0, id_mistyped: 0.0, id_15_digits: 1.0, ..errors() };
        let (written, intact) =
            write(&true_number, birth, &errors, Hashed::new(&[1]), &mut Tally::default());
        assert_eq!((written.len(), intact), (15, true));
        assert_eq!(vocab::IdNumber::parse(&written).expect("an old number").expose(), true_number);
    }
}
