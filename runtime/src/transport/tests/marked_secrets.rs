//! No secret is shown: every way to log in is gone with secrets that say `sesame`, and everything that is logged, printed
//! or returned as an error meanwhile is searched for it.

use std::fmt::Debug;
use std::time::Duration;

use http::header::AUTHORIZATION;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::oidc::{Provider, id_token};
use super::own_process::{in_a_process, is_child};
use super::plugin::{Plugin, answer, token};
use super::server::{Authority, Options, Server};
use super::trace::Values;
use super::*;
use crate::config::{
    ClientIdentity, Config, Credential, Credentials, ExecCluster, ExecConfig, ExecEnv, ExecStderr, Kubeconfig,
    OidcStore, Pem, SecretString,
};
use crate::{Client, ClientBuilder};

const MARK: &str = "sesame";

/// Writes down everything at every level, of every crate and thread.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Everything {
    fn note(&self, write: impl FnOnce(&mut String)) {
        write(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    fn show(&self, what: &dyn Debug) {
        self.note(|text| text.push_str(&format!("\n{what:?}\n{what:#?}")));
    }

    /// An error and its causes, in every form.
    fn error(&self, error: &(dyn std::error::Error + 'static)) {
        for error in error::chain(error) {
            self.note(|text| text.push_str(&format!("\n{error} {error:#} {error:?} {error:#?}")));
        }
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(|text| {
            text.push('\n');
            text.push_str(span.metadata().target());
            span.record(&mut Values(text));
        });
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note(|text| values.record(&mut Values(text)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(|text| {
            text.push('\n');
            text.push_str(event.metadata().target());
            event.record(&mut Values(text));
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A server that lets in who has a token that says `new`, and whose certificate is from `clients`.
async fn server(clients: &Authority) -> (Server, Config) {
    let authority = Authority::new();
    let issued = authority.issue("localhost");
    let _ = clients;
    let server = Server::tls(&issued, Options::default(), |request| async move {
        let header = request.headers().get(AUTHORIZATION).map(|header| header.to_str().expect("text").to_owned());
        let code = match header {
            Some(header) if header.contains("new") || header.starts_with("Basic ") || header.contains('.') => 200,
            _ => 401,
        };
        Response::builder().status(code).body(Body::from("{}")).expect("a response")
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.exec_options.stderr = ExecStderr::InError;
    (server, config)
}

/// Uses it for requests and upgrades, as often as a credential is replaced.
async fn use_up(config: &Config, log: &Everything) -> Vec<u16> {
    log.show(config);
    log.show(&config.credentials);
    let mut codes = Vec::new();
    for build in [from_config, upgrades_from_config] {
        let service = match build(config) {
            Ok(service) => service,
            Err(error) => {
                log.error(&error);
                continue;
            }
        };
        for _ in 0..2 {
            match send(&service, get("/api/v1/pods")).await {
                Ok(response) => {
                    log.show(&response);
                    codes.push(response.status().as_u16());
                }
                Err(error) => {
                    log.error(&*error);
                    codes.push(0);
                }
            }
        }
    }
    let client = Client::new(config);
    if let Ok(client) = &client {
        log.show(client);
        if let Err(error) = client.get_text("/version", "application/json").await {
            log.error(&error);
            log.show(&error.auth_error());
        }
    }
    log.show(&ClientBuilder::from_config(config).map_err(|error| log.error(&error)));
    log.show(&layers::AuthLayer::new(config).map(|layer| tower::Layer::layer(&layer, 1)));
    codes
}

fn exec(plugin: &Plugin) -> ExecConfig {
    let mut exec = plugin.exec();
    exec.args.push("--password=sesame-arg".to_owned());
    exec.env.push(ExecEnv { name: "KEY".to_owned(), value: "sesame-env".into() });
    exec.provide_cluster_info = true;
    exec.cluster = Some(Box::new(ExecCluster {
        proxy_url: Some("http://ann:sesame-proxy@proxy.example".into()),
        config: Some(serde_json::json!({"key": "sesame-config"})),
        ..ExecCluster::default()
    }));
    exec
}

#[tokio::test]
async fn no_secret_is_shown_in_any_log_error_or_debug_of_any_way_to_log_in() {
    const NAME: &str = "no_secret_is_shown_in_any_log_error_or_debug_of_any_way_to_log_in";
    if !is_child() {
        let (stdout, stderr) = in_a_process(module_path!(), NAME, false, &[]).expect("no terminal is needed");
        assert!(!format!("{stdout}{stderr}").contains(MARK), "{stdout}{stderr}");
        assert!(stdout.contains("searched"), "the test ran: {stdout}");
        return;
    }
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).expect("the only one in this process");
    let clients = Authority::new();
    let issued = clients.issue("ann");
    // What a key's text looks like nowhere else.
    let key = issued.key.lines().nth(1).expect("base64").to_owned();
    let (_server, base) = server(&clients).await;
    let with = |credentials: Credentials| {
        let mut config = base.clone();
        config.credentials = credentials;
        config
    };

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "sesame-new-file").expect("a file");
    let token_file = |fallback: Option<&str>, path: &str| Credentials::TokenFile {
        path: folder.path().join(path),
        fallback: fallback.map(Into::into),
    };
    let fixed = [
        (Credentials::Token("sesame-new".into()), vec![200; 4]),
        (Credentials::Token("sesame-old".into()), vec![401; 4]),
        (Credentials::Token("sesame\nbroken".into()), vec![]),
        (Credentials::Basic { username: "ann".into(), password: "sesame-basic".into() }, vec![200; 4]),
        (token_file(None, "token"), vec![200; 4]),
        (token_file(Some("sesame-old-fallback"), "missing"), vec![401; 4]),
        (token_file(None, "missing"), vec![0; 4]),
    ];
    for (credentials, expected) in fixed {
        assert_eq!(use_up(&with(credentials), &log).await, expected);
    }

    // A plugin: a token and a certificate, of which the first token is refused; then all that it can do wrong.
    let plugin = Plugin::new(
        "echo words: sesame-env >&2; [ -e \"$DIR/second\" ] && { cat \"$DIR/second\"; exit 0; }; touch \"$DIR/second.tmp\"; cat \"$DIR/answer\"; mv \"$DIR/next-answer\" \"$DIR/second\"; exit 0",
    );
    let both = |token: &str| {
        answer(
            serde_json::json!({"token": token, "clientCertificateData": issued.certificate, "clientKeyData": issued.key}),
        )
    };
    plugin.answers(&both("sesame-old"));
    std::fs::write(plugin.path("next-answer"), both("sesame-new")).expect("a file");
    assert_eq!(use_up(&with(Credentials::Exec(Box::new(exec(&plugin)))), &log).await, vec![200; 4]);
    let wrong = [
        ("echo words: sesame-env eyJhbGciOiJIUzI1NiJ9.sesame.sesame >&2; echo sesame-out; exit 1", token("sesame")),
        ("", "sesame".to_owned()),
        ("", token("sesame").replace("ExecCredential", "sesame")),
        ("", token("sesame\nbroken")),
        ("", answer(serde_json::json!({"clientCertificateData": issued.certificate, "clientKeyData": "sesame"}))),
        ("", answer(serde_json::json!({"clientCertificateData": "sesame", "clientKeyData": issued.key}))),
        (
            "cat \"$DIR/plugin.sh\" >&2; printf '%s' \"$KUBERNETES_EXEC_INFO\" >/dev/null; exec sleep 1000",
            token("sesame"),
        ),
    ];
    for (script, output) in wrong {
        let plugin = Plugin::new(script);
        plugin.answers(&output);
        let mut config = with(Credentials::Exec(Box::new(exec(&plugin))));
        if script.contains("sleep") {
            config.exec_options.timeout = Some(Duration::from_millis(300));
        }
        assert_eq!(use_up(&config, &log).await, vec![0; 4], "{script}");
    }

    // OpenID Connect: refreshed, stored in vain, and refused.
    let marked = |user: &str| id_token(&format!("sesame-{user}"), -60);
    let provider = Provider::start().await;
    let mut oidc = provider.oidc(Some(&marked("new")), Some("refresh-1"));
    oidc.client_secret = Some("sesame-client".into());
    let kubeconfig = "users: [{name: ann, user: {token: sesame-1, auth-provider: {name: oidc, config: {id-token: sesame-2, refresh-token: sesame-3}}, exec: {command: x, args: [sesame-4], env: [{name: A, value: sesame-5}]}}}]";
    std::fs::write(folder.path().join("config"), kubeconfig).expect("a file");
    oidc.store = Some(OidcStore { file: folder.path().join("config"), user: "nobody".to_owned() });
    assert_eq!(use_up(&with(Credentials::Oidc(Box::new(oidc))), &log).await, vec![200; 4]);
    for refresh in [Some("sesame-refresh"), None] {
        let oidc = provider.oidc(Some(&marked("old")), refresh);
        assert_eq!(use_up(&with(Credentials::Oidc(Box::new(oidc))), &log).await, vec![0; 4]);
    }

    // A source of the program's own.
    let count = std::sync::atomic::AtomicUsize::new(0);
    let source = Credentials::source(move || {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        async move { Ok(Credential::token(if first { "sesame-old" } else { "sesame-new" })) }
    });
    assert_eq!(use_up(&with(source), &log).await, vec![200; 4]);

    // What else holds a secret.
    let identity = ClientIdentity { certificate: Pem::from_bytes("sesame"), key: Pem::from_bytes("sesame") };
    log.show(&identity);
    log.show(&SecretString::from("sesame"));
    log.show(&Credential::token("sesame").with_client_certificate(identity));
    log.show(&Kubeconfig::read(folder.path().join("config")));

    let text = log.0.lock().expect("not poisoned").clone();
    for target in ["kubewright", "h2", "rustls"] {
        println!("{target}: {} lines", text.lines().filter(|line| line.starts_with(target)).count());
    }
    assert!(text.lines().filter(|line| line.starts_with("kubewright")).count() > 100, "it is logged");
    for secret in [MARK, key.as_str(), "c2VzYW1l"] {
        let found = text.lines().find(|line| line.contains(secret)).map(|line| line.replace(secret, "FOUND"));
        assert!(found.is_none(), "{found:?}");
    }
    println!("searched {} bytes", text.len());
}
