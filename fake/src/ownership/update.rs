//! Who owns what after a write.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::alike::Made;
use super::compare::Comparison;
use super::elements::same;
use super::managers::{Manager, Managers, Operation, Owned, entry_of};
use super::merge::merge;
use super::of_value::fields_of;
use super::remove::remove;
use super::set::FieldSet;
use super::validate::mistakes;
use crate::schema::Schema;

/// The most managers that have entries of updates; the oldest are joined.
const MAX_UPDATE_MANAGERS: usize = 10;
/// The name of the entry that the oldest are joined in.
const ANCIENT: &str = "ancient-changes";
/// The manager of everything that was there before the first apply.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// The versions of a kind.
pub(crate) trait Versions {
    /// The schema of a version; `None` if it is not there any more.
    fn schema(&self, api_version: &str) -> Option<Schema<'_>>;
    /// Whether the server knows in a version which fields a write doesn't reach.
    fn ignores(&self, api_version: &str) -> bool;
    /// An object in another version.
    fn convert(&self, object: &Value, api_version: &str) -> Result<Value, String>;
}

/// The versions of a kind that has one.
pub(crate) struct OneVersion<'a> {
    pub api_version: &'a str,
    pub schema: Schema<'a>,
}

impl Versions for OneVersion<'_> {
    fn schema(&self, api_version: &str) -> Option<Schema<'_>> {
        (api_version == self.api_version).then_some(self.schema)
    }

    fn ignores(&self, _: &str) -> bool {
        true
    }

    fn convert(&self, object: &Value, _: &str) -> Result<Value, String> {
        Ok(object.clone())
    }
}

/// A write of an object.
pub(crate) struct Write<'a> {
    /// The versions of its kind.
    pub versions: &'a dyn Versions,
    /// An object of the kind in which nothing is set: what a new one is compared with.
    pub nothing: &'a Value,
    /// The version that it is written in.
    pub api_version: &'a str,
    /// Who writes.
    pub manager: &'a str,
    /// The subresource; empty for the object itself.
    pub subresource: &'a str,
    /// The fields that this can't write, and so doesn't own: `status` for the object itself.
    pub ignored: &'a FieldSet,
    /// The present time, in RFC 3339 with seconds; empty for a write that is entered without.
    pub now: &'a str,
}

/// Why an object was not applied.
#[derive(Debug, PartialEq)]
pub(crate) enum ApplyError {
    /// Others own fields, with other values.
    Conflicts(Vec<Conflict>),
    /// What was sent doesn't fit the schema.
    Mistakes(String),
    /// What is to be written doesn't fit the schema of another version that a manager has written in.
    Unconverted(String),
}

/// A field that another manager owns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub manager: Manager,
    /// The path, as the server shows it: `.spec.replicas`.
    pub field: String,
}

