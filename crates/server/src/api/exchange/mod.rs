//! What partners' programs ask: other departments and charities, under agreements.

pub(crate) mod agreements;
pub(crate) mod verification;
