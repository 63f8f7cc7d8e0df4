//! Doc comments: our own words about what the documents say, and a server's descriptions made safe for rustdoc.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc attributes for a text, a line each.
pub fn attributes(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// The same as text, for what is not printed by prettyplease.
pub fn comment(text: &str, indent: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { format!("{indent}///\n") } else { format!("{indent}/// {line}\n") })
        .collect()
}

/// Makes a server's description safe as a doc comment: nothing in it is Markdown that rustdoc warns of or compiles.
///
/// Links to the web become `<…>`; brackets, angle brackets, asterisks, underscores and the like are escaped; code
/// between balanced backticks stays; indented blocks and fences, which rustdoc would run as tests, become paragraphs.
pub fn sanitize(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line: String =
            line.chars().filter(|c| !is_invisible(*c)).map(|c| if c == '\t' { ' ' } else { c }).collect();
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            continue;
        }
        if line.is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
            continue;
        }
        // What follows an item of a list, up to an empty line, goes on with the item.
        let listed = lines.last().is_some_and(|last| last.starts_with("- ") || last.starts_with("  "));
        let indent = if listed && !line.starts_with("- ") { "  " } else { "" };
        lines.push(format!("{indent}{}", sanitize_line(line)));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Control and formatting characters, among them those that turn the direction of text around.
fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn sanitize_line(line: &str) -> String {
    let balanced = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    let mut safe = String::with_capacity(line.len() + 8);
    let mut rest = line;
    // What starts a line may make it a heading or a list item (which is harmless); the rest is escaped anywhere.
    if rest.starts_with(['#', '=', '+']) || is_numbered(rest) || rest.starts_with("---") || rest.starts_with("- ") {
        match rest.strip_prefix("- ") {
            Some(item) => {
                safe.push_str("- ");
                rest = item.trim_start();
            }
            None if is_numbered(rest) => {
                let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
                safe.push_str(&rest[..digits]);
                safe.push('\\');
                safe.push_str(&rest[digits..=digits]);
                rest = &rest[digits + 1..];
            }
            None => safe.push('\\'),
        }
    }
    while !rest.is_empty() {
        if let Some(length) = url_length(rest) {
            safe.push('<');
            safe.push_str(&rest[..length]);
            safe.push('>');
            rest = &rest[length..];
            continue;
        }
        let mut letters = rest.chars();
        let Some(letter) = letters.next() else { break };
        rest = letters.as_str();
        match letter {
            '`' if balanced => {
                let end = rest.find('`').map_or(rest.len(), |end| end + 1);
                safe.push('`');
                safe.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            '`' => safe.push('\''),
            '[' | ']' | '<' | '>' | '*' | '_' | '\\' | '~' | '|' | '&' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ => safe.push(letter),
        }
    }
    safe
}

fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.starts_with(['.', ')'])
}

/// How long the web address at the start of a text is, without the punctuation of the sentence around it.
fn url_length(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '`' | ')' | ']' | '}' | '|' | '\\'))
        .unwrap_or(text.len());
    let length = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']).len();
    (length > scheme.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_become_links() {
        assert_eq!(
            sanitize("See https://example.com/a_b. Or (http://x.y)."),
            "See <https://example.com/a_b>. Or (<http://x.y>)."
        );
        assert_eq!(sanitize("http:// is no address"), "http:// is no address");
    }

    #[test]
    fn what_looks_like_markdown_or_html_is_text() {
        assert_eq!(sanitize("a [b] <c> *d* e_f_g"), r"a \[b\] \<c\> \*d\* e\_f\_g");
        assert_eq!(sanitize("# heading\n> quote\n1. one\n---"), "\\# heading\n\\> quote\n1\\. one\n\\---");
    }

    #[test]
    fn code_between_balanced_backticks_stays() {
        assert_eq!(sanitize("use `a[0] <b>` here"), "use `a[0] <b>` here");
        assert_eq!(sanitize("an odd ` one [x]"), r"an odd ' one \[x\]");
        assert_eq!(sanitize("``double``"), "''double''");
    }

    #[test]
    fn nothing_becomes_a_test() {
        let text = sanitize("An example:\n\n    let x = 1;\n\n```\nassert!(false);\n```\n\tindented");
        assert_eq!(text, "An example:\n\nlet x = 1;\n\nassert!(false);\nindented");
    }

    #[test]
    fn a_list_stays_one() {
        assert_eq!(
            sanitize("One of:\n- a,\nwhich is long\n- b\n\nAfter."),
            "One of:\n- a,\n  which is long\n- b\n\nAfter."
        );
    }

    #[test]
    fn characters_that_hide_or_turn_text_are_dropped() {
        assert_eq!(sanitize("a\u{202e}b\u{200b}c\u{7}"), "abc");
    }
}
