//! What sign-in by OpenID Connect refuses, as problems. Those of the way back are codes on the sign-in page.

use axum::http::StatusCode;
use identity::oidc::OidcError;

use super::ApiError;

impl ApiError {
    /// No provider is set for these.
    pub(crate) fn oidc_not_offered() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "OIDC-NOT-OFFERED",
            "没有这种登录方式",
            "There is no such sign-in",
        )
        .detail(
            "本服务器没有设置身份提供方；由运维人员以 `oidc` 设置。",
            "This server has no provider for it; its operator gives one as `oidc`.",
        )
    }

    /// An address to return to that is none of the application's.
    pub(crate) fn bad_return() -> Self {
        Self::bad_body("`next` 须为本系统的地址", "`next` to be an address of the console")
    }

    /// The attempt has expired, was used, or was begun in another browser; which of them is not said.
    pub(crate) fn oidc_expired() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "OIDC-EXPIRED",
            "这次登录已经失效",
            "This sign-in is over",
        )
        .detail(
            "可能超过了十分钟、已经用过，或者是在另一个浏览器里开始的。请重新登录。",
            "It took more than ten minutes, was done already, or was begun in another browser. Begin again.",
        )
    }

    /// Somebody did not want to, at the provider.
    pub(crate) fn oidc_cancelled() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "OIDC-CANCELLED",
            "登录已取消",
            "The sign-in was cancelled",
        )
        .detail(
            "什么都没有改变。需要时请重新登录。",
            "Nothing was done. Begin again when you want to.",
        )
    }

    /// Nobody is known here by what the provider says.
    pub(crate) fn oidc_not_linked() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "OIDC-NOT-LINKED",
            "没有对应的账号",
            "No account belongs to it",
        )
        .detail(
            "请安全管理员关联您的账号，或者用用户名和密码登录。",
            "Ask the security administrator to link your account, or sign in with username and password.",
        )
    }

    /// The registry knows nobody by the number and the name, or they can't sign in alone.
    pub(crate) fn oidc_no_person() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "OIDC-NO-PERSON",
            "不能以此登录",
            "Nobody can be signed in with it",
        )
        .detail(
            "登记册里没有这个号码和姓名的人，或者其不能独自登录。",
            "Number and name are not those of somebody whom the registry knows and who can sign in alone.",
        )
    }

    /// What went wrong between this server and the provider; how goes to the log.
    pub(super) fn of_oidc(error: OidcError) -> Self {
        let mut answer = match &error {
            OidcError::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "OIDC-UNAVAILABLE",
                "身份认证服务没有应答",
                "The sign-in service does not answer",
            )
            .detail(
                "请稍后再试，或者换一种方式登录。",
                "Try again in a moment, or sign in in another way.",
            ),
            _ => Self::new(
                StatusCode::BAD_GATEWAY,
                "OIDC-REFUSED",
                "身份认证服务的应答不能用",
                "The sign-in service's answer can't be used",
            )
            .detail(
                "请重新登录；如果仍然如此，请把时间告诉运维人员。",
                "Begin again; if it stays, tell the operator when it was.",
            ),
        };
        answer.source = Some(error.into());
        answer
    }
}
