//! Doing jobs, one after another, until told to stop.

use std::error::Error;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use sea_orm::DatabaseConnection;

use super::claim::{Claim, claim, complete, fail, renew};
use super::schedule::tick;
use crate::StoreError;

/// What does the jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The kind of its jobs.
    fn kind(&self) -> &'static str;

    /// Does a job. An effect in the database goes into one transaction with [`complete`], so that it
    /// happens once; a handler without one leaves completing to the worker.
    ///
    /// # Errors
    ///
    /// Whatever went wrong, without personal data; the job is tried again later.
    async fn handle(
        &self,
        db: &DatabaseConnection,
        claim: &Claim,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// A worker: several may run, in one process or on several servers.
pub struct Worker {
    /// The transaction plane.
    pub db: DatabaseConnection,
    /// Its name in the log and in the table.
    pub name: String,
    /// What it can do.
    pub handlers: Vec<Arc<dyn Handler>>,
    /// Tells the present instant.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long a job is its own; it is renewed at a third of that.
    pub lease: Duration,
    /// How long it waits when there is nothing to do.
    pub idle: Duration,
}

impl Worker {
    /// Makes scheduled jobs and does jobs until `stop` is ready; the job in hand is ended first.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let busy = match self.step().await {
                Ok(busy) => busy,
                Err(error) => {
                    tracing::error!(worker = self.name, %error, "the jobs can't be read");
                    false
                }
            };
            let pause = if busy { Duration::ZERO } else { self.idle };
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Makes the scheduled jobs that are due and does one job; says whether there was one.
    ///
    /// # Errors
    ///
    /// When the database fails. What a handler says is written to the job.
    pub async fn step(&self) -> Result<bool, StoreError> {
        if let Err(error) = tick(&self.db, (self.clock)()).await {
            tracing::error!(worker = self.name, %error, "the schedules can't be read");
        }
        let kinds: Vec<&str> = self.handlers.iter().map(|handler| handler.kind()).collect();
        let lease = SignedDuration::try_from(self.lease).unwrap_or(SignedDuration::MAX);
        let Some(claim) = claim(&self.db, &self.name, &kinds, (self.clock)(), lease).await? else {
            return Ok(false);
        };
        let Some(handler) = self.handlers.iter().find(|handler| handler.kind() == claim.kind)
        else {
            return Ok(false);
        };
        // A handler that panics has failed, and does not end the worker.
        let handling = AssertUnwindSafe(handler.handle(&self.db, &claim)).catch_unwind();
        let done = tokio::select! {
            biased;
            done = handling => done.unwrap_or_else(|_| Err("the handler panicked".into())),
            // The effect is given up with the future that makes it.
            () = self.keep(&claim, lease) => Err(StoreError::LeaseLost { job: claim.id }.into()),
        };
        let ended = match done {
            // Refused when the handler has completed it in its own transaction.
            Ok(()) => complete(&self.db, &claim, (self.clock)()).await,
            Err(error) => {
                let text = chain(error.as_ref());
                tracing::warn!(
                    job = claim.id,
                    kind = claim.kind,
                    attempt = claim.attempt,
                    error = text,
                    "a job failed"
                );
                fail(&self.db, &claim, &text, (self.clock)()).await.map(|_| ())
            }
        };
        match ended {
            Ok(()) | Err(StoreError::LeaseLost { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Renews the lease until it is lost. A database that does not answer for a moment ends no work: if
    /// the lease runs out meanwhile, completing tells.
    async fn keep(&self, claim: &Claim, lease: SignedDuration) {
        loop {
            tokio::time::sleep(self.lease / 3).await;
            match renew(&self.db, claim, (self.clock)(), lease).await {
                Ok(()) => {}
                Err(StoreError::LeaseLost { .. }) => return,
                Err(error) => {
                    tracing::warn!(job = claim.id, %error, "a lease was not renewed");
                }
            }
        }
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
