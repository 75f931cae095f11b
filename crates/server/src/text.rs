//! Texts in two languages, and months, as the API shows them.

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use vocab::Period;

/// A text in the two languages of the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Text {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Text {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The same in both languages: identifiers, and names that have no English form.
    pub(crate) fn both(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { zh: text.clone(), en: text }
    }
}

impl From<&pack::Text> for Text {
    fn from(text: &pack::Text) -> Self {
        Self::new(text.zh.clone(), text.en.clone())
    }
}

/// A code and its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CodeName {
    pub(crate) code: String,
    pub(crate) name: Text,
}

/// A month, `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month(pub(crate) Period);

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
            .description(Some("A month, `YYYY-MM`."))
            .examples(["2024-01"])
            .into()
    }
}

impl ToSchema for Month {}
