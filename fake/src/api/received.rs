//! Reading an object: that of a request, or what a patch makes of a present one. What the kind doesn't have is taken out, and told.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::begin::Sight;
use super::findings::{Sent, warnings};
use super::negotiate::Encoding;
use super::write::Writing;
use crate::builtin::{self, Formless};
use crate::catalog::as_go_writes_version;
use crate::exponents;
use crate::objects::{self, Unfit};
use crate::quoted::quoted;
use crate::status::{About, Cause, Status};
use crate::strict;

/// The media type of strategic merge patches.
pub(super) const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// The start of a body, as errors quote it: what is no JSON by its bytes.
fn summary(body: &[u8]) -> String {
    const SHOWN: usize = 30;
    let start = body.get(..SHOWN).unwrap_or(body);
    let rest = if body.len() > SHOWN { " ..." } else { "" };
    match body.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{rest}", String::from_utf8_lossy(start)),
        Some(_) => start.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + rest,
    }
}

/// What a schema has to say about the object of a request.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Validation {
    Ignore,
    Warn,
    Strict,
}

/// Where an object is from that is read.
pub(super) enum Origin {
    /// A client.
    Sent(Sent),
    /// A patch of a present object; with what errors quote, and what was found in the patch itself.
    Patched { quoted: String, found: Vec<String> },
}

