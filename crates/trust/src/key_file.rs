//! The key file: 64 hexadecimal digits and a line end, mode 0600.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::TrustError;
use crate::keys::MASTER;

type Master = Zeroizing<[u8; MASTER]>;

/// No key file is longer; a larger file is not read into memory.
const LONGEST: u64 = 256;

pub(crate) fn read(path: &Path) -> Result<Master, TrustError> {
    let file = File::open(path).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            TrustError::Missing { path: path.to_owned() }
        } else {
            TrustError::Io { what: "open", path: path.to_owned(), source }
        }
    })?;
    let mode = file.metadata().map_err(error("look at", path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(TrustError::TooOpen { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(Vec::new());
    file.take(LONGEST).read_to_end(&mut text).map_err(error("read", path))?;
    parse(text.trim_ascii()).ok_or_else(|| TrustError::Malformed { path: path.to_owned() })
}

pub(crate) fn read_or_create(path: &Path) -> Result<Master, TrustError> {
    match read(path) {
        Err(TrustError::Missing { .. }) => create(path)?,
        found => return found,
    }
    // Read back what is there: another process may have been first.
    read(path)
}

fn create(path: &Path) -> Result<(), TrustError> {
    let mut master = Zeroizing::new([0; MASTER]);
    random(master.as_mut())?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(error("make the folder of", path))?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
        .map_err(error("protect the folder of", path))?;
    // Written under another name and then linked, because a link, unlike a rename, never replaces
    // a key that another process has just made: data may already be sealed with it.
    let mut suffix = [0; 8];
    random(&mut suffix)?;
    let temporary = path.with_extension(format!("new-{:016x}", u64::from_be_bytes(suffix)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(error("create", &temporary))?;
    let linked = write(&mut file, &master).map_err(error("write", &temporary)).and_then(|()| {
        match fs::hard_link(&temporary, path) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(error("create", path)(source))
            }
            _ => Ok(()),
        }
    });
    fs::remove_file(&temporary).map_err(error("clean up", &temporary))?;
    linked?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(error("flush", path))
}

fn random(bytes: &mut [u8]) -> Result<(), TrustError> {
    getrandom::fill(bytes).map_err(|error| TrustError::Random { reason: error.to_string() })
}

fn write(file: &mut File, master: &[u8; MASTER]) -> io::Result<()> {
    let mut text = Zeroizing::new(String::with_capacity(2 * MASTER + 1));
    for byte in master {
        for digit in [byte >> 4, byte & 0x0f] {
            // A half byte is always a hexadecimal digit.
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
        }
    }
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn parse(text: &[u8]) -> Option<Master> {
    if text.len() != 2 * MASTER {
        return None;
    }
    let mut master = Zeroizing::new([0; MASTER]);
    for (byte, pair) in master.iter_mut().zip(text.chunks_exact(2)) {
        for digit in pair {
            *byte = (*byte << 4) | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(master)
}

fn error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| TrustError::Io { what, path, source }
}
