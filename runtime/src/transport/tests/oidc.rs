//! OpenID Connect: against a small provider in this process, by TLS.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use http::StatusCode;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::{Authority, Options, Server};
use super::*;
use crate::auth::AuthError;
use crate::config::{
    AuthProvider, Config, Credentials, Kubeconfig, KubeconfigOptions, NamedUser, OidcConfig, OidcStore, Pem,
};

/// A provider that gives new tokens for a refresh token, each of which it takes once.
pub(super) struct Provider {
    pub(super) server: Server,
    authority: Authority,
    state: Arc<Mutex<State>>,
    issuer: String,
}

struct State {
    metadata: Value,
    /// The refresh token that it takes.
    refresh: String,
    /// What it got: the form, and the login.
    requests: Vec<(BTreeMap<String, String>, Option<String>)>,
    /// What it answers instead.
    answers: VecDeque<(u16, String)>,
    /// How long its ID tokens live.
    lifetime: i64,
    /// Whether it refuses a login in the header, or in the body.
    refuses_basic: bool,
    /// It answers to nothing before this is there.
    slow: Option<Arc<tokio::sync::Notify>>,
}

impl Provider {
    pub(super) async fn start() -> Self {
        Self::start_as("localhost").await
    }

    /// By this host name.
    async fn start_as(host: &str) -> Self {
        let authority = Authority::new();
        let state = Arc::new(Mutex::new(State {
            metadata: json!({}),
            refresh: "refresh-1".to_owned(),
            requests: Vec::new(),
            answers: VecDeque::new(),
            lifetime: 3600,
            refuses_basic: false,
            slow: None,
        }));
        let shared = state.clone();
        let server = Server::tls(&authority.issue(host), Options::default(), move |request| {
            let state = shared.clone();
            async move { answer(&state, request).await }
        })
        .await;
        let base = format!("https://{host}:{}", server.address.port());
        state.lock().expect("not poisoned").metadata =
            json!({"issuer": format!("{base}/realm"), "token_endpoint": format!("{base}/token")});
        Self { server, authority, state, issuer: format!("{base}/realm") }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    fn issuer(&self) -> String {
        self.issuer.clone()
    }

    /// A user with these tokens.
    pub(super) fn oidc(&self, id: Option<&str>, refresh: Option<&str>) -> OidcConfig {
        let mut oidc = OidcConfig::new(self.issuer(), "client/1");
        oidc.client_secret = Some("s&cret".into());
        oidc.ca = Some(Pem::from_bytes(self.authority.pem.clone()));
        oidc.id_token = id.map(Into::into);
        oidc.refresh_token = refresh.map(Into::into);
        oidc
    }

    fn refreshes(&self) -> usize {
        self.state().requests.len()
    }
}

async fn answer(state: &Mutex<State>, request: http::Request<hyper::body::Incoming>) -> Response<Body> {
    let slow = state.lock().expect("not poisoned").slow.clone();
    if let Some(slow) = slow {
        slow.notified().await;
    }
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let mut state = state.lock().expect("not poisoned");
    let (code, text) = match parts.uri.path() {
        "/realm/.well-known/openid-configuration" => (200, state.metadata.to_string()),
        "/token" => {
            let form = std::str::from_utf8(&body).expect("text");
            let decode = |text: &str| percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned();
            let form: BTreeMap<_, _> = form
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (decode(name), decode(value)))
                .collect();
            let login = parts.headers.get(AUTHORIZATION).map(|header| {
                let text = header.to_str().expect("text").strip_prefix("Basic ").expect("a login");
                String::from_utf8(STANDARD.decode(text).expect("base64")).expect("text")
            });
            state.requests.push((form.clone(), login.clone()));
            if let Some(answer) = state.answers.pop_front() {
                answer
            } else if state.refuses_basic == login.is_some() {
                (401, json!({"error": "invalid_client"}).to_string())
            } else if form["refresh_token"] == state.refresh {
                let count = state.requests.len();
                state.refresh = format!("refresh-{}", count + 1);
                let id = id_token(&format!("fresh-{count}"), state.lifetime);
                (200, json!({"id_token": id, "refresh_token": state.refresh, "access_token": "a"}).to_string())
            } else {
                let description = format!("token {} was used", form["refresh_token"]);
                (400, json!({"error": "invalid_grant", "error_description": description}).to_string())
            }
        }
        _ => (404, "no such page".to_owned()),
    };
    Response::builder().status(code).header("content-type", "application/json").body(text.into()).expect("a response")
}