impl<S: Sight> Writing<'_, S> {
    /// The media type of the body.
    pub fn media_type(&self) -> &str {
        self.call.header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim()
    }

    /// Reads the body, and takes out what the kind doesn't have.
    pub fn received(&mut self) -> Result<Value, Status> {
        let encoding = Encoding::of_body(self.call.header(CONTENT_TYPE)).ok_or_else(|| {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf";
            Status::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("UnsupportedMediaType"), message)
        })?;
        let mut object = self.call.object(encoding)?;
        let sent = Sent::new(encoding, &self.call.body, &object);
        if sent.is_doubled && self.resource.custom().is_none() {
            object = strict::merged(&self.call.body, self.resource.schema()).unwrap_or(object);
        }
        if encoding == Encoding::Json && self.resource.custom().is_none() {
            exponents::keep(&mut object, &self.call.body, self.resource.schema());
        }
        if object.is_null() && self.resource.custom().is_none() {
            // As Go reads null: an object in which nothing is set.
            object = json!({});
        }
        if !object.is_object() {
            return Err(Status::bad_request("the object provided is unrecognized: it is no object"));
        }
        for name in ["apiVersion", "kind"] {
            if let Some(found) = objects::kind_of(&object[name]).filter(|found| *found != "string") {
                return Err(Status::bad_request(format!(
                    "the object provided is unrecognized (must be of type {}): couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go struct field .{name} of type string",
                    self.resource.kind
                )));
            }
        }
        self.check_kind(&object, self.resource.custom().is_some())?;
        object["apiVersion"] = json!(self.resource.api_version());
        object["kind"] = json!(self.resource.kind);
        self.fit(&mut object, Origin::Sent(sent))?;
        Ok(object)
    }

    pub(super) fn check_kind(&self, object: &Value, is_required: bool) -> Result<(), Status> {
        let text = |name: &str| object[name].as_str().unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let is_it = |given: &str, wanted: &str| given == wanted || (given.is_empty() && !is_required);
        if is_it(api_version, &self.resource.api_version()) && is_it(kind, &self.resource.kind) {
            return Ok(());
        }
        if api_version.is_empty() && kind.is_empty() {
            let (body, wanted) = (&self.call.body, &self.resource.kind);
            let sent = match body.first() {
                Some(b'{') => String::from_utf8_lossy(body).into_owned(),
                _ => object.to_string(),
            };
            return Err(Status::bad_request(format!(
                "the object provided is unrecognized (must be of type {wanted}): Object 'Kind' is missing in '{sent}' ({})",
                summary(body)
            )));
        }
        let api_version = as_go_writes_version(api_version);
        Err(Status::bad_request(format!("invalid object type: {api_version}, Kind={kind}")))
    }

    /// Takes out what the kind doesn't have, and warns of it.
    pub(super) fn fit(&mut self, object: &mut Value, origin: Origin) -> Result<(), Status> {
        let kind = &self.resource.kind;
        let schema = self.resource.schema();
        let is_typed = matches!(&origin, Origin::Sent(sent) if sent.is_typed);
        let unfit = match self.resource.custom() {
            Some(_) => objects::fit_custom(object, schema),
            None if is_typed && builtin::has_all_fields_of(self.resource, object) => Unfit::default(),
            None => objects::fit(object, schema),
        };
        // What a definition says of types is checked later, with all else that it says.
        let is_read = |path: &str| self.resource.custom().is_none() || path.starts_with("metadata");
        if let Some((path, expected, found)) = unfit.mistyped.filter(|(path, ..)| is_read(path)) {
            let why = format!("json: cannot unmarshal {found} into Go struct field {kind}.{path} of type {expected}");
            return Err(self.refused(&origin, why));
        }
        self.read_forms(object).map_err(|why| why.into_status(|why| self.refused(&origin, why)))?;
        if self.resource.custom().is_some() {
            objects::as_go_writes(&mut object["metadata"], schema.field("metadata"));
        }
        let validation = self.validation()?;
        if validation == Validation::Ignore {
            return Ok(());
        }
        let found = match &origin {
            Origin::Sent(sent) => self.found_in_object(*sent, &unfit.unknown),
            Origin::Patched { found, .. } => {
                let mut unknown = unfit.unknown;
                if self.media_type() == STRATEGIC {
                    unknown.sort_unstable();
                }
                found.iter().cloned().chain(self.unknown_fields(&unknown)).collect()
            }
        };
        if validation == Validation::Strict && !found.is_empty() {
            return Err(self.refused(&origin, format!("strict decoding error: {}", found.join(", "))));
        }
        self.warnings.extend(found.iter().flat_map(|finding| warnings(finding)));
        Ok(())
    }

    /// Checks that a patched custom resource is one of its kind still.
    pub(super) fn check_patched_custom_kind(&self, object: &mut Value, name: &str) -> Result<(), Status> {
        let wanted = [("apiVersion", self.resource.api_version()), ("kind", self.resource.kind.clone())];
        let wrong = wanted.iter().find(|(field, wanted)| object[*field].as_str().is_some_and(|found| found != wanted));
        let Some((field, wanted)) = wrong else { return Ok(()) };
        let kind = object["kind"].as_str().unwrap_or_default();
        let cause = Cause::invalid(*field, &object[*field], &format!("must be {wanted}"));
        Err(Status::invalid(About { group: &self.resource.group, kind, name }, &[cause]))
    }

    /// Reads quantities, times and data; of a custom resource, those of its metadata.
    fn read_forms(&self, object: &mut Value) -> Result<(), Formless> {
        let schema = self.resource.schema();
        if let Some(custom) = self.resource.custom() {
            if custom.has_embedded {
                objects::embedded::read(object, schema, custom.metadata_schema()).map_err(Formless::Refused)?;
            }
            return builtin::read(&mut object["metadata"], schema.field("metadata"));
        }
        builtin::read(object, schema).map_err(|why| match why {
            Formless::Refused(why) if self.media_type() == STRATEGIC && why.starts_with("illegal base64") => {
                Formless::Refused(format!("error decoding from json: {why}"))
            }
            other => other,
        })
    }

    /// Checks what a patched built-in object says that it is. A strategic merge patch is of the kind in any case; what another
    /// leaves without a kind is read as an object that has no fields.
    pub(super) fn check_patched_kind(
        &mut self,
        object: &mut Value,
        is_strategic: bool,
        name: &str,
    ) -> Result<(), Status> {
        let is_missing = |field: &str| object.get(field).is_none_or(Value::is_null);
        if !is_strategic && (is_missing("apiVersion") || is_missing("kind")) {
            if self.validation()? == Validation::Warn {
                let names = object.as_object().into_iter().flat_map(|fields| fields.keys());
                let unknown = names.filter(|field| !matches!(field.as_str(), "apiVersion" | "kind"));
                self.warnings.extend(unknown.map(|field| format!("unknown field {}", quoted(field))));
            }
            return Err(Status::bad_request(format!(
                "the name of the object ({name} based on URL) was undeterminable: name must be provided"
            )));
        }
        let (api_version, kind) = (json!(self.resource.api_version()), json!(self.resource.kind));
        if is_strategic {
            (object["apiVersion"], object["kind"]) = (api_version, kind);
        } else if object["apiVersion"] != api_version || object["kind"] != kind {
            let origin = Origin::Patched { quoted: object.to_string(), found: Vec::new() };
            return Err(self.refused(&origin, "the object is of another kind".to_owned()));
        }
        Ok(())
    }

    /// The error of an object that can't be read as one of its kind.
    pub(super) fn refused(&self, origin: &Origin, why: String) -> Status {
        let (kind, version) = (&self.resource.kind, &self.resource.version);
        match origin {
            Origin::Sent(_) => Status::bad_request(format!(
                "{kind} in version {} cannot be handled as a {kind}: {why}",
                quoted(version)
            )),
            Origin::Patched { quoted, .. } => {
                let cause = Cause::invalid("patch", &json!(quoted), &why);
                // About nothing, as the API server has it.
                let status = Status::invalid(About { group: "", kind: "", name: "" }, std::slice::from_ref(&cause));
                Status { details: json!({ "causes": [cause.to_json()] }), ..status }
            }
        }
    }

    /// As [`Self::fit`], of a merged object. A custom one is not read again: its nulls are checked as values.
    pub(super) fn fit_merged(&mut self, object: &mut Value, namespace: &str) -> Result<(), Status> {
        if self.resource.custom().is_some() {
            return Ok(());
        }
        self.read_forms(object).map_err(|why| {
            let (api_version, kind) = (self.resource.api_version(), &self.resource.kind);
            let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default();
            let place = format!("{namespace}/{}", text("name"));
            why.into_status(|why| {
                Status::unexplained(format!(
                    "failed to convert new object ({place}; {api_version}, Kind={kind}) to proper version: unable to convert unstructured object to {api_version}, Kind={kind}: {why}"
                ))
            })
        })?;
        let quoted = object.to_string();
        self.fit(object, Origin::Patched { quoted, found: Vec::new() })
    }

    pub fn validation(&self) -> Result<Validation, Status> {
        match self.call.query.get("fieldValidation").unwrap_or_default() {
            "" | "Warn" => Ok(Validation::Warn),
            "Ignore" => Ok(Validation::Ignore),
            "Strict" => Ok(Validation::Strict),
            other => {
                let kind = match self.call.method {
                    Method::PUT => "UpdateOptions",
                    Method::PATCH => "PatchOptions",
                    _ => "CreateOptions",
                };
                let about = About { group: "meta.k8s.io", kind, name: "" };
                let message = format!(
                    "Unsupported value: {}: supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                    quoted(other)
                );
                let cause = Cause { reason: "FieldValueNotSupported", message, field: "fieldValidation".to_owned() };
                Err(Status::invalid(about, &[cause]))
            }
        }
    }
}
