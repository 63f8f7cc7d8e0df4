//! Tokens of service accounts. They are JWTs that nobody signed: the claims of a real one, and no signature.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answer::Answer;
use super::other_kinds::TOKEN_REQUEST;
use super::read::{key_of, present};
use super::write::Writing;
use crate::access::ISSUER;
use crate::catalog::StorageKey;
use crate::ownership::{self, FieldSet, Managers, OneVersion, Write};
use crate::quoted::quoted;
use crate::status::{About, Cause, Status};

const API_VERSION: &str = "authentication.k8s.io/v1";
const SCHEMA: &str = "io.k8s.api.authentication.v1.TokenRequest";
/// How long a token is requested for by default, in seconds.
const LIFETIME: i64 = 3600;
const MIN_LIFETIME: i64 = 600;
const MAX_LIFETIME: i64 = 1 << 32;

impl Writing<'_> {
    /// POST of a `TokenRequest`.
    pub fn request_token(&mut self) -> Result<Answer, Status> {
        let mut request = self.received_other(&TOKEN_REQUEST)?;
        if !request["spec"].is_object() {
            request["spec"] = json!({});
        }
        let name = self.path.name.clone().unwrap_or_default();
        let namespace = self.path.namespace.clone().unwrap_or_default();
        let about = About { group: "authentication.k8s.io", kind: "TokenRequest", name: &name };
        if request["spec"]["expirationSeconds"].is_null() {
            request["spec"]["expirationSeconds"] = json!(LIFETIME);
        }
        self.track_token_request(&mut request);
        request["status"] = json!({ "token": "", "expirationTimestamp": null });
        let kind = TOKEN_REQUEST.as_kind();
        let mut request = self.mutate_other(&kind, (request, None), "token")?;
        let given = request["metadata"]["name"].as_str().unwrap_or_default();
        if !given.is_empty() && given != name {
            let why = "must match the service account name if specified";
            return Err(Status::invalid(about, &[Cause::invalid("metadata.name", &json!(given), why)]));
        }
        let account = present(self.state, self.resource, Some(&namespace), &name)?;
        let uid = account["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let given = request["metadata"]["uid"].as_str().unwrap_or_default();
        if !given.is_empty() && given != uid {
            let why =
                format!("the UID in the token request ({given}) does not match the UID of the service account ({uid})");
            return Err(Status::conflict(about, &why));
        }
        let now = self.now();
        for (field, value) in [("name", &name), ("namespace", &namespace), ("uid", &uid), ("creationTimestamp", &now)] {
            request["metadata"][field] = json!(value);
        }
        let spec = &mut request["spec"];
        if spec["audiences"].as_array().is_none_or(Vec::is_empty) {
            spec["audiences"] = json!([ISSUER]);
        }
        if spec["boundObjectRef"].is_null() {
            spec["boundObjectRef"] = Value::Null;
        }
        check(spec)?;
        self.validate_other(&kind, (&request, None), "token")?;
        let mut claims = json!({
            "namespace": namespace,
            "serviceaccount": { "name": name, "uid": uid },
        });
        self.bind_token(&request["spec"]["boundObjectRef"], &name, &namespace, &mut claims)?;
        let lifetime = request["spec"]["expirationSeconds"].as_i64().unwrap_or(LIFETIME);
        let issued = self.call.memory.now(&self.server.clock).as_second();
        let claims = json!({
            "aud": request["spec"]["audiences"], "iss": ISSUER, "sub": format!("system:serviceaccount:{namespace}:{name}"),
            "iat": issued, "nbf": issued, "exp": issued.saturating_add(lifetime),
            "jti": self.call.memory.uid().to_string(), "kubernetes.io": claims,
        });
        let token = unsigned(&claims);
        self.state.issued.add(&token);
        request["status"] = json!({ "token": token, "expirationTimestamp": self.now_after(lifetime) });
        Ok(Answer::created(request))
    }

    /// Sets who asked for what.
    fn track_token_request(&self, request: &mut Value) {
        let schema = self.server.documents.schema("", "v1", SCHEMA);
        let versions = OneVersion { api_version: API_VERSION, schema };
        let nothing = json!({
            "apiVersion": API_VERSION, "kind": "TokenRequest", "metadata": {}, "status": {},
            "spec": { "audiences": null, "boundObjectRef": null },
        });
        let mut managers = Managers::new();
        let write = Write {
            versions: &versions,
            nothing: &nothing,
            api_version: API_VERSION,
            manager: &self.call.field_manager(),
            subresource: "token",
            ignored: &FieldSet::default(),
            now: &self.now(),
        };
        if let Value::Object(metadata) = &mut request["metadata"] {
            metadata.remove("managedFields");
        }
        let mut sent = request.clone();
        for name in ["audiences", "boundObjectRef"] {
            if sent["spec"].get(name).is_none() {
                sent["spec"][name] = Value::Null;
            }
        }
        write.update(None, &sent, &mut managers);
        if let Some(managed) = ownership::encode(&managers) {
            request["metadata"]["managedFields"] = managed;
        }
    }

    /// Looks for the object that a token is bound to, and puts it into the claims.
    fn bind_token(&self, to: &Value, account: &str, namespace: &str, claims: &mut Value) -> Result<(), Status> {
        if to.is_null() {
            return Ok(());
        }
        let text = |name: &str| to[name].as_str().unwrap_or_default();
        let (api_version, kind, name) = (text("apiVersion"), text("kind"), text("name"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let (plural, namespace) = match (group, kind) {
            ("", "Pod") => ("pods", Some(namespace)),
            ("", "Secret") => ("secrets", Some(namespace)),
            ("", "Node") => ("nodes", None),
            ("admissionregistration.k8s.io", _) => return Err(Status::not_done("tokens bound to webhooks")),
            _ => {
                let group = if group.is_empty() { String::new() } else { format!("{group}/") };
                let shown = format!("{group}{version}, Kind={kind}");
                let shown = if group.is_empty() { format!("/{shown}") } else { shown };
                return Err(Status::bad_request(format!("cannot bind token to object of type {shown}")));
            }
        };
        let storage = |plural: &str| StorageKey::new("", plural);
        let found = self.state.store.get(&storage(plural), &key_of(namespace, name));
        let found = found.ok_or_else(|| Status::not_found(About { group: "", kind: plural, name }))?;
        if plural == "pods" && found["spec"]["serviceAccountName"].as_str().unwrap_or_default() != account {
            return Err(Status::bad_request(format!(
                "cannot bind token for serviceaccount {} to pod running with different serviceaccount name.",
                quoted(account)
            )));
        }
        let (wanted, uid) = (text("uid"), &found["metadata"]["uid"]);
        if !wanted.is_empty() && uid != wanted {
            let why = format!(
                "the UID in the bound object reference ({wanted}) does not match the UID in record. The object might have been deleted and then recreated"
            );
            return Err(Status::conflict(About { group, kind, name }, &why));
        }
        claims[kind.to_lowercase()] = json!({ "name": name, "uid": uid });
        if let Some(node) = found["spec"]["nodeName"].as_str().filter(|node| plural == "pods" && !node.is_empty()) {
            claims["node"] = json!({ "name": node });
            if let Some(known) = self.state.store.get(&storage("nodes"), node) {
                claims["node"]["uid"] = known["metadata"]["uid"].clone();
            }
        }
        Ok(())
    }
}

fn check(spec: &Value) -> Result<(), Status> {
    let mut causes = Vec::new();
    let lifetime = &spec["expirationSeconds"];
    let seconds = lifetime.as_i64().unwrap_or(LIFETIME);
    let field = "spec.expirationSeconds";
    if seconds < MIN_LIFETIME {
        causes.push(Cause::invalid(field, lifetime, "may not specify a duration less than 10 minutes"));
    }
    if seconds > MAX_LIFETIME {
        causes.push(Cause::invalid(field, lifetime, "may not specify a duration larger than 2^32 seconds"));
    }
    let about = About { group: "authentication.k8s.io", kind: "TokenRequest", name: "" };
    if causes.is_empty() { Ok(()) } else { Err(Status::invalid(about, &causes)) }
}

/// A JWT without a signature, which says so.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-6>
fn unsigned(claims: &Value) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}.", encoded(&json!({ "alg": "none", "typ": "JWT" })), encoded(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts_and_says_that_nobody_signed_it() {
        let token = unsigned(&json!({ "sub": "a" }));
        let parts: Vec<&str> = token.split('.').collect();
        let read = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
        };
        assert_eq!(parts.len(), 3);
        assert_eq!(read(parts[0]), json!({ "alg": "none", "typ": "JWT" }));
        assert_eq!((read(parts[1]), parts[2]), (json!({ "sub": "a" }), ""));
    }
}
