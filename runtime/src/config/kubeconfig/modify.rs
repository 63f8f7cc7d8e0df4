//! Changing kubeconfig files: each change goes to the file that the entry came from.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::load::{has_more, unreadable};
use super::lock::Locks;
use super::{AuthProvider, Entry, Kubeconfig, write};
use crate::config::environment::Environment;
use crate::config::error::{ConfigError, Kind};
use crate::config::{OidcStore, SecretString};

impl Kubeconfig {
    /// Changes kubeconfig files as `kubectl config` does, and returns what `change` returns.
    ///
    /// The files are those that [`load`](Self::load) reads. They are locked (`FILE.lock`), read, merged, changed, and
    /// written where they differ: an entry to the file that it came from, what is new, and the current context, to the
    /// first of the files that exists, else to the last of them, which is made. Fields that are not known here are kept,
    /// comments are not. Each file is replaced at once, so that nobody reads half of it: see [`write`](Self::write).
    ///
    /// Blocks, since it reads and writes files and waits for locks, for at most ten seconds.
    ///
    /// ```no_run
    /// use kubewright_runtime::config::Kubeconfig;
    ///
    /// Kubeconfig::modify(|kubeconfig| kubeconfig.current_context = Some("staging".to_owned()))?;
    /// # Ok::<(), kubewright_runtime::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// A file can't be read, understood or written, holds more than one document (a rewrite would lose the others), another
    /// program keeps a lock, or there is no place for a kubeconfig.
    pub fn modify<R>(change: impl FnOnce(&mut Self) -> R) -> Result<R, ConfigError> {
        Self::modify_files(Environment::current().kubeconfig_paths(), change)
    }

    /// The same with these files, in their order of precedence.
    ///
    /// # Errors
    /// As [`modify`](Self::modify).
    pub fn modify_files<P: AsRef<Path>, R>(
        paths: impl IntoIterator<Item = P>,
        change: impl FnOnce(&mut Self) -> R,
    ) -> Result<R, ConfigError> {
        let mut files = Vec::new();
        for path in paths {
            let path = path.as_ref();
            let path = std::path::absolute(path).map_err(|error| unreadable(path, error))?;
            if !files.contains(&path) {
                files.push(path);
            }
        }
        // The folder of a file that is not there is made only if the file will be: the last one, where there is none.
        let made = files.last().filter(|_| !files.iter().any(|file| file.exists()));
        let has_folder = |file: &&PathBuf| file.parent().is_some_and(Path::exists);
        let _locks = Locks::take(files.iter().filter(|file| has_folder(file) || Some(*file) == made).cloned())?;
        let mut parts = files.into_iter().map(Part::read).collect::<Result<Vec<_>, _>>()?;
        let mut before = Self::default();
        parts.iter().for_each(|part| before.merge(part.content.clone()));
        let mut after = before.clone();
        let result = change(&mut after);

        let default = parts.iter().position(|part| part.exists).or(parts.len().checked_sub(1));
        let Some(default) = default else {
            let message =
                "there is no place for a kubeconfig: $KUBECONFIG names no file, and there is no home directory";
            return Err(ConfigError::new(Kind::NotFound, message));
        };
        let mut changes = Changes { parts: &mut parts, default };
        changes.entries(&before.clusters, &after.clusters, |content| &mut content.clusters)?;
        changes.entries(&before.users, &after.users, |content| &mut content.users)?;
        changes.entries(&before.contexts, &after.contexts, |content| &mut content.contexts)?;
        changes.top_level(&before, &after);
        for part in parts.iter().filter(|part| part.changed) {
            if part.has_more {
                let message = format!(
                    "kubeconfig {} holds more than one document, and a rewrite would lose all but the first; remove the \
                     others",
                    part.path.display()
                );
                return Err(ConfigError::new(Kind::Unsupported, message));
            }
        }
        for part in parts.iter().filter(|part| part.changed) {
            write::replace(&part.path, &part.content)?;
        }
        Ok(result)
    }
}

/// One file.
struct Part {
    path: PathBuf,
    exists: bool,
    /// Whether there is more in it than `content`.
    has_more: bool,
    content: Kubeconfig,
    changed: bool,
}

impl Part {
    fn read(path: PathBuf) -> Result<Self, ConfigError> {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => Some(Zeroizing::new(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&path, error)),
        };
        let content = match &bytes {
            Some(bytes) => Kubeconfig::parse(bytes, Some(&path))?,
            None => Kubeconfig {
                api_version: Some("v1".to_owned()),
                kind: Some("Config".to_owned()),
                ..Kubeconfig::default()
            },
        };
        let has_more = bytes.as_ref().is_some_and(|bytes| has_more(bytes));
        Ok(Self { path, exists: bytes.is_some(), has_more, content, changed: false })
    }
}

struct Changes<'a> {
    parts: &'a mut [Part],
    /// Which of the files gets what is new.
    default: usize,
}

