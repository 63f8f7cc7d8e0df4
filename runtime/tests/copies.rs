//! Copies to and from a container whose `tar` is in this process: what arrives, where, and what is told of it.
#![cfg(all(feature = "copy", unix))]
#![allow(missing_docs)]

mod container;
mod peer;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use container::{Raw, archive, container, failure, file, folder, names, os, read, tree, write};
use kubewright_runtime::Client;
use kubewright_runtime::stream::{CopyFrom, CopyTo, Existing, Links, Progress};
use peer::{SUCCESS, V4, V5, client_with_buffer, pods};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

/// A local folder, and a container with `/srv/site` in it.
struct Bed {
    here: TempDir,
    there: TempDir,
    client: Client,
}

impl Bed {
    fn new() -> Self {
        let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let client = container(there.path());
        for root in [&here, &there] {
            fs::create_dir_all(root.path().join("srv/site/empty")).expect("made");
            write(root.path().join("srv/site/index"), "hello", 0o640);
            fs::create_dir(root.path().join("there")).expect("made");
        }
        Self { here, there, client }
    }

    fn here(&self, path: &str) -> PathBuf {
        // As people write it, with what `join` would take away.
        let mut whole = self.here.path().as_os_str().to_owned();
        whole.push("/");
        whole.push(path);
        whole.into()
    }

    fn from(&self, from: &str, to: &str) -> CopyFrom<()> {
        pods(&self.client).copy_from("web-0", "exec", from, self.here(to))
    }

    fn to(&self, from: &str, to: &str) -> CopyTo<()> {
        pods(&self.client).copy_to("web-0", "exec", self.here(from), to)
    }
}

/// What is copied, where to, and where the file then is; nothing where it is an error.
const WHERE: &[(&str, &str, Option<&str>)] = &[
    // A folder that is there gets the copy in it, and else is the copy.
    ("srv/site", "there", Some("there/site/index")),
    ("srv/site", "there/", Some("there/site/index")),
    ("srv/site/", "there", Some("there/site/index")),
    ("srv/site", "new", Some("new/index")),
    ("srv/site", "new/", Some("new/index")),
    ("srv/site", "there/new", Some("there/new/index")),
    // What is in the folder.
    ("srv/site/.", "there", Some("there/index")),
    ("srv/site/.", "new", Some("new/index")),
    // The same for a file.
    ("srv/site/index", "there", Some("there/index")),
    ("srv/site/index", "there/", Some("there/index")),
    ("srv/site/index", "new", Some("new")),
    ("srv/site/index", "there/new", Some("there/new")),
    ("srv/site/index", "new/", None),
    ("srv/site", "no/such/parent", None),
    ("srv/site/index", "no/such", None),
    ("srv/none", "there", None),
];

#[tokio::test]
async fn a_copy_goes_where_cp_would_put_it() {
    for (from, to, expected) in WHERE {
        let bed = Bed::new();
        let result = bed.from(&format!("/{from}"), to).await;
        let Some(expected) = expected else {
            result.expect_err(&format!("{from} to {to}"));
            assert_eq!(names(&bed.here("there")), [""; 0]);
            continue;
        };
        let copied = result.expect(to);
        assert_eq!(read(bed.here(expected)), "hello", "{from} to {to}");
        assert!(bed.here(expected).starts_with(&copied.destination), "{from} to {to}: {copied:?}");
    }
}

#[tokio::test]
async fn a_copy_to_a_container_goes_where_cp_would_put_it() {
    for (from, to, expected) in WHERE.iter().filter(|(_, to, _)| !to.starts_with("no/")) {
        let bed = Bed::new();
        let result = bed.to(from, &format!("/{to}")).await;
        let Some(expected) = expected else {
            result.expect_err(&format!("{from} to {to}"));
            assert_eq!(names(&bed.there.path().join("there")), [""; 0]);
            continue;
        };
        let copied = result.expect(to);
        assert_eq!(read(bed.there.path().join(expected)), "hello", "{from} to {to}");
        assert!(Path::new("/").join(expected).starts_with(&copied.destination), "{from} to {to}: {copied:?}");
    }
}

