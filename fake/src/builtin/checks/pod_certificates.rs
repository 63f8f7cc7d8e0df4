//! Checks of the certificates that pods ask for. Signatures are not verified.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#pod-certificate-requests>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::certificates::check_signer;
use super::conditions;
use super::findings::{Findings, items, text};
use super::x509::{Block, Certificate, Key, blocks, key_of_request, public_key};
use crate::catalog::Resource;
use crate::objects::texts;

const MAX_UID: usize = 128;
const MAX_REQUEST: usize = 10 << 10;
const MAX_CHAIN: usize = 100 << 10;
const MAX_ANNOTATIONS: usize = 256 << 10;
const CHAIN: &str = "status.certificateChain";
const REQUEST: &str = "spec.stubPKCS10Request";
const KEY: &str = "spec.pkixPublicKey";
const DECIDED: [&str; 3] = ["Issued", "Denied", "Failed"];

/// Checks a request, a new one or one in place of another.
pub(super) fn check(request: &Value, old: Option<&Value>, resource: &Resource, found: &mut Findings) {
    let spec = &request["spec"];
    if let Some(old) = old {
        if *spec != old["spec"] {
            found.invalid("spec", &Value::Null, "field is immutable");
        }
        return;
    }
    let signer = text(&spec["signerName"]);
    check_signer(signer, found);
    annotations(&spec["unverifiedUserAnnotations"], found);
    for (name, uid) in [("podName", "podUID"), ("serviceAccountName", "serviceAccountUID"), ("nodeName", "nodeUID")] {
        found.problems(format_args!("spec.{name}"), text(&spec[name]), texts::subdomain(text(&spec[name])));
        let of = text(&spec[uid]);
        if of.is_empty() {
            found.invalid(format!("spec.{uid}"), &json!(""), "must not be empty");
        }
        if of.len() > MAX_UID {
            found.too_long(format!("spec.{uid}"), MAX_UID);
        }
    }
    let Some(seconds) = spec["maxExpirationSeconds"].as_i64() else {
        return found.required_because("spec.maxExpirationSeconds", "must be set");
    };
    let domain = signer.split('/').next().unwrap_or_default();
    let is_of_kubernetes = domain == "kubernetes.io" || domain.ends_with(".kubernetes.io");
    let most = if is_of_kubernetes { 24 * 3600 } else { 91 * 24 * 3600 };
    if !(3600..=most).contains(&seconds) {
        let why = format!("must be in the range [3600, {most}]");
        found.invalid("spec.maxExpirationSeconds", &json!(seconds), &why);
    }
    let bytes = |name: &str| STANDARD.decode(text(&spec[name])).unwrap_or_default();
    let (stub, key, proof) = (bytes("stubPKCS10Request"), bytes("pkixPublicKey"), bytes("proofOfPossession"));
    match (stub.is_empty(), key.is_empty(), proof.is_empty()) {
        (false, true, true) => check_stub(&stub, found),
        // In the first versions there are no requests in it.
        _ if !resource.schema().field("spec").has_property("stubPKCS10Request") => {
            check_key(&key, &proof, &spec["pkixPublicKey"], found);
        }
        (true, false, false) => check_key(&key, &proof, &spec["pkixPublicKey"], found),
        _ => {
            let why = "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set";
            found.push(omitted("spec", why));
        }
    }
}

/// A cause that doesn't tell the value.
fn omitted(field: &str, why: &str) -> crate::status::Cause {
    crate::status::Cause {
        reason: "FieldValueInvalid",
        message: format!("Invalid value: {why}"),
        field: field.to_owned(),
    }
}

fn annotations(annotations: &Value, found: &mut Findings) {
    const FIELD: &str = "spec.unverifiedUserAnnotations";
    let entries = || annotations.as_object().into_iter().flatten();
    for (key, _) in entries() {
        let key = key.to_lowercase();
        match key.split_once('/') {
            Some(_) => found.problems(FIELD, &key, texts::qualified_name(&key)),
            None => found.invalid(FIELD, &json!(key), "must be a domain-prefixed key (such as \"acme.io/foo\")"),
        }
    }
    if entries().map(|(key, value)| key.len() + text(value).len()).sum::<usize>() > MAX_ANNOTATIONS {
        found.too_long(FIELD, MAX_ANNOTATIONS);
    }
}

