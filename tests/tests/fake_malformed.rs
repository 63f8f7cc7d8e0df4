//! Requests that are not as they should be: the fake API server answers with a `Status`, as a real one does, and neither panics nor
//! hangs.
#![allow(missing_docs)]

#[path = "fake_malformed/cases.rs"]
mod cases;
#[path = "fake_malformed/junk.rs"]
mod junk;
#[path = "fake_malformed/raw.rs"]
mod raw;

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use cases::{CRD, Case, all};
use futures_util::FutureExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright_fake::FakeCluster;
use kubewright_runtime::transport::Body;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace, number};
use serde_json::Value;

fn cluster() -> FakeCluster {
    FakeCluster::builder().crd(CRD).expect("a CRD").build().expect("a cluster")
}

/// The status and the body of an answer.
async fn send(client: &Client, case: &Case, namespace: &str) -> (u16, Value) {
    let mut request = Request::builder().method(case.method).uri(case.path.replace("{ns}", namespace));
    for (name, value) in &case.headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(case.body.clone())).unwrap_or_else(|error| panic!("{}: {error}", case.path));
    let response = match client.send(request).await {
        Ok(response) => response,
        // The connection has ended before the answer.
        Err(error) => return (0, Value::String(format!("{error:#}"))),
    };
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&body).replace(namespace, "{ns}");
    (code, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What is compared: the code, the reason, and whether it is a `Status`.
fn compared((code, body): &(u16, Value)) -> (u16, String, String) {
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    (*code, text("kind"), text("reason"))
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_answered_as_by_a_real_server() {
    let Some(bed) = shared_or_skip() else { return };
    let (fake, real) = (cluster().client(), client(bed.kubeconfig()));
    cases::installed(&real).await;
    let own = format!("malformed-{:08x}", fastrand::u32(..));
    for client in [&fake, &real] {
        namespace(client, &own).await;
        cases::prepare(client, &own).await;
    }
    let mut differences = String::new();
    for case in all() {
        let (ours, theirs) = (send(&fake, &case, &own).await, send(&real, &case, &own).await);
        if compared(&ours) != compared(&theirs) {
            let shown = String::from_utf8_lossy(&case.body[..case.body.len().min(60)]).into_owned();
            let _ = writeln!(differences, "\n{} {} {:?} {shown}", case.method, case.path, case.headers);
            let _ = writeln!(differences, "   fake: {} {}\n   real: {} {}", ours.0, ours.1, theirs.0, theirs.1);
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_answered_with_a_status_through_a_port_too() {
    let cluster = cluster();
    let listener = cluster.listen().await.expect("a listener");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    listener.write_kubeconfig(&kubeconfig).expect("a kubeconfig");
    let remote = client(&kubeconfig);
    namespace(&remote, "shop").await;
    cases::prepare(&remote, "shop").await;
    for case in all().into_iter().chain(cases::otherwise()) {
        let (code, body) = send(&remote, &case, "shop").await;
        assert!(code != 0 && (code < 501 || body["kind"] == "Status"), "{} {}: {code} {body}", case.method, case.path);
    }
}

/// Values of every type, in place of every value of objects of every kind.
#[tokio::test]
async fn no_value_of_another_type_is_a_panic() {
    let client = cluster().client();
    let seed = number("KUBEWRIGHT_SEED", 1);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut panics = String::new();
    for case in junk::cases(&mut random) {
        let answered = AssertUnwindSafe(send(&client, &case, "default")).catch_unwind().await;
        let shown = String::from_utf8_lossy(&case.body).into_owned();
        match answered {
            Ok((code, body)) if (400..600).contains(&code) => {
                assert_eq!(body["kind"], "Status", "KUBEWRIGHT_SEED={seed} {} {}: {shown}", case.method, case.path);
            }
            Ok(_) => {}
            Err(_) => {
                let _ = writeln!(panics, "{} {} {:?}: {shown}", case.method, case.path, case.headers);
            }
        }
    }
    assert!(panics.is_empty(), "KUBEWRIGHT_SEED={seed}\n{panics}");
}
