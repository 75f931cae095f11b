//! Causes: why two lists differ. Each is a stable code with a name in both languages.
//!
//! A code is a word, for some followed by a colon and a detail: `condition:local_hukou` (which
//! condition failed), `missing:savings` (which one could not be decided), `rejected:name_mismatch`
//! (what the fiscal platform said).

use pack::Text;

use crate::model::RejectReason;
use crate::programme::Programmes;

/// Certainly dead; the benefit stops.
pub const DEAD: &str = "dead";
/// A death that one source reports: a hold until it is confirmed or refuted.
pub const UNCERTAIN_DEATH: &str = "uncertain_death";
/// On the register, but no longer in the registry of persons (merged or withdrawn).
pub const NOT_IN_REGISTRY: &str = "not_in_registry";
/// No longer on any list of the period, though money was sent for it.
pub const WITHDRAWN: &str = "withdrawn";
/// A recognition that pays nothing by itself.
pub const RECOGNITION: &str = "recognition";
/// Eligible, and the offer is not confirmed or no application was made.
pub const NOT_ENROLLED: &str = "not_enrolled";
/// No account is known to pay to.
pub const NO_ACCOUNT: &str = "no_account";
/// The payee has died; the money is owed to the estate or the survivors.
pub const PAYEE_DEAD: &str = "payee_dead";
/// The payee's death is reported by one source.
pub const PAYEE_UNCERTAIN_DEATH: &str = "payee_uncertain_death";
/// The household has no head that money could be paid to.
pub const NO_PAYEE: &str = "no_payee";
/// In no batch yet.
pub const AWAITING_BATCH: &str = "awaiting_batch";
/// In a batch that waits for approval.
pub const AWAITING_APPROVAL: &str = "awaiting_approval";
/// In an approved batch that was not sent yet.
pub const AWAITING_SEND: &str = "awaiting_send";
/// Sent, and no receipt yet.
pub const AWAITING_RECEIPT: &str = "awaiting_receipt";
/// More was paid than is due.
pub const OVERPAID: &str = "overpaid";

/// Beginning of the code for a condition that failed.
pub const CONDITION: &str = "condition:";
/// Beginning of the code for a condition that could not be decided.
pub const MISSING: &str = "missing:";
/// Beginning of the code for a refusal by the fiscal platform.
pub const REJECTED: &str = "rejected:";
/// Beginning of the code for money that the bank sent back.
pub const RETURNED: &str = "returned:";

/// The name of a cause in both languages. A code that is not known stands for itself.
#[must_use]
pub fn name(code: &str, policy: Option<&str>, programmes: &Programmes) -> Text {
    let condition = |id: &str| {
        // Without a policy it is a cause that several may have: they name it alike.
        let own = policy.and_then(|policy| programmes.get(policy));
        own.into_iter()
            .chain(programmes.all.iter().filter(|_| own.is_none()))
            .find_map(|programme| programme.conditions.iter().find(|one| one.id == id))
            .map_or_else(|| text(id, id), |one| one.name.clone())
    };
    let reason = |word: &str| match RejectReason::parse(word).unwrap_or(RejectReason::Other) {
        RejectReason::AccountMissing => text("账户不存在", "account does not exist"),
        RejectReason::NameMismatch => text("户名不符", "name does not match the account"),
        RejectReason::AccountFrozen => text("账户冻结", "account frozen"),
        RejectReason::Limit => text("超限", "over a limit"),
        RejectReason::Other => text("其他", "other reason"),
    };
    if let Some(id) = code.strip_prefix(CONDITION) {
        let name = condition(id);
        return Text {
            zh: format!("不符合：{}", name.zh), en: format!("not met: {}", name.en)
        };
    }
    if let Some(id) = code.strip_prefix(MISSING) {
        let name = condition(id);
        return Text {
            zh: format!("待核实：{}", name.zh),
            en: format!("to be clarified: {}", name.en),
        };
    }
    if let Some(word) = code.strip_prefix(REJECTED) {
        let name = reason(word);
        return Text {
            zh: format!("财政退回：{}", name.zh), en: format!("refused: {}", name.en)
        };
    }
    if let Some(word) = code.strip_prefix(RETURNED) {
        let name = reason(word);
        return Text {
            zh: format!("银行退票：{}", name.zh),
            en: format!("sent back: {}", name.en),
        };
    }
    match code {
        DEAD => text("已死亡", "dead"),
        UNCERTAIN_DEATH => text("死亡信息待核实", "death to be confirmed"),
        NOT_IN_REGISTRY => text("人口库中已无此人", "no longer in the registry"),
        WITHDRAWN => text("已不在名单，但曾发放", "no longer listed, though money was sent"),
        RECOGNITION => text("资格认定，不发放现金", "recognition without payment"),
        NOT_ENROLLED => {
            text("符合条件，尚未确认或申请", "eligible, not confirmed or applied for yet")
        }
        NO_ACCOUNT => text("无收款账户", "no account known"),
        PAYEE_DEAD => text("收款人已死亡", "payee dead"),
        PAYEE_UNCERTAIN_DEATH => text("收款人死亡信息待核实", "payee's death to be confirmed"),
        NO_PAYEE => text("家庭无户主", "household without a head"),
        AWAITING_BATCH => text("未列入批次", "in no batch yet"),
        AWAITING_APPROVAL => text("待审批", "waiting for approval"),
        AWAITING_SEND => text("待发送", "waiting to be sent"),
        AWAITING_RECEIPT => text("待回执", "waiting for a receipt"),
        OVERPAID => text("实发大于应发", "paid more than due"),
        other => text(other, other),
    }
}

fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.to_owned(), en: en.to_owned() }
}
