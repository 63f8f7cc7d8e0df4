//! A fake cluster on a port: for clients in other processes, over TLS, with a kubeconfig.
#![allow(missing_docs)]

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use futures_util::TryStreamExt as _;
use kubewright::WatchEvent;
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright_fake::{FakeCluster, FakeListener, Verb};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

fn config_map(name: &str, value: &str) -> ConfigMap {
    let mut config_map = ConfigMap { metadata: ObjectMeta::named(name), ..Default::default() };
    config_map.data.insert("key", value);
    config_map
}

/// A cluster, what listens for it, and a client by its kubeconfig.
async fn listening() -> (FakeCluster, FakeListener, Client) {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let listener = cluster.listen().await.expect("a listener");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    listener.write_kubeconfig(&kubeconfig).expect("a kubeconfig");
    let client = kubewright_tests::client(&kubeconfig);
    (cluster, listener, client)
}

/// What the kubeconfig has under a name.
fn value<'k>(listener: &'k FakeListener, name: &str) -> &'k str {
    let line = listener.kubeconfig().lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
    line.expect("a value")
}

/// Sends a GET over HTTP/1.1, and returns the head and the body of the answer.
async fn get(listener: &FakeListener, path: &str, headers: &[&str]) -> (String, Vec<u8>) {
    let authority = STANDARD.decode(value(listener, "certificate-authority-data")).expect("base64");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&authority).expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = tokio::net::TcpStream::connect(listener.address()).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS");
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}

