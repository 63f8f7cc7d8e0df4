//! Where shared types live, and what they are called there.
//!
//! What one version of one kind has alone lives in the module of that kind. What several kinds or versions of a group have
//! lives in the group's module `shared`, what several groups have in the tree's. The module of each kind hands on all types
//! that its kind has, under names that its schema alone decides: a path such as `cert_manager_io::v1::certificates::IssuerRef`
//! stays, wherever the type is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builtins, KindFile, Structures, What, docs, index_of, name};
use crate::plan::overrides::Wanted;
use crate::plan::{ModulePath, Plan, Struct, Ty, TypePath, enums};

/// Puts every structure in its place, and its path into what refers to it. `files` are the modules of the kinds, by schema.
///
/// Where the tree stands beside the crate of the built-in types, structures that are built-in types are these, and what is
/// in them alone has no place.
pub fn place(
    plan: &mut Plan,
    mut structures: Structures,
    files: &BTreeMap<String, KindFile>,
    builtins: Option<&Builtins>,
    wanted: &Wanted<'_>,
) {
    plan.shared = structures.shared();
    let builtin = builtins.map(|builtins| builtins.of_structures(&structures)).unwrap_or_default();
    if builtins.is_some() {
        let own = own(plan, &structures, &builtin);
        plan.shared.builtin = builtin.keys().filter(|index| own.contains(index)).count();
        for (index, structure) in structures.all.iter_mut().enumerate() {
            if builtin.contains_key(&index) || !own.contains(&index) {
                structure.places.clear();
            }
        }
    }
    let names = local_names(&structures, files, wanted, &mut plan.problems);
    let mut paths = paths(&structures, files, &names);
    for (index, path) in &builtin {
        paths[*index] = path.clone();
    }
    hand_on(plan, files, &names, &paths);
    for module in plan.modules.values_mut() {
        for field in module.structs.values_mut().flat_map(|item| &mut item.fields) {
            settle(&mut field.ty, &paths);
        }
    }
    for (structure, path) in structures.all.into_iter().zip(&paths) {
        if structure.places.is_empty() {
            continue;
        }
        let within = within(&structure.places, files);
        let module = plan.modules.entry(path.module_path.clone()).or_default();
        match structure.what {
            What::Object { mut fields, one_of, descriptions, of_fields, .. } => {
                for (field, descriptions) in fields.iter_mut().zip(&of_fields) {
                    settle(&mut field.ty, &paths);
                    field.description = docs::agreed(descriptions);
                }
                // What is said in one place alone is said of the field there, too.
                let description = docs::agreed(&descriptions).filter(|_| descriptions.len() == 1);
                let item = Struct {
                    path: path.clone(),
                    kind: None,
                    schema: None,
                    description,
                    deprecated: None,
                    fields,
                    within,
                    list_kind: None,
                    validation: None,
                    one_of,
                    availability: structure.availability,
                };
                module.structs.insert(path.name.clone(), item);
            }
            What::Enum { values } => {
                let item = enums::Enum {
                    path: path.clone(),
                    variants: enums::variants(&values, structure.availability),
                    used: within,
                    availability: structure.availability,
                };
                module.enums.insert(path.name.clone(), item);
            }
        }
    }
}

/// The structures that are reached from a kind without going through a built-in type; those among them that are built-in
/// types, too.
fn own(plan: &Plan, structures: &Structures, builtin: &BTreeMap<usize, TypePath>) -> BTreeSet<usize> {
    let fields = plan.modules.values().flat_map(|module| module.structs.values()).flat_map(|item| &item.fields);
    let mut next: Vec<usize> = fields.filter_map(|field| index_of(field.ty.generated()?)).collect();
    let mut own = BTreeSet::new();
    while let Some(index) = next.pop() {
        if !own.insert(index) || builtin.contains_key(&index) {
            continue;
        }
        if let Some(What::Object { fields, .. }) = structures.all.get(index).map(|structure| &structure.what) {
            next.extend(fields.iter().filter_map(|field| index_of(field.ty.generated()?)));
        }
    }
    own
}

/// The names of the structures in each kind's module, by the kind's schema.
type Names = BTreeMap<String, BTreeMap<usize, String>>;

fn local_names(
    structures: &Structures,
    files: &BTreeMap<String, KindFile>,
    wanted: &Wanted<'_>,
    problems: &mut Vec<String>,
) -> Names {
    let mut places: BTreeMap<&str, Vec<(&[super::Step], usize)>> = BTreeMap::new();
    // What the user calls them.
    let mut given: BTreeMap<&str, BTreeMap<usize, String>> = BTreeMap::new();
    for (index, structure) in structures.all.iter().enumerate() {
        for place in &structure.places {
            places.entry(&place.kind).or_default().push((&place.steps, index));
            let Some(name) = wanted.type_name(place) else { continue };
            let given = given.entry(&place.kind).or_default();
            let is_taken = given.iter().any(|(other, known)| *other != index && known == name)
                || files.get(&place.kind).is_some_and(|file| file.reserved.contains(name));
            if is_taken {
                problems.push(format!("{} can't be called {name}: another type is", way(place, files)));
            } else {
                given.entry(index).or_insert_with(|| name.to_owned());
            }
        }
    }
    let mut names = Names::new();
    for (schema, places) in places {
        let Some(file) = files.get(schema) else { continue };
        let given = given.remove(schema).unwrap_or_default();
        names.insert(schema.to_owned(), name::local(&file.kind, &file.reserved, &places, given));
    }
    names
}

