//! The data folder as its users see it: versions, publishing, left-overs of killed runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use huimin_engine::arrow::array::{AsArray as _, Int64Array, RecordBatch, StringArray};
use huimin_engine::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use huimin_engine::{
    DataFolder, EngineError, Manifest, Snapshot, Tables, Versions, WriteMode, closed_table,
    remove_unread, rewrite,
};

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("value", DataType::Int64, true),
    ]))
}

fn rows(rows: &[(&str, i64)]) -> RecordBatch {
    RecordBatch::try_new(
        schema(),
        vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.1))),
        ],
    )
    .expect("the columns fit the schema")
}

fn manifest(number: u64, tables: Versions) -> Manifest {
    Manifest {
        number,
        run_id: format!("run{number}"),
        period: vocab::Period::parse("2024-01").expect("a month"),
        known_at: jiff::civil::date(2024, 2, 5),
        pack_hash: String::new(),
        code_version: String::new(),
        tables,
        index: None,
        linkage: None,
        periods: Default::default(),
        steps: Vec::new(),
    }
}

async fn sum(tables: &Tables, version: i64) -> (i64, i64) {
    let snapshot = Snapshot::new(tables.clone(), Versions::from([("t".to_owned(), version)]), 2);
    let batches =
        snapshot.query(&["t"], "SELECT count(*), sum(value) FROM t").await.expect("the query runs");
    let number = |column: usize| batches[0].column(column).as_primitive::<Int64Type>().value(0);
    (number(0), number(1))
}

#[tokio::test]
async fn a_version_stays_as_it_was_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let first = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1), ("b", 2)])])
        .await
        .expect("the first version");
    let second = tables
        .write("t", schema(), Some(first), WriteMode::Append, &[rows(&[("c", 4)])])
        .await
        .expect("the second version");
    let third = tables
        .write("t", schema(), Some(second), WriteMode::Overwrite, &[rows(&[("d", 8)])])
        .await
        .expect("the third version");
    assert_eq!(sum(&tables, first).await, (2, 3));
    assert_eq!(sum(&tables, second).await, (3, 7));
    assert_eq!(sum(&tables, third).await, (1, 8));
}

#[tokio::test]
async fn a_file_that_is_lost_or_cut_short_is_an_error_and_not_an_empty_table() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let version = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1), ("b", 2)])])
        .await
        .expect("a version");
    let file = std::fs::read_dir(folder.tables_dir().join("t"))
        .expect("the table's folder")
        .map(|entry| entry.expect("a file").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .expect("a file of the table");
    let bytes = std::fs::read(&file).expect("its bytes");

    std::fs::write(&file, &bytes[..bytes.len() - 1]).expect("it is cut short");
    let refused = tables.provider("t", version).await.map(|_| ());
    assert!(
        matches!(&refused, Err(EngineError::Damaged { path, .. }) if *path == file),
        "{refused:?}"
    );

    std::fs::remove_file(&file).expect("it is lost");
    let refused = tables.provider("t", version).await.map(|_| ());
    assert!(
        matches!(&refused, Err(EngineError::Damaged { path, .. }) if *path == file),
        "{refused:?}"
    );

    std::fs::write(&file, &bytes).expect("it is back");
    assert_eq!(sum(&tables, version).await, (2, 3));
}

#[test]
fn a_lost_or_wrong_pointer_to_the_published_run_is_an_error_and_not_a_new_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let pointer = folder.root().join("CURRENT");
    let refused = || {
        let current = Manifest::current(&folder);
        matches!(&current, Err(EngineError::Damaged { path, .. }) if *path == pointer)
    };
    manifest(1, Versions::new()).publish(&folder).expect("the first run is published");
    std::fs::remove_file(&pointer).expect("as if the run had ended just before");
    assert_eq!(Manifest::current(&folder).expect("nobody saw it"), None);

    manifest(2, Versions::new()).publish(&folder).expect("the second run is published");
    assert_eq!(Manifest::current(&folder).expect("it is there").map(|one| one.number), Some(2));
    std::fs::write(&pointer, "00000009.json").expect("it names another one");
    assert!(refused());
    std::fs::remove_file(&pointer).expect("it is lost");
    assert!(refused());
}

#[tokio::test]
async fn a_folder_may_have_a_strange_name_and_a_version_no_rows() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder =
        DataFolder::open_or_create(&dir.path().join("惠民 数据 [a*]+#&?")).expect("a data folder");
    let tables = Tables::new(&folder);
    let first = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1), ("b", 2)])])
        .await
        .expect("a version");
    let none = tables
        .write("t", schema(), Some(first), WriteMode::Overwrite, &[])
        .await
        .expect("a version without rows");
    assert_eq!(sum(&tables, first).await, (2, 3));
    let snapshot = Snapshot::new(tables, Versions::from([("t".to_owned(), none)]), 2);
    let batches = snapshot.query(&["t"], "SELECT id FROM t").await.expect("the query runs");
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
}

