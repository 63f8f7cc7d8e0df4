//! `#[kubewright(…)]` on a struct, as it is read.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Error, Ident, LitBool, LitInt, LitStr, Path, Result, Token, Type, parenthesized};

use crate::names;

/// The attributes of a kind.
pub struct Args {
    pub group: Option<LitStr>,
    pub version: Option<LitStr>,
    pub kind: Option<LitStr>,
    pub plural: Option<LitStr>,
    pub singular: Option<LitStr>,
    pub list_kind: Option<LitStr>,
    pub short_names: Vec<LitStr>,
    pub categories: Vec<LitStr>,
    pub namespaced: bool,
    pub status: Option<Type>,
    pub scale: Option<Scale>,
    pub columns: Vec<Column>,
    pub selectable: Vec<LitStr>,
    pub rules: Vec<Rule>,
    pub deprecated: bool,
    pub deprecation_warning: Option<LitStr>,
    pub storage: bool,
    pub served: bool,
    pub labels: Vec<(LitStr, LitStr)>,
    pub annotations: Vec<(LitStr, LitStr)>,
    pub doc: Option<LitStr>,
    pub name: Option<Ident>,
    pub object: bool,
    pub krate: Option<Path>,
    /// The keys that may stand but once, as they came.
    seen: Vec<String>,
}

pub struct Scale {
    pub spec: LitStr,
    pub status: LitStr,
    pub selector: Option<LitStr>,
}

pub struct Column {
    pub name: LitStr,
    pub kind: LitStr,
    pub path: LitStr,
    pub description: Option<LitStr>,
    pub format: Option<LitStr>,
    pub priority: Option<LitInt>,
}

pub struct Rule {
    pub rule: LitStr,
    pub message: Option<LitStr>,
    pub message_expression: Option<LitStr>,
    pub reason: Option<LitStr>,
    pub field_path: Option<LitStr>,
    pub optional_old_self: bool,
}

const REASONS: &[&str] = &["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];
const COLUMN_TYPES: &[&str] = &["integer", "number", "string", "boolean", "date"];

/// Keys that may come more than once.
const REPEATED: &[&str] = &["shortname", "category", "printcolumn", "selectable", "validation", "label", "annotation"];

impl Args {
    pub fn read(attributes: &[syn::Attribute]) -> Result<Self> {
        let mut args = Args {
            group: None,
            version: None,
            kind: None,
            plural: None,
            singular: None,
            list_kind: None,
            short_names: Vec::new(),
            categories: Vec::new(),
            namespaced: false,
            status: None,
            scale: None,
            columns: Vec::new(),
            selectable: Vec::new(),
            rules: Vec::new(),
            deprecated: false,
            deprecation_warning: None,
            storage: true,
            served: true,
            labels: Vec::new(),
            annotations: Vec::new(),
            doc: None,
            name: None,
            object: false,
            krate: None,
            seen: Vec::new(),
        };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("kubewright")) {
            attribute.parse_nested_meta(|meta| args.one(&meta))?;
        }
        Ok(args)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = key(meta);
        if !REPEATED.contains(&key.as_str()) {
            if self.seen.contains(&key) {
                return Err(meta.error(format!("`{key}` stands twice")));
            }
            self.seen.push(key.clone());
        }
        match key.as_str() {
            "group" => {
                self.group = Some(checked(
                    meta,
                    names::is_group,
                    "a group: labels with dots between, such as `sea.example.com`",
                )?)
            }
            "version" => self.version = Some(checked(meta, names::is_version, "a version, such as `v1` or `v1beta1`")?),
            "kind" => self.kind = Some(checked(meta, names::is_kind, "a kind: letters and digits, such as `Ferry`")?),
            "plural" => self.plural = Some(label(meta)?),
            "singular" => self.singular = Some(label(meta)?),
            "list_kind" => self.list_kind = Some(checked(meta, names::is_kind, "a kind, such as `FerryList`")?),
            "shortname" => self.short_names.push(label(meta)?),
            "category" => self.categories.push(label(meta)?),
            "namespaced" => self.namespaced = flag(meta)?,
            "status" => self.status = Some(type_of(meta)?),
            "scale" => self.scale = Some(scale(meta)?),
            "printcolumn" => self.columns.push(column(meta)?),
            "selectable" => self.selectable.push(checked(meta, is_path, "a path, such as `.spec.color`")?),
            "validation" => self.rules.push(rule(meta)?),
            "deprecated" => {
                self.deprecated = true;
                if meta.input.peek(Token![=]) {
                    self.deprecation_warning = Some(meta.value()?.parse()?);
                }
            }
            "storage" => self.storage = flag(meta)?,
            "served" => self.served = flag(meta)?,
            "label" => self.labels.push(pair(meta)?),
            "annotation" => self.annotations.push(pair(meta)?),
            "doc" => self.doc = Some(meta.value()?.parse()?),
            "struct" => self.name = Some(name(meta)?),
            "object" => self.object = flag(meta)?,
            "crate" => self.krate = Some(path(meta)?),
            _ => {
                return Err(meta.error(format!(
                    "there is no attribute `{key}`. There are: group, version, kind, plural, singular, list_kind, shortname, \
                     category, namespaced, status, scale, printcolumn, selectable, validation, deprecated, storage, \
                     served, label, annotation, doc, struct, object, crate"
                )));
            }
        }
        Ok(())
    }
}

