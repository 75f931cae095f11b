//! Making and changing things: entity tags, and keys that make a repeated request harmless.

use axum::http::StatusCode;

use super::ApiError;

impl ApiError {
    /// A change without the entity tag of what it is about.
    pub(crate) fn tag_needed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "TAG-NEEDED",
            "需要实体标签",
            "An entity tag is needed",
        )
        .detail(
            "请重新读取，并把读到的 `ETag` 填入 `If-Match`。",
            "Read it again, and give its `ETag` as `If-Match`.",
        )
    }

    /// It was changed since it was read.
    pub(crate) fn changed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "CHANGED",
            "内容已被修改",
            "It was changed meanwhile",
        )
        .detail(
            "在您读取之后，他人作了修改。请重新读取。",
            "Somebody else has changed it since it was read. Read it again.",
        )
    }

    /// A request that makes something, without a key.
    pub(crate) fn key_needed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "KEY-NEEDED", "需要幂等键", "A key is needed").detail(
            "请提供新的 `Idempotency-Key`，1 到 64 个字符，最好是 UUID；重发同一请求时用同一个。",
            "Give a new `Idempotency-Key` of 1 to 64 characters, best a UUID, and the same one when asking again.",
        )
    }

    /// A key that was used for something else.
    pub(crate) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "KEY-REUSED",
            "这个键已经用过",
            "This key was used before",
        )
        .detail(
            "该 `Idempotency-Key` 已用于另一个请求，请换一个。",
            "The `Idempotency-Key` was used for another request; give a new one.",
        )
    }
}
