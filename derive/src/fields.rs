//! The fields of a struct, and what `#[kubewright(…)]` says on them.

use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprLit, Field, GenericArgument, Lit, LitStr, Meta, PathArguments, Result, Token, Type, parenthesized,
};

use crate::args::{self, Rule};
use crate::names;

/// What a field's attributes say of it beyond its type.
#[derive(Default)]
pub struct Extra {
    pub rules: Vec<Rule>,
    /// Keywords of the schema, with their values as JSON.
    pub keywords: Vec<(&'static str, String)>,
    pub rename: Option<LitStr>,
}

impl Extra {
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.keywords.is_empty()
    }

    /// Whether server-side apply owns the field as a whole.
    pub fn is_atomic(&self) -> bool {
        self.keywords.iter().any(|(key, value)| {
            matches!(*key, "x-kubernetes-map-type" | "x-kubernetes-list-type") && value == "\"atomic\""
        })
    }

    pub fn read(field: &Field) -> Result<Self> {
        let mut extra = Extra::default();
        let mut keys = None;
        let mut list_type: Option<LitStr> = None;
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("kubewright")) {
            attribute.parse_nested_meta(|meta| {
                let one_of = |is_one, what| args::checked(&meta, is_one, what);
                match args::key(&meta).as_str() {
                    "validation" => extra.rules.push(args::rule(&meta)?),
                    "list_type" => {
                        let is_one = |kind: &str| matches!(kind, "atomic" | "set" | "map");
                        list_type = Some(one_of(is_one, "`atomic`, `set` or `map`")?);
                    }
                    "map_type" => {
                        let is_one = |kind: &str| matches!(kind, "atomic" | "granular");
                        let kind = one_of(is_one, "`atomic` or `granular`")?;
                        extra.keywords.push(("x-kubernetes-map-type", quoted(&kind.value())));
                    }
                    "list_map_keys" => {
                        let inner;
                        parenthesized!(inner in meta.input);
                        let all = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
                        if all.is_empty() {
                            return Err(meta.error("expected a key or more, such as `list_map_keys(\"name\")`"));
                        }
                        let all: Vec<String> = all.iter().map(|key| quoted(&key.value())).collect();
                        extra.keywords.push(("x-kubernetes-list-map-keys", format!("[{}]", all.join(","))));
                        keys = Some(meta.path.clone());
                    }
                    "int_or_string" if args::flag(&meta)? => {
                        extra.keywords.push(("x-kubernetes-int-or-string", "true".into()));
                    }
                    "embedded_resource" if args::flag(&meta)? => {
                        extra.keywords.push(("x-kubernetes-embedded-resource", "true".into()));
                    }
                    "preserve_unknown_fields" if args::flag(&meta)? => {
                        extra.keywords.push(("x-kubernetes-preserve-unknown-fields", "true".into()));
                    }
                    "int_or_string" | "embedded_resource" | "preserve_unknown_fields" => {}
                    "rename" => extra.rename = Some(meta.value()?.parse()?),
                    key => {
                        return Err(meta.error(format!(
                            "there is no attribute `{key}` of a field. There are: validation, list_type, list_map_keys, \
                             map_type, int_or_string, embedded_resource, preserve_unknown_fields, rename"
                        )));
                    }
                }
                Ok(())
            })?;
        }
        let is_map = list_type.as_ref().is_some_and(|kind| kind.value() == "map");
        match (&list_type, &keys) {
            (Some(kind), None) if is_map => {
                return Err(Error::new(kind.span(), "a list of the type `map` needs `list_map_keys(\"…\")`"));
            }
            (_, Some(keys)) if !is_map => {
                return Err(Error::new_spanned(keys, "keys are for lists with `list_type = \"map\"`"));
            }
            _ => {}
        }
        extra.keywords.extend(list_type.map(|kind| ("x-kubernetes-list-type", quoted(&kind.value()))));
        Ok(extra)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What is inside an `Option`, as far as a macro can see one.
pub fn option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// The text of doc comments.
pub fn doc(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> =
        lines.map(|line| line.strip_prefix(' ').map_or(line.clone(), str::to_owned).trim_end().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// What serde calls the fields of a struct, when it reads them.
pub fn rename_rule(attributes: &[syn::Attribute]) -> Option<String> {
    serde_text(attributes, "rename_all")
}

/// What serde calls a field, when it reads it; `None` where it skips it.
pub fn serde_name(field: &Field, rule: Option<&str>) -> Option<String> {
    if let Some(name) = serde_text(&field.attrs, "rename") {
        return Some(name);
    }
    let name = field.ident.as_ref()?.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    Some(rule.and_then(|rule| names::renamed(name, rule)).unwrap_or_else(|| name.to_owned()))
}

/// The text of an attribute of serde or schemars, whose own word goes first. Errors are theirs to report.
fn serde_text(attributes: &[syn::Attribute], wanted: &str) -> Option<String> {
    let mut found = None;
    for owner in ["serde", "schemars"] {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(owner)) {
            let _ = attribute.parse_nested_meta(|meta| {
                let is_it = meta.path.is_ident(wanted);
                if meta.input.peek(Token![=]) {
                    let value: Expr = meta.value()?.parse()?;
                    if let (true, Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = (is_it, value) {
                        found = Some(text.value());
                    }
                } else if meta.input.peek(syn::token::Paren) {
                    meta.parse_nested_meta(|inner| {
                        let value =
                            if inner.input.peek(Token![=]) { Some(inner.value()?.parse::<Expr>()?) } else { None };
                        if let (true, true, Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. }))) =
                            (is_it, inner.path.is_ident("deserialize"), value)
                        {
                            found = Some(text.value());
                        }
                        Ok(())
                    })?;
                }
                Ok(())
            });
        }
    }
    found
}