impl Changes<'_> {
    fn entries<T: Entry + Clone + PartialEq>(
        &mut self,
        before: &[T],
        after: &[T],
        list: fn(&mut Kubeconfig) -> &mut Vec<T>,
    ) -> Result<(), ConfigError> {
        let mut names = BTreeSet::new();
        for entry in after {
            if !names.insert(entry.name()) {
                let message = format!("the changed kubeconfig has two entries named {:?} in one list", entry.name());
                return Err(ConfigError::new(Kind::Invalid, message));
            }
            let old = before.iter().find(|old| old.name() == entry.name());
            if old == Some(entry) {
                continue;
            }
            // One that was removed and made again stays where it was.
            let home = entry.file().or_else(|| old.and_then(Entry::file));
            let part = self.part(home);
            part.changed = true;
            let entries = list(&mut part.content);
            match entries.iter_mut().find(|known| known.name() == entry.name()) {
                Some(known) => *known = entry.clone(),
                None => entries.push(entry.clone()),
            }
        }
        for gone in before.iter().filter(|old| !names.contains(old.name())) {
            let part = self.part(gone.file());
            part.changed = true;
            list(&mut part.content).retain(|entry| entry.name() != gone.name());
        }
        Ok(())
    }

    fn top_level(&mut self, before: &Kubeconfig, after: &Kubeconfig) {
        if before.current_context != after.current_context {
            let is_set = |name: &Option<String>| name.as_deref().is_some_and(|name| !name.is_empty());
            if is_set(&after.current_context) {
                let first = self.parts.iter().position(|part| is_set(&part.content.current_context));
                let part = &mut self.parts[first.unwrap_or(self.default)];
                part.content.current_context.clone_from(&after.current_context);
                part.changed = true;
            } else {
                for part in self.parts.iter_mut().filter(|part| is_set(&part.content.current_context)) {
                    part.content.current_context.clone_from(&after.current_context);
                    part.changed = true;
                }
            }
        }
        if before.preferences != after.preferences {
            let first = self.parts.iter().position(|part| part.content.preferences.is_some());
            let part = &mut self.parts[first.unwrap_or(self.default)];
            part.content.preferences.clone_from(&after.preferences);
            part.changed = true;
        }
        let added = after.extensions.iter().filter(|extension| !before.extensions.contains(extension));
        for extension in added {
            let name = extension.get("name");
            let same = |known: &serde_json::Value| name.is_some() && known.get("name") == name;
            let first = self.parts.iter().position(|part| part.content.extensions.iter().any(same));
            let part = &mut self.parts[first.unwrap_or(self.default)];
            part.changed = true;
            match part.content.extensions.iter_mut().find(|known| same(known)) {
                Some(known) => *known = extension.clone(),
                None => part.content.extensions.push(extension.clone()),
            }
        }
        for part in self.parts.iter_mut() {
            let count = part.content.extensions.len();
            part.content
                .extensions
                .retain(|known| !before.extensions.contains(known) || after.extensions.contains(known));
            let gone = |name: &String| before.other.contains_key(name) && !after.other.contains_key(name);
            let removed: Vec<_> = part.content.other.keys().filter(|name| gone(name)).cloned().collect();
            removed.iter().for_each(|name| drop(part.content.other.remove(name)));
            part.changed |= count != part.content.extensions.len() || !removed.is_empty();
        }
        for (name, value) in after.other.iter().filter(|(name, value)| before.other.get(*name) != Some(value)) {
            let first = self.parts.iter().position(|part| part.content.other.contains_key(name));
            let part = &mut self.parts[first.unwrap_or(self.default)];
            part.content.other.insert(name.clone(), value.clone());
            part.changed = true;
        }
    }

    /// The file of that path, else the one that gets what is new.
    fn part(&mut self, path: Option<&Path>) -> &mut Part {
        let index = self.parts.iter().position(|part| Some(part.path.as_path()) == path).unwrap_or(self.default);
        &mut self.parts[index]
    }
}

impl OidcStore {
    /// The settings and tokens that are in the file now: another program may have refreshed them. `None` where the user,
    /// or its `auth-provider`, is no longer there.
    ///
    /// Blocks, since it reads a file.
    ///
    /// # Errors
    /// The file can't be read or understood.
    pub fn load(&self) -> Result<Option<AuthProvider>, ConfigError> {
        let kubeconfig = Kubeconfig::read(&self.file)?;
        Ok(kubeconfig.user(&self.user).and_then(|entry| entry.user.auth_provider.clone()))
    }

    /// Writes these settings, such as `id-token`, and keeps the others. Returns whether the user, and its `auth-provider`,
    /// are still there; where they are not, nothing is written.
    ///
    /// Blocks, as [`Kubeconfig::modify`] does.
    ///
    /// # Errors
    /// The file can't be read, understood or written, or another program keeps its lock.
    pub fn save<'a>(
        &self,
        settings: impl IntoIterator<Item = (&'a str, &'a SecretString)>,
    ) -> Result<bool, ConfigError> {
        Kubeconfig::modify_files([&self.file], |kubeconfig| {
            let provider = kubeconfig
                .users
                .iter_mut()
                .find(|entry| entry.name == self.user)
                .and_then(|entry| entry.user.auth_provider.as_mut());
            let Some(provider) = provider else { return false };
            for (name, value) in settings {
                provider.config.insert(name.to_owned(), value.clone());
            }
            true
        })
    }
}
