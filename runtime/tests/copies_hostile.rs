//! Copies from a container that is not to be trusted: nothing is written outside, nothing is half, nothing is success
//! that is not.
#![cfg(all(feature = "copy", unix))]
#![allow(missing_docs)]

mod container;
mod peer;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use container::{Raw, archive, blocks, file, folder, link, names, read, says, tree};
use kubewright_runtime::stream::{Copied, CopyFrom, Existing, Links};
use kubewright_runtime::{Client, Error};
use peer::{SUCCESS, V5, pods};
use tar::EntryType;
use tempfile::TempDir;

/// A folder with a destination `d` in it, and something of which nothing may be written.
struct Here(TempDir);

impl Here {
    fn new() -> Self {
        let here = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir(here.outside()).expect("made");
        fs::write(here.outside().join("secret"), "untouched").expect("written");
        here
    }

    fn outside(&self) -> std::path::PathBuf {
        self.0.path().join("outside")
    }

    fn copy(&self, client: &Client) -> CopyFrom<()> {
        pods(client).copy_from("web-0", "exec", "/srv/a", self.0.path().join("d"))
    }

    /// Copies `/srv/a` to `d`, and looks whether anything was done outside of it.
    async fn unpack(
        &self,
        entries: &[Raw],
        options: impl FnOnce(CopyFrom<()>) -> CopyFrom<()>,
    ) -> Result<Copied, Error> {
        self.unpack_bytes(archive(entries), options).await
    }

    async fn unpack_bytes(
        &self,
        bytes: Vec<u8>,
        options: impl FnOnce(CopyFrom<()>) -> CopyFrom<()>,
    ) -> Result<Copied, Error> {
        let result = options(self.copy(&says(bytes))).await;
        assert_eq!(names(&self.outside()), ["secret"]);
        assert_eq!(read(self.outside().join("secret")), "untouched");
        let here = names(self.0.path());
        assert!(
            here.iter().all(|name| name == "outside" || name.starts_with("outside/") || name.starts_with('d')),
            "{here:?}"
        );
        assert!(!here.iter().any(|name| name.contains(".kubewright")), "{here:?}");
        result
    }
}

fn inside(copy: CopyFrom<()>) -> CopyFrom<()> {
    copy
}

fn keep(copy: CopyFrom<()>) -> CopyFrom<()> {
    copy.links(Links::Keep)
}

async fn is_refused(entries: &[Raw], options: impl FnOnce(CopyFrom<()>) -> CopyFrom<()>, words: &[&str]) {
    let error = Here::new().unpack(entries, options).await.expect_err("refused");
    let text = error.to_string();
    assert!(error.is_decode() && words.iter().all(|word| text.contains(word)), "{text}");
}

#[tokio::test]
async fn names_that_lead_out_are_refused_and_named() {
    for name in
        ["../outside/x", "/tmp/x", "./a/../../outside/x", "./a/..", "a/b/../../../x", "..", "./b/x", "b", "./ab"]
    {
        is_refused(&[folder("./a/"), file("./a/1", "one"), file(name, "bad")], inside, &[name, "rejected"]).await;
        is_refused(&[folder(name)], inside, &[name, "rejected"]).await;
        is_refused(&[folder("./a/"), link(EntryType::Symlink, name, "1")], inside, &[name, "rejected"]).await;
    }
    is_refused(&[file("./a/1", "one"), folder("./a")], inside, &["./a/1", "first entry"]).await;
}

