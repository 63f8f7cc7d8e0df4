//! Values of the `Authorization` header, which are wiped when the last request with them is dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::config::SecretString;

/// The secret has characters that a header can't have.
#[derive(Debug, thiserror::Error)]
#[error("it has characters that an HTTP header can't have, such as line breaks")]
pub(super) struct NotAHeader;

/// A bearer token, without what stands around it by accident.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, NotAHeader> {
    sensitive("Bearer ", token.expose().trim())
}

pub(super) fn basic(username: &str, password: &SecretString) -> Result<HeaderValue, NotAHeader> {
    let login = Zeroizing::new(format!("{username}:{}", password.expose()));
    sensitive("Basic ", &Zeroizing::new(STANDARD.encode(login.as_bytes())))
}

fn sensitive(scheme: &str, secret: &str) -> Result<HeaderValue, NotAHeader> {
    let mut text = Zeroizing::new(Vec::with_capacity(scheme.len() + secret.len()));
    text.extend_from_slice(scheme.as_bytes());
    text.extend_from_slice(secret.as_bytes());
    // The error would hold nothing of it, but say less.
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| NotAHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_sensitive_and_a_token_loses_the_line_break_after_it() {
        let bearer = bearer(&"tok\n".into()).expect("a header");
        assert_eq!(bearer, "Bearer tok");
        let basic = basic("ann", &"p:w".into()).expect("a header");
        assert_eq!(basic, "Basic YW5uOnA6dw==");
        assert!(bearer.is_sensitive() && basic.is_sensitive());
        assert!(super::bearer(&"a\nb".into()).is_err());
    }
}
