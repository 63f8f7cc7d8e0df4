//! A kubeconfig to hand on: one context alone, without files beside it. As `kubectl config view` has it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Kubeconfig, paths};
use crate::config::SecretString;
use crate::config::error::{ConfigError, Kind};

impl Kubeconfig {
    /// Removes everything but the current context, and the cluster and the user that it names: `kubectl config view
    /// --minify`. For another context, set [`current_context`](Self::current_context) before.
    ///
    /// ```no_run
    /// use kubewright_runtime::config::Kubeconfig;
    ///
    /// // One file with all that it takes to reach the cluster: `kubectl config view --minify --flatten --context staging`.
    /// let mut kubeconfig = Kubeconfig::load()?;
    /// kubeconfig.current_context = Some("staging".to_owned());
    /// kubeconfig.minify()?;
    /// kubeconfig.flatten()?;
    /// kubeconfig.write("staging.kubeconfig")?;
    /// # Ok::<(), kubewright_runtime::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// No current context is set, or it, its cluster or its user does not exist. Nothing is changed then.
    pub fn minify(&mut self) -> Result<(), ConfigError> {
        let missing = |message: String| ConfigError::new(Kind::Incomplete, message);
        let current = self.current_context.as_deref().filter(|name| !name.is_empty());
        let current =
            current.ok_or_else(|| missing("current-context is not set, and so there is none to keep".into()))?;
        let entry = self.context(current);
        let entry = entry.ok_or_else(|| missing(format!("current-context {current:?} is not among the contexts")))?;
        let (cluster, user) = (entry.context.cluster.clone(), entry.context.user.clone());
        let [cluster, user] = [cluster, user].map(|name| name.filter(|name| !name.is_empty()));
        if let Some(name) = cluster.as_ref().filter(|name| self.cluster(name).is_none()) {
            return Err(missing(format!(
                "context {current:?} wants the cluster {name:?}, which is not among the clusters"
            )));
        }
        if let Some(name) = user.as_ref().filter(|name| self.user(name).is_none()) {
            return Err(missing(format!("context {current:?} wants the user {name:?}, which is not among the users")));
        }
        let current = current.to_owned();
        self.contexts.retain(|entry| entry.name == current);
        self.clusters.retain(|entry| Some(&entry.name) == cluster.as_ref());
        self.users.retain(|entry| Some(&entry.name) == user.as_ref());
        Ok(())
    }

    /// Replaces the files of certificate authorities, client certificates and client keys by their content
    /// (`certificate-authority-data` and the like): `kubectl config view --flatten`. As there, `tokenFile` and a command
    /// (`exec`) stay what they are: with [`make_paths_absolute`](Self::make_paths_absolute) they are found from elsewhere
    /// on the same machine.
    ///
    /// Reads files, and so blocks. The result holds secrets that the files held before.
    ///
    /// # Errors
    /// A file can't be read, or an entry has both forms of one thing. Nothing is changed then.
    pub fn flatten(&mut self) -> Result<(), ConfigError> {
        let mut flat = self.clone();
        for entry in &mut flat.clusters {
            let at = At { what: "cluster", name: &entry.name, file: entry.file.as_deref() };
            let (path, data) =
                (&mut entry.cluster.certificate_authority, &mut entry.cluster.certificate_authority_data);
            at.flatten("certificate-authority", path, data)?;
        }
        for entry in &mut flat.users {
            let at = At { what: "user", name: &entry.name, file: entry.file.as_deref() };
            let user = &mut entry.user;
            at.flatten("client-certificate", &mut user.client_certificate, &mut user.client_certificate_data)?;
            at.flatten("client-key", &mut user.client_key, &mut user.client_key_data)?;
        }
        *self = flat;
        Ok(())
    }

    /// Makes relative paths absolute, by the folder of the file that their entry was [read from](super::NamedUser::file):
    /// files of certificates, keys and tokens, and commands that are paths. Entries that no file has yet are left as they
    /// are. It is client-go's `ResolveLocalPaths`, for a kubeconfig that is written to another folder.
    pub fn make_paths_absolute(&mut self) {
        for entry in &mut self.clusters {
            let file = entry.file.clone();
            make_absolute(file.as_deref(), entry.cluster.certificate_authority.as_mut());
        }
        for entry in &mut self.users {
            let (file, user) = (entry.file.clone(), &mut entry.user);
            let command = user.exec.as_mut().map(|exec| &mut exec.command).filter(|command| paths::is_path(command));
            let files = [&mut user.client_certificate, &mut user.client_key, &mut user.token_file];
            for path in files.into_iter().filter_map(Option::as_mut).chain(command) {
                make_absolute(file.as_deref(), Some(path));
            }
        }
    }
}

fn make_absolute(file: Option<&Path>, path: Option<&mut PathBuf>) {
    if let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) {
        *path = paths::absolute(file, path);
    }
}

/// The entry that is flattened.
struct At<'a> {
    what: &'static str,
    name: &'a str,
    file: Option<&'a Path>,
}

impl At<'_> {
    fn flatten<T: Text>(
        &self,
        field: &str,
        path: &mut Option<PathBuf>,
        data: &mut Option<T>,
    ) -> Result<(), ConfigError> {
        let Some(written) = path.take().filter(|path| !path.as_os_str().is_empty()) else { return Ok(()) };
        let place = || format!("{} {:?}", self.what, self.name);
        if data.as_ref().is_some_and(|data| !data.is_empty()) {
            let message = format!("{} has both {field} and {field}-data: remove one of them", place());
            return Err(ConfigError::new(Kind::Invalid, message));
        }
        let file = paths::absolute(self.file, &written);
        let content = std::fs::read(&file).map_err(|error| {
            let message = format!("{}: cannot read its {field}, {}", place(), file.display());
            ConfigError::new(Kind::Unreadable, message).because(error)
        })?;
        *data = Some(T::from(STANDARD.encode(&*Zeroizing::new(content))));
        Ok(())
    }
}

/// What base64 is kept in.
trait Text: From<String> {
    fn is_empty(&self) -> bool;
}

impl Text for String {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl Text for SecretString {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}
