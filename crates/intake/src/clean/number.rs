//! Exact numbers as departments write them.

/// Reads a number with at most `scale` decimals, in units of 10^-`scale`.
///
/// Thousands separators, a currency sign in front and 元 behind are taken off; more decimals than
/// the unit has are allowed only when they are zeros, because nothing is rounded silently. `None`
/// when it is not such a number or its size is above `limit`.
pub(crate) fn parse(text: &str, scale: u32, limit: i128) -> Option<i128> {
    let text = text.strip_suffix('元').unwrap_or(text).trim_end();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // NFKC has made the full-width ￥ a ¥.
    let text = text.strip_prefix('¥').unwrap_or(text).trim_start();
    let (whole, decimals) = match text.split_once('.') {
        // `12.` and `.5` look like cut-off cells.
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return None,
        None => (text, ""),
    };
    let mut value = 0_i128;
    let mut push = |digit: u8| -> Option<()> {
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        (value <= limit).then_some(())
    };
    for digit in digits_of_whole(whole)? {
        push(digit)?;
    }
    let mut written = 0;
    for byte in decimals.bytes() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        if written < scale {
            push(digit)?;
            written += 1;
        } else if digit != 0 {
            return None;
        }
    }
    for _ in written..scale {
        push(0)?;
    }
    Some(if negative { -value } else { value })
}

/// Digits before the decimal point; commas only where they separate thousands.
fn digits_of_whole(whole: &str) -> Option<impl Iterator<Item = u8>> {
    let groups = whole.split(',').collect::<Groups>();
    if !groups.valid {
        return None;
    }
    Some(whole.bytes().filter(|byte| *byte != b',').map(|byte| byte - b'0'))
}

/// Whether groups between commas are: 1 to 3 digits, then 3 each; or one group of any length.
struct Groups {
    valid: bool,
}

impl<'a> FromIterator<&'a str> for Groups {
    fn from_iter<I: IntoIterator<Item = &'a str>>(groups: I) -> Self {
        let mut first = None;
        let mut others = false;
        let mut valid = true;
        for group in groups {
            valid &= !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
            if first.is_none() {
                first = Some(group.len());
            } else {
                others = true;
                valid &= group.len() == 3;
            }
        }
        Self { valid: valid && (!others || first.is_some_and(|length| length <= 3)) }
    }
}
