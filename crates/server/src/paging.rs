//! Pages of lists: one row more than asked for is read, which tells whether there is a next page.

/// How many rows to read for a page of so many.
pub(crate) fn rows_to_read(limit: u32) -> u64 {
    u64::from(limit) + 1
}

/// Cuts what was read to the page, and returns the cursor of the next one; `None` on the last.
pub(crate) fn cut<T>(
    found: &mut Vec<T>,
    limit: u32,
    cursor: impl Fn(&T) -> String,
) -> Option<String> {
    let limit = limit as usize;
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more).map(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_next_page_when_one_more_was_found() {
        let page = |number: usize| {
            let mut found: Vec<usize> = (0..number).collect();
            let next = cut(&mut found, 2, ToString::to_string);
            (found.len(), next)
        };
        assert_eq!(page(3), (2, Some("1".to_owned())));
        assert_eq!(page(2), (2, None));
        assert_eq!(page(0), (0, None));
    }
}
