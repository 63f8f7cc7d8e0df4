//! Changes to kubeconfig files.

use super::*;

const FIRST: &str = "# a comment\napiVersion: v1\nkind: Config\ncurrent-context: one\nfuture: {kept: true}\nclusters:\n- name: a\n  new: 1\n  cluster: {server: 'https://a', certificate-authority: pki/ca.crt, future-field: [1]}\nusers:\n- name: 'on'\n  user: {token: '0400', other: x}\n";
const SECOND: &str = "kind: Config\ncurrent-context: two\npreferences: {colors: true}\nclusters: [{name: b, cluster: {server: 'https://b'}}, {name: a, cluster: {server: 'https://hidden'}}]\ncontexts: [{name: one, context: {cluster: a, user: 'on'}}, {name: two, context: {cluster: b}}]\n";

fn two() -> (TempDir, [std::path::PathBuf; 2]) {
    let folder = folder_with(&[("first", FIRST), ("second", SECOND)]);
    let paths = ["first", "second"].map(|name| folder.path().join(name));
    (folder, paths)
}

fn left(folder: &TempDir) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<_> =
        names.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn an_edit_goes_to_the_file_that_the_entry_came_from() {
    let (folder, paths) = two();
    let count = Kubeconfig::modify_files(&paths, |kubeconfig| {
        for cluster in &mut kubeconfig.clusters {
            cluster.cluster.tls_server_name = Some("n".into());
        }
        kubeconfig.contexts.retain(|context| context.name != "two");
        kubeconfig.users.push(NamedUser::new("new", User::default()));
        kubeconfig.clusters.len()
    });
    assert_eq!(count.expect("writable"), 2);
    let [first, second] = paths.map(|path| Kubeconfig::read(path).expect("good"));
    let names = |kubeconfig: &Kubeconfig| {
        let clusters = kubeconfig.clusters.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
        let users = kubeconfig.users.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
        let contexts = kubeconfig.contexts.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
        (clusters, users, contexts)
    };
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&first), (list(&["a"]), list(&["on", "new"]), list(&[])));
    assert_eq!(names(&second), (list(&["b", "a"]), list(&[]), list(&["one"])));
    assert_eq!(first.cluster("a").expect("a").cluster.tls_server_name.as_deref(), Some("n"));
    assert_eq!(second.cluster("b").expect("b").cluster.tls_server_name.as_deref(), Some("n"));
    // The entry that another one hides is not touched.
    assert_eq!(second.cluster("a").expect("a").cluster.server.as_deref(), Some("https://hidden"));
    assert_eq!(left(&folder), ["first", "second"], "no lock and no half of a file is left");
}

