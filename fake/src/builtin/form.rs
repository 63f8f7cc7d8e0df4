//! The form in which Go writes an object: values that are Go's zeros are left out, quantities are canonical.

use kubewright::registry::REGISTRY;
use kubewright_core::message::{Descriptor, FieldDesc};
use kubewright_core::types::{Quantity, QuantityError};
use serde_json::Value;

use super::times::{self, Precision};
use super::{device_versions, quantity_text};
use crate::catalog::Resource;
use crate::quoted::quoted;
use crate::schema::Schema;
use crate::status::Status;

/// Brings an object that was sent into the form in which Go keeps it.
///
/// # Errors
///
/// 400 for a value that has no such form: a quantity that is none, data that are no base64.
pub(crate) fn in_form(object: &mut Value, resource: &Resource) -> Result<(), Status> {
    let unreadable = |why: Formless| {
        why.into_status(|why| {
            let (kind, version) = (&resource.kind, &resource.version);
            Status::bad_request(format!("{kind} in version {} cannot be handled as a {kind}: {why}", quoted(version)))
        })
    };
    let has_lists = WITH_LISTS.contains(&resource.group.as_str());
    scalars(object, resource.schema(), has_lists).map_err(unreadable)?;
    if let Some(message) = REGISTRY.message(&resource.api_version(), &resource.kind) {
        zeros(object, message.descriptor(), resource.schema());
    }
    Ok(())
}

/// Leaves out the zeros of fields that are no pointers in Go, and writes times that are none as null.
fn zeros(value: &mut Value, descriptor: &Descriptor, schema: Schema<'_>) {
    let Value::Object(fields) = value else { return };
    // From what is there: of most fields of a kind, nothing is.
    fields.retain(|name, value| {
        let is_zero = is_zero(value);
        // Of most scalars, nothing has to be known.
        if !is_zero && !value.is_array() && !value.is_object() {
            return true;
        }
        let Some(field) = field_of(descriptor, name) else { return true };
        if field.implicit && !field.required && is_zero {
            return false;
        }
        let Some(descriptor) = field.message else { return true };
        match value {
            Value::Array(items) => {
                let item_schema = schema.field(name).item();
                items.iter_mut().for_each(|item| zeros(item, descriptor(), item_schema));
            }
            Value::Object(values) if schema.field(name).is_map() => {
                let schema = schema.field(name);
                values.iter_mut().for_each(|(key, value)| zeros(value, descriptor(), schema.field(key)));
            }
            Value::Object(_) => zeros(value, descriptor(), schema.field(name)),
            _ => {}
        }
        true
    });
    for (name, _) in schema.times() {
        // Since 1.34 the time of creation is left out.
        if name != "creationTimestamp" && field_of(descriptor, name).is_some_and(|field| field.implicit) {
            fields.entry(name).or_insert(Value::Null);
        }
    }
}

fn field_of(descriptor: &Descriptor, name: &str) -> Option<&'static FieldDesc> {
    // The key has quotes and a colon around the name: most others differ in length.
    descriptor.fields.iter().find(|field| field.key.len() == name.len() + 3 && field.name() == name)
}

/// Lists that Go writes as null where they have no items, though no document says that they have to be there; and an object.
const NULLS: &[(&str, &[&str])] = &[
    ("clusterroles", &["/rules"]),
    ("csinodes", &["/spec/drivers/*/topologyKeys"]),
    ("compositepodgroups", &["/spec/workloadRef"]),
    ("endpointslices", &["/endpoints", "/ports"]),
    ("horizontalpodautoscalers", &["/status/currentMetrics"]),
    ("persistentvolumeclaims", &["/spec/dataSource/apiGroup", "/spec/dataSourceRef/apiGroup"]),
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

/// Why a value has no form.
pub(crate) enum Formless {
    /// In the words of the server.
    Refused(String),
    /// It can't be calculated with here.
    NotDone(String),
}

impl Formless {
    /// The error of the request, which is made of the server's words.
    pub(crate) fn into_status(self, refused: impl FnOnce(String) -> Status) -> Status {
        match self {
            Self::Refused(why) => refused(why),
            Self::NotDone(text) => Status::not_done(format_args!("the quantity {text}")),
        }
    }
}

/// The groups whose kinds have lists of resources, the amounts of which are rounded up to thousandths.
const WITH_LISTS: [&str; 3] = ["", "apps", "batch"];

/// Reads the scalars of a value that Go keeps in a form of its own: quantities, times and data.
pub(crate) fn read(value: &mut Value, schema: Schema<'_>) -> Result<(), Formless> {
    scalars(value, schema, false)
}

fn scalars(value: &mut Value, schema: Schema<'_>, has_lists: bool) -> Result<(), Formless> {
    if !schema.has_forms_below() {
        return Ok(());
    }
    if schema.is_quantity() {
        return quantity(value, false);
    }
    match value {
        Value::Object(fields) => {
            let is_list = has_lists && schema.is_map();
            fields.iter_mut().try_for_each(|(name, value)| {
                let field = schema.field(name);
                if is_list && field.is_quantity() { quantity(value, true) } else { scalars(value, field, has_lists) }
            })
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| scalars(item, schema.item(), has_lists)),
        Value::String(text) if schema.is_time() => {
            let precision = if schema.is_exact_time() { Precision::Micros } else { Precision::Seconds };
            let canonical = times::canonical(text, precision).map_err(Formless::Refused)?;
            if *text != canonical {
                *text = canonical;
            }
            Ok(())
        }
        Value::String(text) if schema.format() == Some("byte") => base64(text).map_err(Formless::Refused),
        _ => Ok(()),
    }
}

/// What is finer than thousandths, rounded up to them.
fn rounded(canonical: &Quantity) -> Option<Quantity> {
    let text = canonical.as_str();
    let is_exponent = text.contains('e');
    let is_fine = text.ends_with(['u', 'n']) || (is_exponent && text.contains('-'));
    if !is_fine {
        return None;
    }
    let suffix = if is_exponent { "e-3" } else { "m" };
    Quantity::new(format!("{}{suffix}", canonical.to_milli_i64().ok()?)).canonical().ok()
}

fn quantity(value: &mut Value, is_in_list: bool) -> Result<(), Formless> {
    let text = match &*value {
        Value::Null => return Ok(()),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let canonical = Quantity::parse(&text).and_then(|quantity| quantity.canonical());
    let canonical = canonical.map_err(|problem| match problem {
        QuantityError::Syntax { .. } => Formless::Refused(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'".to_owned(),
        ),
        _ => Formless::NotDone(text.clone()),
    })?;
    let rounded = if is_in_list { rounded(&canonical) } else { None };
    *value = Value::from(match &rounded {
        Some(rounded) => rounded.as_str(),
        None if quantity_text::is_kept(&text) => &text,
        None => canonical.as_str(),
    });
    Ok(())
}

/// Data are kept without the breaks of lines that they may be sent with.
fn base64(text: &mut String) -> Result<(), String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    text.retain(|letter| !matches!(letter, '\r' | '\n'));
    let at = match STANDARD.decode(&*text) {
        Ok(_) => return Ok(()),
        Err(base64::DecodeError::InvalidByte(at, _)) => at,
        // Go names the start of what is cut off.
        Err(_) => text.len() - text.len() % 4,
    };
    Err(format!("illegal base64 data at input byte {at}"))
}
