//! Scaling by the scale subresource.

use http::Method;
use serde_json::json;

builder! {
    /// Reads the scale of an object, or with [`replicas`](Self::replicas) sets it.
    ///
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource>
    ScaleRequest<K>
}

write_options!(ScaleRequest, manager);
one_message!(ScaleRequest);

impl<K> ScaleRequest<K> {
    /// How many replicas there shall be. The scale that comes back says how many there are.
    pub fn replicas(mut self, replicas: i32) -> Self {
        self.call.set_method(Method::PATCH);
        let patch = json!({ "spec": { "replicas": replicas } });
        self.call.body("application/merge-patch+json", patch.to_string().into());
        self
    }
}
