//! Reading a cluster's documents, against servers that answer from a script.
#![cfg(feature = "cluster")]
#![allow(missing_docs)]

mod common;

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use kubewright_codegen::cluster::{Answers, ClusterError, Request as Wanted, documents as read_all, read, read_crds};
use kubewright_codegen::crds::Crds;
use kubewright_codegen::documents::{Cache, Documents};
use kubewright_codegen::{Options, Target, Tree, generate};
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;

const LOGIN: &str = "<!DOCTYPE html><html><body>Sign in</body></html>";

/// What every read asks for before the documents themselves.
const FIRST: [&str; 4] = ["/version", "/api", "/apis", "/openapi/v3"];

/// A server with two group-versions: the made-up one of `tests/documents`, and one that answers as a test likes.
struct Server {
    /// Status and text of `/openapi/v3/apis/other.example.com/v1`.
    other: (u16, &'static str),
    /// The hash of that document.
    hash: &'static str,
    /// Whether that document is published anew as soon as the index has been read.
    published_anew: bool,
    /// What was asked for, in order.
    asked: Vec<String>,
}

type Shared = Arc<Mutex<Server>>;

fn server() -> (Client, Shared) {
    let server =
        Server { other: (200, r#"{"openapi": "3.0.0"}"#), hash: "B1", published_anew: false, asked: Vec::new() };
    let server = Arc::new(Mutex::new(server));
    let shared = server.clone();
    (client(move |target| Ok(shared.lock().expect("not poisoned").answer(target))), server)
}

impl Server {
    fn answer(&mut self, target: &str) -> (u16, String) {
        self.asked.push(target.to_owned());
        let file = |name: &str| std::fs::read_to_string(common::folder("documents").join(name)).expect("a document");
        let path = target.split('?').next().unwrap_or_default();
        let text = match path {
            "/version" => r#"{"major": "1", "minor": "37", "gitVersion": "v1.37.1"}"#.into(),
            "/api" => r#"{"kind": "APIGroupDiscoveryList", "items": []}"#.into(),
            "/apis" => file("discovery.json"),
            "/openapi/v3" => format!(
                r#"{{"paths": {{
                    "apis/example.com/v1": {{"serverRelativeURL": "/openapi/v3/apis/example.com/v1?hash=A1"}},
                    "apis/other.example.com/v1":
                        {{"serverRelativeURL": "/openapi/v3/apis/other.example.com/v1?hash={}"}}
                }}}}"#,
                self.hash
            ),
            "/openapi/v3/apis/example.com/v1" => file("apis_example.com_v1.json"),
            "/openapi/v3/apis/other.example.com/v1" if self.published_anew && target.contains("hash=") => {
                return (301, String::new());
            }
            "/openapi/v3/apis/other.example.com/v1" => return (self.other.0, self.other.1.into()),
            _ => return (404, String::new()),
        };
        (200, text)
    }
}

/// A client of a server that gives these answers, status and text, or none.
fn client(answer: impl Fn(&str) -> Result<(u16, String), &'static str> + Send + Sync + 'static) -> Client {
    let answer = Arc::new(answer);
    let service = tower::service_fn(move |request: Request<Body>| {
        let answer = answer(&request.uri().to_string());
        async move {
            let (code, text) = answer?;
            Ok::<_, &str>(Response::builder().status(code).body(Body::from(text)).expect("a response"))
        }
    });
    Client::from_service(service, "default")
}

fn read_from(client: &Client, cache: &Cache, groups: &[&str]) -> Result<Answers, ClusterError> {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(read(client, Wanted { groups: &groups, cache, progress: &mut |_, _| {} }))
}

fn documents(answers: &Answers) -> Documents {
    answers.documents(&[]).expect("documents")
}

fn tree(documents: &Documents) -> Tree {
    let options = Options::new(Target::Tree, "kubewright_runtime", "example");
    generate(documents, &options).expect("generated")
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What was asked for since the last time.
fn asked(server: &Shared) -> Vec<String> {
    std::mem::take(&mut server.lock().expect("not poisoned").asked)
}

#[test]
fn a_server_that_answers_with_web_pages_is_an_error_that_names_the_path_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = client(|_| Ok((200, LOGIN.into())));
    let error = read_from(&client, &Cache::new(folder.path()), &[]).expect_err("HTML");
    assert!(matches!(error, ClusterError::Document(_)), "{error:?}");
    let text = chain(&error);
    assert!(text.contains("/openapi/v3") && text.contains("HTML") && text.contains("login page"), "{text}");
}

