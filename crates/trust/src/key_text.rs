//! The text of keys, in a file or an environment variable: one key a line.
//!
//! ```text
//! [sm] <64 hexadecimal digits> [seal] [token] [open]
//! ```
//!
//! `sm` in front names the suite; without it the key is of the international one. The words behind say what the
//! key is used for: `seal`, that new cells are sealed with it; `token`, that tokens and digests are made with
//! it; `open`, that it does neither. Every key opens what it has sealed. A key that is alone does everything
//! and needs no word.

use std::fmt;

use zeroize::Zeroizing;

use crate::hex;
use crate::suite::{MASTER, Master, Suite};

/// More keys than this make opening slow and say that nobody has sealed anew for long.
pub(crate) const MOST: usize = 16;
/// Bytes of a line of the longest kind, with its end.
const LINE: usize = "sm ".len() + 2 * MASTER + " seal token\n".len();
/// No text is longer, with some room for line ends of other systems.
pub(crate) const LONGEST: usize = MOST * (LINE + 2);

const SM: &str = "sm";
const SEAL: &str = "seal";
const TOKEN: &str = "token";
const OPEN: &str = "open";

/// Keys of one suite.
pub(crate) struct KeyText {
    pub(crate) suite: Suite,
    /// The key that seals. It makes tokens unless an older one does.
    pub(crate) present: Master,
    /// The others, newest first.
    pub(crate) older: Vec<Older>,
}

/// A key that new cells are no longer sealed with.
pub(crate) struct Older {
    pub(crate) master: Master,
    /// At most one does.
    pub(crate) makes_tokens: bool,
}

/// What is wrong with a text. Says nothing of what stands there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not begin with a key.
    NoKey,
    /// One line, counted from 1.
    Line(usize, &'static str),
    /// Its lines do not fit together.
    Whole(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => {
                f.write_str("expected 64 hexadecimal digits, for the SM suite with `sm ` in front")
            }
            Self::Line(number, reason) => write!(f, "line {number}: {reason}"),
            Self::Whole(reason) => f.write_str(reason),
        }
    }
}

impl KeyText {
    /// A key that is alone.
    pub(crate) fn single(suite: Suite, master: Master) -> Self {
        Self { suite, present: master, older: Vec::new() }
    }

    /// The same keys, and a new one that seals. Tokens stay with the key that they are made with.
    pub(crate) fn rotated(mut self, new: Master) -> Self {
        let before = Older {
            makes_tokens: !self.older.iter().any(|key| key.makes_tokens),
            master: std::mem::replace(&mut self.present, new),
        };
        self.older.insert(0, before);
        self
    }

