//! Calls to a pod with several containers that name none: which container they are for, and what is asked to find out.
#![allow(missing_docs)]

mod peer;

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::Response;
use kubewright_runtime::api::Handle;
use kubewright_runtime::log::{FollowEvent, Instance};
use kubewright_runtime::meta::v1::Status;
use kubewright_runtime::request::TextRequest;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Client, Error};
use peer::{Log, PODS, SUCCESS, V5, client_with_answers, pods};
use tokio::io::AsyncReadExt as _;

const POD: &str = "/api/v1/namespaces/shop/pods/pair";

/// What a server has: a pod with these containers, and with this text as its annotations.
#[derive(Clone)]
struct Pod {
    containers: &'static [&'static str],
    annotations: &'static str,
    /// With what the pod is answered.
    code: u16,
}

const PAIR: Pod = Pod {
    containers: &["sidecar", "app"],
    annotations: r#"{"kubectl.kubernetes.io/default-container":"app","other":"sidecar"}"#,
    code: 200,
};

fn answer(code: u16, body: String) -> Response<Body> {
    let response = Response::builder().status(code).header("content-type", "application/json");
    response.body(Body::from(Bytes::from(body))).expect("a response")
}

fn refusal(code: u16, reason: &str, message: &str) -> Response<Body> {
    let message = message.replace('"', "\\\"");
    answer(
        code,
        format!(
            r#"{{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":"{message}","reason":"{reason}","code":{code}}}"#
        ),
    )
}

impl Pod {
    /// As kube-apiserver 1.37 does: it looks at no annotation.
    fn answer(&self, target: &str) -> Option<Response<Body>> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == POD {
            return Some(match self.code {
                200 => answer(200, format!(r#"{{"metadata":{{"name":"pair","annotations":{}}}}}"#, self.annotations)),
                code => refusal(code, "Forbidden", "you may not read pods"),
            });
        }
        let named = query.split('&').find_map(|parameter| parameter.strip_prefix("container="));
        let container = match (named.filter(|name| !name.is_empty()), self.containers) {
            (None, [only]) => only,
            (None, several) => {
                let names = several.join(" ");
                let message = format!("a container name must be specified for pod pair, choose one of: [{names}]");
                return Some(refusal(400, "BadRequest", &message));
            }
            (Some(name), all) if !all.contains(&name) => {
                return Some(refusal(400, "BadRequest", &format!("container {name} is not valid for pod pair")));
            }
            (Some(name), _) => name,
        };
        path.ends_with("/log").then(|| answer(200, format!("2026-01-01T00:00:00Z from {container}\n")))
    }

    /// A client of the server, whose commands say in which container they run.
    fn serve(self) -> (Client, Log) {
        let answers = move |target: &str| self.answer(target);
        client_with_answers(1 << 10, &[V5], answers, |mut peer| async move {
            let container = peer.target.split_once("container=").map_or("the only one", |(_, rest)| rest);
            let container = container.split('&').next().unwrap_or_default().to_owned();
            peer.say(1, container).await;
            peer.say(3, SUCCESS).await;
        })
    }
}

/// The requests in short: the subresource with its container, or the pod.
fn asked(log: &Log) -> Vec<String> {
    let log = log.lock().expect("not poisoned");
    let short = |target: &str| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let container = query.split('&').find(|parameter| parameter.starts_with("container=")).unwrap_or("");
        format!("{} {container}", path.strip_prefix(POD).expect("the pod")).trim().to_owned()
    };
    log.iter().map(|(target, _)| short(target)).collect()
}

fn log(client: &Client) -> TextRequest<Status> {
    Handle::<Status>::namespaced(client, &PODS, "shop").text_sub("pair", "log")
}

#[tokio::test]
async fn a_command_runs_in_the_container_that_the_annotation_names() {
    let (client, requests) = PAIR.serve();
    let output = pods(&client).exec("pair", "exec", ["hostname"]).output().await.expect("output");
    assert_eq!(output.text(), "app");
    assert_eq!(asked(&requests), ["/exec", "", "/exec container=app"]);
    let accept = requests.lock().expect("not poisoned")[1].1["accept"].clone();
    assert!(accept.to_str().expect("text").contains("as=PartialObjectMetadata;"), "metadata is enough: {accept:?}");
}

#[tokio::test]
async fn a_session_and_what_attaches_are_in_the_container_that_the_annotation_names() {
    let (client, requests) = PAIR.serve();
    let mut session = pods(&client).exec("pair", "exec", ["sh"]).stdin().tty().start().await.expect("a session");
    let mut said = String::new();
    session.stdout.take().expect("stdout").read_to_string(&mut said).await.expect("read");
    assert_eq!(said, "app");
    let mut session = pods(&client).attach("pair", "attach").stdin().start().await.expect("a session");
    assert!(session.wait().await.expect("a status").success());
    assert_eq!(asked(&requests), ["/exec", "", "/exec container=app", "/attach", "", "/attach container=app"]);
    let targets: Vec<_> = requests.lock().expect("not poisoned").iter().map(|(target, _)| target.clone()).collect();
    assert!(targets[2].contains("command=sh") && targets[2].contains("stdin=true&stdout=true&tty=true"), "{targets:?}");
}

