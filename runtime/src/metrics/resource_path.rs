//! What the path of a request names.

use std::fmt;

/// A path of the Kubernetes API, taken apart: `/apis/apps/v1/namespaces/shop/deployments/web/scale`.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>
///
/// What is not there is empty, and of a path that is no resource's (`/version`, `/openapi/v3`) everything is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourcePath<'a> {
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The namespace.
    pub namespace: &'a str,
    /// The resource's plural.
    pub resource: &'a str,
    /// The object's name.
    pub name: &'a str,
    /// The subresource.
    pub subresource: &'a str,
    /// Whether there is more after the subresource, as the path in a proxied service.
    more: bool,
}

impl<'a> ResourcePath<'a> {
    /// Reads a path, behind whatever prefix the server has.
    pub fn parse(path: &'a str) -> Self {
        let (core, rest) = match (path.find("/api/"), path.find("/apis/")) {
            (Some(core), Some(groups)) if groups < core => (false, &path[groups + 6..]),
            (Some(core), _) => (true, &path[core + 5..]),
            (None, Some(groups)) => (false, &path[groups + 6..]),
            (None, None) => return Self::default(),
        };
        let mut segments = rest.split('/');
        let mut next = || segments.next().unwrap_or_default();
        let group = if core { "" } else { next() };
        let version = next();
        let mut this = Self { group, version, ..Self::default() };
        let mut resource = next();
        if resource == "namespaces" {
            // The namespace of an object, or a namespace as the object.
            let (namespace, then) = (next(), next());
            if then.is_empty() || matches!(then, "status" | "finalize") {
                this = Self { resource, name: namespace, subresource: then, ..this };
                return this;
            }
            (this.namespace, resource) = (namespace, then);
        }
        this.resource = resource;
        this.name = next();
        this.subresource = next();
        this.more = segments.next().is_some();
        this
    }

    /// Whether it names a resource.
    pub fn is_resource(&self) -> bool {
        !self.resource.is_empty()
    }
}

/// The path with placeholders for what is different in each call: `/apis/apps/v1/namespaces/{namespace}/deployments/{name}`.
/// Fit for the name of a span or the label of a metric. Nothing for what is no resource.
impl fmt::Display for ResourcePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_resource() {
            return Ok(());
        }
        match self.group {
            "" => write!(f, "/api/{}", self.version)?,
            group => write!(f, "/apis/{group}/{}", self.version)?,
        }
        if !self.namespace.is_empty() {
            f.write_str("/namespaces/{namespace}")?;
        }
        write!(f, "/{}", self.resource)?;
        if !self.name.is_empty() {
            f.write_str("/{name}")?;
        }
        if !self.subresource.is_empty() {
            write!(f, "/{}", self.subresource)?;
        }
        if self.more { f.write_str("/{path}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_and_its_template_names_no_object() {
        let cases = [
            ("/api/v1/pods", ["", "v1", "", "pods", "", ""], "/api/v1/pods"),
            ("/api/v1/nodes/n1", ["", "v1", "", "nodes", "n1", ""], "/api/v1/nodes/{name}"),
            (
                "/prefix/apis/apps/v1/namespaces/shop/deployments/web/scale",
                ["apps", "v1", "shop", "deployments", "web", "scale"],
                "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
            ),
            ("/api/v1/namespaces/shop", ["", "v1", "", "namespaces", "shop", ""], "/api/v1/namespaces/{name}"),
            (
                "/api/v1/namespaces/shop/finalize",
                ["", "v1", "", "namespaces", "shop", "finalize"],
                "/api/v1/namespaces/{name}/finalize",
            ),
            (
                "/api/v1/namespaces/shop/services/web/proxy/a/b",
                ["", "v1", "shop", "services", "web", "proxy"],
                "/api/v1/namespaces/{namespace}/services/{name}/proxy/{path}",
            ),
            ("/version", [""; 6], ""),
            ("/apis/apps/v1", ["apps", "v1", "", "", "", ""], ""),
        ];
        for (path, parts, template) in cases {
            let parsed = ResourcePath::parse(path);
            let ResourcePath { group, version, namespace, resource, name, subresource, .. } = parsed;
            assert_eq!([group, version, namespace, resource, name, subresource], parts, "{path}");
            assert_eq!(parsed.to_string(), template, "{path}");
        }
    }
}