fn check_stub(stub: &[u8], found: &mut Findings) {
    if stub.len() > MAX_REQUEST {
        return found.too_long(REQUEST, MAX_REQUEST);
    }
    match key_of_request(stub).as_ref().and_then(Key::of) {
        None => found.push(omitted(REQUEST, "must be a valid PKCS#10 CSR")),
        Some(key) => check_sort(&key, REQUEST, "P256, P384, or P521", found),
    }
}

fn check_key(key: &[u8], proof: &[u8], written: &Value, found: &mut Findings) {
    for (name, bytes) in [("pkixPublicKey", key), ("proofOfPossession", proof)] {
        if bytes.len() > MAX_REQUEST {
            return found.too_long(format!("spec.{name}"), MAX_REQUEST);
        }
    }
    match public_key(key).as_ref().and_then(Key::of) {
        None => found.invalid(KEY, written, "must be a valid PKIX-serialized public key"),
        Some(key) => check_sort(&key, KEY, "P256 or P384", found),
    }
}

fn check_sort(key: &Key, field: &str, curves: &str, found: &mut Findings) {
    match key {
        Key::Ed25519 | Key::Curve | Key::Rsa(3072 | 4096) => {}
        Key::OtherCurve(name) => {
            let why = format!("elliptic public keys must use curve {curves}");
            found.invalid(field, &json!(format!("curve {name}")), &why);
        }
        Key::Rsa(bits) => {
            let why = "RSA keys must have modulus size 3072 or 4096";
            found.invalid(field, &json!(format!("{bits}-bit modulus")), why);
        }
        Key::Other => {
            found.push(omitted(field, "unknown public key type; supported types are Ed25519, ECDSA, and RSA"));
        }
    }
}

/// Checks the status of a request, at a time.
pub(super) fn status(request: &Value, old: &Value, now: Timestamp, found: &mut Findings) {
    let status = &request["status"];
    let before = found.count();
    let mut decided = 0;
    for (index, condition) in items(&status["conditions"]).iter().enumerate() {
        let path = format!("status.conditions.[{index}]");
        let kind = text(&condition["type"]);
        if !DECIDED.contains(&kind) {
            found.not_supported(format!("{path}.type"), &json!(kind), &DECIDED);
            continue;
        }
        decided += 1;
        if decided > 1 {
            let why = "There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"";
            found.invalid(format!("{path}.type"), &json!(kind), why);
        }
        if condition["status"] != "True" {
            found.not_supported(format!("{path}.status"), &json!(text(&condition["status"])), &["True"]);
        }
    }
    conditions::check(&status["conditions"], "status.conditions", found);
    if found.count() > before {
        return;
    }
    let has = |object: &Value, kind: &str| {
        items(&object["status"]["conditions"]).iter().any(|condition| condition["type"] == kind)
    };
    if DECIDED.iter().any(|kind| has(old, kind)) {
        if set(status) != set(&old["status"]) {
            found.push(omitted("status", "immutable after PodCertificateRequest is issued, denied, or failed"));
        }
        return;
    }
    if has(request, "Denied") || has(request, "Failed") {
        let is_alone = status.as_object().is_none_or(|status| status.keys().all(|name| name == "conditions"));
        if !is_alone {
            let why = "non-condition status fields must be empty when denying or failing the PodCertificateRequest";
            found.push(omitted("status", why));
        }
    } else if has(request, "Issued") {
        issued(request, now, found);
    } else if set(status) != set(&old["status"]) {
        let why = "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"";
        found.push(omitted("status", why));
    }
}

/// The fields of a status that are set.
fn set(status: &Value) -> Vec<(&String, &Value)> {
    let is_set = |value: &Value| !value.is_null() && *value != "" && *value != json!([]);
    status.as_object().into_iter().flatten().filter(|(_, value)| is_set(value)).collect()
}

