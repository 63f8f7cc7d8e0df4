#!/usr/bin/env bash
# kube 5.0.0 (Rust): how often the exec plugin of a kubeconfig runs.
#
# One would guess: once for a client, as client-go does, whose token stays until it expires or the server says 401.
#
# Seen: making one client runs the command three times; ten requests after that run it no more, though each of them is
# answered with 401.
#
# So a command that asks its user for something asks three times, and one whose token was revoked early needs a new client.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
k8s-openapi = { version = "=0.29.0", features = ["v1_37"] }
kube = "=5.0.0"
tokio = { version = "1", features = ["io-util", "macros", "net", "rt"] }
TOML
cat > src/main.rs <<'RS'
use k8s_openapi::api::core::v1::Namespace;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn runs(log: &str) -> usize {
    std::fs::read_to_string(log).unwrap_or_default().lines().count()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // A server that knows no token.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}"#;
                    let head = format!("HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
                    if stream.write_all((head + body).as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });

    let log = "runs";
    let plugin = format!(
        r#"echo run >> {log}; echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"t"}}}}'"#
    );
    let plugin = plugin.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        r#"{{"apiVersion":"v1","kind":"Config","current-context":"x","contexts":[{{"name":"x","context":{{"cluster":"c","user":"u"}}}}],
        "clusters":[{{"name":"c","cluster":{{"server":"http://127.0.0.1:{port}"}}}}],"users":[{{"name":"u","user":{{"exec":{{
        "apiVersion":"client.authentication.k8s.io/v1","command":"sh","args":["-c","{plugin}"],"interactiveMode":"Never"}}}}}}]}}"#
    );
    let kubeconfig = Kubeconfig::from_yaml(&text).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a configuration");
    println!("runs for the configuration: {}", runs(log));
    let client = Client::try_from(config).expect("a client");
    println!("runs once the client is made: {}", runs(log));
    let namespaces: Api<Namespace> = Api::all(client);
    for _ in 0..10 {
        namespaces.get("default").await.expect_err("401");
    }
    println!("runs after ten requests that were answered with 401: {}", runs(log));
}
RS
cargo run --quiet | tee seen
diff seen - <<'SEEN'
runs for the configuration: 0
runs once the client is made: 3
runs after ten requests that were answered with 401: 3
SEEN
echo "as stated"
