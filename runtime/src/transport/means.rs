//! What the sources of credentials need of the transport.

use std::sync::Arc;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use tower::ServiceExt as _;

use super::{Alpn, Body, connect, tls};
use crate::auth::{Http, Means};
use crate::config::{ClientIdentity, Config, ConfigError};

/// This module.
pub(super) struct Transport;

impl Means for Transport {
    fn http(&self, config: &Config, limit: usize) -> Result<Http, ConfigError> {
        let service = connect(config, Alpn::Auto)?;
        let user_agent = HeaderValue::from_str(&config.user_agent).ok();
        Ok(Arc::new(move |mut request: Request<Bytes>| {
            if let Some(user_agent) = &user_agent {
                request.headers_mut().insert(USER_AGENT, user_agent.clone());
            }
            let service = service.clone();
            Box::pin(async move {
                let response = service.oneshot(request.map(Body::from)).await?;
                let (parts, body) = response.into_parts();
                let body = Limited::new(body, limit).collect().await?.to_bytes();
                Ok(Response::from_parts(parts, body))
            })
        }))
    }

    fn check(&self, identity: &ClientIdentity) -> Result<(), ConfigError> {
        tls::check_identity(identity)
    }
}
