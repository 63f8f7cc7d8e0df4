//! Structs that would contain themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, Ty, TypePath};

/// Puts a pointer where a struct would contain itself without one. Such a value could neither be stored nor made, so
/// the field becomes optional whatever the documents say.
pub fn break_up(plan: &mut Plan) {
    let mut inline: BTreeMap<TypePath, BTreeSet<TypePath>> = BTreeMap::new();
    for item in plan.modules.values().flat_map(|module| module.structs.values()) {
        let contained = item.fields.iter().filter_map(|field| field.ty.inline().cloned()).collect();
        inline.insert(item.path.clone(), contained);
    }
    for item in plan.modules.values_mut().flat_map(|module| module.structs.values_mut()) {
        for field in &mut item.fields {
            if let Some(contained) = field.ty.inline()
                && reaches(&inline, contained, &item.path)
            {
                let ty = std::mem::replace(&mut field.ty, Ty::JSON);
                field.ty = ty.optional();
                if let Some(contained) = inline.get_mut(&item.path) {
                    contained.retain(|known| field.ty.message() != Some(known));
                }
            }
        }
    }
}

fn reaches(inline: &BTreeMap<TypePath, BTreeSet<TypePath>>, from: &TypePath, to: &TypePath) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(path) = next.pop() {
        if path == to {
            return true;
        }
        next.extend(inline.get(path).into_iter().flatten().filter(|path| seen.insert(path)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Field, ModulePath, Struct, Wire};

    fn path(name: &str) -> TypePath {
        TypePath { module_path: ModulePath::Meta, name: name.into() }
    }

    fn add(plan: &mut Plan, name: &str, fields: &[(&str, Ty)]) {
        let field = |(ident, ty): &(&str, Ty)| Field {
            json: (*ident).into(),
            ident: (*ident).into(),
            ty: ty.clone(),
            required: true,
            explicit: false,
            kept: false,
            secret: false,
            number: 0,
            wire: Wire::Plain,
            implicit: false,
            merge: Default::default(),
            atomic_items: false,
            patch_merge_key: None,
            default: None,
            description: None,
            restrictions: None,
            deprecated: false,
            availability: Default::default(),
        };
        let item = Struct {
            path: path(name),
            kind: None,
            schema: None,
            description: None,
            deprecated: None,
            fields: fields.iter().map(field).collect(),
            within: Vec::new(),
            list_kind: None,
            validation: None,
            one_of: Vec::new(),
            availability: Default::default(),
        };
        plan.modules.entry(ModulePath::Meta).or_default().structs.insert(name.into(), item);
    }

    #[test]
    fn a_struct_that_contains_itself_does_so_behind_one_pointer() {
        let mut plan = Plan::default();
        let inline = |name| Ty::Message(path(name));
        add(&mut plan, "A", &[("b", inline("B")), ("leaf", inline("Leaf"))]);
        add(&mut plan, "B", &[("a", inline("A")), ("list", Ty::List(Box::new(inline("B"))))]);
        add(&mut plan, "Leaf", &[]);
        break_up(&mut plan);
        let structs = &plan.modules[&ModulePath::Meta].structs;
        let pointers: Vec<_> =
            structs.values().flat_map(|item| &item.fields).filter(|field| field.ty.is_optional()).collect();
        assert_eq!(pointers.len(), 1, "one pointer breaks the circle: {pointers:?}");
        assert_eq!(structs["A"].fields[1].ty, inline("Leaf"));
        assert_eq!(structs["B"].fields[1].ty, Ty::List(Box::new(inline("B"))), "a list is a pointer already");
    }
}
