//! Patterns in the syntax of RE2, which Go has, for the crate `regex`.
//!
//! Both have the same semantics (no backtracking, leftmost first); what is spelled differently is rewritten:
//! `\d`, `\s`, `\w` and `\b` are ASCII in RE2, `{` alone is a character, and classes have no set operations.
//!
//! <https://github.com/google/re2/wiki/Syntax>

use regex::Regex;

/// Compiles a pattern.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let regex = Regex::new(&rewrite(pattern));
    regex.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("the compiled pattern is larger than {limit} bytes"),
        // The last line says what; those above draw the pattern.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            format!("the pattern can't be compiled: {}", last.strip_prefix("error: ").unwrap_or(last))
        }
    })
}

fn rewrite(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    // Inside a class, and whether something of it was written.
    let mut class: Option<bool> = None;
    while let Some(c) = rest.next() {
        match (c, class) {
            ('\\', _) => match rest.next() {
                Some('Q') => {
                    let mut quoted = String::new();
                    while let Some(c) = rest.next() {
                        if c == '\\' && rest.peek() == Some(&'E') {
                            rest.next();
                            break;
                        }
                        quoted.push(c);
                    }
                    out.push_str(&regex::escape(&quoted));
                }
                Some(escaped) => out.push_str(&escape(escaped, class.is_some())),
                None => out.push('\\'),
            },
            ('[', None) => {
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // A bracket at the start of a class stands for itself.
                if rest.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
                class = Some(false);
                continue;
            }
            ('[', Some(_)) if rest.peek() == Some(&':') => {
                // A named class: `[:alpha:]`.
                out.push('[');
                for c in rest.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            (']', Some(_)) => {
                out.push(']');
                class = None;
            }
            ('[' | '&' | '~', Some(_)) => {
                out.push('\\');
                out.push(c);
            }
            ('-', Some(true)) if out.ends_with('-') && !out.ends_with("\\-") => out.push_str("\\-"),
            ('{', None) if !is_repetition(rest.clone()) => out.push_str("\\{"),
            (c, _) => out.push(c),
        }
        if let Some(written) = &mut class {
            *written = true;
        }
    }
    out
}

/// Whether `{` begins a repetition: `3}`, `3,}`, `3,5}`.
fn is_repetition(rest: impl Iterator<Item = char>) -> bool {
    let inside: String = rest.take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '}')).collect();
    let Some((inside, _)) = inside.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    !least.is_empty() && !most.contains(',')
}

/// An escape sequence.
fn escape(escaped: char, in_class: bool) -> String {
    let text = match (escaped, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('D', _) => "[^0-9]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b', false) => "(?-u:\\b)",
        // What needs no escape there may not be allowed one here.
        (c, _) if c.is_ascii_punctuation() => return format!("\\{c}").replace("\\<", "<").replace("\\>", ">"),
        (c, _) => return format!("\\{c}"),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        // Pattern, what matches, what does not: as Go's regexp answers.
        for (pattern, yes, no) in [
            (r"^\d+$", "07", "٣"),
            (r"^[\w.-]+$", "a_b.c-d", "é"),
            (r"^\S+$", "a\u{a0}b", "a b"),
            (r"^[^\d]$", "٣", "3"),
            (r"^{a}$", "{a}", "a"),
            (r"^a{2,3}$", "aaa", "a"),
            (r"^a{,3}$", "a{,3}", "aa"),
            (r"^[[a]$", "[", "b"),
            (r"^[]a]$", "]", "["),
            (r"^[a&&b]+$", "a&b", "c"),
            (r"^[+--]$", ",", "."),
            (r"^[[:alpha:]]+$", "abc", "1"),
            (r"^\Qa.b\E$", "a.b", "axb"),
            (r"^(?i)abc$", "ABC", "abd"),
            (r"^[a-z]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", "a.b-c", "a..b"),
            (r"\bfoo\b", "a foo b", "afoo"),
        ] {
            let regex = compile(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
            assert!(regex.is_match(yes), "{pattern} {yes}");
            assert!(!regex.is_match(no), "{pattern} {no}");
        }
    }

    #[test]
    fn what_can_not_be_compiled_says_why() {
        let why = compile("^(?=a)").expect_err("a look-ahead");
        assert!(why.contains("look-around"), "{why}");
        assert!(compile("(").is_err());
    }
}
