//! Short messages to telephones: a small port, and the adapter that speaks to a gateway over HTTP.

mod http;

pub use self::http::SmsHttp;
use zeroize::Zeroizing;

/// A message to be sent. What it says in which language is a template that the operator has registered with the gateway, as
/// carriers ask for; only its parameters come from here.
pub struct Message {
    /// The same id is sent once.
    pub id: String,
    /// Telephone number, 11 digits.
    pub to: Zeroizing<String>,
    /// What the message is about.
    pub content: Content,
}

/// What messages say.
pub enum Content {
    /// A code for signing in.
    SignInCode {
        /// Six digits.
        code: Zeroizing<String>,
        /// How long it is good.
        minutes: i64,
    },
}

/// Why a message was not sent. Holds neither number nor text.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// No address of a gateway.
    #[error(
        "this is no address of a gateway; expected https://HOST/PATH, without user, password, `?` and `#`"
    )]
    Address,
    /// The gateway does not take it, whenever it is asked.
    #[error("the SMS gateway refused the message with {0}; see its log, and its address and token")]
    Refused(u16),
    /// It may go another time.
    #[error("the SMS gateway did not answer: {0}")]
    Unreachable(String),
}

/// Sends messages.
#[async_trait::async_trait]
pub trait SmsGateway: Send + Sync {
    /// Sends one; sent again with the same id, it arrives once.
    ///
    /// # Errors
    ///
    /// [`SmsError`].
    async fn send(&self, message: &Message) -> Result<(), SmsError>;
}
