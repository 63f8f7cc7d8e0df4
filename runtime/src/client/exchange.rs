//! One exchange with the API server: the only way in which calls are sent and their responses interpreted.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use tower::ServiceExt as _;

use super::{Client, warning};
use crate::error::{Error, Result};
use crate::transport::Body;
use crate::wire::response::{self, Payload};
use crate::wire::{Call, Codec};

/// Limit for the body of an error response: a `Status` is small, and a proxy's error page need not be read whole.
const REFUSAL_LIMIT: usize = 1 << 20;

/// A successful response: its head is received, its body not read yet.
pub(crate) struct Exchange(Response<Body>);

impl Exchange {
    /// Returns the encoding of the body, and the body as a stream.
    pub(crate) fn stream(self) -> (Codec, Body) {
        let (parts, body) = self.0.into_parts();
        (Codec::of(&parts.headers), body)
    }

    /// Reads the whole body.
    pub(super) async fn collect(self) -> Result<Payload> {
        let (codec, body) = self.stream();
        let bytes = body.collect().await.map_err(Error::transport)?.to_bytes();
        Ok(Payload { codec, bytes })
    }

    /// Returns the response with which the server switches protocols.
    pub(crate) fn switched(self) -> Response<Body> {
        self.0
    }
}

impl Client {
    /// Sends a call and returns the response if it is successful.
    ///
    /// What applies to all calls is done here, and only here: a call that the server's minor would misunderstand is not
    /// sent; a protobuf call that the server declines is repeated in JSON and stays so; an error is explained by the
    /// server's version where that is the cause; and errors name the operation.
    pub(crate) async fn exchange(&self, call: &mut Call) -> Result<Exchange> {
        let outcome = match self.ensure(call.needed()).await {
            Ok(()) => self.attempt(call).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(exchange) => Ok(exchange),
            Err(error) => Err(self.explain(error, call).await.with_operation(&call.operation())),
        }
    }

    /// Sends a call, reads the whole successful response and decodes it. An error names the operation.
    pub(crate) async fn fetch<T>(&self, call: &mut Call, decode: impl Fn(Payload) -> Result<T>) -> Result<T> {
        loop {
            let payload = self.exchange(call).await?.collect().await;
            match payload.and_then(&decode) {
                Ok(answer) => return Ok(answer),
                Err(error) if self.fall_back(call, &error)? => {}
                Err(error) => return Err(error.with_operation(&call.operation())),
            }
        }
    }

    /// The part of [`exchange`](Self::exchange) that does not depend on the server's version, by which it is used
    /// itself.
    pub(super) async fn attempt(&self, call: &mut Call) -> Result<Exchange> {
        self.inner.negotiation.revise(call)?;
        loop {
            let response = self.transmit(call.to_http()?.map(Body::from)).await?;
            match accept(response, call.switches_protocols()).await {
                Ok(exchange) => return Ok(exchange),
                Err(error) if self.fall_back(call, &error)? => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether to retry a call that failed with this error: the call is now in JSON, and as such may succeed
    /// ([`Call::fall_back`]). Later calls for its kinds use JSON from the start.
    pub(crate) fn fall_back(&self, call: &mut Call, error: &Error) -> Result<bool> {
        let Some(fallback) = call.fall_back(error)? else { return Ok(false) };
        for kind in fallback.kinds {
            let api_version = kind.api_version();
            tracing::debug!(api_version, kind = kind.kind, "the server has no protobuf for this kind: using JSON");
            self.inner.negotiation.decline(kind);
        }
        Ok(fallback.again)
    }

    /// Reads the whole body of a successful response.
    pub(crate) async fn read_whole(&self, response: Response<Body>) -> Result<Bytes> {
        Ok(accept(response, false).await?.collect().await?.bytes)
    }

    /// Passes a request to the service: the only place that does so.
    pub(super) async fn transmit(&self, request: Request<Body>) -> Result<Response<Body>> {
        let switches = request.headers().contains_key(http::header::UPGRADE);
        let service = if switches { &self.inner.upgrades } else { &self.inner.service };
        let service = match service.lock() {
            Ok(service) => service.clone(),
            // The mutex guards no invariant that a panicking clone could break.
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        let response = service.oneshot(request).await.map_err(Error::transport)?;
        warning::surface(response.headers(), self.inner.on_warning.as_deref(), &self.inner.warned);
        Ok(response)
    }
}

/// Returns the response if it is successful, which for a call that asks for it is a protocol switch; otherwise an
/// error.
async fn accept(response: Response<Body>, switches: bool) -> Result<Exchange> {
    let status = response.status();
    let good = if switches { status == StatusCode::SWITCHING_PROTOCOLS } else { status.is_success() };
    if good {
        return Ok(Exchange(response));
    }
    if switches && (status.is_success() || status.is_informational()) {
        let message = format!(
            "the server answered {status} instead of switching to WebSocket; is there a proxy that does not support WebSocket, or a custom service over HTTP/2 (see ClientBuilder::upgrades)?"
        );
        return Err(Error::response(message, None));
    }
    let (parts, body) = response.into_parts();
    let body = match Limited::new(body, REFUSAL_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        // The status code is sufficient if the body can't be read.
        Err(_) => Bytes::new(),
    };
    Err(response::refusal(parts.status, &parts.headers, body))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use http::header::{CONNECTION, UPGRADE};
    use tower::util::BoxCloneService;

    use super::super::Inner;
    use super::*;
    use crate::error::BoxError;

    /// A client whose two services answer with their names.
    fn client() -> Client {
        let answering = |name: &'static str| {
            let service =
                tower::service_fn(move |_| async move { Ok::<_, Infallible>(Response::new(Body::from(name))) });
            let service = tower::ServiceExt::<Request<Body>>::map_err(service, |never| match never {});
            Mutex::new(BoxCloneService::<_, _, BoxError>::new(service))
        };
        let inner = Inner {
            service: answering("any"),
            upgrades: answering("http/1.1"),
            default_namespace: "default".to_owned(),
            on_warning: None,
            warned: Default::default(),
            negotiation: Default::default(),
            version: Default::default(),
            without_managed_fields: false,
            kept: Default::default(),
        };
        Client { inner: Arc::new(inner) }
    }

    #[tokio::test]
    async fn a_request_that_asks_to_switch_protocols_goes_where_that_is_possible() {
        let plain = Request::get("/").body(Body::empty()).expect("a request");
        let upgrade = Request::get("/").header(CONNECTION, "Upgrade").header(UPGRADE, "websocket");
        let upgrade = upgrade.body(Body::empty()).expect("a request");
        for (request, service) in [(plain, "any"), (upgrade, "http/1.1")] {
            let response = client().send(request).await.expect("a response");
            assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), service);
        }
    }
}
