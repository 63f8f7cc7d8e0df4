//! A container whose `tar` is this process's own: what it is asked for it takes from, or puts into, a local folder. And
//! archives entry by entry, such as no `tar` writes.
#![allow(dead_code, missing_docs)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use kubewright_runtime::Client;
use tar::EntryType;

use crate::peer::{self, Peer, SUCCESS, V5};

pub fn failure(code: i32) -> String {
    format!(
        r#"{{"status":"Failure","reason":"NonZeroExitCode","details":{{"causes":[{{"reason":"ExitCode","message":"{code}"}}]}}}}"#
    )
}

/// A container whose files lie in a local folder.
pub fn container(root: &Path) -> Client {
    let root = root.to_owned();
    peer::client(&[V5], move |peer| {
        let root = root.clone();
        async move { serve(peer, &root).await }
    })
}

async fn serve(mut peer: Peer, root: &Path) {
    let command = peer.command();
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    match command.as_slice() {
        ["test", "-d", path] => {
            let status = if inside(root, path).is_dir() { SUCCESS.to_owned() } else { failure(1) };
            peer.say(3, status).await;
        }
        ["tar", "-c", "-f", "-", "-C", folder, member] => {
            let folder = inside(root, folder);
            let archive =
                if folder.join(member).symlink_metadata().is_ok() { archive_of(&folder, member) } else { vec![] };
            if archive.is_empty() {
                peer.say(2, format!("tar: {member}: Cannot stat: No such file or directory\n")).await;
                return peer.say(3, failure(2)).await;
            }
            // In pieces that have nothing to do with blocks.
            for piece in archive.chunks(1000) {
                peer.say(1, piece).await;
            }
            peer.say(3, SUCCESS).await;
        }
        ["tar", "-x", "-p", "-o", "-f", "-", "-C", folder] => {
            let (archive, closed) = peer.hear_all(0).await;
            assert!(closed && archive.len() % 10240 == 0, "{} bytes", archive.len());
            let mut archive = tar::Archive::new(&*archive);
            archive.set_preserve_permissions(true);
            archive.unpack(inside(root, folder)).expect("unpacked");
            peer.say(3, SUCCESS).await;
        }
        other => panic!("{other:?}"),
    }
}

fn inside(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// As `tar -C folder ./member` writes it.
fn archive_of(folder: &Path, member: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    let path = folder.join(member);
    if path.symlink_metadata().expect("it is there").is_dir() {
        builder.append_dir_all(member, path).expect("appended");
    } else {
        builder.append_path_with_name(path, member).expect("appended");
    }
    builder.into_inner().expect("an archive")
}

/// An entry of any name.
pub struct Raw {
    pub kind: EntryType,
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub data: Vec<u8>,
    pub mode: u32,
}

pub fn file(name: &str, data: &str) -> Raw {
    Raw { kind: EntryType::Regular, name: name.into(), link: vec![], data: data.into(), mode: 0o644 }
}

pub fn folder(name: &str) -> Raw {
    Raw { kind: EntryType::Directory, mode: 0o755, ..file(name, "") }
}

pub fn link(kind: EntryType, name: &str, target: &str) -> Raw {
    Raw { kind, link: target.into(), ..file(name, "") }
}

/// The entries, without an end.
pub fn blocks(entries: &[Raw]) -> Vec<u8> {
    let mut archive = Vec::new();
    for Raw { kind, name, link, data, mode } in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link);
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_mtime(1_000_000_000);
        header.set_size(data.len() as u64);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(data);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

/// The entries with the end that makes them an archive.
pub fn archive(entries: &[Raw]) -> Vec<u8> {
    [blocks(entries), vec![0; 1024]].concat()
}

/// A client for which each command has this output, and ends well.
pub fn says(archive: Vec<u8>) -> Client {
    peer::client(&[V5], move |mut peer| {
        let archive = archive.clone();
        async move {
            for piece in archive.chunks(4096) {
                // A client that has seen enough goes.
                if !peer.try_say(1, piece).await {
                    return;
                }
            }
            peer.try_say(3, SUCCESS.as_bytes()).await;
        }
    })
}

/// All that is in a folder: path, kind, mode, and contents or target.
pub fn tree(root: &Path) -> Vec<(PathBuf, char, u32, Vec<u8>)> {
    let (mut found, mut next) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inner) = next.pop() {
        let path = if inner.as_os_str().is_empty() { root.to_owned() } else { root.join(&inner) };
        let metadata = path.symlink_metadata().expect("it is there");
        let mode = metadata.mode() & 0o7777;
        if metadata.is_dir() {
            let names = fs::read_dir(&path).expect("read").map(|entry| entry.expect("an entry").file_name());
            next.extend(names.map(|name| inner.join(name)));
            found.push((inner, 'd', mode, vec![]));
        } else if metadata.is_symlink() {
            found.push((inner, 'l', 0, path.read_link().expect("a link").as_os_str().as_bytes().to_vec()));
        } else {
            found.push((inner, 'f', mode, fs::read(&path).expect("read")));
        }
    }
    found.sort();
    found
}

/// The paths in a folder, as text.
pub fn names(root: &Path) -> Vec<String> {
    tree(root).into_iter().skip(1).map(|(path, ..)| path.to_string_lossy().into_owned()).collect()
}

pub fn write(path: impl AsRef<Path>, data: impl AsRef<[u8]>, mode: u32) {
    fs::File::create(&path).and_then(|mut file| file.write_all(data.as_ref())).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permitted");
}

pub fn read(path: impl AsRef<Path>) -> String {
    let mut text = String::new();
    fs::File::open(path).expect("opened").read_to_string(&mut text).expect("read");
    text
}

pub fn os(name: &[u8]) -> OsString {
    OsStr::from_bytes(name).to_owned()
}
