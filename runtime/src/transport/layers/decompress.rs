//! Asks for gzip and unpacks it while it comes in.
//!
//! kube-apiserver compresses responses of more than 128 KiB, and (in 1.37) watches with `sendInitialEvents`, no other ones. In
//! those each flush is a gzip member of its own, with the events that were ready by then; it must come out as soon as it is
//! in, not when the next one is.

use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, RANGE, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tower::{Layer, Service};

use crate::transport::error::Kind;
use crate::transport::{Body, BoxError, TransportError};

/// Compressed bytes that are unpacked at a time. gzip expands at most a thousandfold, so this bounds the memory of a
/// step.
const STEP: usize = 16 << 10;

/// Makes [`Decompress`] services.
#[derive(Clone, Copy, Debug)]
pub struct DecompressLayer {
    enabled: bool,
}

/// Sends `Accept-Encoding: gzip`, and unpacks a response that comes so encoded; its `Content-Encoding` and
/// `Content-Length` are then removed. A request that has its own `Accept-Encoding`, a `Range` or an `Upgrade` is left
/// alone, and so is its response.
#[derive(Clone, Debug)]
pub struct Decompress<S> {
    inner: S,
    enabled: bool,
}

impl DecompressLayer {
    /// Asks for compression, or doesn't.
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }
}

impl<S> Layer<S> for DecompressLayer {
    type Service = Decompress<S>;

    fn layer(&self, inner: S) -> Decompress<S> {
        Decompress { inner, enabled: self.enabled }
    }
}

impl<S, B> Service<Request<B>> for Decompress<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = DecompressFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let headers = request.headers_mut();
        let asked = self.enabled && ![ACCEPT_ENCODING, RANGE, UPGRADE].iter().any(|name| headers.contains_key(name));
        if asked {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        DecompressFuture { inner: self.inner.call(request), asked }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`Decompress`].
    #[derive(Debug)]
    pub struct DecompressFuture<F> {
        #[pin]
        inner: F,
        asked: bool,
    }
}

impl<F> Future for DecompressFuture<F>
where
    F: Future<Output = Result<Response<Body>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        let gzip = response
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"gzip"));
        // A response to HEAD has the coding and no body.
        if *this.asked && gzip && !response.body().is_end_stream() {
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
            response = response.map(|body| Body::wrap(Unpacked::new(body)));
        }
        Poll::Ready(Ok(response))
    }
}

struct Unpacked {
    packed: Body,
    decoder: MultiGzDecoder<Vec<u8>>,
    /// Received and not unpacked yet.
    waiting: Bytes,
    /// Whether anything was received: nothing at all is an empty body, not a broken one.
    begun: bool,
    ended: bool,
    trailers: Option<HeaderMap>,
}

impl Unpacked {
    fn new(packed: Body) -> Self {
        let decoder = MultiGzDecoder::new(Vec::new());
        Self { packed, decoder, waiting: Bytes::new(), begun: false, ended: false, trailers: None }
    }

    /// Unpacks one step of what is waiting, and returns all that comes of it.
    fn step(&mut self) -> io::Result<Bytes> {
        let step = &self.waiting[..self.waiting.len().min(STEP)];
        let taken = self.decoder.write(step)?;
        if taken == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the gzip decoder takes nothing more"));
        }
        self.waiting.advance(taken);
        // The decoder holds output back until it is flushed.
        self.decoder.flush()?;
        Ok(self.take_output())
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        self.ended = true;
        if self.begun {
            self.decoder.try_finish()?;
        }
        Ok(self.take_output())
    }

    fn take_output(&mut self) -> Bytes {
        std::mem::take(self.decoder.get_mut()).into()
    }

    fn garbled(&mut self, error: io::Error) -> BoxError {
        self.ended = true;
        self.trailers = None;
        TransportError::because(Kind::Garbled, "the response says that it is gzip, and cannot be unpacked", error)
            .into()
    }
}

impl HttpBody for Unpacked {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            if this.ended {
                return Poll::Ready(this.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            }
            let unpacked = if !this.waiting.is_empty() {
                this.step()
            } else {
                match ready!(Pin::new(&mut this.packed).poll_frame(cx)) {
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => {
                            this.begun |= !data.is_empty();
                            this.waiting = data;
                            continue;
                        }
                        Err(frame) => {
                            this.trailers = frame.into_trailers().ok();
                            continue;
                        }
                    },
                    Some(Err(error)) => {
                        this.ended = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                    None => this.finish(),
                }
            };
            match unpacked {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Err(error) => return Poll::Ready(Some(Err(this.garbled(error)))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