fn bearer(listener: &FakeListener) -> String {
    format!("Authorization: Bearer {}", value(listener, "token"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_the_kubeconfig_and_one_in_the_process_see_the_same_objects() {
    let (cluster, _listener, remote) = listening().await;
    let (here, there) = (cluster.client().core_v1().config_maps("default"), remote.core_v1().config_maps("default"));
    let created = there.create(&config_map("a", "1")).await.expect("created");
    assert_eq!(here.get("a").await.expect("it is there"), created);

    let version = created.metadata.resource_version.as_deref().expect("a version");
    let mut events = there.watch().resource_version(version).await.expect("a watch");
    here.create(&config_map("b", "2")).await.expect("created");
    let event = events.try_next().await.expect("no error").expect("an event");
    assert!(matches!(&event, WatchEvent::Added(added) if added.metadata.name.as_deref() == Some("b")), "{event:?}");
    here.delete("b").await.expect("deleted");
    let event = events.try_next().await.expect("no error").expect("an event");
    assert!(matches!(event, WatchEvent::Deleted(_)), "{event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_is_spoken_too_and_only_with_the_token() {
    let (_cluster, listener, _) = listening().await;
    let (head, body) = get(&listener, "/api/v1/namespaces/default", &[&bearer(&listener)]).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let namespace: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(namespace["status"]["phase"], "Active");

    for headers in [&[][..], &["Authorization: Bearer wrong"][..]] {
        let (head, body) = get(&listener, "/api/v1/namespaces", headers).await;
        assert!(head.starts_with("http/1.1 401"), "{head}");
        assert!(String::from_utf8_lossy(&body).contains(r#""reason":"Unauthorized""#), "{body:?}");
    }
    let (head, _) = get(&listener, "/readyz", &[]).await;
    assert!(head.starts_with("http/1.1 200"), "health is anybody's: {head}");
    assert!(!format!("{listener:?}").contains(value(&listener, "token")), "the token is a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_a_kubeconfig_and_may_do_what_roles_allow() {
    let (cluster, listener, admin) = listening().await;
    let folder = tempfile::tempdir().expect("a folder");
    let account = cluster.as_service_account("kube-system", "web");
    let text = listener.kubeconfig_for(&account);
    assert_eq!(text, listener.kubeconfig_for(&account), "the token stays");
    assert_ne!(text, listener.kubeconfig_for(&cluster.as_user("jane")));
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, &text).expect("written");
    let client = kubewright_tests::client(&kubeconfig);
    assert_eq!(client.default_namespace(), "kube-system");
    let refused = client.core_v1().config_maps("kube-system").list().await.expect_err("no role");
    assert!(refused.to_string().contains(r#"User "system:serviceaccount:kube-system:web" cannot list"#), "{refused}");

    let binding = r#"{
        "metadata": {"name": "web"}, "roleRef": {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "kube-system"}]
    }"#;
    let binding: kubewright::rbac::v1::RoleBinding = kubewright::json::from_str(binding).expect("a binding");
    admin.rbac_v1().role_bindings("kube-system").create(&binding).await.expect("created");
    client.core_v1().config_maps("kube-system").list().await.expect("view allows it");
    cluster.requests().by("system:serviceaccount:kube-system:web").of("configmaps").assert_count(2);
}

/// A client of a kubeconfig.
fn of_kubeconfig(text: &str) -> Client {
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, text).expect("written");
    kubewright_tests::client(&kubeconfig)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_says_who_its_user_is() {
    let (cluster, listener, _) = listening().await;
    let jane = cluster.as_user("jane").groups(["shop", "ops"]);
    let text = listener.kubeconfig_with_certificate(&jane).expect("a certificate");
    assert!(text.contains("client-certificate-data: ") && !text.contains("token"));
    let client = of_kubeconfig(&text);
    let review = client.authentication_v1().self_subject_reviews().create(&Default::default()).await.expect("a review");
    let user = review.status.user_info;
    assert_eq!(user.username.as_deref(), Some("jane"));
    assert_eq!(user.groups, ["shop", "ops", "system:authenticated"]);
    let id = user.extra.get("authentication.kubernetes.io/credential-id").expect("an id");
    assert!(id[0].starts_with("X509SHA256=") && id[0].len() == 11 + 64, "{id:?}");
    let refused = client.core_v1().config_maps("default").list().await.expect_err("no role");
    assert!(refused.is_forbidden() && refused.to_string().contains(r#"User "jane" cannot list"#), "{refused}");

    let account = listener.kubeconfig_with_certificate(&cluster.as_service_account("shop", "web")).expect("two groups");
    assert_eq!(of_kubeconfig(&account).default_namespace(), "shop");
    for other in [cluster.as_anonymous(), cluster.as_user("a").uid("1"), cluster.as_user("a").groups(["b", "c", "d"])] {
        let error = listener.kubeconfig_with_certificate(&other).expect_err("no such certificate");
        assert!(error.to_string().contains("no certificate is of"), "{error}");
    }
    // Another authority has signed it.
    let elsewhere = cluster.listen().await.expect("a port");
    let text = text.replace(&listener.url(), &elsewhere.url());
    let authority = |listener: &FakeListener| value(listener, "certificate-authority-data").to_owned();
    let client = of_kubeconfig(&text.replace(&authority(&listener), &authority(&elsewhere)));
    assert!(client.core_v1().config_maps("default").list().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_service_account_is_accepted_while_the_account_is_there() {
    let (_cluster, listener, admin) = listening().await;
    let accounts = admin.core_v1().service_accounts("default");
    let account: kubewright::core::v1::ServiceAccount =
        kubewright::json::from_str(r#"{"metadata": {"name": "web"}}"#).expect("an account");
    accounts.create(&account).await.expect("created");
    let token = accounts.create_token("web", &Default::default()).await.expect("a token").status;
    let bearer = format!("Authorization: Bearer {}", token.token.as_str());
    let (head, _) = get(&listener, "/api/v1/namespaces/default/configmaps", &[&bearer]).await;
    assert!(head.starts_with("http/1.1 403"), "it is known, and has no role: {head}");
    accounts.delete("web").await.expect("deleted");
    let (head, _) = get(&listener, "/api/v1/namespaces/default/configmaps", &[&bearer]).await;
    assert!(head.starts_with("http/1.1 401"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_answers_are_compressed_for_those_who_accept_it() {
    let (cluster, listener, _) = listening().await;
    let config_maps = cluster.client().core_v1().config_maps("default");
    config_maps.create(&config_map("small", "1")).await.expect("created");
    let token = bearer(&listener);
    let gzip = [token.as_str(), "Accept-Encoding: gzip"];
    let list = "/api/v1/namespaces/default/configmaps";
    let (head, _) = get(&listener, list, &gzip).await;
    assert!(!head.contains("content-encoding"), "a small one is not: {head}");

    config_maps.create(&config_map("large", &"x".repeat(200_000))).await.expect("created");
    let (head, plain) = get(&listener, list, &gzip[..1]).await;
    assert!(!head.contains("content-encoding") && plain.len() > 200_000, "{head}");
    let (head, packed) = get(&listener, list, &gzip).await;
    assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{head}");
    assert!(packed.len() < 10_000, "{}", packed.len());
    assert_eq!(unpacked(&packed), plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_with_initial_events_are_compressed_and_others_are_not() {
    let (cluster, listener, _) = listening().await;
    cluster.client().core_v1().config_maps("default").create(&config_map("a", "1")).await.expect("created");
    let token = bearer(&listener);
    let gzip = [token.as_str(), "Accept-Encoding: gzip"];
    let watch = "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1&allowWatchBookmarks=1";
    let (head, _) = get(&listener, watch, &gzip).await;
    assert!(!head.contains("content-encoding"), "{head}");
    let initial = format!("{watch}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    let (head, body) = get(&listener, &initial, &gzip).await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let text = String::from_utf8(unpacked(&dechunked(&body))).expect("text");
    let kinds: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an event")["type"].to_string())
        .collect();
    assert_eq!(kinds, [r#""ADDED""#, r#""BOOKMARK""#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_through_the_port_are_recorded_and_meet_faults() {
    let (cluster, _listener, remote) = listening().await;
    let config_maps = remote.core_v1().config_maps("default");
    cluster.faults().on(Verb::Create).of("configmaps").internal_error();
    cluster.faults().on(Verb::Get).of("configmaps").refuse();
    let refused = config_maps.create(&config_map("a", "1")).await.expect_err("a fault");
    assert_eq!(refused.code().map(|code| code.as_u16()), Some(500), "{refused}");
    config_maps.create(&config_map("a", "1")).await.expect("created");
    config_maps.get("a").await.expect("the client tries again");
    assert!(cluster.faults().is_done());

    let requests = cluster.requests();
    let creations = requests.with(Verb::Create);
    creations.assert_count(2);
    assert_eq!(creations[1].json()["data"]["key"], "1");
    requests.with(Verb::Get).named("a").assert_count(2);
    assert!(!format!("{requests:?}").contains("Bearer"), "credentials are not recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_a_fault_ends_is_not_compressed_so_that_its_events_are_counted() {
    let (cluster, listener, _) = listening().await;
    cluster.client().core_v1().config_maps("default").create(&config_map("a", "1")).await.expect("created");
    cluster.faults().on(Verb::Watch).expire_after(1);
    let path = "/api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let (head, body) = get(&listener, path, &[&bearer(&listener), "Accept-Encoding: gzip"]).await;
    assert!(!head.contains("content-encoding"), "{head}");
    let text = String::from_utf8(dechunked(&body)).expect("text");
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds, ["ADDED", "ERROR"]);
    assert_eq!(events[1]["object"]["code"], 410);
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(packed).read_to_end(&mut plain).expect("gzip");
    plain
}

/// The content of a body in chunks.
fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n").expect("a size");
        let size = std::str::from_utf8(&body[..end]).expect("text");
        let size = usize::from_str_radix(size, 16).expect("a number");
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_is_dropped_closes_its_connections_and_its_port() {
    let (_cluster, listener, client) = listening().await;
    let address: SocketAddr = listener.address();
    let mut events = client.core_v1().namespaces().watch().await.expect("a watch");
    events.try_next().await.expect("no error").expect("an event of the start");
    drop(listener);
    while let Ok(Some(_)) = events.try_next().await {}
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_listener_leaves_its_port_to_another() {
    let (cluster, listener, _) = listening().await;
    let port = listener.address().port();
    let taken = cluster.listen_on(port).await.expect_err("it is in use");
    assert_eq!(taken.to_string(), format!("cannot listen on 127.0.0.1:{port}"));
    listener.close().await;
    cluster.listen_on(port).await.expect("it is free").close().await;
}

#[tokio::test]
async fn the_kubeconfig_of_a_user_is_not_overwritten() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let (one, other) = (cluster.listen().await.expect("a listener"), cluster.listen().await.expect("a listener"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    one.write_kubeconfig(&file).expect("written");
    other.write_kubeconfig(&file).expect("an earlier one is replaced");
    let read = |file: &Path| std::fs::read_to_string(file).expect("a file");
    assert_eq!(read(&file), other.kubeconfig());
    std::fs::write(&file, "apiVersion: v1\nkind: Config\n").expect("written");
    let error = one.write_kubeconfig(&file).expect_err("it is another one's");
    assert!(error.to_string().contains("is not the kubeconfig of a fake cluster"), "{error}");
    assert_eq!(read(&file), "apiVersion: v1\nkind: Config\n");
}

#[tokio::test]
async fn saved_objects_are_there_again_and_their_history_is_not() {
    const CRD: &str = include_str!("../crds/webshops.yaml");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("objects");
    let builder = || FakeCluster::builder().crd(CRD).expect("a CRD");
    let cluster = builder().build().expect("a cluster");
    let config_maps = cluster.client().core_v1().config_maps("default");
    let first = config_maps.create(&config_map("a", "1")).await.expect("created");
    config_maps.create(&config_map("b", "1")).await.expect("created");
    cluster.save(&file).expect("saved");

    let again = builder().load(&file).expect("a file").build().expect("a cluster");
    assert_eq!(again.resource_version(), cluster.resource_version());
    let client = again.client();
    assert_eq!(client.core_v1().config_maps("default").get("a").await.expect("it is there"), first);
    let shops = "/apis/demo.kubewright.dev/v1/namespaces/default/webshops";
    client.get_text(shops, "application/json").await.expect("the CRD is there");
    let version = first.metadata.resource_version.as_deref().expect("a version");
    let config_maps = client.core_v1().config_maps("default");
    let mut events = config_maps.watch().resource_version(version).await.expect("a watch");
    let error = events.try_next().await.expect_err("that is too long ago");
    assert!(error.is_expired(), "{error}");

    std::fs::write(&file, "{}").expect("written");
    let error = builder().load(&file).expect_err("another file");
    assert!(error.to_string().contains("does not have the format"), "{error}");
}
