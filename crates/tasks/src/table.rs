//! The rows of this crate's tables.

pub(crate) mod task {
    use store::sea_orm;
    use store::sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) kind: String,
        pub(crate) subject: String,
        pub(crate) role: String,
        pub(crate) division: String,
        pub(crate) due_on: String,
        pub(crate) state: String,
        pub(crate) assignee: Option<String>,
        pub(crate) data: String,
        pub(crate) created_at: String,
        pub(crate) version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod event {
    use store::sea_orm;
    use store::sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_event")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) task_id: i64,
        pub(crate) at: String,
        pub(crate) who: String,
        pub(crate) what: String,
        pub(crate) note: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::task::Entity",
            from = "Column::TaskId",
            to = "super::task::Column::Id"
        )]
        Task,
    }

    impl Related<super::task::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Task.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
