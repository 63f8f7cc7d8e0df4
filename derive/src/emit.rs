//! The code of a kind.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Path};

use crate::args::{Column, Rule, Scale};
use crate::fields::Extra;
use crate::parse::{Kind, Root};

pub fn kind(kind: &Kind) -> TokenStream {
    let krate = &kind.krate;
    let codegen: Path = syn::parse_quote!(#krate::codegen);
    let object = kind.spec.as_ref().map(|_| object(kind, &codegen));
    let impls = [
        inherent(kind, &codegen),
        message(kind, &codegen),
        resource(kind, &codegen),
        custom_resource(kind, &codegen),
        assertions(kind, &codegen),
    ];
    quote! { #object #(#impls)* }
}

/// The struct of the object.
fn object(kind: &Kind, codegen: &Path) -> TokenStream {
    let Kind { visibility, name, .. } = kind;
    let doc = if kind.description.is_empty() {
        format!("The kind `{}` of `{}/{}`.", kind.kind.value(), kind.group.value(), kind.version.value())
    } else {
        kind.description.clone()
    };
    let fields = kind.roots.iter().map(|root| {
        let Root { place, ty, optional, .. } = root;
        let doc = match place.to_string().as_str() {
            "spec" => "What is wanted.",
            _ => "What is observed; none until something was.",
        };
        let ty = if *optional { quote!(::core::option::Option<#ty>) } else { quote!(#ty) };
        quote! { #[doc = #doc] pub #place: #ty, }
    });
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::default::Default)]
        #visibility struct #name {
            /// The object's metadata: its name, labels, owners, ….
            pub metadata: #codegen::ObjectMeta,
            #(#fields)*
            /// Fields that the struct does not know, kept as they were read; with those inside of its fields.
            pub unknown_fields: #codegen::UnknownFields,
        }
    }
}

fn inherent(kind: &Kind, codegen: &Path) -> TokenStream {
    let Kind { name, visibility, .. } = kind;
    let new = kind.spec.as_ref().map(|spec| {
        quote! {
            /// An object with this name, which is to be created.
            #visibility fn new(name: impl ::core::convert::Into<#codegen::CompactString>, spec: #spec) -> Self {
                Self { metadata: #codegen::ObjectMeta::named(name), spec, ..::core::default::Default::default() }
            }
        }
    });
    quote! {
        #[allow(dead_code)]
        impl #name {
            #new

            /// The CustomResourceDefinition of the kind, with this version.
            ///
            /// # Errors
            /// If a type has no structural schema, since it contains itself, or an attribute names a field that the
            /// schema does not have.
            #visibility fn crd() -> ::core::result::Result<#codegen::CustomResourceDefinition, #codegen::CrdError> {
                #codegen::crd::<Self, _>()
            }
        }
    }
}

fn message(kind: &Kind, codegen: &Path) -> TokenStream {
    let Kind { name, group, version, kind: kind_name, roots, .. } = kind;
    let list_kind = kind.args.list_kind.as_ref().map(|list| quote!(.lists_are(#list)));
    let descs = roots.iter().map(|root| {
        let key = format!("\"{}\":", root.name);
        let presence = if root.optional { quote!(optional) } else { quote!(explicit) };
        let atomic = root.extra.is_atomic().then(|| quote!(.atomic()));
        quote! { #codegen::field(#key).#presence().kept()#atomic }
    });
    let slots = (1_usize..).zip(roots).map(|(index, Root { place, name, .. })| {
        quote! {
            #index => #codegen::Slot::Serde(#codegen::SerdeSlot::new(&mut self.#place, &mut self.unknown_fields, #name)),
        }
    });
    let values = (1_usize..).zip(roots).map(|(index, Root { place, name, optional, .. })| {
        let when = optional.then(|| quote!(if self.#place.is_some()));
        quote! {
            #index #when => #codegen::Value::Serde(#codegen::SerdeValue::new(&self.#place, &self.unknown_fields, #name)),
        }
    });
    quote! {
        impl #codegen::MessageType for #name {
            fn table() -> &'static #codegen::Descriptor {
                static TABLE: #codegen::Descriptor = #codegen::Descriptor::new(
                    ::core::stringify!(#name),
                    ::core::option::Option::Some(#codegen::Gvk { group: #group, version: #version, kind: #kind_name }),
                    &[
                        #codegen::field("\"metadata\":").message(<#codegen::ObjectMeta as #codegen::MessageType>::table),
                        #(#descs),*
                    ],
                )#list_kind;
                &TABLE
            }
        }

        impl #codegen::Message for #name {
            fn descriptor(&self) -> &'static #codegen::Descriptor {
                <Self as #codegen::MessageType>::table()
            }

            fn slot(&mut self, field: usize) -> #codegen::Slot<'_> {
                match field {
                    0 => #codegen::Field::as_slot(&mut self.metadata),
                    #(#slots)*
                    _ => #codegen::Slot::None,
                }
            }

            fn value(&self, field: usize) -> #codegen::Value<'_> {
                match field {
                    0 => #codegen::Field::as_value(&self.metadata),
                    #(#values)*
                    _ => #codegen::Value::Absent,
                }
            }

            fn unknown_fields(&self) -> &#codegen::UnknownFields {
                &self.unknown_fields
            }

            fn unknown_fields_mut(&mut self) -> &mut #codegen::UnknownFields {
                &mut self.unknown_fields
            }
        }

        #codegen::message!(#name);
    }
}

