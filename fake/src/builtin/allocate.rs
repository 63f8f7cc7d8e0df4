//! Addresses and ports of services.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::addresses;
use crate::catalog::StorageKey;
use crate::status::{About, Cause, Status};
use crate::store::Store;

/// The network of cluster addresses, that of the default range.
const NETWORK: [u8; 2] = [10, 0];
/// The first address that is given out: those below are for services that ask for one.
const FIRST: u32 = 256;
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30000..=32767;

/// What other services have.
struct Taken<'s> {
    store: &'s Store,
    addresses: BTreeSet<String>,
    ports: BTreeSet<i64>,
}

/// Gives a service what its type has: an address, ports of nodes. `old` is the service that it takes the place of.
pub(super) fn service(
    service: &mut Value,
    old: Option<&Value>,
    store: &Store,
    (is_dry_run, random): (bool, impl Fn() -> Uuid),
) -> Result<(), Status> {
    let name = service["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let own_key = format!("{}/{name}", service["metadata"]["namespace"].as_str().unwrap_or_default());
    let Value::Object(spec) = &mut service["spec"] else { return Ok(()) };
    let kind = text(spec, "type").to_owned();
    if kind == "ExternalName" {
        if let Some(old) = old.filter(|old| old["spec"]["type"] != "ExternalName") {
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
                spec.remove(field);
            }
            remove_external(spec, &old["spec"]);
        }
        return Ok(());
    }
    if let Some(old) = old {
        keep(spec, &old["spec"]);
        remove_external(spec, &old["spec"]);
    }
    let taken = Taken::of(store, &own_key);
    let about = About { group: "", kind: "Service", name: &name };
    cluster_ips(spec, &taken, (is_dry_run, random)).map_err(|causes| Status::invalid(about, &causes))?;
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        let wants_ports = kind == "NodePort" || spec.get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
        node_ports(spec, &taken, wants_ports).map_err(|causes| Status::invalid(about, &causes))?;
    }
    health_check_port(spec, &taken);
    Ok(())
}

/// A write that doesn't say keeps what was allocated.
fn keep(spec: &mut Map<String, Value>, old: &Value) {
    let was_external = old["type"] == "ExternalName";
    if was_external {
        return;
    }
    // The single address and the first of the list are one: the one that differs from before counts.
    match (spec.get("clusterIP"), spec.get("clusterIPs").and_then(|ips| ips.get(0))) {
        (Some(ip), Some(first)) if ip != first && Some(first) == old["clusterIPs"].get(0) => {
            spec.insert("clusterIPs".to_owned(), json!([ip]));
        }
        _ => {}
    }
    for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"] {
        if let (true, Some(value)) = (!spec.contains_key(field), old.get(field)) {
            spec.insert(field.to_owned(), value.clone());
        }
    }
    let has_ports = |kind: &str| matches!(kind, "NodePort" | "LoadBalancer");
    if !has_ports(text(spec, "type")) || !has_ports(old["type"].as_str().unwrap_or_default()) {
        return;
    }
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if !port["nodePort"].is_null() {
            continue;
        }
        let is_it = |known: &&Value| known["port"] == port["port"] && known["protocol"] == port["protocol"];
        let known = old["ports"].as_array().into_iter().flatten().find(is_it);
        match known.and_then(|known| known.get("nodePort")) {
            Some(node_port) => port["nodePort"] = node_port.clone(),
            None => remove(port, "nodePort"),
        }
    }
}

/// What a service has by how it is reached from outside.
struct Outside {
    has_node_ports: bool,
    has_traffic_policy: bool,
    is_balanced: bool,
    has_health_check: bool,
}

impl Outside {
    fn of(spec: &Map<String, Value>) -> Self {
        let kind = text(spec, "type");
        let has_addresses = spec.get("externalIPs").and_then(Value::as_array).is_some_and(|ips| !ips.is_empty());
        let has_node_ports = matches!(kind, "NodePort" | "LoadBalancer");
        let is_balanced = kind == "LoadBalancer";
        Self {
            has_node_ports,
            has_traffic_policy: has_node_ports || (kind == "ClusterIP" && has_addresses),
            is_balanced,
            has_health_check: is_balanced && text(spec, "externalTrafficPolicy") == "Local",
        }
    }
}

/// Removes what a service no longer has that is reached otherwise from outside, unless the write sets it.
fn remove_external(spec: &mut Map<String, Value>, old: &Value) {
    let Some(old) = old.as_object() else { return };
    let (new, was) = (Outside::of(spec), Outside::of(old));
    let lost = [
        ("externalTrafficPolicy", was.has_traffic_policy && !new.has_traffic_policy),
        ("allocateLoadBalancerNodePorts", was.is_balanced && !new.is_balanced),
        ("loadBalancerClass", was.is_balanced && !new.is_balanced),
        ("healthCheckNodePort", was.has_health_check && !new.has_health_check),
    ];
    for (field, is_lost) in lost {
        if is_lost && spec.get(field) == old.get(field) {
            spec.remove(field);
        }
    }
    let ports = |spec: &Map<String, Value>| node_ports_of(spec.get("ports")).collect::<BTreeSet<i64>>();
    if was.has_node_ports && !new.has_node_ports && ports(spec) == ports(old) {
        for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            remove(port, "nodePort");
        }
    }
}

