//! The CSV of the fiscal platform: instructions out, receipts in.

use vocab::Money;

use super::{ChannelError, InstructionFile, ReceiptLine};
use crate::model::{ReceiptKind, RejectReason};

/// Header of an instruction file: running number, batch, instruction, code and name of the subsidy,
/// its month, account name, account, amount in yuan, division, day to pay on.
///
/// The identity number is left out: the platform pays by account and checks the name against it,
/// and what is not needed is not handed over (Personal Information Protection Law, art. 6).
pub const INSTRUCTION_COLUMNS: [&str; 11] = [
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

/// Header of a receipt file: batch, instruction, receipt, status, reason, amount in yuan, day.
pub const RECEIPT_COLUMNS: [&str; 7] =
    ["批次号", "指令号", "回执号", "状态", "原因", "金额(元)", "日期"];

/// The platform's words for what a receipt says.
const KINDS: [(&str, ReceiptKind); 4] = [
    ("已受理", ReceiptKind::Accepted),
    ("已发放", ReceiptKind::Paid),
    ("已退回", ReceiptKind::Rejected),
    ("已退票", ReceiptKind::Returned),
];

/// Marks a file as UTF-8 for spreadsheet programs, which read it as GBK otherwise.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The bytes of an instruction file. The same file always gives the same bytes.
pub(crate) fn instruction_bytes(file: &InstructionFile) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    // Writing into memory can't fail, and every record has the length of the header.
    let _ = writer.write_record(INSTRUCTION_COLUMNS);
    for line in &file.lines {
        let _ = writer.write_record([
            line.seq.to_string().as_str(),
            &file.batch_id,
            &line.instruction_id,
            &line.policy,
            &line.policy_name,
            &line.period,
            &line.name,
            &line.account,
            &Money::from_fen(line.amount_fen).to_string(),
            &line.division,
            &file.pay_on,
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

/// Reads a receipt file.
pub(crate) fn parse_receipts(place: &str, bytes: &[u8]) -> Result<Vec<ReceiptLine>, ChannelError> {
    let fault = |reason: String| ChannelError::Answer { place: place.to_owned(), reason };
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let header = reader.headers().map_err(|error| fault(error.to_string()))?;
    if header != RECEIPT_COLUMNS.as_slice() {
        return Err(fault(format!("the columns {} were expected", RECEIPT_COLUMNS.join(", "))));
    }
    let mut receipts = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| fault(error.to_string()))?;
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let line = index + 2;
        let (_, kind) = KINDS.into_iter().find(|(word, _)| *word == cell(3)).ok_or_else(|| {
            fault(format!("line {line}: the status is not one of the agreed words"))
        })?;
        let amount = Money::parse(cell(5))
            .map_err(|_| fault(format!("line {line}: an amount in yuan was expected")))?;
        receipts.push(ReceiptLine {
            instruction_id: cell(1).to_owned(),
            receipt_no: cell(2).to_owned(),
            kind,
            reason: reason(kind, cell(4)),
            amount_fen: amount.fen(),
            on: cell(6).to_owned(),
        });
    }
    Ok(receipts)
}

/// The reason of a refusal or return; other receipts have none.
pub(crate) fn reason(kind: ReceiptKind, word: &str) -> Option<RejectReason> {
    matches!(kind, ReceiptKind::Rejected | ReceiptKind::Returned)
        .then(|| RejectReason::from_platform(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::InstructionLine;

    #[test]
    fn an_instruction_file_has_a_mark_exact_yuan_and_one_line_a_payment() {
        let file = InstructionFile {
            batch_id: "2024-01-01".to_owned(),
            hash: String::new(),
            pay_on: "2024-02-05".to_owned(),
            lines: vec![InstructionLine {
                seq: 1,
                instruction_id: "I0".to_owned(),
                policy: "sewage-subsidy".to_owned(),
                policy_name: "污水处理费补贴".to_owned(),
                period: "2024-01".to_owned(),
                name: "张三, 李四".to_owned(),
                account: "6299000000000001".to_owned(),
                amount_fen: 705,
                division: "440104001".to_owned(),
            }],
        };
        let text = String::from_utf8(instruction_bytes(&file)).unwrap_or_default();
        assert_eq!(
            text,
            "\u{feff}序号,批次号,指令号,补贴项目编码,补贴项目名称,补贴所属期,户名,银行账号,金额(元),区划代码,拟发放日期\r\n\
             1,2024-01-01,I0,sewage-subsidy,污水处理费补贴,2024-01,\"张三, 李四\",6299000000000001,7.05,440104001,2024-02-05\r\n"
        );
    }

    #[test]
    fn receipts_are_read_with_their_reasons() {
        let text = "\u{feff}批次号,指令号,回执号,状态,原因,金额(元),日期\r\n\
                    b,I1,R1,已发放,,7.05,2024-02-06\r\n\
                    b,I2,R2,已退回,户名不符,30.00,2024-02-06\r\n";
        let receipts = parse_receipts("r.csv", text.as_bytes()).unwrap_or_default();
        assert_eq!(receipts.len(), 2);
        assert_eq!((receipts[0].kind, receipts[0].amount_fen), (ReceiptKind::Paid, 705));
        assert_eq!(receipts[1].reason, Some(RejectReason::NameMismatch));
    }

    #[test]
    fn a_receipt_file_in_another_form_is_refused_with_its_place() {
        for (text, expected) in [
            (
                "a,b\n1,2\n",
                "the columns 批次号, 指令号, 回执号, 状态, 原因, 金额(元), 日期 were expected",
            ),
            (
                "批次号,指令号,回执号,状态,原因,金额(元),日期\nb,I1,R1,好,,7.05,2024-02-06\n",
                "line 2: the status is not one of the agreed words",
            ),
            (
                "批次号,指令号,回执号,状态,原因,金额(元),日期\nb,I1,R1,已发放,,七元,2024-02-06\n",
                "line 2: an amount in yuan was expected",
            ),
        ] {
            let error = parse_receipts("r.csv", text.as_bytes()).expect_err("refused");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
