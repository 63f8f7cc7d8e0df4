//! One credential for all who ask, whatever its source does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use tokio::sync::Notify;
use tokio::time::advance;

use super::cached::{Cached, Held};
use super::*;
use crate::config::{ClientIdentity, Config, ConfigError, Kind, Pem};
use crate::retry::RetryClass;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A transport that is not needed; certificates that say `broken` can't be used.
struct Nowhere;

impl Means for Nowhere {
    fn http(&self, _: &Config, _: usize) -> Result<Http, ConfigError> {
        Err(ConfigError::new(Kind::Unsupported, "no network in this test"))
    }

    fn check(&self, identity: &ClientIdentity) -> Result<(), ConfigError> {
        match identity.certificate.as_bytes() {
            b"broken" => Err(ConfigError::new(Kind::Invalid, "it is broken")),
            _ => Ok(()),
        }
    }
}

/// A source that answers by a script, and when it is let.
#[derive(Clone, Default)]
struct Scripted(Arc<Script>);

#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Credential, &'static str>>>,
    requests: Mutex<Vec<bool>>,
    dropped: AtomicUsize,
    /// Whether `fetch` waits for `go`.
    waits: bool,
    go: Notify,
}

struct CountsDrops(Arc<Script>, bool);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        if !self.1 {
            self.0.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Result<Credential, &'static str>>) -> Self {
        Self(Arc::new(Script { answers: Mutex::new(answers.into_iter().collect()), ..Script::default() }))
    }

    fn waiting(answers: impl IntoIterator<Item = Result<Credential, &'static str>>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        Self(Arc::new(Script { answers, waits: true, ..Script::default() }))
    }

    fn cached(&self) -> Arc<Cached> {
        Cached::new(Arc::new(self.clone()), &Nowhere, "the script")
    }

    /// How often it was asked.
    fn count(&self) -> usize {
        self.0.requests.lock().expect("not poisoned").len()
    }
}

impl CredentialSource for Scripted {
    fn fetch(&self, request: CredentialRequest) -> CredentialFuture<'_> {
        self.0.requests.lock().expect("not poisoned").push(request.refused);
        let guard = CountsDrops(self.0.clone(), false);
        Box::pin(async move {
            let mut guard = guard;
            if self.0.waits {
                self.0.go.notified().await;
            }
            guard.1 = true;
            let answer = self.0.answers.lock().expect("not poisoned").pop_front().expect("an answer is prepared");
            answer.map_err(BoxError::from)
        })
    }
}

fn token(text: &str) -> Result<Credential, &'static str> {
    Ok(Credential::token(text))
}

fn for_seconds(text: &str, seconds: u64) -> Result<Credential, &'static str> {
    Ok(Credential::token(text).expires_in(Duration::from_secs(seconds)))
}

fn identity(text: &str) -> ClientIdentity {
    ClientIdentity { certificate: Pem::from_bytes(text), key: Pem::from_bytes("key") }
}

fn header(held: &Held) -> &str {
    held.header().map_or("none", |header| header.to_str().expect("text"))
}

