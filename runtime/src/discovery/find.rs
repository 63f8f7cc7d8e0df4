//! Resources by their names.

use kubewright_core::resource::name;

use super::{ApiResource, Discovery};

impl Discovery {
    /// Finds a resource by any name that `kubectl get` accepts, case-insensitively: plural, singular, short name or
    /// kind, alone (`deploy`), with a group (`deployments.apps`), or with a version and a group
    /// (`deployments.v1.apps`).
    ///
    /// If more than one resource matches, plural names take precedence, then singular names, short names and kinds;
    /// among equals, the group that the server lists first. Without a version, the server's preferred one is returned.
    pub fn find(&self, name: &str) -> Option<&ApiResource> {
        let parts = |text: &str| text.split_once('.').map(|(first, rest)| (first.to_owned(), rest.to_owned()));
        let name = name.to_ascii_lowercase();
        // A name has no dots, but a group may.
        let Some((plain, group)) = parts(&name) else { return best(self.preferred_resources(), &name) };
        let in_group = best(self.preferred_resources().filter(|resource| resource.group == group), &plain);
        in_group.or_else(|| {
            let (version, group) = parts(&group).unwrap_or((group, String::new()));
            let is_it = |resource: &&ApiResource| resource.group == group && resource.version == version;
            best(self.resources().filter(is_it), &plain)
        })
    }

    /// Finds the resource for an `apiVersion` and kind, as in a manifest: `apps/v1` and `Deployment`. Case-sensitive.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&ApiResource> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let is_it =
            |resource: &&ApiResource| resource.kind == kind && resource.group == group && resource.version == version;
        self.resources().find(is_it)
    }

    /// Returns the resources of a category, such as `all`, each once.
    ///
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#categories>
    pub fn category<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a ApiResource> {
        let has = move |resource: &&ApiResource| resource.categories.iter().any(|known| known == category);
        self.preferred_resources().filter(has)
    }
}

/// Returns the best match for a lower-case name.
fn best<'a>(resources: impl Iterator<Item = &'a ApiResource>, name: &str) -> Option<&'a ApiResource> {
    let rank = |it: &ApiResource| name::rank(name, &it.plural, &it.singular, &it.short_names, &it.kind);
    // The first of the best matches.
    resources.filter_map(|resource| Some((rank(resource)?, resource))).min_by_key(|(rank, _)| *rank).map(|(_, it)| it)
}
