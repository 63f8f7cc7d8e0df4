//! Over plain `http` nothing secret of a kubeconfig is sent, as by client-go; what the program itself sets is.
#![allow(missing_docs)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use kubewright_runtime::Client;
use kubewright_runtime::config::{Config, Credentials, Kubeconfig, KubeconfigOptions};

/// A server that hands over the heads of its requests, in small letters, and answers each with a version.
fn server() -> (String, mpsc::Receiver<Vec<String>>) {
    const BODY: &str = r#"{"major":"1","minor":"37","gitVersion":"v1.37.1"}"#;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, heads) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
            let head: Vec<String> = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .map(|line| line.to_lowercase())
                .collect();
            let length = BODY.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{BODY}"
            );
            stream.write_all(answer.as_bytes()).expect("an answer");
            if sender.send(head).is_err() {
                return;
            }
        }
    });
    (url, heads)
}

/// What the server gets of a configuration.
async fn sent(config: &Config, heads: &mpsc::Receiver<Vec<String>>) -> Vec<String> {
    let client = Client::new(config).expect("a client");
    client.server_version().await.expect("a version");
    heads.recv().expect("a request")
}

fn kubeconfig(url: &str, cluster: &str, user: &str) -> Kubeconfig {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n  - name: c\n    cluster: {{server: {url:?}{cluster}}}\n\
         contexts:\n  - name: c\n    context: {{cluster: c, user: u}}\nusers:\n  - name: u\n    user: {{{user}}}\n"
    );
    Kubeconfig::from_yaml(&text).expect("a kubeconfig")
}

fn config(url: &str, cluster: &str, user: &str) -> Config {
    Config::from_kubeconfig(&kubeconfig(url, cluster, user), &KubeconfigOptions::default())
        .unwrap_or_else(|error| panic!("{user}: {error}"))
}

#[tokio::test]
async fn credentials_of_a_kubeconfig_are_not_sent_in_clear_text_and_no_plugin_is_run() {
    let (url, heads) = server();
    let folder = tempfile::tempdir().expect("a folder");
    let ran = folder.path().join("ran");
    let touch = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, command: touch, args: [{:?}], interactiveMode: Never}}",
        ran.display().to_string()
    );
    for user in [
        "username: ann, password: not-a-secret",
        "token: not-a-secret-token",
        "tokenFile: /nonexistent/token",
        "client-certificate-data: eA==, client-key-data: eA==",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /nonexistent/login, interactiveMode: Never}",
        "auth-provider: {name: gcp}",
        &touch,
    ] {
        let head = sent(&config(&url, "", user), &heads).await;
        assert!(head[0].starts_with("get /version "), "{head:?}");
        assert!(
            !head.iter().any(|line| line.starts_with("authorization:") || line.contains("secret")),
            "{user}: {head:?}"
        );
    }
    assert!(!ran.exists(), "the plugin was run");
    // It would have left that trace: it does when it is run as the kubeconfig says.
    let plugin = kubeconfig(&url, "", &touch).users[0].user.exec.clone().expect("a plugin");
    let status = Command::new(&plugin.command).args(&plugin.args).status().expect("it is run");
    assert!(status.success() && ran.exists(), "the plugin leaves no trace");
}

#[tokio::test]
async fn whom_to_act_as_is_sent_in_clear_text() {
    let (url, heads) = server();
    let user = "token: not-a-secret-token, as: bob, as-groups: [dev]";
    let head = sent(&config(&url, "", user), &heads).await;
    for line in ["impersonate-user: bob", "impersonate-group: dev"] {
        assert!(head.iter().any(|sent| sent == line), "{head:?}");
    }
    assert!(!head.iter().any(|line| line.starts_with("authorization:")), "{head:?}");
}

#[tokio::test]
async fn certificate_authorities_mean_nothing_over_plain_http() {
    let (url, heads) = server();
    for cluster in [", certificate-authority-data: eA==", ", insecure-skip-tls-verify: true", ", tls-server-name: x"] {
        let config = config(&url, cluster, "token: not-a-secret-token");
        assert_eq!((&config.ca, config.insecure_skip_tls_verify), (&None, false));
        sent(&config, &heads).await;
    }
}

#[tokio::test]
async fn a_token_that_the_program_sets_itself_is_sent_in_clear_text() {
    let (url, heads) = server();
    let mut config = config(&url, "", "token: of-the-kubeconfig");
    assert_eq!(config.credentials, Credentials::None);
    config.credentials = Credentials::Token("of-the-program".into());
    let head = sent(&config, &heads).await;
    assert!(head.iter().any(|line| line == "authorization: bearer of-the-program"), "{head:?}");
}

#[test]
fn over_https_a_command_is_there_to_be_run() {
    let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Never}";
    let config = config("https://c", "", exec);
    assert!(matches!(config.credentials, Credentials::Exec(_)), "{config:?}");
}
