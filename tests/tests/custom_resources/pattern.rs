//! Texts that match a pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

/// How often what may be repeated is at most.
const REPEATED: u32 = 12;

/// Texts that match a pattern, the shortest first; none if the pattern is none of these. Anchors and the bounds of words are
/// taken for granted: where they exclude a text, the server refuses it.
pub fn samples(pattern: &str, arms: usize) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let mut samples = Vec::new();
    for count in 0..=REPEATED {
        for arm in 0..=arms {
            let mut text = String::new();
            if write(&hir, count, arm, &mut text).is_some() && !samples.contains(&text) {
                samples.push(text);
            }
        }
    }
    samples.sort_by_key(|text| text.chars().count());
    samples
}

/// Writes a text in which whatever may be repeated is so this often, and of alternatives the one of this index stands.
fn write(hir: &Hir, count: u32, arm: usize, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(character(class, arm)?),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            for _ in 0..count.clamp(repetition.min, most.max(repetition.min)) {
                write(&repetition.sub, count, arm, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, count, arm, text)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, count, arm, text))?,
        HirKind::Alternation(arms) => write(&arms[arm % arms.len()], count, arm, text)?,
    }
    Some(())
}

/// A character of a class, a plain one if it has one.
fn character(class: &Class, arm: usize) -> Option<char> {
    let is_in = |wanted: char| match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&wanted)),
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&(wanted as u8))),
    };
    let plain: Vec<char> =
        ('a'..='z').chain('1'..='9').chain('A'..='Z').chain(['0', '-', '/']).filter(|c| is_in(*c)).collect();
    if !plain.is_empty() {
        return Some(plain[arm % plain.len()]);
    }
    match class {
        Class::Unicode(class) => class.iter().next().map(|range| range.start()),
        Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
    }
}
