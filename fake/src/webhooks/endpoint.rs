//! Where a webhook is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use http::Uri;
use serde_json::Value;

use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::store::Store;

/// Where services are, as far as a test has said so.
#[derive(Debug, Default)]
pub(crate) struct Services(Mutex<BTreeMap<(String, String), SocketAddr>>);

/// The address of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// The URL as errors have it, without a query.
    pub url: String,
    /// What is connected to: a host and a port.
    pub authority: String,
    /// The name that the certificate is for.
    pub server_name: String,
    pub path: String,
}

impl Services {
    /// Sets where the service of this namespace and name is.
    pub fn set(&self, namespace: &str, name: &str, address: SocketAddr) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((namespace.to_owned(), name.to_owned()), address);
    }

    fn get(&self, namespace: &str, name: &str) -> Option<SocketAddr> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(namespace.to_owned(), name.to_owned())).copied()
    }

    /// The endpoint of a `clientConfig`; what is in the way is said as a real API server says it, with the time-out in the URL.
    pub fn resolve(&self, client: &Value, timeout: u64, store: &Store) -> Result<Endpoint, String> {
        let service = &client["service"];
        if !service.is_object() {
            return of_url(client["url"].as_str().unwrap_or_default());
        }
        let text = |field: &str| service[field].as_str().unwrap_or_default();
        let (namespace, name, path) = (text("namespace"), text("name"), text("path").trim_start_matches('/'));
        let port = service["port"].as_u64().unwrap_or(443);
        let server_name = format!("{name}.{namespace}.svc");
        let url = format!("https://{server_name}:{port}/{path}");
        let refused = |why: String| format!("Post \"{url}?timeout={timeout}s\": {why}");
        if let Some(address) = self.get(namespace, name) {
            return Ok(Endpoint { url, authority: address.to_string(), server_name, path: format!("/{path}") });
        }
        let services = StorageKey::new("", "services");
        Err(refused(match store.get(&services, &format!("{namespace}/{name}")) {
            None => format!("service {} not found", quoted(name)),
            Some(service) => {
                let address = service["spec"]["clusterIP"].as_str().unwrap_or_default();
                format!("dial tcp {address}:{port}: connect: connection refused")
            }
        }))
    }
}

fn of_url(url: &str) -> Result<Endpoint, String> {
    let uri: Uri = url.parse().map_err(|error| format!("Unparsable URL: {error}"))?;
    let (Some("https"), Some(authority), Some(host)) = (uri.scheme_str(), uri.authority(), uri.host()) else {
        return Err("webhook configuration must have either service or URL".to_owned());
    };
    Ok(Endpoint {
        url: url.to_owned(),
        authority: authority.to_string(),
        server_name: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        path: uri.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_service_is_where_the_test_says_and_has_the_name_of_the_cluster() {
        let (services, store) = (Services::default(), Store::new(10));
        let client = json!({ "service": { "namespace": "shop", "name": "hooks", "path": "/check", "port": 9443 } });
        let refused = services.resolve(&client, 5, &store).expect_err("nobody has said where it is");
        assert_eq!(refused, "Post \"https://hooks.shop.svc:9443/check?timeout=5s\": service \"hooks\" not found");
        services.set("shop", "hooks", SocketAddr::from(([127, 0, 0, 1], 8443)));
        let endpoint = services.resolve(&client, 5, &store).expect("an endpoint");
        assert_eq!(endpoint.authority, "127.0.0.1:8443");
        assert_eq!((&*endpoint.server_name, &*endpoint.path), ("hooks.shop.svc", "/check"));
    }

    #[test]
    fn a_url_is_as_it_was_written() {
        let endpoint = of_url("https://[::1]:8443/a/b").expect("an endpoint");
        assert_eq!((&*endpoint.authority, &*endpoint.server_name, &*endpoint.path), ("[::1]:8443", "::1", "/a/b"));
        assert!(of_url("http://a/b").is_err() && of_url("").is_err());
    }
}
