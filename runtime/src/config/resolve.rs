//! From a kubeconfig's entries to one [`Config`].

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;

use super::error::{ConfigError, Kind};
use super::kubeconfig::{Cluster, Entry, Kubeconfig, User};
use super::{ClientIdentity, Config, Credentials, Impersonate, KubeconfigOptions, Pem, Proxy, SecretString};

pub(super) fn resolve(kubeconfig: &Kubeconfig, options: &KubeconfigOptions) -> Result<Config, ConfigError> {
    let source = describe_files(kubeconfig);
    let asked = some(options.context.as_deref());
    let context = match asked.or_else(|| some(kubeconfig.current_context.as_deref())) {
        Some(name) => Some(kubeconfig.context(name).ok_or_else(|| {
            let role = if asked.is_some() { "context" } else { "current-context" };
            let known = names(&kubeconfig.contexts);
            incomplete(format!("{source}: {role} {name:?} is not among its contexts; {known}"))
        })?),
        // Without a context a cluster can still be named directly.
        None if some(options.cluster.as_deref()).is_some() => None,
        None => {
            let known = names(&kubeconfig.contexts);
            return Err(incomplete(format!(
                "{source}: current-context is not set; set it or ask for a context; {known}"
            )));
        }
    };

    // "context X in FILE" where a name comes from a context, else what the caller asked for.
    let namer = context.map_or_else(|| source.clone(), |entry| place("context", entry, &source));
    let cluster_name = some(options.cluster.as_deref())
        .or_else(|| context.and_then(|entry| some(entry.context.cluster.as_deref())))
        .ok_or_else(|| incomplete(format!("{namer} names no cluster; add `cluster:` to it")))?;
    let cluster = kubeconfig.cluster(cluster_name).ok_or_else(|| {
        let known = names(&kubeconfig.clusters);
        incomplete(format!("{namer} wants the cluster {cluster_name:?}, which is not among the clusters; {known}"))
    })?;

    let at = At { place: place("cluster", cluster, &source), folder: cluster.file().and_then(Path::parent) };
    let mut config = read_cluster(&cluster.cluster, &at)?;
    if let Some(namespace) = context.and_then(|entry| some(entry.context.namespace.as_deref())) {
        config.namespace = namespace.to_owned();
    }

    let user_name =
        some(options.user.as_deref()).or_else(|| context.and_then(|entry| some(entry.context.user.as_deref())));
    if let Some(user_name) = user_name {
        let user = kubeconfig.user(user_name).ok_or_else(|| {
            let known = names(&kubeconfig.users);
            incomplete(format!("{namer} wants the user {user_name:?}, which is not among the users; {known}"))
        })?;
        let at = At { place: place("user", user, &source), folder: user.file().and_then(Path::parent) };
        read_user(&user.user, &at, &mut config)?;
    }
    Ok(config)
}

/// The entry that is being read: for messages, and for its relative paths.
struct At<'a> {
    place: String,
    folder: Option<&'a Path>,
}

fn read_cluster(cluster: &Cluster, at: &At<'_>) -> Result<Config, ConfigError> {
    let place = &at.place;
    let server = some(cluster.server.as_deref())
        .ok_or_else(|| incomplete(format!("{place} has no server; add `server: https://host:port` to it")))?;
    let mut config = Config::new(parse_server(server, place)?);
    if is_secure(&config) {
        read_tls(cluster, at, &mut config)?;
    }
    if let Some(url) = some(cluster.proxy_url.as_deref()) {
        config.proxy = Some(Proxy::parse(url).map_err(|error| {
            let kind = if error.is_unsupported() { Kind::Unsupported } else { Kind::Invalid };
            ConfigError::new(kind, format!("{place}: proxy-url cannot be used")).because(error)
        })?);
    }
    config.compression = !cluster.disable_compression.unwrap_or(false);
    Ok(config)
}

/// How to know that the server is the right one.
fn read_tls(cluster: &Cluster, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    let place = &at.place;
    config.tls_server_name = some(cluster.tls_server_name.as_deref()).map(str::to_owned);
    config.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify.unwrap_or(false);
    let data = cluster.certificate_authority_data.as_deref();
    config.ca = read_pem(data, cluster.certificate_authority.as_deref(), "certificate-authority", at)?;
    if config.insecure_skip_tls_verify && config.ca.is_some() {
        return Err(invalid(format!(
            "{place} sets both a certificate-authority and insecure-skip-tls-verify: remove one of them"
        )));
    }
    Ok(())
}

fn read_user(user: &User, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    config.impersonate = read_impersonation(user, &at.place)?;
    // In clear text a kubeconfig's credentials are not sent, and its plugins not run, as by client-go.
    if is_secure(config) { read_login(user, at, config) } else { Ok(()) }
}

/// Whether the connection is by TLS.
fn is_secure(config: &Config) -> bool {
    config.server.scheme_str() == Some("https")
}

/// Who the user is: credentials and client certificate.
fn read_login(user: &User, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    let place = &at.place;
    for (field, plugin) in [("exec", &user.exec), ("auth-provider", &user.auth_provider)] {
        if plugin.is_some() {
            return Err(ConfigError::new(
                Kind::Unsupported,
                format!(
                    "{place} gets its credentials from a plugin (`{field}`), which is not supported yet; meanwhile give it a \
                     `token`, for instance from `kubectl create token SERVICE-ACCOUNT`, or a client certificate"
                ),
            ));
        }
    }

    let certificate = read_pem(
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
        "client-certificate",
        at,
    )?;
    let key_data = user.client_key_data.as_ref().map(SecretString::expose);
    let key = read_pem(key_data, user.client_key.as_deref(), "client-key", at)?;
    config.client_identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(ClientIdentity { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            let message = format!("{place} has a client-certificate and no key; add client-key or client-key-data");
            return Err(incomplete(message));
        }
        (None, Some(_)) => {
            let message = format!(
                "{place} has a client-key and no certificate; add client-certificate or client-certificate-data"
            );
            return Err(incomplete(message));
        }
    };

    config.credentials = read_credentials(user, at)?;
    Ok(())
}

