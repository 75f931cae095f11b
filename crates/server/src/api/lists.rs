//! The three lists of a period: registered (在册), due (应发), paid (实发).

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use benefits::query;
use benefits::{BenefitsError, ListKind, Side};
use identity::access::Action;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vocab::{DivisionCode, Period};

use super::person::Payment;
use super::quarantine::Paging;
use crate::access::Caller;
use crate::app::App;
use crate::params::{ApiQuery, FromQuery, PAGE_MAX, QueryText};
use crate::problem::{ApiError, Problem};
use crate::text::{Month, Text};
use crate::{export, readings};

/// Which items.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListFilter {
    /// Month `YYYY-MM`.
    #[param(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2024-01")]
    period: Period,
    /// Policy id.
    policy: Option<String>,
    /// Which list; `registered` if left out.
    list: Option<ListName>,
    /// Division code.
    #[param(value_type = Option<String>)]
    division: Option<DivisionCode>,
    /// Only items in this state.
    state: Option<ItemState>,
    /// Only items with this cause of a difference.
    cause: Option<String>,
}

impl FromQuery for ListFilter {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self {
            period: query.period()?,
            policy: query.text("policy")?.map(str::to_owned),
            list: query.choice("list", &ListName::WORDS)?,
            division: query.division()?,
            state: query.choice("state", &ItemState::WORDS)?,
            cause: query.text("cause")?.map(str::to_owned),
        })
    }
}

/// Which of the three lists (registered 在册, due 应发, paid 实发), or the items on which two of them
/// differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListName {
    Registered,
    Due,
    Paid,
    Differences,
}

impl ListName {
    const WORDS: [(&str, Self); 4] = [
        ("registered", Self::Registered),
        ("due", Self::Due),
        ("paid", Self::Paid),
        ("differences", Self::Differences),
    ];
}

/// Where an item stands: registered but nothing due, due, in a prepared or approved batch, sent,
/// paid, rejected by the bank, or returned after payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemState {
    NotDue,
    Due,
    Prepared,
    Approved,
    Sent,
    Paid,
    Rejected,
    Returned,
}

impl ItemState {
    const WORDS: [(&str, Self); 8] = [
        ("not_due", Self::NotDue),
        ("due", Self::Due),
        ("prepared", Self::Prepared),
        ("approved", Self::Approved),
        ("sent", Self::Sent),
        ("paid", Self::Paid),
        ("rejected", Self::Rejected),
        ("returned", Self::Returned),
    ];

    /// The state of an entry of the lists. Whatever has nothing due, for whichever cause, is
    /// `not_due` here, and an alarm about too much paid is `paid`; the cause tells more.
    fn of(word: &str) -> Self {
        match word {
            "overpaid" => Self::Paid,
            known => Self::WORDS
                .iter()
                .find(|(word, _)| *word == known)
                .map_or(Self::NotDue, |(_, state)| *state),
        }
    }

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("not_due", |(word, _)| word)
    }
}

/// Which two lists a difference is between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DifferenceSide {
    RegisteredDue,
    DuePaid,
    EligibleRegistered,
}

/// A page of one of the lists, with the summary of all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListsPage {
    summary: ListsSummary,
    items: Vec<ListItem>,
    total: u64,
    next: Option<String>,
}

/// The three lists' totals under the filters policy and division, and what explains their
/// differences.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListsSummary {
    registered: u64,
    due: u64,
    paid: u64,
    /// Integer fen (1 CNY = 100 fen).
    due_amount_fen: i64,
    /// Integer fen (1 CNY = 100 fen).
    paid_amount_fen: i64,
    differences: Vec<Difference>,
    /// Every difference between two lists is explained, in count and in money.
    closes: bool,
}

/// Items that are on one list and not on the other, by cause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    side: DifferenceSide,
    cause: String,
    name: Text,
    /// Left list less right list: positive if items are missing on the right, negative if they are
    /// on the right only. The counts of a side add up to the difference of the two lists' totals
    /// (for `eligible-registered` the left list is of eligible subjects, which has no total here).
    count: i64,
    /// Integer fen (1 CNY = 100 fen). Left less right, likewise; 0 where the left list has no
    /// amounts.
    amount_fen: i64,
}

/// A subject and policy on the lists of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListItem {
    item_id: String,
    policy: String,
    name: Text,
    subject_id: String,
    person_id: String,
    person_name: String,
    division: Option<String>,
    division_name: Option<Text>,
    registered: bool,
    /// Integer fen (1 CNY = 100 fen).
    due_fen: Option<i64>,
    /// Integer fen (1 CNY = 100 fen).
    paid_fen: Option<i64>,
    state: ItemState,
    cause: Option<String>,
    cause_name: Option<Text>,
}