#[tokio::test]
async fn exactly_is_the_name_of_the_copy_itself() {
    let bed = Bed::new();
    write(bed.here("there/mine"), "stays", 0o600);
    bed.from("/srv/site", "there").exactly().await.expect("copied");
    assert_eq!(names(&bed.here("there")), ["empty", "index", "mine"]);
    bed.to("srv/site", "/there").exactly().await.expect("copied");
    assert_eq!(names(&bed.there.path().join("there")), ["empty", "index"]);
    let error = bed.from("/srv/site/index", "there").exactly().await.expect_err("a folder is there");
    assert!(error.is_io() && error.to_string().contains("exists and is a directory"), "{error}");
}

#[tokio::test]
async fn a_local_path_that_is_a_link_is_followed_but_not_into_nowhere() {
    let bed = Bed::new();
    symlink("there", bed.here("link")).expect("linked");
    bed.from("/srv/site", "link").await.expect("copied");
    assert_eq!(read(bed.here("there/site/index")), "hello");
    write(bed.here("old"), "old", 0o600);
    symlink("old", bed.here("file")).expect("linked");
    bed.from("/srv/site/index", "file").await.expect("copied");
    assert_eq!(read(bed.here("old")), "hello");
    symlink("none", bed.here("nowhere")).expect("linked");
    let error = bed.from("/srv/site", "nowhere").await.expect_err("nowhere");
    assert!(error.is_io() && error.to_string().contains("dangling symbolic link"), "{error}");
    let error = bed.from("/srv/site/index", "srv/site/index/").await.expect_err("no folder");
    assert!(error.is_io(), "{error}");
    let error = bed.from("/srv/site/index", "../../../../../../../../dev/null").await.expect_err("no file");
    assert!(error.is_io() && error.to_string().contains("exists and is neither a file nor a directory"), "{error}");
    bed.to("link", "/new").await.expect("copied");
    assert_eq!(read(bed.there.path().join("new/site/index")), "hello");
}

#[tokio::test]
async fn modes_and_times_are_those_of_the_original_unless_they_are_not_wanted() {
    let bed = Bed::new();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in ["srv/site/index", "srv/site/empty", "srv/site"] {
        fs::File::open(bed.there.path().join(name)).and_then(|file| file.set_modified(then)).expect("set");
        fs::File::open(bed.here(name)).and_then(|file| file.set_modified(then)).expect("set");
    }
    let seen = |root: &Path| {
        let of =
            |name: &str| root.join(name).metadata().map(|found| (found.mtime(), found.mode() & 0o777)).expect("there");
        (of("index"), of("empty").0, of("").0)
    };
    bed.from("/srv/site", "kept").await.expect("copied");
    assert_eq!(seen(&bed.here("kept")), ((1_000_000_000, 0o640), 1_000_000_000, 1_000_000_000));
    bed.from("/srv/site", "fresh").no_preserve().await.expect("copied");
    let fresh = seen(&bed.here("fresh"));
    assert!(fresh.0.0 > 1_000_000_000 && fresh.1 > 1_000_000_000 && fresh.2 > 1_000_000_000);
    bed.to("srv/site", "/kept").await.expect("copied");
    assert_eq!(seen(&bed.there.path().join("kept")).0, (1_000_000_000, 0o640));
    bed.to("srv/site", "/fresh").no_preserve().await.expect("copied");
    let fresh = seen(&bed.there.path().join("fresh"));
    assert!(fresh.0.0 > 1_000_000_000 && fresh.0.1 == 0o644);
}

