//! A folder of documents by content hash: a cluster's documents are fetched once, not once for each run.

use std::{env, fs, io, path::PathBuf};

use serde::de::IgnoredAny;

use crate::error::Error;

/// A folder of documents by content hash.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// A cache in this folder, which is made on the first write.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The user's cache: below `$KUBEWRIGHT_CACHE`, else `$XDG_CACHE_HOME/kubewright`, `~/.cache/kubewright`, or on Windows
    /// `%LOCALAPPDATA%\kubewright`; without any of them, below the system's folder for temporary files.
    pub fn of_user() -> Self {
        let folder = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let below = |variable: &str, name: &str| folder(variable).map(|parent| parent.join(name));
        let cache = folder("KUBEWRIGHT_CACHE")
            .or_else(|| below("XDG_CACHE_HOME", "kubewright"))
            .or_else(|| below("HOME", ".cache/kubewright"))
            .or_else(|| below("LOCALAPPDATA", "kubewright"));
        Self::new(cache.unwrap_or_else(|| env::temp_dir().join("kubewright")).join("openapi"))
    }

    /// The document with this hash, if it is here. A file that can't be read, or is no JSON, counts as absent, so that
    /// the document is fetched again: half of it, or a proxy's login page, must not stand in its place for good.
    pub fn get(&self, hash: &str) -> Option<Vec<u8>> {
        let document = fs::read(self.path(hash)?).ok()?;
        serde_json::from_slice::<IgnoredAny>(&document).is_ok().then_some(document)
    }

    /// Keeps a document. A hash that is not made of letters and digits is not kept, since it names a file.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be written.
    pub fn put(&self, hash: &str, document: &[u8]) -> Result<(), Error> {
        let Some(path) = self.path(hash) else { return Ok(()) };
        let failed = |source: io::Error| Error::File { action: "write", path: path.clone(), source };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        // A reader in another process must never see half a document.
        let partial = path.with_extension(format!("{}.partial", std::process::id()));
        fs::write(&partial, document).map_err(failed)?;
        fs::rename(&partial, &path).map_err(failed)
    }

    fn path(&self, hash: &str) -> Option<PathBuf> {
        let plain = !hash.is_empty() && hash.chars().all(|c| c.is_ascii_alphanumeric());
        plain.then(|| self.folder.join(format!("{hash}.json")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_found_again_by_its_hash_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().join("documents"));
        assert_eq!(cache.get("ABC"), None);
        cache.put("ABC", b"{}").expect("kept");
        assert_eq!(cache.get("ABC").as_deref(), Some(&b"{}"[..]));
        assert_eq!(cache.get("ABD"), None);
    }

    #[test]
    fn what_is_not_json_counts_as_absent() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        for broken in ["", "<html></html>", r#"{"openapi": "3."#] {
            cache.put("ABC", broken.as_bytes()).expect("kept");
            assert_eq!(cache.get("ABC"), None, "{broken}");
        }
    }

    #[test]
    fn a_hash_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().join("documents"));
        cache.put("../escaped", b"{}").expect("ignored");
        assert_eq!(cache.get("../escaped"), None);
        assert!(!folder.path().join("escaped.json").exists());
    }
}
