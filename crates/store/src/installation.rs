//! Which installation a database belongs to.
//!
//! A data folder remembers the id of its database. Lists of one city that were written into the database
//! of another would pay people twice, and so would lists written into a new one because somebody forgot
//! to name the old.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, DatabaseConnection};
use sea_orm_migration::SchemaManager;

use crate::StoreError;

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "installation")]
    pub(crate) struct Model {
        /// Always 1, so that there is one at most.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i32,
        pub(crate) id: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The id of the installation that the database belongs to; `None` when it belongs to none yet, also
/// when it has no tables at all. Changes nothing.
///
/// # Errors
///
/// When the database fails.
pub async fn installation(db: &DatabaseConnection) -> Result<Option<String>, StoreError> {
    let failed = || StoreError::db("read which installation the database belongs to");
    if !SchemaManager::new(db).has_table("installation").await.map_err(failed())? {
        return Ok(None);
    }
    let found = entity::Entity::find_by_id(1).one(db).await.map_err(failed())?;
    Ok(found.map(|found| found.id))
}

/// Gives a database that belongs to no installation to `id`, and returns the one that it belongs to now:
/// of two programs that do so at once, the first one has it.
///
/// # Errors
///
/// When the database fails.
pub async fn install(db: &DatabaseConnection, id: &str) -> Result<String, StoreError> {
    let row =
        entity::ActiveModel { number: ActiveValue::Set(1), id: ActiveValue::Set(id.to_owned()) };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Number).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write which installation the database belongs to"))?;
    Ok(installation(db).await?.unwrap_or_default())
}
