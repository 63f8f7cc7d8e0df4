//! From a kubeconfig's entries to one [`Config`]: which entries, by client-go's rules.

mod cluster;
mod exec;
mod place;
mod plugin;
mod server;
mod user;

use http::Uri;

use self::place::{At, describe_files, names, place};
use super::{Kubeconfig, KubeconfigOptions};
use crate::config::Config;
use crate::config::error::{ConfigError, Kind};

impl Config {
    /// The given entries of a kubeconfig, which may be read from files or made by the program. Files that it names are
    /// read now.
    ///
    /// A token, or a client certificate, wins over a command (`exec`), which is then not run.
    ///
    /// Over plain `http` its token, login, client certificate and certificate authority are not used, and a command is not
    /// run: as for client-go, nothing secret is sent in clear text by accident. Whom to act as (`as`) is sent. To send
    /// [credentials](Self::credentials) all the same, set them on the configuration.
    ///
    /// # Errors
    /// An entry is missing, a field is missing or wrong, or a file can't be read; the message names the place.
    pub fn from_kubeconfig(kubeconfig: &Kubeconfig, options: &KubeconfigOptions) -> Result<Self, ConfigError> {
        resolve(kubeconfig, options)
    }
}

fn resolve(kubeconfig: &Kubeconfig, options: &KubeconfigOptions) -> Result<Config, ConfigError> {
    let source = describe_files(kubeconfig);
    let asked = some(options.context.as_deref());
    let context = match asked.or_else(|| some(kubeconfig.current_context.as_deref())) {
        Some(name) => Some(kubeconfig.context(name).ok_or_else(|| {
            let role = if asked.is_some() { "context" } else { "current-context" };
            let known = names(&kubeconfig.contexts);
            incomplete(format!("{source}: {role} {name:?} is not among its contexts; {known}"))
        })?),
        // An entry can have the empty name, for client-go.
        None => kubeconfig.context(""),
    };

    // "context X in FILE" where a name comes from a context, else what the caller asked for.
    let namer = context.map_or_else(|| source.clone(), |entry| place("context", entry, &source));
    let asked = some(options.cluster.as_deref());
    let name = asked.or_else(|| context.and_then(|entry| some(entry.context.cluster.as_deref())));
    let cluster = kubeconfig.cluster(name.unwrap_or_default()).ok_or_else(|| {
        let known = names(&kubeconfig.clusters);
        match (name, context) {
            (Some(name), _) if asked.is_some() => {
                incomplete(format!("{source}: cluster {name:?} is not among its clusters; {known}"))
            }
            (Some(name), _) => {
                empty(format!("{namer} wants the cluster {name:?}, which is not among the clusters; {known}"))
            }
            (None, Some(_)) => empty(format!("{namer} names no cluster; add `cluster:` to it")),
            (None, None) if kubeconfig.contexts.is_empty() => empty(format!("{source} has no contexts")),
            (None, None) => {
                let known = names(&kubeconfig.contexts);
                empty(format!("{source}: current-context is not set; set it or ask for a context: {known}"))
            }
        }
    })?;

    let asked = some(options.user.as_deref());
    let user = match asked.or_else(|| context.and_then(|entry| some(entry.context.user.as_deref()))) {
        Some(name) => Some(kubeconfig.user(name).ok_or_else(|| {
            // client-go goes on as nobody, unless the caller asked for the user.
            let known = names(&kubeconfig.users);
            incomplete(format!("{namer} wants the user {name:?}, which is not among the users; {known}"))
        })?),
        None => kubeconfig.user(""),
    };

    let at = At::new("cluster", cluster, &source);
    let mut config = cluster::read(&cluster.cluster, &at)?;
    let namespace = some(options.namespace.as_deref());
    if let Some(namespace) = namespace.or_else(|| context.and_then(|entry| some(entry.context.namespace.as_deref()))) {
        config.namespace = namespace.to_owned();
    }
    if let Some(user) = user {
        let at = At::new("user", user, &source);
        user::read(user, &cluster.cluster, &at, &mut config)?;
    }
    Ok(config)
}

/// Whether the connection is by TLS. In clear text a kubeconfig's credentials are not sent, its commands are not run, and
/// nothing of how to know the server matters, as for client-go. What is wrong with them is an error all the same.
fn is_secure(server: &Uri) -> bool {
    server.scheme_str() == Some("https")
}

/// In a kubeconfig an empty string is as good as none.
fn some(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn incomplete(message: String) -> ConfigError {
    ConfigError::new(Kind::Incomplete, message)
}

/// What client-go calls an empty configuration: no cluster is named, or there is none of that name.
fn empty(message: String) -> ConfigError {
    ConfigError::new(Kind::Empty, message)
}

fn invalid(message: String) -> ConfigError {
    ConfigError::new(Kind::Invalid, message)
}
