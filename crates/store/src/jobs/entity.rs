//! The tables of jobs.

pub(crate) mod job {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) kind: String,
        pub(crate) key: Option<String>,
        pub(crate) payload: String,
        pub(crate) state: String,
        pub(crate) due_at: String,
        pub(crate) attempts: i32,
        pub(crate) most_attempts: i32,
        pub(crate) worker: Option<String>,
        pub(crate) lease_until: Option<String>,
        pub(crate) fence: i64,
        pub(crate) error: Option<String>,
        pub(crate) created_at: String,
        pub(crate) ended_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod schedule {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_schedule")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) name: String,
        pub(crate) kind: String,
        pub(crate) payload: String,
        pub(crate) cadence: String,
        pub(crate) next_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
