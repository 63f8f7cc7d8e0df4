//! Default container of a pod, for calls that name none.
//!
//! The API server picks the container of a pod that has only one, and rejects the call for a pod with more: it ignores
//! annotations. So the pod is read only after the server has rejected the call, which is then repeated with the
//! container from the pod's annotation. A pod with one container costs no extra request.

use std::fmt;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::message::MessageType as _;
use crate::meta::v1::PartialObjectMetadata;
use crate::wire::Call;
use crate::wire::response;

/// The query parameter that names the container.
pub(crate) const PARAMETER: &str = "container";

/// The annotation with the name of a pod's default container.
///
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container>
const ANNOTATION: &str = "kubectl.kubernetes.io/default-container";

/// The API server's message for an ambiguous container. There is no machine-readable reason for it.
const MUST_BE_NAMED: &str = "a container name must be specified";

/// Sends a call for a container, and repeats it with the default container if the server requires a name. The call then
/// names that container, so that later calls made from it skip this.
///
/// Without the annotation, or if the pod may not be read, the server's error stays: it lists the containers.
pub(crate) async fn or_default<T, F>(client: &Client, call: &mut Call, send: impl Fn(Call) -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let refusal = match send(call.clone()).await {
        Err(error) if is_asked_for(call, &error) => error,
        outcome => return outcome,
    };
    let name = match annotated(client, call).await {
        Ok(Some(name)) => name,
        Ok(None) => return Err(refusal),
        // A transient error is worth a retry, the server's refusal is not.
        Err(error) if error.retry_class().may_pass() => return Err(error),
        Err(error) => return Err(refusal.with_source(error)),
    };
    tracing::debug!(container = name, "using the default container of the pod's annotation");
    call.set_query(PARAMETER, Some(&name));
    // The annotation may name a container that the pod doesn't have: report where the name is from.
    let explain =
        |error: Error| if error.is_bad_request() { error.with_source(FromAnnotation(refusal)) } else { error };
    send(call.clone()).await.map_err(explain)
}

/// Directs later calls made from this one to the same container.
pub(crate) fn remember(call: &mut Call, found: Option<&str>) {
    if let Some(name) = found.filter(|name| call.parameter(PARAMETER) != Some(name)) {
        call.set_query(PARAMETER, Some(name));
    }
}

/// Whether the server rejected a call because it names no container.
fn is_asked_for(call: &Call, error: &Error) -> bool {
    let message = error.status().and_then(|status| status.message.as_deref());
    call.parameter(PARAMETER).is_none_or(str::is_empty)
        && error.is_bad_request()
        && message.is_some_and(|message| message.starts_with(MUST_BE_NAMED))
}

/// Returns the container that the annotation names, if any.
async fn annotated(client: &Client, call: &Call) -> Result<Option<String>> {
    let Some(mut read) = call.read_object() else { return Ok(None) };
    read.accept(PartialObjectMetadata::ACCEPT);
    read.drop_managed_fields(PartialObjectMetadata::table());
    let options = read.options(PartialObjectMetadata::table());
    let object: PartialObjectMetadata =
        client.fetch(&mut read, |answer| response::decode_with(answer, &options)).await?;
    let name = object.metadata.annotations.get(ANNOTATION).filter(|name| !name.is_empty());
    Ok(name.map(ToString::to_string))
}

/// Origin of a container name that the server rejected.
#[derive(Debug)]
struct FromAnnotation(Error);

impl fmt::Display for FromAnnotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the container's name is from the annotation {ANNOTATION}")
    }
}

impl std::error::Error for FromAnnotation {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
