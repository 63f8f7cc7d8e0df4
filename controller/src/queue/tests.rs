//! A queue under a virtual clock.

use std::future::Future;
use std::time::Duration;

use kubewright::retry::Backoff;
use tokio::time::{Instant, advance, timeout};

use super::{Job, Priority, WorkQueue};
use crate::key::ObjectKey;
use crate::metrics::Exposition;

const SECOND: Duration = Duration::from_secs(1);

fn key(name: &str) -> ObjectKey {
    ObjectKey::namespaced("shop", name)
}

fn add(queue: &WorkQueue, name: &str) {
    queue.add(key(name), Priority::DEFAULT);
}

/// Whether a future is pending after the clock went on as far as it goes by itself.
async fn is_pending<T>(future: impl Future<Output = T>) -> bool {
    timeout(Duration::from_millis(1), future).await.is_err()
}

async fn next(queue: &WorkQueue) -> Job {
    queue.next().await.expect("the queue is open")
}

fn plain() -> WorkQueue {
    WorkQueue::settings().backoff(Backoff::new(SECOND, SECOND * 10).jitter(0.0)).build()
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_added_often_comes_once() {
    let queue = plain();
    for name in ["a", "b", "a", "a"] {
        add(&queue, name);
    }
    let (first, second) = (next(&queue).await, next(&queue).await);
    assert_eq!([first.key().name(), second.key().name()], ["a", "b"]);
    assert!(is_pending(queue.next()).await);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_added_while_it_runs_runs_once_more_afterwards_and_never_beside_itself() {
    let queue = plain();
    add(&queue, "a");
    let running = next(&queue).await;
    add(&queue, "a");
    add(&queue, "a");
    assert!(is_pending(queue.next()).await, "it runs");
    running.done();
    next(&queue).await.done();
    assert!(is_pending(queue.next()).await, "it ran twice in all");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_fails_is_retried_with_growing_delays_up_to_the_cap_until_it_succeeds() {
    let queue = plain();
    add(&queue, "a");
    for (failures, seconds) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (5, 10)] {
        let job = next(&queue).await;
        assert_eq!(job.failures(), failures);
        let (failed_at, delay) = (Instant::now(), job.failed());
        assert_eq!(delay, SECOND * seconds);
        // The next one is not received yet: a job that is dropped fails.
        timeout(delay - Duration::from_millis(1), queue.next()).await.expect_err("it is too early");
        advance(Duration::from_millis(1)).await;
        assert_eq!(failed_at.elapsed(), delay);
    }
    next(&queue).await.done();
    add(&queue, "a");
    let job = next(&queue).await;
    assert_eq!((job.failures(), job.failed()), (0, SECOND), "a success begins a new row");
}

#[tokio::test(start_paused = true)]
async fn the_back_off_of_one_key_does_not_delay_another() {
    let queue = plain();
    for name in ["bad", "good"] {
        add(&queue, name);
    }
    next(&queue).await.failed();
    let start = Instant::now();
    let good = next(&queue).await;
    assert_eq!((good.key().name(), start.elapsed()), ("good", Duration::ZERO));
    assert_eq!(good.failed(), SECOND, "its own row, which begins");
}

#[tokio::test(start_paused = true)]
async fn half_of_each_delay_is_random_so_that_objects_that_failed_together_are_not_retried_together() {
    let queue = WorkQueue::settings().backoff(Backoff::new(SECOND, SECOND)).build();
    let mut delays = std::collections::BTreeSet::new();
    for number in 0..20 {
        add(&queue, &number.to_string());
        delays.insert(next(&queue).await.failed());
    }
    assert!(delays.len() > 1 && delays.iter().all(|delay| (SECOND / 2..=SECOND).contains(delay)), "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn the_earliest_of_several_times_counts_and_one_run_ends_them_all() {
    let queue = plain();
    queue.add_after(key("a"), Priority::DEFAULT, SECOND * 30);
    queue.add_after(key("a"), Priority::DEFAULT, SECOND * 10);
    queue.add_after(key("a"), Priority::DEFAULT, SECOND * 20);
    let start = Instant::now();
    next(&queue).await.done();
    assert_eq!(start.elapsed(), SECOND * 10);
    assert!(timeout(SECOND * 100, queue.next()).await.is_err(), "nothing is left");
}

#[tokio::test(start_paused = true)]
async fn an_event_does_not_wait_for_what_was_scheduled_and_what_is_scheduled_does_not_delay_an_event() {
    let queue = plain();
    add(&queue, "a");
    next(&queue).await.requeue_after(SECOND * 60);
    add(&queue, "a");
    queue.add_after(key("a"), Priority::DEFAULT, SECOND * 60);
    let start = Instant::now();
    next(&queue).await.done();
    assert_eq!(start.elapsed(), Duration::ZERO);

    // While it runs, too.
    add(&queue, "a");
    let job = next(&queue).await;
    add(&queue, "a");
    job.requeue_after(SECOND * 60);
    let job = next(&queue).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    job.requeue_after(SECOND * 60);
    next(&queue).await.done();
    assert_eq!(start.elapsed(), SECOND * 60);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_key_that_becomes_due_while_it_runs_runs_afterwards() {
    let queue = plain();
    add(&queue, "a");
    let job = next(&queue).await;
    queue.add_after(key("a"), Priority::DEFAULT, SECOND * 5);
    advance(SECOND * 9).await;
    assert!(is_pending(queue.next()).await);
    let start = Instant::now();
    job.done();
    next(&queue).await.done();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn live_events_come_before_the_initial_list_and_a_raised_priority_stays() {
    let queue = plain();
    for name in ["a", "b", "c"] {
        queue.add(key(name), Priority::LOW);
    }
    add(&queue, "c");
    queue.add(key("c"), Priority::LOW);
    let mut names = Vec::new();
    for _ in 0..3 {
        let job = next(&queue).await;
        names.push((job.key().name().to_owned(), job.priority()));
        job.done();
    }
    let expected = [("c", Priority::DEFAULT), ("a", Priority::LOW), ("b", Priority::LOW)];
    assert_eq!(names, expected.map(|(name, priority)| (name.to_owned(), priority)));
}

#[tokio::test(start_paused = true)]
async fn a_retry_keeps_its_priority() {
    let queue = plain();
    queue.add(key("a"), Priority::LOW);
    next(&queue).await.failed();
    let job = next(&queue).await;
    assert_eq!(job.priority(), Priority::LOW);
    job.requeue_after(SECOND);
    assert_eq!(next(&queue).await.priority(), Priority::LOW);
}

#[tokio::test(start_paused = true)]
async fn no_more_keys_run_than_the_limit_allows() {
    let queue = WorkQueue::settings().concurrency(2).build();
    for name in ["a", "b", "c"] {
        add(&queue, name);
    }
    let (first, _second) = (next(&queue).await, next(&queue).await);
    assert!(is_pending(queue.next()).await);
    first.done();
    assert_eq!(next(&queue).await.key().name(), "c");
}

#[tokio::test(start_paused = true)]
async fn a_busy_namespace_does_not_hold_up_the_others_if_the_queue_is_fair() {
    let queue = WorkQueue::settings().fair_between_namespaces().build();
    for number in 0..1000 {
        queue.add(ObjectKey::namespaced("busy", number.to_string()), Priority::DEFAULT);
    }
    queue.add(ObjectKey::namespaced("quiet", "one"), Priority::DEFAULT);
    next(&queue).await.done();
    assert_eq!(next(&queue).await.key().namespace(), Some("quiet"));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_dropped_is_retried() {
    let queue = plain();
    add(&queue, "a");
    drop(next(&queue).await);
    let start = Instant::now();
    assert_eq!(next(&queue).await.failures(), 1);
    assert_eq!(start.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_dropped_takes_no_key_with_it() {
    let queue = plain();
    assert!(is_pending(queue.next()).await);
    add(&queue, "a");
    assert!(timeout(SECOND, queue.next()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn each_of_several_that_wait_gets_a_key_of_its_own() {
    let queue = plain();
    let waiting = [(); 3].map(|()| {
        let queue = queue.clone();
        tokio::spawn(async move { queue.next().await.map(|job| job.key().clone()) })
    });
    tokio::task::yield_now().await;
    for name in ["a", "b", "c"] {
        add(&queue, name);
    }
    let mut names = Vec::new();
    for waiting in waiting {
        names.push(waiting.await.expect("no panic").expect("open").name().to_owned());
    }
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_hands_out_nothing_and_wakes_those_that_wait() {
    let queue = plain();
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next().await.is_none() }
    });
    tokio::task::yield_now().await;
    queue.close();
    assert!(waiting.await.expect("no panic"));
    add(&queue, "a");
    assert!(queue.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_delay_without_end_is_no_panic_and_no_immediate_run() {
    let queue = plain();
    queue.add_after(key("a"), Priority::DEFAULT, Duration::MAX);
    add(&queue, "b");
    next(&queue).await.requeue_after(Duration::MAX);
    assert!(is_pending(queue.next()).await);
    assert_eq!(queue.statistics().scheduled, 2);
}

#[tokio::test(start_paused = true)]
async fn the_numbers_follow_what_happens_and_nothing_is_kept_of_keys_that_are_done() {
    let queue = plain();
    add(&queue, "a");
    queue.add(key("b"), Priority::LOW);
    let now = queue.statistics();
    assert_eq!(now.depths, [(Priority::DEFAULT, 1), (Priority::LOW, 1)]);
    advance(SECOND * 3).await;
    let job = next(&queue).await;
    advance(SECOND * 4).await;
    let now = queue.statistics();
    assert_eq!((now.running, now.adds, now.retries), (1, 2, 0));
    assert_eq!((now.unfinished_work, now.longest_running), (SECOND * 4, SECOND * 4));
    assert_eq!(now.queue_duration.sum, SECOND * 3);
    job.failed();
    let now = queue.statistics();
    assert_eq!((now.scheduled, now.running, now.failing, now.retries), (1, 0, 1, 1));
    assert_eq!(now.work_duration.sum, SECOND * 4);
    for _ in 0..2 {
        next(&queue).await.done();
    }
    let now = queue.statistics();
    assert_eq!((now.scheduled, now.running, now.failing, now.adds), (0, 0, 0, 3));
    assert!(now.depths.is_empty());
    assert_eq!(now.queue_duration.count(), 3);

    let mut exposition = Exposition::new();
    now.expose("shops", &mut exposition);
    let text = exposition.to_string();
    for line in [
        "workqueue_depth{name=\"shops\",controller=\"shops\",priority=\"0\"} 0",
        "workqueue_adds_total{name=\"shops\",controller=\"shops\"} 3",
        "workqueue_retries_total{name=\"shops\",controller=\"shops\"} 1",
        "workqueue_unfinished_work_seconds{name=\"shops\",controller=\"shops\"} 0",
        "workqueue_work_duration_seconds_count{name=\"shops\",controller=\"shops\"} 3",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}