/// The key of an attribute. `type` and `crate` are keys though they are keywords.
pub fn key(meta: &ParseNestedMeta<'_>) -> String {
    let segments = meta.path.segments.iter();
    segments.map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

pub fn checked(meta: &ParseNestedMeta<'_>, is_one: fn(&str) -> bool, what: &str) -> Result<LitStr> {
    let text: LitStr = meta.value()?.parse()?;
    if is_one(&text.value()) { Ok(text) } else { Err(Error::new(text.span(), format!("expected {what}"))) }
}

fn label(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    checked(meta, names::is_label, "lower-case letters, digits and dashes, at most 63")
}

fn is_path(path: &str) -> bool {
    path.starts_with('.') && path.len() > 1 && !path.ends_with('.') && !path.contains("..")
}

/// A flag: alone, or with `= true` or `= false`.
pub fn flag(meta: &ParseNestedMeta<'_>) -> Result<bool> {
    if !meta.input.peek(Token![=]) {
        return Ok(true);
    }
    Ok(meta.value()?.parse::<LitBool>()?.value)
}

/// A type, as it is or in quotes.
fn type_of(meta: &ParseNestedMeta<'_>) -> Result<Type> {
    let value = meta.value()?;
    if value.peek(LitStr) { value.parse::<LitStr>()?.parse() } else { value.parse() }
}

fn path(meta: &ParseNestedMeta<'_>) -> Result<Path> {
    let value = meta.value()?;
    let text = value.peek(LitStr).then(|| value.parse::<LitStr>()).transpose()?;
    text.map_or_else(|| value.call(Path::parse_mod_style), |text| text.parse_with(Path::parse_mod_style))
}

fn name(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let value = meta.value()?;
    if value.peek(LitStr) { value.parse::<LitStr>()?.parse() } else { value.parse() }
}

fn pair(meta: &ParseNestedMeta<'_>) -> Result<(LitStr, LitStr)> {
    let inner;
    parenthesized!(inner in meta.input);
    let key = inner.parse()?;
    if inner.peek(Token![,]) {
        inner.parse::<Token![,]>()?;
    } else {
        inner.parse::<Token![=]>()?;
    }
    let value = inner.parse()?;
    inner.parse::<Option<Token![,]>>()?;
    if !inner.is_empty() {
        return Err(inner.error("expected a key and a value"));
    }
    Ok((key, value))
}

fn wanted<T>(value: Option<T>, key: &str, at: Span) -> Result<T> {
    value.ok_or_else(|| Error::new(at, format!("`{key}` is missing")))
}

fn scale(meta: &ParseNestedMeta<'_>) -> Result<Scale> {
    let (mut spec, mut status, mut selector) = (None, None, None);
    let at = meta.path.span();
    let under_spec = |path: &str| path.starts_with(".spec.") && is_path(path);
    let under_status = |path: &str| path.starts_with(".status.") && is_path(path);
    meta.parse_nested_meta(|meta| {
        match key(&meta).as_str() {
            "spec_replicas_path" => {
                spec = Some(checked(&meta, under_spec, "a path under `.spec`, such as `.spec.replicas`")?)
            }
            "status_replicas_path" => {
                status = Some(checked(&meta, under_status, "a path under `.status`, such as `.status.replicas`")?);
            }
            "label_selector_path" => {
                let under = |path: &str| (path.starts_with(".spec.") || path.starts_with(".status.")) && is_path(path);
                selector =
                    Some(checked(&meta, under, "a path under `.status` or `.spec`, such as `.status.selector`")?);
            }
            _ => return Err(meta.error("expected spec_replicas_path, status_replicas_path or label_selector_path")),
        }
        Ok(())
    })?;
    Ok(Scale {
        spec: wanted(spec, "spec_replicas_path", at)?,
        status: wanted(status, "status_replicas_path", at)?,
        selector,
    })
}

fn column(meta: &ParseNestedMeta<'_>) -> Result<Column> {
    let (mut name, mut kind, mut path, mut description, mut format, mut priority) =
        (None, None, None, None, None, None);
    let at = meta.path.span();
    meta.parse_nested_meta(|meta| {
        match key(&meta).as_str() {
            "name" => name = Some(meta.value()?.parse()?),
            "type" | "type_" => {
                let is_one = |kind: &str| COLUMN_TYPES.contains(&kind);
                kind = Some(checked(&meta, is_one, "one of integer, number, string, boolean, date")?);
            }
            "json_path" => {
                path = Some(checked(&meta, |path| path.starts_with('.'), "a path, such as `.spec.replicas`")?)
            }
            "description" => description = Some(meta.value()?.parse()?),
            "format" => format = Some(meta.value()?.parse()?),
            "priority" => {
                let number: LitInt = meta.value()?.parse()?;
                number.base10_parse::<u16>().map_err(|_| Error::new(number.span(), "expected a number from 0 on"))?;
                priority = Some(number);
            }
            _ => return Err(meta.error("expected name, type, json_path, description, format or priority")),
        }
        Ok(())
    })?;
    let (name, kind) = (wanted(name, "name", at)?, wanted(kind, "type", at)?);
    Ok(Column { name, kind, path: wanted(path, "json_path", at)?, description, format, priority })
}

/// A rule: its expression alone, or with what goes with it.
pub fn rule(meta: &ParseNestedMeta<'_>) -> Result<Rule> {
    let full = |text: &str| !text.trim().is_empty();
    let new = |rule| Rule {
        rule,
        message: None,
        message_expression: None,
        reason: None,
        field_path: None,
        optional_old_self: false,
    };
    if meta.input.peek(Token![=]) {
        return Ok(new(checked(meta, full, "an expression in CEL")?));
    }
    let at = meta.path.span();
    let (mut rule, mut rest) = (None, new(LitStr::new("", at)));
    meta.parse_nested_meta(|meta| {
        match key(&meta).as_str() {
            "rule" => rule = Some(checked(&meta, full, "an expression in CEL")?),
            "message" => rest.message = Some(checked(&meta, |text| !text.contains('\n'), "a message in one line")?),
            "message_expression" => rest.message_expression = Some(checked(&meta, full, "an expression in CEL")?),
            "reason" => {
                let is_one = |reason: &str| REASONS.contains(&reason);
                let what = "FieldValueInvalid, FieldValueForbidden, FieldValueRequired or FieldValueDuplicate";
                rest.reason = Some(checked(&meta, is_one, what)?);
            }
            "field_path" => rest.field_path = Some(checked(&meta, is_path, "a path, such as `.name`")?),
            "optional_old_self" => rest.optional_old_self = flag(&meta)?,
            _ => {
                let keys = "rule, message, message_expression, reason, field_path or optional_old_self";
                return Err(meta.error(format!("expected {keys}")));
            }
        }
        Ok(())
    })?;
    Ok(Rule { rule: wanted(rule, "rule", at)?, ..rest })
}
