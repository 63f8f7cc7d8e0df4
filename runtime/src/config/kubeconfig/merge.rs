//! Several kubeconfigs as one, by kubectl's rules.

use std::collections::HashSet;

use super::{Entry, Kubeconfig};

impl Kubeconfig {
    /// Adds what `later` has and this one hasn't. Whatever is set here wins; a cluster, user or context of the same
    /// name is taken from here as a whole, even where it sets less.
    pub fn merge(&mut self, later: Self) {
        add(&mut self.clusters, later.clusters);
        add(&mut self.users, later.users);
        add(&mut self.contexts, later.contexts);
        if self.current_context.as_deref().unwrap_or_default().is_empty() {
            self.current_context = later.current_context;
        }
        self.api_version = self.api_version.take().or(later.api_version);
        self.kind = self.kind.take().or(later.kind);
        self.preferences = self.preferences.take().or(later.preferences);
        for extension in later.extensions {
            let taken = extension.get("name").is_some()
                && self.extensions.iter().any(|known| known.get("name") == extension.get("name"));
            if !taken {
                self.extensions.push(extension);
            }
        }
        for (name, value) in later.other {
            self.other.entry(name).or_insert(value);
        }
        self.files.extend(later.files);
    }
}

fn add<T: Entry>(into: &mut Vec<T>, later: Vec<T>) {
    let mut known: HashSet<String> = into.iter().map(|entry| entry.name().to_owned()).collect();
    into.extend(later.into_iter().filter(|entry| known.insert(entry.name().to_owned())));
}
