//! The rows of this crate's tables.

/// Modules of entities: each has its own derive, which can't be shared.
macro_rules! entity {
    ($module:ident, $name:literal, { $($(#[$key:meta])* $field:ident: $type:ty,)* }) => {
        pub(crate) mod $module {
            use store::sea_orm;
            use store::sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub(crate) struct Model {
                $($(#[$key])* pub(crate) $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(user, "user_account", {
    #[sea_orm(primary_key, auto_increment = false)]
    username: String,
    display_name: String,
    password_hash: String,
    created_at: String,
    password_set_at: String,
    roles: String,
    organisation_id: Option<String>,
    has_left: bool,
    must_change_password: bool,
    version: i64,
});

entity!(session, "user_session", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: String,
    username: String,
    created_at: String,
    expires_at: String,
    by_code: bool,
});

entity!(failure, "sign_in_failure", {
    #[sea_orm(primary_key, auto_increment = false)]
    username_hash: String,
    failures: i32,
    last_at: String,
});

entity!(organisation, "organisation", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    name_zh: String,
    name_en: String,
    kind: String,
    division: String,
    parent_id: Option<String>,
    created_at: String,
});

entity!(grant, "purpose_grant", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    username: String,
    purpose: String,
    from_at: String,
    until_at: String,
    reason: String,
    granted_by: String,
    granted_at: String,
    revoked_at: Option<String>,
});

entity!(second_factor, "second_factor", {
    #[sea_orm(primary_key, auto_increment = false)]
    username: String,
    secret: String,
    confirmed_at: Option<String>,
    last_step: i64,
});

entity!(recovery_code, "recovery_code", {
    #[sea_orm(primary_key, auto_increment = false)]
    username: String,
    #[sea_orm(primary_key, auto_increment = false)]
    code_hash: String,
});

entity!(oidc_attempt, "oidc_attempt", {
    #[sea_orm(primary_key, auto_increment = false)]
    state_hash: String,
    browser_hash: String,
    whom: String,
    nonce: String,
    verifier: String,
    return_to: String,
    expires_at: String,
});

entity!(oidc_link, "oidc_link", {
    #[sea_orm(primary_key, auto_increment = false)]
    username: String,
    issuer: String,
    subject: String,
    made_by: String,
    made_at: String,
});

entity!(oidc_waiting, "oidc_waiting", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: String,
    username: String,
    expires_at: String,
});

entity!(citizen_code, "citizen_code", {
    #[sea_orm(primary_key, auto_increment = false)]
    person_id: String,
    phone: String,
    code: String,
    sent_at: String,
    expires_at: String,
    tries: i32,
    sent: i32,
    counted_from: String,
});

entity!(citizen_session, "citizen_session", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: String,
    person_id: String,
    created_at: String,
    expires_at: String,
});

entity!(representation, "representation", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    principal: String,
    representative: String,
    kind: String,
    until_at: String,
    basis: String,
    made_by: String,
    made_at: String,
    ended_at: Option<String>,
});

entity!(api_client, "api_client", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    name: String,
    organisation_id: String,
    made_by: String,
    made_at: String,
    ended_at: Option<String>,
});

entity!(api_client_key, "api_client_key", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    client_id: String,
    public_key: String,
    made_by: String,
    made_at: String,
    until_at: String,
    revoked_at: Option<String>,
});

entity!(api_client_nonce, "api_client_nonce", {
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    nonce_hash: String,
    kept_until: String,
});

entity!(agreement, "agreement", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    client_id: String,
    policy: String,
    basis: String,
    until_at: String,
    made_by: String,
    made_at: String,
    ended_at: Option<String>,
});