/// An ID token for this user, that expires after so many seconds.
pub(super) fn id_token(user: &str, seconds: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({"sub": user, "exp": now.saturating_add_signed(seconds)}).to_string();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(&claims), part("signature"))
}

fn subject(request: &Request<Bytes>) -> String {
    let header = request.headers()[AUTHORIZATION].to_str().expect("text");
    let claims = header.split('.').nth(1).expect("a JSON Web Token");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON");
    claims["sub"].as_str().expect("a subject").to_owned()
}

fn subjects(script: &Script) -> Vec<String> {
    script.requests().iter().map(subject).collect()
}

fn config(oidc: OidcConfig) -> Config {
    let mut config = Config::new("https://server.example:6443".parse().expect("a URL"));
    config.credentials = Credentials::Oidc(Box::new(oidc));
    config
}

fn service(oidc: OidcConfig, script: &Script) -> HttpService {
    stack(&config(oidc), script.service()).expect("a good configuration")
}

async fn failure(oidc: OidcConfig) -> AuthError {
    let script = Script::default();
    let error = send(&service(oidc, &script), get("/")).await.expect_err("no credentials");
    assert!(script.requests().is_empty());
    AuthError::find(&*error).expect("an AuthError").clone()
}

/// A kubeconfig in a folder of its own, whose user has these tokens.
struct Stored {
    folder: TempDir,
}

