//! Checks of bundles of certificates that a cluster trusts.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#cluster-trust-bundles>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::certificates::check_signer;
use super::findings::{Findings, text};
use super::x509::{Certificate, blocks};
use crate::objects::texts;

const MAX_SIZE: usize = 1 << 20;
const FIELD: &str = "spec.trustBundle";

/// Checks a bundle, a new one or one in place of another.
pub(super) fn check(bundle: &Value, old: Option<&Value>, found: &mut Findings) {
    let (spec, metadata) = (&bundle["spec"], &bundle["metadata"]);
    let signer = text(&spec["signerName"]);
    for (field, is_base) in [("generateName", true), ("name", false)] {
        let name = text(&metadata[field]);
        if !name.is_empty() {
            found.problems(format_args!("metadata.{field}"), name, problems_of_name(name, signer, is_base));
        }
    }
    if !signer.is_empty() {
        check_signer(signer, found);
    }
    // What is not changed may have been read by other rules.
    if old.is_none_or(|old| old["spec"]["trustBundle"] != spec["trustBundle"]) {
        check_certificates(text(&spec["trustBundle"]), found);
    }
    if let Some(old) = old {
        found.immutable("spec.signerName", &json!(signer), &json!(text(&old["spec"]["signerName"])));
    }
}

/// The name of a bundle begins with that of its signer.
fn problems_of_name(name: &str, signer: &str, is_base: bool) -> texts::Problems {
    let subdomain = |name: &str| match name.strip_suffix('-').filter(|rest| is_base && !rest.is_empty()) {
        Some(rest) => texts::subdomain_name(rest),
        None => texts::subdomain_name(name),
    };
    if signer.is_empty() {
        return match name.contains(':') {
            true => vec!["ClusterTrustBundle without signer name must not have \":\" in its name".to_owned()],
            false => subdomain(name),
        };
    }
    let prefix = format!("{}:", signer.replace('/', ":"));
    match name.strip_prefix(&prefix) {
        Some(rest) => subdomain(rest),
        None => vec![format!("ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}")],
    }
}

fn check_certificates(bundle: &str, found: &mut Findings) {
    if bundle.len() > MAX_SIZE {
        return found.too_long(FIELD, MAX_SIZE);
    }
    let refuse = |found: &mut Findings, why: &str| found.invalid(FIELD, &json!("<value omitted>"), why);
    let before = found.count();
    let mut entries: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (index, block) in blocks(bundle).into_iter().enumerate() {
        if block.kind != "CERTIFICATE" {
            refuse(found, &format!("entry {index} has bad block type: {}", block.kind));
        } else if block.has_headers {
            refuse(found, &format!("entry {index} has PEM block headers"));
        } else {
            match Certificate::read(&block.bytes).map(|certificate| certificate.is_authority) {
                None => refuse(found, &format!("entry {index} does not parse as X.509")),
                Some(false) => refuse(found, &format!("entry {index} does not have the CA bit set")),
                Some(true) => entries.entry(block.bytes).or_default().push(index),
            }
        }
    }
    if found.count() > before {
        return;
    }
    if entries.is_empty() {
        refuse(found, "at least one trust anchor must be provided");
    }
    let mut twofold: Vec<&Vec<usize>> = entries.values().filter(|entries| entries.len() > 1).collect();
    twofold.sort();
    for entries in twofold {
        let shown: Vec<String> = entries.iter().map(ToString::to_string).collect();
        refuse(found, &format!("duplicate trust anchor (indices [{}])", shown.join(" ")));
    }
}