/// The three lists of a period
#[utoipa::path(
    get, path = "/api/v1/lists", tag = "lists", params(ListFilter, Paging),
    security(("session" = [])),
    responses(
        (status = 200, description = "Items and summary.", body = ListsPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_lists(
    State(app): State<App>,
    caller: Caller,
    ApiQuery((mut filter, paging)): ApiQuery<(ListFilter, Paging)>,
) -> Result<Json<ListsPage>, ApiError> {
    filter.division = caller.scope(&app, Action::ListRead, filter.division)?;
    check(&app, &filter).await?;
    let wanted = query_filter(&filter, paging.limit.unwrap_or(50), paging.cursor);
    let division = wanted.division.as_deref();
    let figures =
        query::summary(&app.db, filter.period, filter.policy.as_deref(), division).await?;
    let page = if filter.state == Some(ItemState::NotDue) {
        not_due(&app, &wanted, &figures).await?
    } else {
        query::page(&app.db, &wanted).await.map_err(cursor_or_internal)?
    };
    let detail = serde_json::json!({ "period": filter.period.to_string() });
    let shown = page.items.iter().map(|item| ("list.read", item.person_id.as_str()));
    readings::persons(&app, &caller, shown, &detail).await?;
    Ok(Json(ListsPage {
        summary: summary(&app, &filter, figures),
        items: page.items.into_iter().map(|item| list_item(&app, item)).collect(),
        total: page.total,
        next: page.next,
    }))
}

/// A list as a workbook
#[utoipa::path(
    get, path = "/api/v1/lists/export.xlsx", tag = "lists", params(ListFilter),
    security(("session" = [])),
    responses(
        (status = 200, description = "An XLSX workbook.", body = inline(crate::export::Workbook), content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 400, description = "A parameter is not valid, or too many rows for one workbook.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export_lists(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(mut filter): ApiQuery<ListFilter>,
) -> Result<Response, ApiError> {
    filter.division = caller.scope(&app, Action::ListExport, filter.division)?;
    check(&app, &filter).await?;
    if filter.state == Some(ItemState::NotDue) {
        return Err(ApiError::bad_parameter(
            "state",
            "工作簿不能按 `not_due` 筛选；这些项目见清单 `differences`",
            "for a workbook any state but `not_due`; the list `differences` has those items",
        ));
    }
    let wanted = query_filter(&filter, PAGE_MAX, None);
    let detail = serde_json::json!({
        "list": wanted.list.as_str(), "policy": wanted.policy, "division": wanted.division,
        "state": wanted.state, "cause": wanted.cause,
    });
    readings::reading(&app, &caller, "list.export", &format!("period:{}", filter.period), &detail)
        .await?;
    let filename = format!("huimin-{}-{}.xlsx", wanted.list.as_str(), filter.period);
    let runtime = tokio::runtime::Handle::current();
    export::download(filename, move |path| {
        let names = query::ExportNames::new(&app.pack, &app.programmes, "zh");
        let file = std::fs::File::create(path)?;
        let out = std::io::BufWriter::new(file);
        runtime.block_on(query::export_xlsx(&app.db, &wanted, &names, out))?;
        Ok::<_, ExportError>(())
    })
    .await
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("failed to make the temporary file of an export")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Lists(#[from] BenefitsError),
}

/// The due items of a person, and of households that they head, newest first.
pub(crate) async fn payments_of(app: &App, person_id: &str) -> Result<Vec<Payment>, ApiError> {
    let found = query::payments_of_person(&app.db, person_id).await?;
    Ok(found
        .into_iter()
        .filter_map(|payment| {
            Some(Payment {
                period: Month(Period::parse(&payment.period).ok()?),
                name: policy_name(app, &payment.policy),
                due_item_id: payment.due_item_id?,
                amount_fen: payment.amount_fen?,
                state: ItemState::of(&payment.state),
                paid_on: payment.paid_on.as_deref().and_then(day_of),
                reason: payment.reason.map(|code| cause_name(app, &code, Some(&payment.policy))),
                policy: payment.policy,
            })
        })
        .collect())
}

async fn check(app: &App, filter: &ListFilter) -> Result<(), ApiError> {
    let unknown = || ApiError::period_unknown(filter.period);
    app.published().await?.ok_or_else(unknown)?.check_period(filter.period)?;
    match &filter.policy {
        Some(policy) if app.pack.policy(policy).is_none() => Err(ApiError::bad_parameter(
            "policy",
            "应为 `/api/v1/meta` 所列的政策编号",
            "a policy id from `/api/v1/meta`",
        )),
        _ => Ok(()),
    }
}

fn query_filter(filter: &ListFilter, limit: u32, cursor: Option<String>) -> query::ListFilter {
    let list = match filter.list.unwrap_or(ListName::Registered) {
        ListName::Registered => ListKind::Registered,
        ListName::Due => ListKind::Due,
        ListName::Paid => ListKind::Paid,
        ListName::Differences => ListKind::Differences,
    };
    query::ListFilter {
        policy: filter.policy.clone(),
        division: filter.division.map(|division| division.as_str().to_owned()),
        state: filter.state.map(|state| state.word().to_owned()),
        cause: filter.cause.clone(),
        limit: u64::from(limit),
        cursor,
        ..query::ListFilter::new(filter.period, list)
    }
}

/// A page of the items with nothing due.
///
/// They stand in several states of the lists, but every one of them has a cause, so they are found
/// among the differences, page by page.
async fn not_due(
    app: &App,
    wanted: &query::ListFilter,
    figures: &query::Summary,
) -> Result<query::ListPage, ApiError> {
    let mut found = query::ListPage { items: Vec::new(), total: 0, next: None };
    let sides: &[Side] = match wanted.list {
        ListKind::Due | ListKind::Paid => return Ok(found),
        ListKind::Registered => &[Side::RegisteredDue],
        ListKind::Differences => &[Side::RegisteredDue, Side::EligibleRegistered],
    };
    let counted: i64 = figures
        .differences
        .iter()
        .filter(|one| sides.contains(&one.side))
        .filter(|one| wanted.cause.as_ref().is_none_or(|cause| *cause == one.cause))
        .map(|one| one.count)
        .sum();
    found.total = u64::try_from(counted).unwrap_or_default();
    let fits = |item: &query::ListItem| {
        item.due_fen.is_none() && (wanted.list == ListKind::Differences || item.registered)
    };
    let mut at = query::ListFilter { list: ListKind::Differences, state: None, ..wanted.clone() };
    loop {
        at.limit = u64::from(PAGE_MAX);
        let mut page = query::page(&app.db, &at).await.map_err(cursor_or_internal)?;
        let room =
            usize::try_from(wanted.limit).unwrap_or(usize::MAX).saturating_sub(found.items.len());
        // The mark of a page is that of its last row, so the page is cut where the room ends.
        let fitting = page.items.iter().enumerate().filter(|(_, item)| fits(item));
        let last = fitting.map(|(at, _)| at).nth(room.saturating_sub(1));
        if let Some(last) = last
            && last + 1 < page.items.len()
        {
            at.limit = last as u64 + 1;
            page = query::page(&app.db, &at).await.map_err(cursor_or_internal)?;
        }
        let full = last.is_some();
        found.items.extend(page.items.into_iter().filter(|item| fits(item)));
        found.next.clone_from(&page.next);
        at.cursor = page.next;
        if full || at.cursor.is_none() {
            return Ok(found);
        }
    }
}

fn summary(app: &App, filter: &ListFilter, figures: query::Summary) -> ListsSummary {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    ListsSummary {
        registered: count(figures.registered),
        due: count(figures.due),
        paid: count(figures.paid),
        due_amount_fen: figures.due_amount_fen,
        paid_amount_fen: figures.paid_amount_fen,
        differences: figures
            .differences
            .into_iter()
            .map(|one| {
                let (side, sign) = match one.side {
                    Side::RegisteredDue => (DifferenceSide::RegisteredDue, 1),
                    Side::DuePaid => (DifferenceSide::DuePaid, 1),
                    Side::EligibleRegistered => (DifferenceSide::EligibleRegistered, 1),
                    // More on the right than on the left.
                    Side::PaidDue => (DifferenceSide::DuePaid, -1),
                };
                let policy = one.policy.as_deref().or(filter.policy.as_deref());
                Difference {
                    side,
                    name: cause_name(app, &one.cause, policy),
                    cause: one.cause,
                    count: sign * one.count,
                    amount_fen: sign * one.amount_fen,
                }
            })
            .collect(),
        closes: figures.closes,
    }
}

fn list_item(app: &App, item: query::ListItem) -> ListItem {
    ListItem {
        name: policy_name(app, &item.policy),
        division_name: app.labels.division(&item.division).cloned(),
        division: Some(item.division).filter(|code| !code.is_empty()),
        cause_name: item.cause.as_deref().map(|code| cause_name(app, code, Some(&item.policy))),
        state: ItemState::of(&item.state),
        item_id: item.item_id,
        policy: item.policy,
        subject_id: item.subject_id,
        person_id: item.person_id,
        person_name: item.person_name,
        registered: item.registered,
        due_fen: item.due_fen,
        paid_fen: item.paid_fen,
        cause: item.cause,
    }
}

fn policy_name(app: &App, policy: &str) -> Text {
    app.pack.policy(policy).map_or_else(|| Text::both(policy), |policy| (&policy.name).into())
}

fn cause_name(app: &App, code: &str, policy: Option<&str>) -> Text {
    (&benefits::cause::name(code, policy, &app.programmes)).into()
}

/// The day of a date or of an instant.
fn day_of(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

fn cursor_or_internal(error: BenefitsError) -> ApiError {
    match error {
        BenefitsError::Cursor => ApiError::bad_cursor(),
        other => ApiError::internal(other),
    }
}
