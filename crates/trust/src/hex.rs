//! Hexadecimal digits of keys and tokens.

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// Appends two digits a byte.
pub(crate) fn push(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        // Both indexes are below 16.
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
    }
}

/// Reads exactly `2 * N` digits.
pub(crate) fn read<const N: usize>(text: &[u8], bytes: &mut [u8; N]) -> Option<()> {
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        for digit in pair {
            *byte = (*byte << 4) | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(())
}
