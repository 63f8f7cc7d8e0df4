//! The configuration of a program that runs in a pod: its service account.
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use std::io;

use http::Uri;

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
    let read = |name: &str| std::fs::read(root.join(name)).map_err(|error| unreadable(name, error));

    let mut config = Config::new(server);
    config.ca = Some(Pem::with_origin(read("ca.crt")?, root.join("ca.crt").display().to_string()));
    // Read now so that a missing token is an error here and not at the first request; the file stays the source.
    let token = String::from_utf8_lossy(&read("token")?).trim().to_owned();
    if token.is_empty() {
        let message = format!("the pod's service account token {} is empty", root.join("token").display());
        return Err(ConfigError::new(Kind::Invalid, message));
    }
    config.credentials = Credentials::TokenFile { path: root.join("token"), fallback: Some(token.into()) };
    match std::fs::read_to_string(root.join("namespace")) {
        Ok(namespace) if !namespace.trim().is_empty() => config.namespace = namespace.trim().to_owned(),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable("namespace", error)),
    }
    Ok(config)
}