#[test]
fn a_folder_that_the_table_format_would_not_find_again_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a%20b");
    let refused = DataFolder::open_or_create(&path);
    assert!(matches!(refused, Err(EngineError::PercentInPath { .. })), "{refused:?}");
    assert!(!path.exists());
}

#[tokio::test]
async fn what_a_killed_run_left_does_not_count() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let published = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1)])])
        .await
        .expect("the published version");
    // Two versions that nobody published, the second of which even removed the first one's rows.
    tables
        .write("t", schema(), Some(published), WriteMode::Append, &[rows(&[("left", 100)])])
        .await
        .expect("an unpublished version");
    tables
        .write("t", schema(), Some(published), WriteMode::Overwrite, &[rows(&[("over", 200)])])
        .await
        .expect("another one");
    let again = tables
        .write("t", schema(), Some(published), WriteMode::Append, &[rows(&[("b", 2)])])
        .await
        .expect("the run after");
    assert_eq!(sum(&tables, again).await, (2, 3));
    // The same for a table whose first run was killed before anything was published.
    let fresh = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("only", 7)])])
        .await
        .expect("a fresh start");
    assert_eq!(sum(&tables, fresh).await, (1, 7));
}

#[tokio::test]
async fn a_table_may_change_its_columns_when_it_is_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let old = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1)])])
        .await
        .expect("the old columns");
    let wider: SchemaRef = Arc::new(Schema::new(vec![Field::new("value", DataType::Int64, true)]));
    let batch = RecordBatch::try_new(wider.clone(), vec![Arc::new(Int64Array::from(vec![5, 6]))])
        .expect("a batch");
    let new = tables
        .write("t", wider, Some(old), WriteMode::Overwrite, &[batch])
        .await
        .expect("the new columns");
    assert_eq!(sum(&tables, old).await, (1, 1));
    assert_eq!(sum(&tables, new).await, (2, 11));
}

#[tokio::test]
async fn readers_see_a_manifest_only_once_it_is_published() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    assert!(matches!(Manifest::published(&folder), Err(EngineError::NothingPublished { .. })));
    let tables = Tables::new(&folder);
    let version = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1)])])
        .await
        .expect("a version");
    let written = manifest(1, Versions::from([("t".to_owned(), version)]));
    written.publish(&folder).expect("it is published");
    assert_eq!(Manifest::published(&folder).expect("it is there"), written);
}

#[test]
fn a_folder_of_a_newer_program_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("data");
    DataFolder::open_or_create(&root).expect("a data folder");
    std::fs::write(root.join("FORMAT"), "99\n").expect("the file can be written");
    let error = DataFolder::open(&root).expect_err("it is refused");
    assert!(error.to_string().contains("layout version 99"), "{error}");
}

#[test]
fn an_older_layout_is_read_and_becomes_ours_with_the_first_run() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("data");
    DataFolder::open_or_create(&root).expect("a data folder");
    let format = || std::fs::read_to_string(root.join("FORMAT")).expect("the file can be read");
    let present = format();
    std::fs::write(root.join("FORMAT"), "1\n").expect("the file can be written");
    let folder = DataFolder::open(&root).expect("it can be read");
    assert_eq!(format(), "1\n", "reading changes nothing");
    let _lock = folder.lock().expect("the lock is free");
    assert_eq!(format(), present);
}

#[tokio::test]
async fn closed_rows_are_left_out_and_their_successors_are_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let version = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1), ("b", 2), ("a", 8)])])
        .await
        .expect("a version");
    let closed = tables
        .write(&closed_table("t"), schema(), None, WriteMode::Append, &[rows(&[("a", 1)])])
        .await
        .expect("a version of the closed rows");
    let versions = Versions::from([("t".to_owned(), version), (closed_table("t"), closed)]);
    let snapshot = Snapshot::new(tables.clone(), versions, 2);
    let batches = snapshot
        .query(&["t"], "SELECT count(*), sum(value) FROM t WHERE id <= 'b'")
        .await
        .expect("the query runs");
    let number = |column: usize| batches[0].column(column).as_primitive::<Int64Type>().value(0);
    assert_eq!((number(0), number(1)), (2, 10));
    assert_eq!(sum(&tables, version).await, (3, 11), "without the closed table all rows show");
}

#[test]
fn a_folder_with_other_files_is_not_taken_over() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("thesis.doc"), "mine").expect("the file can be written");
    let error = DataFolder::open_or_create(dir.path()).expect_err("it is refused");
    assert!(error.to_string().contains("not a data folder"), "{error}");
}

