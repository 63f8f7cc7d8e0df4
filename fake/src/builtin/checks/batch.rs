//! Checks of Jobs and CronJobs.

use serde_json::Value;

use super::findings::{Findings, text};
use super::{selectors, workloads};

use crate::quoted::quoted;

/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
pub(super) fn job(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let (spec, uid) = (&object["spec"], &object["metadata"]["uid"]);
    let selector = &spec["selector"];
    let labels = &spec["template"]["metadata"]["labels"];
    if old.is_none() && spec["manualSelector"] != true && !selector.is_null() {
        let own = serde_json::json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } });
        if *selector != own {
            found.invalid("spec.selector", selector, "`selector` not auto-generated");
        }
    }
    if selector.is_null() {
        found.required("spec.selector");
    } else {
        selectors::check(selector, "spec.selector", found);
    }
    if selector.is_null() || !selectors::selects(selector, labels) {
        found.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
    let mut body = Findings::default();
    job_spec(spec, "spec", &mut body);
    // The order of Go: first the spec, then the selector.
    body.append(std::mem::take(found));
    *found = body;
    let Some(old) = old else { return };
    let old = &old["spec"];
    let is_elastic = text(&spec["completionMode"]) == "Indexed" && spec["completions"] == spec["parallelism"];
    if !is_elastic {
        found.immutable("spec.completions", &spec["completions"], &old["completions"]);
    }
    found.immutable("spec.selector", selector, &old["selector"]);
    let may_change_template = old["suspend"] == true;
    if !may_change_template {
        found.immutable("spec.template", &spec["template"], &old["template"]);
    }
    for name in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
        found.immutable(format!("spec.{name}"), &spec[name], &old[name]);
    }
}

fn job_spec(spec: &Value, field: &str, found: &mut Findings) {
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        found.not_negative(format!("{field}.{name}"), &spec[name]);
    }
    let mode = &spec["completionMode"];
    found.one_of(format!("{field}.completionMode"), mode, &["NonIndexed", "Indexed"]);
    if text(mode) == "Indexed" && spec.get("completions").is_none() {
        found.required_because(format!("{field}.completions"), "when completion mode is Indexed");
    }
    if matches!(text(mode), "" | "NonIndexed") {
        for name in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if let Some(value) = spec.get(name) {
                found.invalid(format!("{field}.{name}"), value, "requires indexed completion mode");
            }
        }
    }
    workloads::template(&spec["template"], &format!("{field}.template"), found);
    let policy = &spec["template"]["spec"]["restartPolicy"];
    let place = format!("{field}.template.spec.restartPolicy");
    match text(policy) {
        "" | "Always" => found.required_because(place, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {}
        _ => found.not_supported(place, policy, &["OnFailure", "Never"]),
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>
pub(super) fn cron_job(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    job_spec(&spec["jobTemplate"]["spec"], "spec.jobTemplate.spec", found);
    if spec["jobTemplate"]["spec"]["manualSelector"] == true {
        found.not_supported("spec.jobTemplate.spec.manualSelector", &Value::from(true), &["nil", "false"]);
    }
    let schedule = text(&spec["schedule"]);
    let policies = ["Allow", "Forbid", "Replace"];
    found.one_of("spec.concurrencyPolicy", &spec["concurrencyPolicy"], &policies);
    let zoned = ["TZ=", "CRON_TZ="].iter().find_map(|prefix| schedule.strip_prefix(prefix));
    let without_zone = zoned.and_then(|zoned| zoned.split_once(' ')).map_or(schedule, |(_, rest)| rest);
    if let (false, Err(why)) = (schedule.is_empty(), is_schedule(without_zone)) {
        found.invalid("spec.schedule", &spec["schedule"], &why);
    }
    if zoned.is_some() {
        let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        found.invalid("spec.schedule", &spec["schedule"], why);
    }
    if let Some(zone) = spec.get("timeZone") {
        time_zone(zone, found);
    }
    for name in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        found.not_negative(format!("spec.{name}"), &spec[name]);
    }
    if schedule.is_empty() {
        found.required("spec.schedule");
    }
}

/// The name of a time zone, letter by letter.
fn time_zone(zone: &Value, found: &mut Findings) {
    let name = text(zone);
    if name.is_empty() {
        found.invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
        return;
    }
    if name.eq_ignore_ascii_case("local") {
        let why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        found.invalid("spec.timeZone", zone, why);
    }
    let zones = jiff::tz::db();
    // A machine without a database of them knows none.
    let is_known = zones.is_definitively_empty()
        || zones.get(name).is_ok_and(|zone| zone.iana_name().is_some_and(|known| known == name));
    if !is_known && name != "Local" {
        found.invalid("spec.timeZone", zone, &format!("unknown time zone {name}"));
    }
}

/// Whether a text is a schedule of cron: five fields of numbers, names, ranges and steps, or one of the names.
fn is_schedule(text: &str) -> Result<(), String> {
    if let Some(name) = text.strip_prefix('@') {
        let names = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let is_every = name.strip_prefix("every ").is_some_and(|period| !period.is_empty());
        let is_known = names.contains(&name) || is_every;
        return if is_known { Ok(()) } else { Err(format!("unrecognized descriptor: {text}")) };
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    for (field, (least, most)) in fields.iter().zip(bounds) {
        for range in field.split(',') {
            in_bounds(range, least, most)?;
        }
    }
    Ok(())
}

fn in_bounds(range: &str, least: u32, most: u32) -> Result<(), String> {
    if range.is_empty() {
        return Ok(());
    }
    if range.matches('/').count() > 1 {
        return Err(format!("too many slashes: {range}"));
    }
    let whole = range;
    let (range, step) = range.split_once('/').unwrap_or((range, "1"));
    if range.matches('-').count() > 1 {
        return Err(format!("too many hyphens: {range}"));
    }
    let number = |text: &str| -> Result<u32, String> {
        const NAMES: [&str; 19] = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue",
            "wed", "thu", "fri", "sat",
        ];
        let name = NAMES.iter().position(|name| *name == text.to_lowercase());
        let of_name = |at: usize| if at < 12 { at + 1 } else { at - 12 };
        match name.and_then(|at| u32::try_from(of_name(at)).ok()) {
            Some(number) => Ok(number),
            None => text.parse().map_err(|_| {
                format!("failed to parse int from {text}: strconv.Atoi: parsing {}: invalid syntax", quoted(text))
            }),
        }
    };
    if number(step)? == 0 {
        return Err(format!("step of range should be a positive number: {whole}"));
    }
    if matches!(range, "*" | "?") {
        return Ok(());
    }
    let (start, end) = range.split_once('-').unwrap_or((range, range));
    let (start, end) = (number(start)?, number(end)?);
    if start < least {
        return Err(format!("beginning of range ({start}) below minimum ({least}): {range}"));
    }
    if end > most {
        return Err(format!("end of range ({end}) above maximum ({most}): {range}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {range}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_of_cron_are_told_from_other_texts() {
        for schedule in ["* * * * *", "*/5 0-6,12 1 jan-mar MON", "@daily", "@every 1h"] {
            assert_eq!(is_schedule(schedule), Ok(()), "{schedule}");
        }
        for schedule in ["bogus", "* * * *", "60 * * * *", "* * 0 * *", "5-1 * * * *", "a * * * *", "@often"] {
            assert!(is_schedule(schedule).is_err(), "{schedule}");
        }
    }
}