/// The ports of nodes in the order in which they are given: the lower ones are for services that ask for them.
fn node_ports_in_order() -> impl Iterator<Item = i64> {
    NODE_PORTS.skip(86).chain(NODE_PORTS.take(86))
}

/// The ports of nodes that ports of a service have.
fn node_ports_of(ports: Option<&Value>) -> impl Iterator<Item = i64> {
    ports.and_then(Value::as_array).into_iter().flatten().filter_map(|port| port["nodePort"].as_i64())
}

/// A balancer that keeps addresses of clients asks a port of nodes which of them have pods.
fn health_check_port(spec: &mut Map<String, Value>, taken: &Taken<'_>) {
    let has_port = spec.get("healthCheckNodePort").and_then(Value::as_i64).is_some_and(|port| port != 0);
    if !Outside::of(spec).has_health_check || has_port {
        return;
    }
    let own: BTreeSet<i64> = node_ports_of(spec.get("ports")).collect();
    let is_free = |number: &i64| !taken.ports.contains(number) && !own.contains(number);
    if let Some(number) = node_ports_in_order().find(is_free) {
        spec.insert("healthCheckNodePort".to_owned(), json!(number));
    }
}

fn cluster_ips(
    spec: &mut Map<String, Value>,
    taken: &Taken<'_>,
    (is_dry_run, random): (bool, impl Fn() -> Uuid),
) -> Result<(), Vec<Cause>> {
    let given = text(spec, "clusterIP").to_owned();
    if let Some(list) = spec.get("clusterIPs").filter(|list| list.get(0).is_some()) {
        let why = match &list[0] {
            _ if given.is_empty() => Some("must be empty when `clusterIP` is not specified"),
            first if *first != json!(given) => Some("first value must match `clusterIP`"),
            _ => None,
        };
        if let Some(why) = why {
            return Err(vec![Cause::invalid("spec.clusterIPs", list, why)]);
        }
    }
    let given = if given.is_empty() { first_text(spec, "clusterIPs") } else { given };
    let policy = text(spec, "ipFamilyPolicy").to_owned();
    if let Some(wrong) = spec.get("ipFamilies").and_then(Value::as_array).into_iter().flatten().find(|f| **f == "IPv6")
    {
        let has_no_selector = spec.get("selector").and_then(Value::as_object).is_none_or(Map::is_empty);
        if given != "None" || !has_no_selector {
            return Err(vec![Cause::invalid("spec.ipFamilies[0]", wrong, "not configured on this cluster")]);
        }
    }
    if given == "None" {
        // Endpoints of a headless service without a selector may be of both families.
        let has_selector = spec.get("selector").and_then(Value::as_object).is_some_and(|selector| !selector.is_empty());
        let (families, default) = if has_selector || !policy.is_empty() && policy != "RequireDualStack" {
            (json!(["IPv4"]), "SingleStack")
        } else {
            (json!(["IPv4", "IPv6"]), "RequireDualStack")
        };
        insert_missing(spec, "ipFamilies", families);
        insert_missing(spec, "ipFamilyPolicy", json!(default));
        spec.insert("clusterIP".to_owned(), json!("None"));
        spec.insert("clusterIPs".to_owned(), json!(["None"]));
        return Ok(());
    }
    if policy == "RequireDualStack" {
        let cause = Cause::invalid(
            "spec.ipFamilyPolicy",
            &json!(policy),
            "this cluster is not configured for dual-stack services",
        );
        return Err(vec![cause]);
    }
    insert_missing(spec, "ipFamilies", json!(["IPv4"]));
    insert_missing(spec, "ipFamilyPolicy", json!("SingleStack"));
    let address = if given.is_empty() {
        if is_dry_run { "10.0.0.0".to_owned() } else { taken.free_address(random()) }
    } else {
        // What is no address is refused by the checks.
        if let Ok(address) = given.parse::<Ipv4Addr>() {
            let why = if !taken.is_in_range(address) {
                Some("the provided network does not match the current range")
            } else if taken.addresses.contains(&given) {
                Some("provided IP is already allocated")
            } else {
                None
            };
            if let Some(why) = why {
                let detail = format!("failed to allocate IP {given}: {why}");
                return Err(vec![Cause::invalid("spec.clusterIPs", &json!([given]), &detail)]);
            }
        }
        given
    };
    spec.insert("clusterIPs".to_owned(), json!([address]));
    spec.insert("clusterIP".to_owned(), json!(address));
    Ok(())
}

