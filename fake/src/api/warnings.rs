//! Headers `Warning`: what a client is warned of.
//!
//! <https://kubernetes.io/docs/reference/using-api/deprecation-policy/#rest-resources-aka-api-objects>

use http::Response;
use http::header::{HeaderValue, WARNING};

use super::answer::Body;

/// The most letters of all warnings of a response, after which each is shortened.
const MAX_LETTERS: usize = 4096;

/// The most letters of a warning where there are too many.
const MAX_LETTERS_OF_ONE: usize = 256;

/// The warnings of a response that has no headers of them yet.
#[derive(Clone, Debug, Default)]
struct Warnings(Vec<String>);

/// A response with warnings, for [`write`].
pub(super) fn with_warnings(mut response: Response<Body>, warnings: Vec<String>) -> Response<Body> {
    if !warnings.is_empty() {
        response.extensions_mut().insert(Warnings(warnings));
    }
    response
}

/// Writes the warnings of a response, and before them that its resource is deprecated, one header each.
pub(super) fn write(mut response: Response<Body>, deprecation: Option<String>) -> Response<Body> {
    let own = response.extensions_mut().remove::<Warnings>().unwrap_or_default();
    for text in shortened(deprecation.into_iter().chain(own.0)) {
        let text = format!("299 - {}", quoted(&text));
        if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
            response.headers_mut().append(WARNING, value);
        }
    }
    response
}

/// The texts of a response's warnings, once they are [written](write).
pub(super) fn texts(response: &Response<Body>) -> Vec<String> {
    let texts = response.headers().get_all(WARNING).iter().filter_map(|value| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some(unquoted(value.strip_prefix("299 - ").unwrap_or(value)))
    });
    texts.collect()
}

/// The warnings, each once. Once they have too many letters, they are shortened and counted again, and the first that is too much is
/// the last.
fn shortened(warnings: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for warning in warnings.filter(|warning| !warning.is_empty()) {
        if !all.contains(&warning) {
            all.push(warning);
        }
    }
    let letters = |text: &String| text.chars().count();
    if all.iter().map(letters).sum::<usize>() <= MAX_LETTERS {
        return all;
    }
    let mut written = 0;
    let shorten = |text: String| text.chars().take(MAX_LETTERS_OF_ONE).collect::<String>();
    all.into_iter()
        .map(shorten)
        .take_while(|text| {
            let is_room = written < MAX_LETTERS;
            written += letters(text);
            is_room
        })
        .collect()
}

/// A string in quotes, as in headers.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\\\n"),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// What was [`quoted`].
fn unquoted(quoted: &str) -> String {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
    let mut letters = inner.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::api::answer::respond;

    #[test]
    fn warnings_are_read_as_they_were_written() {
        let all = vec![r#"unknown field "spec.a\b""#.to_owned(), "metadata.name: no capitals".to_owned()];
        let response = with_warnings(respond(StatusCode::OK, "text/plain", ""), all.clone());
        assert_eq!(texts(&write(response, None)), all);
    }

    #[test]
    fn warnings_are_shortened_where_they_are_too_long_together() {
        let of = |lengths: &[usize]| {
            let texts = lengths.iter().enumerate().map(|(index, length)| format!("{index}{}", "ä".repeat(length - 1)));
            shortened(texts).iter().map(|text| text.chars().count()).collect::<Vec<_>>()
        };
        assert_eq!(of(&[2000, 2096]), [2000, 2096]);
        assert_eq!(of(&[2000, 2097, 3]), [256, 256, 3]);
        assert_eq!(of(&[1000; 9]), [256; 9]);
        assert_eq!(of(&[300; 30]).len(), 16);
    }

    #[test]
    fn each_warning_is_there_once_and_quoted() {
        let twice = ["a".to_owned(), String::new(), "b".to_owned(), "a".to_owned()];
        assert_eq!(shortened(twice.into_iter()), ["a", "b"]);
        assert_eq!(quoted("a \"b\" \\ \n"), "\"a \\\"b\\\" \\\\ \\\\n\"");
    }
}
