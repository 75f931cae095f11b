//! A list as a workbook.

use std::collections::HashMap;
use std::io::Write;

use pack::Pack;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use store::sea_orm::ConnectionTrait;

use super::page::{ListFilter, ListItem, PAGE_MAX, rows};
use crate::BenefitsError;
use crate::cause;
use crate::model::ListKind;
use crate::programme::Programmes;

/// Names that a workbook shows in place of codes.
pub struct ExportNames<'a> {
    programmes: &'a Programmes,
    divisions: HashMap<&'a str, &'a str>,
    language: &'a str,
}

impl<'a> ExportNames<'a> {
    /// The names of a city pack, in `language` (`"en"`, else Chinese).
    #[must_use]
    pub fn new(pack: &'a Pack, programmes: &'a Programmes, language: &'a str) -> Self {
        let divisions = pack
            .divisions
            .iter()
            .map(|division| (division.code.as_str(), division.name.as_str()))
            .collect();
        Self { programmes, divisions, language }
    }

    /// Names without those of divisions, whose codes then stand for themselves.
    #[must_use]
    pub fn of_programmes(programmes: &'a Programmes, language: &'a str) -> Self {
        Self { programmes, divisions: HashMap::new(), language }
    }

    fn text(&self, text: &'a pack::Text) -> &'a str {
        text.get(self.language)
    }

    fn policy(&self, id: &'a str) -> &'a str {
        self.programmes.get(id).map_or(id, |programme| self.text(&programme.name))
    }

    fn division(&self, code: &'a str) -> &'a str {
        self.divisions.get(code).copied().unwrap_or(code)
    }

    fn pick(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.language == "en" { en } else { zh }
    }

    fn state(&self, word: &str) -> &'static str {
        let (zh, en) = match word {
            "found" => ("待确认", "found"),
            "question" => ("待核实", "question"),
            "held" => ("暂缓", "held"),
            "suspended" => ("停发", "suspended"),
            "ended" => ("终止", "ended"),
            "recognised" => ("已认定", "recognised"),
            "due" => ("应发", "due"),
            "prepared" => ("待审批", "prepared"),
            "approved" => ("已审批", "approved"),
            "sent" => ("已发送", "sent"),
            "paid" => ("已发放", "paid"),
            "rejected" => ("已退回", "refused"),
            "returned" => ("已退票", "sent back"),
            "overpaid" => ("多发", "overpaid"),
            _ => ("其他", "other"),
        };
        self.pick(zh, en)
    }
}

/// Rows of a sheet at most, by the file format; the header takes one.
const SHEET_ROWS: u32 = 1_048_576;

/// Widths in characters, so that nothing is cut off at first sight.
const WIDTHS: [f64; 9] = [22.0, 16.0, 12.0, 26.0, 8.0, 12.0, 12.0, 10.0, 36.0];

/// Writes all rows of a list, whatever the filter's page, as a workbook into `out`.
///
/// Rows go to disk as they come, so that memory does not grow with the list; a list longer than a
/// sheet goes on in a second one.
///
/// # Errors
///
/// [`BenefitsError::Workbook`], and failures of the database.
pub async fn export_xlsx<C: ConnectionTrait>(
    db: &C,
    filter: &ListFilter,
    names: &ExportNames<'_>,
    out: impl Write + Send,
) -> Result<(), BenefitsError> {
    let fault = |source| BenefitsError::Workbook { source };
    let mut workbook = Workbook::new();
    let mut filter = ListFilter { limit: PAGE_MAX, cursor: None, ..filter.clone() };
    let mut sheets = 0;
    let mut row = SHEET_ROWS;
    loop {
        let (items, next) = rows(db, &filter).await?;
        if row >= SHEET_ROWS - u32::try_from(items.len()).unwrap_or(SHEET_ROWS) {
            sheets += 1;
            let title = match sheets {
                1 => title(filter.list, names).to_owned(),
                number => format!("{} {number}", title(filter.list, names)),
            };
            let sheet = workbook.add_worksheet_with_constant_memory().map_err(fault)?;
            head(sheet, &title, names).map_err(fault)?;
            row = 1;
        }
        let sheet = workbook.worksheet_from_index(sheets - 1).map_err(fault)?;
        for item in &items {
            write_row(sheet, row, item, names).map_err(fault)?;
            row += 1;
        }
        match next {
            Some(mark) => filter.cursor = Some(mark),
            None => break,
        }
    }
    workbook.save_to_writer(out).map_err(fault)
}

fn title(list: ListKind, names: &ExportNames<'_>) -> &'static str {
    match list {
        ListKind::Registered => names.pick("在册名单", "Registered"),
        ListKind::Due => names.pick("应发名单", "Due"),
        ListKind::Paid => names.pick("实发名单", "Paid"),
        ListKind::Differences => names.pick("差异清单", "Differences"),
    }
}

fn head(sheet: &mut Worksheet, title: &str, names: &ExportNames<'_>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Center);
    let columns = [
        names.pick("补贴项目", "Policy"),
        names.pick("区划", "Division"),
        names.pick("户名", "Name"),
        names.pick("对象编号", "Subject"),
        names.pick("在册", "Registered"),
        names.pick("应发(元)", "Due (yuan)"),
        names.pick("实发(元)", "Paid (yuan)"),
        names.pick("状态", "State"),
        names.pick("差异原因", "Cause of the difference"),
    ];
    sheet.set_name(title)?;
    sheet.set_freeze_panes(1, 0)?;
    for ((column, text), width) in (0..).zip(columns).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, text, &bold)?;
    }
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    item: &ListItem,
    names: &ExportNames<'_>,
) -> Result<(), XlsxError> {
    let cause =
        item.cause.as_deref().map(|code| cause::name(code, Some(&item.policy), names.programmes));
    sheet.write_string(row, 0, names.policy(&item.policy))?;
    sheet.write_string(row, 1, names.division(&item.division))?;
    sheet.write_string(row, 2, &item.person_name)?;
    sheet.write_string(row, 3, &item.subject_id)?;
    sheet.write_string(
        row,
        4,
        if item.registered { names.pick("是", "yes") } else { names.pick("否", "no") },
    )?;
    for (column, fen) in [(5, item.due_fen), (6, item.paid_fen)] {
        if let Some(fen) = fen {
            sheet.write_number_with_format(row, column, yuan(fen), &money())?;
        }
    }
    sheet.write_string(row, 7, names.state(&item.state))?;
    if let Some(cause) = cause {
        sheet.write_string(row, 8, cause.get(names.language))?;
    }
    Ok(())
}

fn money() -> Format {
    Format::new().set_num_format("#,##0.00")
}

/// The workbook's own number format is a float; fen up to 2^53 come out exact to the fen.
fn yuan(fen: i64) -> f64 {
    fen as f64 / 100.0
}
