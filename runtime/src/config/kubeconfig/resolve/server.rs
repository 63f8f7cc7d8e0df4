//! The `server` of a cluster, as Go's URLs are read.

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::invalid;
use crate::config::error::ConfigError;

const SHAPE: &str = "it should look like https://host:port";

/// What a path can't have as it is.
const ESCAPED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Reads a server's URL. Without a scheme it is `http`, and then it is a host and a port alone; a query and a fragment
/// have no meaning.
pub(super) fn parse(server: &str, place: &str) -> Result<Uri, ConfigError> {
    // Without a query, which may hold a password; and not at all where it may be a login that is not written as one.
    let shown = match server.split(['?', '#']).next().unwrap_or_default() {
        text if text.contains('@') => String::new(),
        text => format!("{text:?} "),
    };
    let wrong = |why: &str| invalid(format!("{place}: server {shown}{why}; {SHAPE}"));
    let (text, scheme_given) = match server.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) && !rest.starts_with('/') => (server.to_owned(), true),
        _ => (format!("http://{server}"), false),
    };
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (text, dropped) = text.split_at(end);
    let start = text.find("://").map_or(0, |at| at + 3);
    let path = text.get(start..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| start + at);
    let (before, path) = text.split_at(path);
    if before.contains('@') {
        // Not quoted: it may be a password.
        return Err(invalid(format!(
            "{place}: server holds a login (`…@…`); write it as `username` and `password` of the user instead"
        )));
    }
    if !scheme_given && (!matches!(path, "" | "/") || before.ends_with(':')) {
        return Err(wrong("has no scheme and is no host and port"));
    }
    if !has_good_escapes(path) {
        return Err(wrong("has a `%` in its path without two hexadecimal digits after it"));
    }
    let uri: Uri = format!("{before}{}", utf8_percent_encode(path, ESCAPED))
        .parse()
        .map_err(|error: http::uri::InvalidUri| wrong("is not a URL").because(error))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(other) => return Err(wrong(&format!("has the scheme {other:?}"))),
        None => return Err(wrong("has no scheme")),
    }
    if uri.host().unwrap_or_default().is_empty() {
        return Err(wrong("has no host"));
    }
    let has_port = uri.authority().is_some_and(|authority| {
        let text = authority.as_str();
        text.rsplit(']').next().is_some_and(|text| text.contains(':')) && !text.ends_with(':')
    });
    if has_port && uri.port_u16().is_none() {
        return Err(wrong("has a port that is not a number up to 65535"));
    }
    if !scheme_given {
        tracing::warn!(%place, "server has no scheme and is taken as http: credentials are not sent");
    }
    if !dropped.is_empty() {
        tracing::warn!(%place, "server has a query or a fragment, which is ignored");
    }
    Ok(uri)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn has_good_escapes(path: &str) -> bool {
    path.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
