//! From a conversion review to its response, through the program's function.

use std::sync::Arc;

use bytes::Bytes;
use kubewright::meta::v1::Status;
use kubewright::transport::BoxError;
use kubewright::{DynamicObject, RawJson, json};

use super::metadata;
use crate::webhook::failure::Failure;
use crate::webhook::handler::{Answer, Handler};
use crate::webhook::v1;

/// A handler that converts one object.
pub(in crate::webhook) struct Converting<F>(Arc<F>);

impl<F> Converting<F> {
    pub(in crate::webhook) fn new(handler: F) -> Self {
        Self(Arc::new(handler))
    }
}

impl<F, E> Handler for Converting<F>
where
    F: Fn(DynamicObject, &str) -> Result<DynamicObject, E> + Send + Sync + 'static,
    E: Into<BoxError> + 'static,
{
    fn answer(&self, review: Bytes) -> Answer {
        let handler = Arc::clone(&self.0);
        Box::pin(async move {
            let v1::ConversionRequest { uid, desired_api_version, objects, .. } = request(review)?;
            // All or nothing: the first failure is the response.
            let converted = objects
                .iter()
                .enumerate()
                .map(|(index, object)| {
                    convert(&*handler, object, &desired_api_version)
                        .map_err(|message| format!("object {index}: {message}"))
                })
                .collect::<Result<Vec<_>, _>>();
            let (converted_objects, result) = match converted {
                Ok(objects) => (objects, Status { status: Some("Success".into()), ..Status::default() }),
                Err(message) => {
                    tracing::warn!(%uid, to = %desired_api_version, error = message, "a conversion failed");
                    let message = Some(message.into());
                    (Vec::new(), Status { status: Some("Failure".into()), message, ..Status::default() })
                }
            };
            let response = v1::ConversionResponse { uid, converted_objects, result, ..Default::default() };
            let review = v1::ConversionReview { response: Some(Box::new(response)), ..Default::default() };
            json::to_vec(&review)
                .map(Bytes::from)
                .map_err(|error| Failure::internal(format!("the webhook cannot encode its response: {error}")))
        })
    }
}

/// The request of a review, whose text is no longer needed.
fn request(review: Bytes) -> Result<v1::ConversionRequest, Failure> {
    let review: v1::ConversionReview = json::from_slice(&review).map_err(|error| {
        Failure::bad_request(format!("the body is not a ConversionReview of apiextensions.k8s.io/v1: {error}"))
    })?;
    let request = review.request.ok_or_else(|| Failure::bad_request("the ConversionReview has no request"))?;
    tracing::debug!(
        uid = %request.uid, to = %request.desired_api_version, objects = request.objects.len(),
        "conversion request"
    );
    Ok(*request)
}

fn convert<F, E>(handler: &F, sent: &RawJson, to: &str) -> Result<RawJson, String>
where
    F: Fn(DynamicObject, &str) -> Result<DynamicObject, E>,
    E: Into<BoxError>,
{
    let object: DynamicObject =
        json::from_str(sent.as_str()).map_err(|error| format!("it cannot be decoded: {error}"))?;
    if object.api_version == to {
        return Ok(sent.clone());
    }
    let (name, kind, from) = (name(&object), object.kind.clone(), object.api_version.clone());
    let metadata = object.metadata.clone();
    let described = |message: String| format!("the {kind} {name} cannot be converted from {from} to {to}: {message}");

    let mut converted = handler(object, to).map_err(|error| described(error.into().to_string()))?;
    // A handler that changes only fields may leave it to the caller.
    if converted.api_version == from {
        converted.api_version = to.into();
    }
    if converted.api_version != to {
        return Err(described(format!("the result is of {}", converted.api_version)));
    }
    if converted.kind != kind {
        return Err(described(format!("the result is a {}", converted.kind)));
    }
    if let Some(field) = metadata::changed(&metadata, &converted.metadata) {
        return Err(described(format!("only labels and annotations may change, not metadata.{field}")));
    }
    let text = json::to_vec(&converted).map_err(|error| described(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| described(error.to_string()))?;
    RawJson::from_text(text).map_err(|error| described(error.to_string()))
}

fn name(object: &DynamicObject) -> String {
    let name = object.metadata.name.as_deref().unwrap_or_default();
    match object.metadata.namespace.as_deref() {
        Some(namespace) if !namespace.is_empty() => format!("{namespace}/{name}"),
        _ => name.to_owned(),
    }
}
