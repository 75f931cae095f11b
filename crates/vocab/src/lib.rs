#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::pedantic)]

mod codes;
mod credit_code;
pub mod date;
mod division;
mod id_number;
mod ids;
pub mod mask;
mod money;
mod period;
mod phone;
mod serde_text;
pub mod text;

pub use codes::{Ethnicity, MaritalStatus, Sex};
pub use credit_code::{CreditCodeError, UnifiedSocialCreditCode};
pub use division::{DivisionCode, DivisionError, DivisionLevel};
pub use id_number::{IdNumber, IdNumberError};
pub use ids::{IdError, RecordId, RowId};
pub use money::{Money, MoneyError};
pub use period::{Period, PeriodError};
pub use phone::{Phone, PhoneError, PhoneKind};