#[tokio::test]
async fn nothing_is_written_through_a_link_that_came_with_the_copy() {
    let here = Here::new();
    let outside = here.outside();
    let outside = outside.to_str().expect("UTF-8");
    for target in [outside, "../outside"] {
        // Kept at the caller's wish, it is a link, and still not followed.
        let entries = [folder("./a"), link(EntryType::Symlink, "./a/l", target), file("./a/l/passwd", "bad")];
        let here = Here::new();
        let error = here.unpack(&entries, keep).await.expect_err("refused");
        assert!(error.to_string().contains("./a/l/passwd") && error.to_string().contains("symbolic link"), "{error}");
        let entries = [folder("./a"), link(EntryType::Symlink, "./a/l", target), folder("./a/l"), file("./a/l/x", "")];
        let error = Here::new().unpack(&entries, keep).await.expect_err("refused");
        assert!(error.is_io() && error.to_string().contains("exists and is not a directory"), "{error}");
        // By default it is not made, and what was to go through it is in a folder of its own.
        let here = Here::new();
        let entries = [folder("./a"), link(EntryType::Symlink, "./a/l", target), file("./a/l/passwd", "harmless")];
        let copied = here.unpack(&entries, inside).await.expect("copied");
        assert_eq!((copied.skipped.len(), copied.files, copied.links), (1, 1, 0));
        assert!(copied.skipped[0].path == Path::new("l") && copied.skipped[0].why.contains(target), "{copied:?}");
        assert_eq!(read(here.0.path().join("d/l/passwd")), "harmless");
    }
}

#[tokio::test]
async fn a_file_in_place_of_a_link_replaces_the_link() {
    let here = Here::new();
    let secret = here.outside().join("secret");
    let entries = [
        folder("./a"),
        link(EntryType::Symlink, "./a/l", secret.to_str().expect("UTF-8")),
        file("./a/l", "a file of its own"),
    ];
    here.unpack(&entries, keep).await.expect("copied");
    assert_eq!(read(here.0.path().join("d/l")), "a file of its own");
}

#[tokio::test]
async fn nothing_is_written_through_a_link_that_was_there_before() {
    let here = Here::new();
    fs::create_dir(here.0.path().join("d")).expect("made");
    symlink(here.outside(), here.0.path().join("d/l")).expect("linked");
    let entries = [folder("./a"), file("./a/l/x", "bad")];
    let error = here.unpack(&entries, CopyFrom::exactly).await.expect_err("refused");
    assert!(error.to_string().contains("./a/l/x") && error.to_string().contains("d/l"), "{error}");
    // Nor through one that has the copy's own name in the destination.
    symlink(here.outside(), here.0.path().join("d/a")).expect("linked");
    let error = here.unpack(&[folder("./a"), file("./a/x", "bad")], inside).await.expect_err("refused");
    assert!(error.to_string().contains("d/a"), "{error}");
}

#[tokio::test]
async fn links_that_may_lead_out_are_left_out_and_told() {
    let here = Here::new();
    let targets = ["/etc/passwd", "..", "../x", "x/../../..", "x/../y", "b/c", ".", "./b"];
    let mut entries = vec![folder("./a"), folder("./a/b"), file("./a/b/c", "")];
    let names: Vec<String> = (0..targets.len()).map(|index| format!("./a/{index}")).collect();
    entries.extend(names.iter().zip(targets).map(|(name, target)| link(EntryType::Symlink, name, target)));
    entries.push(link(EntryType::Symlink, "./a/b/up", ".."));
    let copied = here.unpack(&entries, inside).await.expect("copied");
    let skipped: Vec<_> = copied.skipped.iter().map(|skipped| skipped.path.to_str().expect("UTF-8")).collect();
    assert_eq!((skipped, copied.links), (vec!["0", "1", "2", "3", "4"], 4));
    let of = |links| async move {
        let here = Here::new();
        let entries =
            [folder("./a"), link(EntryType::Symlink, "./a/l", "/etc"), link(EntryType::Symlink, "./a/m", "l")];
        let copied = here.unpack(&entries, |copy| copy.links(links)).await.expect("copied");
        (copied.links, copied.skipped.len())
    };
    assert_eq!((of(Links::Keep).await, of(Links::Skip).await), ((2, 0), (0, 2)));
}

#[tokio::test]
async fn hard_links_lead_to_files_of_the_copy_or_are_refused() {
    let here = Here::new();
    let entries = [folder("./a"), file("./a/1", "one"), link(EntryType::Link, "./a/2", "./a/1")];
    let copied = here.unpack(&entries, inside).await.expect("copied");
    assert_eq!((copied.files, read(here.0.path().join("d/2"))), (2, "one".to_owned()));
    // Again, over what is there.
    here.unpack(&entries, CopyFrom::exactly).await.expect("copied");
    for target in ["../outside/secret", "/etc/passwd", "./b/1", "./a/none", "./a"] {
        let entries = [folder("./a"), link(EntryType::Link, "./a/l", target)];
        is_refused(&entries, inside, &["./a/l", "hard link"]).await;
    }
    is_refused(&[folder("./a"), link(EntryType::Link, "./a/l", "")], inside, &["./a/l", "without a target"]).await;
    let entries = [
        folder("./a"),
        link(EntryType::Symlink, "./a/out", "../outside"),
        link(EntryType::Link, "./a/l", "./a/out/secret"),
    ];
    is_refused(&entries, keep, &["./a/l", "symbolic link"]).await;
}

