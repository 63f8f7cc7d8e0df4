//! Host names of other letters, as they are on the wire ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)).
//!
//! Written here for an entry of `NO_PROXY` in a hundred thousand: the crate idna brings the tables of Unicode with it, which
//! take longer to build than the rest of the transport. What they are for, names that look alike, makes no difference
//! where a name is compared with one that somebody chose.

use std::borrow::Cow;

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

/// A host name, small letters, with its labels of other letters as punycode. What can't be written so stays as it is.
pub(super) fn to_ascii(host: &str) -> Cow<'_, str> {
    if host.is_ascii() {
        return Cow::Borrowed(host);
    }
    let label = |label: &str| match label.is_ascii() {
        true => Some(label.to_owned()),
        false => encode(&label.to_lowercase()).map(|encoded| format!("xn--{encoded}")),
    };
    match host.split('.').map(label).collect::<Option<Vec<_>>>() {
        Some(labels) => Cow::Owned(labels.join(".")),
        None => Cow::Borrowed(host),
    }
}

/// Section 6.3 of the RFC. `None` if the label is too long to be one.
fn encode(label: &str) -> Option<String> {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let total = u32::try_from(label.chars().count()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut done) = (128, 0_u32, 72, basic);
    while done < total {
        let least = label.chars().map(u32::from).filter(|char| *char >= next).min()?;
        delta = delta.checked_add((least - next).checked_mul(done + 1)?)?;
        next = least;
        for char in label.chars().map(u32::from) {
            if char < next {
                delta = delta.checked_add(1)?;
            }
            if char == next {
                push_number(&mut out, delta, bias);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        next += 1;
    }
    // The length of a label of DNS, with the `xn--`.
    (out.len() <= 59).then_some(out)
}

fn push_number(out: &mut String, mut number: u32, bias: u32) {
    let mut k = BASE;
    loop {
        let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if number < threshold {
            break;
        }
        out.push(digit(threshold + (number - threshold) % (BASE - threshold)));
        number = (number - threshold) / (BASE - threshold);
        k += BASE;
    }
    out.push(digit(number));
}

fn digit(value: u32) -> char {
    char::from_digit(if value < 26 { value + 10 } else { value - 26 }, BASE).unwrap_or('a')
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_other_letters_are_written_as_on_the_wire() {
        let cases = [
            ("example.com", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            (".Bücher.example", ".xn--bcher-kva.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("straße.de", "xn--strae-oqa.de"),
        ];
        for (name, expected) in cases {
            assert_eq!(to_ascii(name), expected, "{name}");
        }
    }

    #[test]
    fn a_label_that_is_too_long_stays_as_it_is() {
        let long = "ü".repeat(100_000);
        assert_eq!(to_ascii(&long), long);
    }
}
