//! Which SMS gateway the server uses.

use std::sync::Arc;

use identity::oidc::goes_in_the_clear;
use identity::sms::{SmsError, SmsGateway, SmsHttp};
use url::Url;
use zeroize::Zeroizing;

use crate::exposure::Mode;

/// Why a gateway can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SmsSetupError {
    /// Its address.
    #[error("SMS gateway")]
    Gateway(#[from] SmsError),
    /// Codes would go over the network for all to read.
    #[error(
        "production mode sends codes by HTTPS, or to this machine: give an https:// address of the SMS gateway"
    )]
    Plain,
    /// Anybody could send in our name.
    #[error("production mode needs the token of the SMS gateway, in HUIMIN_SMS_TOKEN")]
    NoToken,
}

/// The gateway at an address.
///
/// # Errors
///
/// [`SmsSetupError`]: the address is none, or in production mode not safe.
pub fn sms_gateway(
    mode: Mode,
    address: &str,
    token: Zeroizing<String>,
) -> Result<Arc<dyn SmsGateway>, SmsSetupError> {
    let no_token = token.is_empty();
    let gateway = SmsHttp::new(address, token)?;
    let plain = Url::parse(address).is_ok_and(|address| goes_in_the_clear(&address));
    if mode == Mode::Production && plain {
        return Err(SmsSetupError::Plain);
    }
    if mode == Mode::Production && no_token {
        return Err(SmsSetupError::NoToken);
    }
    Ok(Arc::new(gateway))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_sends_codes_to_where_nobody_listens_in() {
        let fault = |mode, address: &str, token: &str| {
            let token = Zeroizing::new(token.to_owned());
            sms_gateway(mode, address, token).err().map(|error| error.to_string())
        };
        let production = Mode::Production;
        assert_eq!(fault(production, "https://sms.example.gov.cn", "t"), None);
        assert_eq!(fault(production, "http://127.0.0.1:9091/", "t"), None);
        assert!(fault(production, "http://sms.example.gov.cn", "t").is_some());
        assert!(fault(production, "HTTP://sms.example.gov.cn", "t").is_some());
        assert!(fault(production, "http://127.0.0.1.example.org", "t").is_some());
        assert!(fault(production, "http://user@127.0.0.1:1@example.org", "t").is_some());
        assert!(fault(Mode::Development, "https://user:secret@sms.example.gov.cn", "t").is_some());
        assert!(fault(Mode::Development, "https://sms.example.gov.cn/?key=secret", "t").is_some());
        assert!(fault(production, "https://sms.example.gov.cn", "").is_some());
        assert_eq!(fault(Mode::Development, "http://sms.example.gov.cn", ""), None);
        assert!(fault(Mode::Development, "sms", "").is_some());
    }
}
