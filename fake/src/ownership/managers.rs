//! Field managers and what they own, as `metadata.managedFields` has it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::set::FieldSet;

/// How a field manager writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// Server-side apply.
    Apply,
    /// Everything else.
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// Who owns fields: an entry of `managedFields` without its fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Manager {
    pub name: String,
    pub operation: Operation,
    /// The subresource; empty for the object itself.
    pub subresource: String,
    /// For updates: one that writes by two versions is two. One that applies is the same in all.
    pub version: Option<String>,
}

impl Manager {
    pub fn new(name: &str, operation: Operation, subresource: &str, api_version: &str) -> Self {
        Self {
            name: name.to_owned(),
            operation,
            subresource: subresource.to_owned(),
            version: (operation == Operation::Update).then(|| api_version.to_owned()),
        }
    }
}

/// What a manager owns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owned {
    pub fields: FieldSet,
    /// The version in whose schema the fields are.
    pub api_version: String,
    /// When the manager last changed something, in RFC 3339 with seconds.
    pub time: Option<String>,
}

/// The managers of an object.
pub(crate) type Managers = BTreeMap<Manager, Owned>;

/// Reads `managedFields`. `None` if it is no list of entries.
pub(crate) fn decode(managed_fields: &Value) -> Option<Managers> {
    let mut managers = Managers::new();
    for entry in managed_fields.as_array()? {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let operation = match text("operation")? {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        let api_version = text("apiVersion").unwrap_or_default();
        let name = text("manager").unwrap_or_default();
        let manager = Manager::new(name, operation, text("subresource").unwrap_or_default(), api_version);
        let owned = Owned {
            fields: FieldSet::parse(entry.get("fieldsV1").unwrap_or(&Value::Null)),
            api_version: api_version.to_owned(),
            time: text("time").map(str::to_owned),
        };
        managers.insert(manager, owned);
    }
    Some(managers)
}

/// Writes `managedFields`: who applies first, then by time and name. `None` if there are no managers.
pub(crate) fn encode(managers: &Managers) -> Option<Value> {
    let mut entries: Vec<(&Manager, &Owned)> = managers.iter().collect();
    entries.sort_by_key(|(manager, owned)| {
        (manager.operation, &owned.time, &manager.name, &owned.api_version, &manager.subresource)
    });
    let entries: Vec<Value> = entries.into_iter().map(|(manager, owned)| entry(manager, owned)).collect();
    (!entries.is_empty()).then_some(Value::Array(entries))
}

fn entry(manager: &Manager, owned: &Owned) -> Value {
    entry_of(manager, &owned.api_version, owned.time.as_deref(), owned.fields.to_json())
}

/// Writes an entry of `managedFields` with fields as `fieldsV1` has them.
pub(super) fn entry_of(manager: &Manager, api_version: &str, time: Option<&str>, fields: Value) -> Value {
    let mut entry = json!({
        "manager": manager.name,
        "operation": manager.operation.as_str(),
        "apiVersion": api_version,
        "fieldsType": "FieldsV1",
    });
    entry["fieldsV1"] = fields;
    if let Some(time) = time {
        entry["time"] = json!(time);
    }
    if !manager.subresource.is_empty() {
        entry["subresource"] = json!(manager.subresource);
    }
    entry
}
