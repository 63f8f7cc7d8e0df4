//! The end of a controller.

use kubewright::watch::WatcherEvent;
use tokio::sync::oneshot;

use super::*;
use crate::reflector::Reflector;

/// A controller whose reconciles take as many seconds as the name of the object says. Returns what it logs, what shuts it
/// down, and its task.
fn slow(server: &ScriptedApi, grace: Duration) -> (Log, oneshot::Sender<()>, Task) {
    let log = Log::default();
    let (own, (stop, stopped)) = (log.clone(), oneshot::channel());
    let controller = controller(server).concurrency(2).shutdown_grace(grace).shutdown_on(async { drop(stopped.await) });
    let run = controller.run(move |_, context: Context| {
        let log = own.clone();
        async move {
            let name = context.key().name();
            log.push(format!("{name} starts"));
            sleep(SECOND * name.parse().unwrap_or_default()).await;
            log.push(format!("{name} ends{}", if context.is_stopping() { ", stopping" } else { "" }));
            Ok::<_, Infallible>(Action::done())
        }
    });
    (log, stop, tokio::spawn(run))
}

#[tokio::test(start_paused = true)]
async fn after_the_shutdown_no_reconcile_starts_and_those_that_run_end() {
    let server = server(&["10", "20", "30"]);
    let (log, stop, task) = slow(&server, SECOND * 60);
    assert_eq!(log.take().await, ["10 starts", "20 starts"]);
    let start = Instant::now();
    stop.send(()).expect("it runs");
    let ended = task.await.expect("no panic").expect("a shutdown");
    assert_eq!(ended.aborted, []);
    assert_eq!(log.take().await, ["10 ends, stopping", "20 ends, stopping"]);
    assert_eq!(start.elapsed().as_secs(), 20, "no longer than needed");
}

#[tokio::test(start_paused = true)]
async fn reconciles_that_do_not_end_in_time_are_aborted_and_named() {
    let server = server(&["10", "1000"]);
    let (log, stop, task) = slow(&server, SECOND * 60);
    assert_eq!(log.take().await, ["10 starts", "1000 starts"]);
    stop.send(()).expect("it runs");
    let start = Instant::now();
    let ended = task.await.expect("no panic").expect("a shutdown");
    assert_eq!(ended.aborted, [ObjectKey::namespaced("shop", "1000")]);
    assert_eq!(start.elapsed().as_secs(), 60);
    sleep(SECOND * 2000).await;
    assert_eq!(log.take().await, ["10 ends, stopping"]);
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_can_end_early_when_the_controller_shuts_down() {
    let server = server(&["a"]);
    let (stop, stopped) = oneshot::channel::<()>();
    let run = controller(&server).shutdown_on(async { drop(stopped.await) }).run(|_, context: Context| async move {
        context.stopping().await;
        Ok::<_, Infallible>(Action::done())
    });
    let task = tokio::spawn(run);
    sleep(SECOND).await;
    let start = Instant::now();
    stop.send(()).expect("it runs");
    let ended = task.await.expect("no panic").expect("a shutdown");
    assert_eq!((ended.aborted.len(), start.elapsed()), (0, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_still_waits_for_its_objects_shuts_down_at_once() {
    let server = server(&[]);
    server.respond(|_| Some(crate::testing::status(403, "Forbidden")));
    let task = tokio::spawn(
        controller(&server)
            .shutdown_on(sleep(SECOND * 5))
            .shutdown_on(std::future::pending())
            .run(|_, _| ready(Ok::<_, Infallible>(Action::done()))),
    );
    let start = Instant::now();
    let ended = task.await.expect("no panic").expect("a shutdown");
    assert_eq!((ended.aborted.len(), start.elapsed()), (0, SECOND * 5));
}

#[tokio::test(start_paused = true)]
async fn when_the_future_is_dropped_everything_ends_at_once() {
    let server = server(&["10"]);
    let (log, _stop, task) = slow(&server, SECOND * 60);
    assert_eq!(log.take().await, ["10 starts"]);
    task.abort();
    sleep(SECOND * 100).await;
    server.put(&map("1"));
    sleep(SECOND * 100).await;
    assert!(log.take().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_controller_whose_objects_are_no_longer_kept_up_to_date_ends_with_the_reason() {
    // Its requests can't be built.
    let server = server(&[]);
    let watcher =
        Api::<ConfigMap>::namespaced(&server.client(), "shop").list().drop_fields(&[".no.such.field"]).watcher();
    let controller = Controller::new(watcher);
    let error = controller.run(|_, _| ready(Ok::<_, Infallible>(Action::done()))).await.expect_err("no field");
    assert_eq!(error.to_string(), "the controller configmap ended, since the cache of its objects did");
    let mut reasons = Vec::new();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        reasons.push(error.to_string());
        source = error.source();
    }
    assert!(reasons.iter().any(|reason| reason.contains("no.such.field")), "{reasons:?}");
    assert_eq!(error.ended().aborted, []);
}

#[tokio::test(start_paused = true)]
async fn a_scripted_stream_of_events_is_enough_for_a_controller() {
    let events = [
        WatcherEvent::Initial(map("a")),
        WatcherEvent::Synced { resource_version: "1".into() },
        WatcherEvent::Applied(map("b")),
    ];
    let events = futures_util::stream::iter(events.map(Ok));
    let events = futures_util::StreamExt::chain(events, futures_util::stream::pending());
    let (log, _task) = logging(Controller::new(Reflector::new(events)));
    let mut names = log.take().await;
    names.sort_unstable();
    assert_eq!(names, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn caches_are_kept_up_to_date_until_the_last_reconcile_has_ended() {
    let server = server(&["a"]);
    let (stop, stopped) = oneshot::channel::<()>();
    let controller = controller(&server).shutdown_on(async { drop(stopped.await) });
    let (store, log) = (controller.store().clone(), Log::default());
    let own = log.clone();
    let run = controller.run(move |_, context: Context| {
        let (store, log) = (store.clone(), own.clone());
        async move {
            context.stopping().await;
            sleep(SECOND).await;
            log.push(store.list().len().to_string());
            Ok::<_, Infallible>(Action::done())
        }
    });
    let task = tokio::spawn(run);
    sleep(SECOND).await;
    stop.send(()).expect("it runs");
    sleep(SECOND / 2).await;
    server.put(&map("b"));
    task.await.expect("no panic").expect("a shutdown");
    assert_eq!(log.take().await, ["2"]);
}
