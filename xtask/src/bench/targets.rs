//! What the project set out to reach, for the figures that have such a target.

use serde::{Deserialize, Serialize};

use super::micro::{OURS, THEIRS};
use super::peers::{CLIENT_GO, CONTROLLER_RUNTIME, KUBE, KUBE_APISERVER};
use super::report::Row;

/// A target, and whether the last run reached it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// No more than this, in the row's unit.
    pub at_most: f64,
    pub reached: bool,
}

/// Task, what of it, pods, the most that it may be.
const TARGETS: &[(&str, &str, Option<usize>, f64)] = &[
    ("list", "wall", Some(10_000), 600.0),
    ("list", "peak RSS", Some(10_000), 180.0),
    ("list by pages, managedFields dropped", "peak RSS", Some(10_000), 125.0),
    ("get one pod", "p50", None, 1_100.0),
    ("packed cache", "a read, p50", Some(10_000), 25.0),
    ("relist of an unchanged cache", "peak RSS raised by, of the cache", Some(10_000), 15.0),
    ("controllers of 20 kinds, idle", "CPU, of a core", None, 0.5),
    ("a small program", "rebuild (dev)", None, 1.0),
    ("generated code", "source", None, 2.5),
    ("200 tests, a server each", "wall", None, 5_000.0),
];
/// Task, what of it, whose figure counts, and the share of it that ours may be.
const SHARES: &[(&str, &str, &str, f64)] = &[
    ("get one pod", "CPU a request", CLIENT_GO, 0.5),
    ("list", "CPU", CLIENT_GO, 0.3),
    ("watch", "wall", CLIENT_GO, 0.45),
    ("first answer, kubeconfig of 300 contexts", "from process start", CLIENT_GO, 0.7),
    ("20,000 gets, 64 at once", "wall", CLIENT_GO, 1.0 / 1.3),
    ("500 idle watches", "RSS", KUBE, 0.3),
    ("cache until synced, managedFields dropped", "wall", CLIENT_GO, 0.6),
    ("cache until synced, managedFields dropped", "peak RSS", CLIENT_GO, 0.5),
    ("cache until synced, managedFields dropped", "live heap", CLIENT_GO, 0.75),
    ("packed cache", "live heap", CLIENT_GO, 0.2),
    ("reconciles that do nothing", "CPU", CONTROLLER_RUNTIME, 0.5),
    ("reconciles that do nothing", "p99", CONTROLLER_RUNTIME, 1.0),
    ("a server and its first answer", "wall", KUBE_APISERVER, 0.01),
    ("creates, 64 at once", "wall", KUBE_APISERVER, 0.2),
    // Of the servers: the client decodes for as long on both sides, and for longer than this.
    ("one list: received, not decoded", "wall", KUBE_APISERVER, 0.2),
    ("a watch from the start: received, not decoded", "wall", KUBE_APISERVER, 0.2),
    ("the server with the pods", "RSS", KUBE_APISERVER, 0.2),
    ("a small program", "clean build", KUBE, 0.75),
    ("a small program", "rebuild (release)", KUBE, 0.3),
    ("a small program", "binary", KUBE, 0.6),
    ("a small program, profile for size", "rebuild (release)", KUBE, 0.3),
    ("a small program, profile for size", "binary", KUBE, 0.6),
];
/// Writing JSON may take this share of the time that serde_json takes for k8s-openapi's types.
const ENCODE_SHARE: f64 = 0.5;
/// Streams are to be 1.3 times as fast as those of client-go, on which kubectl stands.
const STREAM_SHARE: f64 = 1.0 / 1.3;

/// The target of a row, if it has one and ours was measured.
pub fn of(row: &Row) -> Option<Target> {
    let ours = row.of(OURS)?.median;
    let at_most = if row.task.starts_with("encode JSON") && row.what == "time" {
        row.of(THEIRS)?.median * ENCODE_SHARE
    } else if row.task.starts_with("300 MB") && row.what == "wall" {
        row.of(CLIENT_GO)?.median * STREAM_SHARE
    } else if let Some((.., peer, share)) =
        SHARES.iter().find(|(task, what, ..)| *task == row.task && *what == row.what)
    {
        row.of(peer)?.median * share
    } else {
        let same = |target: &&(&str, &str, Option<usize>, f64)| {
            target.0 == row.task && target.1 == row.what && target.2 == row.pods
        };
        TARGETS.iter().find(same)?.3
    };
    Some(Target { at_most, reached: ours <= at_most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Key, Report, Section, Unit};

    fn row(task: &str, what: &str, pods: Option<usize>, figures: &[(&str, f64)]) -> Row {
        let mut report = Report::new(1, None);
        let key = Key { section: Section::Server, task, what, pods, unit: Unit::Milliseconds };
        figures.iter().for_each(|&(peer, value)| report.add(key, peer, value.into()));
        report.rows.remove(0)
    }

    #[test]
    fn a_target_is_reached_at_its_figure_and_missed_above() {
        let list = |ours| of(&row("list", "wall", Some(10_000), &[(OURS, ours)])).map(|target| target.reached);
        assert_eq!(list(600.0), Some(true));
        assert_eq!(list(600.1), Some(false));
    }

    #[test]
    fn there_is_none_for_other_numbers_of_pods_or_without_a_figure_of_ours() {
        assert_eq!(of(&row("list", "wall", Some(1000), &[(OURS, 1.0)])), None);
        assert_eq!(of(&row("list", "wall", Some(10_000), &[(KUBE, 1.0)])), None);
    }

    #[test]
    fn a_stream_has_to_be_faster_than_client_gos() {
        let stream = |ours| of(&row("300 MB from a command", "wall", None, &[(OURS, ours), (CLIENT_GO, 1300.0)]));
        assert_eq!(stream(999.0).map(|target| target.reached), Some(true));
        assert_eq!(stream(1001.0).map(|target| target.reached), Some(false));
    }

    #[test]
    fn what_has_to_be_a_share_of_anothers_is_measured_by_that() {
        let get = |ours| of(&row("get one pod", "CPU a request", None, &[(OURS, ours), (CLIENT_GO, 300.0)]));
        assert_eq!(get(150.0).map(|target| target.reached), Some(true));
        assert_eq!(get(151.0).map(|target| target.reached), Some(false));
        assert_eq!(of(&row("get one pod", "CPU a request", None, &[(OURS, 1.0)])), None, "nobody to compare with");
    }

    #[test]
    fn writing_json_has_to_take_half_the_time_of_the_other() {
        let encode = |ours| of(&row("encode JSON, one pod", "time", None, &[(OURS, ours), (THEIRS, 10.0)]));
        assert_eq!(encode(5.0), Some(Target { at_most: 5.0, reached: true }));
        assert_eq!(encode(6.0), Some(Target { at_most: 5.0, reached: false }));
    }
}
