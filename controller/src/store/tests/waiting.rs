//! Waiting for a state of the store.

use std::error::Error as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake};

use futures_util::{FutureExt as _, StreamExt as _};

use super::{Bed, object, of_uid, polled};
use crate::store::{Stopped, WaitError};

/// Whether a pinned future is ready.
macro_rules! ready {
    ($future:ident) => {
        $future.as_mut().now_or_never()
    };
}

#[test]
fn waiting_for_the_first_list_ends_with_it() {
    let bed = Bed::new();
    let mut synced = pin!(bed.store.wait_synced());
    bed.initial(&object("a", 1));
    assert!(ready!(synced).is_none());
    bed.synced("10");
    assert!(ready!(synced).expect("ready").is_ok());
}

#[test]
fn whoever_waits_for_the_first_list_is_not_woken_by_each_of_its_objects() {
    struct Wakes(AtomicUsize);
    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
    let (waker, bed) = (wakes.clone().into(), Bed::new());
    let mut cx = Context::from_waker(&waker);
    let (mut synced, mut stopped) = (pin!(bed.store.wait_synced()), pin!(bed.store.stopped()));
    assert!(synced.as_mut().poll(&mut cx).is_pending() && stopped.as_mut().poll(&mut cx).is_pending());
    for name in ["a", "b", "c"] {
        bed.initial(&object(name, 1));
    }
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
    bed.synced("10");
    assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    assert!(synced.as_mut().poll(&mut cx).is_ready() && stopped.as_mut().poll(&mut cx).is_pending());
    bed.applied(&object("a", 11));
    assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    bed.shared.stop(Stopped::new(None));
    assert_eq!(wakes.0.load(Ordering::Relaxed), 3);
    assert!(stopped.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_write_is_readable_once_its_version_was_waited_for() {
    let bed = Bed::with(&[object("a", 1)]);
    let mut written = pin!(bed.store.wait_for("100"));
    for version in [11, 99] {
        bed.applied(&object("a", version));
        assert!(ready!(written).is_none(), "{version}");
    }
    bed.applied(&object("b", 101));
    ready!(written).expect("ready").expect("reached");
    // What the store has already needs no waiting.
    pin!(bed.store.wait_for("101")).now_or_never().expect("ready").expect("reached");
}

#[test]
fn a_bookmark_or_the_end_of_a_list_also_reaches_a_version() {
    let bed = Bed::with(&[]);
    let mut written = pin!(bed.store.wait_for("50"));
    bed.bookmark("49");
    assert!(ready!(written).is_none());
    bed.bookmark("50");
    assert!(ready!(written).is_some());

    let mut written = pin!(bed.store.wait_for("60"));
    bed.restarted();
    // The objects of a list come in no order of versions.
    bed.initial(&object("a", 70));
    bed.applied(&object("a", 71));
    assert!(ready!(written).is_none());
    bed.synced("72");
    assert!(ready!(written).is_some());
}

#[test]
fn versions_that_are_no_numbers_are_waited_for_by_object_alone() {
    let bed = Bed::with(&[object("a", 1)]);
    let error = bed.store.wait_for("v1").now_or_never().expect("ready").expect_err("not comparable");
    assert!(matches!(&error, WaitError::NotComparable { resource_version } if resource_version == "v1"), "{error}");
    bed.bookmark("opaque");
    let error = bed.store.wait_for("11").now_or_never().expect("ready").expect_err("not comparable");
    assert_eq!(error.to_string(), "the resource version \"opaque\" can't be compared: it is not a decimal number");
}

#[test]
fn a_written_object_is_waited_for_by_its_version_where_versions_are_comparable() {
    let bed = Bed::with(&[object("a", 1)]);
    let written = object("a", 20);
    let mut wait = pin!(bed.store.wait_for_object(&written));
    bed.applied(&object("a", 15));
    assert!(ready!(wait).is_none());
    bed.applied(&object("a", 21));
    assert!(ready!(wait).expect("ready").is_ok());
}

#[test]
fn a_written_object_is_waited_for_by_its_uid_and_change_elsewhere() {
    let opaque = |uid: &str, version: &str| {
        let mut object = of_uid("a", uid, 0);
        object.metadata.resource_version = Some(version.into());
        object
    };
    let bed = Bed::with(&[]);
    let written = opaque("first", "x");
    let mut wait = pin!(bed.store.wait_for_object(&written));
    bed.applied(&object("b", 11));
    bed.applied(&opaque("other", "x"));
    assert!(ready!(wait).is_none(), "another object of the same name");
    bed.applied(&opaque("first", "x"));
    assert!(ready!(wait).expect("ready").is_ok());

    let modified = opaque("first", "y");
    let mut wait = pin!(bed.store.wait_for_object(&modified));
    assert!(ready!(wait).is_none());
    bed.applied(&opaque("first", "z"));
    assert!(ready!(wait).is_some(), "a later change");

    let modified = opaque("first", "?");
    let mut wait = pin!(bed.store.wait_for_object(&modified));
    assert!(ready!(wait).is_none());
    bed.deleted(&opaque("first", "!"));
    assert!(ready!(wait).is_some(), "its deletion");
}

#[test]
fn all_that_wait_end_when_the_reflector_stops() {
    let bed = Bed::new();
    let mut subscription = bed.store.subscribe();
    let written = object("a", 20);
    let (mut synced, mut version) = (pin!(bed.store.wait_synced()), pin!(bed.store.wait_for("5")));
    let (mut of_object, mut stopped) = (pin!(bed.store.wait_for_object(&written)), pin!(bed.store.stopped()));
    assert!(ready!(synced).is_none() && ready!(version).is_none());
    assert!(ready!(of_object).is_none() && ready!(stopped).is_none());
    bed.initial(&object("b", 1));
    bed.shared.stop(Stopped::new(Some(Arc::new(kubewright::Error::aborted("no rights")))));
    // A later reason does not replace the first.
    bed.shared.stop(Stopped::new(None));

    let error = ready!(synced).expect("ready").expect_err("stopped");
    assert!(error.source().is_some_and(|source| source.to_string().contains("no rights")), "{error:?}");
    assert!(matches!(ready!(version).expect("ready"), Err(WaitError::Stopped(_))));
    assert!(ready!(of_object).expect("ready").is_err());
    assert!(ready!(stopped).expect("ready").cause().is_some() && bed.store.is_stopped());
    assert_eq!(polled(&mut subscription), ["initial b@1"]);
    assert!(subscription.next().now_or_never().expect("ready").is_none(), "the stream ends after what was pending");
    let mut late = bed.store.subscribe();
    assert_eq!(polled(&mut late), ["initial b@1"]);
    assert!(late.next().now_or_never().expect("ready").is_none());
}
