//! Random strings, numbers and JSON, with a liking for what is special.

/// Where all chance comes from.
pub type Rng = fastrand::Rng;

/// Whether something happens that does so once in so many times.
pub fn once_in(rng: &mut Rng, times: u32) -> bool {
    rng.u32(..times) == 0
}

/// One of these.
pub fn one<'a, T: ?Sized>(rng: &mut Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(..of.len())]
}

/// A string: mostly a name, else one that an encoding must take care of.
pub fn string(rng: &mut Rng) -> String {
    match rng.u32(..10) {
        0 => String::new(),
        1 => {
            let odd = ["\"", "\\", "\n", "\0", "\u{7f}", "/", "é", "日本", "\u{2028}", "😀", "\u{fffd}", "\u{1}", " "];
            (0..rng.usize(1..12)).map(|_| one(rng, &odd)).collect()
        }
        // Longer than what is kept inline, and than a length of one byte can say.
        2 => name(rng).repeat(rng.usize(4..40)),
        3 => one(rng, &["null", "true", "0", "{}", "apiVersion", "1Gi", "-0", "1e400"]).to_owned(),
        _ => name(rng),
    }
}

/// A word of a few letters.
pub fn name(rng: &mut Rng) -> String {
    (0..rng.usize(1..16)).map(|_| rng.lowercase()).collect()
}

/// Some bytes.
pub fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(..=most)).map(|_| rng.u8(..)).collect()
}

/// An integer, often a small one or one at a limit.
pub fn integer(rng: &mut Rng) -> i64 {
    match rng.u32(..8) {
        0 => 0,
        1 => -1,
        2 => i64::MAX,
        3 => i64::MIN,
        4 => i64::from(rng.i32(..)),
        5 => rng.i64(..),
        _ => rng.i64(0..300),
    }
}

/// A number that is neither infinite nor NaN.
pub fn float(rng: &mut Rng) -> f64 {
    let any = f64::from_bits(rng.u64(..));
    match rng.u32(..6) {
        0 => 0.0,
        1 => -0.0,
        2 => f64::MAX,
        3 => f64::from(rng.i32(..)) / 8.0,
        4 => 5e-324,
        _ if any.is_finite() => any,
        _ => 1.5,
    }
}

/// JSON text other than `null`, nested at most so deep.
pub fn json(rng: &mut Rng, depth: usize) -> String {
    let kinds = if depth == 0 { 4 } else { 6 };
    match rng.u32(..kinds) {
        0 => one(rng, &["true", "false"]).to_owned(),
        1 => serde_json::to_string(&string(rng)).unwrap_or_default(),
        2 => integer(rng).to_string(),
        3 => one(rng, &["0.5", "-1.25e+3", "1e2", "18446744073709551616", "-0", "3.0"]).to_owned(),
        4 => {
            let items: Vec<String> = (0..rng.usize(..4)).map(|_| json(rng, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => object(rng, depth),
    }
}

/// A JSON object, nested at most so deep.
pub fn object(rng: &mut Rng, depth: usize) -> String {
    let entries: Vec<String> = (0..rng.usize(..4))
        .map(|index| format!("\"{}{index}\":{}", name(rng), json(rng, depth.saturating_sub(1))))
        .collect();
    format!("{{{}}}", entries.join(","))
}
