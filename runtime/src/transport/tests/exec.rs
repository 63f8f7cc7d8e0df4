//! Exec plugins: shell scripts, run by the whole stack.

use std::process::Command;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONNECTION, UPGRADE};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::own_process::{in_a_process, is_child};
use super::plugin::{Plugin, answer, is_alive, token, until};
use super::server::{Authority, Issued, Options, Presented, Server};
use super::*;
use crate::auth::AuthError;
use crate::config::{
    Config, Credentials, ExecCluster, ExecConfig, ExecEnv, ExecPolicy, ExecStderr, InteractiveMode, Kubeconfig,
    KubeconfigOptions, Pem,
};
use crate::types::Time;

fn service(config: &Config, script: &Script) -> HttpService {
    stack(config, script.service()).expect("a good configuration")
}

fn code(code: u16) -> Answer {
    Ok(Response::builder().status(code).body(Body::empty()).expect("a response"))
}

fn tokens(script: &Script) -> Vec<String> {
    let header = |request: &Request<Bytes>| match request.headers().get(AUTHORIZATION) {
        Some(value) => value.to_str().expect("text").replace("Bearer ", ""),
        None => "none".to_owned(),
    };
    script.requests().iter().map(header).collect()
}

async fn failure(config: &Config) -> AuthError {
    let script = Script::default();
    let error = send(&service(config, &script), get("/")).await.expect_err("no credentials");
    assert!(script.requests().is_empty(), "nothing is sent without credentials");
    AuthError::find(&*error).expect("an AuthError").clone()
}

fn exec(config: &mut Config) -> &mut ExecConfig {
    match &mut config.credentials {
        Credentials::Exec(exec) => exec,
        _ => unreachable!("the test made them so"),
    }
}

#[tokio::test]
async fn a_plugin_gets_its_arguments_its_variables_and_what_it_is_to_know_and_no_input() {
    for version in [ExecConfig::V1, ExecConfig::V1BETA1] {
        for provided in [false, true] {
            let note = r#"printf %s "$KUBERNETES_EXEC_INFO" > "$DIR/info"; echo "$1|$FLAVOUR|${HOME:-none}" > "$DIR/said"; wc -c > "$DIR/input""#;
            let plugin = Plugin::new(note);
            plugin.answers(&token("one").replace(ExecConfig::V1, version));
            let mut config = plugin.config();
            let exec = exec(&mut config);
            exec.api_version = Some(version.to_owned());
            exec.args.push("a b".to_owned());
            exec.env.push(ExecEnv { name: "FLAVOUR".to_owned(), value: "plum".into() });
            // What is set here is not what counts.
            exec.env.push(ExecEnv { name: "KUBERNETES_EXEC_INFO".to_owned(), value: "mine".into() });
            exec.provide_cluster_info = provided;
            exec.cluster = Some(Box::new(ExecCluster {
                server: "https://server.example:6443".to_owned(),
                tls_server_name: Some("name".to_owned()),
                certificate_authority_data: Some(Pem::from_bytes("PEM")),
                config: Some(json!({"audience": "06e3"})),
                ..ExecCluster::default()
            }));
            let script = Script::default();
            send(&service(&config, &script), get("/")).await.expect("a response");
            assert_eq!(tokens(&script), ["one"]);
            let info: Value = serde_json::from_str(&plugin.read("info")).expect("JSON");
            let mut expected = json!({"kind": "ExecCredential", "apiVersion": version, "spec": {"interactive": false}});
            if provided {
                expected["spec"]["cluster"] = json!({
                    "server": "https://server.example:6443",
                    "tls-server-name": "name",
                    "certificate-authority-data": "UEVN",
                    "config": {"audience": "06e3"},
                });
            }
            assert_eq!(info, expected);
            let home = std::env::var("HOME").unwrap_or_else(|_| "none".to_owned());
            assert_eq!(plugin.read("said").trim(), format!("a b|plum|{home}"));
            assert_eq!(plugin.read("input").trim(), "0");
        }
    }
}

