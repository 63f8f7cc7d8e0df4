//! The server: TLS, reload, client certificates, shutdown.

use std::path::Path;
use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright::Config;
use kubewright::config::{ClientIdentity, Pem};
use kubewright::core::v1::ConfigMap;
use kubewright::transport::{Alpn, Body, BoxError, connect, stack};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tower::Service as _;

use super::{config_map, creation};
use crate::webhook::{
    AdmissionRequest, Certificates, Decision, ServerError, WebhookServer, WebhookServerBuilder, Webhooks,
};

/// A certificate authority.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both PEM.
struct Issued {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn issue(&self) -> Issued {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Issued { certificate, key: key.serialize_pem() }
    }
}

impl Issued {
    fn certificates(&self) -> Certificates {
        Certificates::pem(Pem::from_bytes(self.certificate.clone()), Pem::from_bytes(self.key.clone()))
    }

    fn identity(&self) -> ClientIdentity {
        ClientIdentity {
            certificate: Pem::from_bytes(self.certificate.clone()),
            key: Pem::from_bytes(self.key.clone()),
        }
    }

    /// As the kubelet writes a Secret: into a new folder, to which a link then points.
    fn mount(&self, folder: &Path, revision: &str) {
        let data = folder.join(revision);
        std::fs::create_dir(&data).expect("a folder");
        std::fs::write(data.join("tls.crt"), &self.certificate).expect("a file");
        std::fs::write(data.join("tls.key"), &self.key).expect("a file");
        let new = folder.join("..data_tmp");
        link(Path::new(revision), &new);
        std::fs::rename(&new, folder.join("..data")).expect("renamed");
        for name in ["tls.crt", "tls.key"] {
            if !folder.join(name).exists() {
                link(&Path::new("..data").join(name), &folder.join(name));
            }
        }
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).expect("a link");
}

/// A server that runs until it is told to stop, or dropped.
struct Running {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(builder: WebhookServerBuilder) -> Self {
        let server = builder.bind("127.0.0.1:0").await.expect("a server");
        let port = server.local_addr().port();
        let (stop, stopped) = oneshot::channel();
        Self { port, stop: Some(stop), task: tokio::spawn(server.run_until(stopped)) }
    }

    fn stop(&mut self) {
        self.stop.take().expect("it runs").send(()).expect("it runs");
    }

    /// A configuration of clients that trust this authority.
    fn config(&self, authority: &str) -> Config {
        let mut config = Config::new(format!("https://localhost:{}", self.port).parse().expect("a URL"));
        config.ca = Some(Pem::from_bytes(authority.to_owned()));
        config.retry = kubewright::retry::RetryPolicy::never();
        config
    }
}

/// Sends a review by a client of its own, and so a connection of its own.
async fn send(config: &Config, alpn: Alpn, path: &str) -> Result<(StatusCode, String), BoxError> {
    let mut service = stack(config, connect(config, alpn)?)?;
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(Body::from(creation(config_map(json!({}))).to_string()))?;
    let response = service.call(request).await?;
    let (status, body) = (response.status(), response.into_body().collect().await?.to_bytes());
    Ok((status, String::from_utf8(body.to_vec())?))
}

fn allowing() -> Webhooks {
    Webhooks::new().validating("/validate", |_: AdmissionRequest<ConfigMap>| async { Decision::allow() })
}

