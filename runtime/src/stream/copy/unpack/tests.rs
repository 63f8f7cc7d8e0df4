//! What a system without hard links would do.

use std::io;

use tokio::sync::mpsc::channel;

use super::*;

/// A file of a thousand bytes, and two hard links to it.
fn linked() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut append = |kind, name: &str, link: &str, data: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_path(name).expect("a name");
        if kind == EntryType::Link {
            header.set_link_name(link).expect("a target");
        }
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).expect("appended");
    };
    append(EntryType::Directory, "a", "", &[]);
    append(EntryType::Regular, "a/1", "", &[7; 1000]);
    append(EntryType::Link, "a/2", "a/1", &[]);
    append(EntryType::Link, "a/3", "a/1", &[]);
    builder.into_inner().expect("an archive")
}

/// Unpacks it where no hard link can be made.
fn unpack_without_links(limit: u64) -> (tempfile::TempDir, Result<(), String>) {
    let here = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        root: here.path().join("d"),
        folder_only: false,
        from: "/a".to_owned(),
        prefix: vec!["a".into()],
        links: Links::Inside,
        existing: Existing::Replace,
        preserve: true,
        limit: Some(limit),
    };
    let (send, receive) = channel(1);
    send.try_send(linked().into()).expect("there is room");
    drop(send);
    let (source, state) = Source::new(receive);
    let mut unpacker = Unpacker::new(plan, Meter::new(None));
    unpacker.tree.linker = |_, _| Err(io::ErrorKind::Unsupported.into());
    let result = unpacker.entries(&mut tar::Archive::new(source), &state);
    let result = result.map_err(|fault| match fault {
        Fault::Failed(error) => error.to_string(),
        Fault::Cut | Fault::Empty => "not whole".to_owned(),
    });
    (here, result)
}

#[test]
fn a_copy_in_place_of_a_hard_link_counts_for_the_limit() {
    let needed = 4 * BLOCK + 3 * 1000;
    let (here, result) = unpack_without_links(needed);
    assert_eq!(result, Ok(()));
    for name in ["d/1", "d/2", "d/3"] {
        assert_eq!(std::fs::read(here.path().join(name)).expect("read"), [7; 1000], "{name}");
    }
    let (here, result) = unpack_without_links(needed - 1);
    assert!(result.expect_err("beyond").contains("limit of 5047 bytes"));
    assert!(here.path().join("d/2").exists() && !here.path().join("d/3").exists());
}