    pub(crate) fn parse(text: &[u8]) -> Result<Self, Fault> {
        let texts: Vec<&[u8]> = text.trim_ascii().split(|byte| *byte == b'\n').collect();
        let alone = texts.len() == 1;
        let mut suite = None;
        let mut lines: Vec<Line> = Vec::with_capacity(texts.len());
        for (number, text) in (1..).zip(texts) {
            let line = parse_line(text, alone).map_err(|reason| match reason {
                None if number == 1 => Fault::NoKey,
                None => Fault::Line(number, "expected 64 hexadecimal digits"),
                Some(reason) => Fault::Line(number, reason),
            })?;
            if *suite.get_or_insert(line.suite) != line.suite {
                return Err(Fault::Line(number, "it is of another suite than the first key"));
            }
            if lines.iter().any(|other| other.master == line.master) {
                return Err(Fault::Line(number, "this key stands there twice"));
            }
            lines.push(line);
        }
        if text.len() > LONGEST || lines.len() > MOST {
            return Err(Fault::Whole("there are more than 16 keys, or much else beside them"));
        }
        if lines.iter().filter(|line| line.makes_tokens).count() != 1 {
            return Err(Fault::Whole("exactly one key has to say `token`"));
        }
        let (mut present, older): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| line.seals);
        let (Some(suite), Some(key), true) = (suite, present.pop(), present.is_empty()) else {
            return Err(Fault::Whole("exactly one key has to say `seal`"));
        };
        let older = older
            .into_iter()
            .map(|line| Older { master: line.master, makes_tokens: line.makes_tokens })
            .collect();
        Ok(Self { suite, present: key.master, older })
    }

    /// The text, with a line end.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        // All at once: growing would leave copies of keys behind.
        let mut text = Zeroizing::new(String::with_capacity((self.older.len() + 1) * LINE));
        let alone = self.older.is_empty();
        let older_makes_tokens = self.older.iter().any(|key| key.makes_tokens);
        // One key has the form that it has always had.
        let uses: &[&str] = match (alone, older_makes_tokens) {
            (true, _) => &[],
            (false, true) => &[SEAL],
            (false, false) => &[SEAL, TOKEN],
        };
        self.push_line(&self.present, uses, &mut text);
        for key in &self.older {
            let word = if key.makes_tokens { TOKEN } else { OPEN };
            self.push_line(&key.master, &[word], &mut text);
        }
        text
    }

    fn push_line(&self, master: &Master, uses: &[&str], text: &mut String) {
        if self.suite == Suite::Sm {
            text.push_str(SM);
            text.push(' ');
        }
        hex::push(master.as_ref(), text);
        for word in uses {
            text.push(' ');
            text.push_str(word);
        }
        text.push('\n');
    }
}

/// One line as it stands there.
struct Line {
    suite: Suite,
    master: Master,
    seals: bool,
    makes_tokens: bool,
}

