//! What drivers tell of storage, and versions in which objects are stored.

use serde_json::{Value, json};

use super::{Printer, aged, list, text};
use crate::api::table::column::Column;

pub(super) const DRIVER: Printer = Printer {
    columns: &[
        flag(
            "AttachRequired",
            "attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates the volumeattachment status when the attach operation is complete. If the value is specified to false, the attach operation will be skipped. Otherwise the attach operation will be called.\n\nThis field is immutable.",
        ),
        flag(
            "PodInfoOnMount",
            "podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.\n\nThe CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for parsing and validating the information passed in as VolumeContext.\n\nThe following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but the prefix will be used. \"csi.storage.k8s.io/pod.name\": pod.Name \"csi.storage.k8s.io/pod.namespace\": pod.Namespace \"csi.storage.k8s.io/pod.uid\": string(pod.UID) \"csi.storage.k8s.io/ephemeral\": \"true\" if the volume is an ephemeral inline volume\n                                defined by a CSIVolumeSource, otherwise \"false\"\n\n\"csi.storage.k8s.io/ephemeral\" is a new feature in Kubernetes 1.16. It is only required for drivers which support both the \"Persistent\" and \"Ephemeral\" VolumeLifecycleMode. Other drivers can leave pod info disabled and/or ignore this field. As Kubernetes 1.15 doesn't support this field, drivers can only support one mode when deployed on such a cluster and the deployment determines which mode that is, for example via a command line parameter of the driver.\n\nThis field was immutable in Kubernetes < 1.29 and now is mutable.",
        ),
        flag(
            "StorageCapacity",
            "storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.\n\nThe check can be enabled immediately when deploying a driver. In that case, provisioning new volumes with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity object.\n\nAlternatively, the driver can be deployed with the field unset or false and it can be flipped later when storage capacity information has been published.\n\nThis field was immutable in Kubernetes <= 1.22 and now is mutable.",
        ),
        Column::text(
            "TokenRequests",
            "tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to do necessary authentication. Kubelet will pass the tokens in VolumeContext in the CSI NodePublishVolume calls. The CSI driver should parse and validate the following VolumeContext: \"csi.storage.k8s.io/serviceAccount.tokens\": {\n  \"<audience>\": {\n    \"token\": <token>,\n    \"expirationTimestamp\": <expiration timestamp in RFC3339>,\n  },\n  ...\n}\n\nNote: Audience in each TokenRequest should be different and at most one token is empty string. To receive a new token after expiry, RequiresRepublish can be used to trigger NodePublishVolume periodically.",
        ),
        flag(
            "RequiresRepublish",
            "requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume. This field defaults to false.\n\nNote: After a successful initial NodePublishVolume call, subsequent calls to NodePublishVolume should only update the contents of the volume. New mount points will not be seen by a running container.",
        ),
        Column::text(
            "Modes",
            "volumeLifecycleModes defines what kind of volumes this CSI volume driver supports. The default if the list is empty is \"Persistent\", which is the usage defined by the CSI specification and implemented in Kubernetes via the usual PV/PVC mechanism.\n\nThe other mode is \"Ephemeral\". In this mode, volumes are defined inline inside the pod spec with CSIVolumeSource and their lifecycle is tied to the lifecycle of that pod. A driver has to be aware of this because it is only going to get a NodePublishVolume call for such a volume.\n\nFor more information about implementing this mode, see https://kubernetes-csi.github.io/docs/ephemeral-local-volumes.html A driver can support one or more of these modes and more modes may be added in the future.\n\nThis field is beta. This field is immutable.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let is = |name: &str| spec[name].as_bool().unwrap_or(false);
        let requests = match &spec["tokenRequests"] {
            Value::Array(requests) => {
                let audiences = requests.iter().map(|request| request["audience"].as_str().unwrap_or_default());
                audiences.collect::<Vec<_>>().join(",")
            }
            _ => "<unset>".to_owned(),
        };
        let modes: Vec<&str> = list(&spec["volumeLifecycleModes"]).iter().filter_map(Value::as_str).collect();
        vec![
            json!(spec["attachRequired"].as_bool().unwrap_or(true)),
            json!(is("podInfoOnMount")),
            json!(is("storageCapacity")),
            json!(requests),
            json!(is("requiresRepublish")),
            super::or_none(&modes.join(",")),
            aged(object, now),
        ]
    },
};

pub(super) const NODE: Printer = Printer {
    columns: &[
        Column {
            kind: "integer",
            ..Column::text("Drivers", "Drivers indicates the number of CSI drivers registered on the node")
        },
        Column::AGE,
    ],
    cells: |object, now| vec![json!(list(&object["spec"]["drivers"]).len()), aged(object, now)],
};

pub(super) const ATTACHMENT: Printer = Printer {
    columns: &[
        Column {
            format: "name",
            ..Column::text(
                "Attacher",
                "attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().",
            )
        },
        Column::text("PV", "persistentVolumeName represents the name of the persistent volume to attach."),
        Column::text("Node", "nodeName represents the node that the volume should be attached to."),
        flag(
            "Attached",
            "attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        vec![
            text(&spec["attacher"]),
            text(&spec["source"]["persistentVolumeName"]),
            text(&spec["nodeName"]),
            json!(object["status"]["attached"] == true),
            aged(object, now),
        ]
    },
};

pub(super) const ATTRIBUTES: Printer = Printer {
    columns: &[
        Column::text("DriverName", "driverName is the name of the CSI driver This field is immutable."),
        Column::AGE,
    ],
    cells: |object, now| vec![text(&object["driverName"]), aged(object, now)],
};

pub(super) const VERSION: Printer = Printer {
    columns: &[
        Column::text(
            "CommonEncodingVersion",
            "commonEncodingVersion is set to an encoding storage version if all API server instances share that same version. If they don't share one storage version, this field is left empty. API servers should finish updating its storageVersionStatus entry before serving write operations, so that this field will be in sync with the reality.",
        ),
        Column::text("StorageVersions", "storageVersions lists the reported versions per API server instance."),
        Column::AGE,
    ],
    cells: |object, now| {
        let status = &object["status"];
        let common = status["commonEncodingVersion"].as_str();
        vec![or_unset(common), versions(list(&status["storageVersions"])), aged(object, now)]
    },
};

/// Migrations in their first version, `v1alpha1`.
pub(super) const FIRST_MIGRATION: Printer = Printer {
    columns: &[Column::text("Resource", "Fully qualified resource to migrate")],
    cells: |object, _| {
        let of =
            ["resource", "version", "group"].map(|name| object["spec"]["resource"][name].as_str().unwrap_or_default());
        vec![json!(of.join("."))]
    },
};

pub(super) const MIGRATION: Printer = Printer {
    columns: &[Column::text("Resource", "GroupResource to migrate"), Column::text("Status", "Status of the migration")],
    cells: |object, _| {
        let resource = &object["spec"]["resource"];
        let plural = resource["resource"].as_str().unwrap_or_default();
        let shown = match resource["group"].as_str().unwrap_or_default() {
            "" => plural.to_owned(),
            group => format!("{plural}.{group}"),
        };
        let states = ["Running", "Failed", "Succeeded"];
        let conditions = list(&object["status"]["conditions"]).iter().filter(|condition| condition["status"] == "True");
        let state = conditions.filter_map(|condition| condition["type"].as_str()).rfind(|state| states.contains(state));
        vec![json!(shown), json!(state.unwrap_or("Unknown"))]
    },
};

const fn flag(name: &'static str, description: &'static str) -> Column {
    Column { kind: "boolean", ..Column::text(name, description) }
}

fn or_unset(text: Option<&str>) -> Value {
    json!(text.unwrap_or("<unset>"))
}

/// What the first API servers store objects in, and how many more there are.
fn versions(servers: &[Value]) -> Value {
    /// How many are shown.
    const MOST: usize = 3;
    let text = |server: &Value, name: &str| server[name].as_str().unwrap_or_default().to_owned();
    let shown = servers.iter().take(MOST);
    let shown: Vec<String> =
        shown.map(|server| format!("{}={}", text(server, "apiServerID"), text(server, "encodingVersion"))).collect();
    let shown = shown.join(",");
    match servers.len().saturating_sub(MOST) {
        0 => or_unset(Some(shown.as_str()).filter(|shown| !shown.is_empty())),
        more => json!(format!("{shown} + {more} more...")),
    }
}
