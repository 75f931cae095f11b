//! Options of sign-in by OpenID Connect.

use std::sync::Arc;

use clap::Args;
use identity::oidc::Whom;
use server::{Oidc, OidcProvider, OidcSettings, OidcSetupError};
use zeroize::Zeroizing;

/// The providers that sign people in. The secrets of the client stand in the environment alone, HUIMIN_OIDC_STAFF_SECRET
/// and HUIMIN_OIDC_CITIZENS_SECRET: others can read a command line, and a file is copied.
#[derive(Debug, Args)]
pub(crate) struct OidcArgs {
    /// Where people reach this server, for instance https://huimin.example.gov.cn; providers lead back there.
    #[arg(long, env = "HUIMIN_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The OpenID Connect provider of the staff, as it writes its address itself.
    #[arg(long, env = "HUIMIN_OIDC_STAFF_ISSUER", value_name = "URL")]
    pub(crate) oidc_staff_issuer: Option<String>,
    /// What it calls this program.
    #[arg(long, env = "HUIMIN_OIDC_STAFF_CLIENT_ID", value_name = "ID")]
    pub(crate) oidc_staff_client_id: Option<String>,
    /// What it is called on the sign-in page.
    #[arg(long, env = "HUIMIN_OIDC_STAFF_NAME", value_name = "NAME")]
    pub(crate) oidc_staff_name: Option<String>,
    /// The same in English.
    #[arg(long, env = "HUIMIN_OIDC_STAFF_NAME_EN", value_name = "NAME")]
    pub(crate) oidc_staff_name_en: Option<String>,
    /// What it is asked for besides `openid`.
    #[arg(long, env = "HUIMIN_OIDC_STAFF_SCOPES", value_delimiter = ',', value_name = "SCOPE")]
    pub(crate) oidc_staff_scopes: Vec<String>,
    /// The OpenID Connect provider of citizens, as it writes its address itself.
    #[arg(long, env = "HUIMIN_OIDC_CITIZENS_ISSUER", value_name = "URL")]
    pub(crate) oidc_citizens_issuer: Option<String>,
    /// What it calls this program.
    #[arg(long, env = "HUIMIN_OIDC_CITIZENS_CLIENT_ID", value_name = "ID")]
    pub(crate) oidc_citizens_client_id: Option<String>,
    /// What it is called in the portal.
    #[arg(long, env = "HUIMIN_OIDC_CITIZENS_NAME", value_name = "NAME")]
    pub(crate) oidc_citizens_name: Option<String>,
    /// The same in English.
    #[arg(long, env = "HUIMIN_OIDC_CITIZENS_NAME_EN", value_name = "NAME")]
    pub(crate) oidc_citizens_name_en: Option<String>,
    /// What it is asked for besides `openid`.
    #[arg(
        long,
        env = "HUIMIN_OIDC_CITIZENS_SCOPES",
        value_delimiter = ',',
        default_value = "profile",
        value_name = "SCOPE"
    )]
    pub(crate) oidc_citizens_scopes: Vec<String>,
    /// The claim that holds the identity number.
    #[arg(
        long,
        env = "HUIMIN_OIDC_CITIZENS_ID_NUMBER_CLAIM",
        default_value = "id_number",
        value_name = "CLAIM"
    )]
    pub(crate) oidc_citizens_id_number_claim: String,
    /// The claim that holds the name.
    #[arg(
        long,
        env = "HUIMIN_OIDC_CITIZENS_NAME_CLAIM",
        default_value = "name",
        value_name = "CLAIM"
    )]
    pub(crate) oidc_citizens_name_claim: String,
}

impl OidcArgs {
    /// The provider for these, where one is named.
    pub(crate) fn provider(
        &self,
        mode: server::Mode,
        whom: Whom,
    ) -> Result<Option<Arc<OidcProvider>>, OidcSetupError> {
        let (issuer, client_id, name, name_en, scopes) = match whom {
            Whom::Staff => (
                &self.oidc_staff_issuer,
                &self.oidc_staff_client_id,
                &self.oidc_staff_name,
                &self.oidc_staff_name_en,
                &self.oidc_staff_scopes,
            ),
            Whom::Citizens => (
                &self.oidc_citizens_issuer,
                &self.oidc_citizens_client_id,
                &self.oidc_citizens_name,
                &self.oidc_citizens_name_en,
                &self.oidc_citizens_scopes,
            ),
        };
        let named = |text: &&str| !text.trim().is_empty();
        let Some(issuer) = issuer.as_deref().filter(named) else {
            // Somebody who has set a client believes that people can sign in by it.
            return match client_id.as_deref().filter(named) {
                Some(_) => Err(OidcSetupError::NoIssuer(whom)),
                None => Ok(None),
            };
        };
        let secret = std::env::var(server::secret_variable(whom)).unwrap_or_default();
        let settings = OidcSettings {
            whom,
            issuer,
            client_id: client_id.as_deref(),
            secret: Zeroizing::new(secret),
            public_url: self.public_url.as_deref(),
            name: name.as_deref(),
            name_en: name_en.as_deref(),
            scopes,
            id_number_claim: &self.oidc_citizens_id_number_claim,
            name_claim: &self.oidc_citizens_name_claim,
        };
        server::oidc_provider(mode, settings).map(Some)
    }

    /// Both.
    pub(crate) fn providers(&self, mode: server::Mode) -> Result<Oidc, OidcSetupError> {
        Ok(Oidc {
            staff: self.provider(mode, Whom::Staff)?,
            citizens: self.provider(mode, Whom::Citizens)?,
        })
    }
}
