//! The form of an answer.

use crate::status::Status;
use http::StatusCode;

/// How an answer is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Yaml,
    Protobuf,
}

/// What an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The objects.
    Whole,
    /// `PartialObjectMetadata`, of an object.
    Metadata,
    /// `PartialObjectMetadataList`, of a list.
    MetadataList,
    /// A `Table`.
    Table,
}

/// The version of `meta.k8s.io` that tables and metadata are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetaVersion {
    V1,
    V1Beta1,
}

impl MetaVersion {
    pub fn api_version(self) -> &'static str {
        match self {
            Self::V1 => "meta.k8s.io/v1",
            Self::V1Beta1 => "meta.k8s.io/v1beta1",
        }
    }
}

/// The form that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub encoding: Encoding,
    pub view: View,
    pub version: MetaVersion,
}

impl Form {
    pub const JSON: Self = Self { encoding: Encoding::Json, view: View::Whole, version: MetaVersion::V1 };

    /// Chooses the first form of a header `Accept` that `can` be answered with.
    pub fn of(accept: &str, can: impl Fn(Self) -> bool) -> Result<Self, Status> {
        if accept.trim().is_empty() {
            return Ok(Self::JSON);
        }
        let mut ranges: Vec<(f32, Self)> = accept.split(',').filter_map(range).collect();
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        ranges.into_iter().map(|(_, form)| form).find(|form| can(*form)).ok_or_else(|| {
            let message = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf";
            let status = Status::new(StatusCode::NOT_ACCEPTABLE, Some("NotAcceptable"), message);
            // A real server writes the error in an encoding that is accepted, and otherwise if none is.
            let is_known = accept.split(',').any(|range| Encoding::of_range(range).is_some());
            if is_known { status } else { Status { details: serde_json::json!({}), ..status } }
        })
    }
}

impl Encoding {
    /// That of a media range, whatever its parameters are.
    fn of_range(range: &str) -> Option<Self> {
        Some(match range.split(';').next()?.trim() {
            "application/json" | "*/*" | "application/*" => Self::Json,
            "application/yaml" => Self::Yaml,
            "application/vnd.kubernetes.protobuf" => Self::Protobuf,
            _ => return None,
        })
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
            Self::Protobuf => "application/vnd.kubernetes.protobuf",
        }
    }

    /// The encoding of a body. JSON if nothing is said.
    pub fn of_body(content_type: &str) -> Option<Self> {
        let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let mut parameters = parameters.split(';').map(str::trim).peekable();
        while let Some(parameter) = parameters.next() {
            // Go reads a semicolon at the end, and none without a parameter elsewhere.
            if parameter.is_empty() && parameters.peek().is_some() {
                return None;
            }
        }
        match media_type.trim() {
            "" if content_type.is_empty() => Some(Self::Json),
            "application/json" => Some(Self::Json),
            "application/yaml" => Some(Self::Yaml),
            "application/vnd.kubernetes.protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }
}

/// The media types of a header `Accept` with their weights, the heaviest first. Without a header, all are accepted.
pub(crate) fn ranges(accept: &str) -> Vec<(&str, f32)> {
    let accept = if accept.trim().is_empty() { "*/*" } else { accept };
    let mut ranges: Vec<(&str, f32)> = accept
        .split(',')
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            (media_type, weight.unwrap_or(1.0))
        })
        .collect();
    ranges.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    ranges
}

/// Reads a media range with its weight. `None` for one that is never answered.
fn range(text: &str) -> Option<(f32, Form)> {
    let encoding = Encoding::of_range(text)?;
    let parts = text.split(';').map(str::trim).skip(1);
    let mut weight = 1.0;
    // What an answer is converted to: a kind in a version of a group.
    let (mut kind, mut group, mut version) = (None, None, None);
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match (name.trim(), value.trim()) {
            ("q", value) => weight = value.parse().unwrap_or(1.0),
            ("as", value) => kind = Some(value),
            ("g", value) => group = Some(value),
            ("v", value) => version = Some(value),
            _ => {}
        }
    }
    let (view, version) = match (kind, group, version) {
        (None, None, None) => (View::Whole, MetaVersion::V1),
        (Some(kind), Some("meta.k8s.io"), Some(version)) => {
            let view = match kind {
                "Table" => View::Table,
                "PartialObjectMetadata" => View::Metadata,
                "PartialObjectMetadataList" => View::MetadataList,
                _ => return None,
            };
            let version = match version {
                "v1" => MetaVersion::V1,
                "v1beta1" => MetaVersion::V1Beta1,
                _ => return None,
            };
            (view, version)
        }
        _ => return None,
    };
    Some((weight, Form { encoding, view, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_of_a_media_type_with_parameters() {
        let json = ["", "application/json", "application/json;", "application/json; charset=utf-8;"];
        assert!(json.iter().all(|text| Encoding::of_body(text) == Some(Encoding::Json)));
        let none = [";", "application/json;;", "application/json;;a=b", "text/plain"];
        assert!(none.iter().all(|text| Encoding::of_body(text).is_none()));
    }

    #[test]
    fn the_first_form_that_can_be_answered_counts() {
        let form =
            |accept: &str| Form::of(accept, |form| form.view != View::Table).map(|form| (form.encoding, form.view));
        assert_eq!(form(""), Ok((Encoding::Json, View::Whole)));
        assert_eq!(form("*/*"), Ok((Encoding::Json, View::Whole)));
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(form(kubectl), Ok((Encoding::Json, View::Whole)));
        let protobuf = "application/vnd.kubernetes.protobuf,application/json;q=0.9";
        assert_eq!(form(protobuf), Ok((Encoding::Protobuf, View::Whole)));
        assert_eq!(form("application/json;q=0.1, application/yaml"), Ok((Encoding::Yaml, View::Whole)));
        let metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        assert_eq!(form(metadata), Ok((Encoding::Json, View::Metadata)));
        assert_eq!(form("text/html").map_err(|status| status.code), Err(StatusCode::NOT_ACCEPTABLE));
    }
}
