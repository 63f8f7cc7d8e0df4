//! The formats of texts that the API server knows: it checks them, and ignores any other with a warning.
//!
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/formats.go>

/// The formats without dashes, as the API server compares them, each with its usual spellings.
const TEXTS: &[(&str, &[&str])] = &[
    ("bsonobjectid", &["bsonobjectid"]),
    ("uri", &["uri"]),
    ("email", &["email"]),
    ("hostname", &["hostname"]),
    ("ipv4", &["ipv4"]),
    ("ipv6", &["ipv6"]),
    ("cidr", &["cidr"]),
    ("mac", &["mac"]),
    ("uuid", &["uuid"]),
    ("uuid3", &["uuid3"]),
    ("uuid4", &["uuid4"]),
    ("uuid5", &["uuid5"]),
    ("isbn", &["isbn"]),
    ("isbn10", &["isbn10"]),
    ("isbn13", &["isbn13"]),
    ("creditcard", &["creditcard", "credit-card"]),
    ("ssn", &["ssn"]),
    ("hexcolor", &["hexcolor", "hex-color"]),
    ("rgbcolor", &["rgbcolor", "rgb-color"]),
    ("byte", &["byte"]),
    ("password", &["password"]),
    ("date", &["date"]),
    ("duration", &["duration"]),
    ("datetime", &["date-time", "datetime"]),
    ("k8sshortname", &["k8s-short-name"]),
    ("k8slongname", &["k8s-long-name"]),
];

/// The format of this name, without dashes and as it is spelled; `None` if the API server ignores it.
pub fn of_text(name: &str) -> Option<(&'static str, &'static str)> {
    TEXTS.iter().find_map(|(kind, names)| Some((*kind, *names.iter().find(|known| **known == name)?)))
}

/// The formats of texts that the API server checks, each in its usual spellings.
#[doc(hidden)]
pub fn text_formats() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().flat_map(|(_, names)| names.iter().copied())
}
