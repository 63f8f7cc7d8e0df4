//! The documents say that creating a Binding or an Eviction gives the object back; a server answers with a `Status`.

use crate::model::{Model, Operation, Payload, Verb};

const STATUS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

pub fn apply(model: &mut Model) -> bool {
    let core = model.versions.values_mut().flat_map(|version| version.resources.values_mut());
    let mut mended = false;
    for resource in core.filter(|resource| resource.kind.group.is_empty() && resource.kind.version == "v1") {
        if resource.plural == "bindings" {
            mended |= answer(resource.operations.get_mut(&Verb::Create), "io.k8s.api.core.v1.Binding");
        }
        if resource.plural == "pods" {
            for (name, schema) in
                [("binding", "io.k8s.api.core.v1.Binding"), ("eviction", "io.k8s.api.policy.v1.Eviction")]
            {
                let below = resource.subresources.get_mut(name);
                mended |= answer(below.and_then(|below| below.operations.get_mut(&Verb::Create)), schema);
            }
        }
    }
    mended
}

/// Mends one operation, if it is documented to give back what it takes.
fn answer(operation: Option<&mut Operation>, schema: &str) -> bool {
    let wrong = Some(Payload::Schema(schema.to_owned()));
    operation.is_some_and(|operation| {
        let found = operation.response == wrong;
        if found {
            operation.response = Some(Payload::Schema(STATUS.to_owned()));
        }
        found
    })
}
