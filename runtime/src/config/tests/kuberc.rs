//! The policy for commands, and kubectl's kuberc.

use super::*;

const HEAD: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

fn read(text: &str) -> Result<ExecPolicy, ConfigError> {
    let folder = folder_with(&[("kuberc", text)]);
    ExecPolicy::read_kuberc(folder.path().join("kuberc"))
}

fn allow(commands: &[&str]) -> ExecPolicy {
    ExecPolicy::Allowlist(commands.iter().map(Into::into).collect())
}

#[test]
fn a_kuberc_says_which_commands_may_be_run() {
    for (text, policy) in [
        (String::new(), ExecPolicy::AllowAll),
        ("# nothing\n".to_owned(), ExecPolicy::AllowAll),
        (format!("{HEAD}defaults: [{{command: apply}}]\naliases: null\n"), ExecPolicy::AllowAll),
        (format!("{HEAD}credentialPluginPolicy: ''\n"), ExecPolicy::AllowAll),
        (format!("{HEAD}credentialPluginPolicy: AllowAll\n"), ExecPolicy::AllowAll),
        (format!("{HEAD}credentialPluginPolicy: DenyAll\n"), ExecPolicy::DenyAll),
        (
            format!(
                "{HEAD}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: aws\n- command: /opt/bin/login\n\
                 - {{name: gke, command: gke}}\n"
            ),
            allow(&["aws", "/opt/bin/login", "gke"]),
        ),
        // The first one that is known.
        (
            format!(
                "apiVersion: kubectl.config.k8s.io/v9\nkind: Preference\ncredentialPluginPolicy: 5\n---\n{HEAD}\
                 credentialPluginPolicy: DenyAll\n---\n{HEAD}"
            ),
            ExecPolicy::DenyAll,
        ),
        ("apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n".to_owned(), ExecPolicy::AllowAll),
    ] {
        assert_eq!(read(&text).unwrap_or_else(|error| panic!("{text}: {error}")), policy, "{text}");
    }
}

#[test]
fn a_kuberc_whose_policy_is_in_doubt_is_an_error() {
    let list = |list: &str| format!("{HEAD}credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: {list}\n");
    for (text, word) in [
        (format!("{HEAD}credentialPluginPolicy: denyall\n"), "denyall"),
        (format!("{HEAD}credentialPluginPolicy: Allowlist\n"), "DenyAll"),
        (list("[]"), "DenyAll"),
        (list("[{}]"), "number 1"),
        (list("[{name: a, command: b}]"), "`name`"),
        (list("[{command: a}, {command: ./a}]"), "number 2"),
        (list("[{command: /a/../b}]"), "number 1"),
        (list("[{command: /a//b}]"), "number 1"),
        (list("[a]"), "shape"),
        (format!("{HEAD}credentialPluginAllowlist: [{{command: a}}]\n"), "\"Allowlist\""),
        (
            format!("{HEAD}credentialPluginPolicy: DenyAll\ncredentialPluginAllowlist: [{{command: a}}]\n"),
            "\"Allowlist\"",
        ),
        (
            "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n"
                .to_owned(),
            "v1beta1",
        ),
        ("kind: Config\napiVersion: v1\n".to_owned(), "Preference"),
        ("credentialPluginPolicy: [".to_owned(), "understood"),
    ] {
        let error = read(&text).expect_err(&text);
        assert!(error.is_invalid() && error.to_string().contains(word), "{text}: {error:?}");
    }
}

#[test]
fn the_kuberc_is_where_kubectl_looks_for_it() {
    let deny = format!("{HEAD}credentialPluginPolicy: DenyAll\n");
    let folder =
        folder_with(&[("home/.kube/kuberc", &deny), ("other", &format!("{HEAD}credentialPluginPolicy: AllowAll\n"))]);
    let at_home = environment(folder.path());
    let named = |file: &str| Environment { kuberc: Some(file.into()), ..at_home.clone() };
    let other = folder.path().join("other").display().to_string();
    let from = |environment: &Environment| ExecPolicy::from_kuberc_of(environment);
    assert_eq!(from(&at_home).expect("good"), ExecPolicy::DenyAll);
    assert_eq!(from(&named(&other)).expect("good"), ExecPolicy::AllowAll);
    assert_eq!(from(&named("off")).expect("good"), ExecPolicy::AllowAll);
    let disabled = Environment { kuberc_disabled: true, ..at_home.clone() };
    assert_eq!(from(&disabled).expect("good"), ExecPolicy::AllowAll);
    assert!(from(&named("/no/such/file")).expect_err("it was named").is_unreadable());
    let nowhere = Environment { home: Some(folder.path().join("nowhere")), ..at_home };
    assert_eq!(from(&nowhere).expect("there is none"), ExecPolicy::AllowAll);
}

#[test]
fn an_allowlist_names_a_command_by_its_path_or_as_it_is_found() {
    let look_up = |command: &Path| match command.to_str() {
        Some("aws" | "/usr/bin/aws") => Some(std::path::PathBuf::from("/usr/bin/aws")),
        Some("/opt/aws") => Some(std::path::PathBuf::from("/opt/aws")),
        _ => None,
    };
    let permits = |policy: &ExecPolicy, command: &str| {
        let executable = look_up(Path::new(command)).expect("a file");
        policy.permits(Path::new(command), &executable, look_up)
    };
    for (entries, command, expected) in [
        (&["aws"][..], "aws", true),
        (&["aws"], "/usr/bin/aws", true),
        (&["/usr/bin/aws"], "aws", true),
        (&["/usr/bin/aws"], "/usr/bin/aws", true),
        // Another file of that name is another command.
        (&["aws"], "/opt/aws", false),
        (&["/opt/aws"], "aws", false),
        (&["gke", "az"], "aws", false),
        (&["gke", "aws"], "aws", true),
    ] {
        assert_eq!(permits(&allow(entries), command), expected, "{entries:?} {command}");
    }
    assert!(permits(&ExecPolicy::AllowAll, "aws"));
    assert!(!permits(&ExecPolicy::DenyAll, "aws"));
}

#[test]
fn a_path_that_only_means_the_same_as_a_name_is_not_that_name() {
    // Without a file that the kubeconfig is from, both are in the working directory, and not in `$PATH`.
    let executable = Path::new("/work/aws");
    for command in ["aws/.", "aws//", "./aws"] {
        let look_up = |_: &Path| Some(std::path::PathBuf::from("/usr/bin/aws"));
        assert!(!allow(&["aws"]).permits(Path::new(command), executable, look_up), "{command}");
    }
}
