//! Checks of addresses of services, and of the ranges that they are from.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>

use std::net::IpAddr;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts::{self, Problems};
use crate::quoted::quoted;

/// Checks an `IPAddress`.
pub(super) fn address(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let parent = &object["spec"]["parentRef"];
    if parent.is_null() {
        found.required("spec.parentRef");
    } else {
        let field = |name: &str| format!("spec.parentRef.{name}");
        let group = text(&parent["group"]);
        if !group.is_empty() {
            found.problems(field("group"), group, texts::subdomain(group));
        }
        for name in ["resource", "name"] {
            match text(&parent[name]) {
                "" => found.required(field(name)),
                value => found.problems(field(name), value, texts::path_segment(value)),
            }
        }
        let namespace = text(&parent["namespace"]);
        if !namespace.is_empty() {
            found.problems(field("namespace"), namespace, texts::path_segment(namespace));
        }
    }
    if let Some(old) = old {
        found.immutable("spec.parentRef", parent, &old["spec"]["parentRef"]);
    }
}

/// Checks a `ServiceCIDR`.
pub(super) fn range(object: &Value, old: Option<&Value>, found: &mut Findings) {
    const IMMUTABLE: &str = "field is immutable";
    let cidrs = &object["spec"]["cidrs"];
    let new = items(cidrs);
    let Some(old) = old.map(|old| items(&old["spec"]["cidrs"])) else { return ranges(&object["spec"], found) };
    if old.len() == new.len() {
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            if old != new {
                found.invalid(format!("spec.cidrs[{index}]"), new, IMMUTABLE);
            }
        }
    } else if let ([old], [first, _]) = (old, new) {
        // One of the other family may be added.
        if first != old {
            found.invalid("spec.cidrs[0]", first, IMMUTABLE);
        }
        ranges(&object["spec"], found);
    } else {
        found.invalid("spec.cidrs", cidrs, IMMUTABLE);
    }
}

fn ranges(spec: &Value, found: &mut Findings) {
    let cidrs = items(&spec["cidrs"]);
    if cidrs.is_empty() {
        return found.required_because("spec.cidrs", "at least one CIDR required");
    }
    if cidrs.len() > 2 {
        return found.invalid("spec.cidrs", &json!({ "CIDRs": cidrs }), "may only hold up to 2 values");
    }
    for (index, cidr) in cidrs.iter().enumerate() {
        found.problems(format_args!("spec.cidrs[{index}]"), text(cidr), problems_of_range(text(cidr)));
    }
    if let [first, second] = cidrs
        && let (Some((first, _)), Some((second, _))) = (sloppy_range(text(first)), sloppy_range(text(second)))
        && first.is_ipv4() == second.is_ipv4()
    {
        let why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        found.invalid("spec.cidrs", &spec["cidrs"], why);
    }
}

/// What is wrong with an address.
pub(crate) fn problems_of_address(value: &str) -> Problems {
    let one = |why: &str| vec![why.to_owned()];
    let Some(address) = sloppy(value) else {
        return one("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    };
    match value.parse::<IpAddr>() {
        Err(_) => one("must not have leading 0s"),
        Ok(IpAddr::V6(mapped)) if mapped.to_ipv4_mapped().is_some() => one("must not be an IPv4-mapped IPv6 address"),
        Ok(_) if address.to_string() != value => {
            vec![format!("must be in canonical form ({})", quoted(&address.to_string()))]
        }
        Ok(_) => Vec::new(),
    }
}

/// Checks an address in a field of the first days, in which other forms than the canonical one are kept.
pub(super) fn legacy_address(address: &str, field: &str, found: &mut Findings) {
    if address.parse::<IpAddr>().is_err() {
        let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        found.invalid(field, &json!(address), why);
    }
}

pub(super) fn problems_of_range(value: &str) -> Problems {
    let one = |why: &str| vec![why.to_owned()];
    let Some((address, bits)) = sloppy_range(value) else {
        return one("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    };
    let (base, length) = value.split_once('/').unwrap_or_default();
    let has_zeros = length.len() > 1 && length.starts_with('0');
    let Some(strict) = base.parse::<IpAddr>().ok().filter(|_| !has_zeros) else {
        return one("must not have leading 0s in IP or prefix length");
    };
    if matches!(strict, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
        return one("must not have an IPv4-mapped IPv6 address");
    }
    if masked(address, bits) != address {
        return one("must not have bits set beyond the prefix length");
    }
    let canonical = format!("{address}/{bits}");
    if canonical == value { Vec::new() } else { vec![format!("must be in canonical form ({})", quoted(&canonical))] }
}

/// An address whose numbers may have zeros in front.
fn sloppy(value: &str) -> Option<IpAddr> {
    if value.contains(':') {
        return value.parse().ok();
    }
    let parts: Vec<&str> = value.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() != 4 || !parts.iter().all(is_number) {
        return None;
    }
    let without_zeros = |part: &&str| part.parse::<u8>().ok();
    let [a, b, c, d] = parts.iter().map(without_zeros).collect::<Option<Vec<u8>>>()?.try_into().ok()?;
    Some(IpAddr::from([a, b, c, d]))
}

/// A range whose numbers may have zeros in front: its address, and how many bits are those of the network.
fn sloppy_range(value: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = value.split_once('/')?;
    let address = sloppy(address)?;
    if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bits = bits.parse::<u8>().ok()?;
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let shift = |width: u32| width.saturating_sub(u32::from(bits));
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(shift(32)).unwrap_or(0);
            IpAddr::from((u32::from(address) & mask).to_be_bytes())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(shift(128)).unwrap_or(0);
            IpAddr::from((u128::from(address) & mask).to_be_bytes())
        }
    }
}

/// Whether a range has an address.
pub(crate) fn contains(range: &str, address: IpAddr) -> bool {
    sloppy_range(range).is_some_and(|(network, bits)| {
        network.is_ipv4() == address.is_ipv4() && masked(address, bits) == masked(network, bits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_canonical_form() {
        assert!(problems_of_address("10.0.0.1").is_empty() && problems_of_address("fe80::abc").is_empty());
        for wrong in
            ["", "a", "1.2.3", "1.2.3.256", "010.0.0.1", "::ffff:1.2.3.4", "FE80::abc", "1.2.3.4/8", "fe80::1%eth0"]
        {
            assert_eq!(problems_of_address(wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn ranges_have_no_bits_beyond_their_prefix() {
        assert!(problems_of_range("10.0.0.0/8").is_empty() && problems_of_range("0.0.0.0/0").is_empty());
        assert!(problems_of_range("2001:db8::/64").is_empty() && problems_of_range("::/0").is_empty());
        for wrong in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.1/8", "10.0.0.0/08", "2001:DB8::/64"] {
            assert_eq!(problems_of_range(wrong).len(), 1, "{wrong}");
        }
        assert!(
            contains("10.0.0.0/8", IpAddr::from([10, 1, 2, 3])) && !contains("10.0.0.0/8", IpAddr::from([11, 1, 2, 3]))
        );
    }
}