#[tokio::test]
async fn a_link_that_is_named_itself_is_told() {
    let bed = Bed::new();
    symlink("site", bed.there.path().join("srv/link")).expect("linked");
    let error = bed.from("/srv/link", "new").await.expect_err("a link");
    assert!(error.is_command() && error.to_string().contains("symbolic link to \"site\""), "{error}");
    bed.from("/srv/link/", "new").await.expect("what it leads to");
    assert_eq!(read(bed.here("new/index")), "hello");
    let copied = bed.from("/srv/link", "kept").links(Links::Keep).await.expect("a link");
    assert_eq!((fs::read_link(bed.here("kept")).expect("a link"), copied.links), (PathBuf::from("site"), 1));
}

#[tokio::test]
async fn local_links_are_kept_followed_or_left_out() {
    let bed = Bed::new();
    for (target, name) in [("index", "in"), ("/etc", "out"), ("none", "nowhere"), ("..", "loop"), ("empty", "dir")] {
        symlink(target, bed.here("srv/site").join(name)).expect("linked");
    }
    let long = format!("{}/x", "y/".repeat(80));
    symlink(&long, bed.here("srv/site/long")).expect("linked");
    let copied = bed.to("srv/site", "/keep").await.expect("copied");
    assert_eq!((copied.links, copied.skipped.len()), (6, 0));
    assert_eq!(fs::read_link(bed.there.path().join("keep/out")).expect("a link"), Path::new("/etc"));
    assert_eq!(fs::read_link(bed.there.path().join("keep/long")).expect("a link"), Path::new(&long));
    let copied = bed.to("srv/site", "/inside").links(Links::Inside).await.expect("copied");
    let skipped = |copied: &kubewright_runtime::stream::Copied| -> Vec<_> {
        copied.skipped.iter().map(|skipped| skipped.path.to_str().expect("UTF-8").to_owned()).collect()
    };
    assert_eq!((copied.links, skipped(&copied)), (4, vec!["loop".to_owned(), "out".to_owned()]));
    let copied = bed.to("srv/site", "/skip").links(Links::Skip).await.expect("copied");
    assert_eq!((copied.links, copied.skipped.len()), (0, 6));
    fs::remove_file(bed.here("srv/site/out")).expect("removed");
    symlink("../../there", bed.here("srv/site/out")).expect("linked");
    let copied = bed.to("srv/site", "/follow").links(Links::Follow).await.expect("copied");
    assert_eq!(skipped(&copied), ["long", "loop", "nowhere"]);
    assert_eq!(names(&bed.there.path().join("follow")), ["dir", "empty", "in", "index", "out"]);
    assert_eq!(read(bed.there.path().join("follow/in")), "hello");
}

#[tokio::test]
async fn hard_links_are_sent_once_and_what_is_no_file_is_told() {
    let bed = Bed::new();
    fs::hard_link(bed.here("srv/site/index"), bed.here("srv/site/second")).expect("linked");
    let _socket = std::os::unix::net::UnixListener::bind(bed.here("srv/site/socket")).expect("a socket");
    let last = Arc::new(Mutex::new(Progress::default()));
    let told = last.clone();
    let watch = move |progress: &Progress| *told.lock().expect("not poisoned") = progress.clone();
    let copied = bed.to("srv/site", "/new").on_progress(watch).await.expect("copied");
    assert_eq!((copied.files, copied.bytes, copied.skipped.len()), (2, 5, 1));
    let last = last.lock().expect("not poisoned").clone();
    assert_eq!((last.total_files, last.total_bytes), (Some(last.files), Some(last.bytes)));
    assert_eq!(copied.skipped[0].path, Path::new("socket"));
    let inode = |name: &str| bed.there.path().join("new").join(name).metadata().expect("there").ino();
    assert_eq!(inode("index"), inode("second"));
    let error = bed.to("srv/site/socket", "/new").await.expect_err("a socket");
    assert!(error.is_io() && error.to_string().contains("socket"), "{error}");
    let error = bed.to("none", "/new").await.expect_err("nothing");
    assert!(error.is_io() && error.to_string().contains("none"), "{error}");
}

