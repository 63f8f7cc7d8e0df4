//! Expressions that objects have, in a build without CEL: nothing is known of them here. An object that has one is refused once it
//! is found to be right otherwise, by [`without_cel`](crate::without_cel).

/// What is wrong with an expression: nothing that is known.
pub(super) fn syntax(_expression: &str) -> Result<(), String> {
    Ok(())
}

/// The type that an expression of a policy makes: none that is known.
pub(super) fn of_policy(_expression: &str, _declares: impl Fn(&str) -> bool) -> Result<Option<String>, String> {
    Ok(None)
}

/// The same of a rule in a schema.
pub(super) fn of_schema(_expression: &str, _declares: impl Fn(&str) -> bool) -> Result<Option<String>, String> {
    Ok(None)
}
