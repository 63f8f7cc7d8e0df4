//! Which crypto library TLS is made of.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("kubewright needs a crypto library for TLS: enable its feature `ring` (the default) or `aws-lc-rs`");

/// The crypto library that the program installed ([`CryptoProvider::install_default`]), else aws-lc-rs if that feature is
/// on, else ring.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(compiled_in()))
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
fn compiled_in() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn compiled_in() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}
