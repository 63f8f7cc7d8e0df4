//! The admission plugin `LimitRanger`: what containers get that say nothing, and what is too little or too much.
//!
//! <https://kubernetes.io/docs/concepts/policy/limit-range/>

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::resource_lists::{self, ResourceList, read};
use crate::catalog::{Resource, StorageKey};
use crate::status::{About, Status};
use crate::store::Store;

/// The annotation of pods that got something.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Amounts up to this are compared in thousandths.
const MAX_IN_THOUSANDTHS: i64 = i64::MAX / 1000;

/// Sets the default requests and limits of a new pod.
pub(crate) fn set_defaults(pod: &mut Value, store: &Store) {
    for range in ranges(pod, store) {
        let (mut limits, mut requests) = (json!({}), json!({}));
        for item in items(&range).filter(|item| item["type"] == "Container") {
            merge(&mut limits, &item["default"]);
            merge(&mut requests, &item["defaultRequest"]);
        }
        let mut said = Vec::new();
        for (list, kind) in [("containers", "container"), ("initContainers", "init container")] {
            for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
                for (field, word, defaults) in [("requests", "request", &requests), ("limits", "limit", &limits)] {
                    let set = set_missing(container, field, defaults);
                    if !set.is_empty() {
                        let name = container["name"].as_str().unwrap_or_default();
                        said.push(format!("{} {word} for {kind} {name}", set.join(", ")));
                    }
                }
            }
        }
        if !said.is_empty() {
            pod["metadata"]["annotations"][ANNOTATION] = json!(format!("LimitRanger plugin set: {}", said.join("; ")));
        }
    }
}

/// Sets what a container doesn't say. Returns the names of what was set.
fn set_missing(container: &mut Value, field: &str, defaults: &Value) -> Vec<String> {
    let mut set = Vec::new();
    for (name, amount) in defaults.as_object().into_iter().flatten() {
        if container["resources"][field].get(name).is_none() {
            container["resources"][field][name] = amount.clone();
            set.push(name.clone());
        }
    }
    set.sort();
    set
}

fn merge(list: &mut Value, more: &Value) {
    if let (Value::Object(list), Value::Object(more)) = (list, more) {
        list.extend(more.clone());
    }
}

