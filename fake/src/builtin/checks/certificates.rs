//! Checks of requests of certificates.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/>

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::x509::blocks;
use crate::objects::texts;
use crate::quoted::quoted;

const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

const SIGNER: &str = "must be a fully qualified domain and path of the form 'example.com/signer-name'";

/// What a write may change beside the metadata.
#[derive(Clone, Copy, PartialEq)]
enum Right {
    Nothing,
    Certificate,
    Approval,
}

/// Checks a request, a new one or one in place of another, written through a subresource.
pub(super) fn check(object: &Value, old: Option<&Value>, subresource: &str, found: &mut Findings) {
    let spec = &object["spec"];
    check_request(&spec["request"], found);
    check_usages(&spec["usages"], found);
    let signer = text(&spec["signerName"]);
    if signer == "kubernetes.io/legacy-unknown" {
        let why = "the legacy signerName is not allowed via this API version";
        found.invalid("spec.signerName", &json!(signer), why);
    } else {
        check_signer(signer, found);
    }
    if spec["expirationSeconds"].as_i64().is_some_and(|seconds| seconds < 600) {
        let why = "may not specify a duration less than 600 seconds (10 minutes)";
        found.invalid("spec.expirationSeconds", &spec["expirationSeconds"], why);
    }
    check_conditions(object, old, found);
    if old.is_none_or(|old| old["status"]["certificate"] != object["status"]["certificate"]) {
        check_certificate(&object["status"]["certificate"], found);
    }
    let right = match subresource {
        "status" => Right::Certificate,
        "approval" => Right::Approval,
        _ => Right::Nothing,
    };
    if let Some(old) = old {
        check_update(object, old, right, found);
    }
}

/// Whether this is a PEM block of a request. What is in it is not read.
fn check_request(request: &Value, found: &mut Findings) {
    let bytes = STANDARD.decode(text(request)).unwrap_or_default();
    let blocks = blocks(&String::from_utf8_lossy(&bytes));
    if blocks.first().is_none_or(|block| block.kind != "CERTIFICATE REQUEST") {
        found.invalid("spec.request", &json!(text(request)), "PEM block type must be CERTIFICATE REQUEST");
    }
}

fn check_certificate(certificate: &Value, found: &mut Findings) {
    let bytes = STANDARD.decode(text(certificate)).unwrap_or_default();
    if bytes.is_empty() {
        return;
    }
    let blocks = blocks(&String::from_utf8_lossy(&bytes));
    let why = match blocks.iter().find(|block| block.kind != "CERTIFICATE") {
        Some(other) => format!("only CERTIFICATE PEM blocks are allowed, found {}", quoted(&other.kind)),
        None if blocks.is_empty() => "must contain at least one CERTIFICATE PEM block".to_owned(),
        None => return,
    };
    found.invalid("status.certificate", &json!("<certificate data>"), &why);
}

fn check_usages(usages: &Value, found: &mut Findings) {
    let usages = items(usages);
    if usages.is_empty() {
        found.required("spec.usages");
    }
    for (index, usage) in usages.iter().enumerate() {
        found.one_of(format!("spec.usages[{index}]"), usage, USAGES);
    }
    let mut known = BTreeSet::new();
    for (index, usage) in usages.iter().enumerate() {
        if !known.insert(text(usage)) {
            found.duplicate(format!("spec.usages[{index}]"), usage);
        }
    }
}

/// Checks the name of a signer.
pub(super) fn check_signer(signer: &str, found: &mut Findings) {
    let field = "spec.signerName";
    let (domain, path) = match signer.split('/').collect::<Vec<_>>().as_slice() {
        _ if signer.is_empty() => return found.required(field),
        [domain, path] => (*domain, *path),
        _ => return found.invalid(field, &json!(signer), SIGNER),
    };
    check_labels(domain, texts::label, found);
    if !domain.contains('.') {
        let why = "should be a domain with at least two segments separated by dots";
        found.invalid(field, &json!(domain), why);
    }
    check_labels(path, texts::subdomain, found);
}

/// Checks the parts between dots, up to the first that is wrong.
fn check_labels(whole: &str, problems_of: fn(&str) -> texts::Problems, found: &mut Findings) {
    let mut parts = whole.split('.').map(|label| (label, problems_of(label)));
    let Some((label, problems)) = parts.find(|(_, problems)| !problems.is_empty()) else { return };
    for problem in problems {
        found.invalid("spec.signerName", &json!(whole), &format!("validating label {}: {problem}", quoted(label)));
    }
}

fn check_conditions(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let of_type = |object: &Value, kind: &str| {
        items(&object["status"]["conditions"]).iter().filter(|condition| condition["type"] == kind).count()
    };
    let is_twofold_already = old.is_some_and(|old| of_type(old, "Approved") > 0 && of_type(old, "Denied") > 0);
    let mut known = BTreeSet::new();
    let (mut is_approved, mut is_denied) = (false, false);
    for (index, condition) in items(&object["status"]["conditions"]).iter().enumerate() {
        let path = format!("status.conditions[{index}]");
        let (kind, status) = (text(&condition["type"]), text(&condition["status"]));
        if kind.is_empty() {
            found.required(format!("{path}.type"));
        }
        let supported: &[&str] = match kind {
            "Approved" | "Denied" | "Failed" => &["True"],
            _ => &["False", "True", "Unknown"],
        };
        if status.is_empty() {
            found.required(format!("{path}.status"));
        } else if !supported.contains(&status) {
            found.not_supported(format!("{path}.status"), &condition["status"], supported);
        }
        is_approved |= kind == "Approved";
        is_denied |= kind == "Denied";
        if !known.insert(kind) {
            found.duplicate(format!("{path}.type"), &condition["type"]);
        }
    }
    if is_approved && is_denied && !is_twofold_already {
        let [approved, denied] =
            ["Approved", "Denied"].map(|kind| format!("conditions[{{\"type\": {}}}]", quoted(kind)));
        let why = format!("must specify at most one of: `{approved}`, `{denied}`");
        found.invalid("status.conditions", &json!(format!("{{{approved}, {denied}}}")), &why);
    }
}

fn check_update(object: &Value, old: &Value, right: Right, found: &mut Findings) {
    let of_type = |object: &Value, kind: &str| -> Vec<Value> {
        let conditions = items(&object["status"]["conditions"]).iter();
        conditions.filter(|condition| condition["type"] == kind).cloned().collect()
    };
    for kind in ["Approved", "Denied", "Failed"] {
        if of_type(object, kind).len() < of_type(old, kind).len() {
            let why = format!("updates may not remove a condition of type {}", quoted(kind));
            found.forbidden("status.conditions", &why);
        }
    }
    for kind in ["Approved", "Denied"].into_iter().filter(|_| right != Right::Approval) {
        let (new, known) = (of_type(object, kind), of_type(old, kind));
        if new.len() > known.len() {
            found.forbidden("status.conditions", &format!("updates may not add a condition of type {}", quoted(kind)));
        } else if new.len() == known.len() && new != known {
            found.forbidden(
                "status.conditions",
                &format!("updates may not modify a condition of type {}", quoted(kind)),
            );
        }
    }
    let (certificate, known) = (&object["status"]["certificate"], &old["status"]["certificate"]);
    if text(certificate) != text(known) {
        if right != Right::Certificate {
            found.forbidden("status.certificate", "updates may not set certificate content");
        } else if !text(known).is_empty() {
            found.forbidden("status.certificate", "updates may not modify existing certificate content");
        }
    }
}
