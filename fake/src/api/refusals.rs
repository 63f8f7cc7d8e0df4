//! Errors of writes: patches that can't be put onto an object, and fields of other managers.

use http::StatusCode;
use serde_json::{Value, json};

use crate::ownership;
use crate::patch;
use crate::quoted::quoted;
use crate::status::Status;

/// The error of a JSON patch.
pub(super) fn rejected(error: patch::JsonPatchError) -> Status {
    match error {
        patch::JsonPatchError::Malformed(what) => Status::bad_request(format!("error decoding patch: {what}")),
        patch::JsonPatchError::TooMany(count) => {
            let message = format!(
                "Request entity too large: The allowed maximum operations in a JSON patch is {}, got {count}",
                patch::MAX_OPERATIONS
            );
            Status::new(StatusCode::PAYLOAD_TOO_LARGE, Some("RequestEntityTooLarge"), message)
        }
        patch::JsonPatchError::TestFailed | patch::JsonPatchError::Rejected(_) => {
            let message = "the server rejected our request due to an error in our request";
            Status { details: json!({}), ..Status::new(StatusCode::UNPROCESSABLE_ENTITY, Some("Invalid"), message) }
        }
    }
}

/// 409 for fields of other managers.
pub(super) fn conflicted(conflicts: &[ownership::Conflict]) -> Status {
    let said = |conflict: &ownership::Conflict| {
        let manager = &conflict.manager;
        let mut said = format!("conflict with {}", quoted(&manager.name));
        if !manager.subresource.is_empty() {
            said.push_str(&format!(" with subresource {}", quoted(&manager.subresource)));
        }
        if let Some(version) = &manager.version {
            said.push_str(&format!(" using {version}"));
        }
        said
    };
    let causes: Vec<Value> = conflicts
        .iter()
        .map(|conflict| json!({ "reason": "FieldManagerConflict", "message": said(conflict), "field": conflict.field }))
        .collect();
    let message = match conflicts {
        [one] => format!("Apply failed with 1 conflict: {}: {}", said(one), one.field),
        several => {
            let mut message = format!("Apply failed with {} conflicts:", several.len());
            let mut last = String::new();
            for conflict in several {
                let said = said(conflict);
                if said != last {
                    let separator = if last.is_empty() { ' ' } else { '\n' };
                    message.push_str(&format!("{separator}conflicts with {}:", &said["conflict with ".len()..]));
                    last = said;
                }
                message.push_str(&format!("\n- {}", conflict.field));
            }
            message
        }
    };
    Status { details: json!({ "causes": causes }), ..Status::new(StatusCode::CONFLICT, Some("Conflict"), message) }
}