/// Checks a new pod, one that is resized, or a claim of a volume, by the ranges of its namespace.
///
/// # Errors
/// 403 if something is below a minimum, above a maximum, or not said where it has to be.
pub(crate) fn check(
    object: &Value,
    old: Option<&Value>,
    resource: &Resource,
    subresource: &str,
    store: &Store,
) -> Result<(), Status> {
    let is_pod = match (resource.group.as_str(), resource.plural.as_str(), subresource) {
        ("", "pods", "" | "resize") => true,
        ("", "persistentvolumeclaims", "") => false,
        _ => return Ok(()),
    };
    let is_ending = old.is_some_and(|old| old["metadata"].get("deletionTimestamp").is_some());
    // What a range is about can't change in pods but by a resize.
    if is_ending || (is_pod && old.is_some() && subresource != "resize") {
        return Ok(());
    }
    for range in ranges(object, store) {
        let of_items = items(&range).flat_map(|item| [&item["min"], &item["max"], &item["maxLimitRequestRatio"]]);
        let of_object = resource_lists::lists_of_pod(object).chain([&object["spec"]["resources"]["requests"]]);
        if let Some(what) = resource_lists::uncounted(of_items.chain(of_object), is_compared) {
            return Err(Status::not_done(format_args!("{what} in a namespace with limit ranges")));
        }
        let mut problems: Vec<String> = Vec::new();
        for item in items(&range) {
            let found = if is_pod { of_pod(item, object) } else { of_claim(item, object) };
            for problem in found {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        let why = match problems.as_slice() {
            [] => continue,
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        return Err(Status::forbidden(About { group: "", kind: &resource.plural, name }, &why, Value::Null));
    }
    Ok(())
}

/// The limit ranges of the namespace of an object.
fn ranges(object: &Value, store: &Store) -> Vec<Value> {
    let prefix = format!("{}/", object["metadata"]["namespace"].as_str().unwrap_or_default());
    let storage = StorageKey::new("", "limitranges");
    let ranges = store.all(&storage).filter(|(key, _)| key.starts_with(&prefix));
    ranges.map(|(_, range)| range.with(Value::clone)).collect()
}

fn items(range: &Value) -> impl Iterator<Item = &Value> {
    range["spec"]["limits"].as_array().into_iter().flatten()
}

/// What is wrong with a pod by an item of a range.
fn of_pod(item: &Value, pod: &Value) -> Vec<String> {
    match item["type"].as_str() {
        Some("Container") => {
            let containers = ["containers", "initContainers"].into_iter().flat_map(|list| pod["spec"][list].as_array());
            let of = |container: &Value| {
                let resources = &container["resources"];
                of_amounts(item, &read(&resources["requests"]), &read(&resources["limits"]))
            };
            containers.flatten().flat_map(of).collect()
        }
        Some("Pod") => {
            let whole = |field: &str| {
                let mut list = resource_lists::of_containers(pod, field);
                resource_lists::replace_by_pod_level(&mut list, pod, field, |name| matches!(name, "cpu" | "memory"));
                list
            };
            of_amounts(item, &whole("requests"), &whole("limits"))
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a claim, which has requests alone.
fn of_claim(item: &Value, claim: &Value) -> Vec<String> {
    if item["type"] != "PersistentVolumeClaim" {
        return Vec::new();
    }
    let requests = read(&claim["spec"]["resources"]["requests"]);
    let limit = Limit { of: "PersistentVolumeClaim" };
    let too_small = read(&item["min"])
        .into_iter()
        .filter_map(|(name, least)| limit.least(&name, &least, requests.get(&name), None));
    let too_large = read(&item["max"]).into_iter().filter_map(|(name, most)| {
        limit
            .most(&name, &most, requests.get(&name), "request")
            .or_else(|| limit.above(&name, &most, requests.get(&name), "request"))
    });
    too_small.chain(too_large).collect()
}

/// What is wrong with requests and limits.
fn of_amounts(item: &Value, requests: &ResourceList, limits: &ResourceList) -> Vec<String> {
    let limit = Limit { of: item["type"].as_str().unwrap_or_default() };
    let too_small = read(&item["min"])
        .into_iter()
        .filter_map(|(name, least)| limit.least(&name, &least, requests.get(&name), limits.get(&name)));
    let too_large = read(&item["max"]).into_iter().filter_map(|(name, most)| {
        let (request, own) = (requests.get(&name), limits.get(&name));
        limit
            .most(&name, &most, own, "limit")
            .or_else(|| limit.above(&name, &most, own, "limit"))
            .or_else(|| limit.above(&name, &most, request, "request"))
    });
    let too_far = read(&item["maxLimitRequestRatio"])
        .into_iter()
        .filter_map(|(name, ratio)| limit.ratio(&name, &ratio, requests.get(&name), limits.get(&name)));
    too_small.chain(too_large).chain(too_far).collect()
}

/// Says what is wrong with amounts.
struct Limit<'l> {
    /// The type of what is limited.
    of: &'l str,
}

impl Limit<'_> {
    fn least(
        &self,
        name: &str,
        least: &Quantity,
        request: Option<&Quantity>,
        limit: Option<&Quantity>,
    ) -> Option<String> {
        let said = format!("minimum {name} usage per {} is {least}", self.of);
        let Some(request) = request else { return Some(format!("{said}.  No request is specified")) };
        let [asked, most, enforced] = comparable([request, limit.unwrap_or(&Quantity::default()), least]);
        if asked < enforced {
            return Some(format!("{said}, but request is {request}"));
        }
        limit.filter(|_| most < enforced).map(|limit| format!("{said}, but limit is {limit}"))
    }

    /// What is said where nothing is.
    fn most(&self, name: &str, most: &Quantity, own: Option<&Quantity>, word: &str) -> Option<String> {
        own.is_none().then(|| format!("maximum {name} usage per {} is {most}.  No {word} is specified", self.of))
    }

    fn above(&self, name: &str, most: &Quantity, own: Option<&Quantity>, word: &str) -> Option<String> {
        let own = own?;
        let [amount, enforced] = comparable([own, most]);
        (amount > enforced).then(|| format!("maximum {name} usage per {} is {most}, but {word} is {own}", self.of))
    }

    fn ratio(
        &self,
        name: &str,
        ratio: &Quantity,
        request: Option<&Quantity>,
        limit: Option<&Quantity>,
    ) -> Option<String> {
        let said = format!("{name} max limit to request ratio per {} is {ratio}", self.of);
        let zero = Quantity::default();
        let [asked, most, _] = comparable([request.unwrap_or(&zero), limit.unwrap_or(&zero), ratio]);
        if asked == 0 {
            return Some(format!("{said}, but no request is specified or request is 0"));
        }
        if most == 0 {
            return Some(format!("{said}, but no limit is specified or limit is 0"));
        }
        #[allow(clippy::cast_precision_loss)]
        let observed = most as f64 / asked as f64;
        (is_above(observed, ratio)).then(|| format!("{said}, but provided ratio is {observed:.6}"))
    }
}

/// Whether a ratio is above another one, which is rounded up to thousandths, if it is not too large for that.
#[allow(clippy::cast_precision_loss)]
fn is_above(observed: f64, most: &Quantity) -> bool {
    match (most.to_i64(), most.to_milli_i64()) {
        (Ok(whole), Ok(thousandths)) if whole <= MAX_IN_THOUSANDTHS => observed * 1000.0 > thousandths as f64,
        (whole, _) => observed > whole.unwrap_or(i64::MAX) as f64,
    }
}

/// Whether an amount is compared as it is: a real server takes one beyond its integers for another one.
fn is_compared(amount: &Quantity) -> bool {
    amount.to_i64().is_ok()
}

/// Amounts as whole numbers: thousandths, if none is too large for that.
fn comparable<const N: usize>(amounts: [&Quantity; N]) -> [i64; N] {
    let whole = amounts.map(|amount| amount.to_i64().unwrap_or(i64::MAX));
    if whole.iter().any(|amount| *amount > MAX_IN_THOUSANDTHS) {
        return whole;
    }
    amounts.map(|amount| amount.to_milli_i64().unwrap_or(i64::MAX))
}
