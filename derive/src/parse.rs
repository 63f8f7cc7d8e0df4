//! What is derived, as it is read and checked.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, LitStr, Path, Result, Type, Visibility};

use crate::args::Args;
use crate::fields::{self, Extra};
use crate::names;

/// A kind, with all that is known of it.
pub struct Kind {
    pub args: Args,
    pub krate: Path,
    pub visibility: Visibility,
    pub name: Ident,
    pub group: LitStr,
    pub version: LitStr,
    pub kind: LitStr,
    pub plural: String,
    pub singular: String,
    pub description: String,
    /// The fields beside `metadata` and `unknown_fields`.
    pub roots: Vec<Root>,
    /// The type of the spec, where the struct of the object is to be made.
    pub spec: Option<Type>,
}

/// A field of the object's top level.
pub struct Root {
    pub place: Ident,
    pub name: String,
    /// The type of the value, without the `Option` around it.
    pub ty: Type,
    pub optional: bool,
    pub description: String,
    pub extra: Extra,
    /// The fields inside that have something to say.
    pub fields: Vec<(String, Extra)>,
}

pub fn kind(input: DeriveInput) -> Result<Kind> {
    let args = Args::read(&input.attrs)?;
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &input.generics,
            "a kind has no type parameters: the API server knows one of it",
        ));
    }
    let missing = |key: &str, example: &str| {
        Error::new(input.ident.span(), format!("`{key}` is missing: #[kubewright({key} = \"{example}\")]"))
    };
    let group = args.group.clone().ok_or_else(|| missing("group", "sea.example.com"))?;
    let version = args.version.clone().ok_or_else(|| missing("version", "v1"))?;
    let kind = args.kind.clone().ok_or_else(|| missing("kind", "Ferry"))?;
    let approved = args.annotations.iter().any(|(key, _)| key.value() == "api-approved.kubernetes.io");
    if names::is_protected(&group.value()) && !approved {
        let why = "groups of the Kubernetes project are protected: the API server asks for \
                   annotation(\"api-approved.kubernetes.io\", \"https://…\")";
        return Err(Error::new(group.span(), why));
    }
    if args.selectable.len() > 8 {
        return Err(Error::new(args.selectable[8].span(), "a version has at most 8 selectable fields"));
    }
    if let (Some(warning), false) = (&args.deprecation_warning, args.deprecation_warning.as_ref().is_none_or(is_line)) {
        return Err(Error::new(warning.span(), "expected one line of at most 256 bytes"));
    }
    let singular = args.singular.as_ref().map_or_else(|| kind.value().to_lowercase(), LitStr::value);
    let plural = args.plural.as_ref().map_or_else(|| names::plural(&singular), LitStr::value);
    let description = args.doc.as_ref().map_or_else(|| fields::doc(&input.attrs), LitStr::value);
    let krate = args.krate.clone().unwrap_or_else(|| syn::parse_quote!(::kubewright));
    let (name, roots, spec) = if args.object { object(&input, &args)? } else { of_spec(&input, &args, &kind)? };
    let visibility = input.vis;
    Ok(Kind { args, krate, visibility, name, group, version, kind, plural, singular, description, roots, spec })
}

fn is_line(text: &LitStr) -> bool {
    let text = text.value();
    !text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control)
}

type Parts = (Ident, Vec<Root>, Option<Type>);

