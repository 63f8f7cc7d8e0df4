//! Determines whether an applied field that the server does not know is newer than the server.
//!
//! The server returns a 500 without a reason, whose message has the fields' paths.

use crate::Client;
use crate::Served;
use crate::error::Error;
use crate::message::Descriptor;

const UNDECLARED: &str = ": field not declared in schema";

/// Explains the error of an apply: if one of its fields is of a later minor than the server, the error reports that.
pub(crate) async fn explain(client: &Client, table: &'static Descriptor, error: Error) -> Error {
    let message = error.status().and_then(|status| status.message.as_deref()).filter(|_| error.is_request_fault());
    let Some((field, since)) = message.and_then(|message| newest(table, message)) else { return error };
    match client.server_version().await {
        Ok(server) if server.major == 1 && server.minor < since => {
            let operation = error.operation().cloned();
            let newer = Error::field_not_served(&field, Served::since(since), server).with_source(error);
            match operation {
                Some(operation) => newer.with_operation(&operation),
                None => newer,
            }
        }
        _ => error,
    }
}

/// Returns the field of the latest minor among the undeclared fields of a message.
fn newest(table: &'static Descriptor, message: &str) -> Option<(String, u32)> {
    let ends = message.match_indices(UNDECLARED).map(|(at, _)| message.get(..at).unwrap_or_default());
    let paths = ends.map(|text| text.rsplit(char::is_whitespace).next().unwrap_or(text));
    let known = paths.map(|path| (path.to_owned(), since(table, path))).filter(|(_, since)| *since > 0);
    known.max_by_key(|(_, since)| *since)
}

/// Returns the minor that introduced a field, by its path as the server writes it:
/// `.spec.containers[name="web"].image`. 0 if it is as old as its kind, or unknown.
fn since(mut table: &'static Descriptor, path: &str) -> u32 {
    let mut since = 0;
    let (mut depth, mut names) = (0_u32, vec![String::new()]);
    for letter in path.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => names.push(String::new()),
            letter if depth == 0 => names.iter_mut().last().into_iter().for_each(|name| name.push(letter)),
            _ => {}
        }
    }
    for name in names.iter().filter(|name| !name.is_empty()) {
        let Some(field) = table.fields.iter().find(|field| field.name() == name) else { return since };
        since = since.max(u32::from(field.since));
        let Some(message) = field.message else { return since };
        table = message();
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{FIELD, FieldDesc};

    static INNER: Descriptor = Descriptor::new(
        "Inner",
        None,
        &[FieldDesc { key: "\"new\":", since: 36, ..FIELD }, FieldDesc { key: "\"old\":", ..FIELD }],
    );
    static OUTER: Descriptor =
        Descriptor::new("Outer", None, &[FieldDesc { key: "\"list\":", message: Some(|| &INNER), ..FIELD }]);

    #[test]
    fn a_field_is_found_by_the_path_that_the_server_writes() {
        let message =
            |path: &str| format!("failed to create typed patch object (/o; apps/v1, Kind=X): {path}{UNDECLARED}");
        assert_eq!(
            newest(&OUTER, &message(r#".list[name="a.b"].new"#)),
            Some((r#".list[name="a.b"].new"#.to_owned(), 36))
        );
        for path in [".list[0].old", ".list[0].bogus", ".bogus", ""] {
            assert_eq!(newest(&OUTER, &message(path)), None, "{path}");
        }
        let several = format!("errors:\n  .bogus{UNDECLARED}\n  .list[0].new{UNDECLARED}");
        assert_eq!(newest(&OUTER, &several), Some((".list[0].new".to_owned(), 36)));
    }
}
