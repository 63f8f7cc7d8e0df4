//! Ties processes and a folder to this process: when it ends, even by SIGKILL, they are gone too.
//!
//! All servers join one process group. Two small shells stand by: the *anchor* leads the group, so that it exists
//! before the first server; the *cleaner*, outside of the group, reads a pipe whose other end only this process
//! holds. When this process ends, the kernel closes that end, the cleaner reads the end of the file, kills the group
//! and removes the folder. A cluster that is dropped in good order goes the same way: the pipe is closed.
//!
//! The servers need no cooperation for this, so it works for anybody's binaries; and because a server is in the group
//! before its first instruction runs, there is no moment in which it could be missed.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::Error;

/// Lives until its standard input ends, and a little longer: the cleaner ends it, with the rest of the group.
const ANCHOR: &str = "read -r _; sleep 30";

/// `$1` is the process group, `$2` the folder. A dying process may still create a file while `rm` is at work.
/// (`kill -KILL -- -1234` is not understood by every shell; this form is POSIX's.)
const CLEANER: &str = "read -r _; kill -s KILL -- \"-$1\" 2>/dev/null; \
    rm -rf -- \"$2\" 2>/dev/null || { sleep 1; rm -rf -- \"$2\"; }";

/// A process group and a folder that end with this value.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    folder: PathBuf,
    group: i32,
    anchor: Child,
    cleaner: Child,
    /// The ends of the pipes, which nobody writes to: closing them is the message.
    pipes: Vec<ChildStdin>,
    servers: Vec<Server>,
}

/// One process of the group.
#[derive(Debug)]
struct Server {
    name: &'static str,
    child: Child,
}

impl ProcessGroup {
    /// Ties a folder that exists.
    pub fn new(folder: &Path) -> Result<Self, Error> {
        let cannot = |e| Error::io("cannot start a shell to watch over the test bed", e);
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script, "kubewright-testbed"]);
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            // A group of its own: Ctrl-C in a terminal is for the owner only.
            command.process_group(0);
            command
        };
        let mut anchor = shell(ANCHOR).arg(folder).spawn().map_err(cannot)?;
        let group = anchor.id().cast_signed();
        let mut cleaner = shell(CLEANER).arg(group.to_string()).arg(folder).spawn().map_err(cannot)?;
        let pipes = anchor.stdin.take().into_iter().chain(cleaner.stdin.take()).collect();
        Ok(Self { folder: folder.into(), group, anchor, cleaner, pipes, servers: Vec::new() })
    }

    /// Starts a server, whose output goes to `NAME.log` in the folder. It gets none of this process's environment
    /// but the PATH: it, and what people `exec` in its pods, should behave alike on every machine.
    pub fn start(&mut self, name: &'static str, command: &mut Command) -> Result<(), Error> {
        let program = Path::new(command.get_program()).display().to_string();
        let cannot = |e| Error::io(format!("cannot start {name} ({program})"), e);
        let log = File::create(self.log(name)).map_err(cannot)?;
        command.env_clear().env("HOME", &self.folder).env("TMPDIR", &self.folder);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let child = command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(cannot)?)
            .stderr(log)
            .process_group(self.group)
            .spawn()
            .map_err(cannot)?;
        self.servers.push(Server { name, child });
        Ok(())
    }

    /// Kills a server, and keeps its log beside that of the next one of this name: `NAME.log.1`, `NAME.log.2` and so on.
    pub fn kill(&mut self, name: &str) -> Result<(), Error> {
        let cannot = |e| Error::io(format!("cannot kill {name}"), e);
        let Some(index) = self.servers.iter().position(|server| server.name == name) else {
            return Err(Error::new(format!("there is no {name} in the test bed")));
        };
        let mut server = self.servers.swap_remove(index);
        server.child.kill().map_err(cannot)?;
        server.child.wait().map_err(cannot)?;
        let log = self.log(name);
        let earlier = (1..).map(|number| self.folder.join(format!("{name}.log.{number}"))).find(|path| !path.exists());
        match earlier {
            Some(earlier) => std::fs::rename(&log, earlier).map_err(cannot),
            None => Ok(()),
        }
    }

    /// The first server that has ended by itself, and how.
    pub fn ended(&mut self) -> Option<(&'static str, String)> {
        self.servers.iter_mut().find_map(|server| match server.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some((server.name, status.to_string())),
            Err(e) => Some((server.name, e.to_string())),
        })
    }

    /// Forgets the servers that have ended, after [`ended`](Self::ended) has reported one that is started again.
    pub fn forget_ended(&mut self) {
        self.servers.retain_mut(|server| matches!(server.child.try_wait(), Ok(None)));
    }

    /// The log of a server.
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.pipes.clear();
        // Nothing can be done about an error here, and the processes are this one's children: they end with it.
        let _ = self.cleaner.wait();
        let _ = self.anchor.kill();
        let _ = self.anchor.wait();
        for server in &mut self.servers {
            // Dead already, unless the cleaner was kept from its work: waiting must not hang then.
            let _ = server.child.kill();
            let _ = server.child.wait();
        }
    }
}