#[test]
fn unknown_keys_relative_paths_and_ambiguous_strings_survive_a_rewrite() {
    let (_folder, paths) = two();
    Kubeconfig::modify_files(&paths, |kubeconfig| kubeconfig.current_context = Some("two".into())).expect("writable");
    let mut expected = Kubeconfig::from_yaml(FIRST).expect("good");
    expected.current_context = Some("two".into());
    let text = std::fs::read_to_string(&paths[0]).expect("a file");
    assert_eq!(Kubeconfig::from_yaml(&text).expect("good"), expected, "{text}");
    for kept in ["future-field", "kept", "pki/ca.crt", "other"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert_eq!(std::fs::read_to_string(&paths[1]).expect("a file"), SECOND, "nothing has changed there");
}

#[test]
fn what_stays_the_same_is_not_written() {
    let (_folder, paths) = two();
    Kubeconfig::modify_files(&paths, |kubeconfig| kubeconfig.current_context = Some("one".into())).expect("good");
    // The comment is still there.
    assert_eq!(std::fs::read_to_string(&paths[0]).expect("a file"), FIRST);
}

#[test]
fn top_level_fields_are_changed_where_they_are() {
    let (_folder, paths) = two();
    Kubeconfig::modify_files(&paths, |kubeconfig| {
        kubeconfig.current_context = None;
        kubeconfig.preferences = Some(serde_json::json!({"colors": false}));
        kubeconfig.other.remove("future");
        kubeconfig.other.insert("mine".into(), true.into());
        kubeconfig.extensions.push(serde_json::json!({"name": "e", "extension": 1}));
    })
    .expect("writable");
    let [first, second] = paths.clone().map(|path| Kubeconfig::read(path).expect("good"));
    assert_eq!((&first.current_context, &second.current_context), (&None, &None), "else the second one would count");
    assert_eq!((first.preferences, second.preferences), (None, Some(serde_json::json!({"colors": false}))));
    assert_eq!(first.other.keys().collect::<Vec<_>>(), ["mine"]);
    assert_eq!((first.extensions.len(), second.extensions.len()), (1, 0));
    Kubeconfig::modify_files(&paths, |kubeconfig| kubeconfig.extensions[0]["extension"] = 2.into()).expect("writable");
    let first = Kubeconfig::read(&paths[0]).expect("good");
    assert_eq!(first.extensions, [serde_json::json!({"name": "e", "extension": 2})]);
    Kubeconfig::modify_files(&paths, |kubeconfig| kubeconfig.extensions.clear()).expect("writable");
    assert!(Kubeconfig::read(&paths[0]).expect("good").extensions.is_empty());
}

#[test]
fn a_kubeconfig_that_does_not_exist_is_made_for_its_owner_alone() {
    let folder = folder_with(&[]);
    let path = folder.path().join("new/.kube/config");
    let user = NamedUser::new("u", User { token: Some("t".into()), ..Default::default() });
    Kubeconfig::modify_files([folder.path().join("gone"), path.clone()], |kubeconfig| {
        kubeconfig.users.push(user.clone())
    })
    .expect("writable");
    let made = Kubeconfig::read(&path).expect("the last one is made");
    assert_eq!((made.kind.as_deref(), made.api_version.as_deref()), (Some("Config"), Some("v1")));
    assert_eq!(made.user("u").expect("a user").user, user.user);
    let whole = folder.path().join("whole");
    made.write(&whole).expect("writable");
    assert_eq!(Kubeconfig::read(&whole).expect("good").user("u").expect("a user").user, user.user);
    #[cfg(unix)]
    for path in [path, whole] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(left(&folder), ["new", "whole"]);
}

#[test]
fn no_folder_is_made_for_a_file_that_is_not_written() {
    let (folder, [first, _]) = two();
    let missing = folder.path().join("no/such/file");
    Kubeconfig::modify_files([&missing, &first], |kubeconfig| kubeconfig.current_context = Some("new".into()))
        .expect("writable");
    assert_eq!(Kubeconfig::read(&first).expect("good").current_context.as_deref(), Some("new"));
    assert_eq!(left(&folder), ["first", "second"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder_with(&[("real/config", FIRST)]);
    let (real, link) = (folder.path().join("real/config"), folder.path().join("link"));
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("real/config", &link).expect("a link");
    Kubeconfig::modify_files([&link], |kubeconfig| kubeconfig.current_context = Some("new".into())).expect("writable");
    assert!(link.is_symlink());
    assert_eq!(Kubeconfig::read(&real).expect("good").current_context.as_deref(), Some("new"));
    assert_eq!(std::fs::metadata(&real).expect("a file").permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(folder.path().join("real")).expect("a folder").count(), 1, "its lock is released");
    // Also one that leads to nothing yet.
    std::fs::remove_file(&real).expect("a file");
    Kubeconfig::modify_files([&link], |kubeconfig| kubeconfig.current_context = Some("made".into())).expect("writable");
    assert!(link.is_symlink());
    assert_eq!(Kubeconfig::read(&real).expect("good").current_context.as_deref(), Some("made"));
}

#[cfg(unix)]
#[test]
fn who_reads_a_file_while_it_is_written_has_the_old_or_the_new_one_as_a_whole() {
    use std::io::Read as _;
    let (_folder, [path, _]) = two();
    let mut reader = std::fs::File::open(&path).expect("a file");
    Kubeconfig::modify_files([&path], |kubeconfig| kubeconfig.current_context = Some("new".into())).expect("writable");
    let mut old = String::new();
    reader.read_to_string(&mut old).expect("a text");
    assert_eq!(old, FIRST);
    assert_eq!(Kubeconfig::read(&path).expect("good").current_context.as_deref(), Some("new"));
}

#[cfg(unix)]
#[test]
fn a_file_of_somebody_else_stays_theirs() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let (_folder, [path, _]) = two();
    if chown(&path, Some(12_345), Some(54_321)).is_err() {
        eprintln!("SKIPPED: only root can give files away");
        return;
    }
    Kubeconfig::modify_files([&path], |kubeconfig| kubeconfig.current_context = Some("new".into())).expect("writable");
    let metadata = std::fs::metadata(&path).expect("a file");
    assert_eq!((metadata.uid(), metadata.gid()), (12_345, 54_321));
    assert_eq!(Kubeconfig::read(&path).expect("good").current_context.as_deref(), Some("new"));
}

#[test]
fn a_file_of_several_documents_is_not_rewritten() {
    for more in ["---\nkind: Config\n", "---\n: [not YAML"] {
        let folder = folder_with(&[("config", &format!("{FIRST}{more}"))]);
        let path = folder.path().join("config");
        let error = Kubeconfig::modify_files([&path], |kubeconfig| kubeconfig.current_context = Some("new".into()));
        let error = error.expect_err("it would be lost");
        assert!(error.is_unsupported() && error.to_string().contains("more than one document"), "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), format!("{FIRST}{more}"));
        Kubeconfig::modify_files([&path], |kubeconfig| kubeconfig.clusters.len()).expect("nothing is changed");
    }
    let folder = folder_with(&[("config", &format!("---\n{FIRST}---\n# the end\n"))]);
    let path = folder.path().join("config");
    Kubeconfig::modify_files([&path], |kubeconfig| kubeconfig.current_context = Some("new".into())).expect("one");
}

#[test]
fn a_change_that_cannot_be_written_leaves_the_files_as_they_are() {
    let (folder, paths) = two();
    let error = Kubeconfig::modify_files(&paths, |kubeconfig| {
        kubeconfig.users.push(NamedUser::new("on", User::default()));
    });
    assert!(error.expect_err("two of one name").is_invalid());
    assert_eq!(std::fs::read_to_string(&paths[0]).expect("a file"), FIRST);
    std::fs::write(&paths[1], "clusters: [").expect("a file");
    assert!(Kubeconfig::modify_files(&paths, |_| ()).expect_err("broken").is_invalid());
    assert_eq!(left(&folder), ["first", "second"]);
    let error = Kubeconfig::modify_files(Vec::<&Path>::new(), |kubeconfig| kubeconfig.current_context = None);
    assert!(error.expect_err("no file").is_not_found());
}

#[test]
fn of_many_programs_that_change_a_file_at_once_no_change_is_lost() {
    let folder = folder_with(&[]);
    let path = folder.path().join("config");
    std::thread::scope(|scope| {
        for index in 0..8 {
            let path = &path;
            scope.spawn(move || {
                Kubeconfig::modify_files([path], |kubeconfig| {
                    let context = NamedContext::new(format!("x{index}"), Context::default());
                    kubeconfig.contexts.push(context);
                })
                .expect("writable");
            });
        }
    });
    assert_eq!(Kubeconfig::read(&path).expect("good").contexts.len(), 8);
}
