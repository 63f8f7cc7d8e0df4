//! String enums: what they are called, where they live, and what their variants are called.

use std::collections::{BTreeMap, BTreeSet};

use super::{ModulePath, Plan, TypePath, names};
use crate::model::{Availability, EnumValue};

/// A string enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Where it lives and what it is called.
    pub path: TypePath,
    /// The values that are known.
    pub variants: Vec<Variant>,
    /// Where it is used, for its description: the struct's name and the field's JSON name, or a custom kind's and the way
    /// to the field. Of Go's types the first place alone.
    pub used: Vec<(String, String)>,
    /// Which of the merged minors have it: as long as anything uses it.
    pub availability: Availability,
}

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The name in Rust.
    pub name: String,
    /// The value.
    pub value: String,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// Where an enum is used.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// The struct's name.
    pub owner: &'a str,
    /// The field's JSON name.
    pub field: &'a str,
    /// Which of the merged minors have the field.
    pub availability: Availability,
}

/// Finds the enum of these values under this name in its module, or makes it. `None` where the name stands for
/// something else.
pub fn intern(plan: &mut Plan, path: TypePath, values: &[EnumValue], used: Use<'_>) -> Option<TypePath> {
    let variants = variants(values, used.availability);
    let module = plan.modules.entry(path.module_path.clone()).or_default();
    if module.structs.contains_key(&path.name) || module.lists.contains_key(&path.name) {
        return None;
    }
    match module.enums.get_mut(&path.name) {
        Some(known) => {
            let same = |(known, new): (&Variant, &Variant)| known.value == new.value;
            if known.variants.len() != variants.len() || !known.variants.iter().zip(&variants).all(same) {
                return None;
            }
            known.availability = known.availability.or(used.availability);
            for (known, new) in known.variants.iter_mut().zip(variants) {
                known.availability = known.availability.or(new.availability);
            }
            Some(path)
        }
        None => {
            let availability = used.availability;
            let used = vec![(used.owner.to_owned(), used.field.to_owned())];
            module.enums.insert(path.name.clone(), Enum { path: path.clone(), variants, used, availability });
            Some(path)
        }
    }
}

/// As [`intern`], under the first numbered name that fits.
pub fn intern_numbered(
    plan: &mut Plan,
    module_path: &ModulePath,
    name: &str,
    values: &[EnumValue],
    used: Use<'_>,
) -> TypePath {
    let mut number = 1;
    loop {
        let name = if number == 1 { name.to_owned() } else { format!("{name}{number}") };
        if let Some(path) = intern(plan, TypePath { module_path: module_path.clone(), name }, values, used) {
            return path;
        }
        number += 1;
    }
}

pub(super) fn variants(values: &[EnumValue], availability: Availability) -> Vec<Variant> {
    let mut taken = BTreeSet::new();
    // The empty string is the enum's default, and needs no variant: two forms of one value would not be equal.
    let values: BTreeMap<&String, Availability> =
        values.iter().filter(|value| !value.value.is_empty()).map(|value| (&value.value, value.availability)).collect();
    values
        .into_iter()
        .map(|(value, own)| Variant {
            name: names::unique(&mut taken, names::variant(value)),
            value: value.clone(),
            availability: own.within(availability),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module_path() -> ModulePath {
        ModulePath::of_package("io.k8s.api.core.v1").expect("a module_path")
    }

    fn values(values: &[&str]) -> Vec<EnumValue> {
        values
            .iter()
            .map(|value| EnumValue { value: (*value).to_owned(), availability: Availability::default() })
            .collect()
    }

    fn used(since: u32) -> Use<'static> {
        Use { owner: "A", field: "a", availability: Availability { since, until: None } }
    }

    #[test]
    fn the_same_values_under_the_same_name_are_one_enum() {
        let mut plan = Plan::default();
        let one = intern_numbered(&mut plan, &module_path(), "Protocol", &values(&["TCP", "UDP"]), used(36));
        let same = intern_numbered(&mut plan, &module_path(), "Protocol", &values(&["UDP", "TCP"]), used(35));
        let other = intern_numbered(&mut plan, &module_path(), "Protocol", &values(&["SCTP"]), used(36));
        assert_eq!(one, same);
        assert_eq!(other.name, "Protocol2");
        let one = &plan.modules[&module_path()].enums["Protocol"];
        assert_eq!(one.availability.since, 35, "an enum is as old as the oldest field that has it");
        assert!(one.variants.iter().all(|variant| variant.availability.since == 35), "{one:?}");
    }

    #[test]
    fn variants_that_come_out_the_same_are_numbered() {
        let names: Vec<_> = variants(&values(&["a-b", "a.b", "aB", ""]), Availability::default())
            .into_iter()
            .map(|variant| variant.name)
            .collect();
        assert_eq!(names, ["AB", "AB2", "AB3"]);
    }
}
