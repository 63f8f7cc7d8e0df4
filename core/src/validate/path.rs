//! Field paths.

/// A named field of an object.
pub fn field(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A key of a map.
pub fn key(path: &str, key: &str) -> String {
    format!("{path}[{key}]")
}

/// An item of a list.
pub fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
