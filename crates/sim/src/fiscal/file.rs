//! Reading an instruction file.

use vocab::Money;

/// The agreed header.
const COLUMNS: [&str; 11] = [
    "序号",
    "批次号",
    "指令号",
    "补贴项目编码",
    "补贴项目名称",
    "补贴所属期",
    "户名",
    "银行账号",
    "金额(元)",
    "区划代码",
    "拟发放日期",
];

/// One instruction, as far as it matters for paying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) id: String,
    pub(super) policy: String,
    pub(super) period: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) amount_fen: i64,
    pub(super) pay_on: String,
}

/// Reads a file whole; one bad line refuses all of it, so that there is no half batch.
pub(super) fn parse(batch: &str, bytes: &[u8]) -> Result<Vec<Instruction>, String> {
    let text = bytes
        .strip_prefix("\u{feff}".as_bytes())
        .ok_or("文件应为带 BOM 的 UTF-8 / UTF-8 with a byte order mark was expected")?;
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let header = reader.headers().map_err(|error| error.to_string())?;
    if header != COLUMNS.as_slice() {
        return Err(format!("表头应为 / the header was expected to be: {}", COLUMNS.join(",")));
    }
    let mut instructions = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let line = index + 2;
        let record = record.map_err(|error| format!("第{line}行 / line {line}: {error}"))?;
        let fault = |what: &str| format!("第{line}行 / line {line}: {what}");
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        if cell(1) != batch {
            return Err(fault("批次号不符 / the batch is another one"));
        }
        let amount = Money::parse(&cell(8))
            .ok()
            .filter(|amount| amount.fen() > 0)
            .ok_or_else(|| fault("金额有误 / an amount above zero was expected"))?;
        let instruction = Instruction {
            id: cell(2),
            policy: cell(3),
            period: cell(5),
            name: cell(6),
            account: cell(7),
            amount_fen: amount.fen(),
            pay_on: cell(10),
        };
        if instruction.id.is_empty() || instruction.account.is_empty() {
            return Err(fault("指令号、账号不得为空 / instruction and account must not be empty"));
        }
        instructions.push(instruction);
    }
    Ok(instructions)
}
