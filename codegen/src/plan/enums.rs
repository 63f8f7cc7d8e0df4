//! String enums: what they are called, where they live, and what their variants are called.

use std::collections::BTreeSet;

use super::{Home, Plan, TypePath, names};

/// A string enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Where it lives and what it is called.
    pub path: TypePath,
    /// The values that are known.
    pub variants: Vec<Variant>,
    /// Where it is used first, for its description: the struct's name and the field's JSON name.
    pub used: (String, String),
}

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The name in Rust.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Finds the enum of these values under this name in its module, or makes it. `None` where the name stands for
/// something else.
pub fn intern(plan: &mut Plan, path: TypePath, values: &[String], used: (&str, &str)) -> Option<TypePath> {
    let variants = variants(values);
    let module = plan.modules.entry(path.home.clone()).or_default();
    if module.structs.contains_key(&path.name) || module.lists.contains_key(&path.name) {
        return None;
    }
    match module.enums.get(&path.name) {
        Some(known) if known.variants == variants => Some(path),
        Some(_) => None,
        None => {
            let used = (used.0.to_owned(), used.1.to_owned());
            module.enums.insert(path.name.clone(), Enum { path: path.clone(), variants, used });
            Some(path)
        }
    }
}

/// As [`intern`], under the first numbered name that fits.
pub fn intern_numbered(plan: &mut Plan, home: &Home, name: &str, values: &[String], used: (&str, &str)) -> TypePath {
    let mut number = 1;
    loop {
        let name = if number == 1 { name.to_owned() } else { format!("{name}{number}") };
        if let Some(path) = intern(plan, TypePath { home: home.clone(), name }, values, used) {
            return path;
        }
        number += 1;
    }
}

fn variants(values: &[String]) -> Vec<Variant> {
    let mut taken = BTreeSet::new();
    // The empty string is the enum's default, and needs no variant: two forms of one value would not be equal.
    let values: BTreeSet<&String> = values.iter().filter(|value| !value.is_empty()).collect();
    values
        .into_iter()
        .map(|value| Variant { name: names::unique(&mut taken, names::variant(value)), value: value.clone() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of_package("io.k8s.api.core.v1").expect("a home")
    }

    fn values(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn the_same_values_under_the_same_name_are_one_enum() {
        let mut plan = Plan::default();
        let one = intern_numbered(&mut plan, &home(), "Protocol", &values(&["TCP", "UDP"]), ("A", "a"));
        let same = intern_numbered(&mut plan, &home(), "Protocol", &values(&["UDP", "TCP"]), ("B", "b"));
        let other = intern_numbered(&mut plan, &home(), "Protocol", &values(&["SCTP"]), ("C", "c"));
        assert_eq!(one, same);
        assert_eq!(other.name, "Protocol2");
    }

    #[test]
    fn variants_that_come_out_the_same_are_numbered() {
        let names: Vec<_> =
            variants(&values(&["a-b", "a.b", "aB", ""])).into_iter().map(|variant| variant.name).collect();
        assert_eq!(names, ["AB", "AB2", "AB3"]);
    }
}
