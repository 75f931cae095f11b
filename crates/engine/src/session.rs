//! The DataFusion session that every query of the platform runs in.

use datafusion::execution::context::SessionContext;
use datafusion::prelude::SessionConfig;

/// A session with `partitions` parallel partitions.
///
/// Strings are read as plain `Utf8`, so that a column has one type in every crate, and names are
/// case-sensitive as written, because column names come from the city pack.
#[must_use]
pub fn session(partitions: usize) -> SessionContext {
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_batch_size(16_384)
        .with_information_schema(false);
    let options = config.options_mut();
    options.execution.parquet.schema_force_view_types = false;
    // Conditions are looked at before the other columns of a row are decoded.
    options.execution.parquet.pushdown_filters = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.parse_float_as_decimal = true;
    SessionContext::new_with_config(config)
}
