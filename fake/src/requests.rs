//! The requests that a cluster received.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, StatusCode};
use serde_json::Value;

use crate::access::{User, requested_user};
use crate::api::{Call, Target, decode_any, verb};

/// What a request does with a resource, as [RBAC names it].
///
/// [RBAC names it]: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// GET of an object.
    Get,
    /// GET of a collection.
    List,
    /// GET of a collection with `watch`.
    Watch,
    /// POST.
    Create,
    /// PUT.
    Update,
    /// PATCH of any type, server-side apply too.
    Patch,
    /// DELETE of an object.
    Delete,
    /// DELETE of a collection.
    DeleteCollection,
}

impl Verb {
    /// The name, such as `deletecollection`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }

    /// Whether it changes objects.
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List | Self::Watch)
    }

    fn of(name: &str) -> Option<Self> {
        use Verb::*;
        [Get, List, Watch, Create, Update, Patch, Delete, DeleteCollection]
            .into_iter()
            .find(|verb| verb.as_str() == name)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that a cluster received.
///
/// Headers are not kept but for `Content-Type` and `User-Agent`, so that no credentials are.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: Method,
    /// The path, decoded, such as `/api/v1/namespaces/shop/configmaps/settings`.
    pub path: String,
    /// The parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The verb. `None` for documents, such as discovery.
    pub verb: Option<Verb>,
    /// The API group; empty for the core group.
    pub group: String,
    /// The version, such as `v1`.
    pub version: String,
    /// The plural name of the resource, such as `configmaps`; empty for documents.
    pub resource: String,
    /// The namespace.
    pub namespace: Option<String>,
    /// The name of the object in the path; creations have none there.
    pub name: Option<String>,
    /// The subresource, such as `status`.
    pub subresource: Option<String>,
    /// The name of the user that it was sent as: the impersonated one, whether that was allowed or not. `admin` by default.
    pub user: String,
    /// The header `Content-Type`; empty if it is absent.
    pub content_type: String,
    /// The header `User-Agent`; empty if it is absent.
    pub user_agent: String,
    /// The body as it was sent.
    pub body: Bytes,
    /// The status of the answer; `None` while there is none, and if the connection was broken.
    pub status: Option<StatusCode>,
    /// The texts of the answer's [warnings], such as `unknown field "spec.replica"`.
    ///
    /// [warnings]: https://kubernetes.io/docs/reference/using-api/api-concepts/#warnings
    pub warnings: Vec<String>,
}

impl RecordedRequest {
    pub(crate) fn of(call: &Call) -> Self {
        let mut request = Self {
            method: call.method.clone(),
            path: format!("/{}", call.path.join("/")),
            query: call.query.pairs().to_vec(),
            verb: None,
            group: String::new(),
            version: String::new(),
            resource: String::new(),
            namespace: None,
            name: None,
            subresource: None,
            user: requested_user(&call.headers, &call.user).to_owned(),
            content_type: call.header(CONTENT_TYPE).to_owned(),
            user_agent: call.header(USER_AGENT).to_owned(),
            // Without the room that the client's buffer may have beside it: it is kept for long.
            body: Bytes::copy_from_slice(&call.body),
            status: None,
            warnings: Vec::new(),
        };
        if let Target::Resource(path) = Target::of(&call.path) {
            request.verb = Verb::of(verb(call, &path));
            request.group = path.group;
            request.version = path.version;
            request.resource = path.plural;
            request.namespace = path.namespace;
            request.name = path.name;
            request.subresource = path.subresource;
        }
        request
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, whether it came as JSON, YAML or protobuf. Null if there is none, or it can't be read.
    pub fn json(&self) -> Value {
        decode_any(&self.body, &self.content_type)
    }

    /// Whether it is a server-side apply.
    pub fn is_apply(&self) -> bool {
        self.content_type.starts_with("application/apply-patch")
    }

    /// Whether it is about an object of this name: that of its path, or of the object that it creates.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        match (&self.name, self.verb) {
            (Some(known), _) => known == name,
            (None, Some(Verb::Create)) => self.json()["metadata"]["name"] == name,
            (None, _) => false,
        }
    }

    /// Whether it is about a resource: `configmaps`, or `deployments.apps` with the group.
    pub(crate) fn is_of(&self, resource: &str) -> bool {
        match resource.split_once('.') {
            Some((plural, group)) => self.resource == plural && self.group == group,
            None => self.resource == resource,
        }
    }
}