impl Write<'_> {
    fn time(&self) -> Option<String> {
        Some(self.now).filter(|now| !now.is_empty()).map(str::to_owned)
    }

    /// Applies an object over the one that is there (an empty one of the kind, if none is).
    ///
    /// Returns the merged object; `None` if nothing changed but the managers. Neither object has `managedFields`.
    pub fn apply(
        &self,
        live: &Value,
        applied: &Value,
        managers: &mut Managers,
        force: bool,
    ) -> Result<Option<Value>, ApplyError> {
        let schema = self.schema();
        if let Some(mistakes) = mistakes(applied, schema) {
            return Err(ApplyError::Mistakes(mistakes));
        }
        self.check_convertible(live, managers)?;
        if managers.is_empty() && is_there(live) {
            let before = Write { manager: BEFORE_FIRST_APPLY, ..*self };
            before.own(self.nothing, live, managers);
        }
        let manager = Manager::new(self.manager, Operation::Apply, self.subresource, self.api_version);
        let last = managers.get(&manager).cloned();
        let merged = merge(Some(live), Some(applied), schema).unwrap_or(Value::Null);
        // With the name, by which the metadata stay while the rest of them is pruned.
        let fields = fields_of(applied, schema).difference_with_all_below(self.ignored);
        let time = last.as_ref().and_then(|owned| owned.time.clone());
        managers.insert(manager.clone(), Owned { fields, api_version: self.api_version.to_owned(), time });
        let merged = match &last {
            Some(last) => {
                let pruned = self.prune(merged, managers, last);
                pruned.map_err(|why| ApplyError::Unconverted(format!("failed to prune fields: {why}")))?
            }
            None => merged,
        };
        self.take(live, &merged, managers, Some(&manager), force)?;
        if let Some(owned) = managers.get_mut(&manager) {
            owned.fields = strip(std::mem::take(&mut owned.fields));
        }
        managers.retain(|_, owned| !owned.fields.is_empty());
        // By value: another order of items is a change, though the same fields are set.
        if same(live, &merged) {
            return Ok(None);
        }
        if let Some(owned) = managers.get_mut(&manager) {
            owned.time = self.time();
        }
        Ok(Some(merged))
    }

    /// Changes the managers for a write that is no apply. Objects that nobody ever applied and whose managers were cleared
    /// are not tracked.
    pub fn update(&self, live: Option<&Value>, new: &Value, managers: &mut Managers) {
        if managers.is_empty() && live.is_some() {
            return;
        }
        if live.is_some_and(|live| self.check_convertible(live, managers).is_err()) {
            return;
        }
        self.own(live.unwrap_or(self.nothing), new, managers);
        self.join_oldest(managers);
    }

    /// The `managedFields` of a new object that has none yet, as [`Self::update`] makes them; `None` if its writer owns nothing. Others of the kind may be
    /// remembered.
    pub fn create(&self, new: &Value, made: Option<&Made>) -> Option<Value> {
        let find = || {
            let mut managers = Managers::new();
            self.update(None, new, &mut managers);
            managers.into_values().next().map(|owned| owned.fields.to_json())
        };
        let fields = match made {
            Some(made) => made.fields(self.nothing, new, self.schema(), find),
            None => find(),
        }?;
        let manager = Manager::new(self.manager, Operation::Update, self.subresource, self.api_version);
        let entry = entry_of(&manager, self.api_version, self.time().as_deref(), fields);
        Some(Value::Array(vec![entry]))
    }

    fn schema(&self) -> Schema<'_> {
        self.versions.schema(self.api_version).unwrap_or_else(Schema::anything)
    }

    /// Gives what changed to the writer.
    fn own(&self, live: &Value, new: &Value, managers: &mut Managers) {
        // Nobody stands in the way of an update. What can't be converted to the versions of others, as an item of a set that is
        // there twice, changes no managers.
        let Ok(comparison) = self.take(live, new, managers, None, true) else { return };
        // The larger set is kept, rather than copied.
        let fields = strip(comparison.added.union(&comparison.modified));
        if fields.is_empty() {
            return;
        }
        let manager = Manager::new(self.manager, Operation::Update, self.subresource, self.api_version);
        let fields = match managers.get(&manager) {
            Some(owned) => owned.fields.clone().union(&fields),
            None => fields,
        };
        let owned = Owned { fields, api_version: self.api_version.to_owned(), time: self.time() };
        managers.insert(manager, owned);
    }

    /// Takes what changed from all managers but one; without force that is a conflict. If it fails, it changes nothing.
    fn take(
        &self,
        live: &Value,
        new: &Value,
        managers: &mut Managers,
        but: Option<&Manager>,
        force: bool,
    ) -> Result<Comparison, ApplyError> {
        let mut conflicts = Vec::new();
        let mut left = Managers::new();
        for (manager, owned) in managers.iter() {
            if Some(manager) == but {
                left.insert(manager.clone(), owned.clone());
                continue;
            }
            // Of a version that is not there any more, nothing is known.
            let Some(comparison) = self.compare(live, new, &owned.api_version)? else { continue };
            let changed = comparison.added.union(&comparison.modified);
            let taken = owned.fields.intersection(&changed);
            conflicts.extend(taken.paths().into_iter().map(|path| Conflict {
                manager: manager.clone(),
                field: path.iter().map(ToString::to_string).collect(),
            }));
            let fields = owned.fields.clone().difference(&taken).difference(&comparison.removed);
            if !fields.is_empty() {
                left.insert(manager.clone(), Owned { fields, ..owned.clone() });
            }
        }
        if !force && !conflicts.is_empty() {
            // As the server sorts its managers: those of a subresource before those of the object.
            conflicts.sort_by(|one: &Conflict, other| {
                let key = |conflict: &Conflict| {
                    let Manager { name, operation, subresource, version } = conflict.manager.clone();
                    (name, operation, version, subresource.is_empty(), subresource)
                };
                key(one).cmp(&key(other))
            });
            return Err(ApplyError::Conflicts(conflicts));
        }
        let comparison = self.compare(live, new, self.api_version)?;
        *managers = left;
        Ok(comparison.unwrap_or_default())
    }

    /// What differs in a version; `None` if that is not there any more.
    fn compare(&self, live: &Value, new: &Value, api_version: &str) -> Result<Option<Comparison>, ApplyError> {
        let Some(schema) = self.versions.schema(api_version) else { return Ok(None) };
        let comparison = if api_version == self.api_version {
            Comparison::of(live, new, schema)
        } else {
            let converted = |object: &Value, which: &str| {
                let failed = |why| ApplyError::Unconverted(format!("failed to convert {which} object: {why}"));
                self.convert(object, self.api_version, api_version, schema).map_err(failed)
            };
            Comparison::of(&converted(live, "old")?, &converted(new, "new")?, schema)
        };
        Ok(Some(if self.versions.ignores(api_version) { comparison.without(self.ignored) } else { comparison }))
    }

    /// Checks that an object fits the other versions that its managers have written in.
    fn check_convertible(&self, live: &Value, managers: &Managers) -> Result<(), ApplyError> {
        let versions = managers.values().map(|owned| owned.api_version.as_str());
        let others: BTreeSet<&str> = versions.filter(|version| *version != self.api_version).collect();
        for version in others {
            let Some(schema) = self.versions.schema(version) else { continue };
            self.convert(live, self.api_version, version, schema).map_err(ApplyError::Unconverted)?;
        }
        Ok(())
    }

    /// An object in another version, which has to fit the schema of that; the error says what doesn't.
    fn convert(&self, object: &Value, from: &str, to: &str, schema: Schema<'_>) -> Result<Value, String> {
        if from == to {
            return Ok(object.clone());
        }
        let converted = self.versions.convert(object, to)?;
        mistakes(&converted, schema).map_or(Ok(converted), Err)
    }

    /// Takes out of a merged object what its manager applied the last time and doesn't any more, unless others own it. The error
    /// says what can't be converted to a version that somebody has written in.
    fn prune(&self, merged: Value, managers: &Managers, last: &Owned) -> Result<Value, String> {
        let version = last.api_version.as_str();
        let Some(schema) = self.versions.schema(version) else { return Ok(merged) };
        let merged = self
            .convert(&merged, self.api_version, version, schema)
            .map_err(|why| format!("failed to convert merged object to last applied version: {why}"))?;
        let last_fields = last.fields.with_named_parents(schema);
        let pruned = remove(&merged, &last_fields, schema).unwrap_or(Value::Null);
        let pruned = self
            .keep_owned(&merged, pruned, managers, version)
            .map_err(|why| format!("failed add back owned items: {why}"))?;
        // Of what went with its surroundings, only what was applied may go.
        let gone = self.gone(&merged, &pruned, schema);
        let pruned = remove(&merged, &gone.intersection(&last_fields), schema).unwrap_or(Value::Null);
        self.convert(&pruned, version, self.api_version, self.schema())
    }

    /// Puts back what other managers own, version by version. The object is of one of the versions at the end.
    fn keep_owned(&self, merged: &Value, mut pruned: Value, managers: &Managers, of: &str) -> Result<Value, String> {
        let mut versions: Vec<&str> = managers.values().map(|owned| owned.api_version.as_str()).collect();
        // The one that it is in first: another may need what it puts back.
        versions.sort_unstable_by_key(|version| (*version != of, *version));
        versions.dedup();
        let mut at = of;
        for version in versions {
            let Some(schema) = self.versions.schema(version) else { continue };
            let of_version = managers.values().filter(|owned| owned.api_version == version);
            let owned = of_version.fold(FieldSet::default(), |all, owned| all.union(&owned.fields));
            let convert = |object: &Value, from: &str, which: &str| {
                let failed = |why| format!("failed to convert {which} object at version {version}: {why}");
                self.convert(object, from, version, schema).map_err(failed)
            };
            let merged = convert(merged, of, "merged")?;
            let gone = self.gone(&merged, &convert(&pruned, at, "pruned")?, schema);
            let left = remove(&merged, &gone.difference(&owned.with_named_parents(schema)), schema);
            (pruned, at) = (left.unwrap_or(Value::Null), version);
        }
        Ok(pruned)
    }

    /// The fields that a pruned object lacks.
    fn gone(&self, merged: &Value, pruned: &Value, schema: Schema<'_>) -> FieldSet {
        let of = |value: &Value| fields_of(value, schema).with_named_parents(schema);
        of(merged).difference(&of(pruned))
    }

    /// Joins the oldest entries of updates, by version, until there are few enough.
    fn join_oldest(&self, managers: &mut Managers) {
        let mut updates: Vec<Manager> =
            managers.keys().filter(|manager| manager.operation == Operation::Update).cloned().collect();
        let mut count = updates.len();
        if count <= MAX_UPDATE_MANAGERS {
            return;
        }
        updates.sort_by_cached_key(|manager| (managers[manager].time.clone(), manager.clone()));
        let mut first_of: std::collections::BTreeMap<String, Manager> = Default::default();
        for manager in updates {
            if count <= MAX_UPDATE_MANAGERS {
                return;
            }
            let version = managers[&manager].api_version.clone();
            let Some(first) = first_of.get(&version) else {
                first_of.insert(version, manager);
                continue;
            };
            let bucket = Manager::new(ANCIENT, Operation::Update, "", &version);
            // The first of a version makes the entry that the others are joined in.
            if let Some(owned) = managers.remove(first) {
                managers.entry(bucket.clone()).or_insert(owned);
            }
            let Some(joined) = managers.remove(&manager) else { continue };
            if let Some(all) = managers.get_mut(&bucket) {
                all.fields = std::mem::take(&mut all.fields).union(&joined.fields);
                all.time = joined.time;
            }
            count -= 1;
        }
    }
}

/// Whether this is an object that is stored, rather than an empty one.
fn is_there(live: &Value) -> bool {
    live["metadata"]["uid"].is_string()
}

/// Leaves out what nobody owns.
fn strip(fields: FieldSet) -> FieldSet {
    static NOBODYS: LazyLock<FieldSet> = LazyLock::new(|| {
        FieldSet::parse(&json!({
            "f:apiVersion": {},
            "f:kind": {},
            "f:metadata": {
                ".": {}, "f:name": {}, "f:namespace": {}, "f:creationTimestamp": {}, "f:selfLink": {}, "f:uid": {},
                "f:clusterName": {}, "f:generation": {}, "f:managedFields": {}, "f:resourceVersion": {},
            },
        }))
    });
    fields.difference(&NOBODYS)
}
