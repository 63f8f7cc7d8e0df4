//! A tunnel by HTTP's method `CONNECT`.
//!
//! By hyper's own client rather than hyper-util's `Tunnel`, which keeps the proxy's status and words to itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Version};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::{Refusal, Target};
use crate::config::SecretString;
use crate::transport::BoxIo;

pub(super) async fn open(
    to_proxy: BoxIo,
    target: &Target,
    login: Option<(&str, &SecretString)>,
) -> Result<BoxIo, Refusal> {
    let broken = |error: hyper::Error| Refusal::failed("did not answer in HTTP").because(error);
    // Some proxies, and the people who read their logs, know the headers in this case only.
    let (mut sender, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(to_proxy)).await.map_err(broken)?;
    tokio::spawn(async move {
        // What fails is reported to the request.
        let _ = connection.with_upgrades().await;
    });
    let mut request = Request::connect(target.to_string())
        .version(Version::HTTP_11)
        .header(HOST, target.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|error| Refusal::refused("cannot be asked for that address").because(error))?;
    if let Some((name, password)) = login {
        request.headers_mut().insert(PROXY_AUTHORIZATION, basic(name, password)?);
    }
    let response = sender.send_request(request).await.map_err(broken)?;
    if !response.status().is_success() {
        return Err(refusal(response.status(), response.headers(), login.is_some()));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(broken)?;
    Ok(Box::new(TokioIo::new(upgraded)))
}

fn basic(name: &str, password: &SecretString) -> Result<HeaderValue, Refusal> {
    let encoded = STANDARD.encode(format!("{name}:{}", password.expose()));
    let mut header = HeaderValue::try_from(format!("Basic {encoded}"))
        .map_err(|_| Refusal::refused("cannot be sent its login, which no header can carry"))?;
    header.set_sensitive(true);
    Ok(header)
}

fn refusal(status: StatusCode, headers: &HeaderMap, has_login: bool) -> Refusal {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            let schemes: Vec<_> = headers
                .get_all(PROXY_AUTHENTICATE)
                .iter()
                .filter_map(|value| value.to_str().ok()?.split_ascii_whitespace().next())
                .collect();
            let takes_basic = schemes.is_empty() || schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
            Refusal::refused(match (takes_basic, has_login) {
                (true, false) => {
                    "wants a login (407, proxy authorization required): put it into its URL, http://NAME:PASSWORD@HOST:PORT"
                        .to_owned()
                }
                (true, true) => "does not take the login in its URL (407, proxy authorization required)".to_owned(),
                (false, _) => format!(
                    "wants a login by {} (407, proxy authorization required), and only Basic is supported",
                    schemes.join(", ")
                ),
            })
        }
        // It was not able to reach the server, this time.
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Refusal::failed(format!("cannot reach the server ({status})"))
        }
        StatusCode::FORBIDDEN => Refusal::refused(format!("does not allow connections to this server ({status})")),
        _ => Refusal::refused(format!("opened no tunnel ({status}); is it a proxy that knows CONNECT?")),
    }
}
