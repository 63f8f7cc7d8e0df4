//! The cluster that `cargo xtask testbed up` keeps running in the background: who has it, and where it is.
//!
//! A supervisor process owns the cluster and holds a lock for as long as it lives. So the lock says whether there is
//! a cluster, even after a crash, and a file beside it says where.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::build::tail;
use crate::certificates::write;
use crate::environment::cache_folder;
use crate::{Cluster, Error, Minor, Options};

/// Between two looks at something that another process does.
const PAUSE: Duration = Duration::from_millis(50);

/// A cluster that runs in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The process that owns it.
    pub supervisor: u32,
    /// Its Kubernetes release: `1.37.1`.
    pub kubernetes: String,
    /// The kubeconfig of an administrator. `None` while the cluster starts.
    pub kubeconfig: Option<PathBuf>,
    /// The cluster's own folder; see [`Cluster::folder`]. `None` while the cluster starts.
    pub folder: Option<PathBuf>,
    /// Whether there are nodes that run pods.
    pub has_kubelet: bool,
}

impl Running {
    /// The cluster of that minor which runs, or starts, in the background.
    ///
    /// # Errors
    /// The files that tell cannot be read.
    pub fn find(minor: &Minor) -> Result<Option<Self>, Error> {
        Place::of(minor)?.read()
    }

    /// Starts `supervisor` in the background, a command that calls [`supervise`] with these options, and waits until
    /// its cluster is ready. It goes on when this process ends, and when the terminal closes.
    ///
    /// # Errors
    /// The cluster does not start; the error says why.
    pub fn start(minor: &Minor, supervisor: &Command) -> Result<Self, Error> {
        let place = Place::of(minor)?;
        place.create()?;
        let mut child = place.spawn(supervisor)?;
        loop {
            let ended = child.try_wait().map_err(|e| Error::io("cannot wait for the test bed's supervisor", e))?;
            if ended.is_some() {
                let log = fs::read_to_string(place.log()).unwrap_or_default();
                return Err(Error::new(format!("the test bed did not start: {}", tail(&log, 30))));
            }
            match place.read()? {
                Some(running) if running.supervisor == child.id() && running.kubeconfig.is_some() => {
                    return Ok(running);
                }
                _ => sleep(PAUSE),
            }
        }
    }

    /// Stops the cluster, and waits until its processes and files are gone.
    ///
    /// # Errors
    /// The supervisor does not end within 20 seconds.
    pub fn stop(&self, minor: &Minor) -> Result<(), Error> {
        let place = Place::of(minor)?;
        let deadline = Instant::now() + Duration::from_secs(20);
        // The number is the supervisor's for as long as the lock is held, which find() has just seen.
        let kill = Command::new("kill").arg(self.supervisor.to_string()).status();
        kill.map_err(|e| Error::io(format!("cannot run `kill {}`", self.supervisor), e))?;
        while place.is_locked()? || self.folder.as_ref().is_some_and(|folder| folder.exists()) {
            if Instant::now() > deadline {
                let pid = self.supervisor;
                return Err(Error::new(format!(
                    "the test bed's supervisor, process {pid}, does not end; try `kill -9 {pid}`"
                )));
            }
            sleep(PAUSE);
        }
        Ok(())
    }
}

/// Owns a cluster for as long as this process lives, and tells others about it. It returns only on an error.
///
/// # Errors
/// There is such a cluster already, it does not start, or one of its servers ends by itself.
pub fn supervise(options: &Options) -> Result<std::convert::Infallible, Error> {
    let place = Place::of(options.minor)?;
    place.create()?;
    let _lock = place.lock()?;
    let mut running = Running {
        supervisor: std::process::id(),
        kubernetes: options.minor.kubernetes.into(),
        kubeconfig: None,
        folder: None,
        has_kubelet: false,
    };
    place.write(&running)?;
    let mut cluster = Cluster::start(options)?;
    running.kubeconfig = Some(cluster.kubeconfig().into());
    running.folder = Some(cluster.folder().into());
    running.has_kubelet = cluster.has_kubelet();
    place.write(&running)?;
    loop {
        sleep(Duration::from_millis(500));
        if let Some((name, status)) = cluster.ended() {
            return Err(Error::new(format!("{name} of the test bed ended by itself ({status})")));
        }
    }
}

/// The folder in which a supervisor and those who look for it meet.
struct Place(PathBuf);

impl Place {
    fn of(minor: &Minor) -> Result<Self, Error> {
        Ok(Self(cache_folder()?.join("running").join(minor.name)))
    }

    fn state(&self) -> PathBuf {
        self.0.join("state.json")
    }

    fn log(&self) -> PathBuf {
        self.0.join("supervisor.log")
    }

    fn create(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.0).map_err(|e| Error::io(format!("cannot create {}", self.0.display()), e))
    }

    fn open(&self) -> std::io::Result<File> {
        File::options().read(true).write(true).create(true).truncate(false).open(self.0.join("lock"))
    }

    /// Takes the lock. Those who only look hold it for a moment, so one failure says little.
    fn lock(&self) -> Result<File, Error> {
        let cannot = |e| Error::io(format!("cannot lock {}", self.0.join("lock").display()), e);
        let file = self.open().map_err(cannot)?;
        for _ in 0..20 {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                Err(TryLockError::Error(e)) => return Err(cannot(e)),
            }
        }
        Err(Error::new("another supervisor runs this test bed already; `cargo xtask testbed status` tells more"))
    }

    fn is_locked(&self) -> Result<bool, Error> {
        let cannot = |e| Error::io(format!("cannot look at {}", self.0.join("lock").display()), e);
        let file = match self.open() {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(cannot(e)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(e)) => Err(cannot(e)),
        }
    }

    fn read(&self) -> Result<Option<Running>, Error> {
        if !self.is_locked()? {
            return Ok(None);
        }
        let path = self.state();
        match fs::read(&path) {
            // What was left by a supervisor that is gone is overwritten first thing, but perhaps not yet.
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|e| {
                Error::new(format!("{} is not what a supervisor writes ({e}); is it an older one's?", path.display()))
            }),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io(format!("cannot read {}", path.display()), e)),
        }
    }

    /// Replaces the file at once: nobody reads half of it.
    fn write(&self, running: &Running) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(running)
            .map_err(|e| Error::new(format!("cannot describe the test bed: {e}")))?;
        let unfinished = self.0.join("state.json.unfinished");
        write(&unfinished, &text)?;
        let path = self.state();
        fs::rename(&unfinished, &path).map_err(|e| Error::io(format!("cannot write {}", path.display()), e))
    }

    fn spawn(&self, supervisor: &Command) -> Result<Child, Error> {
        let cannot = |e| Error::io(format!("cannot start {} as a supervisor", show(supervisor)), e);
        let log = File::create(self.log()).map_err(cannot)?;
        // A closing terminal sends HUP; a shell can have it ignored by what it turns into. Its process stays the same.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
            .arg(supervisor.get_program())
            .args(supervisor.get_args());
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().map_err(cannot)
    }
}

fn show(command: &Command) -> String {
    Path::new(command.get_program()).display().to_string()
}
