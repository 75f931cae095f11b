//! The operations of the portal: a person's own affairs, and those of persons whom they act for.

pub(crate) mod affairs;
pub(crate) mod readings;
pub(crate) mod representatives;
pub(crate) mod session;

use identity::access::Standing;
use identity::citizen::representation::Kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the one who asks stands to a person.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StandingName {
    #[serde(rename = "self")]
    Own,
    Guardian,
    Entrusted,
}

impl From<Standing> for StandingName {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Own => Self::Own,
            Standing::For(Kind::Guardian) => Self::Guardian,
            Standing::For(Kind::Entrusted) => Self::Entrusted,
        }
    }
}

/// Why somebody may act for another person: by law (监护), or because they were asked to (委托).
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RepresentationKind {
    Guardian,
    Entrusted,
}

impl From<Kind> for RepresentationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Guardian => Self::Guardian,
            Kind::Entrusted => Self::Entrusted,
        }
    }
}

impl From<RepresentationKind> for Kind {
    fn from(kind: RepresentationKind) -> Self {
        match kind {
            RepresentationKind::Guardian => Self::Guardian,
            RepresentationKind::Entrusted => Self::Entrusted,
        }
    }
}
