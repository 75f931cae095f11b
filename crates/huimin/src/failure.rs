//! How a command fails: a message for people, a code for programs.

use std::process::ExitCode;

use crate::output::Output;

/// Why a command ended without success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something failed; the error's chain says what.
    Error(anyhow::Error),
    /// The pack has faults, or its tests fail; they have been printed.
    Pack,
    /// What was found wrong has been printed; this is the exit code.
    Told(u8),
    /// A delivery was refused as a whole.
    Refused(anyhow::Error),
    /// Another run holds the data folder.
    Locked(anyhow::Error),
}

impl Failure {
    /// Prints the failure and gives its exit code.
    pub(crate) fn report(self, output: &Output) -> ExitCode {
        let (code, error) = match self {
            Self::Pack => return ExitCode::from(3),
            Self::Told(code) => return ExitCode::from(code),
            Self::Error(error) => (1, error),
            Self::Refused(error) => (4, error),
            Self::Locked(error) => (5, error),
        };
        // Each error leaves its source out, so the chain is printed once, here.
        let mut text = format!("{error:#}");
        if is_disk_full(&text) {
            text.push_str(DISK_FULL);
        }
        eprintln!("✘ {text}");
        if output.json() {
            output.document(&serde_json::json!({ "error": text, "exit_code": code }));
        }
        ExitCode::from(code)
    }
}

/// What to do when the disk is full.
const DISK_FULL: &str = "\n  The disk is full. What readers see is as it was before; make room and run the same command again.";

/// Whether an error says that the disk is full. The libraries below wrap the system's error in ways of
/// their own, and all of them keep its words.
fn is_disk_full(text: &str) -> bool {
    ["No space left on device", "database or disk is full", "Disk quota exceeded"]
        .iter()
        .any(|words| text.contains(words))
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let of_backup = error.downcast_ref().and_then(|error| match error {
            server::backup::BackupError::Engine(engine) => Some(engine),
            _ => None,
        });
        match error.downcast_ref::<engine::EngineError>().or(of_backup) {
            Some(engine::EngineError::Locked { .. }) => Self::Locked(error),
            _ => match error.downcast_ref::<intake::IntakeError>() {
                Some(intake) if refuses(intake) => Self::Refused(error),
                _ => Self::Error(error),
            },
        }
    }
}

/// Whether the error is the delivery's, not ours.
fn refuses(error: &intake::IntakeError) -> bool {
    use intake::IntakeError as E;
    matches!(
        error,
        E::NoFeeds { .. }
            | E::PeriodNotDelivered { .. }
            | E::Manifest { .. }
            | E::UnknownDataset { .. }
            | E::MissingFile { .. }
            | E::EmptyFile { .. }
            | E::Checksum { .. }
            | E::RowCount { .. }
            | E::TornLine { .. }
            | E::Encoding { .. }
            | E::Columns { .. }
            | E::Format { .. }
            | E::ZipBomb { .. }
            | E::NotFull { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::is_disk_full;

    #[test]
    fn a_full_disk_is_known_by_the_words_of_all_who_report_it() {
        assert!(is_disk_full("table `persons`: External: No space left on device (os error 28)"));
        assert!(is_disk_full("failed to write the lists: (code: 13) database or disk is full"));
        assert!(!is_disk_full("table `persons`: Permission denied (os error 13)"));
    }
}