#[test]
fn two_runs_at_once_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let held = folder.lock().expect("the first run");
    assert!(matches!(folder.lock(), Err(EngineError::Locked { .. })));
    drop(held);
    folder.lock().expect("the next run");
}

#[test]
fn the_content_hash_knows_rows_and_not_their_order() {
    let one = rows(&[("a", 1), ("b", 2), ("b", 2)]);
    let split = [rows(&[("b", 2)]), rows(&[("b", 2), ("a", 1)])];
    let hash = |batches: &[RecordBatch]| huimin_engine::content_hash(batches).expect("a hash");
    assert_eq!(hash(&[one]), hash(&split));
    assert_ne!(hash(&split), hash(&[rows(&[("b", 2), ("a", 1)])]));
}

/// Ten times the value, but for rows that have it already.
fn tenfold(batch: &RecordBatch) -> Result<Option<RecordBatch>, EngineError> {
    let values = batch.column(1).as_primitive::<Int64Type>();
    if values.values().iter().all(|value| *value >= 10) {
        return Ok(None);
    }
    let anew = values.values().iter().map(|value| if *value < 10 { value * 10 } else { *value });
    let columns = vec![batch.column(0).clone(), Arc::new(Int64Array::from_iter_values(anew)) as _];
    RecordBatch::try_new(batch.schema(), columns)
        .map(Some)
        .map_err(EngineError::arrow("change rows"))
}

#[tokio::test]
async fn cells_are_changed_in_every_version_that_is_read_and_the_old_files_stay_until_they_are_removed()
 {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let write = async |base, mode, of: &[(&str, i64)]| {
        tables.write("t", schema(), base, mode, &[rows(of)]).await.expect("a version")
    };
    let first = write(None, WriteMode::Append, &[("a", 1), ("b", 2)]).await;
    let second = write(Some(first), WriteMode::Append, &[("c", 4)]).await;
    // A run that was killed: nobody reads it.
    let killed = write(Some(second), WriteMode::Append, &[("x", 7)]).await;
    let third = write(Some(second), WriteMode::Append, &[("d", 50)]).await;
    let read = BTreeSet::from([first, second, third]);
    let mut batches = 0;
    let done = rewrite(&tables, "t", &read, &mut |batch| {
        batches += 1;
        tenfold(batch)
    })
    .await
    .expect("it is changed");
    assert_eq!((done.rows, batches), (4, 3), "each row once, however many versions have it");
    let new = |version| done.versions[&version];
    assert_eq!(sum(&tables, new(first)).await, (2, 30));
    assert_eq!(sum(&tables, new(second)).await, (3, 70));
    assert_eq!(sum(&tables, new(third)).await, (4, 120));
    // Readers that have begun go on.
    assert_eq!(sum(&tables, third).await, (4, 57));

    let now: BTreeSet<i64> = done.versions.values().copied().collect();
    let again = rewrite(&tables, "t", &now, &mut tenfold).await.expect("nothing to do");
    assert!(again.versions.iter().all(|(old, new)| old == new), "{again:?}");
    // The two small files and that of the killed run; the file of which nothing changed stays.
    assert_eq!(remove_unread(&tables, "t", &now).await.expect("they are removed"), 3);
    assert_eq!(remove_unread(&tables, "t", &now).await.expect("nothing is left"), 0);
    for (version, expected) in [(first, (2, 30)), (second, (3, 70)), (third, (4, 120))] {
        assert_eq!(sum(&tables, new(version)).await, expected);
    }
    for gone in [second, killed] {
        assert!(tables.provider("t", gone).await.is_err());
    }
    let next = write(Some(new(third)), WriteMode::Append, &[("e", 1000)]).await;
    assert_eq!(sum(&tables, next).await, (5, 1120));
}

#[tokio::test]
async fn a_change_that_breaks_off_leaves_what_readers_see() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = DataFolder::open_or_create(&dir.path().join("data")).expect("a data folder");
    let tables = Tables::new(&folder);
    let first = tables
        .write("t", schema(), None, WriteMode::Append, &[rows(&[("a", 1)])])
        .await
        .expect("a version");
    let read = BTreeSet::from([first]);
    let failed = rewrite(&tables, "t", &read, &mut |_| {
        Err::<Option<RecordBatch>, _>(EngineError::NoTable {
            table: "t".to_owned(),
            hint: String::new(),
        })
    })
    .await;
    assert!(failed.is_err());
    assert_eq!(sum(&tables, first).await, (1, 1));
    let done = rewrite(&tables, "t", &read, &mut tenfold).await.expect("it is changed");
    assert_eq!(sum(&tables, done.versions[&first]).await, (1, 10));
}
