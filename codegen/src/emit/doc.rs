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

/// A name or value as code in a sentence: on one line, with nothing in it that ends the code, or hides or turns text.
pub fn code(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '`' => shown.push('\''),
            c if c.is_control() || is_invisible(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// Makes a server's description safe as a doc comment: what it says in Markdown stays, and nothing in it is Markdown that
/// rustdoc warns of or compiles.
///
/// Lists, headings of lists, fenced examples (as text, which is no test) and links to the web stay; bare addresses become
/// `<…>`; other brackets, angle brackets, asterisks, underscores and the like are escaped; code between balanced backticks
/// stays; indented blocks, which rustdoc would run as tests, become examples too.
pub fn sanitize(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.lines().map(visible).peekable();
    // How far the text of the list item is indented that a line may belong to.
    let mut item: Option<usize> = None;
    while let Some(line) = rest.next() {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        let after_blank = lines.last().is_none_or(String::is_empty);
        if !trimmed.is_empty() {
            // What follows an item of a list, up to an empty line, belongs to the item; after that only what is indented.
            item = item.filter(|_| !after_blank || indent >= 2);
        }
        if let Some(fence) = fence(trimmed) {
            let mut block = Vec::new();
            for line in rest.by_ref() {
                if line.trim().starts_with(fence)
                    && line.trim().trim_start_matches(fence.chars().next().unwrap_or('`')).is_empty()
                {
                    break;
                }
                block.push(line);
            }
            example(&mut lines, &block, item.unwrap_or_default());
            continue;
        }
        if trimmed.is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
            continue;
        }
        if let Some(marker) = marker(trimmed) {
            // An item below another one is indented as it was, but never so far that it would be an example.
            let depth = if indent >= 2 { item.map_or(0, |item| item.min(2)) } else { 0 };
            let (marker, words) = trimmed.split_at(marker);
            let marker = if marker.starts_with(['*', '+']) { "- " } else { marker };
            lines.push(format!("{}{marker}{}", " ".repeat(depth), sanitize_line(words.trim_start())));
            item = Some(depth + marker.chars().count());
            continue;
        }
        if after_blank && indent >= 4 && item.is_none() {
            let mut block = vec![line];
            while rest.peek().is_some_and(|line| line.trim().is_empty() || line.starts_with("    ")) {
                block.extend(rest.next());
            }
            while block.last().is_some_and(|line| line.trim().is_empty()) {
                block.pop();
            }
            example(&mut lines, &block, 0);
            lines.push(String::new());
            continue;
        }
        lines.push(format!("{}{}", " ".repeat(item.unwrap_or_default()), sanitize_start(trimmed)));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// A line without what hides or turns text; what is behind a tab stands four columns further.
fn visible(line: &str) -> String {
    line.replace('\t', "    ").chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect()
}

/// The fence that a line opens, if it does.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|fence| {
        // Code in a sentence may be between three backticks too.
        line.starts_with(fence) && !line.trim_start_matches(['`', '~']).contains('`')
    })
}

/// Appends a block as an example that is text.
fn example(lines: &mut Vec<String>, block: &[String], indent: usize) {
    if block.iter().all(|line| line.trim().is_empty()) {
        return;
    }
    let common = block.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let common = common.min().unwrap_or_default();
    // Longer than any fence inside.
    let longest = block.iter().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    let indent = " ".repeat(indent);
    lines.push(format!("{indent}{fence}text"));
    for line in block {
        let line = line.get(common..).unwrap_or_default().trim_end();
        lines.push(if line.is_empty() { String::new() } else { format!("{indent}{line}") });
    }
    lines.push(format!("{indent}{fence}"));
}

/// How long the marker of a list's item is that a line starts with, with the space behind it.
fn marker(line: &str) -> Option<usize> {
    if line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ") {
        return Some(2);
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let numbered = (1..=2).contains(&digits) && (line[digits..].starts_with(". ") || line[digits..].starts_with(") "));
    (numbered && line.len() > digits + 2).then_some(digits + 2)
}

/// Control and formatting characters, among them those that turn the direction of text around.
fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2069}'
            | '\u{61c}' | '\u{feff}')
}

/// As [`sanitize_line`], of a line that starts a paragraph: nothing makes it a heading, a rule or a list.
fn sanitize_start(line: &str) -> String {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &line[digits..];
    if digits > 0 && rest.starts_with(['.', ')']) {
        return format!("{}\\{}", &line[..digits], sanitize_line(rest));
    }
    if line.starts_with(['#', '=', '+']) || line.starts_with("---") || line == "-" {
        return format!("\\{}", sanitize_line(line));
    }
    sanitize_line(line)
}

fn sanitize_line(line: &str) -> String {
    let balanced = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    let mut safe = String::with_capacity(line.len() + 8);
    let mut rest = line;
    while !rest.is_empty() {
        if let Some(length) = url_length(rest) {
            safe.push('<');
            safe.push_str(&rest[..length]);
            safe.push('>');
            rest = &rest[length..];
            continue;
        }
        if let Some((words, address, length)) = link(rest) {
            safe.push_str(&format!("[{}](<{address}>)", sanitize_line(words)));
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

/// A link to the web at the start of a text: its words, its address, and how long it is.
fn link(text: &str) -> Option<(&str, &str, usize)> {
    let (words, after) = text.strip_prefix('[')?.split_once("](")?;
    if words.trim().is_empty() || words.contains(['[', ']', '`', '!']) || words.contains("://") {
        return None;
    }
    let length = url_length(after)?;
    after[length..].starts_with(')').then(|| (words, &after[..length], words.len() + length + 4))
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
        assert_eq!(sanitize("# heading\n> quote\n1.one\n---"), "\\# heading\n\\> quote\n1\\.one\n\\---");
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
        assert_eq!(
            text, "An example:\n\n```text\nlet x = 1;\n```\n\n```text\nassert!(false);\n```\nindented",
            "an example is text, and no code block is one that rustdoc compiles"
        );
    }

    #[test]
    fn lists_links_and_examples_stay_what_they_are() {
        let text = sanitize(
            "Use:\n* one\n* two,\n  of [these docs](https://x.y/a_b)\n1. first\n  - below\n\n```yaml\na: *b\n\n  c: 1\n```\nAfter.",
        );
        assert_eq!(
            text,
            "Use:\n- one\n- two,\n  of [these docs](<https://x.y/a_b>)\n1. first\n  - below\n\n```text\na: *b\n\n  c: 1\n```\nAfter."
        );
        assert_eq!(sanitize("[x](y) [a](https://b.c"), r"\[x\](y) \[a\](<https://b.c>");
    }

    #[test]
    fn code_ends_where_it_ends() {
        assert_eq!(code("a`b\n\u{202e}c"), r"a'b\n\u{202e}c");
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
