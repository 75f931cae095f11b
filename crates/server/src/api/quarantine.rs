//! Rows that were put aside, with the reasons.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vocab::Period;

use crate::access::Caller;
use crate::app::App;
use crate::export;
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::rows::{Row, literal, rows};
use crate::text::{CodeName, Text};
use crate::{labels, readings};

/// Which rows.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuarantineFilter {
    /// Month `YYYY-MM`.
    #[param(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2024-01")]
    period: Period,
    /// Dataset id.
    dataset: Option<String>,
    /// Reason code.
    code: Option<String>,
}

/// Which page.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Page size; 50 if left out.
    #[param(required = false, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
}

impl FromQuery for QuarantineFilter {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self {
            period: query.period()?,
            dataset: query.text("dataset")?.map(str::to_owned),
            code: query.text("code")?.map(str::to_owned),
        })
    }
}

impl FromQuery for Paging {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self { limit: Some(query.limit(50)?), cursor: query.text("cursor")?.map(str::to_owned) })
    }
}

impl<A: FromQuery, B: FromQuery> FromQuery for (A, B) {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok((A::from_query(query)?, B::from_query(query)?))
    }
}

/// Quarantined rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinePage {
    rows: Vec<QuarantineRow>,
    total: u64,
    next: Option<String>,
}

/// A row that was put aside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantineRow {
    delivery_id: String,
    dataset: String,
    dataset_name: Text,
    file: String,
    /// Line in the delivered file.
    line: i64,
    codes: Vec<CodeName>,
    /// Columns at fault, as the department names them.
    columns: Vec<String>,
    /// The row's text with long digit runs masked.
    original: String,
    received: Date,
}

