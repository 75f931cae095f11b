//! The words of this domain that stand in columns, on screen and in files.

use serde::{Deserialize, Serialize};

/// Makes an enum whose variants have one stable text each, used in columns, JSON and addresses.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// The word as it stands in columns and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The variant of a word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// Which of the lists (三单).
    ListKind {
        /// 在册: who is on the register.
        Registered = "registered",
        /// 应发: what is due.
        Due = "due",
        /// 实发: what was paid, from receipts only.
        Paid = "paid",
        /// Every entry where two of the lists differ.
        Differences = "differences",
    }
}

words! {
    /// Between which lists a difference lies.
    Side {
        /// Registered, but nothing due.
        RegisteredDue = "registered-due",
        /// Due, but not paid.
        DuePaid = "due-paid",
        /// Entitled or possibly entitled, but not registered.
        EligibleRegistered = "eligible-registered",
        /// Paid more than is due: must be empty.
        PaidDue = "paid-due",
    }
}

words! {
    /// Where an entry of the lists stands.
    EntryState {
        /// Eligible but not registered: found by the platform.
        Found = "found",
        /// Not registered, and a fact is missing to say whether it should be: a question to a person.
        Question = "question",
        /// Registered; nothing is paid until a fact is known. Reversible.
        Held = "held",
        /// Registered; a condition does not hold this period.
        Suspended = "suspended",
        /// On the register at the beginning of the period, and taken off it by a certain event.
        Ended = "ended",
        /// Eligible for a recognition that pays nothing by itself.
        Recognised = "recognised",
        /// Due, and in no batch.
        Due = "due",
        /// In a batch that waits for approval.
        Prepared = "prepared",
        /// In an approved batch.
        Approved = "approved",
        /// Sent; the answer is not known yet.
        Sent = "sent",
        /// Paid in full.
        Paid = "paid",
        /// The fiscal platform refused it.
        Rejected = "rejected",
        /// Paid, and the bank sent it back.
        Returned = "returned",
        /// More was paid than is due by today's knowledge: an alarm.
        Overpaid = "overpaid",
    }
}

words! {
    /// Where a batch stands.
    BatchState {
        /// Its content stands; it may still change with the lists.
        Prepared = "prepared",
        /// Two people have approved this content.
        Approved = "approved",
        /// On its way: from now on its content never changes.
        Sent = "sent",
        /// Each of its payments has a receipt.
        Settled = "settled",
    }
}

words! {
    /// What is known of a sent file.
    Delivery {
        /// Not sent.
        None = "none",
        /// It may or may not have arrived: to be asked for.
        Unknown = "unknown",
        /// The platform refused the whole file.
        Refused = "refused",
        /// The platform has taken all of it.
        Accepted = "accepted",
    }
}

words! {
    /// Where a payment stands.
    PaymentState {
        /// In a prepared batch.
        Prepared = "prepared",
        /// In an approved batch.
        Approved = "approved",
        /// Sent, or about to be: the outcome is open.
        Sent = "sent",
        /// Receipt: paid.
        Paid = "paid",
        /// Receipt: refused. Nothing was paid.
        Rejected = "rejected",
        /// Receipt after the payment: the bank sent it back.
        Returned = "returned",
    }
}

words! {
    /// What a receipt says.
    ReceiptKind {
        /// Taken, not yet decided.
        Accepted = "accepted",
        /// Paid.
        Paid = "paid",
        /// Refused.
        Rejected = "rejected",
        /// Sent back after it was paid.
        Returned = "returned",
    }
}

words! {
    /// Why a payment was refused or sent back.
    RejectReason {
        /// 账户不存在.
        AccountMissing = "account_missing",
        /// 户名不符.
        NameMismatch = "name_mismatch",
        /// 账户冻结.
        AccountFrozen = "account_frozen",
        /// 超限.
        Limit = "limit",
        /// 其他.
        Other = "other",
    }
}

impl RejectReason {
    /// All reasons with the words of the fiscal platform's receipts.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::AccountMissing, "账户不存在"),
        (Self::NameMismatch, "户名不符"),
        (Self::AccountFrozen, "账户冻结"),
        (Self::Limit, "超限"),
        (Self::Other, "其他"),
    ];

    /// The reason for a word of the platform; a word that is not known is "other".
    #[must_use]
    pub fn from_platform(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|(_, word)| *word == text)
            .map_or(Self::Other, |(reason, _)| reason)
    }

    /// The platform's word.
    #[must_use]
    pub fn zh(self) -> &'static str {
        Self::ALL.into_iter().find(|(reason, _)| *reason == self).map_or("其他", |(_, word)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_variant_are_the_same_thing() {
        for state in ["found", "held", "overpaid", "sent"] {
            assert_eq!(EntryState::parse(state).map(EntryState::as_str), Some(state));
        }
        assert_eq!(EntryState::parse("gone"), None);
        assert_eq!(
            serde_json::to_string(&Side::RegisteredDue).ok().as_deref(),
            Some("\"registered-due\"")
        );
    }

    #[test]
    fn a_reason_that_the_platform_made_up_is_other() {
        assert_eq!(RejectReason::from_platform("户名不符"), RejectReason::NameMismatch);
        assert_eq!(RejectReason::from_platform("系统繁忙"), RejectReason::Other);
        assert_eq!(RejectReason::AccountFrozen.zh(), "账户冻结");
    }
}
