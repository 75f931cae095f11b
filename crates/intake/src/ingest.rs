//! All new deliveries of all datasets.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use engine::{DataFolder, EngineError, Manifest, Snapshot, Tables, Versions, WriteMode, clean};
use futures::StreamExt as _;
use jiff::civil::Date;
use pack::{Contract, Mode, Pack};
use trust::ColumnKeys;
use vocab::Period;

use crate::clean::{Places, days};
use crate::feeds::{self, Announced};
use crate::layout::Layout;
use crate::outputs::{self, ClosedTable, DELIVERIES, QUARANTINE, QuarantineTable};
use crate::pipeline::Line;
use crate::read::Feed;
use crate::rules::Rules;
use crate::state::{State, Turn, key_of};
use crate::{DeliveryAccount, IntakeError, Kind, raw};

/// Partitions in which tables are read.
const PARTITIONS: usize = 2;

/// Datasets of which what is known is read in advance: one for each of two processors, and what they
/// hold in memory is bounded.
const AHEAD: usize = 2;

/// What intake works with.
#[derive(Debug, Clone, Copy)]
pub struct IngestContext<'a> {
    /// The data folder; the caller holds its lock.
    pub folder: &'a DataFolder,
    /// Its tables.
    pub tables: &'a Tables,
    /// The city pack.
    pub pack: &'a Pack,
    /// Keys of the sensitive columns.
    pub keys: &'a ColumnKeys,
}

/// How far a run of intake is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Dataset in work.
    pub dataset: &'a str,
    /// File in work.
    pub file: &'a str,
    /// Number of the delivery in this run, from 1.
    pub delivery: usize,
    /// Deliveries of this run.
    pub deliveries: usize,
    /// Rows of this delivery so far.
    pub rows: u64,
    /// Rows of all deliveries of this run so far.
    pub rows_total: u64,
    /// Rows that the manifests announce for this run; 0 when they say nothing.
    pub rows_announced: u64,
}

/// What a run of intake did.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct IngestReport {
    /// Versions of the tables that intake writes, those without news included. They become visible
    /// when the caller publishes them in a manifest.
    pub tables: BTreeMap<String, i64>,
    /// Accounts of the deliveries that were taken in or counted again, in the order of datasets.
    pub deliveries: Vec<DeliveryAccount>,
    /// Deliveries of the feeds folder that had been taken in before.
    pub known_before: usize,
    /// Datasets that were built anew from the raw store, because a delivery came out of order or
    /// because the contract's columns changed.
    pub rebuilt: Vec<String>,
}

impl IngestReport {
    /// Rows of all deliveries of this run.
    #[must_use]
    pub fn rows_in(&self) -> u64 {
        self.deliveries.iter().map(|delivery| delivery.rows_in).sum()
    }

    /// Rows that went to the quarantine in this run.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.deliveries.iter().map(|delivery| delivery.quarantined).sum()
    }

    /// Endings that wait for a steward.
    #[must_use]
    pub fn held_endings(&self) -> u64 {
        self.deliveries.iter().map(|delivery| delivery.held_endings).sum()
    }
}

/// A delivery to be taken in.
struct Task {
    account: DeliveryAccount,
    /// The path to name in messages.
    shown: std::path::PathBuf,
    rows: Option<u64>,
    /// Whether the bytes are known to be all that was sent.
    whole: bool,
}

/// The work on one dataset.
struct Plan<'p> {
    contract: &'p Contract,
    /// In the order in which they are taken in.
    tasks: Vec<Task>,
    /// Ordinal of the last delivery before them.
    before: u32,
    /// Whether the table is built anew.
    rebuild: bool,
}

