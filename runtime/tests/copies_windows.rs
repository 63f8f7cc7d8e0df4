//! Copies to and from containers whose paths have `\` in them; and from a container that the pod's annotation names.
#![cfg(all(feature = "copy", unix))]
#![allow(missing_docs)]

mod container;
mod peer;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use container::{archive, failure, file, folder};
use http::Response;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use peer::{Log, SUCCESS, V5, client_with_answers, pods};

const POD: &str = "/api/v1/namespaces/shop/pods/web-0";

/// The commands that were run.
type Commands = Arc<Mutex<Vec<Vec<String>>>>;

fn answer(code: u16, body: &str) -> Response<Body> {
    let response = Response::builder().status(code).header("content-type", "application/json");
    response.body(Body::from(Bytes::copy_from_slice(body.as_bytes()))).expect("a response")
}

/// A container in which there is everything: each archive is one file that has the name that was asked for, and no path
/// is a folder. The pod is answered with this code and text.
fn container(pod: (u16, &'static str)) -> (Client, Log, Commands) {
    let commands = Commands::default();
    let ran = commands.clone();
    let answers = move |target: &str| (target == POD).then(|| answer(pod.0, pod.1));
    let (client, log) = client_with_answers(64 << 10, &[V5], answers, move |mut peer| {
        let ran = ran.clone();
        async move {
            let command = peer.command();
            ran.lock().expect("not poisoned").push(command.clone());
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["test", "-d", _] => peer.say(3, failure(1)).await,
                ["tar", "-x", ..] => {
                    let _ = peer.hear_all(0).await;
                    peer.say(3, SUCCESS).await;
                }
                [.., member] => {
                    let entries = match *member {
                        "." => vec![folder("./"), file("./in it", "hello")],
                        name => vec![file(name, "hello")],
                    };
                    peer.say(1, archive(&entries)).await;
                    peer.say(3, SUCCESS).await;
                }
                [] => panic!("no command"),
            }
        }
    });
    (client, log, commands)
}

fn reads_of_the_pod(log: &Log) -> usize {
    log.lock().expect("not poisoned").iter().filter(|(target, _)| target == POD).count()
}

