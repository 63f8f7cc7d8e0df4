//! The policy for commands in kubectl's kuberc.

use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::config::environment::Environment;
use crate::config::error::{ConfigError, Kind};
use crate::config::{ExecPolicy, null};
use crate::yaml;

const GROUP: &str = "kubectl.config.k8s.io";
const MAX_DEPTH: usize = 64;

impl ExecPolicy {
    /// What kubectl's kuberc says: the file that `$KUBERC` names, else `~/.kube/kuberc`, if there is one. With
    /// `KUBERC=off` or `KUBECTL_KUBERC=false` none is read, and every command may be run.
    ///
    /// <https://kubernetes.io/docs/reference/kubectl/kuberc/>
    ///
    /// Reads a file, and so blocks.
    ///
    /// # Errors
    /// The file can't be read, or isn't a kuberc. kubectl warns of that alone where nobody named the file; here it is an
    /// error, since a policy that can't be read may be a strict one.
    pub fn from_kuberc() -> Result<Self, ConfigError> {
        Self::from_kuberc_of(&Environment::current())
    }

    /// What this kuberc says.
    ///
    /// # Errors
    /// As [`from_kuberc`](Self::from_kuberc).
    pub fn read_kuberc(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
        parse(&bytes, path)
    }

    pub(in crate::config) fn from_kuberc_of(environment: &Environment) -> Result<Self, ConfigError> {
        let off = environment.kuberc.as_deref().is_some_and(|file| file == "off");
        if off || environment.kuberc_disabled {
            return Ok(Self::AllowAll);
        }
        if let Some(file) = &environment.kuberc {
            return Self::read_kuberc(file);
        }
        let Some(home) = &environment.home else { return Ok(Self::AllowAll) };
        let path = home.join(".kube").join("kuberc");
        match std::fs::read(&path) {
            Ok(bytes) => parse(&bytes, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::AllowAll),
            Err(error) => Err(unreadable(&path, error)),
        }
    }
}

/// What is of interest in a `Preference`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Preference {
    #[serde(deserialize_with = "null::as_default")]
    credential_plugin_policy: String,
    credential_plugin_allowlist: Option<Vec<Entry>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    /// Deprecated since 1.36.
    #[serde(deserialize_with = "null::as_default")]
    name: String,
    #[serde(deserialize_with = "null::as_default")]
    command: String,
}

fn parse(bytes: &[u8], path: &Path) -> Result<ExecPolicy, ConfigError> {
    let shown = path.display();
    let invalid = |why: String| ConfigError::new(Kind::Invalid, format!("kuberc {shown} {why}"));
    let not_understood = |problem: yaml::Problem| invalid(format!("cannot be understood: {problem}"));
    let text = yaml::decode(bytes).map_err(not_understood)?;
    let options = yaml::Options::default().max_depth(MAX_DEPTH).duplicate_keys(yaml::DuplicateKeys::LastWins);
    let documents: Vec<Value> = yaml::every(&text, &options).map_err(not_understood)?;
    if documents.is_empty() {
        return Ok(ExecPolicy::AllowAll);
    }
    // The first one that is known counts, so that a file can be for kubectls of different age.
    let known = documents.into_iter().find_map(|document| {
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/')?;
        let is_known = text("kind") == "Preference" && group == GROUP && matches!(version, "v1alpha1" | "v1beta1");
        let version = version.to_owned();
        is_known.then_some((version, document))
    });
    let Some((version, document)) = known else {
        return Err(invalid(format!("has no Preference of {GROUP}/v1beta1 or {GROUP}/v1alpha1")));
    };
    let preference: Preference = serde_json::from_value(document).map_err(|_| {
        let should = "credentialPluginPolicy should be a string, and credentialPluginAllowlist a list of objects with a \
                      `command`";
        invalid(format!("has a policy of another shape: {should}"))
    })?;
    if version == "v1alpha1" {
        return match preference {
            Preference { credential_plugin_policy: policy, credential_plugin_allowlist: None } if policy.is_empty() => {
                Ok(ExecPolicy::AllowAll)
            }
            // kubectl takes no notice of it, which is not what whoever wrote it wants.
            _ => Err(invalid("has a credentialPluginPolicy, for which its apiVersion must be v1beta1".to_owned())),
        };
    }
    policy(preference).map_err(invalid)
}

fn policy(preference: Preference) -> Result<ExecPolicy, String> {
    let Preference { credential_plugin_policy: policy, credential_plugin_allowlist: list } = preference;
    match (policy.as_str(), list) {
        ("" | "AllowAll", None) => Ok(ExecPolicy::AllowAll),
        ("DenyAll", None) => Ok(ExecPolicy::DenyAll),
        ("" | "AllowAll" | "DenyAll", Some(_)) => Err(format!(
            "has a credentialPluginAllowlist with the credentialPluginPolicy {policy:?}: the policy should be \"Allowlist\""
        )),
        ("Allowlist", Some(list)) if !list.is_empty() => (1..)
            .zip(list)
            .map(|(number, entry)| command(number, entry))
            .collect::<Result<_, _>>()
            .map(ExecPolicy::Allowlist),
        ("Allowlist", _) => {
            Err("has the credentialPluginPolicy \"Allowlist\" and no credentialPluginAllowlist; to run no \
                                 command at all, the policy is \"DenyAll\""
                .to_owned())
        }
        (other, _) => {
            Err(format!("has the credentialPluginPolicy {other:?}; it should be AllowAll, DenyAll or Allowlist"))
        }
    }
}

fn command(number: usize, Entry { name, command }: Entry) -> Result<PathBuf, String> {
    let command = match (name.is_empty(), command.is_empty()) {
        (true, true) => {
            return Err(format!("has an entry without `command` in credentialPluginAllowlist, number {number}"));
        }
        (false, false) if name != command => {
            return Err(format!(
                "has an entry with a `name` that is not its `command` in credentialPluginAllowlist, number {number}; `name` \
                 is deprecated"
            ));
        }
        (false, true) => name,
        (_, false) => command,
    };
    let path = PathBuf::from(command);
    if !is_normal(&path) {
        return Err(format!(
            "has a path with `.`, `..` or doubled separators in credentialPluginAllowlist, number {number}: it would not \
             match"
        ));
    }
    Ok(path)
}

fn is_normal(path: &Path) -> bool {
    let joined: PathBuf = path.components().collect();
    let mut after_name = false;
    let climbs = path.components().any(|part| {
        after_name |= !matches!(part, Component::ParentDir);
        after_name && matches!(part, Component::ParentDir) || matches!(part, Component::CurDir)
    });
    joined.as_os_str() == path.as_os_str() && !climbs
}

fn unreadable(path: &Path, error: io::Error) -> ConfigError {
    ConfigError::new(Kind::Unreadable, format!("cannot read kuberc {}", path.display())).because(error)
}
