//! `ConversionReview` of `apiextensions.k8s.io/v1`.

use kubewright::message::{ListType, UnknownFields};
use kubewright::meta::v1::Status;
use kubewright::runtime::table;
use kubewright::{CompactString, RawJson};

/// Custom resources to convert to another version, and the converted ones.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-request-and-response>
#[derive(Clone, Default)]
pub struct ConversionReview {
    /// What the API server asks.
    pub request: Option<Box<ConversionRequest>>,
    /// What the webhook responds.
    pub response: Option<Box<ConversionResponse>>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// Custom resources to convert.
#[derive(Clone, Default)]
pub struct ConversionRequest {
    /// Identifies this call of the webhook; the response repeats it.
    pub uid: CompactString,
    /// The version to convert to, such as `stable.example.com/v2`.
    pub desired_api_version: CompactString,
    /// The objects, each of any other version.
    pub objects: Vec<RawJson>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// The converted custom resources, or why they could not be converted.
#[derive(Clone, Default)]
pub struct ConversionResponse {
    /// The uid of the request.
    pub uid: CompactString,
    /// The objects in the order of the request; none if the result is a failure.
    pub converted_objects: Vec<RawJson>,
    /// `status: Success`, or the failure, whose message the client receives.
    pub result: Status,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

table! { ConversionReview("apiextensions.k8s.io", "v1", "ConversionReview"):
    0 request "request" { optional: true, message: Some(ConversionRequest::table), };
    1 response "response" { optional: true, message: Some(ConversionResponse::table), };
}
// The objects may be secret.
table! { ConversionRequest:
    0 uid "uid" { required: true, };
    1 desired_api_version "desiredAPIVersion" { required: true, };
    2 objects "objects" { required: true, secret: true, list: ListType::Atomic, };
}
table! { ConversionResponse:
    0 uid "uid" { required: true, };
    1 converted_objects "convertedObjects" { required: true, secret: true, list: ListType::Atomic, };
    2 result "result" { required: true, message: Some(Status::table), };
}
