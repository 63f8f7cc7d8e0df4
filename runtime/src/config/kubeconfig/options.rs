//! Which entries of a kubeconfig to use.

/// Which of a kubeconfig's entries to use. Default: its current context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeconfigOptions {
    /// This context instead of the current one.
    pub context: Option<String>,
    /// This cluster instead of the context's.
    pub cluster: Option<String>,
    /// This user instead of the context's.
    pub user: Option<String>,
    /// This namespace instead of the context's.
    pub namespace: Option<String>,
}
