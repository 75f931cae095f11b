//! The main job and its steps: ingest, link, decide, list, publish.
//!
//! Each step works on table versions that nobody sees; one publication at the end makes them visible together.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use engine::arrow::array::AsArray as _;
use engine::{DataFolder, Manifest, PeriodRun, RunLock, Snapshot, Step, Tables, Versions};
use jiff::Timestamp;
use jiff::civil::Date;
use pack::Pack;
use policy::RuleBook;
use serde::Serialize;
use server::KeySource;
use store::sea_orm::DatabaseConnection;
use tokio::task::JoinHandle;
use trust::ColumnKeys;
use vocab::Period;

use crate::cli::{LinkArgs, RunArgs, StepArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::{Output, count, yuan};
use crate::progress::StepBar;

/// Everything that the steps share.
struct Job {
    folder: DataFolder,
    tables: Tables,
    pack: Pack,
    book: RuleBook,
    keys: ColumnKeys,
    db: DatabaseConnection,
    before: Option<Manifest>,
    /// Versions of the run in progress, the published ones where nothing is new.
    versions: Versions,
    index: Option<String>,
    linkage: Option<String>,
    /// What linking goes on from, while it is being read.
    kept: Option<registry::KeptFiles>,
    /// What linking has still to write.
    leftover: Option<registry::Leftover>,
    /// The same, while it is being written.
    writing: Option<JoinHandle<Result<(), registry::RegistryError>>>,
    /// The registers that listing goes on from, while they are being read.
    registers: Option<JoinHandle<Result<benefits::Registers, benefits::BenefitsError>>>,
    period: Period,
    known_at: Option<Date>,
    /// Known once all deliveries are in.
    run_id: Option<String>,
    partitions: usize,
    steps: Vec<Step>,
    _lock: RunLock,
}

/// What a run did, for programs.
#[derive(Debug, Default, Serialize)]
struct Report {
    period: String,
    known_at: String,
    run_id: String,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest: Option<intake::IngestReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<registry::LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decide: Option<policy::DecideReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<benefits::ListReport>,
    /// New tasks in the work inbox.
    tasks: u64,
}

/// `huimin run`.
pub(crate) async fn run(args: &RunArgs, output: &Output) -> Result<(), Failure> {
    let mut job = Job::open(&args.step).await?;
    job.read_kept();
    job.read_registers();
    let report = Report {
        ingest: Some(job.ingest(&args.feeds).await?),
        link: Some(job.link(false).await?),
        decide: Some(job.decide().await?),
        list: Some(job.list().await?),
        ..Report::default()
    };
    job.finish(report, true, output).await
}

/// `huimin ingest`.
pub(crate) async fn ingest(args: &RunArgs, output: &Output) -> Result<(), Failure> {
    let mut job = Job::open(&args.step).await?;
    let ingest = Some(job.ingest(&args.feeds).await?);
    job.finish(Report { ingest, ..Report::default() }, false, output).await
}

/// `huimin link`.
pub(crate) async fn link(args: &LinkArgs, output: &Output) -> Result<(), Failure> {
    let mut job = Job::open(&args.step).await?;
    if !args.learn {
        job.read_kept();
    }
    let link = Some(job.link(args.learn).await?);
    job.finish(Report { link, ..Report::default() }, false, output).await
}

/// `huimin decide`.
pub(crate) async fn decide(args: &StepArgs, output: &Output) -> Result<(), Failure> {
    let mut job = Job::open(args).await?;
    let decide = Some(job.decide().await?);
    job.finish(Report { decide, ..Report::default() }, true, output).await
}

/// `huimin list`.
pub(crate) async fn list(args: &StepArgs, output: &Output) -> Result<(), Failure> {
    let mut job = Job::open(args).await?;
    let list = Some(job.list().await?);
    job.finish(Report { list, ..Report::default() }, false, output).await
}

impl Job {
    async fn open(args: &StepArgs) -> Result<Self, Failure> {
        // The pack is checked before anything is touched.
        let (pack, book) = commands::pack::load(&args.pack)?;
        let folder = DataFolder::open_or_create(&args.place.data)?;
        let lock = folder.lock()?;
        let before = Manifest::current(&folder)?;
        // A new key would open nothing of what is there.
        let source = KeySource::from_environment()?;
        let keys = match before {
            Some(_) => source.column(&folder)?,
            None => source.column_or_new(&folder)?,
        };
        let db = server::open_database(&folder, args.place.url()).await?;
        Ok(Self {
            tables: Tables::new(&folder),
            versions: before.as_ref().map(|manifest| manifest.tables.clone()).unwrap_or_default(),
            index: before.as_ref().and_then(|manifest| manifest.index.clone()),
            linkage: before.as_ref().and_then(|manifest| manifest.linkage.clone()),
            kept: None,
            leftover: None,
            writing: None,
            registers: None,
            folder,
            pack,
            book,
            keys,
            db,
            before,
            period: args.period,
            known_at: args.known_at,
            run_id: None,
            partitions: args.partitions,
            steps: Vec::new(),
            _lock: lock,
        })
    }

    /// Begins to read what linking goes on from.
    fn read_kept(&mut self) {
        self.kept = self.linkage.as_ref().map(|name| registry::read_kept(&self.folder, name));
    }

    /// Begins to make the database ready for listing, and to read the registers that it goes on from.
    fn read_registers(&mut self) {
        let programmes = benefits::Programmes::from_pack(&self.pack);
        let (db, period) = (self.db.clone(), self.period);
        self.registers = Some(tokio::spawn(async move {
            store::checkpoint(&db).await?;
            benefits::read_registers(&db, &programmes, period).await
        }));
    }

    /// Begins to write what linking has left to be written.
    fn write_leftover(&mut self) {
        if let Some(leftover) = self.leftover.take() {
            self.writing = Some(tokio::task::spawn_blocking(move || leftover.write()));
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.tables.clone(), self.versions.clone(), self.partitions)
    }

    #[tracing::instrument(name = "ingest", skip_all)]
    async fn ingest(&mut self, feeds: &Path) -> Result<intake::IngestReport, Failure> {
        let bar = StepBar::start("ingest", "reading deliveries");
        let context = intake::IngestContext {
            folder: &self.folder,
            tables: &self.tables,
            pack: &self.pack,
            keys: &self.keys,
        };
        let report = intake::ingest(&context, feeds, self.period, self.known_at, &|progress| {
            bar.total(progress.rows_announced);
            bar.at(progress.rows_total);
            bar.message(progress.dataset);
        })
        .await?;
        self.versions.extend(report.tables.clone());
        let rows = report.rows_in();
        self.steps.push(bar.finish(
            rows,
            &format!(
                "{} rows of {} deliveries, {} quarantined; {} deliveries were known",
                count(rows),
                report.deliveries.len(),
                count(report.quarantined()),
                report.known_before
            ),
        ));
        Ok(report)
    }

    /// Until when deliveries count: as asked for, else until the last one of the months up to the period was received.
    async fn known_at(&mut self) -> Result<Date, Failure> {
        if let Some(known_at) = self.known_at {
            return Ok(known_at);
        }
        let sql = format!(
            "SELECT CAST(max(received) AS VARCHAR) FROM deliveries WHERE period <= '{0}' \
             HAVING max(period) = '{0}'",
            self.period
        );
        let last = texts(&self.snapshot(), &sql)
            .await?
            .into_iter()
            .next()
            .and_then(|day| day.parse::<Date>().ok())
            .ok_or_else(|| {
                anyhow!(
                    "data folder `{}` has no delivery of {}; run `huimin ingest` first, or say with --known-at that what is known by a day is meant to do",
                    self.folder.root().display(),
                    self.period
                )
            })?;
        self.known_at = Some(last);
        Ok(last)
    }

    #[tracing::instrument(name = "link", skip_all)]
    async fn link(&mut self, learn: bool) -> Result<registry::LinkReport, Failure> {
        let known_at = self.known_at().await?;
        let run_id = self.run_id(known_at).await?;
        let bar = StepBar::start("link", "reading records");
        let (report, leftover) = registry::link(
            &registry::LinkContext {
                folder: &self.folder,
                pack: &self.pack,
                keys: &self.keys,
                versions: &self.versions,
                index: self.index.as_deref(),
                learn,
                run_id: &run_id,
                known_at,
                partitions: self.partitions,
            },
            self.kept.take(),
            &|step, rows| {
                bar.add(rows);
                bar.message(step);
            },
        )
        .await?;
        self.versions.extend(report.tables.clone());
        self.index = Some(report.index.clone());
        self.linkage = Some(report.linkage.clone());
        self.leftover = Some(leftover);
        let linked = match report.anew {
            true => "all linked anew".to_owned(),
            false => format!("{} touched by the news", count(report.affected)),
        };
        self.steps.push(bar.finish(
            report.records,
            &format!(
                "{} records → {} people ({} new; {linked}), {} households; {} linked by weight, {} uncertain",
                count(report.records),
                count(report.persons),
                count(report.new_persons),
                count(report.households),
                count(report.by_weight),
                count(report.uncertain)
            ),
        ));
        Ok(report)
    }

    #[tracing::instrument(name = "decide", skip_all)]
    async fn decide(&mut self) -> Result<policy::DecideReport, Failure> {
        let known_at = self.known_at().await?;
        let bar = StepBar::start("decide", "facts");
        let base = self.before.as_ref().map(|manifest| manifest.tables.clone()).unwrap_or_default();
        let snapshot = self.snapshot();
        let report = policy::decide(
            &self.book,
            policy::DecideInput {
                snapshot: &snapshot,
                tables: &self.tables,
                base: &base,
                period: self.period,
                known_at,
            },
            &|progress| {
                bar.at(progress.subjects);
                bar.message(&format!("{} of each {}", progress.stage, progress.unit));
            },
        )
        .await?;
        self.versions.extend(report.versions.clone());
        let eligible: u64 = report.policies.iter().map(|policy| policy.total.eligible).sum();
        let asked: u64 = report.policies.iter().map(|policy| policy.total.ask).sum();
        let fen: i64 = report.policies.iter().map(|policy| policy.total.amount_fen).sum();
        self.steps.push(bar.finish(
            report.persons + report.households,
            &format!(
                "{} people and {} households × {} policies: {} entitlements (¥{}), {} questions",
                count(report.persons),
                count(report.households),
                report.policies.len(),
                count(eligible),
                yuan(fen),
                count(asked)
            ),
        ));
        Ok(report)
    }

    #[tracing::instrument(name = "list", skip_all)]
    async fn list(&mut self) -> Result<benefits::ListReport, Failure> {
        let known_at = self.known_at().await?;
        let run_id = self.run_id(known_at).await?;
        let bar = StepBar::start("list", "three lists");
        // Deciding keeps all processors busy, the database one.
        self.write_leftover();
        let programmes = benefits::Programmes::from_pack(&self.pack);
        let snapshot = self.snapshot();
        let registers = match self.registers.take() {
            Some(reading) => Some(reading.await.context("read the registers")??),
            None => None,
        };
        let input = benefits::ListInput {
            db: &self.db,
            snapshot: &snapshot,
            programmes: &programmes,
            keys: &self.keys,
            run_id: &run_id,
            period: self.period,
            known_at,
            progress: &|progress| {
                bar.at(progress.entries);
                bar.message(progress.stage.as_str());
            },
        };
        let report = benefits::list(input, registers).await?;
        let batch = report.batch.as_ref().map_or_else(
            || "no batch to pay".to_owned(),
            |batch| {
                format!(
                    "batch {}: {} instructions, ¥{}",
                    batch.batch_id,
                    count(batch.items.unsigned_abs()),
                    yuan(batch.amount_fen)
                )
            },
        );
        self.steps.push(bar.finish(
            report.due.unsigned_abs(),
            &format!(
                "{} registered, {} due (¥{}), {} found and not registered; {batch}",
                count(report.registered.unsigned_abs()),
                count(report.due.unsigned_abs()),
                yuan(report.due_fen),
                count(report.found.unsigned_abs())
            ),
        ));
        Ok(report)
    }

    /// The run's id: a hash of everything that its result depends on.
    async fn run_id(&mut self, known_at: Date) -> Result<String, Failure> {
        if let Some(run_id) = &self.run_id {
            return Ok(run_id.clone());
        }
        let sql = format!(
            "SELECT delivery_id FROM deliveries WHERE received <= DATE '{known_at}' ORDER BY delivery_id"
        );
        let deliveries = texts(&self.snapshot(), &sql).await?;
        let parts = [
            self.pack.hash.clone(),
            env!("CARGO_PKG_VERSION").to_owned(),
            self.period.to_string(),
            known_at.to_string(),
            deliveries.join(","),
        ];
        let id = vocab::RowId::from_content("run", &parts.each_ref().map(String::as_str));
        Ok(self.run_id.insert(id.as_str().to_owned()).clone())
    }

    /// Publishes and reports. `decided`: the period has new decisions.
    #[tracing::instrument(name = "publish", skip_all)]
    async fn finish(
        mut self,
        mut report: Report,
        decided: bool,
        output: &Output,
    ) -> Result<(), Failure> {
        let known_at = self
            .known_at
            .or_else(|| {
                report.ingest.as_ref()?.deliveries.iter().map(|account| account.received).max()
            })
            .or_else(|| self.before.as_ref().map(|manifest| manifest.known_at))
            .ok_or_else(|| anyhow!("nothing has been delivered up to {}", self.period))?;
        let run_id = self.run_id(known_at).await?;
        let mut periods =
            self.before.as_ref().map(|manifest| manifest.periods.clone()).unwrap_or_default();
        if decided {
            periods.insert(
                self.period.to_string(),
                PeriodRun {
                    run_id: run_id.clone(),
                    known_at,
                    pack_hash: self.pack.hash.clone(),
                    code_version: env!("CARGO_PKG_VERSION").to_owned(),
                    tables: self.versions.clone(),
                    steps: self.steps.clone(),
                },
            );
        }
        let manifest = Manifest {
            number: self.before.as_ref().map_or(1, |manifest| manifest.number + 1),
            run_id: run_id.clone(),
            period: self
                .before
                .as_ref()
                .map_or(self.period, |manifest| manifest.period.max(self.period)),
            known_at,
            pack_hash: self.pack.hash.clone(),
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            tables: std::mem::take(&mut self.versions),
            index: self.index.clone(),
            linkage: self.linkage.clone(),
            periods,
            steps: self.steps.clone(),
        };
        self.write_leftover();
        if let Some(writing) = self.writing.take() {
            writing
                .await
                .context("write the search index and what the next linking goes on from")??;
        }
        // Before publishing: a run whose tasks can't be written is not published, and makes them when it is run again.
        let snapshot = Snapshot::new(self.tables.clone(), manifest.tables.clone(), 1);
        let when = (self.period, known_at);
        let city = &self.pack.division;
        let now = Timestamp::now();
        report.tasks = server::fill_inbox(&self.db, &snapshot, city, when, &run_id, now).await?;
        manifest.publish(&self.folder)?;
        registry::forget_earlier(&self.folder, manifest.linkage.as_deref())?;
        commands::audit::seal(&self.folder, &self.db).await;
        report.period = self.period.to_string();
        report.known_at = known_at.to_string();
        report.run_id = run_id;
        report.steps = self.steps;
        output.report(&report, || summary(&report));
        Ok(())
    }
}

/// The first column of a query over the deliveries; nothing when there are none yet.
async fn texts(snapshot: &Snapshot, sql: &str) -> Result<Vec<String>, Failure> {
    if !snapshot.has(intake::DELIVERIES) {
        return Ok(Vec::new());
    }
    let batches = snapshot.query(&[intake::DELIVERIES], sql).await?;
    Ok(batches
        .iter()
        .flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned))
        .collect())
}

