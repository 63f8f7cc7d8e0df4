//! The `tracing` span of each reconcile, as `docs/controllers.md` has it. It is a program of its own, since whether a span is
//! enabled is a matter of the whole process.
#![allow(missing_docs)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubewright::Api;
use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::retry::Backoff;
use kubewright_controller::testing::ScriptedApi;
use kubewright_controller::{Action, Context, Controller};
use tokio::time::sleep;
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);

fn map(name: &str) -> ConfigMap {
    ConfigMap { metadata: ObjectMeta::named(name).in_namespace("shop"), ..Default::default() }
}

/// What was logged, as text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// The lines that contain this text.
    fn with(&self, text: &str) -> Vec<String> {
        let all = String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text");
        all.lines().filter(|line| line.contains(text)).map(ToOwned::to_owned).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn each_reconcile_has_a_span_with_its_controller_kind_object_and_id() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the first");
    let server = ScriptedApi::new();
    server.put(&map("broken"));
    let maps: Api<ConfigMap> = Api::namespaced(&server.client(), "shop");
    let controller = Controller::new(maps).name("maps").backoff(Backoff::new(SECOND, SECOND * 60).jitter(0.0));
    let run = controller.run(|map: Arc<ConfigMap>, context: Context| async move {
        tracing::info!("reading the map");
        tokio::task::yield_now().await;
        tracing::info!("and, at a later poll, its data");
        match (&*map.metadata.name.clone().unwrap_or_default(), context.failures()) {
            ("broken", 0) => Err("no data"),
            ("panics", 0) => panic!("no data at all"),
            _ => Ok(Action::done()),
        }
    });
    tokio::spawn(run);
    sleep(Duration::from_millis(10)).await;

    let span = |name: &str, id: u64| {
        format!(r#"reconcile{{controller="maps" kind="ConfigMap" namespace="shop" name="{name}" reconcile_id={id}}}: "#)
    };
    // Whatever the function logs is in it, and so is what became of the reconcile.
    assert_eq!(lines.with("reading the map").len(), 1);
    for text in ["reading the map", "and, at a later poll, its data", "a reconcile failed"] {
        let line = lines.with(text).concat();
        assert!(line.contains(&span("broken", 1)), "{line}");
    }
    let line = lines.with("a reconcile failed").concat();
    assert!(line.starts_with("ERROR") && line.contains(r#"error="no data" failures=1 retry_in=1s"#), "{line}");

    // The next one has another id, and another object its own.
    sleep(SECOND * 2).await;
    assert!(lines.with("and, at a later poll").concat().contains(&span("broken", 2)));
    server.put(&map("panics"));
    sleep(Duration::from_millis(10)).await;
    let line = lines.with("a reconcile panicked").concat();
    assert!(
        line.starts_with("ERROR") && line.contains(&span("panics", 3)) && line.contains(r#"panic="no data at all""#),
        "{line}"
    );
    // What is no reconcile is in no such span.
    assert!(lines.with("reconcile{").iter().all(|line| !line.contains("trigger")));
}