#[tokio::test]
async fn requests_and_clients_with_the_same_plugin_for_the_same_cluster_share_one_run() {
    let plugin = Plugin::new("sleep 0.2");
    let config = plugin.config();
    let script = Script::default();
    let first = service(&config, &script);
    let answers = join_all((0..100).map(|_| send(&first, get("/")))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((tokens(&script), plugin.runs()), (vec!["one".to_owned(); 100], 1));

    // Another client, and one that comes after all others are gone.
    drop(first);
    let mut config = config.clone();
    config.namespace = "other".to_owned();
    config.user_agent = "other".to_owned();
    send(&service(&config, &script), get("/")).await.expect("a response");
    assert_eq!((tokens(&script), plugin.runs()), (vec!["one".to_owned()], 1));

    // Whatever differs in what is run, for whom and how.
    let mut runs = 1;
    let changes: [fn(&mut Config); 6] = [
        |config| config.server = "https://other.example:6443".parse().expect("a URL"),
        |config| config.ca = Some(Pem::from_bytes("PEM")),
        |config| exec(config).args.push("more".to_owned()),
        |config| exec(config).env.push(ExecEnv { name: "A".to_owned(), value: "b".into() }),
        |config| exec(config).install_hint = Some("none".to_owned()),
        |config| config.exec_policy = ExecPolicy::Allowlist(vec!["sh".into()]),
    ];
    for change in changes {
        let mut config = config.clone();
        change(&mut config);
        send(&service(&config, &script), get("/")).await.expect("a response");
        runs += 1;
        assert_eq!(plugin.runs(), runs);
    }
}

#[test]
fn a_plugin_outlives_the_runtime_that_started_it_while_another_one_waits() {
    let plugin = Plugin::new("echo $$ > \"$DIR/pid\"; while [ ! -e \"$DIR/go\" ]; do sleep 0.05; done");
    let config = plugin.config();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (first, second) = (runtime(), runtime());
    let script = Script::default();
    let (one, two) = (service(&config, &script), service(&config, &script));
    first.spawn(async move { send(&one, get("/")).await });
    first.block_on(until("it runs", || !plugin.read("pid").trim().is_empty()));
    let waiting = second.spawn(async move { send(&two, get("/")).await });
    second.block_on(tokio::task::yield_now());
    drop(first);
    std::fs::write(plugin.path("go"), "").expect("a file");
    second.block_on(waiting).expect("no panic").expect("a response");
    assert_eq!((tokens(&script), plugin.runs()), (vec!["one".to_owned()], 1));
}

#[tokio::test]
async fn a_plugin_is_killed_when_nobody_waits_for_it_any_more() {
    let plugin = Plugin::new("echo $$ > \"$DIR/pid\"; exec sleep 1000");
    let script = Script::default();
    let service = service(&plugin.config(), &script);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { send(&service, get("/")).await })
        })
        .collect();
    until("it runs", || !plugin.read("pid").trim().is_empty()).await;
    let pid = plugin.read("pid");
    let mut waiting = waiting.into_iter();
    for task in waiting.by_ref().take(2) {
        task.abort();
        assert!(task.await.is_err());
    }
    assert!(is_alive(&pid), "one waits yet");
    for task in waiting {
        task.abort();
        assert!(task.await.is_err());
    }
    until("it is gone", || !is_alive(&pid)).await;
}

#[tokio::test]
async fn a_plugin_that_takes_too_long_is_killed_and_its_last_words_are_in_the_error() {
    let plugin = Plugin::new("echo $$ > \"$DIR/pid\"; echo waiting for the browser >&2; exec sleep 1000");
    let mut config = plugin.config();
    config.exec_options.stderr = ExecStderr::InError;
    // A machine that is busy may need longer than the first of these until the plugin has said anything.
    let mut limit = Duration::from_millis(500);
    let error = loop {
        config.exec_options.timeout = Some(limit);
        let error = failure(&config).await;
        assert!(error.is_timeout(), "{error:?}");
        if error.to_string().contains("browser") {
            break error;
        }
        limit *= 2;
    };
    assert!(error.to_string().contains(&format!("was not done within {limit:?} and was stopped: waiting")), "{error}");
    assert!(!is_alive(&plugin.read("pid")));
}

#[tokio::test]
async fn what_a_plugin_leaves_running_does_not_hold_up_its_credentials() {
    // It holds standard output open.
    let plugin = Plugin::new("sleep 1000 & echo $! > \"$DIR/pid\"");
    let script = Script::default();
    send(&service(&plugin.config(), &script), get("/")).await.expect("a response");
    assert_eq!(tokens(&script), ["one"]);
    let mut kill = Command::new("kill");
    assert!(kill.arg(plugin.read("pid").trim()).status().expect("kill").success());
}

