//! Numbers that are written with a point or an exponent.

use http::Method;
use serde_json::json;

use super::media_types::{APPLY, JSON, JSON_PATCH, MERGE, STRATEGIC, YAML};
use super::scenarios::{GADGETS, Scenario};

const SERVICES: &str = "services";
const QUOTAS: &str = "resourcequotas";
const DEPLOYMENTS: &str = "apps/v1:deployments";
const GIMMICKS: &str = "example.com/v1:gimmicks";

pub const SCENARIOS: &[Scenario] = &[
    ("floats in patches of a deployment", |s| {
        s.create(
            DEPLOYMENTS,
            json!({"metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]},
            }}}),
        );
        let path = "apps/v1:deployments/a";
        for text in [r#"{"spec":{"replicas":3.0}}"#, r#"{"spec":{"replicas":2.5}}"#, r#"{"spec":{"replicas":4e0}}"#] {
            s.send_text(Method::PATCH, path, STRATEGIC, text);
            s.in_other_words();
        }
        s.send_text(Method::PATCH, path, MERGE, r#"{"spec":{"replicas":1e0}}"#);
        s.in_other_words();
        s.send_text(Method::PATCH, path, JSON_PATCH, r#"[{"op":"replace","path":"/spec/replicas","value":5.0}]"#);
        s.in_other_words();
        for text in ["1.0", "\"1\"", "\"50%\"", "1.5", "true"] {
            let text = format!(r#"{{"spec":{{"strategy":{{"rollingUpdate":{{"maxSurge":{text}}}}}}}}}"#);
            s.send_text(Method::PATCH, path, STRATEGIC, &text);
            s.in_other_words();
            s.send_text(Method::PATCH, path, MERGE, &text);
            s.in_other_words();
        }
        let text =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 2.0, minReadySeconds: 1e1}\n";
        s.send_text(Method::PATCH, &format!("{path}?fieldManager=A&force=true"), APPLY, text);
        let text = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":3.0,"minReadySeconds":1e0}}"#;
        s.send_text(Method::PATCH, &format!("{path}?fieldManager=A&force=true"), APPLY, text);
    }),
    ("floats in ports", |s| {
        for (port, target) in [("80.0", "80"), ("80", "8080.0"), ("80", "8e3"), ("80", "true")] {
            let text = format!(
                r#"{{"metadata":{{"name":"a"}},"spec":{{"ports":[{{"port":{port},"targetPort":{target}}}],"clusterIP":"None"}}}}"#
            );
            s.send_text(Method::POST, SERVICES, JSON, &text);
            s.in_other_words();
        }
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {clusterIP: None, ports: [{port: 80.0, targetPort: 8.08e3}]}\n";
        s.send_text(Method::POST, SERVICES, YAML, text);
    }),
    ("floats in quantities", |s| {
        let text =
            r#"{"metadata":{"name":"a"},"spec":{"hard":{"cpu":1.5,"memory":1000000000.0,"pods":10.0,"secrets":7}}}"#;
        s.send_text(Method::POST, QUOTAS, JSON, text);
        let text =
            r#"{"metadata":{"name":"e"},"spec":{"hard":{"cpu":1e3,"memory":1.5E+6,"pods":1e1,"secrets":20e-1}}}"#;
        s.send_text(Method::POST, QUOTAS, JSON, text);
        s.send_text(Method::POST, QUOTAS, JSON, &text.replace("20e-1", "12e-1"));
        s.send_text(Method::PUT, "resourcequotas/e", JSON, &text.replace("1e3", "20E2"));
        s.send_text(Method::PATCH, "resourcequotas/e", MERGE, r#"{"spec":{"hard":{"cpu":3e3,"services":2e0}}}"#);
        s.send_text(Method::PATCH, "resourcequotas/e", STRATEGIC, r#"{"spec":{"hard":{"cpu":4e3,"services":3e0}}}"#);
        let text = r#"[{"op":"add","path":"/spec/hard/cpu","value":5e3},{"op":"replace","path":"/spec","value":{"hard":{"memory":2e9}}}]"#;
        s.send_text(Method::PATCH, "resourcequotas/e", JSON_PATCH, text);
        let text = r#"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"f"},"spec":{"hard":{"cpu":1e3}}}"#;
        s.send_text(Method::PATCH, "resourcequotas/f?fieldManager=A", APPLY, text);
        s.send_text(Method::PATCH, "resourcequotas/a", MERGE, r#"{"spec":{"hard":{"cpu":2.50,"memory":0.5}}}"#);
        s.send_text(Method::PATCH, "resourcequotas/a", STRATEGIC, r#"{"spec":{"hard":{"cpu":3.0,"memory":1.25}}}"#);
        let text = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: b}\nspec: {hard: {cpu: 1.5, memory: 1e9, pods: 10.0}}\n";
        s.send_text(Method::POST, QUOTAS, YAML, text);
        s.send_text(Method::PATCH, "resourcequotas/c?fieldManager=A", APPLY, &text.replace("name: b", "name: c"));
    }),
    ("floats in custom resources", |s| {
        let gimmick = |name: &str, spec: &str| {
            format!(
                r#"{{"apiVersion":"example.com/v1","kind":"Gimmick","metadata":{{"name":"{name}"}},"spec":{spec}}}"#
            )
        };
        s.send_text(Method::POST, GIMMICKS, JSON, &gimmick("a", r#"{"port":80.0,"size":2.0}"#));
        s.send_text(Method::PATCH, &format!("{GIMMICKS}/a"), MERGE, r#"{"spec":{"port":1e2,"size":3e0}}"#);
        s.send_text(Method::PATCH, &format!("{GIMMICKS}/a"), MERGE, r#"{"spec":{"port":1.5}}"#);
        s.send_text(
            Method::PATCH,
            &format!("{GIMMICKS}/b?fieldManager=A"),
            APPLY,
            &gimmick("b", r#"{"port":80.0,"size":2.0}"#),
        );
        s.send_text(
            Method::PATCH,
            &format!("{GIMMICKS}/a"),
            JSON_PATCH,
            r#"[{"op":"test","path":"/spec/size","value":3},{"op":"replace","path":"/spec/size","value":4.0}]"#,
        );
        let raw = r#"{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a","generation":1.0},
            "spec":{"raw":{"x":1.0,"y":1e3,"z":0.1,"w":1.5e10,"v":1e18,"u":-0.0}}}"#;
        s.send_text(Method::POST, GADGETS, JSON, raw);
        s.send_text(Method::PATCH, &format!("{GADGETS}/a"), MERGE, r#"{"spec":{"raw":{"x":2.0,"y":2.50}}}"#);
    }),
];
