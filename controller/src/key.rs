//! The key of an object in caches and queues.

use std::fmt;

use kubewright::meta::v1::ObjectMeta;

/// The namespace and name of an object: what distinguishes it from others of its kind that exist at the same time.
///
/// An object that is deleted and created again has the same key and another
/// [uid](https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids). Keys are ordered by namespace, then
/// name. In text, the two are joined by a slash (`shop/web-0`); an object without a namespace is its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    namespace: Option<Box<str>>,
    name: Box<str>,
}

impl ObjectKey {
    /// Creates the key of an object in a namespace.
    pub fn namespaced(namespace: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Self {
        Self { namespace: Some(namespace.into()).filter(|namespace| !namespace.is_empty()), name: name.into() }
    }

    /// Creates the key of an object of a cluster-scoped kind, such as a node.
    pub fn cluster(name: impl Into<Box<str>>) -> Self {
        Self { namespace: None, name: name.into() }
    }

    /// Returns the key of the object with this metadata. Missing fields count as empty.
    pub fn of(metadata: &ObjectMeta) -> Self {
        Self::namespaced(metadata.namespace.as_deref().unwrap_or(""), metadata.name.as_deref().unwrap_or(""))
    }

    /// Returns the namespace; `None` for cluster-scoped kinds.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_object_is_its_namespace_and_its_name() {
        let metadata = |namespace: Option<&str>| ObjectMeta {
            namespace: namespace.map(Into::into),
            name: Some("web-0".into()),
            ..Default::default()
        };
        assert_eq!(ObjectKey::of(&metadata(Some("shop"))), ObjectKey::namespaced("shop", "web-0"));
        assert_eq!(ObjectKey::of(&metadata(Some("shop"))).to_string(), "shop/web-0");
        assert_eq!(ObjectKey::of(&metadata(None)), ObjectKey::cluster("web-0"));
        assert_eq!(ObjectKey::of(&metadata(Some(""))), ObjectKey::cluster("web-0"));
        assert_eq!(ObjectKey::cluster("web-0").to_string(), "web-0");
    }
}
