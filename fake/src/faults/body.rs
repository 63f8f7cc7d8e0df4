//! Bodies of answers that a fault changes.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::Response;
use http::header::CONTENT_TYPE;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::time::sleep;

use super::{Broken, End, Fault};
use crate::api::{Body, error_event};

type BoxError = Box<dyn Error + Send + Sync>;

/// The error of a request that gets no answer.
pub(crate) fn no_answer() -> BoxError {
    Box::new(Broken)
}

/// Changes an answer's body by a fault; by those that are not about bodies not at all.
pub(crate) fn change(response: Response<Body>, fault: Option<&Fault>) -> Response<Body> {
    match fault {
        Some(Fault::Body(count, end)) => ended(response, *count, end.clone()),
        Some(Fault::Slow(bytes, pause)) => slowed(response, *bytes, *pause),
        _ => response,
    }
}

/// Ends after this many frames: a watch has one for each event.
fn ended(response: Response<Body>, count: u64, end: End) -> Response<Body> {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let last = match &end {
        End::Error(status) => Some(error_event(status, media_type)),
        _ => None,
    };
    response.map(|body| {
        let frames = stream::unfold((body, count, Some(end)), move |(mut body, left, end)| {
            let last = last.clone();
            async move {
                if left > 0 {
                    let frame = body.frame().await?;
                    return Some((frame, (body, left - 1, end)));
                }
                match end? {
                    End::Cut => Some((Err(no_answer()), (body, 0, None))),
                    End::Close => None,
                    End::Stall => std::future::pending().await,
                    End::Error(_) => Some((Ok(Frame::data(last?)), (body, 0, None))),
                }
            }
        });
        StreamBody::new(frames).boxed_unsync()
    })
}

/// Sends a body in pieces, with a pause before each.
fn slowed(response: Response<Body>, bytes: usize, pause: Duration) -> Response<Body> {
    response.map(|body| {
        let pieces = stream::unfold((body, Bytes::new()), move |(mut body, mut left)| async move {
            while left.is_empty() {
                left = match body.frame().await? {
                    Ok(frame) => frame.into_data().unwrap_or_default(),
                    Err(error) => return Some((Err(error), (body, Bytes::new()))),
                };
            }
            sleep(pause).await;
            let piece = left.split_to(bytes.min(left.len()));
            Some((Ok(Frame::data(piece)), (body, left)))
        });
        StreamBody::new(pieces).boxed_unsync()
    })
}
