//! Logging in at a real API server: by exec plugins, by OpenID Connect, and again when it revokes what it took before.
#![allow(missing_docs)]
#![cfg(unix)]

#[path = "authentication/plugin.rs"]
mod plugin;
#[path = "authentication/provider.rs"]
mod provider;

use std::time::{Duration, SystemTime};

use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{Container, Pod, PodSpec, ServiceAccount};
use kubewright::rbac::v1::{ClusterRoleBinding, RoleRef, Subject};
use kubewright_ops::prelude::*;
use kubewright_runtime::Client;
use kubewright_runtime::config::{Config, Credentials, Kubeconfig};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::transport::Body;
use kubewright_runtime::types::Time;
use kubewright_testbed::{Cluster, Options, kubelet_or_skip, or_skip};
use plugin::{Plugin, answer};
use provider::Provider;
use serde_json::{Value, json};

/// Who the API server says that the client is; else the status of its refusal.
async fn whoami(client: &Client) -> Result<String, StatusCode> {
    let review = r#"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#;
    let request = Request::post("/apis/authentication.k8s.io/v1/selfsubjectreviews")
        .header("content-type", "application/json")
        .body(Body::from(review))
        .expect("a request");
    let response = client.send(request).await.expect("a response");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    if status != StatusCode::CREATED {
        return Err(status);
    }
    let review: Value = serde_json::from_slice(&body).expect("JSON");
    Ok(review["status"]["userInfo"]["username"].as_str().expect("a name").to_owned())
}

/// A client with these credentials in place of the administrator's certificate.
fn config_with(admin: &Config, credentials: Credentials) -> Config {
    let mut config = admin.clone();
    config.client_identity = None;
    config.credentials = credentials;
    config
}

fn client_with(admin: &Config, credentials: Credentials) -> Client {
    Client::new(&config_with(admin, credentials)).expect("a client")
}