#[tokio::test]
async fn progress_tells_files_bytes_and_totals() {
    let bed = Bed::new();
    write(bed.here("srv/site/large"), vec![1; 300_000], 0o600);
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let told = seen.clone();
    let watch = move |progress: &Progress| told.lock().expect("not poisoned").push(progress.clone());
    let take = || std::mem::take(&mut *seen.lock().expect("not poisoned"));
    let check = |seen: &[Progress], files, bytes| {
        assert!(seen.windows(2).all(|pair| pair[0].bytes <= pair[1].bytes && pair[0].files <= pair[1].files));
        let last = seen.last().expect("something");
        assert_eq!((last.files, last.bytes), (files, bytes));
    };
    bed.to("srv/site", "/new").on_progress(watch.clone()).await.expect("copied");
    let to = take();
    check(&to, 2, 300_005);
    assert!(to.iter().all(|at| (at.total_files, at.total_bytes) == (Some(2), Some(300_005))));
    assert!(to.iter().any(|at| at.path == Path::new("large") && at.bytes > 5 && at.bytes < 300_005));
    bed.from("/new", "back").on_progress(watch.clone()).await.expect("copied");
    let from = take();
    check(&from, 2, 300_005);
    assert!(from.iter().all(|at| at.total_bytes.is_none()) && from.iter().any(|at| at.path == Path::new("index")));
    bed.from("/new/large", "one").on_progress(watch).await.expect("copied");
    let one = take();
    check(&one, 1, 300_000);
    assert_eq!(one.last().and_then(|at| at.total_bytes), Some(300_000));
}

#[tokio::test]
async fn the_commands_have_their_arguments_as_they_are() {
    let (client, log) = client_with_buffer(64 << 10, &[V5], |mut peer| async move { peer.say(3, failure(2)).await });
    let here = tempfile::tempdir().expect("a folder");
    let copy = |from: &str| pods(&client).copy_from("web-0", "exec", from, here.path()).container("app");
    copy("/a b/-c;$d\n").await.expect_err("it fails");
    copy("-x/").links(Links::Follow).tar_command(["busybox", "tar"]).await.expect_err("it fails");
    let to = || pods(&client).copy_to("web-0", "exec", here.path(), "/srv/new").exactly();
    to().await.expect_err("it fails");
    to().owner(1000, 1000).await.expect_err("it fails");
    let log = log.lock().expect("not poisoned");
    let path = "/api/v1/namespaces/shop/pods/web-0/exec?container=app&command=";
    let ours = |target: &str| target.replace("&command=", " ");
    assert_eq!(
        ours(&log[0].0),
        format!("{} -c -f - -C /a%20b ./-c%3B$d%0A&stdout=true&stderr=true", &path.replace("&command=", " tar"))
    );
    assert_eq!(
        ours(&log[1].0),
        format!("{} tar -c -f - -h -C ./-x .&stdout=true&stderr=true", &path.replace("&command=", " busybox"))
    );
    let plain = "/api/v1/namespaces/shop/pods/web-0/exec?command=tar -x -p";
    assert_eq!(ours(&log[2].0), format!("{plain} -o -f - -C /srv&stdin=true&stderr=true"));
    assert_eq!(ours(&log[3].0), format!("{plain} -f - -C /srv&stdin=true&stderr=true"));
}

