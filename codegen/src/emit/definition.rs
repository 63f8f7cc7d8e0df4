//! What a CustomResourceDefinition says of a kind beside its schema.

use std::collections::BTreeSet;

use heck::ToShoutySnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{
    doc::{self, code},
    file::File,
};
use crate::{
    documents::{Definition, ScalePaths},
    plan::{Handle, names},
};

/// The impls of a kind whose definition is known.
pub fn emit(file: &File<'_>, handle: &Handle) -> TokenStream {
    let Some(definition) = &handle.resource.definition else { return TokenStream::new() };
    let names = &file.names;
    let object = names.path(&handle.object);
    let (defined, desc) = (names.rt("Defined"), names.rt("CrdDesc"));
    let mut facts = Vec::new();
    // Beside what `CrdDesc::NEW` says.
    if !definition.storage {
        facts.push(quote!(storage: false));
    }
    if let Some(warning) = &definition.deprecated {
        let some = names.std("Some", quote!(::std::option::Option::Some));
        facts.push(quote!(deprecated: true));
        facts.push(quote!(deprecation_warning: #some(#warning)));
    }
    if definition.status {
        facts.push(quote!(status: true));
    }
    if let Some(scale) = &definition.scale {
        let scale = self::scale(file, scale);
        facts.push(quote!(scale: #scale));
    }
    if !definition.columns.is_empty() {
        let columns = columns(file, definition);
        facts.push(quote!(columns: &[#(#columns),*]));
    }
    if !definition.selectable.is_empty() {
        let paths = &definition.selectable;
        facts.push(quote!(selectable: &[#(#paths),*]));
    }
    // Most definitions say one thing or another.
    let facts = if facts.is_empty() { quote!(#desc::NEW) } else { quote!(#desc { #(#facts,)* ..#desc::NEW }) };
    let selectable = selectable(file, handle, definition);
    quote! {
        impl #defined for #object { const CRD: &'static #desc = &#facts; }
        #selectable
    }
}

/// The attribute that warns of a kind that is deprecated.
pub fn deprecated(handle: &Handle) -> TokenStream {
    let warning = handle.resource.definition.as_ref().and_then(|definition| definition.deprecated.as_ref());
    warning.map(|warning| quote!(#[deprecated(note = #warning)])).unwrap_or_default()
}

/// What is said of a version in the docs of its handle.
pub fn describe(definition: &Definition) -> String {
    let mut text = String::new();
    if definition.storage {
        text.push_str(" Objects are stored in this version.");
    }
    if let Some(warning) = &definition.deprecated {
        text.push_str(&format!("\n\n**Deprecated**: {}", doc::sanitize(warning)));
    }
    text
}

fn scale(file: &File<'_>, scale: &ScalePaths) -> TokenStream {
    let ScalePaths { spec, status, selector } = scale;
    let (ty, some) = (file.names.rt("Scale"), file.names.std("Some", quote!(::std::option::Option::Some)));
    let selector = option(file, selector.as_ref());
    quote!(#some(#ty { spec_replicas: #spec, status_replicas: #status, label_selector: #selector }))
}

fn columns(file: &File<'_>, definition: &Definition) -> Vec<TokenStream> {
    let ty = file.names.rt("PrinterColumn");
    let column = |column: &crate::documents::Column| {
        let crate::documents::Column { name, kind, format, description, priority, path } = column;
        let (format, description) = (option(file, format.as_ref()), option(file, description.as_ref()));
        quote! {
            #ty { name: #name, kind: #kind, json_path: #path, description: #description, format: #format, priority: #priority }
        }
    };
    definition.columns.iter().map(column).collect()
}

fn option(file: &File<'_>, text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => {
            let some = file.names.std("Some", quote!(::std::option::Option::Some));
            quote!(#some(#text))
        }
        None => file.names.std("None", quote!(::std::option::Option::None)),
    }
}

/// A constant for each field that field selectors may name: `SPEC_COLOR`.
fn selectable(file: &File<'_>, handle: &Handle, definition: &Definition) -> Option<TokenStream> {
    if definition.selectable.is_empty() {
        return None;
    }
    let (object, ty) = (file.names.path(&handle.object), file.names.rt("SelectableField"));
    let mut taken = BTreeSet::new();
    let fields = definition.selectable.iter().map(|path| {
        let name = path.trim_start_matches('.');
        let ident = names::unique(&mut taken, name.to_shouty_snake_case());
        let ident = format_ident!("{ident}");
        let docs = doc::attributes(&format!("`{}`, for field selectors.", code(name)));
        quote!(#docs pub const #ident: #ty = #ty::new(#name);)
    });
    Some(quote!(impl #object { #(#fields)* }))
}