#[tokio::test]
async fn a_log_is_that_of_the_container_that_the_annotation_names_however_it_is_read() {
    let (client, requests) = PAIR.serve();
    const TEXT: &str = "2026-01-01T00:00:00Z from app\n";
    assert_eq!(log(&client).await.expect("a log"), TEXT);
    assert_eq!(log(&client).bytes().await.expect("a log"), TEXT);
    let mut read = String::new();
    log(&client).reader().await.expect("a reader").read_to_string(&mut read).await.expect("read");
    assert_eq!(read, TEXT);
    let lines: Vec<_> =
        log(&client).query("timestamps", "true").lines().await.expect("lines").try_collect().await.expect("lines");
    assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["from app"]);
    assert_eq!(asked(&requests), ["/log", "", "/log container=app"].repeat(4));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_resumed_is_that_of_the_same_container() {
    let (client, requests) = PAIR.serve();
    // It is asked for again once it has ended, since it runs for so long.
    let runs = Arc::new(Mutex::new(vec![Instance::Stopped, Instance::Running, Instance::Running]));
    let instance = move || runs.lock().expect("not poisoned").pop().unwrap_or(Instance::Stopped);
    let events: Vec<_> = log(&client).query("follow", "true").follow_lines(instance).collect().await;
    let lines: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event.expect("no error") {
            FollowEvent::Line(line) => Some(line.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["from app"]);
    let asked = asked(&requests);
    assert_eq!(asked[..3], ["/log", "", "/log container=app"]);
    assert!(asked.len() > 3 && asked[3..].iter().all(|one| one == "/log container=app"), "{asked:?}");
}

#[tokio::test]
async fn a_pod_with_one_container_and_a_container_that_is_named_cost_no_request_more() {
    let (client, requests) = Pod { containers: &["main"], ..PAIR }.serve();
    let output = pods(&client).exec("pair", "exec", ["hostname"]).output().await.expect("output");
    assert_eq!(output.text(), "the only one");
    log(&client).await.expect("a log");
    assert_eq!(asked(&requests), ["/exec", "/log"]);

    let (client, requests) = PAIR.serve();
    let output = pods(&client).exec("pair", "exec", ["hostname"]).container("sidecar").output().await.expect("output");
    assert_eq!(output.text(), "sidecar");
    assert_eq!(
        log(&client).query("container", "sidecar").bytes().await.expect("a log"),
        "2026-01-01T00:00:00Z from sidecar\n"
    );
    let error =
        pods(&client).exec("pair", "exec", ["hostname"]).container("nope").output().await.expect_err("not there");
    assert!(error.is_bad_request(), "{error}");
    assert_eq!(asked(&requests), ["/exec container=sidecar", "/log container=sidecar", "/exec container=nope"]);
}

#[tokio::test]
async fn without_the_annotation_the_servers_refusal_stays_and_lists_the_containers() {
    for annotations in ["null", "{}", r#"{"kubectl.kubernetes.io/default-container":""}"#] {
        let (client, requests) = Pod { annotations, ..PAIR }.serve();
        let errors: [Error; 2] = [
            pods(&client).exec("pair", "exec", ["hostname"]).output().await.expect_err("none is chosen"),
            log(&client).await.expect_err("none is chosen"),
        ];
        for error in errors {
            assert!(error.is_bad_request() && error.to_string().contains("choose one of: [sidecar app]"), "{error}");
            assert!(error.source().is_none(), "{error:?}");
        }
        assert_eq!(asked(&requests), ["/exec", "", "/log", ""]);
    }
}

#[tokio::test]
async fn where_the_pod_may_not_be_read_the_refusal_stays_and_why_is_its_source() {
    let (client, _) = Pod { code: 403, ..PAIR }.serve();
    let error = pods(&client).exec("pair", "exec", ["hostname"]).output().await.expect_err("none is chosen");
    assert!(error.is_bad_request() && error.to_string().contains("choose one of: [sidecar app]"), "{error}");
    let source = error.source().and_then(|source| source.downcast_ref::<Error>()).expect("a source");
    assert!(source.is_forbidden(), "{source}");
}

#[tokio::test]
async fn an_annotation_that_names_no_container_of_the_pod_is_an_error_that_says_where_the_name_is_from() {
    let (client, requests) =
        Pod { annotations: r#"{"kubectl.kubernetes.io/default-container":"gone"}"#, ..PAIR }.serve();
    let error = pods(&client).exec("pair", "exec", ["hostname"]).output().await.expect_err("not there");
    assert!(error.is_bad_request() && error.to_string().contains("container gone is not valid"), "{error}");
    let source = error.source().expect("a source");
    assert!(source.to_string().contains("kubectl.kubernetes.io/default-container"), "{source}");
    let first = source.source().expect("why it was looked up").to_string();
    assert!(first.contains("choose one of: [sidecar app]"), "{first}");
    assert_eq!(asked(&requests), ["/exec", "", "/exec container=gone"]);
}

#[tokio::test]
async fn another_bad_request_is_told_as_it_is() {
    let answers = |target: &str| {
        let waiting = r#"container "main" in pod "pair" is waiting to start: ContainerCreating"#;
        Some(if target == POD { answer(200, "{}".to_owned()) } else { refusal(400, "BadRequest", waiting) })
    };
    let (client, requests) = client_with_answers(1 << 10, &[V5], answers, |_| async {});
    let error = log(&client).await.expect_err("no log yet");
    assert!(error.to_string().contains("waiting to start"), "{error}");
    assert_eq!(asked(&requests), ["/log"]);
}
