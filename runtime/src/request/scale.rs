//! Scaling through the scale subresource.

use http::Method;
use serde_json::json;

builder! {
    /// Reads the scale of an object, or sets it with [`replicas`](Self::replicas).
    ///
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource>
    ScaleRequest<K>
}

write_options!(ScaleRequest, manager);
one_message!(ScaleRequest);

impl<K> ScaleRequest<K> {
    /// Sets the desired number of replicas. The returned scale has the current number.
    pub fn replicas(mut self, replicas: i32) -> Self {
        self.call.set_method(Method::PATCH);
        let patch = json!({ "spec": { "replicas": replicas } });
        self.call.body("application/merge-patch+json", patch.to_string().into());
        self
    }
}
