//! Signing in to the console, and its accounts.

use axum::http::StatusCode;

use super::ApiError;

impl ApiError {
    /// No session, or one that has ended.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-SESSION", "尚未登录", "Not signed in").detail(
            "请登录；登录满十二小时后须重新登录。",
            "Sign in; a session ends after twelve hours.",
        )
    }

    /// A wrong username or password; which of them is not said.
    pub(crate) fn wrong_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "AUTH-CREDENTIALS",
            "用户名或密码不正确",
            "Wrong username or password",
        )
        .detail(
            "请核对后重试。输错五次密码，登录会锁定几分钟。",
            "Check both and try again. After five wrong passwords sign-in is locked for some minutes.",
        )
    }

    /// Too many wrong passwords.
    pub(crate) fn locked_out(seconds: i64) -> Self {
        let minutes = seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "AUTH-LOCKED", "尝试次数过多", "Too many attempts")
            .detail(
                format!("该用户名暂时不能登录，请 {minutes} 分钟后再试。"),
                format!("Sign-in with this username is locked. Try again in {minutes} minutes."),
            )
            .retry_after(seconds.max(1))
    }

    /// Username and password are right, and the account has a second factor.
    pub(crate) fn code_needed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-CODE-NEEDED", "需要验证码", "A code is needed")
            .detail(
                "请在 `code` 中填写手机上显示的验证码，或一个恢复码。",
                "Give the code that the telephone shows, or a recovery code, as `code`.",
            )
    }

    /// A wrong code, or one that was used before.
    pub(crate) fn wrong_code() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AUTH-CODE", "验证码不正确", "Wrong code").detail(
            "每个验证码只能用一次。输错五次，登录会锁定几分钟。",
            "Each code is taken once. After five wrong ones sign-in is locked for some minutes.",
        )
    }

    /// More sign-ins at once than the server checks.
    pub(crate) fn sign_in_busy() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "AUTH-BUSY",
            "同时登录的人太多",
            "Too many sign-ins at once",
        )
        .detail("请稍候再试。", "Try again in a moment.")
        .retry_after(2)
    }

    /// Somebody else has chosen the password.
    pub(crate) fn password_to_change() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AUTH-CHANGE-PASSWORD",
            "请先修改密码",
            "Change the password first",
        )
        .detail(
            "现在的密码是他人设定的，请换成自己的。",
            "Somebody else has chosen this password; choose one of your own.",
        )
    }

    /// Every account needs a second factor here, and this one has none.
    pub(crate) fn second_factor_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AUTH-SECOND-FACTOR",
            "请先设置两步验证",
            "Set up a second factor first",
        )
        .detail(
            "本服务器要求每个账号都有两步验证。",
            "This server asks every account for a second factor.",
        )
    }

    /// There is no such account.
    pub(crate) fn user_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "USER-UNKNOWN", "没有这个账号", "There is no such account")
            .detail(
                "`/api/v1/users` 列出您区划之内的账号。",
                "`/api/v1/users` lists those within your division.",
            )
    }
}
