//! Security settings of an ephemeral container.

use kubewright::core::v1::{EphemeralContainer, SeccompProfile, SeccompProfileType, SecurityContext};

/// Permissions of an ephemeral container: the profiles of `kubectl debug`.
///
/// <https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/#debugging-profiles>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DebugProfile {
    /// May trace processes (`SYS_PTRACE`).
    #[default]
    General,
    /// No permissions beyond those of an ordinary container: for namespaces of the
    /// [Pod Security Standard](https://kubernetes.io/docs/concepts/security/pod-security-standards/) *baseline*.
    Baseline,
    /// Minimal permissions, not root: for namespaces of the Pod Security Standard *restricted*.
    Restricted,
    /// May inspect and change the pod's network (`NET_ADMIN`, `NET_RAW`).
    NetAdmin,
    /// Runs privileged.
    SysAdmin,
    /// The container's own settings, such as by [`with`](super::DebugRequest::with).
    AsIs,
}

impl DebugProfile {
    pub(super) fn put_on(self, container: &mut EphemeralContainer) {
        match self {
            Self::AsIs => {}
            Self::General => add_capabilities(container, &["SYS_PTRACE"]),
            Self::NetAdmin => add_capabilities(container, &["NET_ADMIN", "NET_RAW"]),
            Self::SysAdmin => container.security_context.get_or_insert_default().privileged = Some(true),
            Self::Baseline => container.security_context = None,
            Self::Restricted => container.security_context = Some(Box::new(restricted())),
        }
    }
}

fn add_capabilities(container: &mut EphemeralContainer, names: &[&str]) {
    let capabilities = &mut container.security_context.get_or_insert_default().capabilities;
    let added = &mut capabilities.get_or_insert_default().add;
    for name in names {
        if !added.iter().any(|known| known == name) {
            added.push((*name).into());
        }
    }
}

fn restricted() -> SecurityContext {
    let mut context = SecurityContext {
        run_as_non_root: Some(true),
        allow_privilege_escalation: Some(false),
        seccomp_profile: Some(Box::new(SeccompProfile {
            type_: SeccompProfileType::RuntimeDefault,
            ..Default::default()
        })),
        ..Default::default()
    };
    context.capabilities.get_or_insert_default().drop = vec!["ALL".into()];
    context
}
