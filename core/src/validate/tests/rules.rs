//! Validation rules.

use serde_json::{Value as Json, json};

use super::{errors, of, schema};
use crate::validate::{Schema, Validation};

fn ruled(rule: Json, properties: Json) -> Schema {
    schema(json!({"type": "object", "x-kubernetes-validations": [rule], "properties": properties}))
}

/// Evaluates an expression for a spec of any fields.
fn evaluate(expression: &str, spec: Json) -> Validation {
    ruled(json!({"rule": expression}), json!({})).validate(&json!({"spec": spec}))
}

#[test]
fn a_rule_that_is_not_met_has_its_message_reason_and_path() {
    let properties = json!({"min": {"type": "integer"}, "max": {"type": "integer"}});
    let spec = json!({"min": 2, "max": 1});
    for (rule, expected) in [
        (json!({"rule": "self.min <= self.max"}), "spec: Invalid value: failed rule: self.min <= self.max"),
        (json!({"rule": "self.min <= self.max", "message": " too much "}), "spec: Invalid value: too much"),
        (
            json!({"rule": "self.min <= self.max", "messageExpression": "'at most ' + string(self.max)", "fieldPath": ".min"}),
            "spec.min: Invalid value: at most 1",
        ),
        (
            json!({"rule": "self.min <= self.max", "messageExpression": "''", "message": "m", "reason": "FieldValueForbidden"}),
            "spec: Forbidden: m",
        ),
        (
            json!({"rule": "self.nope == 1"}),
            "spec: Invalid value: \"object\": no such key: nope evaluating rule: self.nope == 1",
        ),
        (
            json!({"rule": "self.min / 0 == 1"}),
            "spec: Invalid value: \"object\": division by zero evaluating rule: self.min / 0 == 1",
        ),
    ] {
        assert_eq!(of(&ruled(rule.clone(), properties.clone()), spec.clone()), [expected], "{rule}");
    }
}

#[test]
fn a_rule_that_can_not_be_evaluated_is_reported_as_not_checked() {
    for (rule, why) in [
        ("ip(self.a).family() == 4", "is not available"),
        ("self.a ==", "can't be parsed"),
        ("self.a", "neither true nor false"),
        ("self.a + 1 == 2", "can't be evaluated"),
    ] {
        let validation = evaluate(rule, json!({"a": "x"}));
        assert!(validation.is_valid(), "{rule}: {validation:?}");
        assert_eq!(validation.unchecked().len(), 1, "{rule}: {validation:?}");
        assert!(validation.unchecked()[0].why.contains(why), "{rule}: {validation:?}");
        assert_eq!(validation.unchecked()[0].field, "spec");
    }
}

#[test]
fn transition_rules_compare_with_the_value_before() {
    let schema =
        ruled(json!({"rule": "self.a == oldSelf.a", "message": "immutable"}), json!({"a": {"type": "string"}}));
    assert_eq!(of(&schema, json!({"a": "x"})), [""; 0]);
    let old = json!({"spec": {"a": "x"}});
    assert_eq!(errors(&schema.validate_update(&json!({"spec": {"a": "x"}}), &old)), [""; 0]);
    assert_eq!(errors(&schema.validate_update(&json!({"spec": {"a": "y"}}), &old)), ["spec: Invalid value: immutable"]);
    let optional = json!({"rule": "!oldSelf.hasValue() || self.a == oldSelf.value().a", "optionalOldSelf": true});
    let schema = ruled(optional, json!({"a": {"type": "string"}}));
    assert_eq!(of(&schema, json!({"a": "x"})), [""; 0]);
    assert_eq!(errors(&schema.validate_update(&json!({"spec": {"a": "y"}}), &old)).len(), 1);
}

#[test]
fn a_rule_that_was_broken_before_counts_only_where_something_changed() {
    let schema = schema(json!({"type": "object", "properties": {
        "a": {"type": "object", "x-kubernetes-validations": [{"rule": "self.x > 0"}], "properties": {"x": {"type": "integer"}}},
        "b": {"type": "integer"}}}));
    let old = json!({"spec": {"a": {"x": 0}}});
    assert_eq!(errors(&schema.validate_update(&json!({"spec": {"a": {"x": 0}, "b": 1}}), &old)), [""; 0]);
    assert_eq!(errors(&schema.validate_update(&json!({"spec": {"a": {"x": -1}}}), &old)).len(), 1);
}