fn of_spec(input: &DeriveInput, args: &Args, kind: &LitStr) -> Result<Parts> {
    let named: Vec<&Field> = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => named.named.iter().collect(),
            other => {
                let at = if other.is_empty() { input.ident.span() } else { other.span() };
                return Err(Error::new(at, "a spec is an object: a struct with named fields, or an enum"));
            }
        },
        Data::Enum(_) => Vec::new(),
        Data::Union(data) => {
            return Err(Error::new(data.union_token.span(), "a spec is a struct with named fields, or an enum"));
        }
    };
    let rule = fields::rename_rule(&input.attrs);
    let mut inner = Vec::new();
    for field in named {
        let extra = Extra::read(field)?;
        if let Some(rename) = &extra.rename {
            return Err(Error::new(rename.span(), "a field of a spec is renamed by `#[serde(rename = \"…\")]`"));
        }
        if let (false, Some(name)) = (extra.is_empty(), fields::serde_name(field, rule.as_deref())) {
            inner.push((name, extra));
        }
    }
    let name = args.name.clone().map_or_else(|| ident(kind), Ok)?;
    if name == input.ident {
        let why =
            format!("the kind's struct is called `{name}`, too: call this one `{name}Spec`, or say `struct = Other`");
        return Err(Error::new(input.ident.span(), why));
    }
    let spec: Type = {
        let ident = &input.ident;
        syn::parse_quote!(#ident)
    };
    let mut roots = vec![Root {
        place: Ident::new("spec", Span::call_site()),
        name: "spec".into(),
        ty: spec.clone(),
        optional: false,
        description: String::new(),
        extra: Extra::default(),
        fields: inner,
    }];
    roots.extend(args.status.clone().map(|ty| Root {
        place: Ident::new("status", Span::call_site()),
        name: "status".into(),
        ty,
        optional: true,
        description: String::new(),
        extra: Extra::default(),
        fields: Vec::new(),
    }));
    Ok((name, roots, Some(spec)))
}

fn ident(kind: &LitStr) -> Result<Ident> {
    let error = |_| Error::new(kind.span(), "the kind is no name of a struct: say `struct = Name` beside it");
    syn::parse_str::<Ident>(&kind.value()).map(|ident| Ident::new(&ident.to_string(), kind.span())).map_err(error)
}

fn object(input: &DeriveInput, args: &Args) -> Result<Parts> {
    let Data::Struct(syn::DataStruct { fields: Fields::Named(named), .. }) = &input.data else {
        return Err(Error::new(input.ident.span(), "a whole object is a struct with named fields"));
    };
    if let Some(name) = &args.name {
        return Err(Error::new(name.span(), "`struct` is for a struct that is made, and with `object` yours is it"));
    }
    if let Some(status) = &args.status {
        let why = "with `object`, the subresource `status` comes with a field `status: Option<Type>`";
        return Err(Error::new_spanned(status, why));
    }
    for (field, ty) in [("metadata", "ObjectMeta"), ("unknown_fields", "UnknownFields")] {
        if !named.named.iter().any(|own| own.ident.as_ref().is_some_and(|ident| ident == field)) {
            return Err(Error::new(input.ident.span(), format!("a whole object needs the field `pub {field}: {ty}`")));
        }
    }
    let mut roots: Vec<Root> = Vec::new();
    for field in &named.named {
        let Some(place) = field.ident.clone() else { continue };
        let extra = Extra::read(field)?;
        if place == "metadata" || place == "unknown_fields" {
            if !extra.is_empty() {
                return Err(Error::new(place.span(), "the field is the API server's, and has no attributes"));
            }
            continue;
        }
        if let Some(serde) = field.attrs.iter().find(|attribute| attribute.path().is_ident("serde")) {
            let why = "a whole object is not read by serde: `#[kubewright(rename = \"…\")]` renames a field";
            return Err(Error::new_spanned(serde, why));
        }
        let own = place.to_string();
        let own = own.strip_prefix("r#").unwrap_or(&own);
        let name = extra.rename.as_ref().map(LitStr::value).or_else(|| names::renamed(own, "camelCase"));
        let name = name.unwrap_or_else(|| own.to_owned());
        if matches!(name.as_str(), "apiVersion" | "kind" | "metadata") || roots.iter().any(|root| root.name == name) {
            return Err(Error::new(place.span(), format!("there is a field `{name}` already")));
        }
        let inner = fields::option(&field.ty);
        if name == "status" && inner.is_none() {
            return Err(Error::new_spanned(&field.ty, "a status is an `Option`: new objects have none"));
        }
        roots.push(Root {
            place,
            name,
            ty: inner.unwrap_or(&field.ty).clone(),
            optional: inner.is_some(),
            description: fields::doc(&field.attrs),
            extra,
            fields: Vec::new(),
        });
    }
    Ok((input.ident.clone(), roots, None))
}
