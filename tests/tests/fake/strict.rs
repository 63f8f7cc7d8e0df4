//! Fields that a kind doesn't have, and keys that are there twice, in all sorts of bodies.

use http::Method;

use super::media_types::{APPLY, JSON, JSON_PATCH, MERGE, STRATEGIC, YAML};
use super::scenarios::{GADGETS, Scenario};
use super::steps::Steps;

const DEPLOYMENTS: &str = "apps/v1:deployments";

/// Sends a text with a warning of what is found, and with an error.
fn both(s: &mut Steps, method: Method, path: &str, media_type: &'static str, text: &str) {
    let sign = if path.contains('?') { '&' } else { '?' };
    s.send_text(method.clone(), &format!("{path}{sign}fieldValidation=Strict"), media_type, text);
    s.send_text(method, path, media_type, text);
}

pub const SCENARIOS: &[Scenario] = &[
    ("strict findings are in the order of the text", |s| {
        let text = r#"{"zz":1,"metadata":{"name":"a","labels":{"x":"1","x":"2"},"bogus":1},"aa":{"b":1,"b":2},
            "data":{"b":"1","b":"2","b":"3","a":"1"},"immutable":false,"immutable":false}"#;
        both(s, Method::POST, "configmaps", JSON, text);
        let text = r#"{"metadata":{"name":"a","name":"a"},"zz":1,"data":{"b":"2","b":"2"},"aa":1}"#;
        both(s, Method::PUT, "configmaps/a", JSON, text);
        s.send_text(Method::PUT, "configmaps/a?fieldValidation=Ignore", JSON, text);
    }),
    ("strict findings are deep in lists", |s| {
        let text = r#"{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b","a":"b"}},"template":{"metadata":
            {"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x","image":"y","bogus":1,"ports":[{"containerPort":80,
            "containerPort":80,"x":1}]},{"name":"d","image":"x","env":[{"value":"1","name":"A","value":"2"}]}]}}}}"#;
        both(s, Method::POST, DEPLOYMENTS, JSON, text);
    }),
    ("strict findings of custom resources", |s| {
        let text = r#"{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a","bogus":1,"labels":{"x":"1","x":"2"}},
            "zz":1,"spec":{"size":1,"size":2,"bogus":{"a":1,"a":2},"ports":[{"port":1,"port":2,"x":1}],"raw":{"a":1,"a":2}}}"#;
        both(s, Method::POST, GADGETS, JSON, text);
        let text = r#"{"spec":{"level":"low","level":"high","bogus":1},"metadata":{"annotations":{"x":"1","x":"2"}}}"#;
        both(s, Method::PATCH, &format!("{GADGETS}/a"), MERGE, text);
        s.send_text(Method::PATCH, &format!("{GADGETS}/a"), STRATEGIC, "{}");
        s.send_text(Method::PATCH, &format!("{GADGETS}/a"), JSON, "{}");
        s.send_text(Method::PATCH, &format!("{GADGETS}/a"), "", "{}");
        let text =
            "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: b}\nspec:\n  size: 1\n  bogus: 1\n  size: 2\n";
        both(s, Method::POST, GADGETS, YAML, text);
        both(s, Method::PATCH, &format!("{GADGETS}/c?fieldManager=A"), APPLY, text);
        let text = &text.replace("name: b", "name: c").replace("  bogus: 1\n", "");
        both(s, Method::PATCH, &format!("{GADGETS}/c?fieldManager=A"), APPLY, text);
    }),
    ("strict findings of patches", |s| {
        s.send_text(Method::POST, "configmaps", JSON, r#"{"metadata":{"name":"a"},"data":{"x":"1"}}"#);
        let text = r#"{"zz":1,"data":{"b":"1","b":"2"},"aa":{"x":1,"x":2},"metadata":{"labels":{"l":"1","l":"2"}}}"#;
        both(s, Method::PATCH, "configmaps/a", MERGE, text);
        both(s, Method::PATCH, "configmaps/a", STRATEGIC, text);
        let text = r#"[{"op":"add","op":"add","path":"/data/y","value":"1","bogus":1},
            {"op":"add","path":"/zz","value":{"x":1,"x":2}},{"op":"add","path":"/aa","value":1}]"#;
        both(s, Method::PATCH, "configmaps/a", JSON_PATCH, text);
        s.send_text(Method::PATCH, "configmaps/a?fieldValidation=Ignore", JSON_PATCH, text);
    }),
    ("patches of other types", |s| {
        s.send_text(Method::POST, "configmaps", JSON, r#"{"metadata":{"name":"a"},"data":{"x":"1"}}"#);
        for text in ["[]", "1", "\"x\"", "null", "{"] {
            s.send_text(Method::PATCH, "configmaps/a", MERGE, text);
            s.send_text(Method::PATCH, "configmaps/a", STRATEGIC, text);
        }
        for text in ["{}", "1", "null", "[1]", r#"[{"op":1}]"#, r#"[{"op":"add","path":[]}]"#, "[{}]"] {
            s.send_text(Method::PATCH, "configmaps/a", JSON_PATCH, text);
        }
        s.send_text(Method::PATCH, "configmaps/none", MERGE, "[]");
        s.send_text(Method::PATCH, "configmaps/none", MERGE, "{");
    }),
    ("keys twice in YAML", |s| {
        let text = "apiVersion: v1\nkind: ConfigMap\nbogus: 1\nmetadata:\n  name: a\n  labels: {x: '1', x: '2'}\n  name: a\ndata:\n  a: '1'\n  b: |\n    text\n  a: '2'\ndata:\n  c: '1'\n";
        both(s, Method::POST, "configmaps", YAML, text);
        both(
            s,
            Method::PATCH,
            "configmaps/b?fieldManager=A",
            APPLY,
            &text.replace("bogus: 1\n", "").replace("name: a", "name: b"),
        );
        s.send_text(
            Method::PATCH,
            "configmaps/b?fieldManager=A&fieldValidation=Ignore",
            APPLY,
            &text.replace("bogus: 1\n", "").replace("name: a", "name: b"),
        );
        both(s, Method::PUT, "configmaps/a", YAML, text);
    }),
    ("keys twice in JSON that is applied", |s| {
        let text = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"1","x":"2"}},
"data":{"a":"1",
"a":"2"}}"#;
        both(s, Method::PATCH, "configmaps/a?fieldManager=A", APPLY, text);
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=B", APPLY, &text.replace("\"2\"", "\"3\""));
    }),
    ("keys that are merged in YAML", |s| {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: &l {x: '1', y: '2'}\n  annotations:\n    <<: *l\n    x: '3'\ndata: {z: '1'}\n";
        both(s, Method::PATCH, "configmaps/a?fieldManager=A", APPLY, text);
        both(s, Method::POST, "configmaps", YAML, &text.replace("name: a", "name: b"));
    }),
    ("objects of keys that are there twice", |s| {
        s.send_text(
            Method::POST,
            "configmaps",
            JSON,
            r#"{"metadata":{"name":"a"},"data":{"a":"1","b":"1"},"data":{"b":"2"},"metadata":{"labels":{"x":"1"}}}"#,
        );
        s.send_text(
            Method::POST,
            GADGETS,
            JSON,
            r#"{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a"},"spec":{"size":1},"spec":{"level":"low"}}"#,
        );
        s.send_text(Method::PATCH, "configmaps/a", MERGE, r#"{"data":{"c":"1"},"data":{"d":"1"}}"#);
        s.send_text(
            Method::POST,
            DEPLOYMENTS,
            JSON,
            r#"{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
            "spec":{"containers":[{"name":"c","image":"x","args":["1","2"]},{"name":"d","image":"y"}],"nodeSelector":{"x":"1"}}},
            "template":{"spec":{"containers":[{"image":"z","args":["3"]}],"nodeSelector":{"y":"2"}}}}}"#,
        );
    }),
    ("how strictly fields are validated has to be known", |s| {
        let text = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#;
        s.send_text(Method::POST, "configmaps?fieldValidation=Bogus", JSON, text);
        s.send_text(Method::PUT, "configmaps/a?fieldValidation=strict", JSON, text);
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=A&fieldValidation=Bogus", APPLY, text);
        s.send_text(Method::PATCH, "configmaps/a?fieldManager=A&fieldValidation=", APPLY, text);
    }),
];
