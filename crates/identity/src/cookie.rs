//! Cookies that hold a secret: their names and attributes, in one place.
//!
//! Where they go over TLS alone, their names have a prefix that browsers hold them to (RFC 6265bis, section 4.1.3). `__Host-` is for
//! those of the whole site: no other host of the domain, and nobody without TLS, can put one of their own in its place. It
//! allows no path, so those of some addresses have `__Secure-`.

use jiff::SignedDuration;

use crate::session::Token;

/// Which addresses of the site the browser sends a cookie to.
#[derive(Debug, Clone, Copy)]
enum Reach<'a> {
    /// All, but not when another site leads there (`SameSite=Strict`).
    Site,
    /// Those below a path, also when a link of another site leads there (`SameSite=Lax`).
    Below(&'a str),
}

/// A cookie that holds a [`Token`]. `secure` says of each of its forms whether it goes over TLS alone.
#[derive(Debug, Clone, Copy)]
pub struct Cookie<'a> {
    name: &'static str,
    reach: Reach<'a>,
    lasts: SignedDuration,
}

impl<'a> Cookie<'a> {
    /// One for the whole site, which the browser keeps for so long.
    #[must_use]
    pub const fn of_site(name: &'static str, lasts: SignedDuration) -> Self {
        Self { name, reach: Reach::Site, lasts }
    }

    /// One for the addresses below a path.
    #[must_use]
    pub const fn below(path: &'a str, name: &'static str, lasts: SignedDuration) -> Self {
        Self { name, reach: Reach::Below(path), lasts }
    }

    /// Its name.
    #[must_use]
    pub fn name(self, secure: bool) -> String {
        let prefix = match (secure, self.reach) {
            (false, _) => "",
            (true, Reach::Site) => "__Host-",
            (true, Reach::Below(_)) => "__Secure-",
        };
        format!("{prefix}{}", self.name)
    }

    /// The `Set-Cookie` value that gives it to the browser.
    #[must_use]
    pub fn set(self, token: &Token, secure: bool) -> String {
        self.header(token.as_str(), self.lasts, secure)
    }

    /// The `Set-Cookie` value that takes it away.
    #[must_use]
    pub fn unset(self, secure: bool) -> String {
        self.header("", SignedDuration::ZERO, secure)
    }

    /// The token in the `Cookie` value of a request. The name of the other form is not taken: it may come from elsewhere.
    #[must_use]
    pub fn find(self, cookies: &str, secure: bool) -> Option<Token> {
        let wanted = self.name(secure);
        cookies
            .split(';')
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(name, _)| *name == wanted)
            .and_then(|(_, value)| Token::parse(value))
    }

    fn header(self, value: &str, lasts: SignedDuration, secure: bool) -> String {
        let (path, same_site) = match self.reach {
            Reach::Site => ("/", "Strict"),
            Reach::Below(path) => (path, "Lax"),
        };
        format!(
            "{}={value}; Path={path}; HttpOnly; SameSite={same_site}; Max-Age={}{}",
            self.name(secure),
            lasts.as_secs(),
            // Browsers take no cookie with a prefix without it, nor let one be taken away.
            if secure { "; Secure" } else { "" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Cookie<'static> = Cookie::of_site("session", SignedDuration::from_hours(1));
    const BELOW: Cookie<'static> = Cookie::below("/a/b", "attempt", SignedDuration::from_mins(1));

    fn token() -> Token {
        Token::parse(&"ab".repeat(32)).unwrap()
    }

    #[test]
    fn a_cookie_of_the_site_is_bound_to_the_host_over_tls() {
        let value = "ab".repeat(32);
        assert_eq!(
            SITE.set(&token(), false),
            format!("session={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600")
        );
        assert_eq!(
            SITE.set(&token(), true),
            format!(
                "__Host-session={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure"
            )
        );
        assert_eq!(
            SITE.unset(true),
            "__Host-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure"
        );
        assert_eq!(SITE.unset(false), "session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    }

    #[test]
    fn a_cookie_below_a_path_is_bound_to_tls_only() {
        let value = "ab".repeat(32);
        assert_eq!(
            BELOW.set(&token(), false),
            format!("attempt={value}; Path=/a/b; HttpOnly; SameSite=Lax; Max-Age=60")
        );
        assert_eq!(
            BELOW.set(&token(), true),
            format!(
                "__Secure-attempt={value}; Path=/a/b; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
            )
        );
        assert_eq!(
            BELOW.unset(true),
            "__Secure-attempt=; Path=/a/b; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
        );
    }

    #[test]
    fn a_token_is_found_under_the_name_of_its_form_alone() {
        for cookie in [SITE, BELOW] {
            for secure in [false, true] {
                let set = cookie.set(&token(), secure);
                let pair = set.split(';').next().unwrap_or_default();
                let cookies = format!("a=b; {pair}; c");
                let found = cookie.find(&cookies, secure).map(|found| found.as_str().to_owned());
                assert_eq!(found.as_deref(), Some(token().as_str()));
                assert!(cookie.find(&cookies, !secure).is_none(), "{cookies}");
                assert!(cookie.find(&format!("x{pair}"), secure).is_none());
            }
        }
        assert!(SITE.find("session=abc", false).is_none());
        assert!(SITE.find("", false).is_none());
    }
}
