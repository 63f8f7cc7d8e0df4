//! A program that follows the server, and what it has.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use kubewright_fake::FakeCluster;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

use super::changes::KINDS;

/// The longest time that a program takes to catch up: a client may wait half a minute before it lists again.
const PATIENCE: Duration = Duration::from_secs(120);

/// Objects by kind and name, without what lists leave out.
type Objects = BTreeMap<(String, String), Value>;

/// A program that runs, and prints what it has when it is asked.
pub struct Mirror {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it has written to standard error.
    said: std::fs::File,
}

/// How often it has seen something, of all kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub events: u64,
    /// Transitions without an event.
    pub skipped: u64,
    /// Events without a transition.
    pub repeated: u64,
    /// Events after newer ones.
    pub back: u64,
}

/// What a program has.
#[derive(Default)]
struct Shown {
    objects: Objects,
    counts: Counts,
    /// Objects of which its handlers have not seen the state that its cache has.
    late: Vec<String>,
}

impl Mirror {
    /// Starts it, and waits until its caches have synced.
    pub async fn start(program: &Path, kubeconfig: &Path) -> Self {
        let said = tempfile::tempfile().expect("a file");
        let mut child = Command::new(program)
            .arg("mirror")
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said.try_clone().expect("a file"))
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let stdin = child.stdin.take().expect("its input");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut mirror = Self { child, stdin, lines, said };
        assert_eq!(mirror.line().await["ready"], true);
        mirror
    }

    async fn line(&mut self) -> Value {
        match timeout(PATIENCE, self.lines.next_line()).await {
            Ok(Ok(Some(line))) => serde_json::from_str(&line).expect("JSON"),
            other => panic!("{other:?}: {:?}\n{}", self.child.try_wait(), self.said()),
        }
    }

    /// The end of what it has written to standard error.
    fn said(&mut self) -> String {
        use std::io::Seek as _;
        let mut text = String::new();
        let _ = self.said.rewind();
        let _ = self.said.read_to_string(&mut text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    async fn show(&mut self) -> Shown {
        self.stdin.write_all(b"show\n").await.expect("it reads");
        let mut shown = Shown::default();
        loop {
            let mut line = self.line().await;
            if line["end"] == true {
                return shown;
            }
            let kind = line["kind"].as_str().expect("a kind").to_owned();
            if line["counts"].is_object() {
                let count = |name: &str| line["counts"][name].as_u64().expect("a number");
                shown.counts.events += count("events");
                shown.counts.skipped += count("skipped");
                shown.counts.repeated += count("repeated");
                shown.counts.back += count("back");
                continue;
            }
            let (key, object) = keyed(&kind, line["object"].take());
            let seen = line["seen"].as_u64().map(|counter| counter.to_string());
            if object["metadata"]["annotations"]["counter"].as_str() != seen.as_deref() {
                shown.late.push(format!("{key:?}: {} was seen of {object}", line["seen"]));
            }
            shown.objects.insert(key, object);
        }
    }

    /// Waits until it has what the server has, and its handlers have seen that.
    pub async fn until_equal(&mut self, cluster: &FakeCluster) -> Counts {
        let expected = objects(cluster).await;
        let start = Instant::now();
        loop {
            let shown = self.show().await;
            if shown.objects == expected && shown.late.is_empty() {
                return shown.counts;
            }
            if start.elapsed() > PATIENCE {
                panic!("{}\n{}", difference(&expected, &shown), self.said());
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// An object without its kind, which the lists of built-in kinds leave out, and its key.
fn keyed(kind: &str, mut object: Value) -> ((String, String), Value) {
    let fields = object.as_object_mut().expect("an object");
    fields.remove("kind");
    fields.remove("apiVersion");
    let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
    ((kind.to_owned(), name), object)
}

/// What the server has.
async fn objects(cluster: &FakeCluster) -> Objects {
    let mut objects = Objects::new();
    for kind in KINDS {
        let text = cluster.client().get_text(&kind.path(), "application/json").await.expect("a list");
        let mut list: Value = serde_json::from_str(&text).expect("JSON");
        let items = list["items"].as_array_mut().expect("items");
        objects.extend(items.iter_mut().map(|item| keyed(kind.name, item.take())));
    }
    objects
}

/// The first objects that differ.
fn difference(expected: &Objects, shown: &Shown) -> String {
    let keys = expected.keys().chain(shown.objects.keys());
    let differ = keys.filter(|key| expected.get(key) != shown.objects.get(key));
    let lines = differ.take(4).map(|key| {
        let text = |object: Option<&Value>| object.map_or_else(|| "nothing".to_owned(), Value::to_string);
        format!("{key:?}\n   server: {}\n  program: {}", text(expected.get(key)), text(shown.objects.get(key)))
    });
    let lines: Vec<String> = lines.chain(shown.late.iter().take(4).cloned()).collect();
    format!("{:?}, of {} objects:\n{}", shown.counts, expected.len(), lines.join("\n"))
}
