//! The key file: the text of keys, mode 0600. It is only ever replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::TrustError;
use crate::key_text::{Fault, KeyText, LONGEST};
use crate::suite::{MASTER, Master, Suite};

/// Marks what a rotation writes before it is the key file; one that is killed leaves it behind.
const UNFINISHED: &str = "rotate-";

/// A key file as it was read.
pub(crate) struct KeyFile {
    pub(crate) text: KeyText,
    pub(crate) stamp: Stamp,
}

/// Tells one state of a file from the next. Every change makes a new file and renames it, so that the number of
/// the file or, where that is used again, its times differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Of the file that stands there now.
    pub(crate) fn at(path: &Path) -> Result<Self, TrustError> {
        fs::metadata(path).map(|metadata| Self::of(&metadata)).map_err(absent_or("look at", path))
    }
}

pub(crate) fn read(path: &Path) -> Result<KeyFile, TrustError> {
    read_from(&File::open(path).map_err(absent_or("open", path))?, path)
}

fn read_from(file: &File, path: &Path) -> Result<KeyFile, TrustError> {
    let metadata = file.metadata().map_err(error("look at", path))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(TrustError::TooOpen { path: path.to_owned(), mode });
    }
    // One byte more than any key file has, so that a larger one is noticed and not read into memory.
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let most = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
    file.take(most).read_to_end(&mut text).map_err(error("read", path))?;
    let text = KeyText::parse(&text).map_err(|fault| match fault {
        Fault::NoKey => TrustError::Malformed { path: path.to_owned() },
        fault => TrustError::KeyText {
            place: format!("key file `{}`", path.display()),
            reason: fault.to_string(),
        },
    })?;
    Ok(KeyFile { text, stamp: Stamp::of(&metadata) })
}

/// Reads the file, or makes one with a key of `suite`.
pub(crate) fn read_or_create(path: &Path, suite: Suite) -> Result<KeyFile, TrustError> {
    match read(path) {
        Err(TrustError::Missing { .. }) => create(path, suite)?,
        found => return found,
    }
    // Read back what is there: another process may have been first.
    read(path)
}

/// As [`read_or_create`]; a file of another suite is refused.
pub(crate) fn read_or_create_of(path: &Path, suite: Suite) -> Result<KeyFile, TrustError> {
    let file = read_or_create(path, suite)?;
    let found = file.text.suite;
    if found == suite {
        return Ok(file);
    }
    Err(TrustError::OtherSuite { path: path.to_owned(), found, wanted: suite })
}

/// A new random master key.
pub(crate) fn new_master() -> Result<Master, TrustError> {
    let mut master = Zeroizing::new([0; MASTER]);
    random(master.as_mut())?;
    Ok(master)
}

fn create(path: &Path, suite: Suite) -> Result<(), TrustError> {
    let text = KeyText::single(suite, new_master()?);
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(error("make the folder of", path))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
        .map_err(error("protect the folder of", path))?;
    // Written under another name and then linked, because a link, unlike a rename, never replaces
    // a key that another process has just made: data may already be sealed with it.
    let (mut file, temporary) = temporary(path, "new-")?;
    let linked = write(&mut file, &text).map_err(error("write", &temporary)).and_then(|()| {
        match fs::hard_link(&temporary, path) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(error("create", path)(source))
            }
            _ => Ok(()),
        }
    });
    fs::remove_file(&temporary).map_err(error("clean up", &temporary))?;
    linked?;
    flush_folder(path)
}

/// Replaces the text by what `change` makes of it, so that of two processes one waits for the other, and that
/// whoever reads finds the old text or the new one. Gives the file as it is then.
pub(crate) fn update(
    path: &Path,
    change: impl FnOnce(KeyText) -> Result<KeyText, TrustError>,
) -> Result<KeyFile, TrustError> {
    // Behind a symbolic link lies the file proper; a rename onto the link would leave it as it is.
    let real = fs::canonicalize(path).map_err(absent_or("find", path))?;
    let held = lock(&real)?;
    let text = change(read_from(&held, &real)?.text)?;
    // Whoever holds the lock is alone, so that nobody is still writing these.
    remove_unfinished(&real)?;
    let (mut file, temporary) = temporary(&real, UNFINISHED)?;
    let replaced = keep_owner(&held, &file)
        .and_then(|()| write(&mut file, &text))
        .and_then(|()| fs::rename(&temporary, &real));
    if let Err(source) = replaced {
        fs::remove_file(&temporary).map_err(error("clean up", &temporary))?;
        return Err(error("replace", &real)(source));
    }
    flush_folder(&real)?;
    read(path)
}

/// Opens the file and waits until nobody else changes it. The lock is let go with the file.
fn lock(path: &Path) -> Result<File, TrustError> {
    loop {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(absent_or("open", path))?;
        file.lock().map_err(error("lock", path))?;
        let held = file.metadata().map_err(error("look at", path))?;
        // Whoever held it before may have put another file into its place.
        if Stamp::of(&held).file == Stamp::at(path)?.file {
            return Ok(file);
        }
    }
}

/// An administrator may rotate the keys of a service that runs as somebody else.
fn keep_owner(from: &File, to: &File) -> io::Result<()> {
    let (from, now) = (from.metadata()?, to.metadata()?);
    if (from.uid(), from.gid()) == (now.uid(), now.gid()) {
        return Ok(());
    }
    fchown(to, Some(from.uid()), Some(from.gid()))
}

fn remove_unfinished(path: &Path) -> Result<(), TrustError> {
    let begin = beside(path, UNFINISHED);
    let Some(begin) = begin.file_name() else { return Ok(()) };
    for entry in fs::read_dir(folder_of(path)).map_err(error("look beside", path))? {
        let entry = entry.map_err(error("look beside", path))?;
        if entry.file_name().as_encoded_bytes().starts_with(begin.as_encoded_bytes()) {
            fs::remove_file(entry.path()).map_err(error("clean up", &entry.path()))?;
        }
    }
    Ok(())
}

fn temporary(path: &Path, kind: &str) -> Result<(File, PathBuf), TrustError> {
    let mut suffix = [0; 8];
    random(&mut suffix)?;
    let temporary = beside(path, &format!("{kind}{:016x}", u64::from_be_bytes(suffix)));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(error("create", &temporary))?;
    Ok((file, temporary))
}

/// A name beside the file, such as `column.new-0123456789abcdef`.
fn beside(path: &Path, extension: &str) -> PathBuf {
    path.with_extension(OsString::from(extension))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn flush_folder(path: &Path) -> Result<(), TrustError> {
    File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(error("flush", path))
}

fn random(bytes: &mut [u8]) -> Result<(), TrustError> {
    getrandom::fill(bytes).map_err(|error| TrustError::Random { reason: error.to_string() })
}

fn write(file: &mut File, text: &KeyText) -> io::Result<()> {
    file.write_all(text.to_text().as_bytes())?;
    file.sync_all()
}

fn error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| TrustError::Io { what, path, source }
}

fn absent_or(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::NotFound => TrustError::Missing { path },
        _ => TrustError::Io { what, path, source },
    }
}
