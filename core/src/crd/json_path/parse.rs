//! How paths are read.

use serde_json::Value as Json;

use super::compare::Operator;
use super::{Filter, Range, Step};

/// How deep filters and unions may be inside each other.
const MAX_DEPTH: usize = 32;

/// Reads a path: what stands between braces for kubectl.
pub(super) fn path(text: &str) -> Result<Vec<Step>, String> {
    inner(text, 0)
}

fn inner(text: &str, depth: usize) -> Result<Vec<Step>, String> {
    if depth > MAX_DEPTH {
        return Err("it is nested too deeply".to_owned());
    }
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        rest = if let Some(filter) = rest.strip_prefix("[?(") {
            let (filter, behind) = split_filter(filter)?;
            steps.push(Step::Where(self::filter(filter, depth)?));
            behind
        } else if let Some(behind) = rest.strip_prefix("..") {
            if steps.last() == Some(&Step::Descendants) {
                return Err("invalid multiple recursive descent".to_owned());
            }
            steps.push(Step::Descendants);
            if behind.starts_with(is_alphanumeric) { field(behind, &mut steps) } else { behind }
        } else {
            match first {
                // What an object starts with has no meaning.
                ' ' | '@' | '$' => behind,
                '.' => field(behind, &mut steps),
                '[' => brackets(behind, &mut steps, depth)?,
                '"' | '\'' => {
                    let (quoted, behind) = quoted(behind, first)?;
                    steps.push(Step::Constant(Json::String(quoted)));
                    behind
                }
                '+' | '-' => number(rest, &mut steps)?,
                digit if digit.is_numeric() => number(rest, &mut steps)?,
                letter if is_alphanumeric(letter) => {
                    let (word, behind) = split(rest, false);
                    steps.push(match word {
                        "true" => Step::Constant(true.into()),
                        "false" => Step::Constant(false.into()),
                        word => Step::Word(word.to_owned()),
                    });
                    behind
                }
                '}' => return closed(behind, depth).map(|()| steps),
                '\n' | '\r' => return Err("unclosed action".to_owned()),
                other => return Err(format!("unrecognized character in action: {other:?}")),
            }
        };
    }
    Ok(steps)
}

/// What is behind a brace is text, with other paths between braces. They are read, and lead nowhere.
fn closed(text: &str, depth: usize) -> Result<(), String> {
    match text.split_once('{') {
        Some((_, path)) => inner(path, depth + 1).map(|_| ()),
        None => Ok(()),
    }
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// Splits a text where a name ends.
fn split(text: &str, has_escapes: bool) -> (&str, &str) {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if has_escapes => drop(letters.next()),
            ' ' | '\t' | '\n' | '\r' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}' => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

fn field<'a>(text: &'a str, steps: &mut Vec<Step>) -> &'a str {
    let (name, behind) = split(text, true);
    steps.push(if name == "*" { Step::All } else { Step::Field(name.replace('\\', "")) });
    behind
}

fn number<'a>(text: &'a str, steps: &mut Vec<Step>) -> Result<&'a str, String> {
    let sign = usize::from(text.starts_with(['+', '-']));
    let end = text[sign..].find(|letter: char| letter != '.' && !letter.is_ascii_digit());
    let (number, behind) = text.split_at(end.map_or(text.len(), |end| sign + end));
    let whole = number.parse::<i64>().ok().map(Json::from);
    let value = whole.or_else(|| number.parse::<f64>().ok().map(Json::from));
    steps.push(Step::Constant(value.ok_or_else(|| format!("cannot parse number {number}"))?));
    Ok(behind)
}

/// What is in brackets: an index, a range, a name, or several of them.
fn brackets<'a>(text: &'a str, steps: &mut Vec<Step>, depth: usize) -> Result<&'a str, String> {
    let end = text.find([']', '\n']).filter(|end| text[*end..].starts_with(']')).ok_or("unterminated array")?;
    let (inside, behind) = (&text[..end], &text[end + 1..]);
    if inside.contains(',') {
        let paths = inside.split(',').map(|part| inner(&format!("[{}]", part.trim_matches(' ')), depth + 1));
        steps.push(Step::Union(paths.collect::<Result<_, _>>()?));
        return Ok(behind);
    }
    let name = inside.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
    match name.filter(|name| !name.contains('\'')) {
        Some(name) => steps.extend(inner(&format!(".{name}"), depth + 1)?),
        None => steps.push(Step::Items(range(if inside == "*" { ":" } else { inside })?)),
    }
    Ok(behind)
}

fn range(text: &str) -> Result<Range, String> {
    let invalid = || format!("invalid array index {text}");
    let is_part = |part: &str| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 || !parts.iter().all(|part| is_part(part)) {
        return Err(invalid());
    }
    let index = |at: usize| match parts.get(at) {
        None | Some(&"") => Ok(None),
        Some(part) => part.parse::<i64>().map(Some).map_err(|_| format!("array index {part} is not a number")),
    };
    let (start, step, is_single) = (index(0)?, index(2)?, parts.len() == 1);
    let end = if is_single { Some(start.unwrap_or(0).saturating_add(1)) } else { index(1)? };
    Ok(Range { start, end, step, is_single })
}

/// Splits a text at the end of the filter that it starts with. Of several texts in quotes in it, the first alone may have a bracket in it.
fn split_filter(text: &str) -> Result<(&str, &str), String> {
    let (mut quote, mut is_closed, mut before) = (None, false, '(');
    for (at, letter) in text.char_indices() {
        match letter {
            '\n' => break,
            '"' | '\'' if quote.is_none() => quote = Some(letter),
            '"' | '\'' => is_closed |= before != '\\' && quote == Some(letter),
            ')' if quote.is_some() == is_closed => {
                let behind = text[at + 1..].strip_prefix(']').ok_or("unclosed array expect ]")?;
                return Ok((&text[..at], behind));
            }
            _ => {}
        }
        before = letter;
    }
    Err("unterminated filter".to_owned())
}

fn filter(text: &str, depth: usize) -> Result<Filter, String> {
    let is_sign = |letter: char| matches!(letter, '!' | '<' | '>' | '=');
    let compared = text.find(is_sign).filter(|at| *at > 0).and_then(|at| {
        let (left, rest) = text.split_at(at);
        let mut end = rest.find(|letter| !is_sign(letter)).unwrap_or(rest.len());
        if end == rest.len() {
            // The last sign is what is compared with, unless it is the only one.
            end = end.checked_sub(1).filter(|end| *end > 0)?;
        }
        Some((left, rest.split_at(end)))
    });
    let Some((left, (signs, right))) = compared else {
        return Ok(Filter { left: inner(text, depth + 1)?, right: None });
    };
    let right = (Operator::of(signs), inner(right, depth + 1)?);
    Ok(Filter { left: inner(left, depth + 1)?, right: Some(right) })
}

/// A text in quotes, without them.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let (mut value, mut letters) = (String::new(), text.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\n' => break,
            letter if letter == quote => return Ok((value, &text[at + 1..])),
            '\\' => {
                let invalid = || format!("unquote string {text:?} error invalid syntax");
                let (_, escaped) = letters.next().ok_or_else(invalid)?;
                let digits = match escaped {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                value.push(match escaped {
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    '\\' => '\\',
                    escaped if escaped == quote => quote,
                    _ if digits > 0 => {
                        let digits: String = letters.by_ref().take(digits).map(|(_, digit)| digit).collect();
                        u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or_else(invalid)?
                    }
                    _ => return Err(invalid()),
                });
            }
            letter => value.push(letter),
        }
    }
    Err("unterminated quoted string".to_owned())
}
