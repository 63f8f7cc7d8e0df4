//! What a plugin printed: an `ExecCredential` with a status.
//!
//! Nothing of it is quoted in an error, nor passed on: it holds secrets.

use std::time::SystemTime;

use serde::Deserialize;

use super::plugin::Plugin;
use crate::auth::error::{AuthError, Kind};
use crate::config::{ClientIdentity, Credential, Pem, SecretString};
use crate::types::Time;

#[derive(Deserialize)]
struct ExecCredential {
    kind: Option<String>,
    #[serde(rename = "apiVersion")]
    api_version: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<SecretString>,
    client_certificate_data: Option<SecretString>,
    client_key_data: Option<SecretString>,
}

pub(super) fn read(plugin: &Plugin, stdout: &[u8]) -> Result<Credential, AuthError> {
    let invalid = |words: String| plugin.error(Kind::Invalid, words);
    if stdout.trim_ascii().is_empty() {
        return Err(invalid("succeeded and printed nothing; it should print an ExecCredential".to_owned()));
    }
    let answer = decode(stdout).map_err(invalid)?;
    let (expected, version) = (plugin.version.as_str(), answer.api_version.as_deref().unwrap_or_default());
    if answer.kind.as_deref() != Some("ExecCredential") {
        let words = match answer.kind {
            Some(_) => "printed an object of another kind than ExecCredential",
            None => "printed no ExecCredential: there is no `kind: ExecCredential` in it",
        };
        return Err(invalid(words.to_owned()));
    }
    if version != expected {
        let version = if is_version(version) { version } else { "another one" };
        return Err(invalid(format!(
            "printed an ExecCredential of the wrong version: it was asked for {expected} (`apiVersion` of its `exec`), and this is {version}"
        )));
    }
    let status = answer.status.ok_or_else(|| invalid("printed an ExecCredential without a status".to_owned()))?;
    let some = |secret: Option<SecretString>| secret.filter(|secret| !secret.is_empty());
    let identity = match (some(status.client_certificate_data), some(status.client_key_data)) {
        (Some(certificate), Some(key)) => {
            let pem = |secret: SecretString, field| {
                Pem::with_origin(secret.expose().as_bytes().to_vec(), plugin.sentence(format_args!("({field})")))
            };
            let certificate = pem(certificate, "clientCertificateData");
            Some(ClientIdentity { certificate, key: pem(key, "clientKeyData") })
        }
        (None, None) => None,
        _ => return Err(invalid("printed only one of clientCertificateData and clientKeyData".to_owned())),
    };
    let credential = match (some(status.token), identity) {
        (Some(token), Some(identity)) => Credential::token(token).with_client_certificate(identity),
        (Some(token), None) => Credential::token(token),
        (None, Some(identity)) => Credential::client_certificate(identity),
        (None, None) => return Err(invalid("printed neither a token nor a client certificate".to_owned())),
    };
    let Some(expires) = status.expiration_timestamp.filter(|text| !text.is_empty()) else { return Ok(credential) };
    let expires = Time::parse(&expires).ok().and_then(|time| SystemTime::try_from(time).ok());
    let expires = expires.ok_or_else(|| {
        invalid("printed an expirationTimestamp that is not a time, such as 2006-01-02T15:04:05Z".to_owned())
    })?;
    Ok(credential.expires_at(expires))
}

/// JSON, as it should be; and YAML, which client-go takes too, so that there are plugins that print it.
fn decode(stdout: &[u8]) -> Result<ExecCredential, String> {
    if stdout.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(stdout).map_err(|error| {
            // By its place alone: the error's own text quotes what it found there.
            let (line, column) = (error.line(), error.column());
            format!("printed what is not an ExecCredential in JSON: line {line}, column {column} is wrong")
        });
    }
    if let Ok(Some(answer)) = std::str::from_utf8(stdout).map(from_yaml) {
        return Ok(answer);
    }
    Err("printed what is an ExecCredential neither in JSON nor in YAML".to_owned())
}

fn from_yaml(text: &str) -> Option<ExecCredential> {
    crate::yaml::first(text, &crate::yaml::Options::default()).ok().flatten()
}

/// Whether it is some version of this group, so that it may be shown.
fn is_version(text: &str) -> bool {
    let version = text.strip_prefix("client.authentication.k8s.io/");
    version.is_some_and(|version| version.len() < 20 && version.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