/// A line, or what is wrong with it; nothing means that it holds no key.
fn parse_line(text: &[u8], alone: bool) -> Result<Line, Option<&'static str>> {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).peekable();
    let suite = match words.next_if_eq(&SM.as_bytes()) {
        Some(_) => Suite::Sm,
        None => Suite::International,
    };
    let mut master = Zeroizing::new([0; MASTER]);
    words.next().and_then(|digits| hex::read(digits, &mut master)).ok_or(None)?;
    let mut line = Line { suite, master, seals: false, makes_tokens: false };
    if words.peek().is_none() {
        if !alone {
            return Err(Some(
                "expected `seal`, `token` or `open` behind the key, since there are several keys",
            ));
        }
        (line.seals, line.makes_tokens) = (true, true);
    }
    let mut only_opens = false;
    for word in words {
        let said = if word == SEAL.as_bytes() {
            &mut line.seals
        } else if word == TOKEN.as_bytes() {
            &mut line.makes_tokens
        } else if word == OPEN.as_bytes() {
            &mut only_opens
        } else {
            return Err(Some("expected nothing but `seal`, `token` or `open` behind the key"));
        };
        if std::mem::replace(said, true) {
            return Err(Some("a word stands there twice"));
        }
    }
    if only_opens && (line.seals || line.makes_tokens) {
        return Err(Some("`open` says that a key does nothing else"));
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(byte: u8) -> String {
        format!("{byte:02x}").repeat(MASTER)
    }

    fn fault(text: &str) -> String {
        KeyText::parse(text.as_bytes()).err().unwrap().to_string()
    }

    #[test]
    fn a_text_is_written_as_it_was_read() {
        for text in [
            digits(1),
            format!("sm {}", digits(1)),
            format!("{} seal\n{} token", digits(1), digits(2)),
            format!("{} seal\n{} open\n{} token", digits(1), digits(2), digits(3)),
            format!("sm {} seal token\nsm {} open", digits(1), digits(2)),
        ] {
            let parsed = KeyText::parse(text.as_bytes()).unwrap();
            assert_eq!(*parsed.to_text(), format!("{text}\n"));
        }
    }

    #[test]
    fn spaces_line_ends_and_the_place_of_the_present_key_do_not_matter() {
        let text = format!("  {}\ttoken \r\n {}  seal\r\n\n", digits(2), digits(1));
        let parsed = KeyText::parse(text.as_bytes()).unwrap();
        assert_eq!(*parsed.to_text(), format!("{} seal\n{} token\n", digits(1), digits(2)));
        let alone = KeyText::parse(format!("{} seal token", digits(1)).as_bytes()).unwrap();
        assert_eq!(*alone.to_text(), format!("{}\n", digits(1)));
    }

    #[test]
    fn rotating_leaves_tokens_with_their_key() {
        let mut text = KeyText::single(Suite::Sm, Zeroizing::new([1; MASTER]));
        for new in [2, 3] {
            text = text.rotated(Zeroizing::new([new; MASTER]));
        }
        assert_eq!(
            *text.to_text(),
            format!("sm {} seal\nsm {} open\nsm {} token\n", digits(3), digits(2), digits(1))
        );
    }

    #[test]
    fn the_longest_text_fits() {
        let mut text = KeyText::single(Suite::Sm, Zeroizing::new([1; MASTER]));
        for new in 2.. {
            if text.older.len() + 1 == MOST {
                break;
            }
            text = text.rotated(Zeroizing::new([new; MASTER]));
        }
        let most = text.to_text();
        assert!(most.len() <= LONGEST && KeyText::parse(most.as_bytes()).is_ok());
        let more = text.rotated(Zeroizing::new([99; MASTER])).to_text();
        assert!(KeyText::parse(more.as_bytes()).is_err());
    }

    #[test]
    fn a_fault_is_named_with_its_line_and_shows_no_key() {
        let (a, b, c) = (digits(0xaa), digits(0xbb), digits(0xcc));
        for (text, expected) in [
            (String::new(), "expected 64 hexadecimal digits, for the SM suite with `sm ` in front"),
            (
                "sm".to_owned(),
                "expected 64 hexadecimal digits, for the SM suite with `sm ` in front",
            ),
            (
                format!("sm{a}"),
                "expected 64 hexadecimal digits, for the SM suite with `sm ` in front",
            ),
            (
                format!("rsa {a}"),
                "expected 64 hexadecimal digits, for the SM suite with `sm ` in front",
            ),
            (format!("{a} seal\n{}", &b[1..]), "line 2: expected 64 hexadecimal digits"),
            (format!("{a} seal\n\n{b} token"), "line 2: expected 64 hexadecimal digits"),
            (
                format!("{a} seal\n{b}"),
                "line 2: expected `seal`, `token` or `open` behind the key, since there are several keys",
            ),
            (
                format!("{a} seal\n{b} tokens"),
                "line 2: expected nothing but `seal`, `token` or `open` behind the key",
            ),
            (format!("{a} seal seal\n{b} token"), "line 1: a word stands there twice"),
            (
                format!("{a} seal\n{b} open token"),
                "line 2: `open` says that a key does nothing else",
            ),
            (
                format!("{a} seal\nsm {b} token"),
                "line 2: it is of another suite than the first key",
            ),
            (
                format!("{a} seal\n{} token", a.to_uppercase()),
                "line 2: this key stands there twice",
            ),
            (format!("{a} seal\n{b} seal token"), "exactly one key has to say `seal`"),
            (format!("{a} open\n{b} token"), "exactly one key has to say `seal`"),
            (format!("{a} seal\n{b} open"), "exactly one key has to say `token`"),
            (format!("{a} seal token\n{b} open\n{c} token"), "exactly one key has to say `token`"),
            (format!("{a} open"), "exactly one key has to say `token`"),
            (
                format!("{a} seal\n{b} token{}", " ".repeat(LONGEST)),
                "there are more than 16 keys, or much else beside them",
            ),
        ] {
            let found = fault(&text);
            assert_eq!(found, expected);
            assert!(!found.contains("aaaa") && !found.contains("bbbb"));
        }
    }
}
