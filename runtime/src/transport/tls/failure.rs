//! Puts into words why TLS was not agreed on, and what to look at.

use std::error::Error as StdError;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use super::chain::is_ca_used_as_end_entity;
use super::provider;
use super::settings::Settings;
use crate::Time;
use crate::transport::error::chain;

/// What a failed handshake means. `None` if it was not TLS that failed.
pub(crate) fn in_handshake(error: &(dyn StdError + 'static), settings: &Settings) -> Option<String> {
    if let Some(tls) = chain(error).find_map(|error| error.downcast_ref::<Error>()) {
        return Some(explain(tls, settings));
    }
    let closed = chain(error)
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::UnexpectedEof);
    closed.then(|| {
        "it closed the connection in the middle of the TLS handshake; is it a TLS server, and does it know the name that \
         it is asked for (tls-server-name)?"
            .to_owned()
    })
}

/// What it means that a server broke off TLS after the handshake. In TLS 1.3 the client is done before the server has
/// checked its certificate, so a refusal comes with the first response; HTTP/2 passes it on as text only.
pub(crate) fn after_handshake(error: &(dyn StdError + 'static), settings: &Settings) -> Option<String> {
    for error in chain(error) {
        if let Some(tls) = error.downcast_ref::<Error>() {
            return Some(explain(tls, settings));
        }
        if let Some(name) = error.to_string().strip_prefix("received fatal alert: ") {
            let alert = (0..=u8::MAX).map(AlertDescription::from).find(|alert| format!("{alert:?}") == name);
            return Some(refused(alert.unwrap_or(AlertDescription::InternalError), settings));
        }
    }
    None
}

fn explain(error: &Error, settings: &Settings) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate(error, settings),
        Error::AlertReceived(alert) => refused(*alert, settings),
        Error::InvalidMessage(_) => "it does not answer in TLS; is it an http:// server?".to_owned(),
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => OLD_TLS.to_owned(),
        Error::PeerIncompatible(_) => "it and this client have no TLS settings in common".to_owned(),
        _ => "TLS failed".to_owned(),
    }
}

const OLD_TLS: &str = "it speaks neither TLS 1.2 nor 1.3, and older ones are not safe";

fn certificate(error: &CertificateError, settings: &Settings) -> String {
    match error {
        // A bad signature is what a cluster that was made again shows: the authority has the old one's name, and another
        // key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            format!("its certificate was issued by none of the certificate authorities ({})", settings.trust)
        }
        CertificateError::ExpiredContext { time, not_after } => {
            let (now, end) = (date(*time), date(*not_after));
            format!(
                "its certificate, or that of an authority between, expired at {end} (by the clock here it is {now})"
            )
        }
        CertificateError::Expired => "its certificate, or that of an authority between, has expired".to_owned(),
        CertificateError::NotValidYetContext { time, not_before } => {
            let (now, start) = (date(*time), date(*not_before));
            format!("its certificate is not valid before {start}, and by the clock here it is {now}")
        }
        CertificateError::NotValidYet => "its certificate is not valid yet by the clock here".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "its certificate has no alternative names (subjectAltName), and so is for no server at all: a common name (CN) does \
             not count"
                .to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| plain(name)).collect();
            let (expected, names) = (expected.to_str(), names.join(", "));
            format!(
                "its certificate is not for {expected}, but for {names}; connect by a name in it, or set tls-server-name to one"
            )
        }
        CertificateError::NotValidForName => {
            "its certificate is for another name; connect by a name in it, or set tls-server-name".to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not one for servers (extended key usage)".to_owned()
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            let (library, advice) = (provider::provider_name(), provider::advice());
            format!("its certificate has a key or signature that {library} does not know{advice}")
        }
        // webpki's word, whose type rustls does not show.
        error if is_ca_used_as_end_entity(error) => {
            format!(
                "its certificate is one of an authority (CA:TRUE), and such a one is accepted only if it was issued by, or is, \
                 one of the certificate-authority of the cluster ({}), without name constraints on the way",
                settings.trust
            )
        }
        _ => "its certificate cannot be accepted".to_owned(),
    }
}

/// What a server means that broke off.
fn refused(alert: AlertDescription, settings: &Settings) -> String {
    match alert {
        AlertDescription::ProtocolVersion => OLD_TLS.to_owned(),
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            let (library, advice) = (provider::provider_name(), provider::advice());
            format!(
                "it and this client have no TLS settings in common: the server wants a cipher or signature that {library} \
                 does not know{advice}, or a client certificate"
            )
        }
        AlertDescription::UnrecognisedName => {
            "it does not know the name that it is asked for; set tls-server-name to the right one".to_owned()
        }
        AlertDescription::NoApplicationProtocol => "it speaks neither HTTP/2 nor HTTP/1.1".to_owned(),
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => match &settings.identity {
            None => "it wants a client certificate, and none is configured".to_owned(),
            Some(origin) => format!("it wants another client certificate than that from {origin}"),
        },
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => match &settings.identity {
            None => "it refused the connection; does it want a client certificate?".to_owned(),
            Some(origin) => {
                let why = match settings.identity_dates_error() {
                    Some(CertificateError::ExpiredContext { not_after, .. }) => {
                        format!(", which expired at {}", date(not_after))
                    }
                    Some(CertificateError::NotValidYetContext { not_before, .. }) => {
                        format!(", which is not valid before {}", date(not_before))
                    }
                    _ => String::new(),
                };
                format!("it refused the client certificate from {origin}{why}")
            }
        },
        _ => "it broke off the TLS connection; does it want another client certificate?".to_owned(),
    }
}

/// `DnsName("a.example")` and `IpAddress(10.0.0.1)`, as webpki has them, without what is around the name.
fn plain(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

fn date(time: UnixTime) -> String {
    Time::from_unix(time.as_secs().try_into().unwrap_or(i64::MAX), 0).to_string()
}
