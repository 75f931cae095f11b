//! Workbooks: written to a temporary file, then sent from it piece by piece.

use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use futures::stream;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::ApiError;
use crate::router::workbook;

/// Rows that a worksheet holds below its head.
pub(crate) const ROWS_MOST: u64 = 1_048_575;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Characters that a cell holds (Excel's own limit).
const CELL_MOST: usize = 32_767;

/// The bytes of a workbook, for the API's description.
pub(crate) struct Workbook;

impl PartialSchema for Workbook {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}

impl ToSchema for Workbook {}

/// Has `write` make a workbook and sends it. The file is gone when it has been sent.
pub(crate) async fn download<E>(
    filename: String,
    write: impl FnOnce(&Path) -> Result<(), E> + Send + 'static,
) -> Result<Response, ApiError>
where
    E: Send + 'static,
    ApiError: From<E>,
{
    let folder =
        tokio::task::spawn_blocking(|| tempfile::Builder::new().prefix("huimin-export-").tempdir())
            .await??;
    let path = folder.path().join("export.xlsx");
    let target = path.clone();
    tokio::task::spawn_blocking(move || write(&target)).await??;
    let file = File::open(&path).await?;
    // The folder moves along with the stream, which deletes it at the end, also of a broken one.
    let pieces = stream::try_unfold((file, folder), |(mut file, folder)| async move {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok::<_, std::io::Error>((length > 0).then_some((piece, (file, folder))))
    });
    Ok(workbook(Body::from_stream(pieces), &filename))
}

/// A text as a cell can hold it.
pub(crate) fn cell(text: &str) -> &str {
    match text.char_indices().nth(CELL_MOST) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
