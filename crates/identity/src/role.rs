//! What somebody is employed for.

use serde::Serialize;

use crate::IdentityError;

/// A role of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes and tries out policies (政策管理).
    PolicyOfficer,
    /// Works on people's cases in a street office or community (经办).
    CaseWorker,
    /// Looks after feeds, quality and sharing (数据管理).
    DataSteward,
    /// Lists and payment batches (财务).
    FinanceOfficer,
    /// Proves that nothing was lost or changed (审计).
    Auditor,
    /// Keeps the programs running; sees no person (系统管理员).
    SystemAdmin,
    /// Organisations, accounts, roles, purposes; sees no person (安全管理员).
    SecurityAdmin,
    /// The audit trail; sees no person (审计管理员).
    AuditAdmin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PolicyOfficer,
        Self::CaseWorker,
        Self::DataSteward,
        Self::FinanceOfficer,
        Self::Auditor,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
    ];

    /// The word in the database, in policies and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PolicyOfficer => "policy_officer",
            Self::CaseWorker => "case_worker",
            Self::DataSteward => "data_steward",
            Self::FinanceOfficer => "finance_officer",
            Self::Auditor => "auditor",
            Self::SystemAdmin => "system_admin",
            Self::SecurityAdmin => "security_admin",
            Self::AuditAdmin => "audit_admin",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Role`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| IdentityError::Role(text.to_owned()))
    }

    /// Whether it is one of the three administrators, who share no power.
    #[must_use]
    pub fn is_administrator(self) -> bool {
        matches!(self, Self::SystemAdmin | Self::SecurityAdmin | Self::AuditAdmin)
    }
}

/// The words of all roles.
pub(crate) fn names() -> String {
    Role::ALL.map(Role::as_str).join(", ")
}

/// Roles that one account may have together, in the order of [`Role::ALL`] and once each.
///
/// # Errors
///
/// [`IdentityError::RolesTogether`] when one of several is an administrator.
pub(crate) fn together(roles: &[Role]) -> Result<Vec<Role>, IdentityError> {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    if roles.len() > 1 && roles.iter().any(|role| role.is_administrator()) {
        return Err(IdentityError::RolesTogether);
    }
    Ok(roles)
}

/// Roles as the database has them. A word that is none gives no power.
pub(crate) fn read(text: &str) -> Vec<Role> {
    text.split_ascii_whitespace().filter_map(|word| Role::parse(word).ok()).collect()
}

/// Roles as the database gets them.
pub(crate) fn write(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_has_no_other_role() {
        assert!(together(&[Role::SystemAdmin, Role::SecurityAdmin]).is_err());
        assert!(together(&[Role::CaseWorker, Role::AuditAdmin]).is_err());
        assert!(together(&[Role::AuditAdmin, Role::AuditAdmin]).is_ok());
        let two = together(&[Role::FinanceOfficer, Role::CaseWorker]).unwrap_or_default();
        assert_eq!(read(&write(&two)), [Role::CaseWorker, Role::FinanceOfficer]);
    }

    #[test]
    fn unknown_words_give_no_power() {
        assert_eq!(read("admin case_worker root"), [Role::CaseWorker]);
        assert!(
            Role::ALL
                .into_iter()
                .all(|role| Role::parse(role.as_str()).is_ok_and(|same| same == role))
        );
    }
}
