//! Foreign text in errors: what a plugin wrote to its standard error, or a provider said.

/// How much of it is shown: the end of a plugin's words says why it failed.
const LIMIT: usize = 2 << 10;

/// What replaces redacted text.
const LEFT_OUT: &str = "[redacted]";

/// The text on few lines, without control characters (a terminal would obey them), without these secrets, and without
/// what looks like a token or a private key.
pub(super) fn shown<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    // A short one would take harmless text with it, and is no secret. Of two of which one begins with the other, the longer
    // one goes first.
    let mut secrets: Vec<_> = secrets.into_iter().filter(|secret| secret.len() >= 4).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        text = text.replace(secret, LEFT_OUT);
    }
    let text = without_keys(&text);
    let clean: String =
        text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect();
    let mut shown = String::with_capacity(clean.len());
    for piece in clean.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        shown.push_str(if is_token(word) { LEFT_OUT } else { word });
        shown.push_str(&piece[word.len()..]);
    }
    let shown = shown.trim();
    match shown.char_indices().rev().nth(LIMIT) {
        Some((start, _)) => format!("…{}", &shown[start..]),
        None => shown.to_owned(),
    }
}

/// A JSON Web Token, or a token as AWS or Google make them, whatever stands around it.
fn is_token(word: &str) -> bool {
    ["eyJ", "k8s-aws-v1.", "ya29."].iter().any(|start| {
        word.match_indices(start).any(|(at, _)| {
            let run = word[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.=+/".contains(*c)).count();
            run > 20
        })
    })
}

/// Without PEM blocks. The text may begin in the middle of one, and end so.
fn without_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    if let Some(end) = text.find("-----END ").filter(|end| !text[..*end].contains("-----BEGIN ")) {
        out.push_str(LEFT_OUT);
        rest = after_label(&text[end..]);
    }
    while let Some(start) = rest.find("-----BEGIN ") {
        out.push_str(&rest[..start]);
        out.push_str(LEFT_OUT);
        let block = &rest[start..];
        rest = block.find("-----END ").map_or("", |end| after_label(&block[end..]));
    }
    out.push_str(rest);
    out
}

/// What follows the line `-----END …-----`.
fn after_label(text: &str) -> &str {
    let label = &text["-----END ".len()..];
    label.find("-----").map_or("", |close| &label[close + "-----".len()..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_can_bring_out_a_secret_or_a_control_character(
            before in "\\PC*|[-BEGIND \\n\u{1b}]*",
            secret in "[0-9]{8,40}",
            after in "\\PC*|[-BEGIND \\n\u{1b}]*",
        ) {
            let half = &secret[..secret.len() / 2];
            let text = format!("{before}{secret} {half}{after}");
            let shown = shown(&text, [half, secret.as_str()]);
            prop_assert!(!shown.contains(half) || before.contains(half) || after.contains(half));
            prop_assert!(!shown.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_left_out_and_the_rest_stays() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let text = format!("login failed: id_token={jwt}, try again\n");
        assert_eq!(shown(&text, []), "login failed: [redacted] try again");
        let text = "key:\n-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\nend";
        assert_eq!(shown(text, []), "key:\n[redacted]\nend");
        assert_eq!(shown("password hunter22 is wrong", ["hunter22", ""]), "password [redacted] is wrong");
        assert_eq!(shown("\u{1b}[31mred\u{1b}[0m", []), "\u{fffd}[31mred\u{fffd}[0m");
        assert_eq!(shown("-----BEGIN PRIVATE KEY-----\nMIIB", []), "[redacted]");
        assert_eq!(shown("MIIB\n-----END PRIVATE KEY-----\nwhy", []), "[redacted]\nwhy");
    }

    #[test]
    fn a_token_is_found_behind_what_only_begins_like_one() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        for text in [
            format!("eyJ:{jwt}"),
            format!("eyJeyJ,{jwt}"),
            format!("k8s-aws-v1.;token={jwt}"),
            "{\"access_token\":\"ya29.a0AfB_byCsesamesesame-sesame\"}".to_owned(),
        ] {
            assert_eq!(shown(&text, []), "[redacted]", "{text}");
        }
        assert_eq!(shown("the prefix eyJ is short, ya29. too", []), "the prefix eyJ is short, ya29. too");
    }

    #[test]
    fn of_a_long_text_the_end_is_shown() {
        let text = format!("{}why", "é".repeat(5000));
        let shown = shown(&text, []);
        assert!(shown.ends_with("why") && shown.starts_with('…') && shown.chars().count() < 2100, "{}", shown.len());
    }
}
