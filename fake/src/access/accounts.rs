//! The tokens of service accounts that the server has issued, and who has them.
//!
//! They are not signed: one is known by having been issued.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::User;
use crate::catalog::StorageKey;
use crate::quoted::quoted;
use crate::status::{About, Status};
use crate::store::Store;

/// Who issues tokens, and whom they are for if nothing else is asked for.
pub(crate) const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// How long after its end a token is accepted still, in seconds.
const LEEWAY: i64 = 60;

/// What is said of a token that was bound to an object that is gone.
const INVALIDATED: &str = "service account token has been invalidated";

/// The tokens that were issued.
#[derive(Default)]
pub(crate) struct Issued(HashSet<String>);

/// Without the tokens.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("count", &self.0.len()).finish()
    }
}

impl Issued {
    /// Adds one.
    pub fn add(&mut self, token: &str) {
        self.0.insert(token.to_owned());
    }

    /// Whose a token is, and for which of the audiences that are asked for. The error is that of the API server for a token that was
    /// issued and is valid no more; `None` for one that was not issued here.
    pub fn user(
        &self,
        token: &str,
        wanted: &[String],
        store: &Store,
        now: Timestamp,
    ) -> Option<Result<(User, Vec<String>), String>> {
        let claims = self.0.get(token).and_then(|token| claims(token))?;
        Some(audiences(&claims, wanted).and_then(|audiences| {
            let user = user(&claims, store, now)?;
            Ok((user, audiences))
        }))
    }
}

fn claims(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}

fn audiences(claims: &Value, wanted: &[String]) -> Result<Vec<String>, String> {
    let own: Vec<String> =
        claims["aud"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let common: Vec<String> = wanted.iter().filter(|audience| own.contains(audience)).cloned().collect();
    if common.is_empty() {
        let shown = |list: &[String]| {
            let quoted: Vec<String> = list.iter().map(|audience| format!("{}", quoted(audience))).collect();
            format!("[{}]", quoted.join(" "))
        };
        let (own, wanted) = (shown(&own), shown(wanted));
        return Err(format!("token audiences {own} is invalid for the target audiences {wanted}"));
    }
    Ok(common)
}

fn user(claims: &Value, store: &Store, now: Timestamp) -> Result<User, String> {
    if claims["exp"].as_i64().is_some_and(|end| now.as_second() - LEEWAY > end) {
        return Err("service account token has expired".to_owned());
    }
    let of = &claims["kubernetes.io"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, account) = (text(&of["namespace"]), text(&of["serviceaccount"]["name"]));
    let found = object(store, "serviceaccounts", Some(&namespace), &account)
        .ok_or_else(|| Status::not_found(About { group: "", kind: "serviceaccounts", name: &account }).message)?;
    let (uid, claimed) = (text(&found["metadata"]["uid"]), text(&of["serviceaccount"]["uid"]));
    if uid != claimed {
        return Err(format!("service account UID ({uid}) does not match claim ({claimed})"));
    }
    let mut extra = BTreeMap::new();
    let mut add = |name: &str, value: String| {
        extra.insert(format!("authentication.kubernetes.io/{name}"), vec![value]);
    };
    add("credential-id", format!("JTI={}", text(&claims["jti"])));
    for (kind, plural) in [("secret", "secrets"), ("pod", "pods"), ("node", "nodes")] {
        let bound = &of[kind];
        if bound.is_null() {
            continue;
        }
        let name = text(&bound["name"]);
        // The node of a pod is not looked for.
        if kind != "node" || of["pod"].is_null() {
            let namespace = (kind != "node").then_some(namespace.as_str());
            let found = object(store, plural, namespace, &name).ok_or(INVALIDATED)?;
            let (uid, claimed) = (text(&found["metadata"]["uid"]), text(&bound["uid"]));
            if uid != claimed {
                return Err(format!("{kind} UID ({uid}) does not match service account {kind} ref claim ({claimed})"));
            }
        }
        if kind != "secret" {
            add(&format!("{kind}-name"), name);
            if bound["uid"].is_string() {
                add(&format!("{kind}-uid"), text(&bound["uid"]));
            }
        }
    }
    Ok(User { uid, extra, ..User::service_account(&namespace, &account) })
}

fn object<'s>(store: &'s Store, plural: &str, namespace: Option<&str>, name: &str) -> Option<&'s Value> {
    let storage = StorageKey::new("", plural);
    store.get(&storage, &crate::api::key_of(namespace, name)).map(|object| -> &Value { object })
}
