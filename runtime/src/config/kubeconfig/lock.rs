//! Lock files, as kubectl has them: whoever makes `FILE.lock` may write `FILE`.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::error::{ConfigError, Kind};

/// How long another program may take. kubectl holds its lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Locks on kubeconfig files, released when they are dropped.
#[derive(Debug, Default)]
pub(super) struct Locks(Vec<PathBuf>);

impl Locks {
    /// Locks all of these files, in an order that is the same for everybody. Blocks while another program holds one.
    pub(super) fn take(files: impl IntoIterator<Item = PathBuf>) -> Result<Self, ConfigError> {
        Self::take_within(files, PATIENCE)
    }

    fn take_within(files: impl IntoIterator<Item = PathBuf>, patience: Duration) -> Result<Self, ConfigError> {
        let mut names = BTreeMap::new();
        for file in files {
            // People link to one kubeconfig from several places: that is locked as well, where it can be.
            if let Some(linked) = std::fs::canonicalize(&file).ok().filter(|_| file.is_symlink()) {
                names.entry(lock_file(linked)).or_insert(false);
            }
            names.insert(lock_file(file), true);
        }
        let mut taken = Self::default();
        let deadline = Instant::now() + patience;
        'files: for (name, is_required) in names {
            while let Err(error) = make(&name) {
                if error.kind() != io::ErrorKind::AlreadyExists {
                    if !is_required {
                        tracing::debug!(name = %name.display(), %error, "cannot lock the file behind the link");
                        continue 'files;
                    }
                    let message = format!("cannot make the lock file {}", name.display());
                    return Err(ConfigError::new(Kind::Unreadable, message).because(error));
                }
                if Instant::now() >= deadline {
                    let message = format!(
                        "another program has locked the kubeconfig for {patience:?}; if there is none, remove {}",
                        name.display()
                    );
                    return Err(ConfigError::new(Kind::Unreadable, message).because(error));
                }
                std::thread::sleep(PAUSE);
            }
            taken.0.push(name);
        }
        Ok(taken)
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        for name in self.0.drain(..).rev() {
            if let Err(error) = std::fs::remove_file(&name) {
                tracing::warn!(name = %name.display(), %error, "cannot remove the lock file");
            }
        }
    }
}

fn lock_file(file: PathBuf) -> PathBuf {
    let mut name = file.into_os_string();
    name.push(".lock");
    name.into()
}

fn make(name: &Path) -> io::Result<()> {
    if let Some(folder) = name.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(name).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_another_program_is_waited_for_and_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        let lock = folder.path().join("config.lock");
        std::fs::write(&lock, "").expect("a file");
        let error = Locks::take_within([file.clone()], Duration::ZERO).expect_err("it is locked");
        assert!(error.to_string().contains(&lock.display().to_string()), "{error}");
        assert!(lock.exists(), "it belongs to another program");

        let held = lock.clone();
        let other = std::thread::spawn(move || {
            std::thread::sleep(PAUSE * 3);
            std::fs::remove_file(held).expect("the lock");
        });
        let locks = Locks::take([file]).expect("released by then");
        other.join().expect("no panic");
        assert!(lock.exists());
        drop(locks);
        assert!(!lock.exists());
    }
}
