//! Programs of partners: their signatures, and what they may ask.

use axum::http::StatusCode;
use trust::request::SignatureFault;

use super::ApiError;

impl ApiError {
    /// A partner's program has to sign its requests.
    pub(crate) fn signature_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "SIGNATURE-NEEDED",
            "请求没有签名",
            "The request is not signed",
        )
        .detail(
            "请按 RFC 9421 签名，并使用已在此登记的密钥。",
            "Sign it as RFC 9421 says, with a key that is written down here.",
        )
    }

    /// A signature that does not count.
    fn signature_invalid(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "SIGNATURE-INVALID",
            "签名无效",
            "The signature does not count",
        )
        .detail(zh, en)
    }

    /// A signature that leaves out a component that it has to cover.
    pub(crate) fn signature_without(component: &str) -> Self {
        Self::signature_invalid(
            format!("签名没有覆盖 `{component}`。"),
            format!("It does not cover `{component}`."),
        )
    }

    /// A signature that is not of this time.
    pub(crate) fn signature_not_timely() -> Self {
        Self::signature_invalid(
            "`created` 与服务器时间相差超过五分钟，或者已过 `expires`。",
            "`created` is more than five minutes from the server's time, or `expires` is past.",
        )
    }

    /// A signature that came before.
    pub(crate) fn signature_used() -> Self {
        Self::signature_invalid(
            "`nonce` 已经用过，或者不是 1 到 128 个字符。请为每个请求重新签名。",
            "Its `nonce` has come before, or has not 1 to 128 characters. Sign each request anew.",
        )
    }

    /// A signature of another body.
    pub(crate) fn digest_wrong() -> Self {
        Self::signature_invalid(
            "`Content-Digest` 与正文不符。",
            "`Content-Digest` is not that of the body.",
        )
    }

    /// A signature that can't be read, or is not of this request.
    pub(crate) fn of_signature(fault: SignatureFault) -> Self {
        use SignatureFault as F;

        let en = format!("{fault}.");
        let zh = match fault {
            F::Malformed => {
                "`Signature-Input` 和 `Signature` 所载不是一个符合 RFC 9421 的签名。".to_owned()
            }
            F::Parameter(name) => format!("签名的参数 `{name}` 缺失或不能用。"),
            F::Algorithm => "签名的算法不是 `ed25519`。".to_owned(),
            F::Component(name) => {
                format!("签名覆盖了 `{name}`，但请求中没有它，或者本服务器不读取它。")
            }
            F::False => "签名与此请求和此密钥不符。".to_owned(),
        };
        Self::signature_invalid(zh, en)
    }

    /// No agreement about the policy is in force.
    pub(crate) fn not_agreed() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "AGREEMENT-UNKNOWN",
            "没有这项协议",
            "There is no such agreement",
        )
        .detail(
            "`/api/v1/exchange/agreements` 列出可以询问的政策。",
            "`/api/v1/exchange/agreements` lists what may be asked about.",
        )
    }

    /// There is no such program of a partner.
    pub(crate) fn client_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "CLIENT-UNKNOWN",
            "没有这个接入程序",
            "There is no such API client",
        )
        .detail(
            "`/api/v1/api-clients` 列出您区划之内的接入程序。",
            "`/api/v1/api-clients` lists those within your division.",
        )
    }
}
