//! What every request shares.

use std::sync::{Arc, RwLock};

use benefits::Programmes;
use engine::{DataFolder, Manifest, Tables};
use identity::access::{Access, AccessError};
use identity::sms::SmsGateway;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::RuleBook;
use store::audit::Recorder;
use store::sea_orm::DatabaseConnection;
use tokio::sync::{Mutex, OnceCell, Semaphore};
use trust::{ColumnKeys, WatchedKeys};

use crate::api::citizen::session::SENDING;
use crate::audit_log::Sealing;
use crate::exposure::Exposure;
use crate::labels::Labels;
use crate::limits::Limits;
use crate::oidc::Oidc;
use crate::overview::MapFile;
use crate::problem::ApiError;
use crate::published::Published;

/// Where the present instant comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Shared state; cloning shares it.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

/// What [`App`] points to.
pub(crate) struct Inner {
    pub(crate) folder: DataFolder,
    pub(crate) pack: pack::Pack,
    keys: WatchedKeys,
    pub(crate) db: DatabaseConnection,
    /// Writes down who read what.
    pub(crate) recorder: Recorder,
    /// Whether the audit trail is sealed.
    pub(crate) sealing: Sealing,
    /// Who may do what.
    pub(crate) access: Access,
    /// How the server is reached.
    pub(crate) exposure: Exposure,
    /// How much one client may ask for.
    pub(crate) limits: Limits,
    /// Sends messages to telephones, where there is a gateway.
    pub(crate) sms: Option<Arc<dyn SmsGateway>>,
    /// Codes that may be on their way at once.
    pub(crate) codes: Arc<Semaphore>,
    /// Providers that sign people in.
    pub(crate) oidc: Oidc,
    pub(crate) labels: Labels,
    pub(crate) programmes: Programmes,
    /// The pack's rules, compiled when the first explanation is asked for.
    pub(crate) rules: OnceCell<RuleBook>,
    pub(crate) clock: Clock,
    pub(crate) sign_ins: SignIns,
    pub(crate) map: OnceCell<MapFile>,
    published: RwLock<Option<(String, Arc<Published>)>>,
    opening: Mutex<()>,
}

/// What it is made of.
pub(crate) struct Parts {
    pub(crate) folder: DataFolder,
    pub(crate) pack: pack::Pack,
    pub(crate) keys: ColumnKeys,
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Clock,
    pub(crate) exposure: Exposure,
    pub(crate) requests_per_minute: u32,
    pub(crate) sms: Option<Arc<dyn SmsGateway>>,
    pub(crate) oidc: Oidc,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub(crate) fn new(parts: Parts) -> Result<Self, AccessError> {
        let Parts { folder, pack, keys, db, clock, exposure, requests_per_minute, sms, oidc } =
            parts;
        let labels = Labels::new(&pack);
        let programmes = Programmes::from_pack(&pack);
        Ok(Self(Arc::new(Inner {
            folder,
            pack,
            keys: keys.into(),
            recorder: Recorder::start(db.clone()),
            sealing: Sealing::default(),
            access: Access::new()?,
            exposure,
            limits: Limits::new(requests_per_minute),
            db,
            sms,
            codes: Arc::new(Semaphore::new(SENDING)),
            oidc,
            labels,
            programmes,
            rules: OnceCell::new(),
            clock,
            sign_ins: SignIns::default(),
            map: OnceCell::new(),
            published: RwLock::new(None),
            opening: Mutex::new(()),
        })))
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The keys of the sealed columns. Somebody may have rotated them since the request before.
    pub(crate) fn keys(&self) -> Result<Arc<ColumnKeys>, ApiError> {
        Ok(self.keys.current()?)
    }

    /// The present day in China, which keeps one time, eight hours before UTC.
    pub(crate) fn today(&self) -> Date {
        jiff::tz::offset(8).to_datetime(self.now()).date()
    }

    /// What is published now; `None` before the first run has ended.
    ///
    /// The pointer file is read at each call, and what it points to only when it has changed.
    pub(crate) async fn published(&self) -> Result<Option<Arc<Published>>, ApiError> {
        let pointer = self.pointer()?;
        if let Some(held) = self.held(&pointer) {
            return Ok(held);
        }
        // One request opens it, the others wait for it.
        let _opening = self.opening.lock().await;
        let pointer = self.pointer()?;
        if let Some(held) = self.held(&pointer) {
            return Ok(held);
        }
        let (Some(name), Some(manifest)) = (pointer, Manifest::current(&self.folder)?) else {
            return Ok(None);
        };
        let published =
            Arc::new(Published::new(&self.folder, &Tables::new(&self.folder), manifest));
        let mut slot = self.published.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *slot = Some((name, published.clone()));
        Ok(Some(published))
    }

    /// What is held for the pointer; `None` when it has to be opened.
    fn held(&self, pointer: &Option<String>) -> Option<Option<Arc<Published>>> {
        let Some(pointer) = pointer else { return Some(None) };
        let slot = self.published.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        slot.as_ref().filter(|(name, _)| name == pointer).map(|(_, held)| Some(held.clone()))
    }

    fn pointer(&self) -> Result<Option<String>, ApiError> {
        match std::fs::read_to_string(self.folder.root().join("CURRENT")) {
            Ok(name) => Ok(Some(name)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ApiError::internal(error)),
        }
    }
}

/// Sign-ins with one username happen one after the other, so that guesses sent at once are counted
/// like guesses sent in turn.
#[derive(Debug)]
pub(crate) struct SignIns([Mutex<()>; 64]);

impl Default for SignIns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl SignIns {
    /// Waits for the turn of a username.
    pub(crate) async fn turn(&self, username: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let hash = blake3::hash(username.as_bytes());
        let at = usize::from(hash.as_bytes()[0]) % self.0.len();
        self.0[at].lock().await
    }
}
