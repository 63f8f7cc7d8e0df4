//! What structs may derive besides.

use syn::Path;

/// What every struct has: a second implementation would not compile.
const OWN: &[&str] = &["Clone", "Debug", "Default", "Deserialize", "JsonSchema", "PartialEq", "Serialize"];

/// The trait, if a struct has it already, by whatever path it is named.
pub fn own(derive: &Path) -> Option<&'static str> {
    let name = &derive.segments.last()?.ident;
    OWN.iter().copied().find(|own| name == own)
}
