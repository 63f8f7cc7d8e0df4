//! Predicates: which changes of an object lead to a reconcile.
//!
//! Without a predicate every change does, the controller's own writes included. The most useful one is
//! [`Predicate::generation`]: a controller that writes the status of its objects is not triggered by that.
//!
//! ```
//! use kubewright::core::v1::ConfigMap;
//! use kubewright_controller::Predicate;
//!
//! let changed = Predicate::<ConfigMap>::generation().or(Predicate::labels());
//! let not_paused = Predicate::object(|map: &ConfigMap| !map.metadata.annotations.contains_key("example.com/paused"));
//! let both = changed.and(not_paused);
//! ```

use std::fmt;
use std::ops::Not;
use std::sync::Arc;

use kubewright::Object;
use kubewright::meta::v1::{ManagedFieldsEntry, ObjectMeta};

/// A change of an object, as a [`Predicate`] receives it. Between two states of an object there may be more than one write.
#[derive(Debug)]
#[non_exhaustive]
pub enum ObjectChange<'a, K> {
    /// An object that was not known before: it was created, or existed when the controller started.
    Created(&'a K),
    /// An object that was modified, or that a relist returned unchanged.
    Modified {
        /// The last known state.
        old: &'a K,
        /// The current state.
        new: &'a K,
    },
    /// An object that was deleted, in its last known state.
    Deleted(&'a K),
}

impl<'a, K> ObjectChange<'a, K> {
    /// Returns the current state, or the last known one if the object was deleted.
    pub fn object(&self) -> &'a K {
        match self {
            Self::Created(object) | Self::Modified { new: object, .. } | Self::Deleted(object) => object,
        }
    }
}

/// Decides which changes lead to a reconcile. See the [module](self).
///
/// The predicates here let every creation and deletion pass, and decide on modifications alone.
pub struct Predicate<K>(Arc<Decide<K>>);

type Decide<K> = dyn Fn(&ObjectChange<'_, K>) -> bool + Send + Sync;

impl<K: 'static> Predicate<K> {
    /// Creates a predicate that lets changes pass for which the function returns `true`.
    pub fn new(passes: impl Fn(&ObjectChange<'_, K>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(passes))
    }

    /// Creates a predicate that lets a modification pass if the function returns `true` for the states before and after
    /// it, and everything else.
    pub fn modified(passes: impl Fn(&K, &K) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |change| match change {
            ObjectChange::Modified { old, new } => passes(old, new),
            ObjectChange::Created(_) | ObjectChange::Deleted(_) => true,
        })
    }

    /// Creates a predicate that lets a change pass if the function returns `true` for the current state, or the last known
    /// one of a deleted object.
    pub fn object(passes: impl Fn(&K) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |change| passes(change.object()))
    }

    /// Whether a change passes.
    pub fn passes(&self, change: &ObjectChange<'_, K>) -> bool {
        (self.0)(change)
    }

    /// Lets pass what both let pass.
    pub fn and(self, other: Self) -> Self {
        Self::new(move |change| self.passes(change) && other.passes(change))
    }

    /// Lets pass what either lets pass.
    pub fn or(self, other: Self) -> Self {
        Self::new(move |change| self.passes(change) || other.passes(change))
    }
}

/// Lets pass what the predicate does not let pass, creations and deletions included.
impl<K: 'static> Not for Predicate<K> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(move |change| !self.passes(change))
    }
}

impl<K: Object> Predicate<K> {
    /// Creates a predicate for `metadata.generation`: for most kinds it counts the changes of everything but metadata and
    /// status. A deletion with finalizers increments it, too. A kind without generations, such as `ConfigMap` or
    /// `Service`, passes always.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#ObjectMeta>
    pub fn generation() -> Self {
        Self::modified(|old, new| match (old.metadata().generation, new.metadata().generation) {
            (Some(old), Some(new)) => old != new,
            _ => true,
        })
    }

    /// Creates a predicate for changed labels.
    pub fn labels() -> Self {
        Self::modified(|old, new| old.metadata().labels != new.metadata().labels)
    }

    /// Creates a predicate for changed annotations.
    pub fn annotations() -> Self {
        Self::modified(|old, new| old.metadata().annotations != new.metadata().annotations)
    }