#[tokio::test]
async fn an_output_that_is_wrong_is_an_error_that_says_how_and_quotes_nothing_of_it() {
    let with = |status: Value| answer(status);
    let certificate = "sesame certificate";
    let cases = [
        (String::new(), "printed nothing"),
        ("sesame".to_owned(), "neither in JSON nor in YAML"),
        ("status: {token: sesame".to_owned(), "neither in JSON nor in YAML"),
        ("{\n sesame".to_owned(), "not an ExecCredential in JSON: line 2, column 2"),
        (token("sesame").replace("ExecCredential", "Sesame"), "another kind"),
        ("Welcome. token: sesame".to_owned(), "there is no `kind: ExecCredential` in it"),
        (token("sesame").replace("/v1", "/v1beta1"), "this is client.authentication.k8s.io/v1beta1"),
        (token("sesame").replace("client.authentication.k8s.io/v1", "sesame"), "this is another one"),
        (json!({"kind": "ExecCredential", "apiVersion": ExecConfig::V1}).to_string(), "without a status"),
        (with(json!({})), "neither a token nor a client certificate"),
        (with(json!({"token": ""})), "neither a token nor a client certificate"),
        (with(json!({"token": ["sesame"]})), "is wrong"),
        (with(json!({"token": "sesame", "clientKeyData": "sesame"})), "only one of"),
        (with(json!({"token": "sesame", "clientCertificateData": certificate})), "only one of"),
        (with(json!({"token": "sesame", "expirationTimestamp": "sesame"})), "expirationTimestamp"),
        (with(json!({"token": "ses\name"})), "cannot be sent"),
        (with(json!({"clientCertificateData": certificate, "clientKeyData": "sesame"})), "cannot be used"),
    ];
    for (output, expected) in cases {
        let plugin = Plugin::new("");
        plugin.answers(&output);
        let error = failure(&plugin.config()).await;
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(error.is_invalid() && shown.contains(expected), "{output}: {shown}");
        assert!(!shown.contains("sesame") && !shown.contains("ses\\name"), "{output}: {shown}");
    }
    let plugin = Plugin::new("head -c 3000000 /dev/zero | tr '\\0' ' '; sleep 1000");
    assert!(failure(&plugin.config()).await.to_string().contains("printed more than 1048576 bytes"));
}

#[tokio::test]
async fn an_output_in_yaml_is_taken_as_client_go_takes_it() {
    let plugin = Plugin::new("");
    plugin.answers(&format!(
        "# by hand\n---\napiVersion: {}\nkind: ExecCredential\nstatus:\n  token: plum\n",
        ExecConfig::V1
    ));
    let script = Script::default();
    send(&service(&plugin.config(), &script), get("/")).await.expect("a response");
    assert_eq!(tokens(&script), ["plum"]);
}

