//! Which providers the server lets sign people in.

use std::sync::Arc;

use identity::oidc::{OidcError, Provider, Settings, Whom, goes_in_the_clear};
use url::Url;
use zeroize::Zeroizing;

use crate::exposure::Mode;

/// What the operator has set for a provider.
pub struct OidcSettings<'a> {
    /// Whom it signs in.
    pub whom: Whom,
    /// Its address, as it writes it itself.
    pub issuer: &'a str,
    /// What it calls this program.
    pub client_id: Option<&'a str>,
    /// What this program proves itself with; empty if it has nothing.
    pub secret: Zeroizing<String>,
    /// Where people reach this server, for instance `https://huimin.example.gov.cn`.
    pub public_url: Option<&'a str>,
    /// What it is called on the page, in Chinese and in English.
    pub name: Option<&'a str>,
    /// The same in English; as in Chinese if left out.
    pub name_en: Option<&'a str>,
    /// What is asked for besides `openid`.
    pub scopes: &'a [String],
    /// The claim that holds a citizen's identity number.
    pub id_number_claim: &'a str,
    /// The claim that holds a citizen's name.
    pub name_claim: &'a str,
}

/// A provider that people can choose on the page.
#[derive(Debug)]
pub struct OidcProvider {
    pub(crate) provider: Provider,
    pub(crate) name: String,
    pub(crate) name_en: String,
    pub(crate) id_number_claim: String,
    pub(crate) name_claim: String,
}

/// The providers of a server.
#[derive(Debug, Clone, Default)]
pub struct Oidc {
    /// The one of the staff.
    pub staff: Option<Arc<OidcProvider>>,
    /// The one of citizens.
    pub citizens: Option<Arc<OidcProvider>>,
}

impl Oidc {
    pub(crate) fn of(&self, whom: Whom) -> Option<&Arc<OidcProvider>> {
        match whom {
            Whom::Staff => self.staff.as_ref(),
            Whom::Citizens => self.citizens.as_ref(),
        }
    }
}

/// Why a provider can't be used. Each names the setting.
#[derive(Debug, thiserror::Error)]
pub enum OidcSetupError {
    /// Its address.
    #[error("`oidc.{whom}.issuer`", whom = .0.as_str())]
    Issuer(Whom, #[source] OidcError),
    /// There is none, though there are other settings of it.
    #[error("`oidc.{whom}.issuer` is missing: the provider's address, as it writes it itself", whom = .0.as_str())]
    NoIssuer(Whom),
    /// Somebody on the way could answer in its place.
    #[error(
        "`oidc.{whom}.issuer`: production mode asks a provider by HTTPS, or on this machine: give an https:// address",
        whom = .0.as_str()
    )]
    Plain(Whom),
    /// The provider has to know who asks.
    #[error("`oidc.{whom}.client_id` is missing: what the provider calls this program", whom = .0.as_str())]
    NoClient(Whom),
    /// Anybody could ask in our name.
    #[error(
        "production mode needs the client's secret at the provider `oidc.{whom}.issuer`, in {variable}",
        whom = .0.as_str(), variable = secret_variable(*.0)
    )]
    NoSecret(Whom),
    /// Where it leads back to.
    #[error("`public_url`, which `oidc.{whom}` leads back to", whom = .0.as_str())]
    PublicUrl(Whom, #[source] OidcError),
    /// Nothing says where it leads back to.
    #[error(
        "`public_url` is missing: where people reach this server, for instance https://huimin.example.gov.cn; `oidc.{whom}` leads back there",
        whom = .0.as_str()
    )]
    NoPublicUrl(Whom),
    /// Codes would come back over the network for all to read.
    #[error("`public_url`: production mode is reached by HTTPS: give an https:// address")]
    PlainPublicUrl,
    /// People have to know what they choose.
    #[error("`oidc.{whom}.name` is missing: what the provider is called on the page", whom = .0.as_str())]
    NoName(Whom),
}

/// The variable that holds a client's secret.
#[must_use]
pub fn secret_variable(whom: Whom) -> &'static str {
    match whom {
        Whom::Staff => "HUIMIN_OIDC_STAFF_SECRET",
        Whom::Citizens => "HUIMIN_OIDC_CITIZENS_SECRET",
    }
}

/// The address that a provider leads back to, below that of the server.
#[must_use]
pub fn redirect_path(whom: Whom) -> String {
    format!("/api/v1/oidc/{}/callback", whom.as_str())
}

