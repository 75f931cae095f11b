//! What accounts, organisations and tasks refuse, as problems.

use axum::http::StatusCode;
use identity::{IdentityError, PasswordFault};
use tasks::TaskError;

use super::ApiError;

impl ApiError {
    /// A password that can't be used.
    fn bad_password(fault: PasswordFault) -> Self {
        let code = match fault {
            PasswordFault::Short => "PASSWORD-SHORT",
            PasswordFault::Long => "PASSWORD-LONG",
            PasswordFault::Guessed => "PASSWORD-WEAK",
            PasswordFault::Same => "PASSWORD-SAME",
        };
        Self::new(StatusCode::BAD_REQUEST, code, "This password can't be used")
            .detail(format!("Choose another one: {fault}."))
    }

    /// What accounts and organisations refuse.
    pub(super) fn of_identity(error: IdentityError) -> Self {
        use IdentityError as E;

        let said = error.to_string();
        let bad = |code, title| Self::new(StatusCode::BAD_REQUEST, code, title);
        let conflict = |code, title| Self::new(StatusCode::CONFLICT, code, title);
        match error {
            E::Password(fault) => Self::bad_password(fault),
            // What was typed may be a password, and does not come back.
            E::Username(_) => bad("USERNAME-INVALID", "This is no username").detail(
                "Use 1 to 64 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter.",
            ),
            E::OrganisationId(_) => bad("ORGANISATION-INVALID", "This is no id").detail(
                "Use 1 to 64 lower-case letters, digits, `.`, `-` and `_`.",
            ),
            E::Name => bad("NAME-INVALID", "This name can't be used").detail(said),
            E::Role(_) | E::NoOrganisation(_) => bad("ROLES-INVALID", "Not these roles").detail(said),
            E::RolesTogether => bad("ROLES-TOGETHER", "Not these roles together").detail(said),
            E::Purpose(_) | E::Grant => bad("GRANT-INVALID", "This can't be granted").detail(said),
            E::OutsideParent => bad("OUTSIDE-PARENT", "Outside of the one above").detail(said),
            E::OrganisationUnknown(_) => bad("ORGANISATION-UNKNOWN", "There is no such organisation")
                .detail("/api/v1/organisations lists those within your division."),
            E::Code => bad("CODE-WRONG", "Wrong code").detail(said),
            E::UserExists(_) => conflict("USER-EXISTS", "There is such an account already"),
            E::OrganisationExists(_) => {
                conflict("ORGANISATION-EXISTS", "There is such an organisation already")
            }
            E::Own => conflict("OWN-ACCOUNT", "Not one's own account").detail(said),
            E::SecondFactorExists => {
                conflict("SECOND-FACTOR-EXISTS", "A second factor is in use").detail(said)
            }
            E::NoSecondFactor => conflict("NO-SECOND-FACTOR", "No second factor").detail(said),
            E::UserUnknown(_) => Self::user_unknown(),
            E::GrantUnknown => {
                Self::new(StatusCode::NOT_FOUND, "GRANT-UNKNOWN", "There is no such grant")
                    .detail(said)
            }
            E::Representation => {
                bad("REPRESENTATION-INVALID", "Nobody can act like this").detail(said)
            }
            E::RepresentationExists => {
                conflict("REPRESENTATION-EXISTS", "This person may act already").detail(said)
            }
            E::RepresentationUnknown => {
                Self::new(StatusCode::NOT_FOUND, "REPRESENTATION-UNKNOWN", "Nobody acts so")
                    .detail(said)
            }
            E::OidcSubject => bad("OIDC-LINK-INVALID", "This can't be linked").detail(said),
            E::OidcLinkExists => conflict("OIDC-LINK-EXISTS", "It is linked already").detail(said),
            E::NoOidcLink => Self::no_oidc_link(said),
            E::Changed => Self::changed(),
            E::OidcVerifier(_) | E::Secret { .. } | E::Totp(_) | E::Hash(_) | E::Random(_) | E::Store(_) => {
                Self::internal(error)
            }
        }
    }

    /// What tasks refuse.
    pub(super) fn of_task(error: TaskError) -> Self {
        let said = error.to_string();
        let conflict = |code, title: &'static str| Self::new(StatusCode::CONFLICT, code, title);
        match error {
            TaskError::Unknown => Self::task_unknown(),
            TaskError::Changed => Self::changed(),
            TaskError::State { .. } => conflict("TASK-STATE", "Not in this state").detail(said),
            TaskError::NotYours => conflict("TASK-TAKEN", "Somebody else has it").detail(said),
            TaskError::Note => {
                Self::new(StatusCode::BAD_REQUEST, "NOTE-INVALID", "A note is needed").detail(said)
            }
            TaskError::Store(_) => Self::internal(error),
        }
    }
}