async fn get(cached: &Arc<Cached>) -> String {
    match cached.get().await {
        Ok(held) => header(&held).to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

async fn seconds(seconds: u64) {
    advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_requests_fetch_once_and_those_that_give_up_do_not_end_it() {
    let source = Scripted::waiting([token("one")]);
    let cached = source.cached();
    let mut tasks: Vec<_> = (0..100)
        .map(|_| {
            let cached = cached.clone();
            tokio::spawn(async move { get(&cached).await })
        })
        .collect();
    tokio::task::yield_now().await;
    assert_eq!(source.count(), 1);
    // The first of them is the one that began it.
    for task in tasks.drain(..60) {
        task.abort();
        assert!(task.await.expect_err("aborted").is_cancelled());
    }
    source.0.go.notify_one();
    for answer in join_all(tasks).await {
        assert_eq!(answer.expect("no panic"), "Bearer one");
    }
    assert_eq!((source.count(), source.0.dropped.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_nobody_waits_for_ends_and_the_next_request_begins_another() {
    let source = Scripted::waiting([token("one")]);
    let cached = source.cached();
    {
        let waiting = get(&cached);
        let mut waiting = std::pin::pin!(waiting);
        assert!(poll_immediate(waiting.as_mut()).await.is_none());
        assert_eq!(source.0.dropped.load(Ordering::SeqCst), 0);
    }
    assert_eq!(source.0.dropped.load(Ordering::SeqCst), 1);
    source.0.go.notify_one();
    assert_eq!(get(&cached).await, "Bearer one");
    assert_eq!(source.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_credential_is_replaced_a_little_before_it_expires_and_used_until_then_if_it_cannot_be() {
    let source =
        Scripted::new([for_seconds("one", 600), Err("down"), Err("down"), for_seconds("two", 600), token("three")]);
    let cached = source.cached();
    assert_eq!(get(&cached).await, "Bearer one");
    seconds(560).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer one", 1));
    seconds(15).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer one", 2));
    // Not at once again.
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer one", 2));
    seconds(1).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer one", 3));
    seconds(2).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer two", 4));
    seconds(601).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer three", 5));
    // It does not expire.
    seconds(1_000_000).await;
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer three", 5));
}

/// A source whose fetches wait, with one credential that was fetched and expires soon.
async fn with_one_that_expires_soon(source: &Scripted) -> Arc<Cached> {
    let cached = source.cached();
    source.0.go.notify_one();
    assert_eq!(get(&cached).await, "Bearer one");
    seconds(575).await;
    // The fetch for the next one begins, and waits.
    assert_eq!(get(&cached).await, "Bearer one");
    tokio::task::yield_now().await;
    assert_eq!(source.count(), 2);
    cached
}

#[tokio::test(start_paused = true)]
async fn while_a_credential_holds_no_request_waits_for_the_one_that_replaces_it() {
    let source = Scripted::waiting([for_seconds("one", 600), token("two")]);
    let cached = with_one_that_expires_soon(&source).await;
    for _ in 0..50 {
        let answer = poll_immediate(std::pin::pin!(get(&cached))).await;
        assert_eq!(answer.expect("it does not wait"), "Bearer one");
    }
    assert_eq!((source.count(), source.0.dropped.load(Ordering::SeqCst)), (2, 0));
    source.0.go.notify_one();
    while get(&cached).await == "Bearer one" {
        tokio::task::yield_now().await;
    }
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer two", 2));
}

#[tokio::test(start_paused = true)]
async fn once_it_has_expired_requests_wait_for_the_fetch_that_began_before() {
    let source = Scripted::waiting([for_seconds("one", 600), token("two")]);
    let cached = with_one_that_expires_soon(&source).await;
    seconds(26).await;
    let mut waiting = std::pin::pin!(join_all((0..50).map(|_| get(&cached))));
    assert!(poll_immediate(waiting.as_mut()).await.is_none());
    source.0.go.notify_one();
    assert!(waiting.await.iter().all(|answer| answer == "Bearer two"));
    assert_eq!((source.count(), source.0.dropped.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_in_the_background_that_hangs_is_given_up_and_the_next_request_begins_another() {
    let source = Scripted::waiting([for_seconds("one", 600), token("two")]);
    let cached = with_one_that_expires_soon(&source).await;
    seconds(299).await;
    assert_eq!(source.0.dropped.load(Ordering::SeqCst), 0);
    seconds(2).await;
    tokio::task::yield_now().await;
    assert_eq!(source.0.dropped.load(Ordering::SeqCst), 1);
    source.0.go.notify_one();
    assert_eq!((get(&cached).await.as_str(), source.count()), ("Bearer two", 3));
}

#[tokio::test(start_paused = true)]
async fn an_expired_credential_is_not_sent() {
    let source = Scripted::new([for_seconds("one", 600), Err("the vault is sealed")]);
    let cached = source.cached();
    get(&cached).await;
    seconds(600).await;
    let error = get(&cached).await;
    assert!(error.contains("the vault is sealed") && !error.contains("one"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_failing_source_is_asked_after_growing_pauses_and_requests_fail_with_its_error_meanwhile() {
    let source = Scripted::new((0..20).map(|_| Err("the vault is sealed")));
    let cached = source.cached();
    let mut asked = Vec::new();
    for second in 0..120 {
        for _ in 0..50 {
            let error = cached.get().await.err().expect("it fails");
            assert_eq!(error.retry_class(), RetryClass::Transient);
            assert!(format!("{error:?}").contains("the vault is sealed"), "{error:?}");
        }
        if source.count() > asked.len() {
            asked.push(second);
        }
        seconds(1).await;
    }
    assert_eq!(asked, [0, 1, 3, 7, 15, 31, 61, 91]);
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_refused_together_fetch_once_and_all_get_the_new_credential() {
    let source = Scripted::new([token("old"), token("new")]);
    let cached = source.cached();
    let old = cached.get().await.expect("a credential");
    let others = join_all((0..50).map(|_| cached.another(&old))).await;
    assert!(others.iter().all(|held| held.as_ref().is_some_and(|held| header(held) == "Bearer new")));
    // One whose refusal comes late.
    assert_eq!(cached.another(&old).await.as_deref().map(header), Some("Bearer new"));
    assert_eq!(*source.0.requests.lock().expect("not poisoned"), [false, true]);
}

#[tokio::test(start_paused = true)]
async fn the_same_credential_again_is_no_other_one() {
    let source = Scripted::new([token("same"), token("same"), token("same")]);
    let cached = source.cached();
    let first = cached.get().await.expect("a credential");
    assert!(cached.another(&first).await.is_none());
    assert!(cached.another(&first).await.is_none(), "late, of the same credential");
    assert_eq!(source.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_everything_does_not_have_the_source_asked_for_each_request() {
    let source = Scripted::new((0..50).map(|index| token(&index.to_string())));
    let cached = source.cached();
    for _ in 0..60 {
        for _ in 0..20 {
            let held = cached.get().await.expect("a credential");
            cached.another(&held).await;
        }
        seconds(1).await;
    }
    // At 0, 1, 3, 7, 15 and 31 seconds, besides the first.
    assert_eq!(source.count(), 7);

    // One that was accepted may be replaced at once.
    let held = cached.get().await.expect("a credential");
    held.accepted();
    assert!(cached.another(&held).await.is_some());
    assert_eq!(source.count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_is_accepted_and_refused_in_turn_is_not_fetched_for_each_refusal() {
    // As by two clusters that share a user, or an application behind the API server's proxy that answers 401 itself.
    let source = Scripted::new((0..500).map(|index| token(&index.to_string())));
    let cached = source.cached();
    for _ in 0..60 {
        for _ in 0..20 {
            let held = cached.get().await.expect("a credential");
            held.accepted();
            cached.another(&held).await;
        }
        seconds(1).await;
    }
    assert!(source.count() <= 8, "{}", source.count());

    // After a time without refusals the next one is taken at its word again.
    for _ in 0..3 {
        seconds(300).await;
        let held = cached.get().await.expect("a credential");
        held.accepted();
        assert!(cached.another(&held).await.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_cannot_be_sent_is_an_error_that_does_not_show_it() {
    let both = Credential::token("a\nsesame").with_client_certificate(identity("good"));
    let broken = Credential::client_certificate(identity("broken"));
    let cases = [(both, "cannot be sent"), (broken, "cannot be used"), (Credential::token(" "), "neither a token nor")];
    for (credential, expected) in cases {
        let error = Scripted::new([Ok(credential)]).cached().get().await.err().expect("an error");
        let shown = format!("{error} {error:?}");
        assert!(error.is_invalid() && shown.contains(expected) && !shown.contains("sesame"), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_certificate_is_the_same_one_as_long_as_it_does_not_change() {
    let with = |text: &str, token: &str| Ok(Credential::token(token).with_client_certificate(identity(text)));
    let source = Scripted::new([with("a", "1"), with("a", "2"), with("b", "3"), token("4")]);
    let cached = source.cached();
    let mut seen = Vec::new();
    let mut held = cached.get().await.expect("a credential");
    for _ in 0..3 {
        held.accepted();
        seen.push(held.identity().cloned());
        // Revoked soon after one another, but not at once.
        seconds(5).await;
        held = cached.another(&held).await.expect("another");
    }
    seen.push(held.identity().cloned());
    let same = |one: usize, other: usize| match (&seen[one], &seen[other]) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => false,
    };
    assert!(same(0, 1) && !same(1, 2) && seen[3].is_none());
    assert_eq!(header(&held), "Bearer 4");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_credentials_says_so_and_how_it_may_be_retried() {
    let mut config = Config::new("https://server.example".parse().expect("a URL"));
    config.credentials = crate::config::Credentials::source(|| async { Err("the vault is sealed".into()) });
    let client = crate::Client::new(&config).expect("a client");
    let error = client.get_text("/version", "application/json").await.expect_err("no credentials");
    assert!(error.is_authentication() && !error.is_connection() && !error.is_config(), "{error:?}");
    assert_eq!(error.to_string(), "GET /version: cannot obtain credentials for the request");
    assert_eq!(error.retry_class(), RetryClass::Transient);
    let cause = error.auth_error().expect("the cause");
    assert_eq!(cause.to_string(), "the program's source of credentials failed");
    assert_eq!(std::error::Error::source(cause).expect("its cause").to_string(), "the vault is sealed");
}

#[cfg(not(feature = "kubeconfig"))]
#[test]
fn an_exec_plugin_needs_the_feature_kubeconfig_and_the_error_says_so() {
    let mut config = Config::new("https://server.example".parse().expect("a URL"));
    config.credentials = crate::config::Credentials::Exec(Box::new(crate::config::ExecConfig::new("plum-login")));
    let error = Authenticator::new(&config, &Nowhere).expect_err("it is left out");
    assert!(error.is_unsupported(), "{error}");
    assert!(error.to_string().contains("plum-login") && error.to_string().contains("`kubeconfig`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_is_one_that_fails_and_is_asked_again() {
    struct Panics(AtomicUsize);
    impl CredentialSource for Panics {
        fn fetch(&self, _: CredentialRequest) -> CredentialFuture<'_> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("before there is a future"),
                1 => Box::pin(async { panic!("while it is polled") }),
                _ => Box::pin(async { Ok(Credential::token("one")) }),
            }
        }
    }
    let cached = Cached::new(Arc::new(Panics(AtomicUsize::new(0))), &Nowhere, "the script");
    for _ in 0..2 {
        for answer in join_all((0..10).map(|_| get(&cached))).await {
            assert!(answer.contains("the program's source of credentials panicked"), "{answer}");
        }
        seconds(5).await;
    }
    assert_eq!(get(&cached).await, "Bearer one");
}
