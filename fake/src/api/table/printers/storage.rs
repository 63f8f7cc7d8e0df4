//! Volumes, claims and their classes.

use serde_json::{Value, json};

use super::{Printer, aged, list, or_unset, quantity, text};
use crate::api::table::column::Column;

pub(super) const PERSISTENT_VOLUME: Printer = Printer {
    columns: &[
        Column::text("Capacity", "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity"),
        Column::text("Access Modes", "accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes"),
        Column::text("Reclaim Policy", "persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming"),
        Column::text("Status", "phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase"),
        Column::text("Claim", "claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding"),
        Column::text("StorageClass", "StorageClass of the pv"),
        Column::text("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
        Column::text("Reason", "reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI."),
        Column::AGE,
        Column::text("VolumeMode", "volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.").wide(),
    ],
    cells: |object, now| {
        let (spec, status) = (&object["spec"], &object["status"]);
        let claim = match &spec["claimRef"] {
            Value::Null => String::new(),
            claim => format!(
                "{}/{}",
                claim["namespace"].as_str().unwrap_or_default(),
                claim["name"].as_str().unwrap_or_default()
            ),
        };
        vec![
            json!(quantity(&spec["capacity"]["storage"])),
            modes(&spec["accessModes"]),
            text(&spec["persistentVolumeReclaimPolicy"]),
            phase(object),
            json!(claim),
            class(object),
            or_unset(&spec["volumeAttributesClassName"]),
            text(&status["reason"]),
            aged(object, now),
            or_unset(&spec["volumeMode"]),
        ]
    },
};

pub(super) const CLAIM: Printer = Printer {
    columns: &[
        Column::text("Status", "phase represents the current phase of PersistentVolumeClaim."),
        Column::text("Volume", "volumeName is the binding reference to the PersistentVolume backing this claim."),
        Column::text("Capacity", "capacity represents the actual resources of the underlying volume."),
        Column::text("Access Modes", "accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1"),
        Column::text("StorageClass", "StorageClass of the pvc"),
        Column::text("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
        Column::AGE,
        Column::text("VolumeMode", "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.").wide(),
    ],
    cells: |object, now| {
        let (spec, status) = (&object["spec"], &object["status"]);
        let is_bound = spec["volumeName"].as_str().is_some_and(|name| !name.is_empty());
        let (capacity, modes) = match is_bound {
            true => (json!(quantity(&status["capacity"]["storage"])), modes(&status["accessModes"])),
            false => (json!(""), json!("")),
        };
        vec![
            phase(object),
            text(&spec["volumeName"]),
            capacity,
            modes,
            class(object),
            or_unset(&spec["volumeAttributesClassName"]),
            aged(object, now),
            or_unset(&spec["volumeMode"]),
        ]
    },
};

pub(super) const STORAGE_CLASS: Printer = Printer {
    columns: &[
        Column::text("Provisioner", "provisioner indicates the type of the provisioner."),
        Column::text(
            "ReclaimPolicy",
            "reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.",
        ),
        Column::text(
            "VolumeBindingMode",
            "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.",
        ),
        Column::text(
            "AllowVolumeExpansion",
            "allowVolumeExpansion shows whether the storage class allow volume expand.",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        vec![
            text(&object["provisioner"]),
            json!(object["reclaimPolicy"].as_str().unwrap_or("Delete")),
            json!(object["volumeBindingMode"].as_str().unwrap_or("Immediate")),
            json!(object["allowVolumeExpansion"] == true),
            aged(object, now),
        ]
    },
};

/// The phase, unless the object is being deleted.
fn phase(object: &Value) -> Value {
    match object["metadata"].get("deletionTimestamp") {
        Some(_) => json!("Terminating"),
        None => text(&object["status"]["phase"]),
    }
}

/// Access modes in short, in an order of their own.
fn modes(modes: &Value) -> Value {
    const SHORT: &[(&str, &str)] =
        &[("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let has = |name: &str| list(modes).iter().any(|mode| mode == name);
    let short: Vec<&str> = SHORT.iter().filter(|(name, _)| has(name)).map(|(_, short)| *short).collect();
    json!(short.join(","))
}

/// The class of a volume or a claim: the annotation of old has precedence.
fn class(object: &Value) -> Value {
    let annotation = object["metadata"]["annotations"].get("volume.beta.kubernetes.io/storage-class");
    text(annotation.unwrap_or(&object["spec"]["storageClassName"]))
}
