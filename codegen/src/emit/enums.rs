//! String enums, as text: prettyplease does not print the syntax of `open_enum!`.

use super::{
    doc::{code, comment},
    file::File,
    gate::feature,
};
use crate::{model::Availability, plan::Enum};

/// The enum.
pub fn emit(file: &File<'_>, item: &Enum) -> String {
    let gates = &file.gates;
    let mut text = gates.cfg_line(item.availability, file.availability, "");
    text.push_str("open_enum! {\n");
    let told =
        gates.told(item.availability, Availability::default()).map(|told| format!(" {told}")).unwrap_or_default();
    text.push_str(&comment(&format!("The values of {}.{told}", used(&item.used)), "    "));
    text.push_str(&gates.deprecated_line(item.availability, file.availability, "    "));
    text.push_str(&format!("    pub enum {} {{\n", item.path.name));
    for variant in &item.variants {
        let value = format!("{:?}", variant.value);
        let shown = code(&variant.value);
        let doc = if shown.is_empty() { "The empty string.".to_owned() } else { format!("`{shown}`.") };
        let told =
            gates.told(variant.availability, item.availability).map(|told| format!(" {told}")).unwrap_or_default();
        text.push_str(&comment(&format!("{doc}{told}"), "        "));
        text.push_str(&gates.deprecated_line(variant.availability, item.availability, "        "));
        // The feature stands behind the value: the macro needs it for more than the variant.
        let gate = gates.since(variant.availability, item.availability);
        let gate = gate.map(|since| format!(" if {:?}", feature(since))).unwrap_or_default();
        text.push_str(&format!("        {} = {value}{gate},\n", variant.name));
    }
    text.push_str("    }\n}\n");
    text
}

/// The fields that have an enum.
fn used(used: &[(String, String)]) -> String {
    let name = |(owner, field): &(String, String)| format!("{owner}'s `{}`", code(field));
    match used {
        [] => "a field".to_owned(),
        [one] => name(one),
        [first, second] => format!("{} and {}", name(first), name(second)),
        [first, rest @ ..] => format!("{} and {} other fields", name(first), rest.len()),
    }
}
