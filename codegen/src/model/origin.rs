//! Where a schema comes from, which decides how presence is represented.

use super::Gvk;

/// Where a schema comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Go types: for these a server makes no difference between an absent list and an empty one.
    Go,
    /// A CustomResourceDefinition: a server keeps such JSON as it was sent.
    Custom,
}

impl Origin {
    /// Tells the origin of a schema by its name.
    ///
    /// The server names the schema of a custom kind after its group, reversed, its version and the kind
    /// (`io.cert-manager.v1.Certificate`, for the group `cert-manager.io`); those of Go types after their package.
    pub fn of(name: &str, kinds: &[Gvk]) -> Self {
        let custom = kinds.iter().any(|gvk| {
            let labels: Vec<&str> = gvk.group.split('.').rev().collect();
            !gvk.group.is_empty() && name == format!("{}.{}.{}", labels.join("."), gvk.version, gvk.kind)
        });
        if custom { Self::Custom } else { Self::Go }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(name: &str, group: &str, version: &str, kind: &str) -> Origin {
        Origin::of(name, &[Gvk { group: group.into(), version: version.into(), kind: kind.into() }])
    }

    #[test]
    fn a_custom_kind_is_told_by_its_reversed_group() {
        assert_eq!(origin("io.cert-manager.v1.Certificate", "cert-manager.io", "v1", "Certificate"), Origin::Custom);
        assert_eq!(
            origin("io.k8s.networking.gateway.v1.Gateway", "gateway.networking.k8s.io", "v1", "Gateway"),
            Origin::Custom
        );
        assert_eq!(origin("io.k8s.api.apps.v1.Deployment", "apps", "v1", "Deployment"), Origin::Go);
        assert_eq!(origin("io.k8s.api.networking.v1.Ingress", "networking.k8s.io", "v1", "Ingress"), Origin::Go);
        assert_eq!(origin("io.k8s.api.core.v1.Pod", "", "v1", "Pod"), Origin::Go);
        assert_eq!(Origin::of("io.k8s.api.core.v1.PodSpec", &[]), Origin::Go);
    }
}
