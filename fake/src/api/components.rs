//! `ComponentStatus`: how the processes beside the API server are. There are those that this server runs in place of them: its store, and
//! the controllers that are turned on. A process that is not there is reported as one on the same host that does not listen.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/>

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::read::Selection;
use super::target::ResourcePath;
use crate::catalog::Resource;
use crate::server::Server;
use crate::status::{About, Status};

/// Whether the objects of a resource are of this kind.
pub(super) fn are(resource: &Resource) -> bool {
    resource.custom().is_none() && resource.group.is_empty() && resource.plural == "componentstatuses"
}

/// Answers a GET of one, or of all.
pub(super) fn read(server: &Server, call: &Call, resource: &Resource, path: &ResourcePath) -> Result<Answer, Status> {
    let components = components(server);
    if let Some(name) = &path.name {
        let found = components.into_iter().find(|component| component["metadata"]["name"] == **name);
        let mut found = found.ok_or_else(|| {
            // A real server says it of no group and by the singular.
            Status::not_found(About { group: "", kind: "componentstatus", name })
        })?;
        found["apiVersion"] = json!(resource.api_version());
        found["kind"] = json!(resource.kind);
        return Ok(Answer::ok(found));
    }
    let selection = Selection::of(&call.query, resource, path)?;
    let items: Vec<Value> = components.into_iter().filter(|component| selection.has(component)).collect();
    Ok(Answer::ok(json!({
        "kind": format!("{}List", resource.kind), "apiVersion": resource.api_version(), "metadata": {}, "items": items,
    })))
}

fn components(server: &Server) -> Vec<Value> {
    vec![
        component("controller-manager", server.controllers.has_manager(), 10257),
        component("scheduler", server.controllers.has("kube-scheduler"), 10259),
        component("etcd-0", true, 2379),
    ]
}

fn component(name: &str, is_there: bool, port: u16) -> Value {
    let (status, message) = match is_there {
        true => ("True", "ok".to_owned()),
        false => {
            let address = format!("127.0.0.1:{port}");
            let why = format!("dial tcp {address}: connect: connection refused");
            ("False", format!("Get \"https://{address}/healthz\": {why}"))
        }
    };
    json!({
        "metadata": { "name": name },
        "conditions": [{ "type": "Healthy", "status": status, "message": message }],
    })
}