#[test]
fn a_server_that_refuses_with_a_web_page_is_an_error_that_names_the_path_and_the_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = client(|_| Ok((403, LOGIN.into())));
    let error = read_from(&client, &Cache::new(folder.path()), &[]).expect_err("HTML");
    let text = chain(&error);
    assert!(text.contains("/version") && text.contains("403") && text.contains("Sign in"), "{text}");
}

#[test]
fn a_document_that_was_published_anew_since_the_index_was_read_is_read_as_it_is_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let (client, server) = server();
    server.lock().expect("not poisoned").published_anew = true;
    let answers = read_from(&client, &cache, &[]).expect("answers");
    assert_eq!(answers.failed, []);
    assert_eq!(documents(&answers).problems.len(), 0);
    let other = "/openapi/v3/apis/other.example.com/v1";
    assert_eq!(asked(&server)[FIRST.len() + 1..], [format!("{other}?hash=B1"), other.to_owned()]);
    assert!(cache.get("B1").is_none(), "what came is not the document of that hash");
}

#[test]
fn a_server_that_cannot_be_reached_is_one_error_after_one_attempt() {
    let folder = tempfile::tempdir().expect("a folder");
    let attempts = Arc::new(Mutex::new(0));
    let seen = attempts.clone();
    let client = client(move |_| {
        *seen.lock().expect("not poisoned") += 1;
        Err("connection refused")
    });
    let error = read_from(&client, &Cache::new(folder.path()), &[]).expect_err("no server");
    assert_eq!(error.to_string(), "cannot read /version of the cluster");
    let text = chain(&error);
    assert!(text.contains("connection refused"), "{text}");
    assert!(matches!(&error, ClusterError::Unreachable { source, .. } if source.is_connection()), "{error:?}");
    assert_eq!(*attempts.lock().expect("not poisoned"), 1);
}

#[test]
fn a_group_version_that_does_not_come_is_reported_and_the_rest_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let (client, server) = server();
    server.lock().expect("not poisoned").other = (503, "service unavailable");
    let answers = read_from(&client, &cache, &[]).expect("the rest");
    assert_eq!((answers.openapi.len(), answers.failed.len(), answers.fetched), (1, 1, 1));
    let found = documents(&answers);
    let problems: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("apis/other.example.com/v1") && problems[0].contains("503"), "{problems:?}");
    assert_eq!(tree(&found).files, tree(&common::documents()).files);

    server.lock().expect("not poisoned").other = (200, r#"{"openapi": "3.0.0"}"#);
    let answers = read_from(&client, &cache, &[]).expect("everything");
    assert_eq!((answers.openapi.len(), answers.failed.len(), answers.fetched), (2, 0, 1));
}

#[test]
fn a_second_read_fetches_only_documents_whose_hash_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let (client, server) = server();
    let first = read_from(&client, &cache, &[]).expect("everything");
    assert_eq!(first.fetched, 2);
    assert_eq!(asked(&server).len(), FIRST.len() + 2);

    let second = read_from(&client, &cache, &[]).expect("everything");
    assert_eq!(second.fetched, 0);
    assert_eq!(asked(&server), FIRST);
    assert_eq!(second.openapi, first.openapi);

    server.lock().expect("not poisoned").hash = "B2";
    assert_eq!(read_from(&client, &cache, &[]).expect("everything").fetched, 1);
    assert_eq!(asked(&server)[FIRST.len()..], ["/openapi/v3/apis/other.example.com/v1?hash=B2"]);
}

