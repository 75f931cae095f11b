//! The content of a batch as one hash, which approvals are bound to.

use crate::entity::payment;
use crate::ids::hash_parts;

/// Hash of everything that decides who gets how much: 64 hexadecimal digits.
///
/// `payments` stand in the order of their numbers.
pub(super) fn hash(batch: &str, payments: &[payment::Model]) -> String {
    let amounts: Vec<String> =
        payments.iter().map(|payment| payment.amount_fen.to_string()).collect();
    let parts = payments.iter().zip(&amounts).flat_map(|(payment, amount)| {
        [
            payment.instruction_id.as_str(),
            payment.due_item_id.as_str(),
            payment.policy.as_str(),
            payment.subject_id.as_str(),
            payment.period.as_str(),
            payment.person_id.as_str(),
            payment.name.as_str(),
            payment.account.as_str(),
            payment.account_token.as_str(),
            amount.as_str(),
        ]
    });
    hash_parts("huimin batch content v1", std::iter::once(batch).chain(parts)).to_hex().to_string()
}

/// The first digits of a hash, for messages.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}