#[tokio::test]
async fn what_gives_rights_and_what_is_no_file_is_not_copied() {
    let here = Here::new();
    let of = |kind, name| Raw { kind, ..file(name, "") };
    let entries = [
        Raw { mode: 0o1777, ..folder("./a") },
        Raw { mode: 0o6755, ..file("./a/root", "") },
        of(EntryType::Char, "./a/char"),
        of(EntryType::Block, "./a/block"),
        of(EntryType::Fifo, "./a/pipe"),
        of(EntryType::new(b'!'), "./a/odd"),
        Raw { mode: 0o400, ..file("./a/last", "read") },
    ];
    let copied = here.unpack(&entries, inside).await.expect("copied");
    let why: Vec<_> = copied.skipped.iter().map(|skipped| skipped.why.as_str()).collect();
    assert_eq!(why[..3], ["it is a device", "it is a device", "it is a named pipe"]);
    assert!(why.len() == 4 && why[3].contains('!'));
    let modes: Vec<_> = tree(&here.0.path().join("d")).into_iter().map(|(_, _, mode, _)| mode).collect();
    assert_eq!(modes, [0o777, 0o400, 0o755]);
    for (kind, word) in [(EntryType::Fifo, "pipe"), (EntryType::Char, "device")] {
        let error = Here::new().unpack(&[of(kind, "./a")], inside).await.expect_err("nothing to copy");
        assert!(error.is_command() && error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn an_archive_that_is_cut_off_anywhere_is_never_success() {
    let entries = [
        folder("./a"),
        file("./a/1", "one"),
        Raw { data: vec![7; 1500], ..file("./a/2", "") },
        link(EntryType::Symlink, "./a/l", "1"),
        folder("./a/e"),
    ];
    let whole = archive(&entries);
    for end in (0..whole.len()).step_by(512).chain([1, 600, whole.len() - 1]) {
        let here = Here::new();
        let error = here.unpack_bytes(whole[..end].to_vec(), inside).await.expect_err("not complete");
        assert!(error.is_decode(), "{end}: {error}");
        // What is there is whole.
        for (path, kind, _, data) in tree(here.0.path()).into_iter().filter(|(path, ..)| path.starts_with("d")) {
            assert!(kind != 'f' || data == b"one" || data == [7; 1500], "{end}: {path:?}");
        }
    }
    let here = Here::new();
    here.unpack_bytes(whole.clone(), inside).await.expect("copied");
    assert_eq!(names(&here.0.path().join("d")), ["1", "2", "e", "l"]);
    // Filled up to a record, as most write it.
    Here::new().unpack_bytes([&*whole, &[0; 5000]].concat(), inside).await.expect("copied");
}

#[tokio::test]
async fn what_is_no_archive_or_more_than_one_is_refused() {
    for bytes in [b"hello\n".to_vec(), vec![b'x'; 2000], vec![0; 1024], vec![0; 10240]] {
        assert!(Here::new().unpack_bytes(bytes, inside).await.expect_err("no archive").is_decode());
    }
    let one = archive(&[folder("./a"), file("./a/1", "one")]);
    let error = Here::new().unpack_bytes([&*one, &*one].concat(), inside).await.expect_err("two archives");
    assert!(error.to_string().contains("data after the end of the archive"), "{error}");
    let error = Here::new().unpack_bytes([one, vec![0; 2 << 20]].concat(), inside).await.expect_err("zeros");
    assert!(error.to_string().contains("data after the end of the archive"), "{error}");
}

#[tokio::test]
async fn headers_that_would_fill_the_memory_are_refused() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let long = Raw { kind, data: vec![b'x'; 3 << 20], ..file("long", "") };
        let error = Here::new().unpack(&[folder("./a"), long, file("./a/x", "")], inside).await.expect_err("refused");
        let source = std::error::Error::source(&error).expect("a source").to_string();
        assert!(error.is_decode() && source.contains("headers of one entry"), "{error}: {source}");
    }
}

#[tokio::test]
async fn names_that_no_system_takes_are_refused_and_others_do_not_fill_the_memory() {
    let long = |kind, length| Raw { kind, data: vec![b'x'; length], ..file("long", "") };
    let absolute = Raw { data: [&b"/"[..], &[b'x'; 5000]].concat(), ..long(EntryType::GNULongLink, 0) };
    let entries = [folder("./a"), absolute, link(EntryType::Symlink, "./a/l", "")];
    let copied = Here::new().unpack(&entries, inside).await.expect("copied");
    assert!(copied.skipped[0].why.len() < 2000 && copied.skipped[0].why.contains("/xxx"), "{copied:?}");

    let pipe = || Raw { kind: EntryType::Fifo, ..file("./a/p", "") };
    for (kind, entry) in
        [(EntryType::GNULongName, pipe()), (EntryType::GNULongLink, link(EntryType::Symlink, "./a/l", ""))]
    {
        let error = Here::new().unpack(&[folder("./a"), long(kind, 70_000), entry], inside).await.expect_err("long");
        let text = error.to_string();
        assert!(error.is_decode() && text.contains("longer than 65536 bytes") && text.len() < 2000, "{text}");
    }
    // One alone may be long; many are more than anybody wants to be told.
    let name = || Raw { data: [&b"./a/"[..], &[b'x'; 65_000]].concat(), ..long(EntryType::GNULongName, 0) };
    let mut entries = vec![folder("./a"), name(), pipe()];
    assert_eq!(Here::new().unpack(&entries, inside).await.expect("copied").skipped.len(), 1);
    entries.extend((0..260).flat_map(|_| [name(), pipe()]));
    let error = Here::new().unpack(&entries, inside).await.expect_err("too much");
    assert!(error.is_decode() && error.to_string().contains("reporting them takes more than"), "{error}");
}

#[tokio::test]
async fn extended_headers_that_are_not_understood_are_refused() {
    let with = |text: &str| [folder("./a"), Raw { kind: EntryType::XHeader, ..file("x", text) }, file("./a/x", "1")];
    Here::new().unpack(&with("14 path=./a/y\n"), inside).await.expect("understood");
    // The library would go on with another name than the one that is meant.
    is_refused(&with("16 path=./a/y\nz\n"), inside, &["malformed"]).await;
    is_refused(&with("22 GNU.sparse.major=1\n"), inside, &["holes"]).await;
    is_refused(&with("17 path=../out/y\n"), inside, &["../out/y"]).await;
}

#[tokio::test]
async fn a_limit_bounds_what_a_container_can_write() {
    let entries = [folder("./a"), file("./a/1", &"1".repeat(1000)), file("./a/2", &"2".repeat(1000))];
    let needed = 3 * 512 + 2000;
    Here::new().unpack(&entries, |copy| copy.limit(needed)).await.expect("within");
    let here = Here::new();
    let error = here.unpack(&entries, |copy| copy.limit(needed - 1)).await.expect_err("beyond");
    assert!(error.is_decode() && error.to_string().contains("limit of 3535 bytes"), "{error}");
    assert_eq!(names(&here.0.path().join("d")), ["1"], "what was not whole is not there");
}

#[tokio::test]
async fn a_limit_counts_what_costs_a_container_nothing() {
    let beyond = async |entries: &[Raw], needed| {
        Here::new().unpack(entries, |copy| copy.limit(needed)).await.expect("within");
        let error = Here::new().unpack(entries, |copy| copy.limit(needed - 1)).await.expect_err("beyond");
        assert!(error.is_decode() && error.to_string().contains("limit of"), "{error}");
    };
    // Headers for all that follows, of which an archive may have any number.
    let global = || Raw { kind: EntryType::XGlobalHeader, ..file("global", "") };
    beyond(&[folder("./a"), global(), global(), global(), file("./a/1", "")], 5 * 512).await;
    // Folders that nobody named but on the way to another.
    beyond(&[folder("./a"), file("./a/b/c/d/e", ""), file("./a/b/c/f", "")], (3 + 3) * 512).await;
}

#[tokio::test]
async fn a_folder_of_the_archive_never_replaces_a_file_nor_the_other_way_round() {
    let here = Here::new();
    fs::create_dir_all(here.0.path().join("d/1")).expect("made");
    fs::write(here.0.path().join("d/2"), "mine").expect("written");
    let (over_a_directory, over_a_file) = ("exists and is a directory", "exists and is not a directory");
    for (entry, words) in [
        (file("./a/1", ""), over_a_directory),
        (link(EntryType::Symlink, "./a/1", "2"), over_a_directory),
        (folder("./a/2"), over_a_file),
        (file("./a/2/x", ""), over_a_file),
    ] {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        let error = here.unpack(&[folder("./a"), entry], CopyFrom::exactly).await.expect_err("in the way");
        assert!(error.is_io() && error.to_string().contains(words), "{name}: {error}");
    }
    assert_eq!(names(&here.0.path().join("d")), ["1", "2"]);
}

#[tokio::test]
async fn files_that_exist_are_replaced_kept_or_refused() {
    let entries = [folder("./a"), file("./a/1", "new"), file("./a/2", "new")];
    for (existing, expected) in
        [(Existing::Replace, Some("new")), (Existing::Keep, Some("mine")), (Existing::Refuse, None)]
    {
        let here = Here::new();
        fs::create_dir(here.0.path().join("d")).expect("made");
        fs::write(here.0.path().join("d/1"), "mine").expect("written");
        let result = here.unpack(&entries, |copy| copy.exactly().existing(existing)).await;
        match expected {
            Some(expected) => {
                let skipped = result.expect("copied").skipped.len();
                assert_eq!(
                    (read(here.0.path().join("d/1")).as_str(), skipped),
                    (expected, usize::from(expected == "mine"))
                );
                assert_eq!(read(here.0.path().join("d/2")), "new");
            }
            None => assert!(result.expect_err("it exists").is_io() && read(here.0.path().join("d/1")) == "mine"),
        }
    }
}

/// A file of which the archive has three bytes, behind a hole.
fn with_hole(hole: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..5].copy_from_slice(b"./a/h");
    header.set_entry_type(EntryType::GNUSparse);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_size(3);
    let gnu = header.as_gnu_mut().expect("its form");
    gnu.set_real_size(hole + 3);
    gnu.sparse[0].set_offset(hole);
    gnu.sparse[0].set_length(3);
    header.set_cksum();
    let mut bytes = blocks(&[folder("./a")]);
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(b"end");
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    bytes
}

