//! `docs/testing-your-code.md` quotes the tests as they are.

const PAGE: &str = include_str!("../../../docs/testing-your-code.md");
const TESTS: [&str; 6] = [
    include_str!("operator.rs"),
    include_str!("cli.rs"),
    include_str!("faults.rs"),
    include_str!("webhooks.rs"),
    include_str!("quotas.rs"),
    include_str!("policies.rs"),
];

#[test]
fn the_page_has_the_tests_that_are_run() {
    for test in TESTS {
        let (title, rest) = test.split_once("\n\n").expect("a title");
        let quote = format!("```rust,ignore\n{}\n```\n", rest.trim_end());
        assert!(PAGE.contains(&quote), "docs/testing-your-code.md has not the present state of the test {title:?}");
    }
}
