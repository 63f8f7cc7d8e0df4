//! The modules of custom kinds.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{Model, Origin},
    plan::{ModulePath, ModulePaths, TypePath, handles, names, types::item_of_list},
};

/// The module of a custom kind.
#[derive(Clone, Debug)]
pub struct KindFile {
    /// The group's module.
    pub group: String,
    /// The version's module.
    pub version: String,
    /// The kind's module.
    pub file: String,
    /// The kind, as a part of names.
    pub kind: String,
    /// The kind, for people: `cert-manager.io/v1 Certificate`.
    pub title: String,
    /// Names that stand in the file already.
    pub reserved: BTreeSet<String>,
}

impl KindFile {
    /// The module_path of what the kind has alone.
    pub fn module_path(&self) -> ModulePath {
        ModulePath::Kind { group: self.group.clone(), version: self.version.clone(), file: self.file.clone() }
    }
}

/// The module of each custom kind, called like the resource that stands for it.
pub fn kinds(
    model: &Model,
    structs: &BTreeMap<String, TypePath>,
    module_paths: &ModulePaths,
) -> BTreeMap<String, KindFile> {
    let mut lists: BTreeMap<&str, Vec<&TypePath>> = BTreeMap::new();
    for (schema, path) in structs {
        if let Some(item) = item_of_list(model, schema) {
            lists.entry(item).or_default().push(path);
        }
    }
    let mut files = BTreeMap::new();
    for def in model.types.values().filter(|def| def.origin == Origin::Custom) {
        let (Some(path), Some(kind)) = (structs.get(&def.name), def.kinds.first()) else { continue };
        let ModulePath::Module { group, version } = &path.module_path else { continue };
        let of_version = model.versions.get(&kind.group_version());
        let of_version = of_version.filter(|_| module_paths.of_group(&kind.group_version()) == path.module_path);
        let mut file = names::snake(&kind.kind);
        let mut reserved = BTreeSet::from([path.name.clone(), format!("{}List", path.name)]);
        if let Some(version) = of_version {
            let files = handles::files(version);
            for (plural, resource) in &version.resources {
                if resource.schema == def.name {
                    if let Some(known) = files.get(plural) {
                        file.clone_from(known);
                    }
                    let plural = names::plural(&resource.kind.kind, plural);
                    reserved.extend([format!("{plural}Handle"), plural]);
                    break;
                }
            }
        }
        reserved.extend(lists.get(def.name.as_str()).into_iter().flatten().map(|path| path.name.clone()));
        let title = format!("{} {}", kind.group_version(), kind.kind);
        let (group, version, kind) = (group.clone(), version.clone(), names::pascal(&kind.kind));
        files.insert(def.name.clone(), KindFile { group, version, file, kind, title, reserved });
    }
    files
}