/// The provider that settings name. It is not asked for anything yet.
///
/// # Errors
///
/// [`OidcSetupError`]: something is missing or no address, or in production mode not safe.
pub fn oidc_provider(
    mode: Mode,
    settings: OidcSettings<'_>,
) -> Result<Arc<OidcProvider>, OidcSetupError> {
    use OidcSetupError as E;

    fn given(text: Option<&str>) -> Option<&str> {
        text.map(str::trim).filter(|text| !text.is_empty())
    }
    let whom = settings.whom;
    let production = mode == Mode::Production;
    let issuer = settings.issuer.trim();
    let client_id = given(settings.client_id).ok_or(E::NoClient(whom))?;
    let name = given(settings.name).ok_or(E::NoName(whom))?;
    let public = given(settings.public_url).ok_or(E::NoPublicUrl(whom))?;
    let public = public.trim_end_matches('/');
    let is_in_the_clear = |text: &str| Url::parse(text).is_ok_and(|url| goes_in_the_clear(&url));
    if production && is_in_the_clear(issuer) {
        return Err(E::Plain(whom));
    }
    if production && is_in_the_clear(public) {
        return Err(E::PlainPublicUrl);
    }
    if production && settings.secret.is_empty() {
        return Err(E::NoSecret(whom));
    }
    let asked = Settings {
        issuer,
        client_id,
        secret: settings.secret,
        redirect: &format!("{public}{}", redirect_path(whom)),
        scopes: settings.scopes,
        strict: production,
    };
    let provider = Provider::new(asked).map_err(|error| match error {
        OidcError::Redirect => E::PublicUrl(whom, error),
        other => E::Issuer(whom, other),
    })?;
    Ok(Arc::new(OidcProvider {
        provider,
        name: name.to_owned(),
        name_en: given(settings.name_en).unwrap_or(name).to_owned(),
        id_number_claim: settings.id_number_claim.to_owned(),
        name_claim: settings.name_claim.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fault of settings, of which one is something else.
    fn fault(mode: Mode, change: impl FnOnce(&mut OidcSettings<'_>)) -> Option<String> {
        let mut settings = OidcSettings {
            whom: Whom::Staff,
            issuer: "https://id.example.gov.cn",
            client_id: Some("huimin"),
            secret: Zeroizing::new("secret".to_owned()),
            public_url: Some("https://huimin.example.gov.cn/"),
            name: Some("政务统一身份认证"),
            name_en: None,
            scopes: &[],
            id_number_claim: "id_number",
            name_claim: "name",
        };
        change(&mut settings);
        oidc_provider(mode, settings).err().map(|error| crate::problem::chain(&error))
    }

    #[test]
    fn production_asks_a_provider_where_nobody_can_answer_in_its_place() {
        let production = |change: fn(&mut OidcSettings<'_>)| fault(Mode::Production, change);
        assert_eq!(production(|_| ()), None);
        assert_eq!(production(|set| set.issuer = "http://127.0.0.1:9092"), None);
        let plain = production(|set| set.issuer = "http://id.example.gov.cn");
        assert!(plain.is_some_and(|fault| fault.contains("`oidc.staff.issuer`")));
        let secret = production(|set| set.secret = Zeroizing::new(String::new()));
        assert!(secret.is_some_and(|fault| fault.contains("HUIMIN_OIDC_STAFF_SECRET")));
        let public = production(|set| set.public_url = Some("http://huimin.example.gov.cn"));
        assert!(public.is_some_and(|fault| fault.contains("`public_url`")));
    }

    #[test]
    fn a_fault_names_its_setting() {
        let told = |change: fn(&mut OidcSettings<'_>)| {
            fault(Mode::Development, change).unwrap_or_default()
        };
        assert_eq!(told(|set| set.issuer = "http://id.example.gov.cn"), "");
        assert_eq!(told(|set| set.secret = Zeroizing::new(String::new())), "");
        assert!(told(|set| set.issuer = "id.example.gov.cn").contains("`oidc.staff.issuer`"));
        assert!(told(|set| set.issuer = "https://u:p@id.example").contains("`oidc.staff.issuer`"));
        assert!(told(|set| set.client_id = Some(" ")).contains("`oidc.staff.client_id`"));
        assert!(told(|set| set.name = None).contains("`oidc.staff.name`"));
        assert!(told(|set| set.public_url = None).contains("`public_url`"));
        assert!(told(|set| set.public_url = Some("huimin")).contains("`public_url`"));
    }
}