impl Stored {
    fn new(oidc: &OidcConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stored = Self { folder };
        let ca = String::from_utf8(oidc.ca.as_ref().expect("an authority").as_bytes().to_vec()).expect("PEM");
        std::fs::write(stored.folder.path().join("ca.pem"), ca).expect("a file");
        let text =
            |secret: &Option<crate::config::SecretString>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let content = json!({
            "clusters": [{"name": "c", "cluster": {"server": "https://server.example"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "ann"}}],
            "current-context": "x",
            "users": [{"name": "ann", "user": {"auth-provider": {"name": "oidc", "config": {
                "idp-issuer-url": oidc.issuer_url, "client-id": oidc.client_id, "client-secret": text(&oidc.client_secret),
                "idp-certificate-authority": "ca.pem", "id-token": text(&oidc.id_token),
                "refresh-token": text(&oidc.refresh_token), "extra-scopes": "groups",
            }}}}],
        });
        std::fs::write(stored.path(), content.to_string()).expect("a file");
        stored
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn config(&self) -> Config {
        let kubeconfig = Kubeconfig::read(self.path()).expect("a kubeconfig");
        Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("a configuration")
    }

    fn provider(&self) -> AuthProvider {
        let kubeconfig = Kubeconfig::read(self.path()).expect("a kubeconfig");
        kubeconfig.user("ann").and_then(|user| user.user.auth_provider.clone()).expect("a provider")
    }

    fn store(&self) -> OidcStore {
        OidcStore { file: self.path(), user: "ann".to_owned() }
    }
}

#[tokio::test]
async fn an_id_token_is_sent_while_it_is_valid_and_nobody_is_asked() {
    let provider = Provider::start().await;
    let script = Script::default();
    let id = id_token("ann", 600);
    send(&service(provider.oidc(Some(&id), None), &script), get("/")).await.expect("a response");
    assert_eq!(script.requests()[0].headers()[AUTHORIZATION], format!("Bearer {id}"));
    assert_eq!(provider.server.connections(), 0);
}

#[tokio::test]
async fn an_expired_id_token_is_refreshed_once_for_all_requests_and_clients() {
    for id in [None, Some(id_token("old", -60)), Some(id_token("old", 5)), Some("opaque".to_owned())] {
        let provider = Provider::start().await;
        let script = Script::default();
        let oidc = provider.oidc(id.as_deref(), Some("refresh-1"));
        let services = [service(oidc.clone(), &script), service(oidc, &script)];
        join_all((0..40).map(|index| send(&services[index % 2], get("/")))).await;
        assert_eq!(subjects(&script), vec!["fresh-1"; 40]);
        let requests = provider.state().requests.clone();
        let form: Vec<_> = requests[0].0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(form, [("grant_type", "refresh_token"), ("refresh_token", "refresh-1")]);
        // RFC 6749, section 2.3.1: both parts are escaped as in a form.
        assert_eq!((requests[0].1.as_deref(), requests.len()), (Some("client%2F1:s%26cret"), 1));
    }
}

#[tokio::test]
async fn the_client_logs_in_at_the_provider_as_that_wants_it_and_tries_the_other_way_if_refused() {
    let methods = |names: &[&str]| json!(names);
    let cases = [
        (None, true, true, vec!["header", "body"]),
        (Some(methods(&["client_secret_post"])), true, true, vec!["body"]),
        (Some(methods(&["client_secret_post", "client_secret_basic"])), false, true, vec!["header"]),
        (None, true, false, vec!["body without a secret"]),
    ];
    for (supported, refuses_basic, has_secret, expected) in cases {
        let provider = Provider::start().await;
        if let Some(supported) = supported {
            provider.state().metadata["token_endpoint_auth_methods_supported"] = supported;
        }
        provider.state().refuses_basic = refuses_basic;
        let mut oidc = provider.oidc(None, Some("refresh-1"));
        if !has_secret {
            oidc.client_secret = None;
        }
        let script = Script::default();
        send(&service(oidc, &script), get("/")).await.expect("a response");
        let ways: Vec<_> = provider
            .state()
            .requests
            .iter()
            .map(|(form, login)| match (form.get("client_id"), form.get("client_secret"), login) {
                (None, None, Some(_)) => "header",
                (Some(id), Some(secret), None) if id == "client/1" && secret == "s&cret" => "body",
                (Some(_), None, None) => "body without a secret",
                _ => "both",
            })
            .collect();
        assert_eq!(ways, expected);
    }
}

#[tokio::test]
async fn new_tokens_are_written_to_the_kubeconfig_and_its_other_settings_stay() {
    let provider = Provider::start().await;
    let stored = Stored::new(&provider.oidc(Some(&id_token("old", -60)), Some("refresh-1")));
    let script = Script::default();
    let service = stack(&stored.config(), script.service()).expect("a good configuration");
    send(&service, get("/")).await.expect("a response");
    let after = stored.provider();
    let id = script.requests()[0].headers()[AUTHORIZATION].to_str().expect("text").replace("Bearer ", "");
    assert_eq!(after.get("id-token").expect("a token").expose(), id);
    assert_eq!(after.get("refresh-token").expect("a token").expose(), "refresh-2");
    assert_eq!(after.get("extra-scopes").expect("a setting").expose(), "groups");
}

#[tokio::test]
async fn tokens_that_another_program_has_refreshed_are_taken_from_the_kubeconfig() {
    let provider = Provider::start().await;
    let stored = Stored::new(&provider.oidc(Some(&id_token("old", -60)), Some("refresh-1")));
    let script = Script::default();
    let service = stack(&stored.config(), script.service()).expect("a good configuration");
    // Meanwhile kubectl runs.
    let (id, refresh) = (id_token("kubectl", 600).into(), "refresh-7".into());
    assert!(stored.store().save([("id-token", &id), ("refresh-token", &refresh)]).expect("written"));
    provider.state().refresh = "refresh-7".to_owned();
    send(&service, get("/")).await.expect("a response");
    assert_eq!((subjects(&script), provider.refreshes()), (vec!["kubectl".to_owned()], 0));

    // And again, without a new ID token: its refresh token is the one that counts.
    let (id, refresh) = (id_token("gone", -1).into(), "refresh-8".into());
    assert!(stored.store().save([("id-token", &id), ("refresh-token", &refresh)]).expect("written"));
    provider.state().refresh = "refresh-8".to_owned();
    let script = Script::new([Ok(Response::builder().status(401).body(Body::empty()).expect("a response"))]);
    let service = stack(&stored.config(), script.service()).expect("a good configuration");
    send(&service, get("/")).await.expect("a response");
    assert_eq!(subjects(&script), ["kubectl", "fresh-1"]);
    assert_eq!(provider.state().requests[0].0["refresh_token"], "refresh-8");
}

#[tokio::test]
async fn tokens_that_cannot_be_written_back_are_used_and_not_forgotten_for_older_ones() {
    let provider = Provider::start().await;
    provider.state().lifetime = 5;
    let mut oidc = provider.oidc(None, Some("refresh-1"));
    let stored = Stored::new(&oidc);
    oidc.store = Some(OidcStore { user: "nobody".to_owned(), ..stored.store() });
    let script = Script::default();
    let service = service(oidc, &script);
    send(&service, get("/")).await.expect("a response");
    // The user comes back to the file, with the refresh token that was used.
    Kubeconfig::modify_files([stored.path()], |kubeconfig| {
        let ann = kubeconfig.user("ann").expect("ann").clone();
        kubeconfig.users.push(named(ann, "nobody"));
    })
    .expect("written");
    assert_eq!(stored.provider().get("refresh-token").expect("a token").expose(), "refresh-1");
    until_expired().await;
    send(&service, get("/")).await.expect("a response");
    assert_eq!(subjects(&script), ["fresh-1", "fresh-2"]);
}

fn named(mut user: NamedUser, name: &str) -> NamedUser {
    user.name = name.to_owned();
    user
}

/// An ID token of five seconds has none left that may be used.
async fn until_expired() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(6)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn after_a_401_the_token_is_refreshed_though_it_has_not_expired() {
    let provider = Provider::start().await;
    let script = Script::new([Ok(Response::builder().status(401).body(Body::empty()).expect("a response"))]);
    let service = service(provider.oidc(Some(&id_token("ann", 600)), Some("refresh-1")), &script);
    let request = Request::post("/").body(Body::from("body")).expect("a request");
    assert_eq!(send(&service, request).await.expect("a response").status(), StatusCode::OK);
    assert_eq!((subjects(&script), provider.refreshes()), (vec!["ann".to_owned(), "fresh-1".to_owned()], 1));
}

#[tokio::test]
async fn a_refresh_that_nobody_waits_for_is_finished_and_its_refresh_token_kept() {
    let provider = Provider::start().await;
    let slow = Arc::new(tokio::sync::Notify::new());
    provider.state().slow = Some(slow.clone());
    let script = Script::default();
    let service = service(provider.oidc(None, Some("refresh-1")), &script);
    let waiting = tokio::spawn({
        let service = service.clone();
        async move { send(&service, get("/")).await }
    });
    while provider.server.connections() == 0 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.is_err());
    provider.state().slow = None;
    slow.notify_one();
    send(&service, get("/")).await.expect("a response");
    // Were the first exchange lost, the second would be refused: refresh-1 is taken once.
    assert_eq!((subjects(&script), provider.refreshes()), (vec!["fresh-1".to_owned()], 1));
}

