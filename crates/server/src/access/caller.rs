//! Whoever asks, and what they may see.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use identity::Purpose;
use identity::access::{Action, Asker, Target};
use identity::cookie::Cookie;
use identity::session::{self, Token};
use vocab::DivisionCode;

use crate::app::App;
use crate::problem::ApiError;

/// Whoever is signed in, and the purpose of this request. Extractor behind [`super::require`].
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) who: session::Caller,
    /// Only one that is granted now.
    pub(crate) purpose: Option<Purpose>,
}

impl Caller {
    /// Whether they may do something in a division, seeing data up to a sensitivity level.
    pub(crate) fn may(
        &self,
        app: &App,
        action: Action,
        division: &DivisionCode,
        level: u8,
    ) -> bool {
        let asker = Asker {
            username: &self.who.username,
            roles: &self.who.roles,
            division: self.who.division.as_ref(),
            purpose: self.purpose,
        };
        app.access.allows(&asker, action, &Target { division, level })
    }

    /// The division that a list is cut to, for the query itself: the one that was asked for, or else one's own;
    /// `None` for the whole city, which has people whose division nobody knows as well.
    ///
    /// # Errors
    ///
    /// When a division was asked for that they may not see.
    pub(crate) fn scope(
        &self,
        app: &App,
        action: Action,
        asked: Option<DivisionCode>,
    ) -> Result<Option<DivisionCode>, ApiError> {
        let own = self.who.division.unwrap_or(app.pack.division);
        // Everybody is within the city and what lies above it.
        let asked = asked.filter(|asked| !asked.contains(&own));
        let division = asked.unwrap_or(own);
        if !self.may(app, action, &division, 3) {
            return Err(ApiError::bad_parameter(
                "division",
                "须在您的区划之内",
                "a division within your own",
            ));
        }
        Ok(Some(division).filter(|division| *division != app.pack.division))
    }

    /// Whether they may do something about something whose division is written like this. What lies nowhere
    /// in the city, or nobody knows where, belongs to the city.
    pub(crate) fn may_at(
        &self,
        app: &App,
        action: Action,
        division: Option<&str>,
        level: u8,
    ) -> bool {
        let city = app.pack.division;
        let known = division.and_then(|code| DivisionCode::parse(code).ok());
        let place = known.filter(|known| city.contains(known)).unwrap_or(city);
        self.may(app, action, &place, level)
    }

    /// Refuses who has to change their password, or set up a second factor, before anything else.
    pub(crate) fn is_complete(&self, app: &App) -> Result<(), ApiError> {
        match Missing::of(&self.who, app.exposure.needs_second_factor()) {
            None => Ok(()),
            Some(Missing::Password) => Err(ApiError::password_to_change()),
            Some(Missing::SecondFactor) => Err(ApiError::second_factor_needed()),
        }
    }

    /// What readings are written down for.
    pub(crate) fn purpose_word(&self) -> &'static str {
        self.purpose.map_or("none", Purpose::as_str)
    }
}

/// What an account lacks before it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Password,
    SecondFactor,
}

impl Missing {
    pub(crate) fn of(who: &session::Caller, needs_second_factor: bool) -> Option<Self> {
        if who.must_change_password {
            Some(Self::Password)
        } else if needs_second_factor && !who.by_code {
            Some(Self::SecondFactor)
        } else {
            None
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::not_signed_in)
    }
}

/// The secret of a session of the staff in the cookies of a request.
pub(crate) fn token_of(app: &App, headers: &HeaderMap) -> Option<Token> {
    cookie_of(app, headers, session::COOKIE)
}

/// A session's secret in the cookies of a request.
pub(crate) fn cookie_of(app: &App, headers: &HeaderMap, cookie: Cookie<'_>) -> Option<Token> {
    let secure = app.exposure.secure_cookies();
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|cookies| cookie.find(cookies, secure))
}
