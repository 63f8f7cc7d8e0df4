//! A request, taken apart.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answer::decode;
use super::begin::Ahead;
use super::negotiate::Encoding;
use crate::access::User;
use crate::status::Status;
use crate::webhooks::Memory;

/// A request whose body was received.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub method: Method,
    /// The segments of the path, decoded.
    pub path: Vec<String>,
    /// The path as a whole, decoded.
    pub raw_path: String,
    /// Who sends it: once it was let in, the user that it impersonates.
    pub user: Arc<User>,
    pub query: Query,
    pub headers: HeaderMap,
    /// What the connection has added.
    pub extensions: Extensions,
    pub body: Bytes,
    /// Whether the body was too large to be read.
    pub is_too_large: bool,
    /// How many changes ago the objects are read as of: a fault of a read.
    pub staleness: u64,
    /// What stays the same when the request is run again.
    pub memory: Arc<Memory>,
    /// The object of the body, if it was decoded before the state was locked.
    decoded: Arc<Mutex<Option<Result<Value, Status>>>>,
    /// The same, if it is a new one, as far as it was completed by then.
    begun: Arc<Mutex<Option<Ahead>>>,
}

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Call {
    pub fn new(parts: http::request::Parts, body: Bytes, user: impl Into<Arc<User>>) -> Self {
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let path = parts.uri.path().split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let raw_path = decode(parts.uri.path());
        let http::request::Parts { method, headers, extensions, .. } = parts;
        Self {
            method,
            path,
            raw_path,
            user: user.into(),
            query,
            headers,
            extensions,
            body,
            is_too_large: false,
            staleness: 0,
            memory: Arc::default(),
            decoded: Arc::default(),
            begun: Arc::default(),
        }
    }

    /// Decodes the object of the body, if it is to have one, for [`Self::object`]: nobody else has to wait for that.
    pub fn decode_ahead(&self) {
        let has_object = matches!(self.method, Method::POST | Method::PUT) && !self.is_too_large;
        if let Some(encoding) = Encoding::of_body(self.header(CONTENT_TYPE)).filter(|_| has_object) {
            *self.decoded() = Some(decode(&self.body, encoding));
        }
    }

    /// The object of the body, whose media type is known to be of an encoding.
    ///
    /// # Errors
    ///
    /// If it can't be decoded.
    pub fn object(&self, encoding: Encoding) -> Result<Value, Status> {
        let ahead = self.decoded().take();
        ahead.unwrap_or_else(|| decode(&self.body, encoding))
    }

    fn decoded(&self) -> MutexGuard<'_, Option<Result<Value, Status>>> {
        self.decoded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a new object that was begun, for [`Self::take_begun`].
    pub(super) fn set_begun(&self, begun: Option<Ahead>) {
        *self.begun() = begun;
    }

    /// The new object that was begun, if there is one: once.
    pub(super) fn take_begun(&self) -> Option<Ahead> {
        self.begun().take()
    }

    fn begun(&self) -> MutexGuard<'_, Option<Ahead>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A header's text; empty if it is absent.
    pub fn header(&self, name: http::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Who writes: the parameter `fieldManager`, else the product of `User-Agent`.
    pub fn field_manager(&self) -> String {
        if let Some(manager) = self.query.get("fieldManager").filter(|manager| !manager.is_empty()) {
            return manager.to_owned();
        }
        let product = self.header(http::header::USER_AGENT).split('/').next().unwrap_or_default();
        if product.is_empty() { "unknown".to_owned() } else { product.to_owned() }
    }
}

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The parameters, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Removes parameters.
    pub fn remove(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is there and not `false` or `0`: `watch`, `watch=` and `watch=yes` are true.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value, "false" | "0" | "False" | "F" | "f"))
    }

    /// All values of a parameter.
    pub fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_manager_is_the_product_of_the_user_agent_by_default() {
        let manager = |agent: &str, query: &str| {
            let request = http::Request::builder().uri(format!("/a?{query}")).header("user-agent", agent);
            let (parts, ()) = request.body(()).expect("a request").into_parts();
            Call::new(parts, Bytes::new(), User::admin()).field_manager()
        };
        assert_eq!(manager("kubectl/v1.37.1 (linux)", ""), "kubectl");
        assert_eq!(manager("", ""), "unknown");
        assert_eq!(manager("kubectl/v1", "fieldManager=me"), "me");
    }

    #[test]
    fn parameters_are_decoded_and_flags_true_unless_they_say_no() {
        let query = Query::parse("watch&labelSelector=app%3Dweb,x+in+(a)&dryRun=All&force=false");
        assert!(query.is_true("watch") && !query.is_true("force") && !query.is_true("absent"));
        assert_eq!(query.get("labelSelector"), Some("app=web,x in (a)"));
        assert_eq!(query.all("dryRun").collect::<Vec<_>>(), ["All"]);
    }
}
