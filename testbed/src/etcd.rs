//! What the test bed asks of etcd itself, by its [HTTP gateway](https://etcd.io/docs/latest/dev-guide/api_grpc_gateway/).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Error;

/// How long etcd may be silent.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Range {
    header: Header,
}

#[derive(Deserialize)]
struct Header {
    /// A number, as JSON has those of 64 bits here.
    revision: String,
}

/// Removes all states but the present one. Returns its revision, which is what Kubernetes calls the resource version.
pub(crate) fn compact(port: u16) -> Result<u64, Error> {
    // The key of one byte, 0: there need not be one.
    let range: Range = call(port, "/v3/kv/range", &json!({ "key": "AA==" }))?;
    let revision = &range.header.revision;
    let revision = revision.parse().map_err(|_| Error::new(format!("etcd's revision is no number: {revision:?}")))?;
    let _: Value = call(port, "/v3/kv/compaction", &json!({ "revision": revision, "physical": true }))?;
    Ok(revision)
}

fn call<T: DeserializeOwned>(port: u16, path: &str, body: &Value) -> Result<T, Error> {
    let cannot = |e| Error::io(format!("cannot call {path} of etcd"), e);
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(cannot)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(cannot)?;
    let body = body.to_string();
    // HTTP/1.0: the response ends with the connection, and comes in one piece.
    write!(
        stream,
        "POST {path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .map_err(cannot)?;
    let mut response = String::new();
    stream.read_to_string(&mut response).map_err(cannot)?;
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    if head.split(' ').nth(1) != Some("200") {
        return Err(Error::new(format!("{path} of etcd: {response}")));
    }
    serde_json::from_str(body).map_err(|e| Error::new(format!("{path} of etcd: {e}: {body}")))
}