/// What people read at the end.
fn summary(report: &Report) -> String {
    let mut text =
        format!("\nrun {} of {}, as known at {}\n", report.run_id, report.period, report.known_at);
    if let Some(ingest) = &report.ingest {
        text.push_str(&format!(
            "\n{:<24} {:>9} {:>9} {:>8} {:>9} {:>7} {:>9} {:>11}\n",
            "delivery",
            "in",
            "inserted",
            "changed",
            "unchanged",
            "ended",
            "duplicate",
            "quarantined"
        ));
        for account in &ingest.deliveries {
            text.push_str(&format!(
                "{:<24} {:>9} {:>9} {:>8} {:>9} {:>7} {:>9} {:>11}\n",
                account.dataset,
                count(account.rows_in),
                count(account.inserted),
                count(account.changed),
                count(account.unchanged),
                count(account.ended),
                count(account.duplicate),
                count(account.quarantined)
            ));
        }
    }
    if let Some(decide) = &report.decide {
        text.push_str(&format!(
            "\n{:<34} {:>9} {:>9} {:>9} {:>16}\n",
            "policy", "eligible", "ask", "not", "yuan"
        ));
        for policy in &decide.policies {
            if policy.not_applicable.is_some() {
                text.push_str(&format!("{:<34} not in this period\n", policy.policy));
                continue;
            }
            text.push_str(&format!(
                "{:<34} {:>9} {:>9} {:>9} {:>16}\n",
                policy.policy,
                count(policy.total.eligible),
                count(policy.total.ask),
                count(policy.total.not),
                yuan(policy.total.amount_fen)
            ));
        }
    }
    if report.tasks > 0 {
        text.push_str(&format!("\n{} new tasks in the work inbox\n", count(report.tasks)));
    }
    if let Some(list) = &report.list {
        text.push_str(&format!(
            "\nlists: {} registered, {} due (¥{}), {} paid (¥{})\n",
            count(list.registered.unsigned_abs()),
            count(list.due.unsigned_abs()),
            yuan(list.due_fen),
            count(list.paid.unsigned_abs()),
            yuan(list.paid_fen)
        ));
        for difference in &list.differences {
            text.push_str(&format!(
                "  {:<20} {:<34} {:<28} {:>8}\n",
                difference.side.as_str(),
                difference.policy,
                difference.cause,
                count(difference.count.unsigned_abs())
            ));
        }
    }
    text
}
