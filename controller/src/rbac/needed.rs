//! Which rules requests need.

use http::{Method, Uri};
use kubewright::CompactString;
use percent_encoding::percent_decode_str;

use super::Verb;
use super::rules::{Place, Rules, Target};

/// The subresources of namespaces: any other name after a namespace is a resource in it.
const OF_NAMESPACES: [&str; 2] = ["status", "finalize"];

impl Rules {
    /// Returns the rules that these requests to the API server need, by their method and their path with its query. It is
    /// for tests, which record what a program sends.
    ///
    /// A rule is for the object that the request names. A server-side apply needs `patch`, and if it creates the object
    /// `create` too, which its request does not show.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#review-your-request-attributes>
    pub fn needed_for<'r>(requests: impl IntoIterator<Item = (&'r Method, &'r Uri)>) -> Self {
        let mut rules = Self::new();
        for (method, uri) in requests {
            rules.add_request(method, uri);
        }
        rules
    }

    fn add_request(&mut self, method: &Method, uri: &Uri) {
        let parts: Vec<&str> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
        let (group, rest) = match parts.as_slice() {
            ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
            ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
            _ => {
                let verb = verb(method, true, false);
                self.add(Place::Cluster, Target::Url(decoded(uri.path())), [verb]);
                return;
            }
        };
        let (place, rest) = match rest {
            ["namespaces", _, third, ..] if !OF_NAMESPACES.contains(third) => (Place::Watched, &rest[2..]),
            _ => (Place::Cluster, rest),
        };
        let Some(resource) = rest.first() else { return };
        let resource = match rest.get(2) {
            Some(subresource) => format!("{}/{}", decoded(resource), decoded(subresource)).into(),
            None => decoded(resource),
        };
        let query = uri.query().unwrap_or_default();
        let verb = verb(method, rest.len() > 1, is_watch(query));
        let name = match rest.get(1) {
            Some(name) => Some(decoded(name)),
            None if matches!(verb, Verb::List | Verb::Watch) => selected_name(query),
            None => None,
        };
        self.add(place, Target::Resource { group: decoded(group), resource, name }, [verb]);
    }
}

fn verb(method: &Method, has_name: bool, is_watch: bool) -> Verb {
    match *method {
        Method::POST => Verb::Create,
        Method::PUT => Verb::Update,
        Method::PATCH => Verb::Patch,
        Method::DELETE if has_name => Verb::Delete,
        Method::DELETE => Verb::DeleteCollection,
        _ if has_name => Verb::Get,
        _ if is_watch => Verb::Watch,
        _ => Verb::List,
    }
}

/// As the API server reads the parameter: only `false` and `0` are false.
fn is_watch(query: &str) -> bool {
    query.split('&').any(|parameter| match parameter.split_once('=') {
        None => parameter == "watch",
        Some((name, value)) => name == "watch" && !matches!(value, "false" | "0"),
    })
}

/// The only object that a collection is restricted to, which the API server authorizes as that object.
fn selected_name(query: &str) -> Option<CompactString> {
    let mut parameters = query.split('&').filter_map(|parameter| parameter.split_once('='));
    let (_, selector) = parameters.find(|(name, _)| *name == "fieldSelector")?;
    let selector = decoded(selector);
    let mut terms = selector.split(',').filter_map(|term| term.split_once('='));
    let (_, name) = terms.find(|(field, _)| *field == "metadata.name")?;
    Some(name.trim_start_matches('=').into())
}

fn decoded(part: &str) -> CompactString {
    percent_decode_str(part).decode_utf8_lossy().into()
}
