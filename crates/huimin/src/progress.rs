//! Progress bars on standard error, one a step.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A step in progress.
pub(crate) struct StepBar {
    bar: ProgressBar,
    id: &'static str,
    started: Instant,
    items: AtomicU64,
    stages: Mutex<Stages>,
}

/// The stages that are done, and the one that is under way.
struct Stages {
    done: Vec<engine::Stage>,
    current: String,
    since: Instant,
}

impl Stages {
    /// Begins a stage unless it is under way already; a stage that comes again adds to its time.
    fn enter(&mut self, id: &str) {
        if self.current == id {
            return;
        }
        let ms = milliseconds(self.since.elapsed());
        match self.done.iter_mut().find(|stage| stage.id == self.current) {
            Some(stage) => stage.ms += ms,
            None => self.done.push(engine::Stage { id: self.current.clone(), ms }),
        }
        id.clone_into(&mut self.current);
        self.since = Instant::now();
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl StepBar {
    /// Starts a step; without a terminal only its end is printed.
    pub(crate) fn start(id: &'static str, title: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(
            ProgressStyle::with_template("{spinner:.cyan} {prefix:<8} {human_pos:>10}  {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.set_prefix(id);
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        let started = Instant::now();
        let stages =
            Mutex::new(Stages { done: Vec::new(), current: title.to_owned(), since: started });
        Self { bar, id, started, items: AtomicU64::new(0), stages }
    }

    /// Knows the size of the work from here on.
    pub(crate) fn total(&self, total: u64) {
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
            self.bar.set_style(
                ProgressStyle::with_template(
                    "{spinner:.cyan} {prefix:<8} {bar:28.cyan/blue} {human_pos:>10}/{human_len:<10} {wide_msg}",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
        }
    }

    /// Stands at `done` items.
    pub(crate) fn at(&self, done: u64) {
        self.items.store(done, Ordering::Relaxed);
        self.bar.set_position(done);
    }

    /// Has done `more` items.
    pub(crate) fn add(&self, more: u64) {
        let done = self.items.fetch_add(more, Ordering::Relaxed) + more;
        self.bar.set_position(done);
    }

    /// Says what is worked on.
    pub(crate) fn message(&self, text: &str) {
        self.bar.set_message(text.to_owned());
        if let Ok(mut stages) = self.stages.lock() {
            stages.enter(text);
        }
    }

    /// Ends the step, prints its line, and gives its figures.
    pub(crate) fn finish(self, items: u64, text: &str) -> engine::Step {
        let elapsed = self.started.elapsed();
        self.bar.finish_and_clear();
        eprintln!("✔ {:<8} {:>8.2} s  {text}", self.id, elapsed.as_secs_f64());
        let mut stages = self.stages.into_inner().map_or_else(
            |_| Vec::new(),
            |mut stages| {
                stages.enter("");
                stages.done
            },
        );
        stages.retain(|stage| stage.ms > 0);
        engine::Step { id: self.id.to_owned(), ms: milliseconds(elapsed), items, stages }
    }
}
