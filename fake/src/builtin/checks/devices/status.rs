//! Checks of the status of claims: what is allocated, to whom, and what drivers say of it.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::claims::Requests;
use super::found::Found;
use super::{names, parts};
use crate::builtin::checks::conditions;
use crate::builtin::checks::findings::{Findings, items, text};
use crate::builtin::checks::node_selectors;
use crate::builtin::devices::{allocated, id};
use crate::quoted::quoted;

const MAX_USERS: usize = 256;
const MAX_RESULTS: usize = 32;
const MAX_CONDITIONS: usize = 8;
const MAX_DATA: usize = 10 * 1024;
const MAX_INTERFACE: usize = 256;
const MAX_HARDWARE_ADDRESS: usize = 128;
const MAX_ADDRESSES: usize = 16;

/// Checks the status of a claim.
pub(super) fn claim(claim: &Value, old: &Value, found: &mut Found<'_>) {
    let (status, before) = (&claim["status"], &old["status"]);
    // What the types declare comes in the order of the fields: the allocation is the first.
    let is_changed = status["allocation"] != before["allocation"];
    let mut of_allocation = Findings::default();
    match (before["allocation"].is_null(), status["allocation"].is_null()) {
        (_, true) => {}
        (false, false) if !is_changed => {}
        (false, false) if found.is_declared() => {
            found.both().invalid("status.allocation", &Value::Null, "field cannot be modified once set");
        }
        (false, false) => of_allocation.invalid("status.allocation", &status["allocation"], "field is immutable"),
        (true, false) => {
            let requests = Requests::of(&claim["spec"]["devices"]);
            let code = std::mem::take(&mut *found.code);
            allocation(&status["allocation"], &requests, "status.allocation", found);
            of_allocation = std::mem::replace(&mut *found.code, code);
        }
    }
    users(claim, old, found);
    devices(status, before, found);
    let users = items(&status["reservedFor"]);
    if !users.is_empty() {
        let known = items(&before["reservedFor"]);
        if status["allocation"].is_null() {
            found.code.forbidden("status.reservedFor", "may not be specified when `allocated` is not set");
        } else if !claim["metadata"]["deletionTimestamp"].is_null() && users.iter().any(|user| !known.contains(user)) {
            let why = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
            found.code.forbidden("status.reservedFor", why);
        }
    }
    found.code.append(of_allocation);
}

fn users(claim: &Value, old: &Value, found: &mut Found<'_>) {
    let users = &claim["status"]["reservedFor"];
    let is_new = *users != old["status"]["reservedFor"];
    let by_uid = |user: &Value| json!(text(&user["uid"]));
    if !is_new {
        return;
    }
    found.set((users, "status.reservedFor"), MAX_USERS, by_uid, |user, path, found| {
        for name in ["resource", "name", "uid"] {
            if text(&user[name]).is_empty() {
                found.code.required(format!("{path}.{name}"));
            }
        }
    });
}

fn devices(status: &Value, before: &Value, found: &mut Found<'_>) {
    if status["devices"] == before["devices"] && status["allocation"] == before["allocation"] {
        return;
    }
    let allocated = allocated(&status["allocation"]);
    found.set((&status["devices"], "status.devices"), usize::MAX, id, |device, path, found| {
        names::driver(&device["driver"], &format!("{path}.driver"), found.code);
        names::pool(&device["pool"], &format!("{path}.pool"), found.code);
        names::label(&device["device"], &format!("{path}.device"), found.code);
        if !device["shareID"].is_null() {
            names::uuid(&device["shareID"], &format!("{path}.shareID"), found);
        }
        if !allocated.contains(&id(device)) {
            found.code.invalid(path, &id(device), "must be an allocated device in the claim");
        }
        let list = items(&device["conditions"]);
        if list.len() > MAX_CONDITIONS {
            found.code.too_many(format!("{path}.conditions"), list.len(), MAX_CONDITIONS);
        }
        conditions::check(&device["conditions"], &format!("{path}.conditions"), found.code);
        if !device["data"].is_null() {
            parts::data(&device["data"], &format!("{path}.data"), MAX_DATA, found.code);
        }
        if device["networkData"].is_object() {
            network(&device["networkData"], &format!("{path}.networkData"), found);
        }
    });
}