fn node_ports(spec: &mut Map<String, Value>, taken: &Taken<'_>, wants_ports: bool) -> Result<(), Vec<Cause>> {
    let mut own: BTreeSet<(i64, String)> = BTreeSet::new();
    for (index, port) in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let path = format!("spec.ports[{index}].nodePort");
        let protocol = port["protocol"].as_str().unwrap_or_default().to_owned();
        match port["nodePort"].as_i64().filter(|number| *number != 0) {
            Some(number) if !NODE_PORTS.contains(&number) => {
                let detail = "provided port is not in the valid range. The range of valid ports is 30000-32767";
                return Err(vec![Cause::invalid(path, &json!(number), detail)]);
            }
            Some(number) if taken.ports.contains(&number) || !own.insert((number, protocol.clone())) => {
                return Err(vec![Cause::invalid(path, &json!(number), "provided port is already allocated")]);
            }
            Some(_) => {}
            None if wants_ports => {
                let is_free = |number: &i64| !taken.ports.contains(number) && !own.iter().any(|(own, _)| own == number);
                let Some(number) = node_ports_in_order().find(is_free) else {
                    return Err(vec![Cause::invalid(path, &json!(0), "failed to allocate a nodePort: range is full")]);
                };
                own.insert((number, protocol));
                port["nodePort"] = json!(number);
            }
            None => remove(port, "nodePort"),
        }
    }
    Ok(())
}

impl<'s> Taken<'s> {
    /// By all services but one, and by addresses that were made for something else.
    fn of(store: &'s Store, own_key: &str) -> Self {
        let services = StorageKey::new("", "services");
        let mut taken = Self { store, addresses: BTreeSet::new(), ports: BTreeSet::new() };
        for (_, service) in store.all(&services).filter(|(key, _)| *key != own_key) {
            let texts = service["spec"]["clusterIPs"].as_array().into_iter().flatten().filter_map(Value::as_str);
            taken.addresses.extend(texts.map(str::to_owned));
            taken.ports.extend(node_ports_of(service["spec"].get("ports")));
            taken.ports.extend(service["spec"]["healthCheckNodePort"].as_i64());
        }
        let is_own = |address: &Value| {
            let parent = &address["spec"]["parentRef"];
            let text = |name: &str| parent[name].as_str().unwrap_or_default();
            text("resource") == "services" && format!("{}/{}", text("namespace"), text("name")) == own_key
        };
        let storage = addresses::storage();
        let others = store.all(&storage).filter(|(_, address)| !is_own(address));
        taken.addresses.extend(others.map(|(key, _)| key.clone()));
        taken
    }

    fn is_in_range(&self, address: Ipv4Addr) -> bool {
        addresses::is_in_range(self.store, address.into())
    }

    fn free_address(&self, random: Uuid) -> String {
        let network = u32::from(Ipv4Addr::new(NETWORK[0], NETWORK[1], 0, 0));
        // At random, so that an address is not given again soon after it was free.
        let [high, low, ..] = random.into_bytes();
        let start = u32::from(u16::from_be_bytes([high, low])).max(FIRST);
        let addresses = (start..65_535).chain(FIRST..start).map(|offset| Ipv4Addr::from(network + offset).to_string());
        addresses.into_iter().find(|address| !self.addresses.contains(address)).unwrap_or_default()
    }
}

fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> &'f str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn first_text(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).and_then(|list| list.get(0)).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn insert_missing(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.entry(name).or_insert(value);
}

fn remove(object: &mut Value, name: &str) {
    if let Value::Object(fields) = object {
        fields.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store_of(services: &[(&str, Value)]) -> Store {
        let key = StorageKey::new("", "services");
        let mut store = Store::new(10);
        for (name, spec) in services {
            store.put(&key, name, json!({ "metadata": {}, "spec": spec }));
        }
        store
    }

    fn made(spec: Value, store: &Store) -> Result<Value, Status> {
        let mut object = json!({ "metadata": { "name": "a", "namespace": "shop" }, "spec": spec });
        service(&mut object, None, store, (false, Uuid::new_v4))?;
        Ok(object["spec"].take())
    }

    #[test]
    fn no_two_services_have_an_address_or_a_port_of_nodes_in_common() {
        let spec = || json!({ "type": "NodePort", "ports": [{ "port": 80, "protocol": "TCP" }] });
        let first = made(spec(), &store_of(&[])).expect("the first");
        let second = made(spec(), &store_of(&[("shop/b", first.clone())])).expect("the second");
        assert_ne!(first["clusterIP"], second["clusterIP"]);
        assert_ne!(first["ports"][0]["nodePort"], second["ports"][0]["nodePort"]);
        let store = store_of(&[("shop/b", first.clone())]);
        let taken = made(json!({ "type": "ClusterIP", "clusterIP": first["clusterIP"] }), &store);
        assert!(taken.is_err_and(|status| status.message.contains("provided IP is already allocated")));
    }

    #[test]
    fn a_headless_service_has_no_address() {
        let spec = made(json!({ "type": "ClusterIP", "clusterIP": "None", "selector": { "a": "b" } }), &store_of(&[]));
        let spec = spec.expect("one");
        assert_eq!((&spec["clusterIPs"], &spec["ipFamilies"]), (&json!(["None"]), &json!(["IPv4"])));
    }
}
