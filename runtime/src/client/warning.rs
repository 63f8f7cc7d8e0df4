//! Warnings that the server sends along with a response.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::WARNING;

use crate::error::redacted;

/// A warning from the API server, such as about a deprecated API or an unknown field.
///
/// <https://kubernetes.io/blog/2020/09/03/warnings/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The warning code; Kubernetes sends 299.
    pub code: u16,
    /// The component that warns; `-` if unspecified.
    pub agent: String,
    /// The text.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Number of remembered texts. If a server sends more, they may be logged more than once.
const REMEMBERED: usize = 1000;

/// The warnings that were logged.
#[derive(Default)]
pub(super) struct Warned(Mutex<HashSet<String>>);

impl Warned {
    /// Whether the text is new.
    fn is_new(&self, text: &str) -> bool {
        // The set is always consistent.
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.contains(text) {
            return false;
        }
        if logged.len() >= REMEMBERED {
            logged.clear();
        }
        logged.insert(text.to_owned())
    }
}

/// Passes each warning of a response to the handler, or, redacted and each once, to `tracing` if there is no handler.
pub(super) fn surface(headers: &HeaderMap, handler: Option<&super::WarningHandler>, warned: &Warned) {
    for value in headers.get_all(WARNING) {
        let text = String::from_utf8_lossy(value.as_bytes());
        for warning in parse(&text) {
            match handler {
                Some(handler) => handler(&warning),
                None => {
                    let text = redacted(&warning.text);
                    if warned.is_new(&text) {
                        tracing::warn!(code = warning.code, "warning from the API server: {text}");
                    }
                }
            }
        }
    }
}

/// Parses the warnings of a header: `299 - "text"`, comma-separated. Anything else is returned whole.
fn parse(header: &str) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        match parse_one(rest) {
            Some((warning, after)) => {
                warnings.push(warning);
                rest = after.trim_start().trim_start_matches(',').trim_start();
            }
            None => {
                warnings.push(Warning { code: 299, agent: "-".to_owned(), text: rest.to_owned() });
                break;
            }
        }
    }
    warnings
}

fn parse_one(text: &str) -> Option<(Warning, &str)> {
    let (code, rest) = text.split_once(' ')?;
    let code = code.parse().ok()?;
    let (agent, rest) = rest.split_once(' ')?;
    let mut chars = rest.strip_prefix('"')?.char_indices();
    let mut text = String::new();
    while let Some((index, char)) = chars.next() {
        match char {
            '"' => {
                let mut after = &rest[index + 2..];
                // An optional date in quotes.
                if let Some(date) = after.strip_prefix(" \"") {
                    after = date.split_once('"').map_or("", |(_, after)| after);
                }
                return Some((Warning { code, agent: agent.to_owned(), text }, after));
            }
            '\\' => text.push(chars.next()?.1),
            _ => text.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_read_from_one_header_or_many() {
        let texts = |header: &str| parse(header).into_iter().map(|warning| warning.text).collect::<Vec<_>>();
        assert_eq!(texts(r#"299 - "batch/v1beta1 CronJob is deprecated""#), ["batch/v1beta1 CronJob is deprecated"]);
        assert_eq!(texts(r#"299 - "a \"quoted\" word", 299 - "b""#), [r#"a "quoted" word"#, "b"]);
        assert_eq!(texts(r#"299 - "dated" "Wed, 21 Oct 2015 07:28:00 GMT""#), ["dated"]);
    }

    #[test]
    fn a_warning_is_logged_once_and_what_is_remembered_has_a_limit() {
        let warned = Warned::default();
        assert!(warned.is_new("a") && warned.is_new("b"));
        assert!(!warned.is_new("a") && !warned.is_new("b"));
        for text in 0..3 * REMEMBERED {
            assert!(warned.is_new(&text.to_string()));
            assert!(warned.0.lock().expect("not poisoned").len() <= REMEMBERED);
        }
    }

    #[test]
    fn a_malformed_warning_is_not_lost() {
        assert_eq!(parse("just text")[0].text, "just text");
        assert_eq!(parse(r#"299 - "unfinished"#)[0].text, r#"299 - "unfinished"#);
        assert!(parse("").is_empty());
    }
}
