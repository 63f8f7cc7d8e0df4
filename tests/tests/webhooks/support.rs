//! A cluster, and servers of webhooks in this process that it can reach.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use kubewright::{Client, ClientBuilder, Error};
use kubewright_controller::webhook::{Certificates, WebhookServer, Webhooks};
use kubewright_testbed::{Binaries, Cluster, Options, or_skip};
use kubewright_tests::config;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

/// A cluster of these tests' own: a webhook that is left behind would be in others' way.
pub fn own() -> Option<&'static Cluster> {
    static OWN: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || {
        let options = Options { nodes: 0, ..Default::default() };
        let binaries = or_skip(Binaries::find(options.minor))?;
        Some(Cluster::start_from(&binaries, &options).expect("a cluster"))
    };
    OWN.get_or_init(start).as_ref()
}

/// A client that keeps the server's warnings.
pub fn client(bed: &Cluster) -> (Client, Arc<Mutex<Vec<String>>>) {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&warnings);
    let builder = ClientBuilder::from_config(&config(bed.kubeconfig())).expect("a config");
    let client = builder.on_warning(move |warning| kept.lock().expect("no panic").push(warning.text.clone())).build();
    (client, warnings)
}

/// A certificate authority.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Writes a new certificate for 127.0.0.1 and its key, as in a mounted Secret.
    pub fn issue_to(&self, folder: &Path) {
        self.issue_to_name(folder, "127.0.0.1");
    }

    /// The same for another name.
    pub fn issue_to_name(&self, folder: &Path, name: &str) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        std::fs::write(folder.join("tls.crt"), certificate).expect("a file");
        std::fs::write(folder.join("tls.key"), key.serialize_pem()).expect("a file");
    }
}

/// A server of webhooks, which ends with this value.
pub struct Server {
    pub folder: tempfile::TempDir,
    pub authority: Authority,
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(webhooks: Webhooks) -> Self {
        let (folder, authority) = (tempfile::tempdir().expect("a folder"), Authority::new());
        authority.issue_to(folder.path());
        let certificates = Certificates::folder(folder.path()).expect("files").reload_interval(Duration::ZERO);
        let server = WebhookServer::builder(webhooks, certificates).bind("127.0.0.1:0").await.expect("a server");
        let port = server.local_addr().port();
        Self { folder, authority, port, task: tokio::spawn(server.run_until(std::future::pending::<()>())) }
    }

    /// The `clientConfig` of a webhook at this path.
    pub fn client_config(&self, path: &str) -> Value {
        self.client_config_with(path, &self.authority)
    }

    /// Same, with another authority.
    pub fn client_config_with(&self, path: &str, authority: &Authority) -> Value {
        json!({
            "url": format!("https://127.0.0.1:{}{path}", self.port),
            "caBundle": kubewright::ByteString::from(authority.pem.as_str()).to_base64(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A webhook of the objects of one resource in one namespace.
pub fn webhook(client_config: &Value, namespace: &str, group: &str, resource: &str) -> Value {
    json!({
        "name": format!("{namespace}.webhooks.example.com"),
        "clientConfig": client_config,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 10,
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "rules": [{
            "apiGroups": [group], "apiVersions": ["*"], "resources": [resource],
            "operations": ["CREATE", "UPDATE", "DELETE"],
        }],
    })
}

/// An object of any type, from JSON.
pub fn object<T: kubewright::message::MessageType>(value: &Value) -> T {
    kubewright::json::from_str(&value.to_string()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// Waits until something that fails for as long as the server has not noticed a change succeeds.
pub async fn until<T, F: Future<Output = Result<T, Error>>>(
    mut attempt: impl FnMut() -> F,
    is_done: impl Fn(&Result<T, Error>) -> bool,
) -> Result<T, Error> {
    loop {
        let outcome = attempt().await;
        if is_done(&outcome) {
            return outcome;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
