//! Every call of every generated handle, sent to a real server: each reaches the resource that it names.
//!
//! What changes something is a rehearsal (`dryRun=All`), and the objects that are named do not exist: what counts is
//! who answers, and that is the resource's own handler, not the server's "no such path" or "no such method".
#![allow(missing_docs)]

#[path = "../../generated/tests/urls.rs"]
mod urls;

use futures_util::StreamExt as _;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright::meta::v1::Status;
use kubewright::transport::Body;
use kubewright_tests::client;

/// How many calls are under way at once.
const AT_ONCE: usize = 16;

#[tokio::test]
async fn every_call_reaches_its_resource_on_a_real_server() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = client(bed.kubeconfig());

    let minor = client.server_version().await.expect("a version").minor;
    let newest = urls::ROWS.iter().map(|(_, _, minors, _)| *minors.end()).max().expect("calls");
    // What a server newer than every pinned minor has, nothing here says: it is taken for the newest.
    let rows: Vec<_> = urls::ROWS.iter().filter(|(_, _, minors, _)| minors.contains(&minor.min(newest))).collect();
    assert!(rows.len() > 900, "{} calls", rows.len());
    let wrong: Vec<String> = futures_util::stream::iter(rows)
        .map(|(method, target, _, call)| {
            let (client, request) = (client.clone(), call(&client).expect("a request"));
            async move { answer(&client, rehearsal(request)).await.err().map(|why| format!("{method} {target}: {why}")) }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{} calls did not reach their resource:\n{}", wrong.len(), wrong.join("\n"));
}

/// The request, so that it changes nothing and does not last.
fn rehearsal(request: Request<bytes::Bytes>) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    let more = if parts.method == Method::GET { "timeoutSeconds=1" } else { "dryRun=All" };
    let separator = if parts.uri.query().is_some() { '&' } else { '?' };
    // Answers are read here without the client's codecs.
    parts.headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
    parts.uri = format!("{}{separator}{more}", parts.uri).parse().expect("a URI");
    Request::from_parts(parts, Body::from(body))
}

async fn answer(client: &Client, request: Request<Body>) -> Result<(), String> {
    let path = request.uri().path().to_owned();
    let response = client.send(request).await.map_err(|error| format!("{error:?}"))?;
    let code = response.status();
    if code.is_success() {
        return Ok(());
    }
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    let status: Status =
        kubewright::json::from_slice(&body).map_err(|_| format!("{code}: {}", String::from_utf8_lossy(&body)))?;
    let details = status.details.clone().unwrap_or_default();
    let about = |text: &Option<kubewright::CompactString>| text.as_deref().unwrap_or_default().to_owned();
    match code {
        // The object is not there, or its namespace: a handler looked for it. An unknown path names nothing.
        StatusCode::NOT_FOUND => {
            let (kind, name) = (about(&details.kind), about(&details.name));
            // The plural of the resource; component statuses name themselves in the singular.
            let own = !kind.is_empty() && path.contains(&format!("/{kind}")) && name == "name";
            if own || (kind == "namespaces" && name == "ns") { Ok(()) } else { Err(format!("{status:?}")) }
        }
        // The object that is sent has nothing but a name, which validation or admission refuses.
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::CONFLICT => {
            Ok(())
        }
        // The proxy of a service looks for what is behind it first.
        StatusCode::SERVICE_UNAVAILABLE if about(&status.message).starts_with("no endpoints available for service") => {
            Ok(())
        }
        _ => Err(format!("{status:?}")),
    }
}