#[tokio::test]
async fn a_plugin_that_is_not_there_comes_with_its_install_hint() {
    let plugin = Plugin::new("");
    std::fs::write(plugin.path("not-executable"), "").expect("a file");
    let missing = [
        "kubewright-no-such-plugin".into(),
        plugin.path("no-such-plugin"),
        plugin.path("not-executable"),
        // There, but not in $PATH.
        "plugin.sh".into(),
    ];
    plugin.executable("plugin.sh");
    for command in missing {
        let mut config = plugin.config();
        *exec(&mut config) = ExecConfig::new(command.clone());
        exec(&mut config).install_hint = Some("brew install \u{1b}[31mplum".to_owned());
        let error = failure(&config).await;
        let text = error.to_string();
        assert!(error.is_not_installed(), "{command:?}: {error:?}");
        assert!(text.contains(&command.display().to_string()), "{text}");
        assert!(text.contains("brew install") && !text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test]
async fn a_relative_command_belongs_to_the_folder_of_the_kubeconfig() {
    let plugin = Plugin::new("");
    plugin.executable("plugin.sh");
    let text = format!(
        "{{clusters: [{{name: c, cluster: {{server: 'https://server.example'}}}}], contexts: [{{name: x, context: {{cluster: \
         c, user: u}}}}], current-context: x, users: [{{name: u, user: {{exec: {{apiVersion: {}, command: ./plugin.sh, \
         interactiveMode: Never, env: [{{name: DIR, value: '{}'}}]}}}}}}]}}",
        ExecConfig::V1,
        plugin.folder().display()
    );
    std::fs::write(plugin.path("config"), text).expect("a file");
    let kubeconfig = Kubeconfig::read(plugin.path("config")).expect("a kubeconfig");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("a configuration");
    let script = Script::default();
    send(&service(&config, &script), get("/")).await.expect("a response");
    assert_eq!(tokens(&script), ["one"]);
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_when_the_client_is_made() {
    type Change = fn(&mut ExecConfig);
    let changes: [(Change, &str); 7] = [
        (|exec| exec.command = "".into(), "`command` is empty"),
        (|exec| exec.api_version = None, "no `apiVersion`"),
        (|exec| exec.api_version = Some("client.authentication.k8s.io/v1alpha1".to_owned()), "v1alpha1\" is not known"),
        (|exec| exec.interactive_mode = None, "needs an `interactiveMode`"),
        (|exec| exec.interactive_mode = Some(InteractiveMode::Unknown("Maybe".to_owned())), "\"Maybe\" is none of"),
        (|exec| exec.env[0].name = "A=B".to_owned(), "\"A=B\" in its `env`"),
        (|exec| exec.env[0].name = String::new(), "\"\" in its `env`"),
    ];
    for (change, expected) in changes {
        let plugin = Plugin::new("");
        let mut config = plugin.config();
        change(exec(&mut config));
        let error = stack(&config, Script::default().service()).expect_err(expected);
        assert!(error.is_invalid() && error.to_string().contains(expected), "{error}");
    }
    let mut config = Plugin::new("").config();
    exec(&mut config).api_version = Some(ExecConfig::V1BETA1.to_owned());
    exec(&mut config).interactive_mode = None;
    assert!(stack(&config, Script::default().service()).is_ok(), "v1beta1 has a default");
}

#[tokio::test]
async fn a_failing_plugin_is_an_error_with_its_words_and_without_its_secrets() {
    let words = r#"printf 'sesame-out'; echo "no such profile \033[31mplum, key hunter22" >&2; echo "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.sesame" >&2; exit 3"#;
    let plugin = Plugin::new(words);
    let mut config = plugin.config();
    exec(&mut config).env.push(ExecEnv { name: "KEY".to_owned(), value: "hunter22".into() });
    config.exec_options.stderr = ExecStderr::InError;
    let error = failure(&config).await;
    let text = format!("{error} {error:?}");
    for expected in ["the exec plugin sh failed (exit status: 3)", "no such profile", "plum"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("sesame") && !text.contains("hunter22") && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn what_a_plugin_says_is_shown_without_the_secrets_that_it_was_given() {
    let plugin = Plugin::new("shift 0; echo \"usage: $* $KUBERNETES_EXEC_INFO\" >&2; exit 3");
    let mut config = plugin.config();
    let exec = exec(&mut config);
    let args = ["get-token", "--client-secret=sesame-1", "--password", "sesame-2", "-token:sesame", "--scope=plum"];
    exec.args.extend(args.map(str::to_owned));
    exec.provide_cluster_info = true;
    exec.cluster = Some(Box::new(ExecCluster {
        server: "https://server.example".to_owned(),
        proxy_url: Some("http://ann:sesame-3@proxy.example".into()),
        config: Some(json!({"deep": [{"key": "sesame-4"}], "number": 12345678})),
        ..ExecCluster::default()
    }));
    config.exec_options.stderr = ExecStderr::InError;
    let error = failure(&config).await.to_string();
    assert!(
        ["get-token", "--scope=plum", "--password", "server.example"].iter().all(|word| error.contains(word)),
        "{error}"
    );
    for secret in ["sesame-1", "sesame-2", "sesame-3", "sesame-4"] {
        assert!(!error.contains(secret), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_plugin_is_not_run_for_each_request() {
    let plugin = Plugin::new("exit 1");
    let script = Script::default();
    let service = service(&plugin.config(), &script);
    for runs in 1..4 {
        for _ in 0..20 {
            send(&service, get("/")).await.expect_err("it fails");
        }
        assert_eq!(plugin.runs(), runs);
        tokio::time::advance(Duration::from_secs(4)).await;
    }
    std::fs::write(plugin.path("plugin.sh"), "cat \"$DIR/answer\"").expect("a file");
    tokio::time::advance(Duration::from_secs(30)).await;
    send(&service, get("/")).await.expect("it is mended");
}

#[tokio::test(start_paused = true)]
async fn a_plugin_is_run_again_shortly_before_its_credential_expires() {
    let plugin = Plugin::new("");
    let expires = |token: &str, seconds: u64| {
        let time = Time::from(SystemTime::now() + Duration::from_secs(seconds)).to_string();
        answer(json!({"token": token, "expirationTimestamp": time}))
    };
    plugin.answers(&expires("one", 900));
    let script = Script::default();
    let service = service(&plugin.config(), &script);
    send(&service, get("/")).await.expect("a response");
    plugin.answers(&expires("two", 900));
    tokio::time::advance(Duration::from_secs(800)).await;
    send(&service, get("/")).await.expect("a response");
    assert_eq!((tokens(&script).as_slice(), plugin.runs()), (&["one".to_owned(), "one".into()][..], 1));
    tokio::time::advance(Duration::from_secs(80)).await;
    until_replaced(&service, &script).await;
    assert_eq!(plugin.runs(), 2);
}

/// Sends requests, which have the token `one`, until one has the token `two`.
async fn until_replaced(service: &HttpService, script: &Script) {
    loop {
        send(service, get("/")).await.expect("a response");
        match tokens(script).as_slice() {
            [token] if token == "two" => return,
            sent => assert_eq!(sent, ["one"]),
        }
        // Not tokio's clock, which is paused.
        let _ = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(5))).await;
    }
}

#[tokio::test]
async fn a_request_whose_time_is_up_while_the_plugin_runs_names_the_plugin() {
    let plugin = Plugin::new("while [ ! -e \"$DIR/go\" ]; do sleep 0.05; done");
    let mut config = plugin.config();
    config.request_timeout = Some(Duration::from_millis(50));
    let error = failure(&config).await;
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.to_string(), "the exec plugin sh has returned no credentials yet");
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_hangs_holds_no_request_up_while_its_last_credential_holds() {
    let plugin = Plugin::new("while [ -e \"$DIR/hang\" ]; do sleep 0.05; done");
    let time = Time::from(SystemTime::now() + Duration::from_secs(900)).to_string();
    plugin.answers(&answer(json!({"token": "one", "expirationTimestamp": time})));
    let script = Script::default();
    let service = service(&plugin.config(), &script);
    send(&service, get("/")).await.expect("a response");
    plugin.answers(&token("two"));
    std::fs::write(plugin.path("hang"), "").expect("a file");
    tokio::time::advance(Duration::from_secs(880)).await;
    for _ in 0..20 {
        send(&service, get("/")).await.expect("a response");
    }
    until("the plugin runs", || plugin.runs() == 2).await;
    assert_eq!(tokens(&script), vec!["one"; 21]);
    std::fs::remove_file(plugin.path("hang")).expect("a file");
    until_replaced(&service, &script).await;
    assert_eq!(plugin.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_has_expired_when_it_comes_is_used_and_not_asked_for_again_by_each_request() {
    let plugin = Plugin::new("");
    plugin.answers(&answer(json!({"token": "past", "expirationTimestamp": "2020-01-01T00:00:00Z"})));
    let script = Script::default();
    let service = service(&plugin.config(), &script);
    for _ in 0..20 {
        send(&service, get("/")).await.expect("a response");
    }
    assert_eq!((tokens(&script), plugin.runs()), (vec!["past".to_owned(); 20], 1));
    tokio::time::advance(Duration::from_secs(6)).await;
    send(&service, get("/")).await.expect("a response");
    assert_eq!(plugin.runs(), 2);
}

/// What a test puts into a plugin's script: each run has a token of its own.
const NUMBERED: &str = r#"sed "s/one/$(wc -l < "$DIR/runs" | tr -d ' ')/" "$DIR/answer"; exit 0"#;

#[tokio::test]
async fn after_a_401_the_plugin_is_run_once_more_and_the_request_sent_once_more_whatever_its_method() {
    for method in [http::Method::GET, http::Method::POST, http::Method::DELETE] {
        let plugin = Plugin::new("");
        let script = Script::new([code(200), code(401), code(201)]);
        let service = service(&plugin.config(), &script);
        send(&service, get("/")).await.expect("a response");
        plugin.answers(&token("two"));
        let request = Request::builder().method(&method).uri("/x").body(Body::from("body")).expect("a request");
        assert_eq!(send(&service, request).await.expect("a response").status(), StatusCode::CREATED);
        let sent = script.requests();
        let seen: Vec<_> = sent
            .iter()
            .map(|request| (request.headers()[AUTHORIZATION].to_str().expect("text"), &request.body()[..]))
            .collect();
        assert_eq!(seen, [("Bearer one", &b""[..]), ("Bearer one", b"body"), ("Bearer two", b"body")]);
        assert_eq!(sent[2].method(), method);
        assert_eq!(plugin.runs(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_401_is_answered_by_at_most_one_repetition() {
    let plugin = Plugin::new(NUMBERED);
    let script = Script::new((0..50).map(|_| code(401)));
    let service = service(&plugin.config(), &script);
    let answer = send(&service, get("/")).await.expect("a response");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((script.requests().len(), plugin.runs()), (2, 2));
    // The server refuses whatever comes: the plugin has its rest.
    for _ in 0..10 {
        send(&service, get("/")).await.expect("a response");
    }
    assert_eq!(plugin.runs(), 2);

    // The same token again is not sent again.
    let plugin = Plugin::new("");
    let script = Script::new((0..50).map(|_| code(401)));
    send(&self::service(&plugin.config(), &script), get("/")).await.expect("a response");
    assert_eq!((tokens(&script), plugin.runs()), (vec!["one".to_owned()], 2));
}

#[tokio::test]
async fn a_body_that_cannot_be_sent_again_is_not_and_the_next_request_has_the_new_credential() {
    let plugin = Plugin::new("");
    let script = Script::new([code(200), code(401), code(200)]);
    let service = service(&plugin.config(), &script);
    send(&service, get("/")).await.expect("a response");
    plugin.answers(&token("two"));
    let body = Body::wrap(http_body_util::Full::new(Bytes::from_static(b"stream")));
    let request = Request::post("/").body(body).expect("a request");
    assert_eq!(send(&service, request).await.expect("a response").status(), StatusCode::UNAUTHORIZED);
    send(&service, get("/")).await.expect("a response");
    assert_eq!(tokens(&script), ["one", "one", "two"]);
}

#[tokio::test]
async fn an_upgrade_is_repeated_after_a_401_too() {
    let plugin = Plugin::new("");
    let mut config = plugin.config();
    // As for those: each sent once.
    config.retry = crate::retry::RetryPolicy::never();
    let script = Script::new([code(200), code(401), code(101)]);
    let service = service(&config, &script);
    send(&service, get("/")).await.expect("a response");
    plugin.answers(&token("two"));
    let request = Request::get("/exec").header(CONNECTION, "Upgrade").header(UPGRADE, "websocket").body(Body::empty());
    let response = send(&service, request.expect("a request")).await.expect("a response");
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(tokens(&script), ["one", "one", "two"]);
}

#[tokio::test]
async fn a_request_with_credentials_of_its_own_runs_no_plugin() {
    let plugin = Plugin::new("");
    let script = Script::new([code(401)]);
    let request = Request::get("/").header(AUTHORIZATION, "mine").body(Body::empty()).expect("a request");
    send(&service(&plugin.config(), &script), request).await.expect("a response");
    assert_eq!((tokens(&script), plugin.runs()), (vec!["mine".to_owned()], 0));
}

#[tokio::test]
async fn the_plugin_policy_decides_before_anything_is_run() {
    let plugin = Plugin::new("");
    plugin.executable("plum-login");
    let path = plugin.path("plum-login");
    let mut config = plugin.config();
    let allow = |entries: &[&str]| ExecPolicy::Allowlist(entries.iter().map(Into::into).collect());
    let shown = path.display().to_string();
    let sh = which::which("sh").expect("a shell").display().to_string();
    let cases = [
        ("sh", ExecPolicy::AllowAll, true),
        ("sh", ExecPolicy::DenyAll, false),
        ("sh", allow(&["sh"]), true),
        ("sh", allow(&["plum-login", sh.as_str()]), true),
        ("sh", allow(&["plum-login"]), false),
        (sh.as_str(), allow(&["sh"]), true),
        (shown.as_str(), allow(&[shown.as_str()]), true),
        // Of that name, but another file.
        (shown.as_str(), allow(&["plum-login", "sh"]), false),
    ];
    let mut runs = 0;
    for (command, policy, allowed) in cases {
        exec(&mut config).command = command.into();
        config.exec_policy = policy.clone();
        let script = Script::default();
        match send(&service(&config, &script), get("/")).await {
            Ok(_) => assert!(allowed, "{command} {policy:?}"),
            Err(error) => {
                let error = AuthError::find(&*error).expect("an AuthError");
                assert!(!allowed && error.is_not_allowed(), "{command} {policy:?}: {error:?}");
                let words = error.to_string();
                assert!(words.contains("Config::exec_policy"), "{words}");
                assert!(words.matches(command).count() <= 2, "{words}");
            }
        }
        runs += usize::from(allowed);
        assert_eq!(plugin.runs(), runs, "{command} {policy:?}");
    }
}

#[tokio::test]
async fn a_plugin_writes_errors_to_ours_unless_they_belong_into_the_error_and_its_output_goes_nowhere() {
    const NAME: &str = "a_plugin_writes_errors_to_ours_unless_they_belong_into_the_error_and_its_output_goes_nowhere";
    if !is_child() {
        let (stdout, stderr) = in_a_process(module_path!(), NAME, false, &[]).expect("no terminal is needed");
        assert!(stderr.contains("plum-inherited") && !stderr.contains("plum-kept"), "{stderr}");
        assert!(!format!("{stdout}{stderr}").contains("sesame"), "{stdout}{stderr}");
        return;
    }
    for (said, stderr) in [("plum-inherited", ExecStderr::Inherit), ("plum-kept", ExecStderr::InError)] {
        let plugin = Plugin::new(&format!("echo {said} >&2"));
        plugin.answers(&token("sesame"));
        let mut config = plugin.config();
        config.exec_options.stderr = stderr;
        send(&service(&config, &Script::default()), get("/")).await.expect("a response");
    }
}

/// Which plugins are interactive here, and which are not run.
async fn modes(stdin_in_use: Option<&str>) -> String {
    let mut seen = String::new();
    for mode in [InteractiveMode::Never, InteractiveMode::IfAvailable, InteractiveMode::Always] {
        let plugin =
            Plugin::new("printf %s \"$KUBERNETES_EXEC_INFO\" > \"$DIR/info\"; [ -t 0 ] && touch \"$DIR/terminal\"");
        let mut config = plugin.config();
        exec(&mut config).interactive_mode = Some(mode);
        config.exec_options.stdin_in_use = stdin_in_use.map(str::to_owned);
        let outcome = match send(&service(&config, &Script::default()), get("/")).await {
            Ok(_) => {
                let info: Value = serde_json::from_str(&plugin.read("info")).expect("JSON");
                let is_terminal = plugin.path("terminal").exists();
                assert_eq!(info["spec"]["interactive"], is_terminal, "what it is told is so");
                if is_terminal { "terminal" } else { "nothing" }
            }
            Err(error) => {
                let error = AuthError::find(&*error).expect("an AuthError");
                assert!(error.is_not_interactive() && plugin.runs() == 0, "{error:?}");
                if stdin_in_use.is_some_and(|why| error.to_string().contains(why)) { "in use" } else { "not run" }
            }
        };
        seen = format!("{seen} {outcome}");
    }
    seen
}

#[tokio::test]
async fn a_plugin_has_standard_input_only_where_that_is_a_terminal_and_free() {
    const NAME: &str = "a_plugin_has_standard_input_only_where_that_is_a_terminal_and_free";
    if is_child() {
        println!("modes:{}", modes(None).await);
        println!("modes:{}", modes(Some("used for a manifest")).await);
        return;
    }
    let lines = |text: &str| {
        let lines =
            text.lines().filter_map(|line| line.trim().split_once("modes: ").map(|(_, modes)| modes.to_owned()));
        lines.collect::<Vec<_>>()
    };
    let (stdout, _) = in_a_process(module_path!(), NAME, false, &[]).expect("no terminal is needed");
    assert_eq!(lines(&stdout), ["nothing nothing not run", "nothing nothing not run"], "{stdout}");
    let Some((stdout, _)) = in_a_process(module_path!(), NAME, true, &[]) else { return };
    assert_eq!(lines(&stdout), ["nothing terminal terminal", "nothing nothing in use"], "{stdout}");
}

/// An answer with this client certificate.
fn with_certificate(issued: &Issued, token: Option<&str>) -> String {
    answer(json!({ "clientCertificateData": issued.certificate, "clientKeyData": issued.key, "token": token }))
}

/// What a server that wants certificates of `clients` saw of each request, and a configuration for it.
async fn server_of(clients: &Authority, status: fn(&http::Request<Incoming>) -> u16) -> (Server, Seen, Config) {
    let authority = Authority::new();
    let seen = Seen::default();
    let noted = seen.clone();
    let options = Options { client_ca: Some(clients.pem.clone()), ..Options::default() };
    let server = Server::tls(&authority.issue("localhost"), options, move |request| {
        noted.0.lock().expect("not poisoned").push(request.extensions().get::<Presented>().cloned());
        let response = Response::builder().status(status(&request)).body(Body::from("ok")).expect("a response");
        async move { response }
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    (server, seen, config)
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Option<Presented>>>>);

impl Seen {
    fn take(&self) -> Vec<Option<Presented>> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

#[tokio::test]
async fn a_plugins_client_certificate_is_presented_and_replaced_without_a_new_client() {
    let clients = Authority::new();
    let (first, second) = (clients.issue("first"), clients.issue("second"));
    let (server, seen, base) = server_of(&clients, |request| match request.uri().path() {
        "/revoked" if request.headers()[AUTHORIZATION] == "Bearer one" => 401,
        _ => 200,
    })
    .await;
    let plugin = Plugin::new("");
    plugin.answers(&with_certificate(&first, Some("one")));
    let mut config = base.clone();
    config.credentials = Credentials::Exec(Box::new(plugin.exec()));
    let service = from_config(&config).expect("a good configuration");
    let running = send(&service, get("/running")).await.expect("a response");
    assert!(seen.take() == [Some(first.presented())]);

    plugin.answers(&with_certificate(&second, Some("two")));
    let answer = send(&service, get("/revoked")).await.expect("a response");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(seen.take() == [Some(first.presented()), Some(second.presented())], "another connection");
    send(&service, get("/")).await.expect("a response");
    assert!(seen.take() == [Some(second.presented())]);
    assert_eq!(server.connections(), 2);
    // The response that was under way is not cut off.
    assert_eq!(text(running).await, "ok");

    // Upgrades go over connections of their own.
    let upgrades = upgrades_from_config(&config).expect("a good configuration");
    send(&upgrades, get("/")).await.expect("a response");
    assert!(seen.take() == [Some(second.presented())]);
    assert_eq!(plugin.runs(), 2);
}

#[tokio::test]
async fn a_certificate_alone_sends_no_header_and_one_that_is_refused_in_the_handshake_is_replaced_once() {
    let (clients, strangers) = (Authority::new(), Authority::new());
    let (good, bad) = (clients.issue("good"), strangers.issue("bad"));
    let (_server, seen, base) =
        server_of(&clients, |request| if request.headers().contains_key(AUTHORIZATION) { 400 } else { 200 }).await;
    let plugin = Plugin::new("");
    plugin.answers(&with_certificate(&bad, None));
    let mut config = base.clone();
    config.credentials = Credentials::Exec(Box::new(plugin.exec()));
    let service = from_config(&config).expect("a good configuration");
    let error = send(&service, get("/")).await.expect_err("a stranger");
    assert!(TransportError::find(&*error).is_some_and(TransportError::is_tls), "{}", told(&error));
    assert_eq!(plugin.runs(), 2, "the certificate may have expired");

    let plugin = Plugin::new("");
    plugin.answers(&with_certificate(&bad, None));
    let script = "cat \"$DIR/answer\"; mv \"$DIR/good\" \"$DIR/answer\" 2>/dev/null; echo run >> \"$DIR/runs\"";
    std::fs::write(plugin.path("plugin.sh"), script).expect("a file");
    std::fs::write(plugin.path("good"), with_certificate(&good, None)).expect("a file");
    config.credentials = Credentials::Exec(Box::new(plugin.exec()));
    let service = from_config(&config).expect("a good configuration");
    let answer = send(&service, get("/")).await.expect("a response");
    assert_eq!((answer.status(), plugin.runs()), (StatusCode::OK, 2));
    assert!(seen.take() == [Some(good.presented())]);
}
