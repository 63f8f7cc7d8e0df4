//! From a review to its response, through the program's function.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use kubewright::message::MessageType;
use kubewright::transport::BoxError;
use kubewright::{ByteString, CompactString, json};

use super::patch;
use super::{AdmissionRequest, Decision, Denial, Mutation};
use crate::webhook::failure::Failure;
use crate::webhook::handler::{Answer, Handler};
use crate::webhook::v1;

/// What a handler may return: a `D`, which is a [`Decision`] or a [`Mutation`], or a `Result` of one.
///
/// An error is not a denial: the webhook failed. The API server then applies the `failurePolicy` of its configuration.
/// The error is logged with its sources; the client receives its message without them.
pub trait Reply<D>: private::Sealed<D> + Send {
    #[doc(hidden)]
    fn reply(self) -> Result<D, BoxError>;
}

mod private {
    pub trait Sealed<D> {}
}

macro_rules! replies {
    ($([$($of:ident)?] $decision:ty),*) => {$(
        impl$(<$of: Send>)? private::Sealed<$decision> for $decision {}

        impl$(<$of: Send>)? Reply<$decision> for $decision {
            fn reply(self) -> Result<$decision, BoxError> {
                Ok(self)
            }
        }

        impl<$($of: Send,)? E> private::Sealed<$decision> for Result<$decision, E> {}

        impl<$($of: Send,)? E: Into<BoxError> + Send> Reply<$decision> for Result<$decision, E> {
            fn reply(self) -> Result<$decision, BoxError> {
                self.map_err(Into::into)
            }
        }
    )*};
}

replies!([] Decision, [K] Mutation<K>);

/// A handler that admits or denies.
pub(in crate::webhook) struct Validating<K, F>(Arc<F>, PhantomData<fn() -> K>);

/// A handler that may change the object.
pub(in crate::webhook) struct Mutating<K, F>(Arc<F>, PhantomData<fn() -> K>);

impl<K, F> Validating<K, F> {
    pub(in crate::webhook) fn new(handler: F) -> Self {
        Self(Arc::new(handler), PhantomData)
    }
}

impl<K, F> Mutating<K, F> {
    pub(in crate::webhook) fn new(handler: F) -> Self {
        Self(Arc::new(handler), PhantomData)
    }
}

impl<K, F, Fut> Handler for Validating<K, F>
where
    K: MessageType,
    F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Reply<Decision>> + Send + 'static,
{
    fn answer(&self, review: Bytes) -> Answer {
        let handler = Arc::clone(&self.0);
        Box::pin(async move {
            let request = request(review)?;
            let uid = request.uid.clone();
            let decision = match AdmissionRequest::<K>::decode(request) {
                Ok((request, _)) => handler(request).await.reply().map_err(Failure::of_handler)?,
                Err(message) => undecodable(&uid, message),
            };
            respond(decision.response(uid))
        })
    }
}

impl<K, F, Fut> Handler for Mutating<K, F>
where
    K: MessageType,
    F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Reply<Mutation<K>>> + Send + 'static,
{
    fn answer(&self, review: Bytes) -> Answer {
        let handler = Arc::clone(&self.0);
        Box::pin(async move {
            let request = request(review)?;
            let uid = request.uid.clone();
            let (request, texts) = match AdmissionRequest::<K>::decode(request) {
                Ok(decoded) => decoded,
                Err(message) => return respond(undecodable(&uid, message).response(uid)),
            };
            let before = request.object.as_ref().map(|object| json::to_vec(object)).transpose().map_err(encoding)?;
            let Mutation { decision, object } = handler(request).await.reply().map_err(Failure::of_handler)?;
            let changed = object.filter(|_| decision.is_allowed());
            let mut response = decision.response(uid);
            if let Some(object) = changed {
                let (Some(sent), Some(before)) = (texts.object, before) else {
                    return Err(Failure::internal("the webhook returned an object for a request that has none"));
                };
                let sent = serde_json::from_str(sent.as_str()).map_err(encoding)?;
                let before = serde_json::from_slice(&before).map_err(encoding)?;
                let after = json::to_vec(&object).map_err(encoding)?;
                let after = serde_json::from_slice(&after).map_err(encoding)?;
                let patch = patch::between(&sent, &before, &after);
                if !patch.0.is_empty() {
                    response.patch = Some(ByteString(serde_json::to_vec(&patch).map_err(encoding)?));
                    response.patch_type = Some("JSONPatch".into());
                }
            }
            respond(response)
        })
    }
}

/// The request of a review, whose text is no longer needed.
fn request(review: Bytes) -> Result<v1::AdmissionRequest, Failure> {
    let review: v1::AdmissionReview = json::from_slice(&review).map_err(|error| {
        Failure::bad_request(format!("the body is not an AdmissionReview of admission.k8s.io/v1: {error}"))
    })?;
    let request = review.request.ok_or_else(|| Failure::bad_request("the AdmissionReview has no request"))?;
    let (operation, kind) = (&request.operation, &request.kind.kind);
    tracing::debug!(
        uid = %request.uid, %operation, %kind,
        namespace = request.namespace.as_deref(), name = request.name.as_deref(),
        "admission request"
    );
    Ok(*request)
}

fn respond(response: v1::AdmissionResponse) -> Result<Bytes, Failure> {
    let status = response.status.as_ref();
    tracing::debug!(
        uid = %response.uid,
        allowed = response.allowed,
        code = status.and_then(|status| status.code),
        "admission response"
    );
    let review = v1::AdmissionReview { response: Some(Box::new(response)), ..Default::default() };
    json::to_vec(&review).map(Bytes::from).map_err(encoding)
}

/// An object that can't be decoded is the request's fault, or the webhook is configured for another kind or version.
fn undecodable(uid: &CompactString, message: String) -> Decision {
    tracing::warn!(%uid, error = message, "an admission request was denied: its object cannot be decoded");
    Decision::deny(Denial::new(message).code(StatusCode::BAD_REQUEST).reason("BadRequest"))
}

fn encoding(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::internal(format!("the webhook cannot encode its response: {error}"))
}
