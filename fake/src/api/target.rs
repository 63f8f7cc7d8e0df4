//! What a path is about.

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `/version`
    Version,
    /// `/healthz`, `/livez`, `/readyz`
    Health,
    /// `/api`
    CoreVersions,
    /// `/apis`
    Groups,
    /// `/apis/apps`
    Group(String),
    /// `/api/v1`, `/apis/apps/v1`
    GroupVersion { group: String, version: String },
    /// `/openapi/v2`
    OpenApiV2,
    /// `/openapi/v3`
    OpenApiIndex,
    /// `/openapi/v3/apis/apps/v1`, by what follows `v3/`
    OpenApi(String),
    /// A resource, an object, or a part of one.
    Resource(ResourcePath),
    /// Something else.
    Unknown,
}

/// The path of a resource, an object or a subresource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResourcePath {
    pub group: String,
    pub version: String,
    pub namespace: Option<String>,
    pub plural: String,
    pub name: Option<String>,
    pub subresource: Option<String>,
    /// What follows the subresource, for a proxy.
    pub rest: Vec<String>,
    /// Whether it is below `watch`, as watches were asked for before they had a parameter.
    pub is_watch: bool,
}

impl Target {
    pub fn of(path: &[String]) -> Self {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["version"] => Self::Version,
            ["healthz" | "livez" | "readyz", ..] => Self::Health,
            ["api"] => Self::CoreVersions,
            ["apis"] => Self::Groups,
            ["apis", group] => Self::Group((*group).to_owned()),
            ["api", version] => Self::GroupVersion { group: String::new(), version: (*version).to_owned() },
            ["apis", group, version] => {
                Self::GroupVersion { group: (*group).to_owned(), version: (*version).to_owned() }
            }
            ["openapi", "v2"] => Self::OpenApiV2,
            ["openapi", "v3"] => Self::OpenApiIndex,
            ["openapi", "v3", rest @ ..] => Self::OpenApi(rest.join("/")),
            ["api", version, rest @ ..] => Self::resource("", version, rest),
            ["apis", group, version, rest @ ..] => Self::resource(group, version, rest),
            _ => Self::Unknown,
        }
    }

    fn resource(group: &str, version: &str, rest: &[&str]) -> Self {
        let owned = |text: &&str| (*text).to_owned();
        let (is_watch, rest) = match rest {
            ["watch", rest @ ..] => (true, rest),
            _ => (false, rest),
        };
        let (namespace, rest) = match rest {
            // A namespace itself, or a subresource of it.
            ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => (None, rest),
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(owned(namespace)), rest),
            _ => (None, rest),
        };
        let [plural, rest @ ..] = rest else { return Self::Unknown };
        Self::Resource(ResourcePath {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace,
            plural: owned(plural),
            name: rest.first().map(owned),
            subresource: rest.get(1).map(owned),
            rest: rest.iter().skip(2).map(owned).collect(),
            is_watch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        let path: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        Target::of(&path)
    }

    fn shown(path: &str) -> String {
        let Target::Resource(path) = target(path) else { return "none".to_owned() };
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        format!("{} {} {} {}", or(path.namespace), path.plural, or(path.name), or(path.subresource))
    }

    #[test]
    fn a_path_leads_to_a_resource_an_object_or_a_part_of_it() {
        assert_eq!(shown("/api/v1/pods"), "- pods - -");
        assert_eq!(shown("/api/v1/namespaces/shop/pods/web/log"), "shop pods web log");
        assert_eq!(shown("/api/v1/namespaces"), "- namespaces - -");
        assert_eq!(shown("/api/v1/namespaces/shop"), "- namespaces shop -");
        assert_eq!(shown("/api/v1/namespaces/shop/finalize"), "- namespaces shop finalize");
        assert_eq!(shown("/apis/apps/v1/namespaces/shop/deployments/web/scale"), "shop deployments web scale");
        assert_eq!(shown("/apis/rbac.authorization.k8s.io/v1/clusterroles/admin"), "- clusterroles admin -");
        assert_eq!(shown("/api/v1/watch/namespaces/shop/pods/web"), "shop pods web -");
        assert_eq!(shown("/api/v1/namespaces/watch/pods"), "watch pods - -");
    }

    #[test]
    fn documents_have_paths_of_their_own() {
        assert_eq!(target("/apis"), Target::Groups);
        assert_eq!(target("/api/v1"), Target::GroupVersion { group: String::new(), version: "v1".to_owned() });
        assert_eq!(target("/openapi/v3/apis/apps/v1"), Target::OpenApi("apis/apps/v1".to_owned()));
        assert_eq!(target("/readyz/ping"), Target::Health);
        assert_eq!(target("/bogus"), Target::Unknown);
    }
}
