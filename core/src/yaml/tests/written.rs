//! What is written is read back, here and by kubectl's YAML library, whose rules the vectors hold.

use crate::DynamicObject;
use crate::yaml::{from_str, to_string};

#[test]
fn a_string_that_looks_like_another_scalar_is_quoted() {
    for text in [
        "y",
        "n",
        "Y",
        "N",
        "yes",
        "no",
        "on",
        "off",
        "On",
        "true",
        "null",
        "~",
        "",
        "0400",
        "0o17",
        "017",
        "1_000",
        "1__0",
        "1_",
        "0b11",
        "0x1F",
        "-0x1F",
        "+1",
        "08",
        "1e3",
        "1e+06",
        ".5",
        "5.",
        "1.0",
        ".inf",
        "-.INF",
        ".nan",
        "1:30",
        "<<",
        "=",
        "#x",
        "a: b",
        "a #b",
        "- a",
        "@a",
        "`a",
        "%a",
        "!a",
        "&a",
        "*a",
        "?",
        "-",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "a\nb",
        "a\n",
        "\na",
        " a",
        "a ",
        "\t",
        "a\tb",
        "\u{feff}a",
        "\u{85}",
        "\u{2028}",
        "\0",
        "\u{1b}[0m",
        "---",
        "...",
        "2024-01-01",
        "{a}",
        "[a]",
        "a,b",
        "12345678901234567890123",
        "0x7fffffffffffffffff",
        "1e400",
    ] {
        let object =
            serde_json::json!({"kind": "A", "spec": {"value": text, text: "key"}, "metadata": {"labels": {"l": text}}});
        let object: DynamicObject = crate::json::from_str(&object.to_string()).expect("an object");
        let written = to_string(&object).expect("YAML");
        let read: DynamicObject = from_str(&written).unwrap_or_else(|error| panic!("{text:?}: {error}\n{written}"));
        assert_eq!(read, object, "{text:?}:\n{written}");
        // A typed string field takes more than kubectl: the untyped half of the object says that it is quoted.
        assert_eq!(read.unknown_fields.get("spec"), object.unknown_fields.get("spec"), "{text:?}:\n{written}");
    }
}
