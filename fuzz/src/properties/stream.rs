//! Watches and lists as the client reads them, from a body that comes in chunks.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use http_body_util::StreamBody;
use kubewright::core::v1::Pod;
use kubewright::runtime::protobuf;
use kubewright::transport::Body;
use kubewright::{Api, Client, List, WatchEvent, json};

use super::{Checked, must};
use crate::Type;
use crate::damage::{chunks, damage};
use crate::fill::{Shape, fill, varint};
use crate::random::Rng;

/// How many of a body's places are cut.
const CUTS: usize = 40;

/// In both encodings, whole, cut and damaged.
pub fn streams(rng: &mut Rng, _: &Type) -> Checked {
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
    let pods: Vec<Pod> = (0..rng.usize(1..4)).map(|_| pod(rng)).collect();
    let list = List { items: pods.clone(), ..List::default() };
    for (media_type, watch, list) in [
        (json_type(), in_json(&pods)?, json::to_vec(&list).map_err(|error| error.to_string())?),
        (protobuf::MEDIA_TYPE, in_protobuf(&pods)?, protobuf::to_vec(&list).map_err(|error| error.to_string())?),
    ] {
        for (read, body) in [(Read::Watch, watch), (Read::List, list)] {
            let ask = |body: &[u8], rng: &mut Rng| runtime.block_on(read.all(media_type, body, rng));
            let (found, whole) = ask(&body, rng);
            must(whole && found == pods, || format!("{read:?} in {media_type}: {} of {}", found.len(), pods.len()))?;
            for _ in 0..CUTS {
                let end = rng.usize(..body.len());
                let (found, whole) = ask(&body[..end], rng);
                must(pods.starts_with(&found), || format!("{read:?} in {media_type}, cut at {end}: another pod"))?;
                // A watch may end after any event, a list only at its end.
                let complete = matches!(read, Read::Watch) && (end == 0 || is_between(media_type, &body, end));
                must(whole == complete, || {
                    format!("{read:?} in {media_type}, cut at {end} of {}: taken for whole: {whole}", body.len())
                })?;
            }
            let mut damaged = body.clone();
            damage(&mut damaged, rng);
            let _ = ask(&damaged, rng);
        }
    }
    Ok(())
}

fn json_type() -> &'static str {
    "application/json"
}

fn pod(rng: &mut Rng) -> Pod {
    let mut pod = Pod::default();
    fill(&mut pod, rng, Shape::SMALL);
    pod
}

fn in_json(pods: &[Pod]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    for pod in pods {
        out.extend_from_slice(b"{\"type\":\"ADDED\",\"object\":");
        json::encode_into(pod, &mut out, json::Mode::Full).map_err(|error| error.to_string())?;
        out.extend_from_slice(b"}\n");
    }
    Ok(out)
}

fn in_protobuf(pods: &[Pod]) -> Result<Vec<u8>, String> {
    let field = |number: u64, bytes: &[u8]| [&*varint(number << 3 | 2), &varint(bytes.len() as u64), bytes].concat();
    let mut out = Vec::new();
    for pod in pods {
        let object = protobuf::to_vec(pod).map_err(|error| error.to_string())?;
        let event = [field(1, b"ADDED"), field(2, &field(1, &object))].concat();
        out.extend_from_slice(&(event.len() as u32).to_be_bytes());
        out.extend_from_slice(&event);
    }
    Ok(out)
}

/// Whether a watch's body has an event's end there.
fn is_between(media_type: &str, body: &[u8], end: usize) -> bool {
    if media_type == json_type() {
        // The line's end may be missing.
        return body[end - 1] == b'\n' || body[end] == b'\n';
    }
    let mut at = 0;
    while let Some(prefix) = body[at..].first_chunk::<4>().filter(|_| at < end) {
        at += 4 + u32::from_be_bytes(*prefix) as usize;
    }
    at == end
}

#[derive(Clone, Copy, Debug)]
enum Read {
    Watch,
    List,
}

impl Read {
    /// The pods that come, and whether the end is a good one.
    async fn all(self, media_type: &'static str, body: &[u8], rng: &mut Rng) -> (Vec<Pod>, bool) {
        let mut rest = Bytes::copy_from_slice(body);
        let parts: Vec<Bytes> = chunks(body.len(), rng).into_iter().map(|length| rest.split_to(length)).collect();
        let service = tower::service_fn(move |_: Request<Body>| {
            let frames = stream::iter(parts.clone()).map(|part| Ok::<_, Infallible>(http_body::Frame::data(part)));
            let mut response = Response::new(Body::wrap(StreamBody::new(frames)));
            response.headers_mut().insert("content-type", http::HeaderValue::from_static(media_type));
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let client = Client::from_service(service, "default");
        let api = Api::<Pod>::namespaced(&client, "shop");
        let mut pods = Vec::new();
        match self {
            Self::Watch => {
                let Ok(mut events) = api.watch().await else { return (pods, false) };
                while let Some(event) = events.next().await {
                    match event {
                        Ok(WatchEvent::Added(pod)) => pods.push(pod),
                        Ok(_) => {}
                        Err(_) => return (pods, false),
                    }
                }
            }
            Self::List => {
                let mut items = api.list().stream();
                while let Some(item) = items.next().await {
                    match item {
                        Ok(pod) => pods.push(pod),
                        Err(_) => return (pods, false),
                    }
                }
            }
        }
        (pods, true)
    }
}