/// Quarantined rows
#[utoipa::path(
    get, path = "/api/v1/quarantine", tag = "quarantine", params(QuarantineFilter, Paging),
    security(("session" = [])),
    responses(
        (status = 200, description = "Rows.", body = QuarantinePage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_quarantine(
    State(app): State<App>,
    caller: Caller,
    ApiQuery((filter, paging)): ApiQuery<(QuarantineFilter, Paging)>,
) -> Result<Json<QuarantinePage>, ApiError> {
    let published = published(&app, &filter).await?;
    let after = paging.cursor.as_deref().map(Place::parse).transpose()?;
    let limit = paging.limit.unwrap_or(50);
    let total = count(&published, &filter).await?;
    let mut found = read(&app, &published, &filter, after.as_ref(), rows_to_read(limit)).await?;
    let next = cut(&mut found, limit, Place::text_of);
    // Nobody knows whose rows they are.
    let detail = serde_json::json!({
        "dataset": filter.dataset, "code": filter.code, "rows": found.len(),
    });
    let subject = format!("period:{}", filter.period);
    readings::reading(&app, &caller, "quarantine.read", &subject, &detail).await?;
    Ok(Json(QuarantinePage { rows: found, total, next }))
}

/// Quarantined rows as a workbook
#[utoipa::path(
    get, path = "/api/v1/quarantine/export.xlsx", tag = "quarantine", params(QuarantineFilter),
    security(("session" = [])),
    responses(
        (status = 200, description = "An XLSX workbook.", body = inline(crate::export::Workbook), content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 400, description = "A parameter is not valid, or too many rows for one workbook.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export_quarantine(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(filter): ApiQuery<QuarantineFilter>,
) -> Result<Response, ApiError> {
    let published = published(&app, &filter).await?;
    let total = count(&published, &filter).await?;
    if total > export::ROWS_MOST {
        return Err(ApiError::export_too_large(total, export::ROWS_MOST));
    }
    let detail = serde_json::json!({
        "dataset": filter.dataset, "code": filter.code, "rows": total,
    });
    let subject = format!("period:{}", filter.period);
    readings::reading(&app, &caller, "quarantine.export", &subject, &detail).await?;
    // All rows are below the bound of one worksheet.
    let found = read(&app, &published, &filter, None, export::ROWS_MOST).await?;
    let filename = format!("huimin-quarantine-{}.xlsx", filter.period);
    export::download(filename, move |path| write(&found, path)).await
}

/// The published state, after checking that the filter names things that there are.
async fn published(
    app: &App,
    filter: &QuarantineFilter,
) -> Result<std::sync::Arc<Published>, ApiError> {
    let unknown = || ApiError::period_unknown(filter.period);
    let published = app.published().await?.ok_or_else(unknown)?;
    published.check_period(filter.period)?;
    if let Some(dataset) = &filter.dataset
        && !app.pack.datasets.contains_key(dataset)
    {
        return Err(ApiError::bad_parameter(
            "dataset",
            "应为 `/api/v1/meta` 所列的数据集编号",
            "a dataset id from `/api/v1/meta`",
        ));
    }
    if let Some(code) = &filter.code
        && !app.labels.is_reason(code)
    {
        return Err(ApiError::bad_parameter(
            "code",
            "应为 `/api/v1/meta` 所列的隔离原因代码",
            "a quarantine code from `/api/v1/meta`",
        ));
    }
    Ok(published)
}

fn condition(filter: &QuarantineFilter) -> String {
    let mut condition = format!("d.period = {}", literal(&filter.period.to_string()));
    if let Some(dataset) = &filter.dataset {
        condition.push_str(&format!(" AND q.dataset = {}", literal(dataset)));
    }
    if let Some(code) = &filter.code {
        // Codes are separated by commas and never parts of each other this way.
        let wanted = literal(&format!(",{code},"));
        condition.push_str(&format!(" AND strpos(concat(',', q.codes, ','), {wanted}) > 0"));
    }
    condition
}

const TABLES: [&str; 2] = [intake::QUARANTINE, intake::DELIVERIES];
const JOINED: &str = "quarantine q JOIN deliveries d ON q.delivery_id = d.delivery_id";

async fn count(published: &Published, filter: &QuarantineFilter) -> Result<u64, ApiError> {
    let sql = format!("SELECT count(*) AS total FROM {JOINED} WHERE {}", condition(filter));
    let batches = published.query(&TABLES, &sql).await?;
    rows(&batches).next().map_or(Ok(0), |row| row.count("total"))
}

async fn read(
    app: &App,
    published: &Published,
    filter: &QuarantineFilter,
    after: Option<&Place>,
    limit: u64,
) -> Result<Vec<QuarantineRow>, ApiError> {
    let mut condition = condition(filter);
    if let Some(place) = after {
        condition.push_str(&format!(
            " AND (q.delivery_id > {id} OR (q.delivery_id = {id} AND q.line > {}))",
            place.line,
            id = literal(&place.delivery_id),
        ));
    }
    let sql = format!(
        "SELECT q.delivery_id AS delivery_id, q.dataset AS dataset, d.file AS file, q.line AS line, \
         q.codes AS codes, q.columns AS columns, q.original AS original, q.received AS received \
         FROM {JOINED} WHERE {condition} ORDER BY q.delivery_id, q.line LIMIT {limit}"
    );
    let batches = published.query(&TABLES, &sql).await?;
    rows(&batches).map(|row| quarantined(app, &row)).collect()
}

fn quarantined(app: &App, row: &Row<'_>) -> Result<QuarantineRow, ApiError> {
    let delivery_id = row.text_or_empty("delivery_id")?;
    let dataset = row.text_or_empty("dataset")?;
    let line = row.integer("line")?.unwrap_or_default();
    let place = intake::quarantine_place(delivery_id, line);
    let original =
        app.keys()?.open(intake::QUARANTINE, "original", &place, row.text_or_empty("original")?)?;
    let list = |column: &str| -> Result<Vec<&str>, ApiError> {
        Ok(row.text_or_empty(column)?.split(',').filter(|part| !part.is_empty()).collect())
    };
    let contract = app.pack.datasets.get(dataset);
    Ok(QuarantineRow {
        delivery_id: delivery_id.to_owned(),
        dataset: dataset.to_owned(),
        dataset_name: labels::dataset(&app.pack, dataset),
        file: row.text_or_empty("file")?.to_owned(),
        line,
        codes: list("codes")?.into_iter().map(|code| app.labels.reason(code)).collect(),
        columns: list("columns")?
            .into_iter()
            .map(|id| {
                contract.and_then(|c| c.field(id)).map_or(id, |field| &field.header).to_owned()
            })
            .collect(),
        original: vocab::mask::digits_in_text(&original).into_owned(),
        received: row.given_date("received")?,
    })
}

/// Where a page ends: delivery and line.
struct Place {
    delivery_id: String,
    line: i64,
}

impl Place {
    fn text_of(row: &QuarantineRow) -> String {
        format!("{}:{}", row.delivery_id, row.line)
    }

    fn parse(text: &str) -> Result<Self, ApiError> {
        text.rsplit_once(':')
            .and_then(|(delivery_id, line)| {
                Some(Self { delivery_id: delivery_id.to_owned(), line: line.parse().ok()? })
            })
            .ok_or_else(ApiError::bad_cursor)
    }
}

/// Writes the worksheet. Everything is written as text, so that nothing becomes a formula.
fn write(found: &[QuarantineRow], path: &std::path::Path) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("隔离 Quarantine")?;
    sheet.set_freeze_panes(1, 0)?;
    let head = Format::new().set_bold();
    let columns = [
        ("数据集 Dataset", 24),
        ("文件 File", 28),
        ("行号 Line", 10),
        ("原因代码 Codes", 22),
        ("原因 Reasons", 40),
        ("列 Columns", 20),
        ("原文（已遮蔽） Original, masked", 80),
        ("收到日期 Received", 14),
        ("批次 Delivery", 36),
    ];
    for (at, (title, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, title, &head)?;
    }
    for (at, row) in (1_u32..).zip(found) {
        let codes: Vec<&str> = row.codes.iter().map(|code| code.code.as_str()).collect();
        let reasons: Vec<&str> = row.codes.iter().map(|code| code.name.zh.as_str()).collect();
        sheet.write_string(at, 0, &row.dataset_name.zh)?;
        sheet.write_string(at, 1, &row.file)?;
        // Line numbers are far below 2^53, so they are exact.
        #[allow(clippy::cast_precision_loss)]
        sheet.write_number(at, 2, row.line as f64)?;
        sheet.write_string(at, 3, codes.join(", "))?;
        sheet.write_string(at, 4, reasons.join("；"))?;
        sheet.write_string(at, 5, row.columns.join(", "))?;
        sheet.write_string(at, 6, export::cell(&row.original))?;
        sheet.write_string(at, 7, row.received.to_string())?;
        sheet.write_string(at, 8, &row.delivery_id)?;
    }
    workbook.save(path)
}