#[tokio::test]
async fn holes_are_refused_for_one_header_could_claim_more_than_can_ever_be_read() {
    for hole in [100_000, 1 << 62] {
        for existing in [Existing::Replace, Existing::Keep] {
            let here = Here::new();
            fs::create_dir(here.0.path().join("d")).expect("made");
            fs::write(here.0.path().join("d/h"), "mine").expect("written");
            let copy = |copy: CopyFrom<()>| copy.exactly().existing(existing);
            let error = here.unpack_bytes(with_hole(hole), copy).await.expect_err("refused");
            let text = error.to_string();
            assert!(error.is_decode() && text.contains("./a/h") && text.contains("--sparse"), "{text}");
            assert_eq!(read(here.0.path().join("d/h")), "mine");
        }
    }
}

#[tokio::test]
async fn a_whole_archive_without_an_exit_status_is_an_error() {
    let bytes = archive(&[folder("./a"), file("./a/1", "one")]);
    let client = peer::client(&[V5], move |mut peer| {
        let bytes = bytes.clone();
        async move {
            peer.say(1, bytes).await;
            peer.close().await;
        }
    });
    let error = Here::new().copy(&client).await.expect_err("no status");
    assert!(error.is_connection() && error.to_string().contains("without an exit status"), "{error}");
    let client = peer::client(&[V5], |mut peer| async move { peer.say(3, SUCCESS).await });
    assert!(Here::new().copy(&client).await.expect_err("no archive").is_decode());
}
