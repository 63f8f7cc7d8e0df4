//! What the containers of a pod have by its status too: a resize counts from when it is asked for until it is undone.
//!
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status>

use serde_json::Value;

use crate::builtin::resource_lists::{ResourceList, raise, read, sum_of_containers};

/// Since this minor, all containers count by their status, also those that have no `resources` in it.
const WITH_ALL: u32 = 37;

/// What the containers of a pod have together of `requests` or `limits`: the most of what they ask for and what they were given. What can't
/// be given to them isn't counted.
pub(super) fn of_containers(pod: &Value, field: &str, minor: u32) -> ResourceList {
    let amounts = Amounts { pod, field, is_infeasible: is_infeasible(pod) };
    if minor < WITH_ALL {
        return sum_of_containers(pod, |container, is_initial| {
            let is_asked = !is_initial || container["restartPolicy"] == "Always";
            match amounts.status(container).filter(|status| is_asked && status["resources"].is_object()) {
                Some(status) => amounts.most(container, status),
                None => amounts.asked(container),
            }
        });
    }
    let actual = |container: &Value| {
        let status = amounts.status(container);
        status.and_then(|status| amounts.actual(status).or_else(|| amounts.allocated(status)))
    };
    let or_asked = |known: Option<ResourceList>, container: &Value| match known {
        Some(known) => known,
        None if amounts.is_infeasible => ResourceList::new(),
        None => amounts.asked(container),
    };
    let mut most = sum_of_containers(pod, |container, _| or_asked(actual(container), container));
    if field == "requests" {
        let allocated = |container: &Value| amounts.status(container).and_then(|status| amounts.allocated(status));
        raise(&mut most, sum_of_containers(pod, |container, _| or_asked(allocated(container), container)));
    }
    if !amounts.is_infeasible {
        raise(&mut most, sum_of_containers(pod, |container, _| amounts.asked(container)));
    }
    most
}

/// Whether the node of a pod can't ever do what a resize asks for.
fn is_infeasible(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let mut pending = conditions.filter(|condition| condition["type"] == "PodResizePending");
    pending.next().is_some_and(|condition| condition["reason"] == "Infeasible")
}

struct Amounts<'p> {
    pod: &'p Value,
    field: &'p str,
    is_infeasible: bool,
}

impl Amounts<'_> {
    fn status(&self, container: &Value) -> Option<&Value> {
        let lists = ["containerStatuses", "initContainerStatuses"];
        let statuses = lists.into_iter().flat_map(|list| self.pod["status"][list].as_array()).flatten();
        statuses.into_iter().find(|status| status["name"] == container["name"])
    }

    fn asked(&self, container: &Value) -> ResourceList {
        read(&container["resources"][self.field])
    }

    fn actual(&self, status: &Value) -> Option<ResourceList> {
        said(&status["resources"][self.field])
    }

    /// What the node has set aside, which is requests alone.
    fn allocated(&self, status: &Value) -> Option<ResourceList> {
        if self.field == "requests" { said(&status["allocatedResources"]) } else { None }
    }

    fn most(&self, container: &Value, status: &Value) -> ResourceList {
        let mut most = self.actual(status).unwrap_or_default();
        raise(&mut most, self.allocated(status).unwrap_or_default());
        if !self.is_infeasible {
            raise(&mut most, self.asked(container));
        }
        most
    }
}

/// A list that is there; one without entries is not stored.
fn said(list: &Value) -> Option<ResourceList> {
    list.as_object().filter(|list| !list.is_empty()).map(|_| read(list))
}