#[tokio::test]
async fn webhooks_are_served_by_tls_over_http_2_and_http_1() {
    let authority = Authority::new();
    let server = Running::start(WebhookServer::builder(allowing(), authority.issue().certificates())).await;
    let config = server.config(&authority.pem);
    for alpn in [Alpn::Auto, Alpn::Http1] {
        let (status, text) = send(&config, alpn, "/validate?timeout=5s").await.expect("a response");
        assert_eq!(status, 200, "{text}");
        assert!(text.contains(r#""allowed":true"#), "{text}");
        assert_eq!(send(&config, alpn, "/other").await.expect("a response").0, 404);
    }
    let stranger = server.config(&Authority::new().pem);
    assert!(send(&stranger, Alpn::Auto, "/validate").await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_certificate_that_is_replaced_on_disk_is_presented_to_new_connections() {
    let (old, new) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().expect("a folder");
    old.issue().mount(folder.path(), "..1");
    let certificates = Certificates::folder(folder.path()).expect("files").reload_interval(Duration::ZERO);
    let server = Running::start(WebhookServer::builder(allowing(), certificates)).await;
    let (of_old, of_new) = (server.config(&old.pem), server.config(&new.pem));
    // A connection that stays.
    let mut kept = stack(&of_old, connect(&of_old, Alpn::Auto).expect("good")).expect("good");
    let mut ask_kept = async || {
        let request = Request::post("/validate").header("content-type", "application/json");
        let body = Body::from(creation(config_map(json!({}))).to_string());
        kept.call(request.body(body).expect("a request")).await.expect("a response").status()
    };
    assert_eq!(ask_kept().await, 200);
    assert!(send(&of_new, Alpn::Auto, "/validate").await.is_err());

    new.issue().mount(folder.path(), "..2");
    assert_eq!(send(&of_new, Alpn::Auto, "/validate").await.expect("a response").0, 200);
    assert!(send(&of_old, Alpn::Auto, "/validate").await.is_err());
    assert_eq!(ask_kept().await, 200);

    // A key that does not belong to its certificate: the last good ones stay.
    let data = folder.path().join("..2");
    std::fs::write(data.join("tls.key"), new.issue().key).expect("a file");
    assert_eq!(send(&of_new, Alpn::Auto, "/validate").await.expect("a response").0, 200);
    std::fs::remove_file(data.join("tls.crt")).expect("removed");
    assert_eq!(send(&of_new, Alpn::Auto, "/validate").await.expect("a response").0, 200);

    // And once both are there again, they are taken.
    old.issue().mount(folder.path(), "..3");
    assert_eq!(send(&of_old, Alpn::Auto, "/validate").await.expect("a response").0, 200);
}

#[tokio::test]
async fn with_a_client_ca_only_its_clients_are_served() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let builder = WebhookServer::builder(allowing(), authority.issue().certificates())
        .client_ca(Pem::from_bytes(clients.pem.clone()));
    let server = Running::start(builder).await;
    let mut config = server.config(&authority.pem);
    assert!(send(&config, Alpn::Auto, "/validate").await.is_err());
    config.client_identity = Some(authority.issue().identity());
    assert!(send(&config, Alpn::Auto, "/validate").await.is_err());
    config.client_identity = Some(clients.issue().identity());
    assert_eq!(send(&config, Alpn::Auto, "/validate").await.expect("a response").0, 200);
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_errors_without_the_key() {
    let authority = Authority::new();
    let (one, other) = (authority.issue(), authority.issue());
    let mixed = Certificates::pem(Pem::from_bytes(one.certificate.clone()), Pem::from_bytes(other.key.clone()));
    let error = WebhookServer::builder(allowing(), mixed).bind("127.0.0.1:0").await.expect_err("mixed");
    let source = std::error::Error::source(&error).expect("a source").to_string();
    assert!(matches!(error, ServerError::Certificates(_)) && source.contains("do not belong together"), "{source}");
    assert!(source.starts_with("the server certificate from "), "{source}");

    let builder = WebhookServer::builder(allowing(), one.certificates()).client_ca(Pem::from_bytes("nothing"));
    let error = builder.bind("127.0.0.1:0").await.expect_err("no authorities");
    assert!(matches!(error, ServerError::ClientCa(_)), "{error}");
    assert!(Certificates::folder("/nowhere/at/all").expect_err("no folder").is_unreadable());
}

/// A webhook that says when it is called, and responds once it is told to.
fn waiting() -> (Webhooks, mpsc::UnboundedReceiver<oneshot::Sender<()>>) {
    let (calls, called) = mpsc::unbounded_channel();
    let webhooks = Webhooks::new().validating("/validate", move |_: AdmissionRequest<ConfigMap>| {
        let (go, gone) = oneshot::channel();
        calls.send(go).expect("a test");
        async move {
            let _ = gone.await;
            Decision::allow()
        }
    });
    (webhooks, called)
}

#[tokio::test]
async fn a_shutdown_lets_running_calls_end_and_accepts_no_more() {
    let authority = Authority::new();
    let (webhooks, mut called) = waiting();
    let mut server = Running::start(WebhookServer::builder(webhooks, authority.issue().certificates())).await;
    let config = server.config(&authority.pem);
    for alpn in [Alpn::Auto, Alpn::Http1] {
        let config = config.clone();
        tokio::spawn(async move { drop(send(&config, alpn, "/validate").await) });
        called.recv().await.expect("a call").send(()).expect("it waits");
    }
    let calls: Vec<_> = [Alpn::Auto, Alpn::Http1]
        .map(|alpn| {
            let config = config.clone();
            tokio::spawn(async move { send(&config, alpn, "/validate").await.map(|(status, _)| status) })
        })
        .into();
    let waiting = [called.recv().await.expect("a call"), called.recv().await.expect("a call")];
    server.stop();
    // The listener is closed at once, whatever still runs.
    while tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    for go in waiting {
        go.send(()).expect("it waits");
    }
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("a response"), 200);
    }
    server.task.await.expect("no panic");
}

#[tokio::test]
async fn a_shutdown_ends_after_its_time_out_whatever_still_runs() {
    let authority = Authority::new();
    let (webhooks, mut called) = waiting();
    let builder = WebhookServer::builder(webhooks, authority.issue().certificates()).shutdown_timeout(Duration::ZERO);
    let mut server = Running::start(builder).await;
    let config = server.config(&authority.pem);
    let call = tokio::spawn(async move { send(&config, Alpn::Auto, "/validate").await.map(drop) });
    let _go = called.recv().await.expect("a call");
    server.stop();
    server.task.await.expect("no panic");
    assert!(call.await.expect("no panic").is_err());
}
