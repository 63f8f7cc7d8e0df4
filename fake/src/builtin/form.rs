//! The form in which Go writes an object: values that are Go's zeros are left out, quantities are canonical.

use kubewright::registry::REGISTRY;
use kubewright_core::message::Descriptor;
use kubewright_core::types::Quantity;
use serde_json::Value;

use super::device_versions;
use crate::catalog::Resource;
use crate::schema::Schema;
use crate::status::Status;

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";

const TIMES: &[&str] = &["io.k8s.apimachinery.pkg.apis.meta.v1.Time", "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"];

/// Brings an object that was sent into the form in which Go keeps it.
///
/// # Errors
///
/// 400 for a value that has no such form: a quantity that is none, data that are no base64.
pub(crate) fn in_form(object: &mut Value, resource: &Resource) -> Result<(), Status> {
    let unreadable = |why: String| {
        let (kind, version) = (&resource.kind, &resource.version);
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}"))
    };
    scalars(object, resource.schema()).map_err(unreadable)?;
    if let Some(message) = REGISTRY.message(&resource.api_version(), &resource.kind) {
        zeros(object, message.descriptor(), resource.schema());
    }
    Ok(())
}

/// Leaves out the zeros of fields that are no pointers in Go, and writes times that are none as null.
fn zeros(value: &mut Value, descriptor: &Descriptor, schema: Schema<'_>) {
    let Value::Object(fields) = value else { return };
    for field in descriptor.fields {
        let name = field.key.trim_start_matches('"').trim_end_matches("\":");
        let field_schema = schema.field(name);
        if field.implicit && !field.required && fields.get(name).is_some_and(is_zero) {
            fields.remove(name);
        }
        let is_time = field_schema.name().is_some_and(|name| TIMES.contains(&name));
        // Since 1.34 the time of creation is left out.
        if field.implicit && is_time && name != "creationTimestamp" {
            fields.entry(name).or_insert(Value::Null);
        }
        let (Some(descriptor), Some(value)) = (field.message, fields.get_mut(name)) else { continue };
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(|item| zeros(item, descriptor(), field_schema.item()));
            }
            Value::Object(values) if field_schema.is_map() => {
                values.iter_mut().for_each(|(key, value)| zeros(value, descriptor(), field_schema.field(key)));
            }
            other => zeros(other, descriptor(), field_schema),
        }
    }
}

/// Lists that Go writes as null where they have no items, though no document says that they have to be there; and an object.
const NULLS: &[(&str, &[&str])] = &[
    ("clusterroles", &["/rules"]),
    ("csinodes", &["/spec/drivers/*/topologyKeys"]),
    ("compositepodgroups", &["/spec/workloadRef"]),
    ("endpointslices", &["/endpoints", "/ports"]),
    ("horizontalpodautoscalers", &["/status/currentMetrics"]),
    ("podcertificaterequests", &["/spec/stubPKCS10Request", "/spec/pkixPublicKey", "/spec/proofOfPossession"]),
    ("resourceclaims", &["/spec/devices/requests"]),
    ("resourceclaimtemplates", &["/spec/spec/devices/requests"]),
    ("roles", &["/rules"]),
    ("workloads", &["/spec/podGroupTemplates"]),
];

/// Lists that are not defaulted where they are sent empty.
const EMPTY: &[(&str, &[&str])] =
    &[("horizontalpodautoscalers", &["/spec/behavior/scaleUp/policies", "/spec/behavior/scaleDown/policies"])];

fn of(table: &'static [(&str, &[&str])], resource: &Resource) -> impl Iterator<Item = &'static str> + use<> {
    let plural = &resource.plural;
    let paths = table.iter().find(|(known, _)| known == plural).map_or(&[][..], |(_, paths)| paths);
    paths.iter().copied()
}

/// Writes the lists of an object that are null where they have no items.
pub(crate) fn set_nulls(object: &mut Value, resource: &Resource) {
    for path in of(NULLS, resource) {
        let names: Vec<&str> = path.split('/').skip(1).collect();
        set_null(object, resource.schema(), &names);
    }
    device_versions::set_empty_names(object, resource);
}

/// Writes the list at a path, in which `*` stands for each item of a list.
fn set_null(value: &mut Value, schema: Schema<'_>, path: &[&str]) {
    match (path, value) {
        // Another version may not have it.
        ([name], Value::Object(fields)) if schema.has_property(name) => {
            fields.entry(*name).or_insert(Value::Null);
        }
        (["*", rest @ ..], Value::Array(items)) => {
            items.iter_mut().for_each(|item| set_null(item, schema.item(), rest));
        }
        ([name, rest @ ..], Value::Object(fields)) => {
            if let Some(value) = fields.get_mut(*name) {
                set_null(value, schema.field(name), rest);
            }
        }
        _ => {}
    }
}

/// The lists without items that an object was sent with and that Go does not take for absent ones: until they are stored they are
/// values, which have managers.
pub(crate) fn empty_lists(object: &Value, resource: &Resource) -> Vec<&'static str> {
    let is_empty = |path: &&str| object.pointer(path).and_then(Value::as_array).is_some_and(Vec::is_empty);
    of(NULLS, resource).chain(of(EMPTY, resource)).filter(is_empty).collect()
}

/// Puts such lists back.
pub(crate) fn put_empty_lists(object: &mut Value, paths: &[&str]) {
    for path in paths {
        let (parent, name) = path.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(fields)) = object.pointer_mut(parent) {
            fields.insert(name.to_owned(), Value::Array(Vec::new()));
        }
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn scalars(value: &mut Value, schema: Schema<'_>) -> Result<(), String> {
    if schema.name() == Some(QUANTITY) {
        return quantity(value);
    }
    match value {
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| scalars(value, schema.field(name))),
        Value::Array(items) => items.iter_mut().try_for_each(|item| scalars(item, schema.item())),
        Value::String(text) if schema.format() == Some("byte") => base64(text),
        _ => Ok(()),
    }
}

fn quantity(value: &mut Value) -> Result<(), String> {
    let text = match &*value {
        Value::Null => return Ok(()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let canonical = Quantity::parse(&text).and_then(|quantity| quantity.canonical());
    let canonical = canonical.map_err(|_| {
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'".to_owned()
    })?;
    *value = Value::from(canonical.as_str());
    Ok(())
}

fn base64(text: &str) -> Result<(), String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let text: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    let at = match STANDARD.decode(&text) {
        Ok(_) => return Ok(()),
        Err(base64::DecodeError::InvalidByte(at, _)) => at,
        Err(_) => text.len(),
    };
    Err(format!("illegal base64 data at input byte {at}"))
}
