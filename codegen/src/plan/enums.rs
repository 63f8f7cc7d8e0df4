//! String enums: what they are called, where they live, and what their variants are called.

use std::collections::{BTreeMap, BTreeSet};

use super::{Home, Plan, TypePath, names};
use crate::model::{EnumValue, Life};

/// A string enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Where it lives and what it is called.
    pub path: TypePath,
    /// The values that are known.
    pub variants: Vec<Variant>,
    /// Where it is used first, for its description: the struct's name and the field's JSON name.
    pub used: (String, String),
    /// Which of the merged minors have it: as long as anything uses it.
    pub life: Life,
}

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The name in Rust.
    pub name: String,
    /// The value.
    pub value: String,
    /// Which of the merged minors have it.
    pub life: Life,
}

/// Where an enum is used.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// The struct's name.
    pub owner: &'a str,
    /// The field's JSON name.
    pub field: &'a str,
    /// Which of the merged minors have the field.
    pub life: Life,
}

/// Finds the enum of these values under this name in its module, or makes it. `None` where the name stands for
/// something else.
pub fn intern(plan: &mut Plan, path: TypePath, values: &[EnumValue], used: Use<'_>) -> Option<TypePath> {
    let variants = variants(values, used.life);
    let module = plan.modules.entry(path.home.clone()).or_default();
    if module.structs.contains_key(&path.name) || module.lists.contains_key(&path.name) {
        return None;
    }
    match module.enums.get_mut(&path.name) {
        Some(known) => {
            let same = |(known, new): (&Variant, &Variant)| known.value == new.value;
            if known.variants.len() != variants.len() || !known.variants.iter().zip(&variants).all(same) {
                return None;
            }
            known.life = known.life.or(used.life);
            for (known, new) in known.variants.iter_mut().zip(variants) {
                known.life = known.life.or(new.life);
            }
            Some(path)
        }
        None => {
            let life = used.life;
            let used = (used.owner.to_owned(), used.field.to_owned());
            module.enums.insert(path.name.clone(), Enum { path: path.clone(), variants, used, life });
            Some(path)
        }
    }
}

/// As [`intern`], under the first numbered name that fits.
pub fn intern_numbered(plan: &mut Plan, home: &Home, name: &str, values: &[EnumValue], used: Use<'_>) -> TypePath {
    let mut number = 1;
    loop {
        let name = if number == 1 { name.to_owned() } else { format!("{name}{number}") };
        if let Some(path) = intern(plan, TypePath { home: home.clone(), name }, values, used) {
            return path;
        }
        number += 1;
    }
}

fn variants(values: &[EnumValue], life: Life) -> Vec<Variant> {
    let mut taken = BTreeSet::new();
    // The empty string is the enum's default, and needs no variant: two forms of one value would not be equal.
    let values: BTreeMap<&String, Life> =
        values.iter().filter(|value| !value.value.is_empty()).map(|value| (&value.value, value.life)).collect();
    values
        .into_iter()
        .map(|(value, own)| Variant {
            name: names::unique(&mut taken, names::variant(value)),
            value: value.clone(),
            life: own.within(life),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of_package("io.k8s.api.core.v1").expect("a home")
    }

    fn values(values: &[&str]) -> Vec<EnumValue> {
        values.iter().map(|value| EnumValue { value: (*value).to_owned(), life: Life::default() }).collect()
    }

    fn used(since: u32) -> Use<'static> {
        Use { owner: "A", field: "a", life: Life { since, until: None } }
    }

    #[test]
    fn the_same_values_under_the_same_name_are_one_enum() {
        let mut plan = Plan::default();
        let one = intern_numbered(&mut plan, &home(), "Protocol", &values(&["TCP", "UDP"]), used(36));
        let same = intern_numbered(&mut plan, &home(), "Protocol", &values(&["UDP", "TCP"]), used(35));
        let other = intern_numbered(&mut plan, &home(), "Protocol", &values(&["SCTP"]), used(36));
        assert_eq!(one, same);
        assert_eq!(other.name, "Protocol2");
        let one = &plan.modules[&home()].enums["Protocol"];
        assert_eq!(one.life.since, 35, "an enum is as old as the oldest field that has it");
        assert!(one.variants.iter().all(|variant| variant.life.since == 35), "{one:?}");
    }

    #[test]
    fn variants_that_come_out_the_same_are_numbered() {
        let names: Vec<_> = variants(&values(&["a-b", "a.b", "aB", ""]), Life::default())
            .into_iter()
            .map(|variant| variant.name)
            .collect();
        assert_eq!(names, ["AB", "AB2", "AB3"]);
    }
}
