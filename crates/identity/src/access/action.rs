//! What can be asked for.

use crate::citizen::representation::Kind;

/// An act, as the policies name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Which months, datasets and policies there are.
    MetaRead,
    /// The city in figures.
    OverviewRead,
    /// Find persons.
    PersonSearch,
    /// A person's file.
    PersonRead,
    /// A number in full.
    PersonReveal,
    /// Why a decision is as it is.
    DecisionExplain,
    /// Who may act for a person.
    RepresentationRead,
    /// Write down and end that somebody may act for a person.
    RepresentationChange,
    /// The three lists.
    ListRead,
    /// The three lists as a workbook.
    ListExport,
    /// Payment batches.
    BatchRead,
    /// Rows in quarantine.
    QuarantineRead,
    /// Rows in quarantine as a workbook.
    QuarantineExport,
    /// Tasks of the inbox.
    TaskRead,
    /// Take, do and close tasks.
    TaskWork,
    /// Organisations.
    OrganisationRead,
    /// Make organisations.
    OrganisationCreate,
    /// Accounts.
    UserRead,
    /// Make accounts.
    UserCreate,
    /// Change accounts, set their passwords, take second factors away, end sessions.
    UserChange,
    /// Purposes of accounts.
    GrantRead,
    /// Grant purposes.
    GrantCreate,
    /// Take purposes back.
    GrantRevoke,
    /// Partners' programs, their keys and agreements.
    ClientRead,
    /// Write down partners' programs.
    ClientCreate,
    /// Keys and agreements of partners' programs, and their end.
    ClientChange,
    /// The audit trail.
    TrailRead,
    /// How the programs are.
    SystemRead,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::MetaRead,
        Self::OverviewRead,
        Self::PersonSearch,
        Self::PersonRead,
        Self::PersonReveal,
        Self::DecisionExplain,
        Self::RepresentationRead,
        Self::RepresentationChange,
        Self::ListRead,
        Self::ListExport,
        Self::BatchRead,
        Self::QuarantineRead,
        Self::QuarantineExport,
        Self::TaskRead,
        Self::TaskWork,
        Self::OrganisationRead,
        Self::OrganisationCreate,
        Self::UserRead,
        Self::UserCreate,
        Self::UserChange,
        Self::GrantRead,
        Self::GrantCreate,
        Self::GrantRevoke,
        Self::ClientRead,
        Self::ClientCreate,
        Self::ClientChange,
        Self::TrailRead,
        Self::SystemRead,
    ];

    /// The name in the policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MetaRead => "meta.read",
            Self::OverviewRead => "overview.read",
            Self::PersonSearch => "person.search",
            Self::PersonRead => "person.read",
            Self::PersonReveal => "person.reveal",
            Self::DecisionExplain => "decision.explain",
            Self::RepresentationRead => "representation.read",
            Self::RepresentationChange => "representation.change",
            Self::ListRead => "list.read",
            Self::ListExport => "list.export",
            Self::BatchRead => "batch.read",
            Self::QuarantineRead => "quarantine.read",
            Self::QuarantineExport => "quarantine.export",
            Self::TaskRead => "task.read",
            Self::TaskWork => "task.work",
            Self::OrganisationRead => "organisation.read",
            Self::OrganisationCreate => "organisation.create",
            Self::UserRead => "user.read",
            Self::UserCreate => "user.create",
            Self::UserChange => "user.change",
            Self::GrantRead => "grant.read",
            Self::GrantCreate => "grant.create",
            Self::GrantRevoke => "grant.revoke",
            Self::ClientRead => "client.read",
            Self::ClientCreate => "client.create",
            Self::ClientChange => "client.change",
            Self::TrailRead => "trail.read",
            Self::SystemRead => "system.read",
        }
    }
}

/// What a person asks about their own affairs, or those of somebody whom they act for, as the policies name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Affair {
    /// What is known, decided and paid.
    Read,
    /// Why a decision is as it is.
    Explain,
    /// Who has looked.
    Readings,
    /// Who may act.
    Representatives,
    /// Ask others to act, and end that.
    Entrust,
}

impl Affair {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Read, Self::Explain, Self::Readings, Self::Representatives, Self::Entrust];

    /// The name in the policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "affairs.read",
            Self::Explain => "affairs.explain",
            Self::Readings => "affairs.readings",
            Self::Representatives => "affairs.representatives",
            Self::Entrust => "affairs.entrust",
        }
    }
}

/// How a person stands to the one whose affairs they ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// They are the same.
    Own,
    /// They act for the other one.
    For(Kind),
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::For(Kind::Guardian), Self::For(Kind::Entrusted)];

    /// The word in the policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::For(kind) => kind.as_str(),
        }
    }
}
