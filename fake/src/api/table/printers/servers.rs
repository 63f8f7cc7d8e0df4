//! Servers of an API, and the processes beside one.

use serde_json::{Value, json};

use super::{Printer, aged, list};
use crate::api::table::column::Column;

pub(super) const API_SERVICE: Printer = Printer {
    columns: &[
        Column::text("Service", "The reference to the service that hosts this API endpoint."),
        Column::text("Available", "Whether this service is available."),
        Column::AGE,
    ],
    cells: |object, now| {
        let service = &object["spec"]["service"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = match service.is_null() {
            true => "Local".to_owned(),
            false => format!("{}/{}", text(&service["namespace"]), text(&service["name"])),
        };
        let mut conditions = list(&object["status"]["conditions"]).iter();
        let available = match conditions.find(|condition| condition["type"] == "Available") {
            None => "Unknown".to_owned(),
            Some(condition) => match (text(&condition["status"]), text(&condition["reason"])) {
                (status, reason) if status == "True" || reason.is_empty() => status,
                (status, reason) => format!("{status} ({reason})"),
            },
        };
        vec![json!(name), json!(available), aged(object, now)]
    },
};

pub(super) const COMPONENT_STATUS: Printer = Printer {
    columns: &[
        Column::text("Status", "Status of the component conditions"),
        Column::text("Message", "Message of the component conditions"),
        Column::text("Error", "Error of the component conditions"),
    ],
    cells: |object, _| {
        let healthy = list(&object["conditions"]).iter().find(|condition| condition["type"] == "Healthy");
        let text = |name: &str| json!(healthy.and_then(|healthy| healthy[name].as_str()).unwrap_or_default());
        let status = match healthy.map(|healthy| healthy["status"] == "True") {
            None => "Unknown",
            Some(true) => "Healthy",
            Some(false) => "Unhealthy",
        };
        vec![json!(status), text("message"), text("error")]
    },
};
