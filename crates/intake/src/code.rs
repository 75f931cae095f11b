//! Why a row is in the quarantine: stable codes.
//!
//! Tests, help pages and the console depend on the codes, never on wording. A contract's own
//! quality rules bring codes of their own beside these.

/// A reason for quarantine that intake itself finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Code {
    /// More or fewer cells than the header has columns, or an unknown key.
    Columns,
    /// Bytes that are not text in the contract's encoding.
    Encoding,
    /// A quoted cell that does not end.
    Quote,
    /// A line that is not one flat JSON object.
    Json,
    /// A spreadsheet cell that holds an error such as `#N/A`.
    CellError,
    /// A required cell is empty.
    Required,
    /// Not a calendar date.
    DateFormat,
    /// Not a month.
    MonthFormat,
    /// Not a number of the field's type.
    Number,
    /// Not in the code list.
    Code,
    /// Not a division code.
    Division,
    /// A required identity number that is not valid.
    IdNumber,
    /// Outside the contract's bounds.
    Range,
    /// The key came twice in one delivery with different content.
    KeyConflict,
}

impl Code {
    /// All codes, in the order in which a row's reasons are listed.
    pub const ALL: [Self; 14] = [
        Self::Columns,
        Self::Encoding,
        Self::Quote,
        Self::Json,
        Self::CellError,
        Self::Required,
        Self::DateFormat,
        Self::MonthFormat,
        Self::Number,
        Self::Code,
        Self::Division,
        Self::IdNumber,
        Self::Range,
        Self::KeyConflict,
    ];

    /// The code as the quarantine table holds it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "INT-COLUMNS",
            Self::Encoding => "INT-ENCODING",
            Self::Quote => "INT-QUOTE",
            Self::Json => "INT-JSON",
            Self::CellError => "INT-CELL-ERROR",
            Self::Required => "INT-REQUIRED",
            Self::DateFormat => "INT-DATE-FORMAT",
            Self::MonthFormat => "INT-MONTH-FORMAT",
            Self::Number => "INT-NUMBER",
            Self::Code => "INT-CODE",
            Self::Division => "INT-DIVISION",
            Self::IdNumber => "INT-ID-NUMBER",
            Self::Range => "INT-RANGE",
            Self::KeyConflict => "INT-KEY-CONFLICT",
        }
    }

    /// What it means, in Chinese.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Columns => "列数或列名与表头不符",
            Self::Encoding => "含有不属于约定编码的字节",
            Self::Quote => "引号没有配对",
            Self::Json => "不是一行一个的 JSON 对象",
            Self::CellError => "单元格是错误值",
            Self::Required => "必填项为空",
            Self::DateFormat => "不是日期，应如 1956-03-09",
            Self::MonthFormat => "不是年月，应如 2024-01",
            Self::Number => "不是该字段要求的数值",
            Self::Code => "代码不在代码表中",
            Self::Division => "不是行政区划代码",
            Self::IdNumber => "必填的公民身份号码无效",
            Self::Range => "超出约定的取值范围",
            Self::KeyConflict => "同一批中同一主键出现了不同内容",
        }
    }

    /// What it means, in English.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Columns => "number or names of cells do not match the header",
            Self::Encoding => "bytes that are not text in the agreed encoding",
            Self::Quote => "a quotation mark that is never closed",
            Self::Json => "not one JSON object on one line",
            Self::CellError => "the spreadsheet cell holds an error value",
            Self::Required => "a required cell is empty",
            Self::DateFormat => "not a date, expected for instance 1956-03-09",
            Self::MonthFormat => "not a month, expected for instance 2024-01",
            Self::Number => "not a number of the field's type",
            Self::Code => "code is not in the code list",
            Self::Division => "not a division code",
            Self::IdNumber => "a required identity number is not valid",
            Self::Range => "outside the agreed range",
            Self::KeyConflict => "the same key came twice in one delivery with different content",
        }
    }
}

/// A set of [`Code`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Codes(u32);

impl Codes {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn of(code: Code) -> Self {
        Self(1 << code as u8)
    }

    pub(crate) fn add(&mut self, code: Code) {
        self.0 |= Self::of(code).0;
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn has(self, code: Code) -> bool {
        self.0 & Self::of(code).0 != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Code> {
        Code::ALL.into_iter().filter(move |code| self.has(*code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_named_once_and_a_set_keeps_them_apart() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Codes::of(code).iter().collect::<Vec<_>>(), [code]);
        }
        let mut two = Codes::NONE;
        assert!(two.is_empty());
        two.add(Code::Range);
        two.add(Code::Columns);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Code::Columns, Code::Range]);
    }
}