/// The path of each structure.
fn paths(structures: &Structures, files: &BTreeMap<String, KindFile>, names: &Names) -> Vec<TypePath> {
    let mut taken: BTreeMap<ModulePath, BTreeSet<String>> = BTreeMap::new();
    let mut paths: Vec<Option<TypePath>> = vec![None; structures.all.len()];
    // What is shared is named in the order of the places, so that the order in which schemas are read does not matter.
    let mut order: Vec<(usize, &super::Place, usize)> = Vec::new();
    for (index, structure) in structures.all.iter().enumerate() {
        let first = structure.places.iter().min_by_key(|place| (place.steps.len(), *place));
        order.extend(first.map(|place| (place.steps.len(), place, index)));
    }
    order.sort();
    for (.., index) in order {
        let kinds: BTreeSet<&str> = structures.all[index].places.iter().map(|place| place.kind.as_str()).collect();
        let files: Vec<(&str, &KindFile)> =
            kinds.into_iter().filter_map(|kind| Some((kind, files.get(kind)?))).collect();
        let local = |kind: &str| names.get(kind).and_then(|names| names.get(&index)).cloned().unwrap_or_default();
        let (module_path, name) = match files.as_slice() {
            [] => continue,
            [(kind, file)] => (file.module_path(), local(kind)),
            [(_, first), rest @ ..] => {
                let one_group = rest.iter().all(|(_, file)| file.group == first.group);
                let module_path = ModulePath::Shared { group: one_group.then(|| first.group.clone()) };
                let taken = taken.entry(module_path.clone()).or_default();
                (module_path, shared_name(taken, files.iter().map(|(kind, file)| (local(kind), *file)).collect()))
            }
        };
        paths[index] = Some(TypePath { module_path, name });
    }
    paths
        .into_iter()
        .map(|path| path.unwrap_or(TypePath { module_path: ModulePath::Unplaced, name: String::new() }))
        .collect()
}

/// The name of what several kinds have: the one that most of them have for it, the shorter of two, or, if that is taken,
/// the next; then with a kind's name in front.
fn shared_name(taken: &mut BTreeSet<String>, names: Vec<(String, &KindFile)>) -> String {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in &names {
        *counted.entry(name).or_default() += 1;
    }
    let mut counted: Vec<(&str, usize)> = counted.into_iter().collect();
    counted.sort_by_key(|(name, count)| (usize::MAX - count, name.len(), *name));
    let mut candidates: Vec<String> = counted.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, file) in &names {
        if !name.starts_with(&file.kind) {
            candidates.push(crate::plan::names::type_name(&format!("{}{name}", file.kind)));
        }
    }
    let free = candidates.iter().find(|name| !taken.contains(*name)).or(candidates.first());
    crate::plan::names::unique(taken, free.cloned().unwrap_or_else(|| "Unnamed".to_owned()))
}

/// Lists, for each kind's module, what it hands on of what lives elsewhere.
fn hand_on(plan: &mut Plan, files: &BTreeMap<String, KindFile>, names: &Names, paths: &[TypePath]) {
    for (schema, file) in files {
        let module_path = file.module_path();
        let mut handed: BTreeMap<String, TypePath> = BTreeMap::new();
        for (index, name) in names.get(schema).into_iter().flatten() {
            if let Some(path) = paths.get(*index).filter(|path| path.module_path != module_path) {
                handed.insert(name.clone(), path.clone());
            }
        }
        if !handed.is_empty() {
            plan.modules.entry(module_path).or_default().handed_on = handed;
        }
    }
}

/// The kinds that a structure stands in, each with the way to it, the ones nearest to a root first.
fn within(places: &[super::Place], files: &BTreeMap<String, KindFile>) -> Vec<(String, String)> {
    let mut places: Vec<&super::Place> = places.iter().collect();
    places.sort_by_key(|place| (place.steps.len(), *place));
    let mut within: Vec<(String, String)> = Vec::new();
    for place in places {
        let Some(file) = files.get(&place.kind) else { continue };
        within.push((file.kind.clone(), place.way()));
    }
    within.dedup();
    within
}

/// A place, for people: `cert-manager.io/v1 Certificate: spec.keystores`.
pub fn way(place: &super::Place, files: &BTreeMap<String, KindFile>) -> String {
    let kind = files.get(&place.kind).map_or(place.kind.as_str(), |file| file.title.as_str());
    format!("{kind}: {}", place.way())
}

/// Puts the paths of structures in the place of provisional ones.
fn settle(ty: &mut Ty, paths: &[TypePath]) {
    match ty {
        Ty::Message(path) | Ty::Enum(path) => {
            if let Some(settled) = index_of(path).and_then(|index| paths.get(index)) {
                *path = settled.clone();
            }
        }
        Ty::List(inner) | Ty::Map(inner) | Ty::Option(inner) | Ty::Box(inner) | Ty::Nullable(inner) => {
            settle(inner, paths);
        }
        Ty::Leaf(_) | Ty::Primitive(_) | Ty::User(_) => {}
    }
}