/// A line: the method, the path, the user unless it is the default one, the answer's status and warnings, and the body. Bodies of secrets and tokens are left out.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
        }
        if self.user != User::admin().name {
            write!(f, " as {}", self.user)?;
        }
        match self.status {
            Some(status) => write!(f, " -> {}", status.as_u16())?,
            None => f.write_str(" -> no answer")?,
        }
        for warning in &self.warnings {
            write!(f, " (warning: {warning})")?;
        }
        let is_secret = self.resource == "secrets"
            || self.resource == "tokenreviews"
            || self.subresource.as_deref() == Some("token");
        match self.json() {
            _ if self.body.is_empty() => Ok(()),
            body if !is_secret && !body.is_null() => write!(f, " {body}"),
            _ => write!(f, " ({} bytes)", self.body.len()),
        }
    }
}

/// The requests of a [`FakeCluster`](crate::FakeCluster), in order of arrival, and those of them that are asked for.
///
/// It is a slice of [`RecordedRequest`]; `Debug` has a line for each.
#[derive(Clone, PartialEq)]
pub struct Requests(pub(crate) Vec<RecordedRequest>);

impl Requests {
    /// Those with a verb.
    #[must_use]
    pub fn with(&self, verb: Verb) -> Self {
        self.filter(|request| request.verb == Some(verb))
    }

    /// Those that may change objects.
    #[must_use]
    pub fn writes(&self) -> Self {
        self.filter(|request| request.verb.is_some_and(Verb::is_write))
    }

    /// Those about a resource, by its plural name: `configmaps`, or with the group `deployments.apps`.
    #[must_use]
    pub fn of(&self, resource: &str) -> Self {
        self.filter(|request| request.is_of(resource))
    }

    /// Those about a subresource, such as `status`.
    #[must_use]
    pub fn subresource(&self, subresource: &str) -> Self {
        self.filter(|request| request.subresource.as_deref() == Some(subresource))
    }

    /// Those in a namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        self.filter(|request| request.namespace.as_deref() == Some(namespace))
    }

    /// Those that were answered with a warning.
    #[must_use]
    pub fn with_warnings(&self) -> Self {
        self.filter(|request| !request.warnings.is_empty())
    }

    /// Those of a user, by its name, such as `jane` or `system:serviceaccount:shop:web`.
    #[must_use]
    pub fn by(&self, user: &str) -> Self {
        self.filter(|request| request.user == user)
    }

    /// Those about an object of this name, its creation included.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        self.filter(|request| request.is_named(name))
    }

    /// Those that a function selects.
    #[must_use]
    pub fn filter(&self, selects: impl Fn(&RecordedRequest) -> bool) -> Self {
        Self(self.0.iter().filter(|request| selects(request)).cloned().collect())
    }

    /// The only one.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one: with all of them in the message.
    #[track_caller]
    pub fn only(&self) -> &RecordedRequest {
        match self.0.as_slice() {
            [one] => one,
            _ => panic!("{}, not one:\n{self:?}", self.counted()),
        }
    }

    /// Checks how many there are.
    ///
    /// # Panics
    ///
    /// If there are more or fewer: with all of them in the message.
    #[track_caller]
    pub fn assert_count(&self, expected: usize) {
        assert!(self.0.len() == expected, "{}, not {expected}:\n{self:?}", self.counted());
    }

    fn counted(&self) -> String {
        match self.0.len() {
            1 => "there is 1 such request".to_owned(),
            count => format!("there are {count} such requests"),
        }
    }
}

impl Deref for Requests {
    type Target = [RecordedRequest];

    fn deref(&self) -> &[RecordedRequest] {
        &self.0
    }
}

/// A line for each request.
impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|request| writeln!(f, "{request:?}"))
    }
}
