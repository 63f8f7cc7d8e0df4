//! The changes that were made to a value, made to the document that it was read from.

use serde_json::Value as Json;
use serde_json::value::RawValue;

/// How many pairs of items of two lists are compared to find those that have only moved.
const COMPARED: usize = 1 << 16;

/// What tells an item of a list from the others, by custom.
const IDENTITY: &[&str] = &["name", "key", "id"];

/// The document that was read, with the changes that lead from `base`, which is what the type wrote of it then, to `new`,
/// which it writes now.
///
/// What did not change stands as it was read, letter by letter, and what is in neither, since the type does not know it,
/// stays. Of a list, an item that did not change is found by its value; one that did, by its name (`name`, `key` or
/// `id`), or by its place if it has none and the list is as long as it was.
pub(super) fn merge(new: &Json, base: &Json, read: &str) -> String {
    if new == base {
        return read.to_owned();
    }
    match (new, base) {
        (Json::Object(new), Json::Object(base)) => object(new, base, read),
        (Json::Array(new), Json::Array(base)) => array(new, base, read),
        _ => None,
    }
    .unwrap_or_else(|| new.to_string())
}

type Object = serde_json::Map<String, Json>;

/// `None` if what was read is no object.
fn object(new: &Object, base: &Object, read: &str) -> Option<String> {
    let read: Members<'_> = serde_json::from_str(read).ok()?;
    let mut out = String::from("{");
    let mut member = |key: &str, value: &str| {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&Json::from(key).to_string());
        out.push(':');
        out.push_str(value);
    };
    for (key, text) in &read.0 {
        match (new.get(key), base.get(key)) {
            (Some(new), Some(base)) => member(key, &merge(new, base, text.get())),
            (Some(new), None) => member(key, &new.to_string()),
            // Taken away since.
            (None, Some(_)) => {}
            (None, None) => member(key, text.get()),
        }
    }
    for (key, value) in new {
        // What the type writes of its own accord was not there, and is not now.
        if base.get(key) != Some(value) && !read.0.iter().any(|(known, _)| known == key) {
            member(key, &value.to_string());
        }
    }
    out.push('}');
    Some(out)
}

/// `None` if what was read is no list, or the type does not write an item for each of it.
fn array(new: &[Json], base: &[Json], read: &str) -> Option<String> {
    let read: Vec<&RawValue> = serde_json::from_str(read).ok()?;
    if read.len() != base.len() {
        return None;
    }
    let pairs = pairs(new, base);
    let mut out = String::from("[");
    for (index, (item, pair)) in new.iter().zip(pairs).enumerate() {
        if index > 0 {
            out.push(',');
        }
        match pair.and_then(|index| Some((base.get(index)?, read.get(index)?))) {
            Some((base, read)) => out.push_str(&merge(item, base, read.get())),
            None => out.push_str(&item.to_string()),
        }
    }
    out.push(']');
    Some(out)
}

/// For each item of a list, the one that it was before.
fn pairs(new: &[Json], base: &[Json]) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = new.iter().enumerate().map(|(at, item)| unchanged(at, item, base)).collect();
    let mut free: Vec<usize> = (0..base.len()).filter(|index| pairs.get(*index) != Some(&Some(*index))).collect();
    let left = pairs.iter().filter(|pair| pair.is_none()).count();
    if left.saturating_mul(free.len()) > COMPARED {
        return pairs;
    }
    let mut pair_up = |is_it: &dyn Fn(usize, usize) -> bool| {
        for (at, pair) in pairs.iter_mut().enumerate().filter(|(_, pair)| pair.is_none()) {
            if let Some(found) = free.iter().position(|index| is_it(at, *index)) {
                *pair = Some(free.remove(found));
            }
        }
    };
    pair_up(&|at, index| new[at] == base[index]);
    pair_up(&|at, index| match (identity(&new[at]), identity(&base[index])) {
        (Some(new), Some(base)) => new == base,
        (None, None) => at == index && new.len() == base.len(),
        _ => false,
    });
    pairs
}

fn unchanged(at: usize, item: &Json, base: &[Json]) -> Option<usize> {
    (base.get(at) == Some(item)).then_some(at)
}

fn identity(item: &Json) -> Option<(&str, &Json)> {
    IDENTITY.iter().find_map(|key| Some((*key, item.get(key)?)))
}

/// The members of an object in the order in which they stand, the values as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members: Vec<(String, &RawValue)> = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
