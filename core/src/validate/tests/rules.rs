//! Validation rules.

use serde_json::{Value as Json, json};

use super::{errors, of, schema};
use crate::validate::{Schema, Validation, rule_problem};

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
        ("url(self.a).getScheme() == 'http'", "the functions getScheme(), url() are not available"),
        ("[1].all(i, x, i < x)", "all() with two variables"),
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
fn addresses_and_ranges_are_those_of_kubernetes() {
    for rule in [
        "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.01') && !isIP('fe80::1%eth0') && !isIP('::ffff:1.2.3.4')",
        "ip('10.0.0.1').family() == 4 && ip('2001:db8::1').family() == 6 && ip('10.0.0.1') == ip('10.0.0.1')",
        "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && !ip.isCanonical('2001:db8::0:0:0:abcd')",
        "ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified() && ip('127.0.0.1').isLoopback() && ip('::1').isLoopback()",
        "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast()",
        "ip('169.254.1.1').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()",
        "ip('192.168.0.1').isGlobalUnicast() && ip('2001:db8::1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
        "!ip('224.0.0.1').isGlobalUnicast() && !ip('127.0.0.1').isGlobalUnicast() && !ip('fe80::1').isGlobalUnicast()",
        "isCIDR('10.0.0.1/8') && isCIDR('::/0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')",
        "!isCIDR('10.0.0.0/+8') && !isCIDR('::ffff:1.2.3.0/120') && !isCIDR('::/129') && !isCIDR('1.2.3.4/')",
        "cidr('192.168.1.7/24').ip() == ip('192.168.1.7') && cidr('192.168.1.7/24').masked() == cidr('192.168.1.0/24')",
        "cidr('192.168.1.7/24').prefixLength() == 24 && cidr('1.2.3.4/0').masked() == cidr('0.0.0.0/0')",
        "cidr('192.168.0.0/24').containsIP('192.168.0.7') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.7'))",
        "cidr('::/0').containsIP('2001:db8::1') && !cidr('::/0').containsIP('10.0.0.1')",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))",
    ] {
        let validation = evaluate(rule, json!({}));
        assert_eq!((errors(&validation), validation.unchecked()), (Vec::new(), [].as_slice()), "{rule}");
        let denied = evaluate(&format!("!({rule})"), json!({}));
        assert_eq!((denied.errors().len(), denied.unchecked()), (1, [].as_slice()), "!({rule})");
    }
    // What is none fails on the server, too: it neither passes nor fails here.
    for rule in ["ip('x').family() == 4", "cidr('10.0.0.0').prefixLength() == 8"] {
        assert_eq!(evaluate(rule, json!({})).unchecked().len(), 1, "{rule}");
    }
}

#[test]
fn what_is_reported_of_a_rule_beforehand_is_what_evaluates_or_does_not() {
    for (rule, is_available) in [
        ("isURL('x')", false),
        ("format.dns1123Label().validate('x').hasValue()", false),
        ("semver('1.0.0').isLessThan(semver('2.0.0'))", false),
        ("[1].all(i, x, x > i)", false),
        ("[1].exists(i, x, x > i)", false),
        ("[1].transformList(i, x, x).size() == 1", false),
        ("optional.ofNonZeroValue(1).hasValue()", false),
        ("[1, 2].map(x, x > 1, x).size() == 1 && [1].exists_one(x, x == 1) && [1].filter(x, x == 1).size() == 1", true),
        ("optional.of(1).orValue(2) == 1 && dyn([1]).size() == 1 && optional.of(1).optMap(x, x + 1).hasValue()", true),
        ("[1].existsOne(x, x == 1) && optional.of(1).optFlatMap(x, optional.none()).orValue(3) == 3", true),
        ("'url()' == r'url()' // url()", true),
    ] {
        assert_eq!(rule_problem(rule).is_none(), is_available, "{rule}");
        let validation = evaluate(rule, json!({}));
        assert_eq!(validation.unchecked().is_empty(), is_available, "{rule}: {validation:?}");
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
