//! Copies through a real API server, with kwok as the kubelet and this machine's `tar` as the container's. kwok never
//! closes a command's stdin; GNU tar ends at the archive's end all the same, since the archive fills its last record.
#![cfg(unix)]
#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Container, Pod, PodSpec, Pods};
use kubewright_runtime::Client;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_testbed::Shared;
use kubewright_tests::client;

/// A cluster with a kubelet, and a `tar` that ends at the archive's end.
fn bed() -> Option<&'static Shared> {
    let bed = kubewright_testbed::kubelet_or_skip()?;
    let tar = std::process::Command::new("tar").arg("--version").output();
    if !tar.is_ok_and(|tar| String::from_utf8_lossy(&tar.stdout).contains("GNU tar")) {
        eprintln!("SKIPPED: this machine has no GNU tar");
        return None;
    }
    Some(bed)
}

/// A namespace of the test's own with a pod `web` in it, which runs.
async fn pods(client: &Client, namespace: &str) -> Pods {
    kubewright_tests::namespace(client, namespace).await;
    let pods = client.core_v1().pods(namespace);
    let container = Container { name: "main".into(), image: Some("example.com/web:1".into()), ..Default::default() };
    let pod = Pod {
        metadata: ObjectMeta::named("web"),
        spec: PodSpec { node_name: Some("node-1".into()), containers: vec![container], ..Default::default() },
        ..Default::default()
    };
    match pods.create(&pod).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => {}
    }
    pods.wait("web").until(kubewright_ops::wait::pod_running).await.expect("a pod that runs");
    pods
}

/// A folder with all sorts of things in it.
fn plant(root: &Path) {
    fs::create_dir_all(root.join("site/empty")).expect("made");
    fs::create_dir_all(root.join("site/-deep/ and\nodd")).expect("made");
    fs::write(root.join("site/index"), "hello").expect("written");
    fs::write(root.join("site/-deep/ and\nodd/run"), "#!/bin/sh\n").expect("written");
    fs::write(root.join("site/large"), (0..3_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>())
        .expect("written");
    fs::write(root.join("site").join("n".repeat(200)), "long").expect("written");
    fs::set_permissions(root.join("site/-deep/ and\nodd/run"), fs::Permissions::from_mode(0o751)).expect("permitted");
    fs::hard_link(root.join("site/index"), root.join("site/second")).expect("linked");
    symlink("index", root.join("site/link")).expect("linked");
    symlink(format!("-deep/{}", "x".repeat(150)), root.join("site/far")).expect("linked");
}

/// Whether two folders are the same: names, kinds, modes, times of files, and contents.
fn assert_same(one: &Path, other: &Path) {
    let names = |path: &Path| {
        let entries = fs::read_dir(path).expect("read").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    assert_eq!(names(one), names(other));
    for name in names(one) {
        let (one, other) = (one.join(&name), other.join(&name));
        let (a, b) = (one.symlink_metadata().expect("there"), other.symlink_metadata().expect("there"));
        assert_eq!((a.file_type(), a.mode()), (b.file_type(), b.mode()), "{name:?}");
        if a.is_dir() {
            assert_same(&one, &other);
        } else if a.is_symlink() {
            assert_eq!(fs::read_link(&one).expect("a link"), fs::read_link(&other).expect("a link"));
        } else {
            assert_eq!(a.mtime(), b.mtime(), "{name:?}");
            assert!(fs::read(&one).expect("read") == fs::read(&other).expect("read"), "{name:?}");
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test]
async fn a_folder_comes_back_as_it_went() {
    let Some(bed) = bed() else { return };
    let pods = pods(&client(bed.kubeconfig()), "copy-folder").await;
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    plant(&here);
    fs::create_dir(&there).expect("made");
    // In a folder that is there, and as a name that is not.
    let to = pods.copy_to("web", here.join("site"), text(&there)).await.expect("copied");
    assert_eq!((to.destination.as_path(), to.files, to.folders, to.links), (there.join("site").as_path(), 5, 4, 2));
    assert_same(&here.join("site"), &there.join("site"));
    pods.copy_to("web", here.join("site"), text(&there.join("new"))).container("main").await.expect("copied");
    assert_same(&here.join("site"), &there.join("new"));
    let from = pods.copy_from("web", text(&there.join("site")), here.join("back")).await.expect("copied");
    assert_eq!((from.files, from.folders, from.links, from.bytes), (5, 4, 2, to.bytes));
    assert_same(&here.join("site"), &here.join("back"));
}

#[tokio::test]
async fn a_file_is_copied_into_a_folder_or_gets_a_name() {
    let Some(bed) = bed() else { return };
    let pods = pods(&client(bed.kubeconfig()), "copy-file").await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    plant(path);
    for odd in ["-odd $x;", "a b"] {
        pods.copy_to("web", path.join("site/index"), text(&path.join(odd))).await.expect("copied");
        assert_eq!(fs::read_to_string(path.join(odd)).expect("read"), "hello");
        pods.copy_from("web", text(&path.join(odd)), path.join("site/empty")).await.expect("copied");
        assert_eq!(fs::read_to_string(path.join("site/empty").join(odd)).expect("read"), "hello");
    }
    pods.copy_to("web", path.join("site/index"), text(&path.join("site/empty/"))).await.expect("copied");
    assert_eq!(fs::read_to_string(path.join("site/empty/index")).expect("read"), "hello");
}

#[tokio::test]
async fn an_end_that_was_lost_is_fetched_by_a_command_that_waits() {
    let Some(bed) = bed() else { return };
    let pods = pods(&client(bed.kubeconfig()), "copy-lost").await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    plant(path);
    // Servers lose the end of an output now and then; this loses it once, so that it surely happens.
    let marker = path.join("marker");
    let script = r#"if mkdir "$0"; then tar "$@" | head -c 100000; else exec tar "$@"; fi"#;
    let copied = pods
        .copy_from("web", text(&path.join("site")), path.join("back"))
        .tar_command(["sh", "-c", script, text(&marker)])
        .await
        .expect("copied");
    assert!(marker.exists() && copied.bytes > 3_000_000, "{copied:?}");
    assert_same(&path.join("site"), &path.join("back"));
}

#[tokio::test]
async fn what_can_not_be_copied_is_told() {
    let Some(bed) = bed() else { return };
    let pods = pods(&client(bed.kubeconfig()), "copy-errors").await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    plant(path);
    symlink("/etc", path.join("site/out")).expect("linked");
    let made = std::process::Command::new("mkfifo").arg(path.join("site/pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    let copied = pods.copy_from("web", text(&path.join("site")), path.join("new")).await.expect("copied");
    let mut skipped: Vec<_> = copied.skipped.iter().map(|skipped| text(&skipped.path)).collect();
    skipped.sort_unstable();
    assert_eq!(skipped, ["out", "pipe"]);

    // kwok tells no exit codes, so what tar said is all that there is.
    pods.copy_from("web", text(&path.join("none")), path.join("x")).await.expect_err("nothing there");
    assert!(!path.join("x").exists());
    let none = path.join("no/such/folder/name");
    pods.copy_to("web", path.join("site"), text(&none)).await.expect_err("no folder");
    let error = pods.copy_from("web", "/etc", path.join("x")).tar_command(["no-such-tar"]).await.expect_err("no tar");
    assert!(error.is_command() && error.to_string().contains("can't run no-such-tar"), "{error}");
    let error = pods.copy_from("no-such-pod", "/etc", path.join("x")).await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
    let error = pods.copy_to("no-such-pod", path.join("site"), "/x").await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
}
