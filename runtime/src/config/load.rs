//! Finding, reading, merging and writing kubeconfig files.
//!
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{ConfigError, Kind};
use super::kubeconfig::{Entry, Kubeconfig};
use crate::yaml;

/// How many lists and objects may stand inside one another: what other tools keep in a kubeconfig is no deeper.
const MAX_DEPTH: usize = 64;

impl Kubeconfig {
    /// Reads the kubeconfig where kubectl looks for it: the files that `$KUBECONFIG` lists (separated by `:`, on
    /// Windows by `;`; files that don't exist are passed over), else `~/.kube/config`.
    ///
    /// # Errors
    /// None of them exists ([`ConfigError::is_not_found`]), or one can't be read or understood.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_from(&Environment::current())
    }

    /// Reads one file.
    ///
    /// # Errors
    /// It can't be read ([`ConfigError::is_unreadable`]) or isn't a kubeconfig ([`ConfigError::is_invalid`]).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        Self::parse(&text, Some(path))
    }

    /// Reads several files and merges them as kubectl does: see [`merge`](Self::merge). Files that don't exist are
    /// passed over.
    ///
    /// # Errors
    /// A file exists and can't be read or understood.
    pub fn read_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, ConfigError> {
        let mut merged = Self::default();
        for path in paths {
            let path = path.as_ref();
            match std::fs::read_to_string(path) {
                Ok(text) => merged.merge(Self::parse(&text, Some(path))?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(path, error)),
            }
        }
        Ok(merged)
    }

    /// Understands the text of a kubeconfig, YAML or JSON. Relative paths in it are relative to the working directory.
    ///
    /// # Errors
    /// It isn't a kubeconfig ([`ConfigError::is_invalid`]); the message names the line.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text, None)
    }

    /// Writes it as YAML, secrets included. Relative paths stay as they were read.
    ///
    /// # Errors
    /// An unknown field holds something that YAML can't express.
    pub fn to_yaml(&self) -> Result<String, ConfigError> {
        yaml::write(self)
            .map_err(|why| ConfigError::new(Kind::Invalid, format!("cannot write the kubeconfig as YAML: {why}")))
    }

    /// Adds what `later` has and this one hasn't. Whatever is set here wins; a cluster, user or context of the same
    /// name is taken from here as a whole, even where it sets less.
    pub fn merge(&mut self, later: Self) {
        fn add<T: Entry>(into: &mut Vec<T>, later: Vec<T>) {
            for entry in later {
                if !into.iter().any(|known| known.name() == entry.name()) {
                    into.push(entry);
                }
            }
        }
        add(&mut self.clusters, later.clusters);
        add(&mut self.users, later.users);
        add(&mut self.contexts, later.contexts);
        if self.current_context.as_deref().unwrap_or_default().is_empty() {
            self.current_context = later.current_context;
        }
        self.api_version = self.api_version.take().or(later.api_version);
        self.kind = self.kind.take().or(later.kind);
        self.preferences = self.preferences.take().or(later.preferences);
        for extension in later.extensions {
            let taken = extension.get("name").is_some()
                && self.extensions.iter().any(|known| known.get("name") == extension.get("name"));
            if !taken {
                self.extensions.push(extension);
            }
        }
        for (name, value) in later.other {
            self.other.entry(name).or_insert(value);
        }
        self.files.extend(later.files);
    }

    pub(super) fn load_from(environment: &Environment) -> Result<Self, ConfigError> {
        let paths = environment.kubeconfig_paths();
        let loaded = Self::read_all(&paths)?;
        if !loaded.files.is_empty() {
            return Ok(loaded);
        }
        let message = if paths.is_empty() {
            "no kubeconfig: $KUBECONFIG is not set, and there is no home directory; set KUBECONFIG to the path of one"
                .into()
        } else {
            let listed: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("no kubeconfig: {} does not exist; set KUBECONFIG to the path of one", listed.join(", "))
        };
        Err(ConfigError::new(Kind::NotFound, message))
    }

    fn parse(text: &str, file: Option<&Path>) -> Result<Self, ConfigError> {
        let shown = file.map_or_else(|| "the kubeconfig".to_owned(), |file| format!("kubeconfig {}", file.display()));
        let invalid = |why: String| ConfigError::new(Kind::Invalid, format!("{shown} {why}"));
        // An empty file is an empty kubeconfig, and of several documents the first counts, as for kubectl.
        let options = yaml::Options::default().max_depth(MAX_DEPTH).duplicate_keys(yaml::DuplicateKeys::LastWins);
        let mut config: Self = yaml::first(text, &options)
            .map_err(|problem| invalid(format!("cannot be understood: {problem}")))?
            .unwrap_or_default();
        if let Some(kind) = config.kind.as_deref().filter(|kind| !matches!(*kind, "" | "Config")) {
            return Err(invalid(format!("is not one: its kind is {kind:?}, not \"Config\"")));
        }
        if let Some(version) = config.api_version.as_deref().filter(|version| !matches!(*version, "" | "v1")) {
            return Err(invalid(format!("has apiVersion {version:?}: only \"v1\" is known")));
        }
        unique("clusters", &config.clusters).map_err(invalid)?;
        unique("users", &config.users).map_err(invalid)?;
        unique("contexts", &config.contexts).map_err(invalid)?;
        if let Some(file) = file {
            config.clusters.iter_mut().for_each(|entry| entry.set_file(file));
            config.users.iter_mut().for_each(|entry| entry.set_file(file));
            config.contexts.iter_mut().for_each(|entry| entry.set_file(file));
            config.files = vec![PathBuf::from(file)];
        }
        Ok(config)
    }
}

fn unreadable(path: &Path, error: io::Error) -> ConfigError {
    ConfigError::new(Kind::Unreadable, format!("cannot read kubeconfig {}", path.display())).because(error)
}

fn unique<T: Entry>(list: &str, entries: &[T]) -> Result<(), String> {
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.name())) {
        Some(twice) => Err(format!("has two {list} named {:?}; rename or remove one", twice.name())),
        None => Ok(()),
    }
}