#[test]
fn a_web_page_in_place_of_a_document_is_reported_and_is_not_taken_from_the_cache_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let (client, server) = server();
    server.lock().expect("not poisoned").other = (200, LOGIN);
    let found = documents(&read_from(&client, &cache, &[]).expect("the rest"));
    let problems: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("apis/other.example.com/v1") && problems[0].contains("HTML"), "{problems:?}");

    server.lock().expect("not poisoned").other = (200, r#"{"openapi": "3.0.0"}"#);
    let found = documents(&read_from(&client, &cache, &[]).expect("everything"));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn groups_that_were_not_asked_for_are_not_fetched() {
    let folder = tempfile::tempdir().expect("a folder");
    let (client, server) = server();
    let answers = read_from(&client, &Cache::new(folder.path()), &["example.com"]).expect("one group");
    assert_eq!(asked(&server)[FIRST.len()..], ["/openapi/v3/apis/example.com/v1?hash=A1"]);
    let found = answers.documents(&["example.com".into()]).expect("documents");
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn a_group_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let (client, server) = server();
    let error = read_from(&client, &Cache::new(folder.path()), &["exmaple.com"]).expect_err("a slip");
    assert_eq!(error.to_string(), r#"the cluster has no group "exmaple.com"; it has: example.com, other.example.com"#);
    assert_eq!(asked(&server), FIRST, "no document is fetched in vain");
}

/// What a list of definitions answers, in this order; the last again and again.
fn definitions(answers: Vec<(u16, serde_json::Value)>) -> (Result<Option<Crds>, ClusterError>, Vec<String>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let client = client(move |target| {
        let mut seen = seen.lock().expect("not poisoned");
        seen.push(target.to_owned());
        let (code, answer) = answers.get(seen.len() - 1).or(answers.last()).expect("an answer");
        Ok((*code, answer.to_string()))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let crds = runtime.block_on(read_crds(&client, &["example.com".to_owned()]));
    let asked = asked.lock().expect("not poisoned").clone();
    (crds, asked)
}

fn definition(kind: &str, group: &str, conditions: &[(&str, &str)]) -> serde_json::Value {
    let plural = format!("{}s", kind.to_lowercase());
    let conditions: Vec<_> =
        conditions.iter().map(|(name, status)| serde_json::json!({"type": name, "status": status})).collect();
    serde_json::json!({"metadata": {"name": format!("{plural}.{group}")}, "status": {"conditions": conditions},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": true, "storage": true}]}})
}

const ESTABLISHED: &[(&str, &str)] = &[("NamesAccepted", "True"), ("Established", "True")];

#[test]
fn a_definition_that_was_just_created_is_waited_for_until_the_server_accepts_it() {
    let list = |definition: serde_json::Value| (200, serde_json::json!({"items": [definition]}));
    let (crds, asked) = definitions(vec![
        list(definition("Own", "example.com", &[])),
        list(definition("Own", "example.com", &[("NamesAccepted", "True")])),
        list(definition("Own", "example.com", ESTABLISHED)),
    ]);
    assert_eq!(crds.expect("read").expect("some").names(), ["owns.example.com"]);
    assert_eq!(asked.len(), 3);
}

#[test]
fn definitions_come_page_by_page_and_those_that_the_server_does_not_serve_are_left_out() {
    let mut gone = definition("Gone", "example.com", ESTABLISHED);
    gone["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    let first = serde_json::json!({"metadata": {"continue": "more"}, "items": [
        definition("Own", "example.com", ESTABLISHED), definition("Other", "other.com", ESTABLISHED), gone]});
    let second = serde_json::json!({"items": [definition("Taken", "example.com", &[("NamesAccepted", "False")])]});
    let (crds, asked) = definitions(vec![(200, first), (200, second)]);
    assert_eq!(crds.expect("read").expect("some").names(), ["owns.example.com"]);
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=50";
    assert_eq!(asked, [path.to_owned(), format!("{path}&continue=more")]);
}

#[test]
fn a_cluster_whose_definitions_may_not_be_read_is_read_by_its_documents_alone() {
    for code in [401, 403, 404] {
        let (crds, _) = definitions(vec![(code, serde_json::json!({"kind": "Status", "code": code}))]);
        assert!(crds.expect("no error").is_none(), "{code}");
    }
}

/// Reads everything of a group from a server that has this definition.
fn read_with(definition: serde_json::Value, server: Shared, group: &str) -> Result<Documents, ClusterError> {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let list = serde_json::json!({"metadata": {}, "items": [definition]}).to_string();
    let client = client(move |target| match target.starts_with("/apis/apiextensions.k8s.io/") {
        true => Ok((200, list.clone())),
        false => Ok(server.lock().expect("not poisoned").answer(target)),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let groups = [group.to_owned()];
    runtime.block_on(read_all(&client, Wanted { groups: &groups, cache: &cache, progress: &mut |_, _| {} }))
}

#[test]
fn a_definition_whose_group_is_not_published_yet_is_generated_all_the_same() {
    let boat = definition("Boat", "new.example.com", ESTABLISHED);
    let found = read_with(boat.clone(), server().1, "new.example.com").expect("the definition is enough");
    assert!(tree(&found).files.contains_key("new_example_com/v1/boats.rs"));
    let newer = read_with(boat, server().1, "newer.example.com");
    assert!(matches!(newer, Err(ClusterError::NoSuchGroup { .. })));
}

#[test]
fn a_document_that_does_not_come_is_no_problem_where_the_definitions_say_what_is_in_it() {
    let (_, server) = server();
    server.lock().expect("not poisoned").other = (503, "service unavailable");
    let found = read_with(definition("Boat", "other.example.com", ESTABLISHED), server, "other.example.com");
    let found = found.expect("the definition is enough");
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert!(tree(&found).files.contains_key("other_example_com/v1/boats.rs"));
}
