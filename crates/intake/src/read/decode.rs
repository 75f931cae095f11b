//! From bytes to text in a contract's encoding.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8};
use pack::Encoding;

/// The byte order mark of UTF-8.
pub(super) const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

pub(super) fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf8Bom => "UTF-8 with byte order mark",
        Encoding::Gb18030 => "GB 18030",
    }
}

/// Decodes bytes that must be text in the encoding.
pub(super) fn strict(bytes: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    table(encoding).decode_without_bom_handling_and_without_replacement(bytes)
}

/// Decodes bytes and puts U+FFFD where they are no text. Only for showing, never for using.
pub(super) fn lossy(bytes: &[u8], encoding: Encoding) -> Cow<'_, str> {
    table(encoding).decode_without_bom_handling(bytes).0
}

/// How far bytes are text, as far as that can be told.
pub(super) fn valid_up_to(bytes: &[u8], encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => encoding_rs::Encoding::utf8_valid_up_to(bytes),
        // Bytes of GB 18030 are not self-synchronising: the beginning of the record has to do.
        Encoding::Gb18030 => 0,
    }
}

/// Checks the beginning of a file, and returns how many bytes of a mark to skip.
///
/// A mark of another encoding is a fault. A missing mark is not, since it carries no text.
pub(super) fn mark(bytes: &[u8], encoding: Encoding) -> Result<usize, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it begins with the byte order mark of UTF-16".to_owned());
    }
    if !bytes.starts_with(UTF8_MARK) {
        return Ok(0);
    }
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => Ok(UTF8_MARK.len()),
        Encoding::Gb18030 => Err("it begins with the byte order mark of UTF-8".to_owned()),
    }
}

fn table(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => UTF_8,
        Encoding::Gb18030 => GB18030,
    }
}
