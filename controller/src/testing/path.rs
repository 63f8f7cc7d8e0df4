//! Paths of the API.

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ApiPath<'a> {
    /// `group/version`, or the version alone.
    pub(super) api_version: &'a str,
    pub(super) namespace: Option<&'a str>,
    pub(super) plural: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) subresource: Option<&'a str>,
}

impl<'a> ApiPath<'a> {
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let (api_version, rest) = match path.strip_prefix("/apis/") {
            Some(rest) => {
                let group_end = rest.find('/')?;
                let version_end = group_end + 1 + rest[group_end + 1..].find('/')?;
                (&rest[..version_end], &rest[version_end + 1..])
            }
            None => path.strip_prefix("/api/")?.split_once('/')?,
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let (namespace, parts) = match &parts[..] {
            ["namespaces", namespace, plural, ..] if !matches!(*plural, "status" | "finalize") => {
                (Some(*namespace), &parts[2..])
            }
            parts => (None, parts),
        };
        let (plural, name, subresource) = match parts {
            [plural] => (*plural, None, None),
            [plural, name] => (*plural, Some(*name), None),
            [plural, name, subresource] => (*plural, Some(*name), Some(*subresource)),
            _ => return None,
        };
        Some(Self { api_version, namespace, plural, name, subresource })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        let parse = |path| {
            let path = ApiPath::parse(path).expect(path);
            [path.api_version, path.namespace.unwrap_or("-"), path.plural, path.name.unwrap_or("-")]
        };
        assert_eq!(parse("/api/v1/nodes"), ["v1", "-", "nodes", "-"]);
        assert_eq!(parse("/api/v1/namespaces/shop"), ["v1", "-", "namespaces", "shop"]);
        assert_eq!(parse("/api/v1/namespaces/shop/pods"), ["v1", "shop", "pods", "-"]);
        assert_eq!(parse("/apis/apps/v1/namespaces/shop/deployments/web"), ["apps/v1", "shop", "deployments", "web"]);
        let status = ApiPath::parse("/apis/apps/v1/namespaces/shop/deployments/web/status").expect("a path");
        assert_eq!(status.subresource, Some("status"));
        let status = ApiPath::parse("/api/v1/namespaces/shop/status").expect("a path");
        assert_eq!((status.name, status.subresource), (Some("shop"), Some("status")));
        assert_eq!(ApiPath::parse("/version"), None);
    }
}
