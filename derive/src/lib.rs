//! `#[derive(CustomResource)]`: a Rust struct becomes a kind of Kubernetes and its CustomResourceDefinition.
//!
//! Use it through `kubewright` with the feature `derive`; `docs/derive.md` in the repository has every attribute.

mod args;
mod emit;
mod fields;
mod names;
mod parse;

use proc_macro::TokenStream;

/// Makes a kind of a struct: its `spec`, or with `#[kubewright(object)]` the whole object.
///
/// ```ignore
/// use kubewright::CustomResource;
/// use kubewright::schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// /// A ferry and where it goes.
/// #[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
/// #[kubewright(group = "sea.example.com", version = "v1", kind = "Ferry", namespaced, status = FerryStatus)]
/// #[serde(rename_all = "camelCase")]
/// struct FerrySpec {
///     route: String,
///     decks: Option<u8>,
/// }
/// ```
///
/// It makes the struct `Ferry` with `metadata`, `spec`, `status` and `unknown_fields`, with which `Api<Ferry>` works, and
/// `Ferry::crd()`.
///
/// # On the struct: `#[kubewright(…)]`
/// - `group = "…"`, `version = "…"`, `kind = "…"`: required.
/// - `plural`, `singular`, `list_kind = "…"`; `shortname`, `category = "…"`, each as often as wanted; `namespaced`.
/// - `status = Type`: the subresource `status`.
/// - `scale(spec_replicas_path = ".spec.…", status_replicas_path = ".status.…", label_selector_path = "…")`.
/// - `printcolumn(name = "…", type = "…", json_path = "…", description = "…", format = "…", priority = 0)`.
/// - `selectable = ".spec.…"`: a field that field selectors may name.
/// - `validation = "CEL"`, or `validation(rule = "CEL", message = "…", message_expression = "CEL", reason = "…",
///   field_path = "…", optional_old_self)`: a rule for the whole object.
/// - `deprecated`, `deprecated = "warning"`; `served = false`; `storage = false`.
/// - `label("key", "value")`, `annotation("key", "value")`: of the CRD.
/// - `struct = Name`: what the kind's struct is called; `doc = "…"`: what stands for its doc comment.
/// - `object`: the struct is the whole object. `crate = path`: where `kubewright` or `kubewright-core` is.
///
/// # On fields
/// `validation` as above; `list_type = "atomic" | "set" | "map"` with `list_map_keys("…")`; `map_type = "atomic" |
/// "granular"`; `int_or_string`; `embedded_resource`; `preserve_unknown_fields`; `rename = "…"` with `object` alone.
#[proc_macro_derive(CustomResource, attributes(kubewright))]
pub fn custom_resource(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    match parse::kind(input) {
        Ok(kind) => emit::kind(&kind),
        Err(error) => error.into_compile_error(),
    }
    .into()
}
