//! A kubeconfig to hand on, as `kubectl config view` prints it.

use serde_json::Value;

use super::*;

const KUBECONFIG: &str = include_str!("kubectl_view.yaml");
/// What kubectl 1.37.1 printed for it with these arguments, as JSON. Beside it were the files `pki/ca.crt`, `pki/u.crt`,
/// `pki/u.key` and `pki/token`.
const VECTORS: &str = include_str!("kubectl_view.jsonl");

fn folder() -> TempDir {
    let folder = folder_with(&[("config", KUBECONFIG)]);
    std::fs::create_dir(folder.path().join("pki")).expect("a folder");
    for (name, text) in [("ca.crt", "CA\n"), ("u.crt", "CRT\n"), ("u.key", "KEY\n"), ("token", "tok\n")] {
        std::fs::write(folder.path().join("pki").join(name), text).expect("a file");
    }
    folder
}

fn read(folder: &TempDir) -> Kubeconfig {
    Kubeconfig::read(folder.path().join("config")).expect("a kubeconfig")
}

/// Without what Go writes for nothing, and with lists of names in order.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .filter(|(_, value)| {
                !matches!(value, Value::Null | Value::Bool(false))
                    && value != ""
                    && value != &Value::from(Vec::<Value>::new())
            })
            .collect(),
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(plain).collect();
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
            items.into()
        }
        other => other,
    }
}

#[test]
fn minified_and_flattened_it_is_what_kubectl_prints() {
    let mut count = 0;
    for line in VECTORS.lines() {
        let vector: Value = serde_json::from_str(line).expect("JSON");
        let args: Vec<_> = vector["args"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let folder = folder();
        let mut kubeconfig = read(&folder);
        if let Some(at) = args.iter().position(|arg| *arg == "--context") {
            kubeconfig.current_context = Some(args[at + 1].to_owned());
        }
        let before = kubeconfig.clone();
        let minified = if args.contains(&"--minify") { kubeconfig.minify() } else { Ok(()) };
        match (minified, vector.get("error")) {
            (Ok(()), None) => {}
            (Err(error), Some(_)) => {
                assert!(error.is_incomplete(), "{line}: {error}");
                assert_eq!(kubeconfig, before);
                count += 1;
                continue;
            }
            (minified, _) => panic!("{line}: {minified:?}"),
        }
        if args.contains(&"--flatten") {
            kubeconfig.flatten().expect("the files are there");
        }
        let ours = serde_json::to_value(&kubeconfig).expect("JSON");
        assert_eq!(plain(ours), plain(vector["output"].clone()), "{line}");
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn without_a_current_context_there_is_nothing_to_minify_to() {
    for current in [None, Some(String::new())] {
        let mut kubeconfig = read(&folder());
        kubeconfig.current_context = current;
        let error = kubeconfig.minify().expect_err("no context");
        assert!(error.is_incomplete() && error.to_string().contains("current-context is not set"), "{error}");
    }
}

#[test]
fn a_flattened_kubeconfig_works_without_the_files_that_it_named() {
    let folder = folder();
    let mut kubeconfig = read(&folder);
    let before = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    kubeconfig.minify().expect("a context");
    kubeconfig.flatten().expect("the files are there");
    std::fs::remove_dir_all(folder.path().join("pki")).expect("a folder");
    kubeconfig.write(folder.path().join("flat")).expect("writable");
    let flat = Kubeconfig::read(folder.path().join("flat")).expect("a kubeconfig");
    let after = Config::from_kubeconfig(&flat, &KubeconfigOptions::default()).expect("good");
    let content = |config: &Config| {
        let identity = config.client_identity.as_ref().expect("a certificate");
        [config.ca.as_ref().expect("a CA"), &identity.certificate, &identity.key].map(|pem| pem.as_bytes().to_vec())
    };
    assert_eq!(content(&before), content(&after));
    assert_eq!((before.server, before.namespace), (after.server, after.namespace));
}

#[test]
fn a_file_that_cannot_be_read_and_two_forms_of_one_thing_change_nothing() {
    let folder = folder();
    let mut kubeconfig = read(&folder);
    kubeconfig.users[0].user.client_key_data = Some("S0VZCg==".into());
    let before = kubeconfig.clone();
    let error = kubeconfig.flatten().expect_err("both forms");
    assert!(error.is_invalid() && error.to_string().contains("client-key-data"), "{error}");
    assert!(!error.to_string().contains("S0VZ"), "{error}");
    assert_eq!(kubeconfig, before);

    let mut kubeconfig = read(&folder);
    std::fs::remove_file(folder.path().join("pki/u.key")).expect("a file");
    let before = kubeconfig.clone();
    let error = kubeconfig.flatten().expect_err("no key");
    assert!(error.is_unreadable() && error.to_string().contains("u.key"), "{error}");
    assert_eq!(kubeconfig, before);
}

#[test]
fn absolute_paths_lead_to_the_same_files_from_another_folder() {
    let folder = folder();
    let mut kubeconfig = read(&folder);
    kubeconfig.users.push(NamedUser::new("named", User::default()));
    let named = kubeconfig.users.last_mut().expect("it was pushed");
    named.user.exec = Some(ExecConfig::new("login"));
    named.user.client_key = Some("relative".into());
    kubeconfig.make_paths_absolute();
    let path = |name: &str| Some(folder.path().join(name));
    let user = |name: &str| &kubeconfig.user(name).expect("a user").user;
    assert_eq!(kubeconfig.clusters[0].cluster.certificate_authority, path("pki/ca.crt"));
    assert_eq!(user("u1").client_certificate, path("pki/u.crt"));
    assert_eq!(user("u1").client_key, path("pki/u.key"));
    assert_eq!(user("u2").token_file, path("pki/token"));
    assert_eq!(user("u3").exec.as_ref().map(|exec| exec.command.clone()), path("bin/login"));
    // A name is looked for in $PATH, and an entry without a file has no folder.
    assert_eq!(user("named").exec.as_ref().map(|exec| exec.command.clone()), Some("login".into()));
    assert_eq!(user("named").client_key, Some("relative".into()));
}
