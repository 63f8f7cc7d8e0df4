//! Until when an ID token holds. It is a JSON Web Token, which the API server verifies; here only its expiry is read.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::config::SecretString;

#[derive(Deserialize)]
struct Claims {
    /// Seconds since 1970, an integer or not.
    exp: Option<f64>,
}

/// When the token expires: long ago, if it does not say so.
#[derive(Debug, thiserror::Error)]
#[error("it is not a JSON Web Token")]
pub(super) struct NotAToken;

pub(super) fn expiry(token: &SecretString) -> Result<SystemTime, NotAToken> {
    let mut parts = token.expose().trim().split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(NotAToken);
    };
    // Some issuers pad it.
    let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).map_err(|_| NotAToken)?);
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| NotAToken)?;
    let since = Duration::try_from_secs_f64(claims.exp.unwrap_or(0.0)).unwrap_or_default();
    Ok(SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> SecretString {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).into()
    }

    #[test]
    fn the_expiry_is_read_whatever_kind_of_number_it_is() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (claims, expected) in [
            (r#"{"exp":1700000000}"#, 1_700_000_000),
            (r#"{"exp":1.7e9}"#, 1_700_000_000),
            (r#"{"sub":"a"}"#, 0),
            (r#"{"exp":-5}"#, 0),
            (r#"{"exp":1e300}"#, 0),
        ] {
            assert_eq!(expiry(&token(claims)).expect("a token"), at(expected), "{claims}");
        }
        for text in ["", "opaque", "a.b", "e30.!.c2ln", "e30.e30.c2ln.more", "e30.bnVsbA.c2ln"] {
            assert!(expiry(&text.into()).is_err(), "{text}");
        }
        assert!(expiry(&token(r#"{"exp":"soon"}"#)).is_err());
    }
}
