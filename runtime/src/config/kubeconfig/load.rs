//! Finding and reading kubeconfig files.
//!
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Entry, Kubeconfig};
use crate::config::environment::Environment;
use crate::config::error::{ConfigError, Kind};
use crate::yaml;

/// How many lists and objects may stand inside one another: what other tools keep in a kubeconfig is no deeper.
const MAX_DEPTH: usize = 64;

impl Kubeconfig {
    /// Reads the kubeconfig where kubectl looks for it: the files that `$KUBECONFIG` lists (separated by `:`, on
    /// Windows by `;`; files that don't exist are skipped), else `~/.kube/config`.
    ///
    /// # Errors
    /// None of them exists ([`ConfigError::is_not_found`]), or one can't be read or understood.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_from(&Environment::current())
    }

    /// Reads one file: YAML or JSON, in UTF-8, or in UTF-16 with a byte order mark. Its path is kept, relative to the
    /// working directory of now.
    ///
    /// # Errors
    /// It can't be read ([`ConfigError::is_unreadable`]) or isn't a kubeconfig ([`ConfigError::is_invalid`]).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
        Self::parse(&Zeroizing::new(bytes), Some(path))
    }

    /// Reads several files and merges them as kubectl does: see [`merge`](Self::merge). Files that don't exist are
    /// skipped, and so are empty paths.
    ///
    /// # Errors
    /// A file exists and can't be read or understood.
    pub fn read_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, ConfigError> {
        let mut merged = Self::default();
        for path in paths {
            let path = path.as_ref();
            if path.as_os_str().is_empty() {
                continue;
            }
            match std::fs::read(path) {
                Ok(bytes) => merged.merge(Self::parse(&Zeroizing::new(bytes), Some(path))?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(path, error)),
            }
        }
        Ok(merged)
    }

    /// Reads the text of a kubeconfig, YAML or JSON. Of several documents the first one counts. Relative paths in it are
    /// relative to the working directory.
    ///
    /// # Errors
    /// It isn't a kubeconfig ([`ConfigError::is_invalid`]); the message names the line.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text.as_bytes(), None)
    }

    /// The same for the bytes of a file: UTF-8, or UTF-16 with a byte order mark.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_slice(bytes: &[u8]) -> Result<Self, ConfigError> {
        Self::parse(bytes, None)
    }

    pub(in crate::config) fn load_from(environment: &Environment) -> Result<Self, ConfigError> {
        let paths = environment.kubeconfig_paths();
        let loaded = Self::read_all(&paths)?;
        if !loaded.files.is_empty() {
            return Ok(loaded);
        }
        let message = if paths.is_empty() {
            "no kubeconfig: $KUBECONFIG names no file, and there is no home directory; set KUBECONFIG to the path of one"
                .into()
        } else {
            let listed: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("no kubeconfig: {} does not exist; set KUBECONFIG to the path of one", listed.join(", "))
        };
        Err(ConfigError::new(Kind::NotFound, message))
    }

    pub(super) fn parse(bytes: &[u8], file: Option<&Path>) -> Result<Self, ConfigError> {
        let shown = file.map_or_else(|| "the kubeconfig".to_owned(), |file| format!("kubeconfig {}", file.display()));
        let invalid = |why: String| ConfigError::new(Kind::Invalid, format!("{shown} {why}"));
        let not_understood = |problem: yaml::Problem| invalid(format!("cannot be understood: {problem}"));
        let decoded;
        let text = match yaml::decode(bytes).map_err(not_understood)? {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                decoded = Zeroizing::new(text);
                decoded.as_str()
            }
        };
        // An empty file is an empty kubeconfig, and of several documents the first counts, as for kubectl.
        let options = yaml::Options::default().max_depth(MAX_DEPTH).duplicate_keys(yaml::DuplicateKeys::LastWins);
        let mut config: Self = yaml::first(text, &options).map_err(not_understood)?.unwrap_or_default();
        if let Some(kind) = config.kind.as_deref().filter(|kind| !matches!(*kind, "" | "Config")) {
            return Err(invalid(format!("is not one: its kind is {kind:?}, not \"Config\"")));
        }
        if let Some(version) = config.api_version.as_deref().filter(|version| !matches!(*version, "" | "v1")) {
            return Err(invalid(format!("has apiVersion {version:?}: only \"v1\" is known")));
        }
        unique("clusters", &config.clusters).map_err(invalid)?;
        unique("users", &config.users).map_err(invalid)?;
        unique("contexts", &config.contexts).map_err(invalid)?;
        unique_extensions(&config).map_err(invalid)?;
        if let Some(file) = file {
            // Its relative paths are found again after a change of the working directory.
            let file = std::path::absolute(file).map_err(|error| unreadable(file, error))?;
            config.clusters.iter_mut().for_each(|entry| entry.set_file(&file));
            config.users.iter_mut().for_each(|entry| entry.set_file(&file));
            config.contexts.iter_mut().for_each(|entry| entry.set_file(&file));
            config.files = vec![file];
        }
        Ok(config)
    }
}

/// Whether a file holds more than the document that counts, or what is no YAML after it.
pub(super) fn has_more(bytes: &[u8]) -> bool {
    let options = yaml::Options::default().max_depth(MAX_DEPTH).duplicate_keys(yaml::DuplicateKeys::LastWins);
    let Ok(text) = yaml::decode(bytes) else { return false };
    !yaml::every::<IgnoredAny>(&text, &options).is_ok_and(|documents| documents.len() < 2)
}

pub(super) fn unreadable(path: &Path, error: io::Error) -> ConfigError {
    ConfigError::new(Kind::Unreadable, format!("cannot read kubeconfig {}", path.display())).because(error)
}

fn unique<T: Entry>(list: &str, entries: &[T]) -> Result<(), String> {
    let mut names = HashSet::new();
    match entries.iter().find(|entry| !names.insert(entry.name())) {
        Some(twice) => Err(format!("has two {list} named {:?}; rename or remove one", twice.name())),
        None => Ok(()),
    }
}

/// Data of other tools have names as well, of which each may be there once in one list.
fn unique_extensions(config: &Kubeconfig) -> Result<(), String> {
    fn listed(fields: &Map<String, Value>) -> Option<&[Value]> {
        fields.get("extensions")?.as_array().map(Vec::as_slice)
    }
    let preferences = config.preferences.as_ref().and_then(Value::as_object).and_then(listed);
    let clusters = config.clusters.iter().filter_map(|entry| listed(&entry.cluster.other));
    let users = config.users.iter().filter_map(|entry| listed(&entry.user.other));
    let contexts = config.contexts.iter().filter_map(|entry| listed(&entry.context.other));
    let top = std::iter::once(config.extensions.as_slice());
    for list in top.chain(preferences).chain(clusters).chain(users).chain(contexts) {
        let mut names = HashSet::new();
        let mut each = list.iter().map(|extension| extension.get("name").and_then(Value::as_str).unwrap_or_default());
        if let Some(twice) = each.find(|name| !names.insert(*name)) {
            return Err(format!("has two extensions named {twice:?} in one place; rename or remove one"));
        }
    }
    Ok(())
}
