//! Which functions validation rules may call on the client: those that are here are evaluated with the feature `cel`, and a
//! rule with any other is reported as not checked.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries>

use std::collections::BTreeSet;

/// Functions and methods, without their namespaces: the last word of `sets.contains`.
const FUNCTIONS: &[&str] = &[
    "add",
    "asApproximateFloat",
    "asInteger",
    "bool",
    "bytes",
    "charAt",
    "cidr",
    "compareTo",
    "contains",
    "containsCIDR",
    "containsIP",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "equivalent",
    "family",
    "find",
    "findAll",
    "format",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "hasValue",
    "indexOf",
    "int",
    "intersects",
    "ip",
    "isCIDR",
    "isCanonical",
    "isGlobalUnicast",
    "isGreaterThan",
    "isIP",
    "isInteger",
    "isLessThan",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isLoopback",
    "isQuantity",
    "isSorted",
    "isUnspecified",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "masked",
    "matches",
    "max",
    "min",
    "none",
    "of",
    "orValue",
    "prefixLength",
    "quantity",
    "replace",
    "reverse",
    "sign",
    "size",
    "split",
    "startsWith",
    "string",
    "sub",
    "substring",
    "sum",
    "timestamp",
    "trim",
    "uint",
    "upperAscii",
    "value",
];

/// What looks like a function, and is not called, each with the most arguments that it has here: more are for two variables.
const MACROS: &[(&str, usize)] = &[
    ("all", 2),
    ("exists", 2),
    ("existsOne", 2),
    ("exists_one", 2),
    ("filter", 2),
    ("has", 1),
    ("map", 3),
    ("optFlatMap", 2),
    ("optMap", 2),
];

/// Whether a function is available, by its name without a namespace.
pub fn is_known(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// What of a rule can't be evaluated on the client, whether or not the feature `cel` is on: functions that are not available.
pub fn problem(rule: &str) -> Option<String> {
    let tokens = tokens(rule);
    let mut unknown = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        let (Token::Word(name), Some(Token::Open('('))) = (token, tokens.get(index + 1)) else { continue };
        let macro_of_rule = MACROS.iter().find(|(known, _)| known == name);
        match macro_of_rule {
            Some((_, most)) if arguments(&tokens[index + 1..]) > *most => {
                unknown.insert(format!("{name}() with two variables"));
            }
            None if !is_known(name) && *name != "in" => {
                unknown.insert(format!("{name}()"));
            }
            _ => {}
        }
    }
    let names: Vec<String> = unknown.into_iter().collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("the function {one} is not available on the client")),
        many => Some(format!("the functions {} are not available on the client", many.join(", "))),
    }
}

/// As much of a rule's syntax as tells its calls.
#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Open(char),
    Close,
    Comma,
    Other,
}

fn tokens(rule: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = rule;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let after_word = &rest[word..];
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => text(rest, false),
            // The prefixes of texts: raw, of bytes, or both.
            'r' | 'R' | 'b' | 'B' if word <= 2 && after_word.starts_with(['"', '\'']) => {
                word + text(after_word, rest[..word].contains(['r', 'R']))
            }
            _ if is_word(first) => {
                // A number is no name.
                let is_number = first.is_ascii_digit();
                tokens.push(if is_number { Token::Other } else { Token::Word(&rest[..word]) });
                word
            }
            _ => {
                tokens.extend(match first {
                    '(' | '[' | '{' => Some(Token::Open(first)),
                    ')' | ']' | '}' => Some(Token::Close),
                    ',' => Some(Token::Comma),
                    _ if first.is_whitespace() => None,
                    _ => Some(Token::Other),
                });
                first.len_utf8()
            }
        };
        if matches!(first, '"' | '\'') || (length > word && word > 0) {
            tokens.push(Token::Other);
        }
        rest = &rest[length..];
    }
    tokens
}

/// How long a text is, whose quotes may be threefold. It ends with the rule where they are not closed.
fn text(rest: &str, is_raw: bool) -> usize {
    let quote = &rest[..1];
    let triple = quote.repeat(3);
    let quotes = if rest.starts_with(&triple) { triple.as_str() } else { quote };
    let mut index = quotes.len();
    while let Some(next) = rest[index..].chars().next() {
        if rest[index..].starts_with(quotes) {
            return index + quotes.len();
        }
        index += next.len_utf8();
        if next == '\\' && !is_raw {
            index += rest[index..].chars().next().map_or(0, char::len_utf8);
        }
    }
    rest.len()
}

/// How many arguments a call has, from its bracket on.
fn arguments(tokens: &[Token<'_>]) -> usize {
    let (mut depth, mut commas) = (0_usize, 0);
    for token in tokens {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Comma if depth == 1 => commas += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    commas + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_are_not_available_are_named_each_once() {
        for (rule, expected) in [
            ("isURL(self) && url(self).getScheme() in ['http']", Some("isURL(), getScheme(), url()")),
            ("!format.dns1123Subdomain().validate(self).hasValue()", Some("dns1123Subdomain(), validate()")),
            ("semver(self.version).major() > 1", Some("major(), semver()")),
            ("self.all(i, x, i < x)", Some("all() with two variables")),
            ("self.m.transformList(k, v, k + v).size() > 0", Some("transformList()")),
            ("self.all(x, x in (self.b)) && has(self.a) && self.map(x, x > 0, x * 2).size() > 0", None),
            ("self.exists_one(x, [x, 1].sum() > 2 && sets.contains([1, 2], [x]))", None),
            ("self.matches('url(.*)\\'url()') && self != \"isURL()\" // semver()", None),
            ("self == r'\\' && url(self) == self", Some("url()")),
            ("self == b\"url()\" || self == '''it's url()'''", None),
            ("ip(self.a).family() == 4 && cidr('10.0.0.0/8').containsIP(self.a)", None),
            ("self.été() == 'unclosed", None),
        ] {
            let problem = problem(rule);
            match expected {
                None => assert_eq!(problem, None, "{rule}"),
                Some(names) => {
                    let problem = problem.unwrap_or_else(|| panic!("{rule}"));
                    let mut names: Vec<&str> = names.split(", ").collect();
                    names.sort_unstable();
                    assert!(problem.contains(&names.join(", ")), "{rule}: {problem}");
                }
            }
        }
    }
}
