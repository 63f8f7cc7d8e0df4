//! Which quantities Go keeps as they were written: those that its parser takes for canonical at once.
//!
//! <https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#ParseQuantity>

/// The suffixes of powers of ten, and the powers.
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// The suffixes of powers of two, and how many digits such a power has, about.
const BINARY: [(&str, usize); 6] = [("Ki", 3), ("Mi", 6), ("Gi", 9), ("Ti", 12), ("Pi", 15), ("Ei", 18)];

/// The most digits of an amount that is read at once.
const MAX_DIGITS: usize = 18;

/// Whether a text, which is a quantity, is written as it is: `1E3` and `+5`, but not `1000` or `0.5`.
pub(super) fn is_kept(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).trim_start_matches('0');
    let (whole, rest) = digits(unsigned);
    let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() {
        return false;
    }
    if let Some((_, size)) = BINARY.iter().find(|(known, _)| *known == suffix) {
        let is_odd = whole.parse::<i64>().is_ok_and(|whole| whole & 7 != 0);
        return fraction.is_empty() && whole.len() + size < 15 && is_odd;
    }
    let of_suffix = DECIMAL.iter().find(|(known, _)| *known == suffix).map(|(_, power)| *power);
    let power = of_suffix.or_else(|| suffix.strip_prefix(['e', 'E'])?.parse().ok());
    let places = i32::try_from(fraction.len()).ok();
    let Some(scale) = power.zip(places).and_then(|(power, places)| power.checked_sub(places)) else { return false };
    let all = format!("{whole}{fraction}");
    all.len() <= MAX_DIGITS && scale >= -9 && scale % 3 == 0 && !all.ends_with("000")
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn what_looks_canonical_is_kept() {
        let kept = ["1", "+5", "007", "5.", "1E3", "2e0", "1e+3", "1.500", "100m", "1Ki", "1025Mi", "-1k"];
        assert!(kept.iter().all(|text| is_kept(text)));
        let others = ["0", "1000", "0.5", "1e1", "1024Ki", "1.5Gi", "2.5", "12345678901234567890", "0000Ki"];
        assert!(!others.iter().any(|text| is_kept(text)));
    }
}
