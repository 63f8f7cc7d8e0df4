//! What guards objects: budgets, quotas, and admission.

use serde_json::{Value, json};

use super::{Printer, aged, list, number, pairs, quantity, text};
use crate::api::table::column::Column;

pub(super) const BUDGET: Printer = Printer {
    columns: &[
        Column::text("Min Available", "The minimum number of pods that must be available."),
        Column::text("Max Unavailable", "The maximum number of pods that may be unavailable."),
        Column {
            kind: "integer",
            ..Column::text("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time.")
        },
        Column::AGE,
    ],
    cells: |object, now| {
        // A number or a percentage.
        let amount = |amount: &Value| match amount {
            Value::Null => "N/A".to_owned(),
            Value::String(percentage) => percentage.clone(),
            number => number.to_string(),
        };
        let spec = &object["spec"];
        vec![
            json!(amount(&spec["minAvailable"])),
            json!(amount(&spec["maxUnavailable"])),
            number(&object["status"]["disruptionsAllowed"]),
            aged(object, now),
        ]
    },
};

pub(super) const QUOTA: Printer = Printer {
    columns: &[
        Column::text("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
        Column::text(
            "Limit",
            "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let (hard, used) = (&object["status"]["hard"], &object["status"]["used"]);
        let (mut requests, mut limits) = (Vec::new(), Vec::new());
        for (name, hard) in hard.as_object().into_iter().flatten() {
            let of = if name.starts_with("limits.") { &mut limits } else { &mut requests };
            of.push(format!("{name}: {}/{}", quantity(&used[name]), quantity(hard)));
        }
        vec![json!(requests.join(", ")), json!(limits.join(", ")), aged(object, now)]
    },
};

/// Configurations of webhooks, of both kinds.
pub(super) const WEBHOOKS: Printer = Printer {
    columns: &[
        Column {
            kind: "integer",
            ..Column::text("Webhooks", "Webhooks indicates the number of webhooks registered in this configuration")
        },
        Column::AGE,
    ],
    cells: |object, now| vec![json!(list(&object["webhooks"]).len()), aged(object, now)],
};

pub(super) const VALIDATING_POLICY: Printer = Printer {
    columns: &[
        Column {
            kind: "integer",
            ..Column::text(
                "Validations",
                "Validations indicates the number of validation rules defined in this configuration",
            )
        },
        Column::text("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        vec![json!(list(&spec["validations"]).len()), json!(kind_of_parameters(spec)), aged(object, now)]
    },
};

pub(super) const MUTATING_POLICY: Printer = Printer {
    columns: &[
        Column {
            kind: "integer",
            ..Column::text(
                "Mutations",
                "Mutation indicates the number of mutations rules defined in this configuration",
            )
        },
        Column::text("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        vec![json!(list(&spec["mutations"]).len()), json!(kind_of_parameters(spec)), aged(object, now)]
    },
};

fn kind_of_parameters(policy: &Value) -> String {
    match &policy["paramKind"] {
        Value::Null => "<unset>".to_owned(),
        kind => {
            let text = |field: &str| kind[field].as_str().unwrap_or_default();
            format!("{}/{}", text("apiVersion"), text("kind"))
        }
    }
}

/// The binding of a policy, of both kinds.
pub(super) const POLICY_BINDING: Printer = Printer {
    columns: &[
        Column::text("PolicyName", "PolicyName indicates the policy definition which the policy binding binded to"),
        Column::text("ParamRef", "ParamRef indicates the param resource which sets the configuration param"),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        vec![text(&spec["policyName"]), json!(parameters(&spec["paramRef"])), aged(object, now)]
    },
};

/// Which parameters a binding refers to.
fn parameters(reference: &Value) -> String {
    let filled = |field: &str| reference[field].as_str().filter(|text| !text.is_empty());
    match (filled("name"), &reference["selector"]) {
        (Some(name), _) => format!("{}/{name}", filled("namespace").unwrap_or("*")),
        (None, Value::Null) => "<unset>".to_owned(),
        (None, selector) => in_go(selector),
    }
}

/// A label selector as Go prints it.
fn in_go(selector: &Value) -> String {
    let labels: String = pairs(&selector["matchLabels"]).iter().map(|pair| pair.replacen('=', ": ", 1) + ",").collect();
    let term = |term: &Value| {
        let text = |field: &str| term[field].as_str().unwrap_or_default();
        let values: Vec<&str> = list(&term["values"]).iter().filter_map(Value::as_str).collect();
        let (key, operator, values) = (text("key"), text("operator"), values.join(" "));
        format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
    };
    let terms: String = list(&selector["matchExpressions"]).iter().map(term).collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{terms}}},}}"
    )
}