#[test]
fn rules_are_not_evaluated_on_an_object_of_other_types() {
    let schema = ruled(json!({"rule": "false"}), json!({"a": {"type": "integer"}}));
    let found = of(&schema, json!({"a": "x"}));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|error| error.contains("some validation rules were not checked")), "{found:?}");
}

#[test]
fn rules_have_the_functions_of_kubernetes() {
    let spec = json!({"s": "Hello, World", "n": [1, 2, 3], "w": ["a", "b"], "m": {"k": 1}, "e": []});
    for rule in [
        "self.s.lowerAscii() == 'hello, world' && self.s.upperAscii() == 'HELLO, WORLD'",
        "self.s.indexOf('o') == 4 && self.s.lastIndexOf('o') == 8 && self.s.indexOf('o', 5) == 8 && self.s.indexOf('z') == -1",
        "self.s.substring(7) == 'World' && self.s.substring(0, 5) == 'Hello' && self.s.charAt(1) == 'e'",
        "self.s.split(', ') == ['Hello', 'World'] && self.w.join('-') == 'a-b' && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
        "self.s.replace('l', 'L') == 'HeLLo, WorLd' && self.s.replace('l', 'L', 1) == 'HeLlo, World'",
        "' x '.trim() == 'x' && 'abc'.reverse() == 'cba'",
        "self.s.find('[A-Z][a-z]+') == 'Hello' && self.s.findAll('[A-Z]') == ['H', 'W'] && self.s.matches('^Hello')",
        "self.n.isSorted() && self.n.sum() == 6 && self.n.min() == 1 && self.n.max() == 3 && self.n.indexOf(2) == 1",
        "sets.contains(self.n, [1, 2]) && sets.intersects(self.n, [9, 3]) && sets.equivalent(self.w, ['b', 'a', 'a'])",
        "self.n.all(x, x > 0) && self.n.exists(x, x == 2) && self.n.exists_one(x, x == 2) && self.n.filter(x, x > 1).size() == 2",
        "self.n.map(x, x * 2) == [2, 4, 6] && 2 in self.n && 'k' in self.m && has(self.m.k) && !has(self.m.z)",
        "self.s.startsWith('Hello') && self.s.endsWith('World') && self.s.contains('lo, W') && size(self.s) == 12",
        "self.e.isSorted() && self.e.sum() == 0",
        "'%s: %d of %.1f, %s'.format([self.s, 3, 1.25, self.n]) == 'Hello, World: 3 of 1.2, [1, 2, 3]'",
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').compareTo(quantity('0.5')) == 0",
        "isQuantity('1Ki') && !isQuantity('one') && quantity('2k').asInteger() == 2000 && !quantity('1m').isInteger()",
        "quantity('1').add(quantity('500m')).sub(1) == quantity('0.5') && quantity('-1').sign() == -1",
        "int('5') + 1 == 6 && double('1.5') == 1.5 && string(7) == '7'",
    ] {
        let validation = evaluate(rule, spec.clone());
        assert_eq!((errors(&validation), validation.unchecked()), (Vec::new(), [].as_slice()), "{rule}");
        let denied = evaluate(&format!("!({rule})"), spec.clone());
        assert_eq!((denied.errors().len(), denied.unchecked()), (1, [].as_slice()), "!({rule})");
    }
}

#[test]
fn values_have_the_types_of_their_schema() {
    let properties = json!({
        "n": {"type": "number"}, "t": {"type": "string", "format": "date-time"}, "u": {"type": "string", "format": "date-time"},
        "d": {"type": "string", "format": "duration"}, "b": {"type": "string", "format": "byte"},
        "x-y": {"type": "string"}, "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    });
    let spec = json!({"n": 1, "t": "2026-11-22T10:00:00+01:00", "u": "2026-11-22T09:00:01Z", "d": "90m", "b": "aGk=",
        "x-y": "z", "namespace": "n", "labels": {"x-y": "l"}});
    for rule in [
        "self.n < 1.5",
        "self.t < self.u",
        "self.d > duration('1h') && self.d.getMinutes() == 90",
        "self.b == b'hi'",
        "self.x__dash__y == 'z' && self.__namespace__ == 'n' && self.labels['x-y'] == 'l'",
    ] {
        let validation = ruled(json!({"rule": rule}), properties.clone()).validate(&json!({"spec": spec}));
        assert_eq!((errors(&validation), validation.unchecked()), (Vec::new(), [].as_slice()), "{rule}");
    }
}
