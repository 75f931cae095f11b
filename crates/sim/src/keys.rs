//! Numbers that name things: business keys of rows, telephone numbers, accounts, credit codes.
//!
//! A key must be unique within its dataset and stable, but must not help to link people across datasets: the same
//! person has unrelated keys everywhere. Each is therefore the index of the thing, scattered over the numbers of a fixed
//! length by a one-to-one map of its own.

use crate::draw::mix;
use crate::world::PersonIndex;

/// Scatters `index` over `0..modulus`, one to one, by a map that `salt` chooses.
///
/// * `modulus`: a power of ten; `index` must be below it.
pub(crate) fn scatter(index: u64, modulus: u64, salt: u64) -> u64 {
    // Multiplying by a number that shares no factor with ten permutes the residues of a power of ten; adding shifts them.
    let factor = {
        let odd = (mix(&[salt, 1]) % modulus) | 1;
        if odd.is_multiple_of(5) { odd + 2 } else { odd }
    };
    let shift = mix(&[salt, 2]) % modulus;
    let product =
        (u128::from(index) * u128::from(factor) + u128::from(shift)) % u128::from(modulus);
    // Below the modulus, hence within 64 bits.
    u64::try_from(product).unwrap_or_default()
}

const PHONES: u64 = 100_000_000;
/// Numbers per person, of which 0 is the current one and 1 the former.
const PHONES_PER_PERSON: u64 = 8;

/// The telephone number of a person: 199 and eight digits, made up.
pub(crate) fn phone(person: PersonIndex, version: u64) -> String {
    let index = u64::from(person) * PHONES_PER_PERSON + version % PHONES_PER_PERSON;
    format!("199{:08}", scatter(index % PHONES, PHONES, 0x7068_6f6e))
}

/// The bank account of a person, for a purpose: 6299 and fifteen digits, made up.
pub(crate) fn account(person: PersonIndex, purpose: u64) -> String {
    let index = u64::from(person) * 16 + purpose % 16;
    format!("6299{:015}", scatter(index, 1_000_000_000_000_000, 0x6163_6374))
}

/// A vehicle's plate: 粤A and five of the 34 characters that plates use.
pub(crate) fn plate(index: u32, salt: u64) -> String {
    const CHARACTERS: [u8; 34] = *b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    // 34^5 = 45,435,424 plates of A; beyond them the second letter counts on. 10^8 numbers are scattered over them.
    let mut number = scatter(u64::from(index), PHONES, salt ^ 0x706c_6174);
    let mut tail = [b'0'; 5];
    for place in tail.iter_mut().rev() {
        // The remainder is below 34.
        *place = CHARACTERS[usize::try_from(number % 34).unwrap_or_default()];
        number /= 34;
    }
    let letter = [b'A', b'E', b'S'][usize::try_from(number).unwrap_or_default().min(2)];
    let mut plate = String::from("粤");
    plate.push(char::from(letter));
    plate.extend(tail.iter().map(|byte| char::from(*byte)));
    plate
}

/// The credit code (GB 32100-2015) of an employer or business; the division 440199 isn't assigned.
///
/// * `kind`: the first two characters, for instance `91` for a company, `92` for an individual business.
pub(crate) fn credit_code(kind: &str, index: u64) -> String {
    let number = scatter(index % 10_000_000, 10_000_000, 0x7573_6363);
    let first8 = format!("M{number:07}");
    let check =
        vocab::UnifiedSocialCreditCode::organisation_check_character(&first8).unwrap_or('0');
    let mut code = format!("{kind}440199{first8}{check}");
    code.push(vocab::UnifiedSocialCreditCode::check_character(&code).unwrap_or('0'));
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn scattering_is_one_to_one() {
        let seen: BTreeSet<u64> = (0..10_000).map(|index| scatter(index, 10_000, 99)).collect();
        assert_eq!(seen.len(), 10_000);
    }

    #[test]
    fn plates_differ_over_a_large_range() {
        let seen: BTreeSet<String> = (0..200_000).map(|index| plate(index, 5)).collect();
        assert_eq!(seen.len(), 200_000);
    }

    #[test]
    fn credit_codes_pass_the_check_of_the_standard() {
        for index in 0..2_000 {
            assert!(vocab::UnifiedSocialCreditCode::parse(&credit_code("91", index)).is_ok());
        }
    }

    #[test]
    fn a_phone_is_a_mainland_mobile_number() {
        assert!(vocab::Phone::parse(&phone(123_456, 0)).is_ok());
        assert_ne!(phone(1, 0), phone(1, 1));
    }
}
