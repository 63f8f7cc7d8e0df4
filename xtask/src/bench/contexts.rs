//! A kubeconfig with many contexts: what people have who look after many clusters.

use std::path::{Path, PathBuf};

use kubewright_runtime::config::Kubeconfig;

/// How many contexts, with a cluster and a user each.
const CONTEXTS: usize = 300;

/// Writes a kubeconfig into `folder` with the contexts of `from` so often that there are [`CONTEXTS`] of them. The current
/// one stays, behind all others: a client that stops early has no advantage by chance.
pub fn many(from: &Path, folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let mut kubeconfig = Kubeconfig::read(from)?;
    let count = CONTEXTS.saturating_sub(kubeconfig.contexts.len());
    let name = |index: usize| format!("copy-{index}");
    put_before(&mut kubeconfig.clusters, count, |index, cluster| cluster.name = name(index));
    put_before(&mut kubeconfig.users, count, |index, user| user.name = name(index));
    put_before(&mut kubeconfig.contexts, count, |index, context| {
        context.name = name(index);
        (context.context.cluster, context.context.user) = (Some(name(index)), Some(name(index)));
    });
    let path = folder.join("kubeconfig-of-many");
    std::fs::write(&path, kubeconfig.to_yaml()?)?;
    Ok(path)
}

/// Puts copies of the first of them before all, each changed.
fn put_before<T: Clone>(entries: &mut Vec<T>, count: usize, change: impl Fn(usize, &mut T)) {
    let Some(first) = entries.first().cloned() else { return };
    let copies = (0..count).map(|index| {
        let mut copy = first.clone();
        change(index, &mut copy);
        copy
    });
    entries.splice(0..0, copies);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_context_is_the_last_of_many_and_means_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let one = folder.path().join("one");
        let text = "{clusters: [{name: c, cluster: {server: 'https://h:1'}}], users: [{name: u, user: {token: t}}],
            contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}";
        std::fs::write(&one, text).expect("a file");
        let many = Kubeconfig::read(many(&one, folder.path()).expect("many")).expect("a kubeconfig");
        assert_eq!((many.clusters.len(), many.users.len(), many.contexts.len()), (300, 300, 300));
        assert_eq!(many.current_context.as_deref(), Some("x"));
        assert_eq!(many.contexts.last().expect("one").context.cluster.as_deref(), Some("c"));
        assert_eq!(many.contexts[7].context.cluster.as_deref(), Some("copy-7"));
    }
}
