//! Receives what a call would, over the same connection, and decodes nothing.

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright::runtime::transport::Body;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// A response that comes in.
pub struct Incoming {
    body: Body,
    /// How much came until now.
    pub bytes: usize,
}

impl Incoming {
    /// The next piece, of whatever size.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| error.to_string())?;
            if let Ok(data) = frame.into_data() {
                self.bytes += data.len();
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

/// All pods of a namespace.
pub async fn list(client: &Client, namespace: &str) -> Result<Incoming> {
    open(client, format!("/api/v1/namespaces/{namespace}/pods"), PROTOBUF).await
}

/// One pod.
pub async fn get(client: &Client, namespace: &str, name: &str) -> Result<Incoming> {
    open(client, format!("/api/v1/namespaces/{namespace}/pods/{name}"), PROTOBUF).await
}

/// Events of all pods of a namespace.
pub async fn watch(client: &Client, namespace: &str) -> Result<Incoming> {
    let path = format!("/api/v1/namespaces/{namespace}/pods?watch=true&resourceVersion=0");
    open(client, path, &format!("{PROTOBUF};stream=watch")).await
}

async fn open(client: &Client, path: String, accept: &str) -> Result<Incoming> {
    let request = Request::get(&path).header("accept", accept).body(Vec::new().into())?;
    let response = client.send(request).await?;
    if !response.status().is_success() {
        return Err(format!("{path}: {}", response.status()).into());
    }
    Ok(Incoming { body: response.into_body(), bytes: 0 })
}

/// Counts the frames of a watch: four bytes of length, and that many.
#[derive(Default)]
pub struct Frames {
    pub seen: usize,
    length: [u8; 4],
    known: usize,
    left: usize,
}

impl Frames {
    /// Passes over bytes that came in.
    pub fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((&first, rest)) = bytes.split_first() {
            if self.known < 4 {
                self.length[self.known] = first;
                self.known += 1;
                bytes = rest;
                if self.known == 4 {
                    self.left = u32::from_be_bytes(self.length) as usize;
                }
            } else {
                let taken = self.left.min(bytes.len());
                self.left -= taken;
                bytes = &bytes[taken..];
            }
            if self.known == 4 && self.left == 0 {
                self.seen += 1;
                self.known = 0;
            }
        }
    }
}
