//! One page of a list.

use serde::Serialize;
use store::sea_orm::sea_query::{Expr, ExprTrait as _};
use store::sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use vocab::Period;

use super::cells::digits;
use super::cursor::Place;
use crate::BenefitsError;
use crate::entity::list_entry;
use crate::model::ListKind;

/// Rows of a page at most.
pub const PAGE_MAX: u64 = 1_000;

/// Which rows of which list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// The period.
    pub period: Period,
    /// The list.
    pub list: ListKind,
    /// Of one policy.
    pub policy: Option<String>,
    /// Of one division and what lies in it: the beginning of the code.
    pub division: Option<String>,
    /// In one state: a word of [`crate::EntryState`].
    pub state: Option<String>,
    /// With this cause of a difference, on whichever side.
    pub cause: Option<String>,
    /// Rows of the page, at most [`PAGE_MAX`].
    pub limit: u64,
    /// The mark at which the page before ended.
    pub cursor: Option<String>,
}

impl ListFilter {
    /// The first page of a list of a period, without any filter.
    #[must_use]
    pub fn new(period: Period, list: ListKind) -> Self {
        Self {
            period,
            list,
            policy: None,
            division: None,
            state: None,
            cause: None,
            limit: 50,
            cursor: None,
        }
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListItem {
    /// Stands for the entry in addresses: period, policy and subject.
    pub item_id: String,
    /// The policy.
    pub policy: String,
    /// The person or household.
    pub subject_id: String,
    /// `person` or `household`.
    pub unit: String,
    /// The payee.
    pub person_id: String,
    /// The payee's name.
    pub person_name: String,
    /// Division of the subject.
    pub division: String,
    /// On the register.
    pub registered: bool,
    /// All conditions hold.
    pub eligible: bool,
    /// What is due.
    pub due_fen: Option<i64>,
    /// What was paid; none where nothing was.
    pub paid_fen: Option<i64>,
    /// A word of [`crate::EntryState`].
    pub state: String,
    /// Code of the cause why the lists differ here; [`crate::cause::name`] gives its name.
    pub cause: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListPage {
    /// The rows, by policy, division and subject.
    pub items: Vec<ListItem>,
    /// Rows of all pages.
    pub total: u64,
    /// The mark for the next page; none after the last one.
    pub next: Option<String>,
}

/// One page of a list.
///
/// # Errors
///
/// [`BenefitsError::Cursor`] for a mark that was not given out, and failures of the database.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    filter: &ListFilter,
) -> Result<ListPage, BenefitsError> {
    let total = list_entry::Entity::find()
        .filter(condition(filter))
        .count(db)
        .await
        .map_err(BenefitsError::db("count the rows of a list"))?;
    let (items, next) = rows(db, filter).await?;
    Ok(ListPage { items, total, next })
}

/// The rows of a page without their total.
pub(super) async fn rows<C: ConnectionTrait>(
    db: &C,
    filter: &ListFilter,
) -> Result<(Vec<ListItem>, Option<String>), BenefitsError> {
    use list_entry::Column;

    let limit = filter.limit.clamp(1, PAGE_MAX);
    let mut query = list_entry::Entity::find().filter(condition(filter));
    if let Some(mark) = &filter.cursor {
        let after = Place::parse(mark)?;
        let columns = [Column::Policy, Column::Division, Column::SubjectId]
            .map(|column| Expr::col((list_entry::Entity, column)));
        let values = [after.policy, after.division, after.subject_id].map(Expr::value);
        query = query.filter(Expr::tuple(columns).gt(Expr::tuple(values)));
    }
    let mut models = query
        .order_by_asc(Column::Policy)
        .order_by_asc(Column::Division)
        .order_by_asc(Column::SubjectId)
        .limit(limit + 1)
        .all(db)
        .await
        .map_err(BenefitsError::db("read a page of a list"))?;
    let more = models.len() as u64 > limit;
    models.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = models.last().filter(|_| more).map(|last| {
        Place {
            policy: last.policy.clone(),
            division: last.division.clone(),
            subject_id: last.subject_id.clone(),
        }
        .to_mark()
    });
    Ok((models.into_iter().map(item).collect(), next))
}

fn condition(filter: &ListFilter) -> Condition {
    use list_entry::Column;

    let mut all = Condition::all().add(Column::Period.eq(filter.period.to_string()));
    all = match filter.list {
        ListKind::Registered => all.add(Column::Registered.eq(true)),
        ListKind::Due => all.add(Column::DueFen.is_not_null()),
        ListKind::Paid => all.add(Column::PaidFen.gt(0)),
        ListKind::Differences => all.add(
            Condition::any().add(Column::Cause.is_not_null()).add(Column::PayCause.is_not_null()),
        ),
    };
    if let Some(policy) = &filter.policy {
        all = all.add(Column::Policy.eq(policy.as_str()));
    }
    if let Some(division) = &filter.division {
        all = all.add(Column::Division.starts_with(digits(division)));
    }
    if let Some(state) = &filter.state {
        all = all.add(Column::State.eq(state.as_str()));
    }
    if let Some(cause) = &filter.cause {
        all = all.add(
            Condition::any()
                .add(Column::Cause.eq(cause.as_str()))
                .add(Column::PayCause.eq(cause.as_str())),
        );
    }
    all
}

fn item(entry: list_entry::Model) -> ListItem {
    ListItem {
        item_id: format!("{}/{}/{}", entry.period, entry.policy, entry.subject_id),
        policy: entry.policy,
        subject_id: entry.subject_id,
        unit: entry.unit,
        person_id: entry.person_id,
        person_name: entry.person_name,
        division: entry.division,
        registered: entry.registered,
        eligible: entry.eligible,
        due_fen: entry.due_fen,
        paid_fen: (entry.paid_fen > 0).then_some(entry.paid_fen),
        state: entry.state,
        cause: entry.pay_cause.or(entry.cause),
    }
}
