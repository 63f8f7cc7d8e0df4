//! Addresses of services and the ranges that they are from.

use serde_json::{Value, json};

use super::{Printer, aged, list};
use crate::api::table::column::Column;

/// The first minor with the newer descriptions.
const FIRST: u32 = 37;

const CIDRS: &str = "cidrs defines the IP blocks in CIDR notation (e.g. \"192.168.0.0/24\" or \"2001:db8::/64\") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.";
const OLDER_CIDRS: &str = "CIDRs defines the IP blocks in CIDR notation (e.g. \"192.168.0.0/24\" or \"2001:db8::/64\") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.";
const PARENT: &str =
    "parentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.";
const OLDER_PARENT: &str =
    "ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.";

/// The API server makes a cell for the age, without a column.
pub(super) fn address(minor: u32) -> Printer {
    const COLUMNS: &[Column] = &[Column::text("ParentRef", PARENT)];
    const OLDER: &[Column] = &[Column::text("ParentRef", OLDER_PARENT)];
    Printer {
        columns: if minor >= FIRST { COLUMNS } else { OLDER },
        cells: |object, now| {
            let parent = &object["spec"]["parentRef"];
            let text = |name: &str| parent[name].as_str().unwrap_or_default();
            let group = if text("group").is_empty() { String::new() } else { format!(".{}", text("group")) };
            let place = if text("namespace").is_empty() { String::new() } else { format!("/{}", text("namespace")) };
            let resource = format!("{}{group}", text("resource")).to_lowercase();
            vec![json!(format!("{resource}{place}/{}", text("name"))), aged(object, now)]
        },
    }
}

pub(super) fn range(minor: u32) -> Printer {
    const COLUMNS: &[Column] = &[Column::text("CIDRs", CIDRS), Column::AGE];
    const OLDER: &[Column] = &[Column::text("CIDRs", OLDER_CIDRS), Column::AGE];
    Printer {
        columns: if minor >= FIRST { COLUMNS } else { OLDER },
        cells: |object, now| {
            let cidrs: Vec<&str> = list(&object["spec"]["cidrs"]).iter().filter_map(Value::as_str).collect();
            vec![json!(cidrs.join(",")), aged(object, now)]
        },
    }
}
