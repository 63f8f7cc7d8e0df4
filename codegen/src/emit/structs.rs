//! Structs and their tables.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{
    doc::{self, code},
    file::File,
    gate::cfg_text,
};
use crate::{
    model::{Availability, Gvk, MergeRule},
    plan::{Field, ModulePath, Struct, Ty, Wire},
};

/// A struct.
pub fn emit(file: &File<'_>, item: &Struct) -> TokenStream {
    let names = &file.names;
    let name = format_ident!("{}", item.path.name);
    let docs = doc::attributes(&describe(file, item));
    let (cfg, deprecated) = (
        file.gates.cfg(item.availability, file.availability),
        file.gates.deprecated(item.availability, file.availability),
    );
    let fields = item.fields.iter().map(|field| {
        let docs = doc::attributes(&describe_field(file, item, field));
        let gate = file.gates.attributes(field.availability, item.availability);
        let ident = format_ident!("{}", field.ident);
        let ty = names.within(field.availability, || names.ty(&field.ty));
        quote!(#docs #gate pub #ident: #ty,)
    });
    let unknown = names.rt("UnknownFields");
    let kept = doc::attributes(if item.fields.iter().any(|field| field.kept) {
        "Unknown fields, and values that the fields above can't represent, preserved as they were read."
    } else {
        "Unknown fields, preserved as they were read."
    });
    let derives: Vec<syn::Path> =
        file.options.derives.iter().filter_map(|derive| syn::parse_str(derive).ok()).collect();
    let object = item.is_object().then(|| {
        let (object, meta) = (names.rt("Object"), names.rt("ObjectMeta"));
        quote! {
            #cfg
            impl #object for #name {
                fn metadata(&self) -> &#meta { &self.metadata }
                fn metadata_mut(&mut self) -> &mut #meta { &mut self.metadata }
            }
        }
    });
    quote! {
        #docs
        #cfg
        #deprecated
        #[derive(Clone, Default #(, #derives)*)]
        pub struct #name {
            #(#fields)*
            #kept
            pub unknown_fields: #unknown,
        }
        #object
    }
}

/// A struct's table, as text: prettyplease does not print the syntax of `table!`.
pub fn table(file: &File<'_>, item: &Struct) -> String {
    let mut text =
        format!("{}table! {{ {}", file.gates.cfg_line(item.availability, file.availability, ""), item.path.name);
    if let Some(Gvk { group, version, kind }) = &item.kind {
        let lists = item.list_kind.as_ref().map(|lists| format!(", {lists:?}")).unwrap_or_default();
        text.push_str(&format!("({group:?}, {version:?}, {kind:?}{lists})"));
    }
    text.push(':');
    // What newer minors added stands at the end, the oldest first: features imply those of older minors, so an index is
    // the right one whichever are on.
    // What stands on serde comes last.
    let mut fields: Vec<&Field> = item.fields.iter().collect();
    fields.sort_by_key(|field| (field.ty.is_of_user(), file.gates.since(field.availability, item.availability)));
    for (index, field) in fields.into_iter().enumerate() {
        let gate = file.gates.since(field.availability, item.availability).map(|since| format!("{} ", cfg_text(since)));
        let entry = file.names.within(field.availability, || entry(file, field, item.availability));
        let serde = if field.ty.is_of_user() { "serde " } else { "" };
        text.push_str(&format!("\n    {}{serde}{index} {}{entry};", gate.unwrap_or_default(), field.ident));
    }
    text.push_str(if item.fields.is_empty() { " }\n" } else { "\n}\n" });
    text
}

/// What the schema of a custom kind checks.
pub fn validation(item: &Struct) -> Option<String> {
    let table = item.validation.as_ref()?;
    // As many marks around a raw text as it needs.
    let marks = (1..).map(|count| "#".repeat(count)).find(|marks| !table.contains(&format!("\"{marks}")))?;
    Some(format!("validation! {{ {}, r{marks}\"\n{table}\"{marks} }}\n", item.path.name))
}

/// What the table says of a field.
fn entry(file: &File<'_>, field: &Field, availability: Availability) -> String {
    // A key is compared with the text of a document, so it is escaped as JSON does, and then as Rust does.
    let json = serde_json::Value::from(field.json.as_str()).to_string();
    let mut facts = Vec::new();
    // What is required with a default is an `Option`, and not written unless it is there.
    if field.ty.is_optional() {
        facts.push("optional: true".to_owned());
    } else if field.required {
        facts.push("required: true".to_owned());
    }
    if field.explicit {
        facts.push("explicit: true".to_owned());
    }
    if field.kept {
        facts.push("kept: true".to_owned());
    }
    if field.secret {
        facts.push("secret: true".to_owned());
    }
    if field.number > 0 {
        facts.push(format!("number: {}", field.number));
    }
    let rt = |name: &str| file.names.rt(name).to_string().replace(' ', "");
    match &field.wire {
        Wire::Plain => {}
        Wire::Within(path) => facts.push(format!("wire: {}::Within(&{path:?})", rt("Wire"))),
        Wire::Wrapped => facts.push(format!("wire: {}::Wrapped", rt("Wire"))),
        Wire::Schema(variant, path) => {
            facts.push(format!("wire: {}::{variant}(|| Box::new({}::default()))", rt("Wire"), file.names.path(path)));
        }
    }
    if field.implicit && field.ty.is_optional() {
        facts.push("implicit: true".to_owned());
    }
    if let Some(since) = file.gates.since(field.availability, availability) {
        facts.push(format!("since: {}", since));
    }
    if let Some(path) = field.ty.message() {
        facts.push(format!("message: Some({}::table)", file.names.path(path).to_string().replace(' ', "")));
    }
    match &field.merge {
        MergeRule::Unset => {}
        MergeRule::Atomic => facts.push(format!("list: {}::Atomic", rt("ListType"))),
        MergeRule::Set => facts.push(format!("list: {}::Set", rt("ListType"))),
        MergeRule::Map(keys) => facts.push(format!("list: {}::Map(&{keys:?})", rt("ListType"))),
    }
    if field.atomic_items {
        facts.push("atomic_items: true".to_owned());
    }
    if let Some(key) =
        field.patch_merge_key.as_deref().filter(|key| field.merge != MergeRule::Map(vec![(*key).to_owned()]))
    {
        facts.push(format!("patch_merge_key: Some({key:?})"));
    }
    // Each fact ends with a comma: the macro puts them into a struct literal as they are.
    let facts: String = facts.iter().map(|fact| format!("{fact}, ")).collect();
    let is_some = match &field.ty {
        ty if !ty.is_of_user() || !ty.is_optional() => "",
        _ => " if ::core::option::Option::is_some",
    };
    format!(" {:?}{is_some} {{ {facts}}}", &json[1..json.len() - 1])
}

