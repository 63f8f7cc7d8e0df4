//! Events of the group `events.k8s.io`, which are those of the core group.

use serde_json::{Value, json};

use super::Scenario;

const EVENTS: &str = "events.k8s.io/v1:events";

fn event(name: &str, more: Value) -> Value {
    let mut event = json!({
        "metadata": { "name": name }, "regarding": { "kind": "Pod", "namespace": "{ns}", "name": "x" },
        "eventTime": "2024-01-01T00:00:00.000000Z", "type": "Normal", "reason": "R", "action": "A", "note": "n",
        "reportingController": "example.com/c", "reportingInstance": "i",
    });
    if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
        event.extend(more);
    }
    event
}

pub const SCENARIOS: &[Scenario] = &[
    ("an event is seen through both groups", |s| {
        s.create(EVENTS, event("a", json!({})));
        s.get("events/a");
        s.get(&format!("{EVENTS}/a"));
        s.create(
            "events",
            json!({
                "metadata": { "name": "b" }, "involvedObject": { "kind": "Pod", "namespace": "{ns}", "name": "y" },
                "reason": "R", "message": "m", "type": "Warning", "count": 3, "source": { "component": "c" },
                "firstTimestamp": "2024-01-01T00:00:00Z", "lastTimestamp": "2024-01-02T00:00:00Z",
            }),
        );
        s.get(&format!("{EVENTS}/b"));
        s.get(EVENTS);
        s.get("events");
        s.get(&format!("{EVENTS}?fieldSelector=regarding.name%3Dx,type%3DNormal"));
        s.get(&format!("{EVENTS}?fieldSelector=reportingController%3Dexample.com/c"));
        s.get(&format!("{EVENTS}?fieldSelector=involvedObject.name%3Dx"));
        s.get("events?fieldSelector=source%3Dc");
        s.get("events?fieldSelector=source%3Dexample.com/c");
        s.delete(&format!("{EVENTS}/a"));
        s.get("events/a");
        s.get(&format!("{EVENTS}/a"));
        s.delete(EVENTS);
    }),
    ("an event is written through both groups", |s| {
        s.create(EVENTS, event("a", json!({})));
        s.merge(
            &format!("{EVENTS}/a"),
            json!({ "series": { "count": 2, "lastObservedTime": "2024-01-01T00:00:01.000000Z" } }),
        );
        s.merge("events/a", json!({ "message": "other" }));
        s.strategic(&format!("{EVENTS}/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.apply("A", "events/b", json!({ "involvedObject": { "namespace": "{ns}" }, "message": "m" }));
        s.apply("B", &format!("{EVENTS}/b?force=true"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.replace(&format!("{EVENTS}/c"), event("c", json!({})));
        s.replace(&format!("{EVENTS}/c"), event("c", json!({ "metadata": { "name": "c", "labels": { "x": "y" } } })));
    }),
    ("events of the group are checked", |s| {
        s.create(EVENTS, json!({ "metadata": { "name": "a" }, "regarding": { "namespace": "{ns}" } }));
        s.create(
            EVENTS,
            event("a", json!({ "reportingController": "", "reportingInstance": "", "action": "", "reason": "" })),
        );
        s.create(EVENTS, event("a", json!({ "reportingController": "a b", "type": "Bogus", "regarding": {} })));
        s.create(EVENTS, event("a", json!({ "series": { "count": 1 }, "deprecatedCount": 2 })));
        s.create(EVENTS, event("a", json!({ "series": { "count": 1, "lastObservedTime": null }, "deprecatedSource": { "host": "h" }, "deprecatedFirstTimestamp": "2024-01-01T00:00:00Z" })));
        s.create(EVENTS, event("a", json!({})));
        s.merge(&format!("{EVENTS}/a"), json!({ "reason": "other", "note": "other", "action": "other" }));
        s.merge(&format!("{EVENTS}/a"), json!({ "series": { "count": 1 } }));
        s.create("events", json!({ "metadata": { "name": "b" }, "involvedObject": { "namespace": "{ns}" }, "eventTime": "2024-01-01T00:00:00.000000Z" }));
    }),
];