fn network(data: &Value, path: &str, found: &mut Found<'_>) {
    let too_long = |name: &str, limit: usize, found: &mut Found<'_>| {
        if text(&data[name]).len() > limit {
            found.both().too_long(format!("{path}.{name}"), limit);
        }
    };
    too_long("interfaceName", MAX_INTERFACE, found);
    let ips = format!("{path}.ips");
    if found.is_declared() {
        found.set((&data["ips"], &ips), MAX_ADDRESSES, Value::clone, |value, field, found| {
            address(value, field, found.code);
        });
        too_long("hardwareAddress", MAX_HARDWARE_ADDRESS, found);
    } else {
        too_long("hardwareAddress", MAX_HARDWARE_ADDRESS, found);
        found.set((&data["ips"], &ips), MAX_ADDRESSES, Value::clone, |value, field, found| {
            address(value, field, found.code);
        });
    }
}

/// An address with the length of its network.
fn address(value: &Value, field: &str, found: &mut Findings) {
    let written = text(value);
    let parsed = written.split_once('/').and_then(|(ip, length)| {
        let ip: IpAddr = ip.parse().ok()?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let length = length
            .parse::<u32>()
            .ok()
            .filter(|number| *number <= most && length.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some((ip, length))
    });
    match parsed {
        None => {
            let why = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)";
            found.invalid(field, value, why);
        }
        Some((ip, length)) => {
            let canonical = match ip.to_canonical() {
                mapped @ IpAddr::V4(_) if ip.is_ipv6() => format!("{mapped}/{}", length.saturating_sub(96)),
                ip => format!("{ip}/{length}"),
            };
            if canonical != written {
                found.invalid(field, value, &format!("must be in canonical form ({})", quoted(&canonical)));
            }
        }
    }
}

/// Checks an allocation that was not there before.
fn allocation(allocation: &Value, requests: &Requests<'_>, path: &str, found: &mut Found<'_>) {
    let (devices, results) = (&allocation["devices"], format!("{path}.devices.results"));
    for (index, result) in found.limited(&devices["results"], &results, MAX_RESULTS).iter().enumerate() {
        let path = format!("{results}[{index}]");
        requests.check(&result["request"], &format!("{path}.request"), found.code);
        names::declared_driver(&result["driver"], &format!("{path}.driver"), found);
        names::declared_pool(&result["pool"], &format!("{path}.pool"), found);
        names::label(&result["device"], &format!("{path}.device"), found.code);
        parts::tolerations(&result["tolerations"], &format!("{path}.tolerations"), found);
        parts::binding_conditions(result, &path, found);
        if !result["shareID"].is_null() {
            names::uuid(&result["shareID"], &format!("{path}.shareID"), found);
        }
    }
    let config = format!("{path}.devices.config");
    for (index, configuration) in
        found.limited(&devices["config"], &config, 2 * parts::MAX_CONFIGURATIONS).iter().enumerate()
    {
        let path = format!("{config}[{index}]");
        match text(&configuration["source"]) {
            "" => found.both().required(format!("{path}.source")),
            _ => {
                let sources = &["FromClaim", "FromClass"];
                found.both().one_of(format!("{path}.source"), &configuration["source"], sources);
            }
        }
        requests.check_list(&configuration["requests"], &format!("{path}.requests"), found);
        parts::configuration(configuration, &path, found);
    }
    if !allocation["nodeSelector"].is_null() {
        node_selectors::selector(&allocation["nodeSelector"], &format!("{path}.nodeSelector"), found.code);
    }
}