#[tokio::test]
async fn a_token_that_the_server_revokes_is_replaced_and_the_request_repeated_also_that_of_an_exec() {
    let Some(bed) = kubelet_or_skip() else { return };
    let admin = kubewright_tests::config(bed.kubeconfig());
    let namespace = "authentication-revoked";
    let client = Client::new(&admin).expect("a client");
    kubewright_tests::namespace(&client, namespace).await;
    let pods = client.core_v1().pods(namespace);
    let container = Container { name: "main".into(), image: Some("example.com/web:1".into()), ..Default::default() };
    let pod = Pod {
        metadata: ObjectMeta::named("web"),
        spec: PodSpec { node_name: Some("node-1".into()), containers: vec![container], ..Default::default() },
        ..Default::default()
    };
    if let Err(error) = pods.create(&pod).await {
        assert!(error.is_already_exists(), "{error}");
    }
    pods.wait("web").until(kubewright_ops::wait::pod_running).await.expect("a pod that runs");

    // The token of an account that may do everything; when the account is gone, it is worth nothing.
    let accounts = client.core_v1().service_accounts(namespace);
    let token_of = async |name: &str| {
        let account = ServiceAccount { metadata: ObjectMeta::named(name), ..Default::default() };
        accounts.create(&account).await.expect("an account");
        let subject = Subject {
            kind: "ServiceAccount".into(),
            name: name.into(),
            namespace: Some(namespace.into()),
            ..Default::default()
        };
        let binding = ClusterRoleBinding {
            metadata: ObjectMeta::named(format!("{namespace}-{name}")),
            role_ref: RoleRef {
                api_group: "rbac.authorization.k8s.io".into(),
                kind: "ClusterRole".into(),
                name: "cluster-admin".into(),
                ..Default::default()
            },
            subjects: vec![subject],
            ..Default::default()
        };
        if let Err(error) = client.rbac_v1().cluster_role_bindings().create(&binding).await {
            assert!(error.is_already_exists(), "{error}");
        }
        accounts.token(name).await.expect("a token").token.to_string()
    };
    let unused = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_micros();
    let names: Vec<_> = (0..3).map(|index| format!("account-{index}-{unused}")).collect();
    let user = |index: usize| format!("system:serviceaccount:{namespace}:{}", names[index]);
    let token = |token: &str| answer(json!({ "token": token }));

    let plugin = Plugin::new();
    let first = token_of(&names[0]).await;
    plugin.answers(&token(&first));
    let client_of_plugin = client_with(&admin, Credentials::Exec(Box::new(plugin.exec())));
    assert_eq!(whoami(&client_of_plugin).await, Ok(user(0)));

    let revoke = async |name: &str, old: &str| {
        accounts.delete(name).await.expect("deleted");
        // The server remembers for some seconds that it was good.
        let old = client_with(&admin, Credentials::Token(old.into()));
        while whoami(&old).await != Err(StatusCode::UNAUTHORIZED) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let second = token_of(&names[1]).await;
    revoke(&names[0], &first).await;
    plugin.answers(&token(&second));
    assert_eq!(whoami(&client_of_plugin).await, Ok(user(1)));
    assert_eq!(plugin.runs(), 2);

    let third = token_of(&names[2]).await;
    revoke(&names[1], &second).await;
    plugin.answers(&token(&third));
    let pods = client_of_plugin.core_v1().pods(namespace);
    let output = pods.exec("web", ["echo", "hello"]).output().await.expect("output");
    assert_eq!((output.text().as_str(), plugin.runs()), ("hello\n", 3));

    // And when nothing better comes.
    revoke(&names[2], &third).await;
    let error = pods.get("web").await.expect_err("revoked");
    assert!(error.is_unauthorized(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_and_openid_connect_log_in_at_a_real_server() {
    // A cluster of its own: it trusts a provider of this process.
    let provider = Provider::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("authentication.yaml");
    std::fs::write(&file, provider.server_configuration()).expect("a file");
    let options = Options {
        nodes: 0,
        everything: false,
        apiserver_flags: vec![format!("--authentication-config={}", file.display())],
        ..Options::default()
    };
    let Some(cluster) = or_skip(tokio::task::spawn_blocking(move || Cluster::start(&options)).await.expect("no panic"))
    else {
        return;
    };
    a_client_certificate_of_a_plugin_rotates_without_a_new_client(&cluster).await;
    a_plugin_is_told_what_kubectl_tells_it(&cluster);
    an_id_token_is_refreshed_and_written_back(&cluster, &provider).await;
}

async fn a_client_certificate_of_a_plugin_rotates_without_a_new_client(cluster: &Cluster) {
    let admin = kubewright_tests::config(cluster.kubeconfig());
    let certificate = |user: &str, seconds: u64| {
        let (certificate, key) = cluster.client_certificate(user, None).expect("a certificate");
        let expires = Time::from(SystemTime::now() + Duration::from_secs(seconds)).to_string();
        answer(json!({"clientCertificateData": certificate, "clientKeyData": key, "expirationTimestamp": expires}))
    };
    let plugin = Plugin::new();
    plugin.answers(&certificate("ann", 2));
    let client = client_with(&admin, Credentials::Exec(Box::new(plugin.exec())));
    assert_eq!(whoami(&client).await, Ok("ann".to_owned()));
    // The connection of the first one is not cut off while something runs on it.
    let request = Request::get("/version?watch=no").body(Body::empty()).expect("a request");
    let running = client.send(request).await.expect("a response");
    plugin.answers(&certificate("bob", 3600));
    while whoami(&client).await != Ok("bob".to_owned()) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let body = running.into_body().collect().await.expect("the rest of the response").to_bytes();
    assert!(serde_json::from_slice::<Value>(&body).expect("JSON")["gitVersion"].is_string());
    for _ in 0..3 {
        assert_eq!(whoami(&client).await, Ok("bob".to_owned()));
    }
    assert_eq!(plugin.runs(), 2);
}

fn a_plugin_is_told_what_kubectl_tells_it(cluster: &Cluster) {
    let admin = Kubeconfig::read(cluster.kubeconfig()).expect("a kubeconfig");
    let server = admin.clusters[0].cluster.server.clone().expect("a server");
    for version in ["v1", "v1beta1"] {
        for (provided, config) in [(false, None), (true, None), (true, Some(json!({"audience": "06e3", "n": 1})))] {
            let plugin = Plugin::new();
            let (certificate, key) = cluster.client_certificate("ann", Some("system:masters")).expect("a certificate");
            let status = json!({"clientCertificateData": certificate, "clientKeyData": key});
            let printed = answer(status).replace("k8s.io/v1", &format!("k8s.io/{version}"));
            // kubectl takes YAML too.
            plugin.answers(&if provided { printed } else { format!("# a comment\n{printed}") });
            std::fs::write(plugin.path("ca.crt"), admin_authority(&admin)).expect("a file");
            let extensions = config.map(|config| {
                json!([{"name": "client.authentication.k8s.io/exec", "extension": config}, {"name": "x", "extension": {}}])
            });
            let kubeconfig = json!({
                "clusters": [{"name": "c", "cluster": {
                    // With an address that no certificate has, as long as the name is set.
                    "server": server, "certificate-authority": "ca.crt", "tls-server-name": "kubernetes",
                    "disable-compression": true, "extensions": extensions,
                }}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
                "users": [{"name": "u", "user": {"exec": {
                    "apiVersion": format!("client.authentication.k8s.io/{version}"), "command": "sh",
                    "args": [plugin.path("plugin.sh")], "env": [{"name": "DIR", "value": plugin.folder()}],
                    "provideClusterInfo": provided, "interactiveMode": "IfAvailable",
                }}}],
            });
            std::fs::write(plugin.path("config"), kubeconfig.to_string()).expect("a file");
            let info = |how: &str| {
                let text =
                    std::fs::read_to_string(plugin.path("info")).unwrap_or_else(|error| panic!("{how}: {error}"));
                serde_json::from_str::<Value>(&text).expect("JSON")
            };
            let shown = plugin.path("config").display().to_string();
            let arguments = ["--kubeconfig", shown.as_str(), "auth", "whoami", "-o", "json"];
            let by_kubectl = cluster.kubectl(&arguments).expect("kubectl");
            assert!(by_kubectl.contains("\"ann\""), "{by_kubectl}");
            let mut expected = info("kubectl");
            std::fs::remove_file(plugin.path("info")).expect("it is there");
            // Go writes a field that has nothing in it as null, which is as good as none.
            if let Some(cluster) = expected.pointer_mut("/spec/cluster").and_then(Value::as_object_mut) {
                cluster.retain(|_, value| !value.is_null());
            }

            let config = kubewright_tests::config(&plugin.path("config"));
            let client = Client::new(&config).expect("a client");
            let runtime = tokio::runtime::Handle::current();
            let name = tokio::task::block_in_place(|| runtime.block_on(whoami(&client)));
            assert_eq!(name, Ok("ann".to_owned()));
            assert_eq!(info("this"), expected, "{version} {provided}");
        }
    }
}

fn admin_authority(admin: &Kubeconfig) -> Vec<u8> {
    use base64::Engine as _;
    let data = admin.clusters[0].cluster.certificate_authority_data.clone().expect("an authority");
    base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
}

async fn an_id_token_is_refreshed_and_written_back(cluster: &Cluster, provider: &Provider) {
    let admin = kubewright_tests::config(cluster.kubeconfig());
    let token = provider.id_token("ann", 600);
    let client = client_with(&admin, Credentials::Token(token.into()));
    // The server fetches the provider's keys in the background.
    while whoami(&client).await == Err(StatusCode::UNAUTHORIZED) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(whoami(&client).await, Ok("oidc:ann".to_owned()));

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config");
    let server = Kubeconfig::read(cluster.kubeconfig()).expect("a kubeconfig").clusters.swap_remove(0);
    std::fs::write(folder.path().join("idp.crt"), provider.authority()).expect("a file");
    let kubeconfig = json!({
        "clusters": [{"name": "c", "cluster": serde_json::to_value(&server.cluster).expect("JSON")}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
        "users": [{"name": "u", "user": {"auth-provider": {"name": "oidc", "config": {
            "idp-issuer-url": provider.issuer(), "client-id": "kubewright", "client-secret": "secret",
            "idp-certificate-authority": folder.path().join("idp.crt"),
            "id-token": provider.id_token("ann", -60), "refresh-token": "refresh-0",
        }}}}],
    });
    std::fs::write(&path, kubeconfig.to_string()).expect("a file");
    let client = Client::new(&kubewright_tests::config(&path)).expect("a client");
    assert_eq!(whoami(&client).await, Ok("oidc:refreshed-0".to_owned()));
    assert_eq!(provider.refreshes(), 1);

    // What was written back is what another program finds, and the server takes it.
    let stored = || {
        let kubeconfig = Kubeconfig::read(&path).expect("a kubeconfig");
        kubeconfig.users[0].user.auth_provider.clone().expect("a provider")
    };
    let written = stored().get("id-token").expect("a token").clone();
    assert_eq!(whoami(&client_with(&admin, Credentials::Token(written))).await, Ok("oidc:refreshed-0".to_owned()));
    assert_eq!(stored().get("refresh-token").expect("a token").expose(), "refresh-1");
    let client = Client::new(&kubewright_tests::config(&path)).expect("a client");
    assert_eq!((whoami(&client).await, provider.refreshes()), (Ok("oidc:refreshed-0".to_owned()), 1));
}