/// A client that loses the end of an archive so often. A shell, if there is one, waits for a line before it ends.
fn loses(archive: Vec<u8>, times: u64, shell: bool) -> (Client, Arc<Mutex<Vec<String>>>) {
    let commands = Arc::new(Mutex::new(Vec::new()));
    let (seen, lost) = (commands.clone(), Arc::new(AtomicU64::new(0)));
    let client = peer::client(&[V5], move |mut peer| {
        let (archive, seen, lost) = (archive.clone(), seen.clone(), lost.clone());
        async move {
            let command = peer.command();
            seen.lock().expect("not poisoned").push(command[0].clone());
            let held = command[0] == "sh";
            if held && !shell {
                return peer.say(3, failure(127)).await;
            }
            let whole = lost.fetch_add(1, Ordering::Relaxed) >= times;
            let end = if whole { archive.len() } else { archive.len() - 1500 };
            peer.say(1, &archive[..end]).await;
            if held && whole {
                assert_eq!(command[1..6], ["-c", r#""$@" && read -r _"#, "sh", "tar", "-c"]);
                assert_eq!(peer.hear().await.expect("a line")[..], *b"\0\n");
            }
            peer.say(3, SUCCESS).await;
        }
    });
    (client, commands)
}

#[tokio::test]
async fn a_copy_whose_end_was_lost_is_made_again() {
    let entries =
        [Raw { mode: 0o555, ..folder("./a") }, file("./a/1", "one"), Raw { data: vec![7; 3000], ..file("./a/2", "") }];
    let lost = archive(&entries);
    for existing in [Existing::Replace, Existing::Keep, Existing::Refuse] {
        for (times, shell, expected) in [
            (0, true, &["tar"][..]),
            (1, true, &["tar", "sh"]),
            (2, true, &["tar", "sh", "sh"]),
            (2, false, &["tar", "sh", "tar", "tar"]),
        ] {
            let here = tempfile::tempdir().expect("a folder");
            let (client, commands) = loses(lost.clone(), times, shell);
            let new = here.path().join("new");
            let copied = pods(&client).copy_from("web-0", "exec", "/a", &new).existing(existing).await;
            let copied = copied.unwrap_or_else(|error| panic!("{existing:?}, {times}: {error}"));
            assert_eq!(*commands.lock().expect("not poisoned"), expected);
            assert_eq!((copied.files, copied.folders, copied.bytes, copied.skipped.len()), (2, 1, 3003, 0));
            assert_eq!((read(new.join("1")).as_str(), fs::read(new.join("2")).expect("read")), ("one", vec![7; 3000]));
            let folder = new.metadata().expect("it is there");
            assert_eq!((folder.mode() & 0o777, folder.mtime()), (0o555, 1_000_000_000));
            fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).expect("set");
        }
    }
}

#[tokio::test]
async fn what_others_have_is_not_taken_for_what_an_earlier_attempt_wrote() {
    let here = tempfile::tempdir().expect("a folder");
    let (client, _) = loses(archive(&[folder("./a"), file("./a/1", "one"), file("./a/2", "two")]), 1, true);
    fs::create_dir(here.path().join("new")).expect("made");
    write(here.path().join("new/1"), "mine", 0o600);
    let copy = pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new"));
    let copied = copy.exactly().existing(Existing::Keep).await.expect("copied");
    assert_eq!((copied.files, copied.skipped.len()), (1, 1));
    assert_eq!((read(here.path().join("new/1")), read(here.path().join("new/2"))), ("mine".into(), "two".into()));
}

#[tokio::test]
async fn a_copy_whose_end_is_always_lost_is_an_error_that_says_how_often() {
    for (retries, words) in
        [(0, "though tar succeeded"), (1, ", also when retried"), (2, ", also when retried 2 times")]
    {
        let here = tempfile::tempdir().expect("a folder");
        let (client, commands) = loses(archive(&[folder("./a"), file("./a/1", "one")]), 9, true);
        let copy = pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new"));
        let error = copy.max_attempts(1 + retries).await.expect_err("never whole");
        assert!(error.is_decode() && error.to_string().ends_with(words), "{error}");
        assert_eq!(commands.lock().expect("not poisoned").len(), 1 + retries as usize);
    }
}

/// A client for which `tar` says this, and ends so.
fn ends(archive: Vec<u8>, words: &'static str, status: String) -> Client {
    peer::client(&[V5], move |mut peer| {
        let (archive, status) = (archive.clone(), status.clone());
        async move {
            peer.say(1, archive).await;
            peer.say(2, words).await;
            peer.say(3, status).await;
        }
    })
}

#[tokio::test]
async fn a_tar_that_fails_is_an_error_with_its_words() {
    let here = tempfile::tempdir().expect("a folder");
    let whole = archive(&[folder("./a"), file("./a/1", "one")]);
    let copy = |client: &Client| pods(client).copy_from("web-0", "exec", "/a", here.path().join("new"));
    let client = ends(vec![0; 10240], "tar: ./a: Cannot stat: No such file\n", failure(2));
    let error = copy(&client).await.expect_err("it failed");
    assert!(error.is_command(), "{error}");
    assert!(error.to_string().contains("exit code 2") && error.to_string().contains("Cannot stat"), "{error}");

    let changed = ends(whole.clone(), "tar: ./a/1: file changed as we read it\n", failure(1));
    let error = copy(&changed).await.expect_err("it may be torn");
    assert!(error.is_command() && error.to_string().contains("file changed"), "{error}");
    let copied = copy(&changed).accept_warnings().await.expect("accepted");
    assert!(copied.files == 1 && copied.warnings.contains("file changed"));
    // What is not whole, or a worse failure, is not accepted.
    let cut = ends(whole[..1000].to_vec(), "", failure(1));
    assert!(copy(&cut).accept_warnings().await.expect_err("cut off").is_command());
    assert!(copy(&ends(whole.clone(), "", failure(2))).accept_warnings().await.expect_err("worse").is_command());

    let warned = ends(whole, "tar: ./a/s: socket ignored\n", SUCCESS.to_owned());
    assert!(copy(&warned).await.expect("copied").warnings.contains("socket ignored"));
}

#[tokio::test]
async fn a_container_without_tar_is_told() {
    let here = tempfile::tempdir().expect("a folder");
    let gone = r#"{"status":"Failure","reason":"InternalError","code":500,"message":"OCI runtime exec failed: exec: \"tar\": executable file not found in $PATH: unknown"}"#;
    for status in [gone.to_owned(), failure(127)] {
        let client = ends(vec![], "", status.clone());
        let error = pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new")).await.expect_err("no tar");
        assert!(error.is_command() && error.to_string().contains("can't run tar"), "{error}");
        let to = pods(&client).copy_to("web-0", "exec", here.path(), "/new").exactly();
        let error = to.await.expect_err("no tar");
        assert!(error.is_command() && error.to_string().contains("can't run tar"), "{error}");
    }
    // Another program that is not there is another error.
    let other = gone.replace("tar", "test");
    let client = ends(vec![], "", other);
    let error = pods(&client).copy_to("web-0", "exec", here.path(), "/new").await.expect_err("no test");
    assert!(error.is_command() && error.to_string().contains("exactly"), "{error}");
    // And so is a pod that is not there.
    let missing = r#"{"status":"Failure","reason":"NotFound","code":404,"message":"pods \"tar\" not found"}"#;
    let client = ends(vec![], "", missing.to_owned());
    let error = pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new")).await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_tar_that_ends_before_it_has_all_is_an_error_with_its_words() {
    let here = tempfile::tempdir().expect("a folder");
    write(here.path().join("large"), vec![1; 3_000_000], 0o600);
    for (status, word) in [(failure(2), "No space left"), (SUCCESS.to_owned(), "before it had read the whole archive")]
    {
        let client = peer::client(&[V5], move |mut peer| {
            let status = status.clone();
            async move {
                peer.hear().await;
                peer.try_say(2, "tar: No space left on device\n").await;
                peer.try_say(3, status).await;
            }
        });
        let copy = pods(&client).copy_to("web-0", "exec", here.path(), "/new").exactly();
        let error = copy.await.expect_err("not all");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn a_local_file_that_becomes_shorter_ends_the_copy_and_the_archive_gets_no_end() {
    let here = tempfile::tempdir().expect("a folder");
    let path = here.path().join("shrinking");
    write(&path, vec![1; 3_000_000], 0o600);
    let (send, mut heard) = mpsc::unbounded_channel();
    let client = peer::client(&[V5], move |mut peer| {
        let send = send.clone();
        async move { drop(send.send(peer.hear_all(0).await)) }
    });
    let shrink = move |progress: &Progress| {
        if progress.bytes > 0 {
            fs::OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(0)).expect("shrunk");
        }
    };
    let copy = pods(&client).copy_to("web-0", "exec", here.path(), "/new").exactly().on_progress(shrink);
    let error = copy.await.expect_err("it shrank");
    let source = std::error::Error::source(&error).expect("a source").to_string();
    assert!(error.is_io() && error.to_string().contains("shrinking") && source.contains("truncated"), "{error}");
    let (data, closed) = heard.recv().await.expect("an archive");
    assert!(!closed && data.len() < 3_000_000, "tar must not take it for complete");
}

#[tokio::test]
async fn with_v4_a_copy_from_a_container_works_and_one_to_it_is_refused() {
    let here = tempfile::tempdir().expect("a folder");
    let whole = archive(&[folder("./a"), file("./a/1", "one")]);
    let client = peer::client(&[V4], move |mut peer| {
        let whole = whole.clone();
        async move {
            peer.try_say(1, whole).await;
            peer.try_say(3, SUCCESS).await;
        }
    });
    pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new")).await.expect("copied");
    let error = pods(&client).copy_to("web-0", "exec", here.path(), "/new").exactly().await.expect_err("v4");
    assert!(error.to_string().contains("can't close stdin"), "{error}");
}

#[tokio::test]
async fn dropping_a_copy_ends_the_session_and_leaves_nothing_half() {
    let here = tempfile::tempdir().expect("a folder");
    let (gone, mut ended) = mpsc::unbounded_channel();
    let client = peer::client(&[V5], move |mut peer| {
        let gone = gone.clone();
        async move {
            let start = container::blocks(&[folder("./a"), Raw { data: vec![5; 100_000], ..file("./a/1", "") }]);
            peer.say(1, &start[..50_000]).await;
            peer.gone().await;
            let _ = gone.send(());
        }
    });
    let (started, begun) = oneshot::channel();
    // Dropped with the closure, which is dropped when the thread is done.
    let (thread, done) = oneshot::channel::<()>();
    let (mut started, thread) = (Some(started), thread);
    let watch = move |progress: &Progress| {
        let _alive = &thread;
        if progress.bytes > 0 {
            started.take().map(|started| started.send(()));
        }
    };
    let copy = pods(&client).copy_from("web-0", "exec", "/a", here.path().join("new")).on_progress(watch);
    let copy = tokio::spawn(copy.into_future());
    begun.await.expect("it began");
    copy.abort();
    ended.recv().await.expect("the session ended");
    done.await.expect_err("the thread ended");
    assert_eq!(names(here.path()), ["new"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_side_runs_far_ahead_of_the_other() {
    const BOUND: u64 = 4 << 20;
    const SIZE: u64 = 24 << 20;
    let here = tempfile::tempdir().expect("a folder");
    let sent = Arc::new(AtomicU64::new(0));
    let (far, counter) = (Arc::new(AtomicU64::new(0)), sent.clone());
    let client = peer::client(&[V5], move |mut peer| {
        let sent = counter.clone();
        async move {
            let header = Raw { data: vec![1; SIZE as usize], ..file("./a", "") };
            for piece in archive(&[header]).chunks(32 << 10) {
                peer.say(1, piece).await;
                sent.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
            peer.say(3, SUCCESS).await;
        }
    });
    let widest = far.clone();
    let slow = move |progress: &Progress| {
        std::thread::sleep(Duration::from_micros(200));
        widest.fetch_max(sent.load(Ordering::SeqCst).saturating_sub(progress.bytes), Ordering::SeqCst);
    };
    pods(&client).copy_from("web-0", "exec", "/a", here.path().join("a")).on_progress(slow).await.expect("copied");
    assert!(far.load(Ordering::SeqCst) < BOUND, "{} bytes ahead", far.load(Ordering::SeqCst));

    let read = Arc::new(AtomicU64::new(0));
    let (far, counter) = (Arc::new(AtomicU64::new(0)), read.clone());
    let client = peer::client(&[V5], move |mut peer| {
        let read = counter.clone();
        async move {
            while let Some(piece) = peer.hear().await.filter(|piece| piece[0] == 0) {
                tokio::time::sleep(Duration::from_micros(200)).await;
                read.fetch_add(piece.len() as u64, Ordering::SeqCst);
            }
            peer.say(3, SUCCESS).await;
        }
    });
    let widest = far.clone();
    let watch = move |progress: &Progress| {
        widest.fetch_max(progress.bytes.saturating_sub(read.load(Ordering::SeqCst)), Ordering::SeqCst);
    };
    let copy = pods(&client).copy_to("web-0", "exec", here.path().join("a"), "/a").exactly().on_progress(watch);
    assert_eq!(copy.await.expect("copied").bytes, SIZE);
    assert!(far.load(Ordering::SeqCst) < BOUND, "{} bytes ahead", far.load(Ordering::SeqCst));
}

/// Something in a tree.
#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>, u32),
    Folder(Vec<(Vec<u8>, Node)>, u32),
    /// To a sibling, there or not.
    Link(Vec<u8>),
}

/// Names of all sorts, but those that no file can have.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => b'a'..=b'd', 1 => any::<u8>(), 1 => Just(b'\n'), 1 => Just(b' '), 1 => Just(b'-')];
    let long = (100..250_usize).prop_map(|length| vec![b'n'; length]);
    prop_oneof![8 => vec(byte, 1..8), 1 => long]
        .prop_map(|name| name.into_iter().map(|byte| if matches!(byte, 0 | b'/') { b'_' } else { byte }).collect())
        .prop_filter("a name", |name: &Vec<u8>| name != b"." && name != b"..")
}

fn node() -> impl Strategy<Value = Node> {
    let data = prop_oneof![4 => vec(any::<u8>(), 0..40), 1 => vec(any::<u8>(), 500..1600), 1 => Just(vec![0; 20_000])];
    let leaf = prop_oneof![
        4 => (data, 0o400..=0o777_u32).prop_map(|(data, mode)| Node::File(data, mode | 0o600)),
        1 => name().prop_map(Node::Link),
    ];
    leaf.prop_recursive(4, 30, 6, |inner| {
        (btree_map(name(), inner, 0..6), 0..=0o777_u32)
            .prop_map(|(entries, mode)| Node::Folder(entries.into_iter().collect(), mode | 0o700))
    })
}

fn plant(node: &Node, path: &Path) {
    match node {
        Node::File(data, mode) => write(path, data, *mode),
        Node::Link(target) => symlink(os(target), path).expect("linked"),
        Node::Folder(entries, mode) => {
            fs::create_dir(path).expect("made");
            for (name, node) in entries {
                plant(node, &path.join(os(name)));
            }
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(*mode)).expect("permitted");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_tree_that_was_copied_there_and_back_is_the_same(entries in btree_map(name(), node(), 0..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let bed = Bed::new();
            plant(&Node::Folder(entries.into_iter().collect(), 0o750), &bed.here("tree"));
            let to = bed.to("tree", "/there").await.expect("copied");
            let from = bed.from("/there/tree", "back").await.expect("copied");
            let (original, back) = (tree(&bed.here("tree")), tree(&bed.here("back")));
            assert_eq!(original, back);
            assert_eq!((to.files, to.folders, to.links, to.bytes), (from.files, from.folders, from.links, from.bytes));
            assert!(to.skipped.is_empty() && from.skipped.is_empty());
        });
    }
}