/// Takes in all deliveries of `feeds` up to period `through` that are not in the tables yet.
///
/// With `known_at`, deliveries received after that day are left for later. Without it, period
/// `through` has to have deliveries of its own. The new table versions
/// stand in the report and are visible to nobody until the caller publishes them. The function
/// works on the calling thread and on rayon's; it is async because tables are.
///
/// Running it again without publishing gives the same tables: every run builds on the published
/// versions, and what an earlier one left behind is taken out.
///
/// # Errors
///
/// One error for the first delivery that is refused as a whole; nothing of the run then counts.
pub async fn ingest(
    context: &IngestContext<'_>,
    feeds: &Path,
    through: Period,
    known_at: Option<Date>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<IngestReport, IntakeError> {
    let versions = Manifest::current(context.folder)
        .map_err(IntakeError::engine("manifest"))?
        .map(|manifest| manifest.tables)
        .unwrap_or_default();
    let snapshot = Snapshot::new(context.tables.clone(), versions, PARTITIONS);
    let mut known = outputs::read_deliveries(&snapshot, context.keys.token_id()).await?;
    let announced = feeds::announced(feeds, through)?;
    if let Some(last) = announced.last().map(|delivery| delivery.period)
        && last < through
        && known_at.is_none()
    {
        // A wrong month would be decided and paid on facts that are too old.
        let feeds = feeds.to_owned();
        return Err(IntakeError::PeriodNotDelivered { feeds, period: through, last });
    }
    let announced: Vec<Announced> = announced
        .into_iter()
        .filter(|delivery| known_at.is_none_or(|day| delivery.received <= day))
        .collect();
    check_contracts(context.pack, &announced)?;
    let raw = context.folder.raw_dir();
    raw::clean_up(&raw)?;
    let (new, known_before) = new_tasks(&raw, &known, announced)?;
    let places = Places::new(&context.pack.divisions);
    let layouts = context
        .pack
        .datasets
        .iter()
        .map(|(id, contract)| {
            Layout::new(contract, &context.pack.codes, &places).map(|layout| (id.as_str(), layout))
        })
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let plans = plans(context, &snapshot, &layouts, &mut known, new).await?;
    let mut report = IngestReport {
        tables: base_tables(context.pack, snapshot.versions()),
        known_before,
        ..IngestReport::default()
    };
    if !plans.is_empty() {
        run(context, &snapshot, &layouts, plans, &mut report, progress).await?;
        known.extend(report.deliveries.iter().cloned());
        known.sort_by(|a, b| (&a.dataset, a.order()).cmp(&(&b.dataset, b.order())));
        let base = snapshot.versions().get(DELIVERIES).copied();
        let version =
            outputs::write_deliveries(context.tables, base, context.keys.token_id(), &known)
                .await?;
        report.tables.insert(DELIVERIES.to_owned(), version);
    }
    Ok(report)
}

async fn run(
    context: &IngestContext<'_>,
    snapshot: &Snapshot,
    layouts: &BTreeMap<&str, Layout<'_>>,
    plans: Vec<Plan<'_>>,
    report: &mut IngestReport,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<(), IntakeError> {
    let rebuilt: BTreeSet<&str> =
        plans.iter().filter(|plan| plan.rebuild).map(|plan| plan.contract.id.as_str()).collect();
    let mut closed = ClosedTable::open(context.tables, snapshot, &rebuilt).await?;
    let mut quarantine =
        QuarantineTable::open(context.tables, snapshot, &rebuilt, context.keys).await?;
    let deliveries = plans.iter().map(|plan| plan.tasks.len()).sum();
    let rows_announced = plans
        .iter()
        .flat_map(|plan| &plan.tasks)
        .map(|task| task.rows.unwrap_or(task.account.rows_in))
        .sum();
    let mut delivery = 0;
    let mut rows_total = 0;
    let mut endings = endings(snapshot, &plans).await?;
    // What is known of the next datasets is read while one is worked on.
    let to_load: Vec<Option<(String, Endings)>> = plans
        .iter()
        .map(|plan| {
            let table = clean::table_name(&plan.contract.id);
            let endings = endings.remove(&plan.contract.id).unwrap_or_default();
            (!plan.rebuild && snapshot.has(&table)).then_some((table, endings))
        })
        .collect();
    let mut states = to_load
        .into_iter()
        .map(|of| of.map(|(table, endings)| tokio::spawn(load(snapshot.clone(), table, endings))));
    let mut coming: VecDeque<_> = states.by_ref().take(AHEAD).collect();
    for plan in plans {
        let dataset = plan.contract.id.as_str();
        let layout = layouts.get(dataset).ok_or_else(|| unknown(dataset))?;
        let rules = Rules::compile(plan.contract, &layout.plain)?;
        let table = clean::table_name(dataset);
        let base = snapshot.versions().get(&table).copied();
        let loading = coming.pop_front().flatten();
        coming.extend(states.next());
        let mut state = match loading {
            Some(loading) => loading.await.map_err(|_| IntakeError::Stopped {
                dataset: dataset.to_owned(),
                what: "the reader of what is known",
            })??,
            None => State::default(),
        };
        let mode = if plan.rebuild { WriteMode::Overwrite } else { WriteMode::Append };
        let mut writer = context
            .tables
            .writer(&table, Arc::clone(&layout.table), base, mode)
            .await
            .map_err(IntakeError::engine(dataset))?;
        let mut line = Line {
            layout,
            rules: &rules,
            keys: context.keys,
            state: &mut state,
            writer: &mut writer,
            closed: &mut closed,
            quarantine: &mut quarantine,
        };
        let received: Vec<i32> =
            plan.tasks.iter().map(|task| days(task.account.received)).collect();
        for (version, (position, task)) in
            (plan.before + 1..).zip(plan.tasks.into_iter().enumerate())
        {
            delivery += 1;
            let Task { account, shown, rows, whole } = task;
            let path = raw::path(&context.folder.raw_dir(), &account.raw_sha256);
            if !path.exists() {
                let (dataset, file) = (account.dataset, account.file);
                return Err(IntakeError::RawLost { path, dataset, file });
            }
            let turn = Turn {
                version,
                as_of: days(account.as_of),
                received: days(account.received),
                earliest_later: received
                    .get(position + 1..)
                    .and_then(|later| later.iter().min().copied()),
            };
            let feed = Feed { layout, path: &path, shown: &shown, whole };
            let mut account = account.cleared();
            let file = account.file.clone();
            let tell = |rows: u64| {
                progress(Progress {
                    dataset,
                    file: &file,
                    delivery,
                    deliveries,
                    rows,
                    rows_total: rows_total + rows,
                    rows_announced,
                });
            };
            tell(0);
            line.take_in(&feed, rows, &turn, &mut account, &tell)?;
            rows_total += account.rows_in;
            report.deliveries.push(account);
        }
        let committed = writer.commit().await.map_err(IntakeError::engine(dataset))?;
        report.tables.insert(table, committed);
        if plan.rebuild && base.is_some() {
            report.rebuilt.push(dataset.to_owned());
        }
    }
    for (name, version) in
        [(clean::CLOSED, closed.commit().await?), (QUARANTINE, quarantine.commit().await?)]
    {
        if let Some(version) = version {
            report.tables.insert(name.to_owned(), version);
        }
    }
    Ok(())
}

/// Checks what the contracts say of the deliveries before any file is opened.
fn check_contracts(pack: &Pack, announced: &[Announced]) -> Result<(), IntakeError> {
    for delivery in announced {
        let Some(contract) = pack.datasets.get(&delivery.dataset) else {
            return Err(IntakeError::UnknownDataset {
                path: delivery.manifest.clone(),
                dataset: delivery.dataset.clone(),
            });
        };
        if contract.mode == Mode::Full && delivery.kind == Kind::Delta {
            return Err(IntakeError::NotFull {
                path: delivery.manifest.clone(),
                dataset: delivery.dataset.clone(),
            });
        }
    }
    Ok(())
}

/// Keeps the bytes of deliveries that have not been taken in, and counts the others.
fn new_tasks(
    raw: &Path,
    known: &[DeliveryAccount],
    announced: Vec<Announced>,
) -> Result<(Vec<Task>, usize), IntakeError> {
    let mut ids: BTreeSet<String> =
        known.iter().map(|delivery| delivery.delivery_id.clone()).collect();
    let mut tasks = Vec::new();
    let mut known_before = 0;
    for delivery in announced {
        // What was taken in before need not be read again, nor be there any more.
        if let Some(sha256) = &delivery.sha256
            && ids.contains(&delivery_id(&delivery, sha256))
        {
            known_before += 1;
            continue;
        }
        let sha256 = raw::keep(raw, &delivery)?;
        let id = delivery_id(&delivery, &sha256);
        if !ids.insert(id.clone()) {
            known_before += 1;
            continue;
        }
        let whole = delivery.sha256.is_some();
        let account = DeliveryAccount {
            delivery_id: id,
            dataset: delivery.dataset,
            period: delivery.period,
            file: delivery.file,
            kind: delivery.kind,
            as_of: delivery.as_of,
            received: delivery.received,
            sequence: delivery.sequence,
            raw_sha256: sha256,
            rows_in: 0,
            inserted: 0,
            changed: 0,
            unchanged: 0,
            ended: 0,
            duplicate: 0,
            quarantined: 0,
            missing_ended: 0,
            held_endings: 0,
            hold: None,
            warnings: 0,
            open_before: 0,
            open_after: 0,
        };
        tasks.push(Task { account, shown: delivery.path, rows: delivery.rows, whole });
    }
    Ok((tasks, known_before))
}

/// The id of a delivery: what it is of, which day it shows, and its bytes.
fn delivery_id(delivery: &Announced, sha256: &str) -> String {
    let text = format!(
        "delivery\0{}\0{}\0{}\0{sha256}",
        delivery.dataset, delivery.as_of, delivery.sequence
    );
    let hash = blake3::hash(text.as_bytes()).to_hex();
    hash.get(..32).unwrap_or_default().to_owned()
}

/// Decides for each dataset with news whether they can be put on top or it has to be built anew.
///
/// Deliveries that are counted again are moved out of `known`.
async fn plans<'p>(
    context: &IngestContext<'p>,
    snapshot: &Snapshot,
    layouts: &BTreeMap<&str, Layout<'_>>,
    known: &mut Vec<DeliveryAccount>,
    new: Vec<Task>,
) -> Result<Vec<Plan<'p>>, IntakeError> {
    let mut by_dataset: BTreeMap<String, Vec<Task>> = BTreeMap::new();
    for task in new {
        by_dataset.entry(task.account.dataset.clone()).or_default().push(task);
    }
    let mut plans = Vec::new();
    for (dataset, contract) in &context.pack.datasets {
        let layout = layouts.get(dataset.as_str()).ok_or_else(|| unknown(dataset))?;
        let mut tasks = by_dataset.remove(dataset).unwrap_or_default();
        let before: Vec<&DeliveryAccount> =
            known.iter().filter(|delivery| delivery.dataset == *dataset).collect();
        if tasks.is_empty() && before.is_empty() {
            continue;
        }
        tasks.sort_by(|a, b| a.account.order().cmp(&b.account.order()));
        let table = clean::table_name(dataset);
        let other_columns = match snapshot.versions().get(&table) {
            Some(version) => {
                let provider = context
                    .tables
                    .provider(&table, *version)
                    .await
                    .map_err(IntakeError::engine(dataset.as_str()))?;
                !layout.fits(&provider.schema())
            }
            None => true,
        };
        if tasks.is_empty() && !other_columns {
            continue;
        }
        let in_order = before.iter().all(|earlier| {
            tasks.iter().all(|task| {
                earlier.order() < task.account.order() && earlier.received <= task.account.received
            })
        });
        if in_order && !other_columns {
            let before = u32::try_from(before.len()).unwrap_or(u32::MAX);
            plans.push(Plan { contract, tasks, before, rebuild: false });
            continue;
        }
        known.retain(|delivery| {
            let again = delivery.dataset == *dataset;
            if again {
                tasks.push(Task {
                    account: delivery.clone(),
                    shown: Path::new(&delivery.period.to_string()).join(&delivery.file),
                    rows: Some(delivery.rows_in),
                    whole: true,
                });
            }
            !again
        });
        tasks.sort_by(|a, b| a.account.order().cmp(&b.account.order()));
        plans.push(Plan { contract, tasks, before: 0, rebuild: true });
    }
    Ok(plans)
}