/// What is known of a struct.
fn describe(file: &File<'_>, item: &Struct) -> String {
    let mut text = match (&item.kind, item.within.as_slice()) {
        (Some(kind), _) => format!("`{}` {}.", kind.group_version(), kind.kind),
        (None, [(owner, field)]) => format!("The `{}` of {owner}.", code(field)),
        (None, [(owner, field), (other, last)]) => {
            format!("The `{}` of {owner}, and the `{}` of {other}.", code(field), code(last))
        }
        (None, [(owner, field), rest @ ..]) => {
            format!("The `{}` of {owner}, and of {} other fields.", code(field), rest.len())
        }
        (None, []) => format!("{} of `{}`.", item.path.name, file.title(&item.path.module_path)),
    };
    if let Some(description) = &item.description {
        text.push_str("\n\n");
        text.push_str(&doc::sanitize(description));
    }
    // The last minor that has it: its page is the last that shows it.
    let mut pages = file.plan.minors.iter().rev().filter(|_| file.plan.pinned);
    let page = pages.find(|minor| item.availability.until.is_none_or(|until| **minor < until));
    if let (Some(minor), Some(anchor)) = (page, anchor(file, item)) {
        text.push_str(&format!(
            "\n\n<https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.{minor}/#{anchor}>"
        ));
    }
    if let Some(told) = file.gates.told(item.availability, Availability::default()) {
        text.push_str(&format!("\n\n{told}"));
    }
    if let Some(told) = &item.deprecated {
        text.push_str(&format!("\n\n{told}"));
    }
    text
}

/// Where a type is on the reference page of its minor: `deployment-v1-apps`.
fn anchor(file: &File<'_>, item: &Struct) -> Option<String> {
    item.schema.as_ref()?;
    let name = item.path.name.to_lowercase();
    if item.path.module_path == ModulePath::Meta {
        return Some(format!("{name}-v1-meta"));
    }
    let group_version = file.plan.modules.get(&item.path.module_path)?.group_version.as_ref()?;
    let group = if group_version.group.is_empty() { "core".to_owned() } else { group_version.group.replace('.', "-") };
    Some(format!("{name}-{}-{group}", group_version.version))
}

/// What is known of a field.
fn describe_field(file: &File<'_>, item: &Struct, field: &Field) -> String {
    let mut text = format!("`{}`", code(&field.json));
    if field.required {
        text.push_str(", required");
    }
    match &field.merge {
        MergeRule::Unset => {}
        MergeRule::Atomic => text.push_str(", atomic"),
        MergeRule::Set => text.push_str(", a set"),
        MergeRule::Map(keys) => {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{}`", code(key))).collect();
            text.push_str(&format!(", keyed by {}", keys.join(", ")));
        }
    }
    if let Some(default) = field.default.as_ref().filter(|_| field.ty.is_optional() || is_default_told(field)) {
        let default = code(&default.to_string());
        if default.len() <= 80 {
            text.push_str(&format!("; defaults to `{default}`"));
        }
    }
    text.push('.');
    if let Some(told) = file.gates.told(field.availability, item.availability) {
        text.push_str(&format!(" {told}"));
    }
    if let Some(restrictions) = &field.restrictions {
        text.push_str(&format!(" {}", doc::sanitize(restrictions)));
    }
    if field.deprecated {
        text.push_str(" **Deprecated.**");
    }
    if let Some(description) = &field.description {
        text.push_str("\n\n");
        text.push_str(&doc::sanitize(description));
    }
    text
}

/// Whether the default of a plain field is worth telling: a zero is not.
fn is_default_told(field: &Field) -> bool {
    let zero = match &field.default {
        Some(serde_json::Value::Object(object)) => object.is_empty(),
        Some(serde_json::Value::Array(list)) => list.is_empty(),
        Some(serde_json::Value::String(text)) => text.is_empty(),
        Some(serde_json::Value::Bool(flag)) => !flag,
        Some(serde_json::Value::Number(number)) => number.as_f64() == Some(0.0),
        _ => true,
    };
    !zero && !matches!(field.ty, Ty::Option(_))
}
