//! The configuration of a program that runs in a pod: its service account.
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use std::io;

use http::Uri;
use zeroize::Zeroizing;

use super::environment::Environment;
use super::error::{ConfigError, Kind};
use super::{Config, Credentials, Pem};

pub(super) fn load(environment: &Environment) -> Result<Config, ConfigError> {
    let (Some(host), Some(port)) = (&environment.service_host, &environment.service_port) else {
        return Err(ConfigError::new(
            Kind::NotFound,
            "this does not run in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set",
        ));
    };
    let bracketed = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.clone() };
    let server: Uri = format!("https://{bracketed}:{port}").parse().map_err(|error: http::uri::InvalidUri| {
        let message =
            format!("KUBERNETES_SERVICE_HOST {host:?} and KUBERNETES_SERVICE_PORT {port:?} make no valid address");
        ConfigError::new(Kind::Invalid, message).because(error)
    })?;

    let root = &environment.service_account;
    let unreadable = |name: &str, error: io::Error| {
        let path = root.join(name);
        let message = format!(
            "cannot read the pod's service account: {}; does the pod set automountServiceAccountToken: false?",
            path.display()
        );
        ConfigError::new(Kind::Unreadable, message).because(error)
    };

    let mut config = Config::new(server);
    let path = root.join("ca.crt");
    config.ca = match Pem::read_for(&path, path.display().to_string()) {
        Ok(ca) => Some(ca),
        // As for client-go: the server's certificate may come from an authority that the system knows.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), "the service account has no CA: the system's authorities are used");
            None
        }
        Err(error) => return Err(unreadable("ca.crt", error)),
    };
    // Read now so that a missing token is an error here and not at the first request; the file stays the source.
    let token = std::fs::read(root.join("token")).map_err(|error| unreadable("token", error))?;
    let token = Zeroizing::new(String::from_utf8_lossy(&Zeroizing::new(token)).into_owned());
    if token.trim().is_empty() {
        let message = format!("the pod's service account token {} is empty", root.join("token").display());
        return Err(ConfigError::new(Kind::Invalid, message));
    }
    config.credentials = Credentials::TokenFile { path: root.join("token"), fallback: Some(token.trim().into()) };
    if let Some(namespace) = namespace(environment).map_err(|error| unreadable("namespace", error))? {
        config.namespace = namespace;
    }
    Ok(config)
}

/// Whether this is a pod with a service account, as client-go sees it.
pub(super) fn is_possible(environment: &Environment) -> bool {
    environment.service_host.is_some()
        && environment.service_port.is_some()
        && environment.service_account.join("token").is_file()
}

/// The pod's namespace: `$POD_NAMESPACE`, else that of its service account.
pub(super) fn namespace(environment: &Environment) -> io::Result<Option<String>> {
    if environment.pod_namespace.is_some() {
        return Ok(environment.pod_namespace.clone());
    }
    match std::fs::read_to_string(environment.service_account.join("namespace")) {
        Ok(namespace) => Ok(Some(namespace.trim().to_owned()).filter(|namespace| !namespace.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