/// Row ids that have ended, and the version that ended.
type Endings = Vec<(String, i64)>;

/// Stored endings of the datasets that are put on top of.
async fn endings(
    snapshot: &Snapshot,
    plans: &[Plan<'_>],
) -> Result<BTreeMap<String, Endings>, IntakeError> {
    let mut found: BTreeMap<String, Endings> = plans
        .iter()
        .filter(|plan| !plan.rebuild)
        .map(|plan| (plan.contract.id.clone(), Vec::new()))
        .collect();
    if found.is_empty() || !snapshot.has(clean::CLOSED) {
        return Ok(found);
    }
    let table = clean::CLOSED;
    let columns = ["dataset", "row_id", "version", "reason"];
    let mut batches = outputs::stream(snapshot, table, &columns).await?;
    while let Some(batch) = batches.next().await {
        let batch = batch
            .map_err(EngineError::query("read endings"))
            .map_err(IntakeError::engine(table))?;
        let datasets = outputs::text(&batch, "dataset", table)?;
        let ids = outputs::text(&batch, "row_id", table)?;
        let versions = outputs::number(&batch, "version", table)?;
        let reasons = outputs::text(&batch, "reason", table)?;
        for row in 0..batch.num_rows() {
            if reasons.value(row) == "ended"
                && let Some(list) = found.get_mut(datasets.value(row))
            {
                list.push((ids.value(row).to_owned(), versions.value(row)));
            }
        }
    }
    Ok(found)
}

/// What is known of the rows of a dataset, from its clean table and its endings.
async fn load(snapshot: Snapshot, table: String, endings: Endings) -> Result<State, IntakeError> {
    let table = table.as_str();
    let mut state = State::default();
    let columns = ["row_id", "version", "content_hash"];
    let mut batches = outputs::stream(&snapshot, table, &columns).await?;
    while let Some(batch) = batches.next().await {
        let batch = batch
            .map_err(EngineError::query("read the state of a dataset"))
            .map_err(IntakeError::engine(table))?;
        let ids = outputs::text(&batch, "row_id", table)?;
        let versions = outputs::number(&batch, "version", table)?;
        let hashes = outputs::text(&batch, "content_hash", table)?;
        for row in 0..batch.num_rows() {
            let key = key_of(ids.value(row)).ok_or_else(|| outputs::damaged(table, "row_id"))?;
            let version = ordinal(versions.value(row), table)?;
            let digest = u64::from_str_radix(hashes.value(row), 16)
                .map_err(|_| outputs::damaged(table, "content_hash"))?;
            state.load(key, version, digest);
        }
    }
    for (id, version) in endings {
        let key = key_of(&id).ok_or_else(|| outputs::damaged(clean::CLOSED, "row_id"))?;
        state.load_ending(key, ordinal(version, clean::CLOSED)?);
    }
    Ok(state)
}

fn ordinal(version: i64, table: &str) -> Result<u32, IntakeError> {
    u32::try_from(version).map_err(|_| outputs::damaged(table, "version"))
}

/// Those of the published tables that intake writes.
fn base_tables(pack: &Pack, versions: &Versions) -> BTreeMap<String, i64> {
    pack.datasets
        .keys()
        .map(|dataset| clean::table_name(dataset))
        .chain([clean::CLOSED, DELIVERIES, QUARANTINE].map(str::to_owned))
        .filter_map(|table| versions.get(&table).map(|version| (table, *version)))
        .collect()
}

fn unknown(dataset: &str) -> IntakeError {
    IntakeError::Stopped { dataset: dataset.to_owned(), what: "the look-up of its contract" }
}