fn read_credentials(user: &User, at: &At<'_>) -> Result<Credentials, ConfigError> {
    let place = &at.place;
    let token = user.token.clone().filter(|token| !token.is_empty());
    let file = user.token_file.as_deref().filter(|file| !file.as_os_str().is_empty());
    let username = some(user.username.as_deref());
    if username.is_some() && (token.is_some() || file.is_some()) {
        return Err(invalid(format!("{place} has both a username and a token: remove one of them")));
    }
    Ok(match (file, token, username) {
        (Some(file), fallback, _) => Credentials::TokenFile { path: at.absolute(file), fallback },
        (None, Some(token), _) => Credentials::Token(token),
        (None, None, Some(username)) => {
            Credentials::Basic { username: username.to_owned(), password: user.password.clone().unwrap_or_default() }
        }
        (None, None, None) if user.password.as_ref().is_some_and(|password| !password.is_empty()) => {
            return Err(incomplete(format!("{place} has a password and no username; add `username:`")));
        }
        (None, None, None) => Credentials::None,
    })
}

fn read_impersonation(user: &User, place: &str) -> Result<Option<Impersonate>, ConfigError> {
    let uid = some(user.impersonate_uid.as_deref()).map(str::to_owned);
    match some(user.impersonate.as_deref()) {
        Some(name) => Ok(Some(Impersonate {
            user: name.to_owned(),
            uid,
            groups: user.impersonate_groups.clone(),
            extra: user.impersonate_extra.clone(),
        })),
        None if uid.is_some() || !user.impersonate_groups.is_empty() || !user.impersonate_extra.is_empty() => Err(
            incomplete(format!("{place} has as-uid, as-groups or as-user-extra and no `as`; add the user to act as")),
        ),
        None => Ok(None),
    }
}

/// `FIELD-data` if it is set, else the file that `FIELD` names.
fn read_pem(data: Option<&str>, path: Option<&Path>, field: &str, at: &At<'_>) -> Result<Option<Pem>, ConfigError> {
    let place = &at.place;
    if let Some(data) = some(data) {
        let compact: String = data.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(compact).map_err(|error| {
            let message = format!("{place}: {field}-data is not base64; it should be what `base64 -w0 FILE` prints");
            invalid(message).because(error)
        })?;
        return Ok(Some(Pem::with_origin(bytes, format!("{field}-data of {place}"))));
    }
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
    let path = at.absolute(path);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(Pem::with_origin(bytes, format!("{} ({field} of {place})", path.display())))),
        Err(error) => {
            let message = format!("{place}: cannot read its {field}, {}", path.display());
            Err(ConfigError::new(Kind::Unreadable, message).because(error))
        }
    }
}

fn parse_server(server: &str, place: &str) -> Result<Uri, ConfigError> {
    const SHAPE: &str = "it should look like https://host:port";
    if server.contains('@') {
        // Not quoted: it may be a password.
        return Err(invalid(format!(
            "{place}: server holds a login (`…@…`); write it as `username` and `password` of the user instead"
        )));
    }
    let uri: Uri = server.parse().map_err(|error: http::uri::InvalidUri| {
        invalid(format!("{place}: server {server:?} is not a URL; {SHAPE}")).because(error)
    })?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(other) => return Err(invalid(format!("{place}: server {server:?} has the scheme {other:?}; {SHAPE}"))),
        None => return Err(invalid(format!("{place}: server {server:?} has no scheme; {SHAPE}"))),
    }
    if uri.query().is_some() {
        return Err(invalid(format!("{place}: server {server:?} has a query; {SHAPE}")));
    }
    Ok(uri)
}

impl At<'_> {
    fn absolute(&self, path: &Path) -> PathBuf {
        // `join` of an absolute path is that path.
        self.folder.map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }
}

fn place<T: Entry>(what: &str, entry: &T, source: &str) -> String {
    match entry.file() {
        Some(file) => format!("{what} {:?} in {}", entry.name(), file.display()),
        None => format!("{what} {:?} in {source}", entry.name()),
    }
}

fn describe_files(kubeconfig: &Kubeconfig) -> String {
    match kubeconfig.files() {
        [] => "the kubeconfig".to_owned(),
        files => {
            let listed: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            format!("kubeconfig {}", listed.join(", "))
        }
    }
}

fn names<T: Entry>(entries: &[T]) -> String {
    const SHOWN: usize = 10;
    if entries.is_empty() {
        return "there are none".to_owned();
    }
    let listed: Vec<_> = entries.iter().take(SHOWN).map(|entry| format!("{:?}", entry.name())).collect();
    let more = if entries.len() > SHOWN { format!(" and {} more", entries.len() - SHOWN) } else { String::new() };
    format!("there are {}{more}", listed.join(", "))
}

/// In a kubeconfig an empty string is as good as none.
fn some(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn incomplete(message: String) -> ConfigError {
    ConfigError::new(Kind::Incomplete, message)
}

fn invalid(message: String) -> ConfigError {
    ConfigError::new(Kind::Invalid, message)
}