    /// Creates a predicate for changed finalizers, and for the request to delete an object that has some. Together with
    /// another predicate it lets a controller see that it has to clean up.
    pub fn finalizers() -> Self {
        Self::modified(|old, new| {
            let is_deleting = |object: &K| object.metadata().deletion_timestamp.is_some();
            old.metadata().finalizers != new.metadata().finalizers || is_deleting(old) != is_deleting(new)
        })
    }

    /// Creates a predicate for a changed `metadata.resourceVersion`: everything but what a relist returns unchanged.
    pub fn resource_version() -> Self {
        Self::modified(|old, new| {
            let versions = (&old.metadata().resource_version, &new.metadata().resource_version);
            versions.0.is_none() || versions.0 != versions.1
        })
    }

    /// Creates a predicate for changes that were not made by this field manager: a controller's own writes do not trigger
    /// it again.
    ///
    /// It compares `metadata.managedFields`. Their times are in seconds, so the first change after one of another manager
    /// passes in any case: that manager may have written twice within a second. Objects without managed fields pass
    /// always, such as those of a cache that drops them.
    ///
    /// A controller whose own write is to trigger it, as it may if it stopped halfway, uses
    /// [`Action::requeue_after`](crate::Action::requeue_after).
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managed-fields>
    pub fn not_written_by(field_manager: &str) -> Self {
        let manager = field_manager.to_owned();
        Self::modified(move |old, new| !is_only_written_by(&manager, old.metadata(), new.metadata()))
    }
}

/// Whether between two states a manager has written, and certainly no other.
fn is_only_written_by(manager: &str, old: &ObjectMeta, new: &ObjectMeta) -> bool {
    let entries = |metadata: &ObjectMeta, own: bool| -> Vec<ManagedFieldsEntry> {
        let entries = metadata.managed_fields.iter();
        let mut found: Vec<_> =
            entries.filter(|entry| (entry.manager.as_deref() == Some(manager)) == own).cloned().collect();
        // The server sorts them by time: an entry that changed goes behind the others.
        found.sort_by(|one, other| identity(one).cmp(&identity(other)));
        found
    };
    let (own, others) = (entries(old, true), entries(old, false));
    // Another write of theirs would have set a later time than that of our last write before.
    let last = own.iter().filter_map(|entry| entry.time).max();
    let are_older = others.iter().all(|other| other.time.zip(last).is_some_and(|(theirs, ours)| theirs < ours));
    // A request to delete the object changes no fields that anybody owns.
    old.deletion_timestamp == new.deletion_timestamp
        && are_older
        && own != entries(new, true)
        && others == entries(new, false)
}

/// What is unique among the entries of an object.
fn identity(entry: &ManagedFieldsEntry) -> [Option<&str>; 4] {
    [&entry.manager, &entry.operation, &entry.subresource, &entry.api_version].map(|field| field.as_deref())
}