fn resource(kind: &Kind, codegen: &Path) -> TokenStream {
    let Kind { name, group, version, kind: kind_name, plural, singular, .. } = kind;
    let (short_names, categories, namespaced) = (&kind.args.short_names, &kind.args.categories, kind.args.namespaced);
    quote! {
        impl #codegen::Object for #name {
            fn metadata(&self) -> &#codegen::ObjectMeta {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut #codegen::ObjectMeta {
                &mut self.metadata
            }
        }

        impl #codegen::Resource for #name {
            const RESOURCE: &'static #codegen::ResourceDesc = &#codegen::ResourceDesc {
                group: #group,
                version: #version,
                kind: #kind_name,
                plural: #plural,
                singular: #singular,
                short_names: &[#(#short_names),*],
                categories: &[#(#categories),*],
                namespaced: #namespaced,
                served: #codegen::Served::ALWAYS,
            };
        }

        #codegen::verbs!(#name: Get, List, Watch, Create, Replace, Patch, Delete, DeleteCollection);
    }
}

fn custom_resource(kind: &Kind, codegen: &Path) -> TokenStream {
    let Kind { name, description, args, roots, .. } = kind;
    let list_kind = option(args.list_kind.as_ref());
    let warning = option(args.deprecation_warning.as_ref());
    let (storage, served, deprecated) = (args.storage, args.served, args.deprecated);
    let status = roots.iter().any(|root| root.name == "status");
    let scale = option(args.scale.as_ref().map(|scale| self::scale(scale, codegen)));
    let columns = args.columns.iter().map(|column| self::column(column, codegen));
    let rules = args.rules.iter().map(|rule| self::rule(rule, codegen));
    let selectable = &args.selectable;
    let pairs = |pairs: &[(LitStr, LitStr)]| {
        let pairs = pairs.iter().map(|(key, value)| quote!((#key, #value)));
        quote!(&[#(#pairs),*])
    };
    let (labels, annotations) = (pairs(&args.labels), pairs(&args.annotations));
    let fields = roots.iter().map(|root| {
        let ty = &root.ty;
        let inner =
            root.fields.iter().map(|(name, extra)| field(name, "", false, extra, &[], codegen)).collect::<Vec<_>>();
        let desc = field(&root.name, &root.description, !root.optional, &root.extra, &inner, codegen);
        quote! { (&#desc, generator.subschema_for::<#ty>()) }
    });
    quote! {
        impl #codegen::Defined for #name {
            const CRD: &'static #codegen::CrdDesc = &#codegen::CrdDesc {
                description: #description,
                list_kind: #list_kind,
                storage: #storage,
                served: #served,
                deprecated: #deprecated,
                deprecation_warning: #warning,
                status: #status,
                scale: #scale,
                columns: &[#(#columns),*],
                selectable: &[#(#selectable),*],
                labels: #labels,
                annotations: #annotations,
                rules: &[#(#rules),*],
            };
        }

        impl #codegen::CustomResource for #name {
            fn fields(
                generator: &mut #codegen::schemars::SchemaGenerator,
            ) -> ::std::vec::Vec<(&'static #codegen::CrdField, #codegen::schemars::Schema)> {
                ::std::vec![#(#fields),*]
            }
        }
    }
}

fn field(
    name: &str,
    description: &str,
    required: bool,
    extra: &Extra,
    fields: &[TokenStream],
    codegen: &Path,
) -> TokenStream {
    let rules = extra.rules.iter().map(|rule| self::rule(rule, codegen));
    let keywords = extra.keywords.iter().map(|(key, value)| quote!((#key, #value)));
    quote! {
        #codegen::CrdField {
            name: #name,
            description: #description,
            required: #required,
            rules: &[#(#rules),*],
            keywords: &[#(#keywords),*],
            fields: &[#(#fields),*],
        }
    }
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn scale(scale: &Scale, codegen: &Path) -> TokenStream {
    let Scale { spec, status, selector } = scale;
    let selector = option(selector.as_ref());
    quote! {
        #codegen::Scale { spec_replicas: #spec, status_replicas: #status, label_selector: #selector }
    }
}

fn column(column: &Column, codegen: &Path) -> TokenStream {
    let Column { name, kind, path, description, format, priority } = column;
    let (description, format) = (option(description.as_ref()), option(format.as_ref()));
    let priority = priority.as_ref().map_or_else(|| quote!(0), |priority| quote!(#priority));
    quote! {
        #codegen::PrinterColumn {
            name: #name,
            kind: #kind,
            json_path: #path,
            description: #description,
            format: #format,
            priority: #priority,
        }
    }
}

fn rule(rule: &Rule, codegen: &Path) -> TokenStream {
    let Rule { rule: text, optional_old_self, .. } = rule;
    let [message, message_expression, reason, field_path] =
        [&rule.message, &rule.message_expression, &rule.reason, &rule.field_path].map(|text| option(text.as_ref()));
    quote! {
        #codegen::Rule {
            rule: #text,
            message: #message,
            message_expression: #message_expression,
            reason: #reason,
            field_path: #field_path,
            optional_old_self: #optional_old_self,
        }
    }
}

/// What the types must have, so that the compiler says so where they stand.
fn assertions(kind: &Kind, codegen: &Path) -> TokenStream {
    let each = kind.roots.iter().map(|root| {
        let ty = &root.ty;
        // What is optional needs no default.
        let whole = if root.optional { quote!(::core::option::Option<#ty>) } else { quote!(#ty) };
        quote_spanned! { ty.span() => needs::<#whole>(); }
    });
    quote! {
        const _: fn() = || {
            fn needs<T: #codegen::SerdeField + #codegen::schemars::JsonSchema + ::core::clone::Clone>() {}
            #(#each)*
        };
    }
}
