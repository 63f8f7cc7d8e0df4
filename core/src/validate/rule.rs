//! Validation rules, whoever evaluates them.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>

use serde_json::Value as Json;

use super::error::{FieldError, Reason, SchemaError, Validation};
use super::node::Node;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    pub rule: String,
    pub more: More,
    #[cfg(feature = "cel")]
    pub compiled: super::cel::Compiled,
}

/// What happens if a rule is not met.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "cel"), allow(dead_code))]
pub struct More {
    pub message: String,
    pub message_expression: String,
    pub reason: Option<Reason>,
    pub field_path: String,
    pub optional_old_self: bool,
}

impl Rule {
    pub fn read(rule: &Json) -> Result<Self, SchemaError> {
        let text = |name: &str| rule.get(name).and_then(Json::as_str).unwrap_or_default();
        let reason = match text("reason") {
            "FieldValueForbidden" => Some(Reason::Forbidden),
            "FieldValueRequired" => Some(Reason::Required),
            "FieldValueDuplicate" => Some(Reason::Duplicate),
            _ => None,
        };
        let more = More {
            message: text("message").trim().to_owned(),
            message_expression: text("messageExpression").to_owned(),
            reason,
            field_path: text("fieldPath").to_owned(),
            optional_old_self: rule.get("optionalOldSelf").and_then(Json::as_bool).unwrap_or_default(),
        };
        let rule = rule.get("rule").and_then(Json::as_str);
        let rule = rule.ok_or_else(|| SchemaError::new("a validation rule has no `rule`"))?.to_owned();
        #[cfg(feature = "cel")]
        let compiled = super::cel::Compiled::new(&rule, &more.message_expression);
        Ok(Self {
            rule,
            more,
            #[cfg(feature = "cel")]
            compiled,
        })
    }
}

/// What the API server says in the place of rules if it does not evaluate them.
const BLOCKED: &str = "Invalid value: null: some validation rules were not checked because the object was invalid; \
    correct the existing errors to complete validation";

/// Evaluates the rules of an object, unless it has errors with which the API server does not.
pub fn check(node: &Node, object: &Json, old: Option<&Json>, validation: &mut Validation) {
    if !node.has_rules {
        return;
    }
    if validation.errors.iter().any(|error| error.reason.blocks_rules()) {
        let error = FieldError { field: String::new(), reason: Reason::Invalid, message: BLOCKED.to_owned() };
        validation.errors.push(error);
        return;
    }
    #[cfg(feature = "cel")]
    super::cel::check(node, object, old, validation);
    #[cfg(not(feature = "cel"))]
    unchecked(node, object, old, "", validation);
}

/// Without the feature `cel` every rule for a value that is there is reported.
#[cfg(not(feature = "cel"))]
fn unchecked(node: &Node, value: &Json, old: Option<&Json>, at: &str, validation: &mut Validation) {
    use super::error::Unchecked;
    use super::path;

    if value.is_null() || !node.has_rules {
        return;
    }
    for rule in &node.rules {
        // A transition rule does not apply to a new object.
        if old.is_none() && rule.rule.contains("oldSelf") && !rule.more.optional_old_self {
            continue;
        }
        let why = "the feature `cel` is off".to_owned();
        validation.unchecked.push(Unchecked { field: at.to_owned(), rule: rule.rule.clone(), why });
    }
    for node in &node.all_of {
        unchecked(node, value, old, at, validation);
    }
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                let Some((node, at)) = node.field_at(name, at) else { continue };
                unchecked(node, value, old.and_then(|old| old.get(name)), &at, validation);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Some(inner) = &node.items {
                    let old = super::node::counterpart(node, old, item);
                    unchecked(inner, item, old, &path::item(at, index), validation);
                }
            }
        }
        _ => {}
    }
}

/// Words that CEL reserves.
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The name of a field in a rule.
pub fn escaped(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    if !name.contains(['.', '-', '/']) && !name.contains("__") {
        return name.to_owned();
    }
    name.replace("__", "__underscores__").replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_in_kubernetes() {
        for (name, expected) in [
            ("namespace", "__namespace__"),
            ("x-prop", "x__dash__prop"),
            ("redact__d", "redact__underscores__d"),
            ("a.b/c", "a__dot__b__slash__c"),
            ("plain_name", "plain_name"),
        ] {
            assert_eq!(escaped(name), expected);
        }
    }
}
