//! Checks of the capacities of devices, and of how much of one a request may have.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity>

use std::cmp::Ordering;

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::found::repeated;
use crate::builtin::checks::findings::{Findings, items};
use crate::builtin::checks::quantities::quantity;

const MAX_VALUES: usize = 10;

/// Checks a capacity, of a device that is allocated several times or once.
pub(super) fn check(capacity: &Value, is_shared: bool, path: &str, found: &mut Findings) {
    let (policy, path) = (&capacity["requestPolicy"], format!("{path}.requestPolicy"));
    if policy.is_null() {
        return;
    }
    if !is_shared {
        found.forbidden(path, "allowMultipleAllocations must be true");
        return;
    }
    let (has_values, has_range) = (!items(&policy["validValues"]).is_empty(), !policy["validRange"].is_null());
    let name = match (has_values, has_range) {
        (true, true) => {
            let why = "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time";
            found.forbidden(path, why);
            return;
        }
        (true, false) => "validValues",
        (false, true) => "validRange",
        (false, false) => return,
    };
    if policy["default"].is_null() {
        found.required_because(format!("{path}.default"), &format!("required when {name} is defined"));
        return;
    }
    let (default, most) = (Amount::of(&policy["default"]), Amount::of(&capacity["value"]));
    let path = format!("{path}.{name}");
    if has_values {
        values(&policy[name], &default, &most, &path, found)
    } else {
        range(&policy[name], &default, &most, &path, found)
    }
}

/// A quantity, and how it is written.
struct Amount<'v> {
    written: &'v Value,
    quantity: Quantity,
}

impl<'v> Amount<'v> {
    fn of(written: &'v Value) -> Self {
        Self { written, quantity: quantity(written) }
    }

    fn given(written: &'v Value) -> Option<Self> {
        (!written.is_null()).then(|| Self::of(written))
    }

    fn text(&self) -> &str {
        self.written.as_str().unwrap_or_default()
    }

    fn is_more_than(&self, other: &Self) -> bool {
        self.cmp(other).is_gt()
    }

    /// What can't be compared is the same.
    fn cmp(&self, other: &Self) -> Ordering {
        self.quantity.checked_cmp(&other.quantity).unwrap_or(Ordering::Equal)
    }

    /// The whole number that counts, which is rounded up.
    fn whole(&self) -> i64 {
        self.quantity.to_i64().unwrap_or(i64::MAX)
    }
}

fn values(list: &Value, default: &Amount<'_>, most: &Amount<'_>, path: &str, found: &mut Findings) {
    let list = items(list);
    let values: Vec<Amount<'_>> = list.iter().map(Amount::of).collect();
    for (index, pair) in values.windows(2).enumerate() {
        if pair[0].is_more_than(&pair[1]) {
            let field = format!("{path}[{}]", index + 1);
            found.invalid(field, pair[1].written, "values must be sorted in ascending order");
        }
    }
    let mut has_default = false;
    if values.len() > MAX_VALUES {
        found.too_many(path, values.len(), MAX_VALUES);
    } else {
        for (index, value) in values.iter().enumerate() {
            if value.is_more_than(most) {
                let why = format!("option is larger than capacity value: {}", most.text());
                found.invalid(format!("{path}[{index}]"), value.written, &why);
            }
            has_default |= value.cmp(default).is_eq();
        }
        let wholes: Vec<Value> = values.iter().map(|value| json!(value.whole().to_string())).collect();
        for index in repeated(&wholes, Value::clone) {
            found.duplicate(format!("{path}[{index}]"), &wholes[index]);
        }
    }
    if !has_default {
        found.invalid(path, default.written, "default value is not valid according to the requestPolicy");
    }
}

fn range(range: &Value, default: &Amount<'_>, most: &Amount<'_>, path: &str, found: &mut Findings) {
    let Some(min) = Amount::given(&range["min"]) else {
        found.required_because(format!("{path}.min"), "required when validRange is defined");
        return;
    };
    let (max, step) = (Amount::given(&range["max"]), Amount::given(&range["step"]));
    let mut refuse = |name: &str, value: &Amount<'_>, why: &str, than: &Amount<'_>| {
        found.invalid(format!("{path}.{name}"), value.written, &format!("{why}: {}", than.text()));
    };
    if min.is_more_than(most) {
        refuse("min", &min, "min is larger than capacity value", most);
    }
    if min.is_more_than(default) {
        refuse("default", default, "default is less than min", &min);
    }
    if let Some(max) = &max {
        if min.is_more_than(max) {
            refuse("max", &min, "min is larger than max", max);
        }
        if max.is_more_than(most) {
            refuse("max", max, "max is larger than capacity value", most);
        }
        if default.is_more_than(max) {
            refuse("default", default, "default is more than max", max);
        }
    }
    let Some(step) = &step else { return };
    if step.quantity.signum().is_ok_and(|sign| sign <= 0) {
        found.invalid(format!("{path}.step"), step.written, "must be greater than zero");
        return;
    }
    if let Ok(added) = min.quantity.checked_add(&step.quantity)
        && added.checked_cmp(&most.quantity).is_ok_and(Ordering::is_gt)
    {
        let why = format!("one step {} is larger than capacity value: {}", added.as_str(), most.text());
        found.invalid(format!("{path}.step"), step.written, &why);
    }
    let all = [("default", Some(default)), ("min", Some(&min)), ("max", max.as_ref()), ("step", Some(step))];
    let mut is_unsafe = false;
    for (name, amount) in all.into_iter().filter_map(|(name, amount)| Some((name, amount?))) {
        let why = match amount.quantity.signum() {
            Ok(sign) if sign < 0 => "must be greater than or equal to 0",
            _ if amount.quantity.checked_cmp(&Quantity::from(i64::MAX)).is_ok_and(Ordering::is_gt) => {
                "must not be larger than 9223372036854775807"
            }
            _ => continue,
        };
        found.invalid(format!("{path}.{name}"), amount.written, why);
        is_unsafe = true;
    }
    for value in [Some(default), max.as_ref()].into_iter().flatten().filter(|_| !is_unsafe) {
        // Neither is negative, and a step is more than nothing.
        let rest = (value.whole() - min.whole()).checked_rem(step.whole());
        if rest.is_some_and(|rest| rest != 0) {
            let why = format!("value is not a multiple of a given step ({}) from ({})", step.text(), min.text());
            found.invalid(format!("{path}.step"), value.written, &why);
        }
    }
}
