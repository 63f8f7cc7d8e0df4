//! One exchange with the API server: the single way by which every call is sent and its response understood.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use tower::ServiceExt as _;

use super::{Client, warning};
use crate::error::{Error, Result};
use crate::transport::Body;
use crate::wire::response::{self, Payload};
use crate::wire::{Call, Codec};

/// How much of a refusal's body is read: a `Status` is small, and a proxy's error page need not be read to its end.
const REFUSAL_LIMIT: usize = 1 << 20;

/// A response that is a success: its head has come, its body is still to be read.
pub(crate) struct Exchange(Response<Body>);

impl Exchange {
    /// The encoding of the body, and the body to be read as it comes.
    pub(crate) fn stream(self) -> (Codec, Body) {
        let (parts, body) = self.0.into_parts();
        (Codec::of(&parts.headers), body)
    }

    /// Reads the whole of the body.
    pub(super) async fn collect(self) -> Result<Payload> {
        let (codec, body) = self.stream();
        let bytes = body.collect().await.map_err(Error::transport)?.to_bytes();
        Ok(Payload { codec, bytes })
    }

    /// The response of a server that switches protocols, which is what the call asked for.
    pub(crate) fn switched(self) -> Response<Body> {
        self.0
    }
}

impl Client {
    /// Sends a call, and gives the response if it is a success.
    ///
    /// Everything that holds for all calls is done here, and only here: a server of a minor that would misunderstand the
    /// call is not asked; what is in protobuf is sent in JSON if the server declines it, and the call stays so; a refusal
    /// is explained by the server's version where that is why; and an error names the operation.
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

    /// Sends a call, reads the whole of a response that is a success, and makes of it what `decode` says. An error names
    /// the operation.
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

    /// What [`exchange`](Self::exchange) does to the call itself: it asks nothing about the server's version, by which it
    /// is used.
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

    /// Whether to send a call again that failed with this error: it has become one in JSON, and as such may succeed
    /// ([`Call::fall_back`]). Later calls for its kinds are in JSON from the start.
    pub(crate) fn fall_back(&self, call: &mut Call, error: &Error) -> Result<bool> {
        let Some(fallback) = call.fall_back(error)? else { return Ok(false) };
        for kind in fallback.kinds {
            let api_version = kind.api_version();
            tracing::debug!(api_version, kind = kind.kind, "no protobuf for this kind: from now on JSON");
            self.inner.negotiation.decline(kind);
        }
        Ok(fallback.again)
    }

    /// The whole body of a response, if it is a success.
    pub(crate) async fn read_whole(&self, response: Response<Body>) -> Result<Bytes> {
        Ok(accept(response, false).await?.collect().await?.bytes)
    }

    /// Hands a request to the service: the only place where that happens.
    pub(super) async fn transmit(&self, request: Request<Body>) -> Result<Response<Body>> {
        let switches = request.headers().contains_key(http::header::UPGRADE);
        let service = if switches { &self.inner.upgrades } else { &self.inner.service };
        let service = match service.lock() {
            Ok(service) => service.clone(),
            // A clone that panicked leaves the service as it was.
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        let response = service.oneshot(request).await.map_err(Error::transport)?;
        warning::surface(response.headers(), self.inner.on_warning.as_deref(), &self.inner.warned);
        Ok(response)
    }
}

/// The response if it is a success, which for a call that asks for it is a switch of protocols; a refusal is an error.
async fn accept(response: Response<Body>, switches: bool) -> Result<Exchange> {
    let status = response.status();
    let good = if switches { status == StatusCode::SWITCHING_PROTOCOLS } else { status.is_success() };
    if good {
        return Ok(Exchange(response));
    }
    if switches && (status.is_success() || status.is_informational()) {
        let message = format!(
            "the server answered {status} in place of switching to WebSocket; is there a proxy in between that passes no WebSocket on, or a service of the program's own over HTTP/2 (see ClientBuilder::upgrades)?"
        );
        return Err(Error::response(message, None));
    }
    let (parts, body) = response.into_parts();
    let body = match Limited::new(body, REFUSAL_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        // The code alone says enough to go on with.
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