#[tokio::test]
async fn each_way_in_which_a_refresh_fails_has_words_of_its_own_and_shows_no_secret() {
    let no = |id: Option<&str>| id.map(str::to_owned);
    let refused = |code: u16, text: Value| Some((code, text.to_string()));
    type Case = (Option<String>, Option<&'static str>, Option<(u16, String)>, fn(&AuthError) -> bool, &'static str);
    let login: fn(&AuthError) -> bool = AuthError::is_login_required;
    let invalid: fn(&AuthError) -> bool = AuthError::is_invalid;
    let passing: fn(&AuthError) -> bool = |error| error.retry_class() == crate::retry::RetryClass::Transient;
    let cases: [Case; 11] = [
        (None, None, None, login, "has no id-token, and there is no refresh-token"),
        (Some(id_token("sesame", -60)), None, None, login, "has expired, and there is no refresh-token"),
        (no(Some("sesame")), None, None, login, "is not a JSON Web Token"),
        (None, Some("sesame-used"), None, login, "log in again: invalid_grant (token [redacted] was used)"),
        (
            None,
            Some("sesame"),
            refused(400, json!({"error": "unauthorized_client"})),
            invalid,
            "client-id or client-secret",
        ),
        (
            None,
            Some("sesame"),
            refused(400, json!({"error": "invalid_scope"})),
            invalid,
            "refused to refresh the ID token",
        ),
        (None, Some("sesame"), refused(503, json!("sesame")), passing, "returned 503"),
        (None, Some("sesame"), refused(429, json!({"error": "slow_down"})), passing, "slow_down"),
        (None, Some("sesame"), refused(200, json!({"access_token": "sesame"})), login, "no id_token"),
        (None, Some("sesame"), refused(200, json!("sesame")), invalid, "no token response"),
        (None, Some("sesame"), refused(200, json!({"id_token": "sesame"})), invalid, "can't be used"),
    ];
    for (id, refresh, answer, is_kind, expected) in cases {
        let provider = Provider::start().await;
        provider.state().answers.extend(answer);
        let error = failure(provider.oidc(id.as_deref(), refresh)).await;
        let shown = format!("{error} {error:?}");
        assert!(is_kind(&error) && shown.contains(expected), "{expected}: {shown}");
        assert!(!shown.contains("sesame") && !shown.contains("s&cret"), "{shown}");
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_used_is_named() {
    let provider = Provider::start().await;
    let metadata = [
        (json!({}), "names no token_endpoint"),
        (json!({"token_endpoint": "http://login.example/token"}), "does not start with https://"),
        (json!("sesame"), "no metadata at"),
    ];
    for (index, (metadata, expected)) in metadata.into_iter().enumerate() {
        provider.state().metadata = metadata;
        let error = failure(provider.oidc(None, Some(&format!("refresh-{index}")))).await;
        let text = error.to_string();
        assert!(error.is_invalid() && text.contains(expected) && text.contains(&provider.issuer()), "{text}");
    }
    let mut oidc = provider.oidc(None, Some("another"));
    oidc.issuer_url = oidc.issuer_url.replace("/realm", "/other");
    assert!(failure(oidc).await.to_string().contains("returned 404 Not Found for"));
    // Another authority than the provider's.
    let mut oidc = provider.oidc(None, Some("refresh-1"));
    oidc.ca = Some(Pem::from_bytes(Authority::new().pem));
    let error = failure(oidc).await;
    assert!(format!("{error:?}").contains("certificate"), "{error:?}");
    assert_eq!(error.retry_class(), crate::retry::RetryClass::Transient);

    for (url, expected) in [
        ("http://login.example", "https://"),
        ("login.example", "https://"),
        ("https://a b", "not a URL"),
        ("https://login.example?x=y", "a query"),
    ] {
        let mut oidc = provider.oidc(None, None);
        oidc.issuer_url = url.to_owned();
        let error = stack(&config(oidc), Script::default().service()).expect_err("not an issuer");
        assert!(error.is_invalid() && error.to_string().contains(expected), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_provider_is_reached_through_the_proxy_that_the_environment_names() {
    use super::own_process::{in_a_process, is_child};
    use super::proxy_server::{Speaks, TestProxy};

    const NAME: &str = "the_provider_is_reached_through_the_proxy_that_the_environment_names";
    if is_child() {
        let variable = |name: &str| std::env::var(name).expect("set by the parent");
        let mut oidc = OidcConfig::new(variable("ISSUER"), "client");
        oidc.client_secret = Some("secret".into());
        oidc.refresh_token = Some("refresh-1".into());
        oidc.ca = Some(Pem::from_bytes(variable("AUTHORITY")));
        let script = Script::default();
        // Nobody knows the provider's name without the proxy.
        let mut config = Config::new("https://server.example".parse().expect("a URL"));
        config.proxy_from_environment = false;
        config.credentials = Credentials::Oidc(Box::new(oidc.clone()));
        let alone = stack(&config, script.service()).expect("good");
        send(&alone, get("/")).await.expect_err("the environment is not asked");
        assert!(script.requests().is_empty());

        send(&service(oidc, &script), get("/")).await.expect("a response");
        assert_eq!(subjects(&script), ["fresh-1"]);
        return;
    }
    // A name that only the proxy knows.
    let provider = Provider::start_as("login.example").await;
    let proxy = TestProxy::start(Speaks::Connect("HTTP/1.1 200 OK\r\n\r\n"), provider.server.address).await;
    let variables = [
        ("HTTPS_PROXY", format!("http://{}", proxy.address)),
        ("NO_PROXY", String::new()),
        ("ISSUER", provider.issuer()),
        ("AUTHORITY", provider.authority.pem.clone()),
    ];
    let child = move || in_a_process(module_path!(), NAME, false, &variables);
    tokio::task::spawn_blocking(child).await.expect("no panic").expect("no terminal is needed");
    assert_eq!(provider.refreshes(), 1);
    let port = provider.server.address.port();
    assert!(proxy.asked().iter().all(|asked| asked.contains(&format!("login.example:{port}"))), "{:?}", proxy.asked());
    assert_eq!(proxy.asked().len(), provider.server.connections());
}