const UNKNOWN: (u16, &str) = (200, r#"{"kind":"Pod","spec":{"containers":[{"name":"app"}]}}"#);
const WINDOWS: (u16, &str) = (200, r#"{"kind":"Pod","spec":{"os":{"name":"windows"}}}"#);
const WINDOWS_NODES: (u16, &str) = (200, r#"{"kind":"Pod","spec":{"nodeSelector":{"kubernetes.io/os":"windows"}}}"#);
const LINUX: (u16, &str) = (200, r#"{"kind":"Pod","spec":{"os":{"name":"linux"}}}"#);
const FORBIDDEN: (u16, &str) =
    (403, r#"{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}"#);

/// The pod, the path, what `tar` is given (a folder, and a member of it), and how often the pod is read for that.
type Case = ((u16, &'static str), &'static str, &'static str, &'static str, usize);

const FROM: &[Case] = &[
    // A drive, or a backslash at the start, is enough.
    (UNKNOWN, r"C:\inetpub\logs", "C:/inetpub", "./logs", 0),
    (UNKNOWN, r"C:\logs", "C:/", "./logs", 0),
    (UNKNOWN, "C:/logs", "C:/", "./logs", 0),
    (UNKNOWN, r"c:\", "c:/", ".", 0),
    (UNKNOWN, r"C:\inetpub\", "C:/inetpub", ".", 0),
    (UNKNOWN, r"\inetpub\logs", "/inetpub", "./logs", 0),
    (LINUX, r"C:\inetpub\logs", "C:/inetpub", "./logs", 0),
    // The pod says what it is.
    (WINDOWS, r"inetpub\logs", "inetpub", "./logs", 1),
    (WINDOWS, r"/inetpub\logs", "/inetpub", "./logs", 1),
    (WINDOWS_NODES, r"/inetpub\logs", "/inetpub", "./logs", 1),
    (LINUX, r"units\a\x2db", ".", r"./units\a\x2db", 1),
    (LINUX, r"/etc/dev-sda\x2d1.device", "/etc", r"./dev-sda\x2d1.device", 1),
    // It does not.
    (UNKNOWN, r"/etc/dev-sda\x2d1.device", "/etc", r"./dev-sda\x2d1.device", 1),
    (UNKNOWN, r"inetpub\logs", "inetpub", "./logs", 1),
    (FORBIDDEN, r"inetpub\logs", "inetpub", "./logs", 1),
    (FORBIDDEN, r"/etc/dev-sda\x2d1.device", "/etc", r"./dev-sda\x2d1.device", 1),
    // No question at all.
    (WINDOWS, "/inetpub/logs", "/inetpub", "./logs", 0),
];

#[tokio::test]
async fn a_backslash_in_the_path_of_a_windows_container_separates() {
    for (pod, path, folder, member, reads) in FROM {
        let (client, log, commands) = container(*pod);
        let to = tempfile::tempdir().expect("a folder");
        let copied = pods(&client).copy_from("web-0", "exec", path, to.path().join("copy")).await.expect("copied");
        assert_eq!(copied.files, 1, "{path}");
        let expected = ["tar", "-c", "-f", "-", "-C", folder, member];
        assert_eq!(*commands.lock().expect("not poisoned"), [expected.map(str::to_owned)], "{pod:?} {path}");
        assert_eq!(reads_of_the_pod(&log), *reads, "{path}");
    }
}

#[tokio::test]
async fn a_copy_from_windows_has_the_last_part_of_the_path_as_its_name() {
    let (client, ..) = container(UNKNOWN);
    let to = tempfile::tempdir().expect("a folder");
    pods(&client).copy_from("web-0", "exec", r"C:\inetpub\logs", to.path()).await.expect("copied");
    assert_eq!(std::fs::read_to_string(to.path().join("logs")).expect("it is there"), "hello");
    // A drive has no name that a copy of it could have: what is in it is copied.
    pods(&client).copy_from("web-0", "exec", r"C:\", to.path()).await.expect("copied");
    assert_eq!(std::fs::read_to_string(to.path().join("in it")).expect("it is there"), "hello");
}

#[tokio::test]
async fn a_copy_to_windows_is_put_into_the_folder_before_the_last_backslash() {
    let here = tempfile::tempdir().expect("a folder");
    std::fs::write(here.path().join("page"), "hello").expect("written");
    let cases: &[(_, _, &[&str], _)] = &[
        (UNKNOWN, r"C:\site\index", &["C:/site/index", "C:/site"], "C:/site/index"),
        (UNKNOWN, r"C:\index", &["C:/index", "C:/"], "C:/index"),
        (UNKNOWN, r"C:\", &["C:/"], "C:/page"),
        (WINDOWS, r"site\index", &["site/index", "site"], "site/index"),
        (LINUX, r"/site/a\x2db", &[r"/site/a\x2db", "/site"], r"/site/a\x2db"),
    ];
    for (pod, path, words, destination) in cases {
        let (client, _, commands) = container(*pod);
        let copied = pods(&client).copy_to("web-0", "exec", here.path().join("page"), path).await.expect("copied");
        assert_eq!(copied.destination.to_str(), Some(*destination));
        let commands = commands.lock().expect("not poisoned");
        let last: Vec<_> = commands.iter().filter_map(|command| command.last()).collect();
        assert_eq!(last, *words, "{path}");
    }
}

#[tokio::test]
async fn what_the_caller_says_of_the_container_counts() {
    let to = tempfile::tempdir().expect("a folder");
    for (windows, path, folder, member) in [
        (false, r"C:\logs", ".", r"./C:\logs"),
        (false, r"\logs", ".", r"./\logs"),
        (true, r"/inetpub\logs", "/inetpub", "./logs"),
    ] {
        let (client, log, commands) = container(UNKNOWN);
        let copy = pods(&client).copy_from("web-0", "exec", path, to.path().join("copy")).windows(windows);
        copy.await.expect("copied");
        let commands = commands.lock().expect("not poisoned");
        assert_eq!(commands[0][5..], [folder, member], "{path}");
        assert_eq!(reads_of_the_pod(&log), 0);
    }
}

#[tokio::test]
async fn a_copy_is_with_the_container_that_the_annotation_names_in_all_of_its_commands() {
    let answers = |target: &str| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == POD {
            let pod = r#"{"metadata":{"annotations":{"kubectl.kubernetes.io/default-container":"app"}}}"#;
            return Some(answer(200, pod));
        }
        let message = "a container name must be specified for pod web-0, choose one of: [sidecar app]";
        let refusal =
            format!(r#"{{"kind":"Status","status":"Failure","reason":"BadRequest","message":"{message}","code":400}}"#);
        (!query.contains("container=")).then(|| answer(400, &refusal))
    };
    let (client, log) = client_with_answers(64 << 10, &[V5], answers, |mut peer| async move {
        assert!(peer.target.contains("container=app"), "{}", peer.target);
        match peer.command()[0].as_str() {
            "test" => peer.say(3, failure(1)).await,
            _ if peer.target.contains("command=-x") => {
                let _ = peer.hear_all(0).await;
                peer.say(3, SUCCESS).await;
            }
            _ => {
                peer.say(1, archive(&[file("./page", "hello")])).await;
                peer.say(3, SUCCESS).await;
            }
        }
    });
    let here = tempfile::tempdir().expect("a folder");
    pods(&client).copy_from("web-0", "exec", "/srv/page", here.path()).await.expect("copied");
    assert_eq!(std::fs::read_to_string(here.path().join("page")).expect("it is there"), "hello");
    pods(&client).copy_to("web-0", "exec", here.path().join("page"), "/srv/new").await.expect("copied");
    // Each copy asks once: the refusal, the pod, and then each of its commands.
    assert_eq!(log.lock().expect("not poisoned").len(), 3 + 4);
}
