//! `Client::try_default`, from the environment of a process to the request that a server gets.
//!
//! The test runs itself as another process, since the environment belongs to the whole process.
#![allow(missing_docs)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;

use kubewright_runtime::Client;
use support::api;

const INSIDE: &str = "KUBEWRIGHT_TEST_INSIDE";

#[test]
fn a_default_client_asks_the_cluster_of_the_kubeconfig_in_its_namespace() {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        return runtime.block_on(inside());
    }
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("config");
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: 'http://{address}/prefix'}}}}]\n\
         contexts: [{{name: x, context: {{cluster: c, namespace: shop}}}}]\n\
         current-context: x\n"
    );
    std::fs::write(&kubeconfig, text).expect("a file");
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_default_client_asks_the_cluster_of_the_kubeconfig_in_its_namespace"])
        .env("KUBECONFIG", &kubeconfig)
        .env(INSIDE, "")
        .env("NO_PROXY", "127.0.0.1")
        .env_remove("KUBERNETES_SERVICE_HOST")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it is run");
    let asked = std::thread::spawn(move || {
        let (mut connection, _) = server.accept().expect("a connection");
        let mut lines = BufReader::new(&connection).lines();
        let request = lines.next().expect("a request").expect("text");
        // The headers, up to the empty line.
        while lines.next().is_some_and(|line| !line.expect("text").is_empty()) {}
        let status = r#"{"kind":"Status","status":"Failure","reason":"NotFound","code":404}"#;
        let head = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\nconnection: close\r\n";
        write!(connection, "{head}content-length: {}\r\n\r\n{status}", status.len()).expect("it is read");
        request
    });
    let output = child.wait_with_output().expect("it ends");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
    let request = asked.join().expect("a request");
    assert_eq!(request, "GET /prefix/apis/stable.example.com/v1/namespaces/shop/crontabs/a HTTP/1.1");
}

async fn inside() {
    let client = Client::try_default().await.expect("a usable kubeconfig");
    assert_eq!(client.default_namespace(), "shop");
    let error = api(&client).get("a").await.expect_err("404");
    assert!(error.is_not_found(), "{error:?}");
}
