//! What pods share with their node: namespaces, ports, addresses, processes and kernel parameters.

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::{Violation, containers, count, quoted, setters};
use super::template::{Template, items, name};

/// `hostNetwork`, `hostPID` and `hostIPC`.
pub(super) fn namespaces(pod: Template<'_>, _: u32) -> Option<Violation> {
    let shared = ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|field| pod.spec[field] == true);
    let shared: Vec<String> = shared.map(|field| format!("{field}=true")).collect();
    (!shared.is_empty()).then(|| Violation { reason: "host namespaces", detail: shared.join(", ") })
}

pub(super) fn ports(pod: Template<'_>, _: u32) -> Option<Violation> {
    let of = |container: &Value| -> Vec<String> {
        let ports = items(&container["ports"]).filter_map(|port| port["hostPort"].as_i64());
        ports.filter(|port| *port != 0).map(|port| port.to_string()).collect()
    };
    let names = pod.named(|container| !of(container).is_empty());
    let ports: BTreeSet<String> = pod.containers().flat_map(of).collect();
    let detail = || {
        let ports_word = count(ports.len(), "hostPort", "hostPorts");
        let shown: Vec<String> = ports.iter().cloned().collect();
        format!("{} {} {ports_word} {}", containers(&names), count(names.len(), "uses", "use"), shown.join(", "))
    };
    (!names.is_empty()).then(|| Violation { reason: "hostPort", detail: detail() })
}

/// Hosts other than the pod in probes and in hooks of the lifecycle.
pub(super) fn probes(pod: Template<'_>, _: u32) -> Option<Violation> {
    let of = |container: &Value| -> Vec<String> {
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"].into_iter().map(|probe| &container[probe]);
        let hooks = ["postStart", "preStop"].into_iter().map(|hook| &container["lifecycle"][hook]);
        let hosts =
            probes.chain(hooks).flat_map(|handler| [&handler["httpGet"]["host"], &handler["tcpSocket"]["host"]]);
        hosts.filter_map(Value::as_str).filter(|host| !host.is_empty()).map(str::to_owned).collect()
    };
    let names: BTreeSet<&str> = pod.containers().filter(|container| !of(container).is_empty()).map(name).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let hosts: BTreeSet<String> = pod.containers().flat_map(of).collect();
    let detail = || {
        let hosts_word = count(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts");
        format!("{} {} {hosts_word} {}", containers(&names), count(names.len(), "uses", "use"), quoted(&hosts))
    };
    (!names.is_empty()).then(|| Violation { reason: "probe or lifecycle host", detail: detail() })
}

/// Processes of Windows that run on the node itself.
pub(super) fn processes(pod: Template<'_>, _: u32) -> Option<Violation> {
    let is_of_host = |holder: &Value| holder["securityContext"]["windowsOptions"]["hostProcess"] == true;
    let setters = setters(is_of_host(pod.spec), &pod.named(|container| is_of_host(container)))?;
    let detail = format!("{setters} must not set securityContext.windowsOptions.hostProcess=true");
    Some(Violation { reason: "hostProcess", detail })
}

/// Kernel parameters that pods may set, and the first minor for which they may.
const SYSCTLS: &[(&str, u32)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

pub(super) fn sysctls(pod: Template<'_>, minor: u32) -> Option<Violation> {
    let is_allowed = |name: &str| SYSCTLS.iter().any(|(known, since)| *known == name && minor >= *since);
    let set = items(&pod.spec["securityContext"]["sysctls"]).map(name);
    let forbidden: Vec<&str> = set.filter(|name| !is_allowed(name)).collect();
    (!forbidden.is_empty()).then(|| Violation { reason: "forbidden sysctls", detail: forbidden.join(", ") })
}
