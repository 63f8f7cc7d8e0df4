//! Checks of a pod's volumes.
//!
//! <https://kubernetes.io/docs/concepts/storage/volumes/>

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;

/// Checks volumes. Returns their names.
pub(super) fn check<'v>(spec: &'v Value, field: fmt::Arguments<'_>, found: &mut Findings) -> BTreeSet<&'v str> {
    let mut names = BTreeSet::new();
    for (index, volume) in items(&spec["volumes"]).iter().enumerate() {
        let path = format_args!("{field}.volumes[{index}]");
        source(volume, spec, path, found);
        let name = text(&volume["name"]);
        let problems = texts::label(name);
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
        } else if !problems.is_empty() {
            found.problems(format_args!("{path}.name"), name, problems);
        } else if !names.insert(name) {
            found.duplicate(format_args!("{path}.name"), &volume["name"]);
        }
    }
    names
}

fn source(volume: &Value, spec: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let sources: Vec<&String> =
        volume.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|name| *name != "name").collect();
    for extra in sources.iter().skip(1) {
        found.forbidden(format_args!("{path}.{extra}"), "may not specify more than 1 volume type");
    }
    let required = |object: &Value, name: &str, source: &str, found: &mut Findings| {
        if text(&object[name]).is_empty() {
            found.required(format_args!("{path}.{source}.{name}"));
        }
    };
    let Some(source) = sources.first().map(|name| name.as_str()) else { return };
    let object = &volume[source];
    match source {
        "configMap" => required(object, "name", source, found),
        "secret" => required(object, "secretName", source, found),
        "hostPath" => required(object, "path", source, found),
        "persistentVolumeClaim" => required(object, "claimName", source, found),
        "csi" => required(object, "driver", source, found),
        "nfs" => ["server", "path"].into_iter().for_each(|name| required(object, name, source, found)),
        "projected" => projected(object, spec, format_args!("{path}.projected"), found),
        _ => {}
    }
    let is_mode = |mode: &Value| mode.as_i64().is_some_and(|mode| (0..=0o777).contains(&mode));
    if let Some(mode) = object.get("defaultMode").filter(|mode| !is_mode(mode)) {
        let why = "must be a number between 0 and 0777 (octal), both inclusive";
        found.invalid(format_args!("{path}.{source}.defaultMode"), mode, why);
    }
}

fn projected(projected: &Value, spec: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    for (index, source) in items(&projected["sources"]).iter().enumerate() {
        let path = format_args!("{path}.sources[{index}]");
        for (kind, name) in [("configMap", "name"), ("secret", "name"), ("serviceAccountToken", "path")] {
            if source.get(kind).is_some_and(|source| text(&source[name]).is_empty()) {
                found.required(format_args!("{path}.{kind}.{name}"));
            }
        }
        if source.get("serviceAccountToken").is_some() && text(&spec["serviceAccountName"]).is_empty() {
            let why = "must not be specified when serviceAccountName is not set";
            found.forbidden(format_args!("{path}.serviceAccountToken"), why);
        }
    }
}

/// Checks the volumes that a container has as devices.
///
/// <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#raw-block-volume-support>
pub(super) fn devices(container: &Value, spec: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let mounts = items(&container["volumeMounts"]);
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (index, device) in items(&container["volumeDevices"]).iter().enumerate() {
        let path = format_args!("{path}.volumeDevices[{index}]");
        let (name, place) = (text(&device["name"]), text(&device["devicePath"]));
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
        }
        if !names.insert(name) {
            found.invalid(format_args!("{path}.name"), &device["name"], "must be unique");
        }
        match items(&spec["volumes"]).iter().find(|volume| volume["name"] == name) {
            None => found.missing(format_args!("{path}.name"), &json!(name)),
            Some(volume) if volume.get("persistentVolumeClaim").or(volume.get("ephemeral")).is_none() => {
                let why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                found.invalid(format_args!("{path}.name"), &device["name"], why);
            }
            Some(_) => {}
        }
        if place.is_empty() {
            found.required(format_args!("{path}.devicePath"));
        }
        if !places.insert(place) {
            found.invalid(format_args!("{path}.devicePath"), &device["devicePath"], "must be unique");
        }
        if place.split('/').any(|part| part == "..") {
            found.invalid(format_args!("{path}.devicePath"), &device["devicePath"], "can not contain backsteps ('..')");
        }
        let why = "must not already exist in volumeMounts";
        if mounts.iter().any(|mount| mount["name"] == name) {
            found.invalid(format_args!("{path}.name"), &device["name"], why);
        }
        if mounts.iter().any(|mount| mount["mountPath"] == place) {
            let why = "must not already exist as a path in volumeMounts";
            found.invalid(format_args!("{path}.devicePath"), &device["devicePath"], why);
        }
    }
}

/// Checks the volumes that a container mounts.
pub(super) fn mounts(container: &Value, volumes: &BTreeSet<&str>, path: fmt::Arguments<'_>, found: &mut Findings) {
    let mut places = BTreeSet::new();
    for (index, mount) in items(&container["volumeMounts"]).iter().enumerate() {
        let path = format_args!("{path}.volumeMounts[{index}]");
        let (name, place) = (text(&mount["name"]), text(&mount["mountPath"]));
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
        }
        if !volumes.contains(name) {
            found.missing(format_args!("{path}.name"), &json!(name));
        }
        if place.is_empty() {
            found.required(format_args!("{path}.mountPath"));
        }
        if !places.insert(place) {
            found.invalid(format_args!("{path}.mountPath"), &mount["mountPath"], "must be unique");
        }
    }
}
