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
