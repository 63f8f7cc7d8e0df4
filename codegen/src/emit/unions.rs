//! Enums that show which field of an object is set, where exactly one is. The fields stay what they are: nothing that an
//! object has besides is lost.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    doc::{self, code},
    file::File,
};
use crate::plan::{Struct, Ty, names};

/// What stands for a union.
pub struct Union {
    /// The enum, which is generic over what it holds, so that one enum shows references, and holds values.
    definition: TokenStream,
    /// The methods of the struct.
    methods: TokenStream,
}

/// A field of which one alone is set.
struct Arm<'a> {
    json: &'a str,
    field: Ident,
    variant: Ident,
    /// What is in the field, without the option and the box around it.
    ty: &'a Ty,
    is_boxed: bool,
}

/// The enum of a struct, and the methods that have it; `None` if it is no union.
pub fn emit(file: &File<'_>, item: &Struct) -> Option<Union> {
    let arms = arms(item)?;
    let names = &file.names;
    let std = |name: &str, path: TokenStream| names.std(name, path);
    let option = std("Option", quote!(::std::option::Option));
    let (some, none) =
        (std("Some", quote!(::std::option::Option::Some)), std("None", quote!(::std::option::Option::None)));
    let boxed = std("Box", quote!(::std::boxed::Box));
    let own = format_ident!("{}", item.path.name);
    let listed = arms.iter().map(|arm| format!("`{}`", code(arm.json))).collect::<Vec<_>>().join(", ");

    let title = doc::attributes(&format!("The field of [`{own}`](super::{own}) that is set: one of {listed}."));
    let variants: Vec<&Ident> = arms.iter().map(|arm| &arm.variant).collect();
    let docs = arms.iter().map(|arm| doc::attributes(&format!("`{}`.", code(arm.json))));
    let definition = quote! {
        #title
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum #own<#(#variants),*> { #(#docs #variants(#variants)),* }
    };

    let fields: Vec<&Ident> = arms.iter().map(|arm| &arm.field).collect();
    let types: Vec<TokenStream> = arms.iter().map(|arm| names.ty(arm.ty)).collect();
    let sets = arms.iter().map(|Arm { field, variant, is_boxed, .. }| {
        let value = if *is_boxed { quote!(#boxed::new(value)) } else { quote!(value) };
        quote!(unions::#own::#variant(value) => self.#field = #some(#value),)
    });
    let shows = arms.iter().map(|Arm { field, variant, is_boxed, .. }| {
        let value = if *is_boxed { quote!(&**value) } else { quote!(value) };
        quote! {
            if let #some(value) = &self.#field {
                set += 1;
                one = #some(unions::#own::#variant(#value));
            }
        }
    });
    let getter = doc::attributes(&format!(
        "Returns the field that is set, of {listed}. `None` if none is, or more than one, which the API server rejects."
    ));
    let setter = doc::attributes(&format!("Sets one of {listed}, and removes the others."));
    let methods = quote! {
        impl #own {
            #getter
            pub fn one_of(&self) -> #option<unions::#own<#(&#types),*>> {
                let (mut set, mut one) = (0, #none);
                #(#shows)*
                if set == 1 { one } else { #none }
            }
            #setter
            pub fn set_one_of(&mut self, one: unions::#own<#(#types),*>) {
                #(self.#fields = #none;)*
                match one { #(#sets)* }
            }
        }
    };
    Some(Union { definition, methods })
}

/// The methods, and the module of the enums. `handed` are those of shared types that the file hands on: their module, their
/// names there and here.
pub fn module(unions: Vec<Union>, handed: &[(&'static str, String, String)]) -> Option<TokenStream> {
    if unions.is_empty() && handed.is_empty() {
        return None;
    }
    let mut methods = Vec::new();
    let mut definitions = Vec::new();
    for union in unions {
        methods.push(union.methods);
        definitions.push(union.definition);
    }
    let mut by_module: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for (module, there, here) in handed {
        let (there, here) = (format_ident!("{there}"), format_ident!("{here}"));
        let name = if there == here { quote!(#there) } else { quote!(#there as #here) };
        by_module.entry(module).or_default().push(name);
    }
    // The module is one level further down.
    let uses = by_module.into_iter().filter_map(|(module, names)| {
        let path: syn::Path = syn::parse_str(&format!("super::{module}::unions")).ok()?;
        Some(quote!(pub use #path::{#(#names),*};))
    });
    Some(quote! {
        #(#methods)*
        /// Which field is set, of objects in which exactly one is.
        pub mod unions { #(#uses)* #(#definitions)* }
    })
}

fn arms(item: &Struct) -> Option<Vec<Arm<'_>>> {
    let mut taken = BTreeSet::new();
    let arms: Option<Vec<Arm<'_>>> = item
        .one_of
        .iter()
        .map(|json| {
            let field = item.fields.iter().find(|field| field.json == *json)?;
            // Anything else has another way to be absent.
            let Ty::Option(inner) = &field.ty else { return None };
            let (ty, is_boxed) = match &**inner {
                Ty::Box(inner) => (&**inner, true),
                other => (other, false),
            };
            let variant = names::unique(&mut taken, names::variant(json));
            let (field, variant) = (format_ident!("{}", field.ident), format_ident!("{variant}"));
            Some(Arm { json, field, variant, ty, is_boxed })
        })
        .collect();
    arms.filter(|arms| arms.len() > 1)
}