/// Checks the certificate that a request gets.
fn issued(request: &Value, now: Timestamp, found: &mut Findings) {
    let (spec, status) = (&request["spec"], &request["status"]);
    let chain = text(&status["certificateChain"]);
    if chain.len() > MAX_CHAIN {
        return found.too_long(CHAIN, MAX_CHAIN);
    }
    let refuse = |found: &mut Findings, why: &str| found.invalid(CHAIN, &json!(chain), why);
    let blocks = blocks(chain);
    let Some((leaf, others)) = blocks.split_first() else {
        return refuse(found, "issued certificate chain must contain at least one certificate");
    };
    if leaf.kind != "CERTIFICATE" {
        return refuse(found, "issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
    }
    let Some(leaf) = Certificate::read(&leaf.bytes) else {
        return refuse(found, "leaf certificate does not parse as valid X.509");
    };
    let bytes = |name: &str| STANDARD.decode(text(&spec[name])).unwrap_or_default();
    let (stub, key) = (bytes("stubPKCS10Request"), bytes("pkixPublicKey"));
    if key_of_request(&stub).or_else(|| public_key(&key)).is_none_or(|key| key != leaf.key) {
        return refuse(found, "leaf certificate was not issued to the requested public key");
    }
    times(spec, status, &leaf, now, found);
    if others.iter().any(|block: &Block| block.kind != "CERTIFICATE") {
        refuse(found, "issued certificate chain must consist entirely of CERTFICATE PEM blocks");
    } else if others.iter().any(|block| Certificate::read(&block.bytes).is_none()) {
        refuse(found, "intermediate certificate does not parse as valid X.509");
    }
}

/// Checks the times of a certificate, up to the first that is wrong.
fn times(spec: &Value, status: &Value, leaf: &Certificate, now: Timestamp, found: &mut Findings) {
    let time = |name: &str| text(&status[name]).parse::<Timestamp>().ok();
    let (not_before, not_after, refresh) = (time("notBefore"), time("notAfter"), time("beginRefreshAt"));
    let (Some(not_before), Some(not_after), Some(refresh)) = (not_before, not_after, refresh) else {
        let of_certificate = "must be present and consistent with the issued certificate";
        for (name, why) in [
            ("notBefore", of_certificate),
            ("notAfter", of_certificate),
            ("beginRefreshAt", "must be present and in the range [notbefore+10min, notafter-10min]"),
        ] {
            if time(name).is_none() {
                found.required_because(format!("status.{name}"), why);
            }
        }
        return;
    };
    let mut refuse = |name: &str, why: &str| found.invalid(format!("status.{name}"), &status[name], why);
    let near = SignedDuration::from_mins(5);
    let margin = SignedDuration::from_mins(10);
    let lifetime = leaf.not_after.duration_since(leaf.not_before);
    if not_before != leaf.not_before {
        refuse("notBefore", "must be set to the NotBefore time encoded in the leaf certificate");
    } else if not_before.duration_since(now).abs() > near {
        refuse("notBefore", "must be set to within 5 minutes of kube-apiserver's current time");
    } else if not_after != leaf.not_after {
        refuse("notAfter", "must be set to the NotAfter time encoded in the leaf certificate");
    } else if lifetime < SignedDuration::from_hours(1) {
        refuse("certificateChain", "leaf certificate lifetime must be >= 1 hour");
    } else if lifetime.as_secs() > spec["maxExpirationSeconds"].as_i64().unwrap_or(0) {
        let seconds = &spec["maxExpirationSeconds"];
        let why = format!("leaf certificate lifetime must be <= spec.maxExpirationSeconds ({seconds})");
        refuse("certificateChain", &why);
    } else if refresh.duration_since(not_before) < margin {
        refuse("beginRefreshAt", "must be at least 10 minutes after status.notBefore");
    } else if not_after.duration_since(refresh) < margin {
        refuse("beginRefreshAt", "must be at least 10 minutes before status.notAfter");
    }
}
