//! Controllers against an API server in memory, under a virtual clock.

mod gate;
mod sharded;
mod shutdown;
mod triggers;

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::ObjectMeta;
use kubewright::retry::Backoff;
use kubewright::{Api, DynamicObject, PartialObjectMetadata, Resource};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{Context, Controller, ControllerError, Ended};
use crate::action::Action;
use crate::key::ObjectKey;
use crate::metrics::Exposition;
use crate::predicate::Predicate;
use crate::testing::ScriptedApi;

const SECOND: Duration = Duration::from_secs(1);

fn map(name: &str) -> ConfigMap {
    ConfigMap { metadata: ObjectMeta::named(name).in_namespace("shop"), ..Default::default() }
}

fn server(names: &[&str]) -> ScriptedApi {
    let server = ScriptedApi::new();
    for name in names {
        server.put(&map(name));
    }
    server
}

fn api(server: &ScriptedApi) -> Api<ConfigMap> {
    Api::namespaced(&server.client(), "shop")
}

fn controller(server: &ScriptedApi) -> Controller<ConfigMap> {
    Controller::new(api(server)).backoff(Backoff::new(SECOND, SECOND * 60).jitter(0.0))
}

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, text: impl Into<String>) {
        self.0.lock().expect("no panic").push(text.into());
    }

    /// Returns what happened since the last call, when nothing more happens at this time.
    async fn take(&self) -> Vec<String> {
        sleep(Duration::from_millis(1)).await;
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

type Task = JoinHandle<Result<Ended, ControllerError>>;

/// Runs a controller whose reconciles log the name of the object, and do no more.
fn logging(controller: Controller<ConfigMap>) -> (Log, Task) {
    let log = Log::default();
    let own = log.clone();
    let run = controller.run(move |_, context| {
        own.push(context.key().name());
        ready(Ok::<_, Infallible>(Action::done()))
    });
    (log, tokio::spawn(run))
}

#[tokio::test(start_paused = true)]
async fn each_object_is_reconciled_at_the_start_and_when_it_changes() {
    let server = server(&["a", "b"]);
    let (log, _task) = logging(controller(&server));
    assert_eq!(log.take().await, ["a", "b"]);
    server.put(&map("b"));
    assert_eq!(log.take().await, ["b"]);
    server.put(&map("c"));
    assert_eq!(log.take().await, ["c"]);
    sleep(SECOND * 3600).await;
    assert!(log.take().await.is_empty(), "nothing changes");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_no_longer_exists_is_not_reconciled() {
    let server = server(&["a"]);
    let (log, _task) = logging(controller(&server));
    assert_eq!(log.take().await, ["a"]);
    server.remove::<ConfigMap>(Some("shop"), "a");
    assert!(log.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_reconciled_by_its_key_alone_if_it_is_asked_for() {
    let server = server(&["a"]);
    let log = Log::default();
    let own = log.clone();
    let run = controller(&server).run_with_deleted(move |object, context| {
        own.push(format!("{} {}", context.key(), if object.is_some() { "exists" } else { "is deleted" }));
        ready(Ok::<_, Infallible>(Action::done()))
    });
    tokio::spawn(run);
    assert_eq!(log.take().await, ["shop/a exists"]);
    server.remove::<ConfigMap>(Some("shop"), "a");
    assert_eq!(log.take().await, ["shop/a is deleted"]);
    server.put(&map("a"));
    assert_eq!(log.take().await, ["shop/a exists"]);
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_gets_the_object_as_it_is_when_it_starts() {
    let server = server(&["a"]);
    let log = Log::default();
    let own = log.clone();
    let run = controller(&server).run(move |map: Arc<ConfigMap>, _| {
        own.push(map.data.get("value").map_or("-", |value| value.as_str()));
        async {
            sleep(SECOND * 10).await;
            Ok::<_, Infallible>(Action::done())
        }
    });
    tokio::spawn(run);
    assert_eq!(log.take().await, ["-"]);
    for value in ["1", "2", "3"] {
        let mut changed = map("a");
        changed.data.insert("value", value);
        server.put(&changed);
        assert!(log.take().await.is_empty(), "it runs");
    }
    sleep(SECOND * 10).await;
    assert_eq!(log.take().await, ["3"], "once more, with the newest state");
    sleep(SECOND * 60).await;
    assert!(log.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_object_is_never_reconciled_twice_at_a_time_and_no_more_objects_than_the_limit() {
    let server = server(&["a", "b", "c", "d", "e"]);
    let (running, most) = (Arc::new(Mutex::new(HashMap::<ObjectKey, usize>::new())), Arc::new(AtomicUsize::new(0)));
    let (own, own_most) = (running.clone(), most.clone());
    let run = controller(&server).concurrency(3).run(move |_, context: Context| {
        let (running, most) = (own.clone(), own_most.clone());
        async move {
            {
                let mut running = running.lock().expect("no panic");
                let count = running.entry(context.key().clone()).or_default();
                *count += 1;
                assert_eq!(*count, 1, "{context:?}");
                most.fetch_max(running.values().sum(), SeqCst);
            }
            sleep(SECOND).await;
            *running.lock().expect("no panic").entry(context.key().clone()).or_default() -= 1;
            Ok::<_, Infallible>(Action::done())
        }
    });
    let controller = tokio::spawn(run);
    for _ in 0..50 {
        for name in ["a", "b", "c", "d", "e"] {
            server.put(&map(name));
        }
        sleep(SECOND / 5).await;
    }
    assert_eq!(most.load(SeqCst), 3);
    assert!(!controller.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_that_fails_is_retried_with_growing_delays_and_does_not_delay_others() {
    let server = server(&["bad", "good"]);
    let (log, start) = (Log::default(), Instant::now());
    let own = log.clone();
    let controller = controller(&server);
    let metrics = controller.metrics();
    let run = controller.run(move |_, context| {
        own.push(format!("{} {}", context.key().name(), start.elapsed().as_secs()));
        // Any type of error that can be shown.
        ready(if context.key().name() == "bad" && context.failures() < 3 { Err("no") } else { Ok(Action::done()) })
    });
    tokio::spawn(run);
    sleep(SECOND * 60).await;
    assert_eq!(log.take().await, ["bad 0", "good 0", "bad 1", "bad 3", "bad 7"]);
    let now = metrics.statistics();
    assert_eq!((now.failed, now.succeeded, now.panicked, now.active), (3, 2, 0, 0));
    server.put(&map("bad"));
    sleep(SECOND * 2).await;
    assert_eq!(log.take().await.len(), 2, "a success has reset the back-off");
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_that_panics_is_counted_and_retried_wherever_it_does() {
    let server = server(&["at-once", "later", "good"]);
    let log = Log::default();
    let own = log.clone();
    let controller = controller(&server);
    let metrics = controller.metrics();
    let run = controller.run(move |_, context: Context| {
        let (name, first) = (context.key().name().to_owned(), context.failures() == 0);
        own.push(name.as_str());
        assert!(name != "at-once" || !first, "before there is a future");
        async move {
            sleep(SECOND / 10).await;
            assert!(name != "later" || !first, "in the future");
            Ok::<_, Infallible>(Action::done())
        }
    });
    let task = tokio::spawn(run);
    sleep(SECOND * 10).await;
    let mut names = log.take().await;
    names.sort_unstable();
    assert_eq!(names, ["at-once", "at-once", "good", "later", "later"]);
    let now = metrics.statistics();
    assert_eq!((now.panicked, now.failed, now.succeeded), (2, 2, 3));
    assert!(!task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn an_object_is_reconciled_again_after_the_time_that_it_asked_for_unless_it_changes_before() {
    let server = server(&["a"]);
    let (log, start) = (Log::default(), Instant::now());
    let own = log.clone();
    let run = controller(&server).run(move |_, _| {
        own.push(start.elapsed().as_secs().to_string());
        ready(Ok::<_, Infallible>(Action::requeue_after(SECOND * 100)))
    });
    tokio::spawn(run);
    sleep(SECOND * 150).await;
    server.put(&map("a"));
    sleep(SECOND * 150).await;
    assert_eq!(log.take().await, ["0", "100", "150", "250"]);
}

#[tokio::test(start_paused = true)]
async fn a_change_comes_before_the_objects_of_the_initial_list() {
    let server = server(&["a", "b", "c"]);
    let log = Log::default();
    let own = log.clone();
    let run = controller(&server).concurrency(1).run(move |_, context| {
        own.push(context.key().name());
        async {
            sleep(SECOND).await;
            Ok::<_, Infallible>(Action::done())
        }
    });
    tokio::spawn(run);
    assert_eq!(log.take().await, ["a"]);
    server.put(&map("new"));
    server.put(&map("c"));
    sleep(SECOND * 10).await;
    let mut names = log.take().await;
    assert_eq!(names.pop().as_deref(), Some("b"));
    names.sort_unstable();
    assert_eq!(names, ["c", "new"]);
}

#[tokio::test(start_paused = true)]
async fn changes_that_a_predicate_does_not_let_pass_do_not_reconcile() {
    let with = |generation: i64, label: &str| {
        let mut map = map("a");
        map.metadata.generation = Some(generation);
        map.metadata.labels.insert("label", label);
        map
    };
    let server = ScriptedApi::new();
    server.put(&with(1, "x"));
    let (log, _task) = logging(controller(&server).predicate(Predicate::generation()));
    assert_eq!(log.take().await.len(), 1);
    server.put(&with(1, "y"));
    assert_eq!(log.take().await.len(), 0);
    server.put(&with(2, "y"));
    assert_eq!(log.take().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kind_known_at_run_time_and_metadata_alone_are_reconciled_as_well() {
    let server = server(&["a"]);
    let log = Log::default();
    let resource = ConfigMap::RESOURCE.into();
    let scope = kubewright::Scope::Namespace("shop");
    let (own, dynamic) = (log.clone(), Api::<DynamicObject>::dynamic(&server.client(), &resource, scope));
    tokio::spawn(Controller::of_resource(&resource, dynamic).run(move |object: Arc<DynamicObject>, _| {
        own.push(object.kind.as_str());
        ready(Ok::<_, Infallible>(Action::done()))
    }));
    let (own, metadata) = (log.clone(), api(&server).list().metadata_only().watcher());
    tokio::spawn(Controller::of_resource(&resource, metadata).run(move |object: Arc<PartialObjectMetadata>, _| {
        own.push(object.metadata.name.as_deref().unwrap_or_default());
        ready(Ok::<_, Infallible>(Action::done()))
    }));
    let mut seen = log.take().await;
    seen.sort_unstable();
    assert_eq!(seen, ["ConfigMap", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_controller_starts_when_its_objects_are_known_and_goes_on_when_the_watch_breaks() {
    let server = server(&["a"]);
    let (log, _task) = logging(controller(&server));
    assert_eq!(log.take().await, ["a"]);
    for _ in 0..3 {
        server.end_watches();
        server.put(&map("a"));
        sleep(SECOND * 60).await;
        assert_eq!(log.take().await, ["a"], "once per change");
    }
}

#[tokio::test(start_paused = true)]
async fn the_numbers_have_the_names_of_controller_runtime() {
    let server = server(&["a", "b"]);
    let controller = controller(&server).name("shops");
    let metrics = controller.metrics();
    let mut exposition = Exposition::new();
    metrics.expose(&mut exposition);
    assert_eq!(exposition.to_string(), "", "it does not run yet");
    let run = controller.run(|_, context| {
        let delay = Action::requeue_after(SECOND * 1000);
        ready(if context.key().name() == "a" { Ok(delay) } else { Err("no") })
    });
    tokio::spawn(run);
    sleep(SECOND / 2).await;
    metrics.expose(&mut exposition);
    let text = exposition.to_string();
    for line in [
        "controller_runtime_reconcile_total{controller=\"shops\",result=\"success\"} 0",
        "controller_runtime_reconcile_total{controller=\"shops\",result=\"requeue_after\"} 1",
        "controller_runtime_reconcile_total{controller=\"shops\",result=\"error\"} 1",
        "controller_runtime_reconcile_errors_total{controller=\"shops\"} 1",
        "controller_runtime_reconcile_panics_total{controller=\"shops\"} 0",
        "controller_runtime_active_workers{controller=\"shops\"} 0",
        "controller_runtime_max_concurrent_reconciles{controller=\"shops\"} 10",
        "controller_runtime_reconcile_time_seconds_count{controller=\"shops\"} 2",
        "workqueue_adds_total{name=\"shops\",controller=\"shops\"} 2",
        "workqueue_retries_total{name=\"shops\",controller=\"shops\"} 2",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}
