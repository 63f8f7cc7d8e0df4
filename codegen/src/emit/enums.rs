//! String enums, as text: prettyplease does not print the syntax of `open_enum!`.

use super::doc::comment;
use crate::plan::Enum;

/// The enum.
pub fn emit(item: &Enum) -> String {
    let (owner, field) = &item.used;
    let mut text = String::from("open_enum! {\n");
    text.push_str(&comment(&format!("The values of {owner}'s `{field}`."), "    "));
    text.push_str(&format!("    pub enum {} {{\n", item.path.name));
    for variant in &item.variants {
        let value = format!("{:?}", variant.value);
        let shown = variant.value.replace('`', "'");
        let doc = if shown.is_empty() { "The empty string.".to_owned() } else { format!("`{shown}`.") };
        text.push_str(&comment(&doc, "        "));
        text.push_str(&format!("        {} = {value},\n", variant.name));
    }
    text.push_str("    }\n}\n");
    text
}
