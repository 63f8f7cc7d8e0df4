//! Which crypto library TLS is made of.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use crate::config::{ConfigError, Kind};

/// The crypto library that the program installed ([`CryptoProvider::install_default`]), else aws-lc-rs if that feature is
/// on, else ring. With both features on it is so aws-lc-rs.
pub(crate) fn provider() -> Result<Arc<CryptoProvider>, ConfigError> {
    CryptoProvider::get_default().cloned().or_else(compiled_in).ok_or_else(|| {
        let message = "there is no crypto library for TLS: enable the feature `ring` or `aws-lc-rs` of kubewright, or install one \
                       (rustls::crypto::CryptoProvider::install_default)";
        ConfigError::new(Kind::Unsupported, message)
    })
}

/// What messages call it.
pub(super) fn provider_name() -> &'static str {
    if CryptoProvider::get_default().is_some() {
        "the installed crypto library"
    } else if cfg!(feature = "aws-lc-rs") {
        "aws-lc-rs"
    } else {
        "ring"
    }
}

/// What to do about something that ring lacks and aws-lc-rs has.
pub(super) fn advice() -> &'static str {
    if provider_name() == "ring" { "; build with the feature aws-lc-rs" } else { "" }
}

#[cfg(feature = "aws-lc-rs")]
fn compiled_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn compiled_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn compiled_in() -> Option<Arc<CryptoProvider>> {
    None
}
