//! Requests as such: their address, parameters and body, how many come, and what the layers around the handlers refuse.

use std::error::Error;

use axum::http::StatusCode;

use super::ApiError;

impl ApiError {
    /// A parameter of the address, or of a search, is not valid. `zh` is a clause, and `en` what follows on "expected".
    pub(crate) fn bad_parameter(
        parameter: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        let (zh, en) = (zh.into(), en.into());
        Self::new(
            StatusCode::BAD_REQUEST,
            "PARAMETER-INVALID",
            "参数无效",
            "A parameter is not valid",
        )
        .detail(
            format!("参数 `{parameter}`：{zh}。"),
            format!("Parameter `{parameter}`: expected {en}."),
        )
        .parameter(parameter)
    }

    /// A cursor that no page gave.
    pub(crate) fn bad_cursor() -> Self {
        Self::bad_parameter("cursor", "应为上一页的 `next`", "`next` of the page before")
    }

    /// The body is not what the operation takes. `zh` is a clause, and `en` what follows on "expected".
    pub(crate) fn bad_body(zh: &str, en: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BODY-INVALID", "请求正文无效", "The body is not valid")
            .detail(format!("{zh}。"), format!("Expected {en}."))
    }

    /// One client asks for more than it may.
    pub(crate) fn too_many_requests(seconds: i64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TOO-MANY-REQUESTS",
            "请求太多",
            "Too many requests",
        )
        .detail(format!("请 {seconds} 秒后再试。"), format!("Try again in {seconds} seconds."))
        .retry_after(seconds)
    }

    /// More requests at once than are worked on.
    pub(crate) fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", "服务器繁忙", "The server is busy")
            .detail("没有任何改动，请稍候再试。", "Nothing was done. Try again in a moment.")
            .retry_after(1)
    }

    /// Production mode, and the request did not come through a proxy that ends TLS.
    pub(crate) fn not_by_tls() -> Self {
        Self::new(StatusCode::FORBIDDEN, "TLS-REQUIRED", "只接受 TLS 连接", "Only over TLS").detail(
            "本服务器只应答以 HTTPS 经其代理而来的请求。",
            "This server answers only what comes by HTTPS through its proxy.",
        )
    }

    /// There is no such address under `/api`.
    pub(crate) fn route_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ROUTE-UNKNOWN",
            "没有这个地址",
            "There is no such address",
        )
        .detail(
            "本接口的地址都在其 OpenAPI 文档中。",
            "The addresses of this API are in its OpenAPI document.",
        )
    }

    /// Something failed that is not the reader's fault. `source` goes to the log only.
    pub(crate) fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut error = Self::failed(StatusCode::INTERNAL_SERVER_ERROR).detail(
            "没有任何改动。请重试；如果仍然出错，请把请求编号告诉运维人员。",
            "Nothing was changed. Try again; if it stays, give the operator the request id.",
        );
        error.source = Some(source.into());
        error
    }

    fn failed(status: StatusCode) -> Self {
        Self::new(status, "INTERNAL", "服务器未能应答", "The server could not answer")
    }

    /// The problem that stands for a status that some layer below the handlers gave.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::route_unknown(),
            StatusCode::UNAUTHORIZED => Self::not_signed_in(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "METHOD-NOT-ALLOWED",
                "该地址不接受此方法",
                "This address does not take this method",
            ),
            StatusCode::FORBIDDEN => Self::new(status, "CROSS-SITE", "请求被拒绝", "Refused")
                .detail("请求来自其他网站。", "The request comes from another site."),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "BODY-TOO-LARGE", "请求正文过大", "The body is too large")
            }
            _ if status.is_client_error() => {
                Self::new(status, "REQUEST-INVALID", "请求无效", "The request is not valid")
            }
            _ => Self::failed(status),
        }
    }
}
