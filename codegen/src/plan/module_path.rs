//! In which module a schema's type lives.

use std::collections::BTreeMap;

use super::names;
use crate::{
    documents::GroupVersion,
    model::{Gvk, Model, Origin, TypeDef},
};

/// The package whose types belong to the runtime.
pub const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

/// Where a type lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModulePath {
    /// The runtime's `meta::v1`.
    Meta,
    /// `group::version` in the generated tree.
    Module {
        /// The group's module.
        group: String,
        /// The version's module.
        version: String,
    },
    /// The module of one custom kind below `group::version`, for the types that it has alone.
    Kind {
        /// The group's module.
        group: String,
        /// The version's module.
        version: String,
        /// The kind's module.
        file: String,
    },
    /// What several custom kinds have: of a group, or of the whole tree.
    Shared {
        /// The group's module; none for what several groups have.
        group: Option<String>,
    },
    /// `group::version` of the crate that the tree stands beside, which has the built-in kinds.
    Beside {
        /// The group's module.
        group: String,
        /// The version's module.
        version: String,
    },
    /// Nowhere yet: a structure of custom resources while structs are planned.
    Unplaced,
}

impl ModulePath {
    fn module(group: &str, version: &str) -> Self {
        // What kinds share has that name beside groups and versions.
        let own = |name: String| if name == "shared" { "shared_".to_owned() } else { name };
        Self::Module { group: own(names::module(group)), version: own(names::module(version)) }
    }

    /// Where the types of a Go package of Kubernetes itself live: `io.k8s.api.<group>.<version>` and
    /// `io.k8s.….pkg.apis.<group>.<version>`.
    pub fn of_package(package: &str) -> Option<Self> {
        if package == META {
            return Some(Self::Meta);
        }
        let below = package.strip_prefix("io.k8s.")?;
        let below = below.strip_prefix("api.").or_else(|| below.split_once(".pkg.apis.").map(|(_, below)| below))?;
        let (group, version) = below.split_once('.')?;
        Some(Self::module(group, version))
    }
}

/// Finds the module path of every schema.
#[derive(Debug)]
pub struct ModulePaths {
    /// Which group-version the kinds of a package are of, where the package is not one of Kubernetes itself.
    packages: BTreeMap<String, Gvk>,
    /// The module of each group whose name is its own; differs from the name's where two names give one module.
    groups: BTreeMap<String, String>,
}

impl ModulePaths {
    /// Reads which packages and groups there are.
    pub fn new(model: &Model) -> Self {
        let mut packages = BTreeMap::new();
        for def in model.types.values() {
            if let ([kind], (package, _)) = (def.kinds.as_slice(), split(&def.name)) {
                packages.entry(package.to_owned()).or_insert_with(|| kind.clone());
            }
        }
        let mut taken = std::collections::BTreeSet::new();
        let mut groups = BTreeMap::new();
        let kinds = model.types.values().flat_map(|def| &def.kinds).map(|kind| &kind.group);
        let mut names: Vec<&String> = kinds.chain(model.versions.keys().map(|version| &version.group)).collect();
        names.sort();
        names.dedup();
        for group in names.into_iter().filter(|group| group.contains('.')) {
            groups.insert(group.clone(), names::unique(&mut taken, names::module(group)));
        }
        Self { packages, groups }
    }

    /// The module path of a schema.
    pub fn of(&self, def: &TypeDef) -> ModulePath {
        let (package, _) = split(&def.name);
        let kind = match def.kinds.as_slice() {
            [kind] if def.origin == Origin::Custom => Some(kind),
            _ => None,
        };
        if let Some(kind) = kind {
            return self.of_group(&kind.group_version());
        }
        if let Some(module_path) = ModulePath::of_package(package) {
            return module_path;
        }
        match def.kinds.first().or_else(|| self.packages.get(package)) {
            Some(kind) => self.of_group(&kind.group_version()),
            // A package that has no kinds, such as `io.k8s.apimachinery.pkg.version`, has no version either.
            None => ModulePath::module(package.rsplit('.').next().unwrap_or(package), "unversioned"),
        }
    }

    /// The module path of a group-version whose kinds are not of Kubernetes' own packages.
    pub fn of_group(&self, group_version: &GroupVersion) -> ModulePath {
        let group = match group_version.group.as_str() {
            "" => "core",
            group => self.groups.get(group).map_or(group, String::as_str),
        };
        ModulePath::module(group, &group_version.version)
    }
}

/// A schema's package and name.
pub fn split(schema: &str) -> (&str, &str) {
    schema.rsplit_once('.').unwrap_or(("", schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Schema;

    fn module_path(name: &str, kinds: &[(&str, &str, &str)], others: &[(&str, &str)]) -> String {
        let gvk = |(group, version, kind): &(&str, &str, &str)| Gvk {
            group: (*group).into(),
            version: (*version).into(),
            kind: (*kind).into(),
        };
        let kinds: Vec<Gvk> = kinds.iter().map(gvk).collect();
        let def = TypeDef {
            name: name.into(),
            origin: Origin::of(name, &kinds),
            kinds,
            schema: Schema::default(),
            raw: None,
            availability: Default::default(),
        };
        let mut model = Model::default();
        for (group, version) in others {
            model.versions.insert(GroupVersion::new(*group, *version), Default::default());
        }
        model.types.insert(def.name.clone(), def.clone());
        match ModulePaths::new(&model).of(&def) {
            ModulePath::Module { group, version } => format!("{group}::{version}"),
            _ => "meta".into(),
        }
    }

    #[test]
    fn types_of_kubernetes_live_in_their_package() {
        assert_eq!(module_path("io.k8s.api.core.v1.Pod", &[("", "v1", "Pod")], &[]), "core::v1");
        assert_eq!(
            module_path("io.k8s.api.rbac.v1.Role", &[("rbac.authorization.k8s.io", "v1", "Role")], &[]),
            "rbac::v1"
        );
        assert_eq!(
            module_path("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec", &[], &[]),
            "apiregistration::v1"
        );
        assert_eq!(module_path("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", &[], &[]), "meta");
        assert_eq!(module_path("io.k8s.apimachinery.pkg.version.Info", &[], &[]), "version::unversioned");
    }

    #[test]
    fn other_types_live_in_their_group() {
        let certificate = ("cert-manager.io", "v1", "Certificate");
        assert_eq!(module_path("io.cert-manager.v1.Certificate", &[certificate], &[]), "cert_manager_io::v1");
        let gateway = ("gateway.networking.k8s.io", "v1", "Gateway");
        assert_eq!(
            module_path("io.k8s.networking.gateway.v1.Gateway", &[gateway], &[]),
            "gateway_networking_k8s_io::v1"
        );
        assert_eq!(
            module_path("com.example.calico.v3.Policy", &[("projectcalico.org", "v3", "Policy")], &[]),
            "projectcalico_org::v3"
        );
    }

    #[test]
    fn what_else_a_cluster_has_moves_nothing_unless_two_groups_give_one_module() {
        let kind = ("a.b-c", "v1", "X");
        assert_eq!(module_path("b-c.a.v1.X", &[kind], &[("other.io", "v1"), ("b.c", "v1")]), "a_b_c::v1");
        assert_eq!(module_path("b-c.a.v1.X", &[kind], &[("a-b.c", "v1")]), "a_b_c_2::v1");
    }
}
