//! The portal: signing in with what the registry knows, and acting for somebody else.

use axum::http::StatusCode;
use identity::IdentityError;

use super::ApiError;

impl ApiError {
    /// No session of the portal, or one that has ended.
    pub(crate) fn citizen_not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "CITIZEN-SESSION", "尚未登录", "Not signed in").detail(
            "请用身份号码、姓名和手机号码登录；登录满两小时后须重新登录。",
            "Sign in with identity number, name and telephone; a session ends after two hours.",
        )
    }

    /// Number, name, telephone and code do not belong together; which of them is not said.
    pub(crate) fn wrong_citizen() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "CITIZEN-CREDENTIALS",
            "所填内容不相符",
            "Not these together",
        )
        .detail(
            "请核对身份号码、姓名、手机号码和验证码。验证码五分钟内有效，最多试五次。",
            "Check number, name, telephone and code. A code is good for five minutes and five tries.",
        )
    }

    /// What was typed can't be an identity number.
    pub(crate) fn bad_id_number() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "ID-NUMBER-INVALID",
            "身份号码有误",
            "This is no identity number",
        )
        .detail(
            "身份号码为 18 位，末位由前面各位算得。",
            "An identity number has 18 characters, and the last one follows from the others.",
        )
    }

    /// What was typed can't be a mobile number.
    pub(crate) fn bad_phone() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "PHONE-INVALID",
            "手机号码有误",
            "This is no mobile number",
        )
        .detail("手机号码为 11 位数字。", "A mobile number has 11 digits.")
    }

    /// The server sends no messages.
    pub(crate) fn no_sms() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SMS-UNAVAILABLE",
            "本服务器不发送短信",
            "No messages are sent here",
        )
        .detail(
            "本服务器没有短信网关；由运维人员用 `--sms-gateway` 指定。",
            "This server has no SMS gateway; its operator gives one with `--sms-gateway`.",
        )
    }

    /// A child, or somebody who has a guardian, asks nobody.
    pub(crate) fn may_not_entrust() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "REPRESENTATION-GUARDIAN",
            "须由监护人决定",
            "The guardian decides",
        )
        .detail(
            "未满 18 周岁或有监护人的，不能自行委托他人。",
            "Who is under 18 or has a guardian can't ask somebody else to act.",
        )
    }

    /// Nobody has this number and this name.
    pub(crate) fn representative_unknown() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "REPRESENTATIVE-UNKNOWN",
            "没有这个人",
            "There is no such person",
        )
        .detail(
            "没有身份号码和姓名都与此相符的人员档案。",
            "Nobody in the registry has this identity number and this name.",
        )
    }

    /// Nobody acts for the person under this id.
    pub(crate) fn representation_unknown() -> Self {
        Self::of_identity(IdentityError::RepresentationUnknown)
    }
}
