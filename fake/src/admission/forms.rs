//! What policies that change objects need of the API.

use serde_json::Value;

use crate::catalog::Resource;
use crate::status::Status;

/// How objects get into other versions, and into their form.
pub(crate) trait Forms {
    /// An object of one version of a resource in another one.
    fn convert(&self, object: &Value, from: &Resource, to: &Resource) -> Result<Value, Status>;
    /// Sets defaults in an object that was patched.
    fn settle(&self, object: &mut Value, resource: &Resource) -> Result<(), Status>;
}
