//! Messages between the API server and webhooks: `admission.k8s.io/v1` and the reviews of `apiextensions.k8s.io/v1`.
//!
//! They are in no OpenAPI document, since the API server serves neither. They are messages like the generated ones:
//! unknown fields of newer servers are preserved, objects are kept as their text.

mod admission;
mod conversion;

pub use admission::{
    AdmissionRequest, AdmissionResponse, AdmissionReview, GroupVersionKind, GroupVersionResource, Operation,
};
pub use conversion::{ConversionRequest, ConversionResponse, ConversionReview};