impl<K> Clone for Predicate<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> fmt::Debug for Predicate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predicate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kubewright::core::v1::ConfigMap;
    use kubewright::types::Time;
    use serde_json::json;

    use super::*;

    type P = Predicate<ConfigMap>;

    fn map(metadata: serde_json::Value) -> ConfigMap {
        let text = json!({ "metadata": metadata }).to_string();
        kubewright::json::from_str(&text).expect("a ConfigMap")
    }

    #[test]
    fn each_predicate_lets_its_own_change_pass_and_no_other() {
        let base = json!({ "name": "a", "generation": 1, "resourceVersion": "1", "labels": { "a": "1" },
            "annotations": { "a": "1" }, "finalizers": ["example.com/a"] });
        let with = |field: &str, value: serde_json::Value| {
            let mut metadata = base.clone();
            metadata[field] = value;
            map(metadata)
        };
        let changes = [
            ("generation", with("generation", json!(2)), P::generation()),
            ("labels", with("labels", json!({})), P::labels()),
            ("annotations", with("annotations", json!({ "a": "2" })), P::annotations()),
            ("resourceVersion", with("resourceVersion", json!("2")), P::resource_version()),
            ("finalizers", with("finalizers", json!([])), P::finalizers()),
        ];
        let old = map(base.clone());
        for (changed, new, _) in &changes {
            for (decides_on, _, predicate) in &changes {
                let passes = predicate.passes(&ObjectChange::Modified { old: &old, new });
                assert_eq!(passes, changed == decides_on, "{changed} changed, {decides_on} decides");
            }
        }
        let deleted = with("deletionTimestamp", json!("2026-01-01T00:00:00Z"));
        assert!(P::finalizers().passes(&ObjectChange::Modified { old: &old, new: &deleted }));
    }

    #[test]
    fn a_kind_without_generations_or_versions_passes() {
        let object = map(json!({ "name": "a" }));
        for predicate in [P::generation(), P::resource_version()] {
            assert!(predicate.passes(&ObjectChange::Modified { old: &object, new: &object }));
        }
    }

    #[test]
    fn creations_and_deletions_pass_each_predicate_but_a_negated_one() {
        let object = map(json!({ "name": "a", "generation": 1, "resourceVersion": "1" }));
        for change in [ObjectChange::Created(&object), ObjectChange::Deleted(&object)] {
            for predicate in [P::generation(), P::labels(), P::annotations(), P::resource_version(), P::finalizers()] {
                assert!(predicate.passes(&change));
                assert!(!(!predicate).passes(&change));
            }
            assert!(P::not_written_by("me").passes(&change));
            assert!(std::ptr::eq(change.object(), &object));
        }
    }

    #[test]
    fn combinations_pass_by_the_rules_of_logic() {
        let object = map(json!({ "name": "a" }));
        let change = ObjectChange::Created(&object);
        for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
            let constant = |value: bool| P::new(move |_| value);
            assert_eq!(constant(a).and(constant(b)).passes(&change), a && b);
            assert_eq!(constant(a).or(constant(b)).passes(&change), a || b);
            assert_eq!((!constant(a)).passes(&change), !a);
        }
    }

    fn entry(manager: &str, second: i64, field: &str) -> ManagedFieldsEntry {
        ManagedFieldsEntry {
            manager: Some(manager.into()),
            operation: Some("Update".into()),
            time: Some(Time::from_unix(second, 0)),
            fields_v1: Some(kubewright::runtime::FieldsV1::from_text(format!("{{\"f:{field}\":{{}}}}")).expect("JSON")),
            ..Default::default()
        }
    }

    fn managed(entries: &[ManagedFieldsEntry]) -> ConfigMap {
        let mut map = ConfigMap::default();
        map.metadata.managed_fields = entries.to_vec();
        map
    }

    /// Whether a modification passes, if the own field manager is called `me`.
    fn passes(old: &ConfigMap, new: &ConfigMap) -> bool {
        P::not_written_by("me").passes(&ObjectChange::Modified { old, new })
    }

    #[test]
    fn only_what_the_field_manager_alone_wrote_is_ignored() {
        let old = managed(&[entry("other", 1, "a"), entry("me", 2, "b")]);
        let cases = [
            ("mine, later", managed(&[entry("other", 1, "a"), entry("me", 3, "b")]), false),
            (
                "mine, of another field, in another order",
                managed(&[entry("me", 2, "c"), entry("other", 1, "a")]),
                false,
            ),
            ("another's", managed(&[entry("other", 3, "a"), entry("me", 2, "b")]), true),
            ("another's, which takes a field from me", managed(&[entry("other", 3, "b")]), true),
            ("a new one's", managed(&[entry("other", 1, "a"), entry("me", 2, "b"), entry("new", 3, "c")]), true),
            ("of fields that nobody owns", old.clone(), true),
        ];
        for (what, new, expected) in cases {
            assert_eq!(passes(&old, &new), expected, "{what}");
        }
    }

    #[test]
    fn a_second_write_of_another_within_its_second_is_not_missed() {
        // The other one's entry says the same if it wrote a second time in second 2, before us in second 3.
        let old = managed(&[entry("other", 2, "a"), entry("me", 2, "b")]);
        let new = managed(&[entry("other", 2, "a"), entry("me", 3, "b")]);
        assert!(passes(&old, &new));
        let newer = managed(&[entry("other", 2, "a"), entry("me", 4, "b")]);
        assert!(!passes(&new, &newer), "by then it would have another time");
    }

    #[test]
    fn without_managed_fields_nothing_is_ignored_nor_is_a_request_to_delete() {
        let without = managed(&[]);
        assert!(passes(&without, &without));
        let old = managed(&[entry("me", 1, "a")]);
        let mut new = managed(&[entry("me", 2, "a")]);
        assert!(!passes(&old, &new));
        new.metadata.deletion_timestamp = Some(Time::from_unix(2, 0));
        assert!(passes(&old, &new));
    }
}
