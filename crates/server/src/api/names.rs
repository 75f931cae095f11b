//! Names of roles and purposes, as the API has them.

use identity::{Purpose, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody is employed for. An administrator has that role alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleName {
    PolicyOfficer,
    CaseWorker,
    DataSteward,
    FinanceOfficer,
    Auditor,
    SystemAdmin,
    SecurityAdmin,
    AuditAdmin,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::PolicyOfficer => Self::PolicyOfficer,
            Role::CaseWorker => Self::CaseWorker,
            Role::DataSteward => Self::DataSteward,
            Role::FinanceOfficer => Self::FinanceOfficer,
            Role::Auditor => Self::Auditor,
            Role::SystemAdmin => Self::SystemAdmin,
            Role::SecurityAdmin => Self::SecurityAdmin,
            Role::AuditAdmin => Self::AuditAdmin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::PolicyOfficer => Self::PolicyOfficer,
            RoleName::CaseWorker => Self::CaseWorker,
            RoleName::DataSteward => Self::DataSteward,
            RoleName::FinanceOfficer => Self::FinanceOfficer,
            RoleName::Auditor => Self::Auditor,
            RoleName::SystemAdmin => Self::SystemAdmin,
            RoleName::SecurityAdmin => Self::SecurityAdmin,
            RoleName::AuditAdmin => Self::AuditAdmin,
        }
    }
}

/// What somebody looks at persons for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PurposeName {
    Casework,
    PolicyWork,
    Payment,
    DataQuality,
    Supervision,
}

impl From<Purpose> for PurposeName {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Casework => Self::Casework,
            Purpose::PolicyWork => Self::PolicyWork,
            Purpose::Payment => Self::Payment,
            Purpose::DataQuality => Self::DataQuality,
            Purpose::Supervision => Self::Supervision,
        }
    }
}

impl From<PurposeName> for Purpose {
    fn from(purpose: PurposeName) -> Self {
        match purpose {
            PurposeName::Casework => Self::Casework,
            PurposeName::PolicyWork => Self::PolicyWork,
            PurposeName::Payment => Self::Payment,
            PurposeName::DataQuality => Self::DataQuality,
            PurposeName::Supervision => Self::Supervision,
        }
    }
}
