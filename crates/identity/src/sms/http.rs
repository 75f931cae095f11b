//! A gateway over HTTP.
//!
//! ```text
//! POST {base}/messages        authorization: Bearer …, idempotency-key: …
//!   {"to": "13800000000", "template": "sign_in_code", "parameters": {"code": "123456", "minutes": "5"}}
//!   → 2xx   it is on its way
//!   → 4xx   it is not taken
//! ```
//!
//! A carrier's own protocol is spoken by whatever stands behind this address.

use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::{Content, Message, SmsError, SmsGateway};

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before the second and the third attempt.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// A gateway over HTTP.
pub struct SmsHttp {
    address: Url,
    token: Zeroizing<String>,
    client: Client,
}

impl SmsHttp {
    /// The gateway at `base`, for instance `https://sms.example.gov.cn`; `token` proves who asks.
    ///
    /// # Errors
    ///
    /// [`SmsError::Address`].
    pub fn new(base: &str, token: Zeroizing<String>) -> Result<Self, SmsError> {
        let wrong = || SmsError::Address;
        let mut address = Url::parse(base).map_err(|_| wrong())?;
        // The token goes into its header; what stands in an address gets into logs.
        let has_secret = !address.username().is_empty()
            || address.password().is_some()
            || address.query().is_some()
            || address.fragment().is_some();
        if !matches!(address.scheme(), "http" | "https") || has_secret {
            return Err(wrong());
        }
        address.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().push("messages");
        let client = Client::builder()
            .timeout(TIMEOUT)
            // A code goes nowhere but to the gateway itself.
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| wrong())?;
        Ok(Self { address, token, client })
    }

    async fn once(&self, message: &Message) -> Result<(), SmsError> {
        let Content::SignInCode { code, minutes } = &message.content;
        let body = json!({
            "to": message.to.as_str(),
            "template": "sign_in_code",
            "parameters": { "code": code.as_str(), "minutes": minutes.to_string() },
        });
        let answer = self
            .client
            .post(self.address.clone())
            .bearer_auth(self.token.as_str())
            .header("idempotency-key", &message.id)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .map_err(|error| SmsError::Unreachable(error.without_url().to_string()))?;
        let status = answer.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            // Too many messages at a time, or a time-out of the gateway's own.
            408 | 429 | 500.. => Err(SmsError::Unreachable(format!("it answered {status}"))),
            other => Err(SmsError::Refused(other)),
        }
    }
}

#[async_trait::async_trait]
impl SmsGateway for SmsHttp {
    async fn send(&self, message: &Message) -> Result<(), SmsError> {
        for wait in WAITS {
            match self.once(message).await {
                Err(SmsError::Unreachable(_)) => tokio::time::sleep(wait).await,
                done => return done,
            }
        }
        self.once(message).await
    }
}
