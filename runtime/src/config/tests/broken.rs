//! What broken kubeconfigs are told.

use super::*;

/// What each broken kubeconfig must be told: its kind, and words that name the place and the way out.
#[test]
fn a_broken_kubeconfig_is_told_where_and_what_to_do() {
    type Predicate = fn(&ConfigError) -> bool;
    let good_cluster = "clusters: [{name: c, cluster: {server: 'https://c'}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    let cluster = |fields: &str| {
        format!(
            "clusters: [{{name: c, cluster: {{{fields}}}}}]\ncontexts: [{{name: x, context: {{cluster: c}}}}]\ncurrent-context: x\n"
        )
    };
    let user = |fields: &str| format!("{good_cluster}users: [{{name: u, user: {{{fields}}}}}]\n");
    let exec = |fields: &str| format!("exec: {{apiVersion: client.authentication.k8s.io/v1beta1, {fields}}}");
    let incomplete: Predicate = ConfigError::is_incomplete;
    let invalid: Predicate = ConfigError::is_invalid;
    let unreadable: Predicate = ConfigError::is_unreadable;
    let unsupported: Predicate = ConfigError::is_unsupported;
    let cases: Vec<(String, Predicate, &[&str])> = vec![
        ("clusters: [\n  {name: a}\nusers: }".into(), invalid, &["line 3"]),
        ("clusters:\n- name: a\n  cluster: {server: [1]}\n".into(), invalid, &["line 3"]),
        // The last one counts, as for client-go.
        ("current-context: a\ncurrent-context: b\n".into(), incomplete, &["current-context \"b\""]),
        ("kind: Pod".into(), invalid, &["\"Pod\"", "\"Config\""]),
        ("apiVersion: v2".into(), invalid, &["\"v2\""]),
        ("users: [{name: a}, {name: a}]".into(), invalid, &["two users named \"a\""]),
        ("kind: Config".into(), incomplete, &["has no contexts"]),
        ("contexts: [{name: x}, {name: y}]".into(), incomplete, &["current-context is not set", "\"x\", \"y\""]),
        ("current-context: z\ncontexts: [{name: x}]".into(), incomplete, &["current-context \"z\"", "\"x\""]),
        ("current-context: x\ncontexts: [{name: x}]".into(), incomplete, &["context \"x\"", "names no cluster"]),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]".into(),
            incomplete,
            &["context \"x\"", "cluster \"c\"", "there are none"],
        ),
        (format!("{good_cluster}users: [{{name: v}}]"), incomplete, &["context \"x\"", "user \"u\"", "there is \"v\""]),
        (cluster(""), incomplete, &["cluster \"c\"", "no server"]),
        (cluster("server: ''"), incomplete, &["cluster \"c\"", "no server"]),
        (cluster("server: 'c:6443/x'"), invalid, &["cluster \"c\"", "\"c:6443/x\"", "no scheme", "https://host:port"]),
        (cluster("server: 'https://c:x'"), invalid, &["cluster \"c\"", "\"https://c:x\"", "https://host:port"]),
        (cluster("server: 'https://c:99999'"), invalid, &["cluster \"c\"", "65535"]),
        (cluster("server: 'https://c/%zz'"), invalid, &["cluster \"c\"", "`%`"]),
        (cluster("server: 'https://a b'"), invalid, &["cluster \"c\"", "\"https://a b\"", "not a URL"]),
        (cluster("server: 'ftp://c'"), invalid, &["cluster \"c\"", "scheme \"ftp\""]),
        (cluster("server: 'https://ann:sek@c'"), invalid, &["cluster \"c\"", "login"]),
        // A password that ends the host, as the rules of URLs have it.
        (cluster("server: 'https://ann:sek/sek@c'"), invalid, &["cluster \"c\"", "65535"]),
        (cluster("server: 'https://ann:8/%sek@c'"), invalid, &["cluster \"c\"", "`%`"]),
        (cluster("server: 'ann:sek/sek@c'"), invalid, &["cluster \"c\"", "no scheme"]),
        (cluster("server: 'https://c', proxy-url: 'socks4://p'"), unsupported, &["cluster \"c\"", "proxy-url"]),
        (cluster("server: 'https://c', proxy-url: 'socks5h://p'"), unsupported, &["cluster \"c\"", "write socks5"]),
        (cluster("server: 'https://c', proxy-url: 'p'"), invalid, &["cluster \"c\"", "proxy-url"]),
        (
            cluster("server: 'https://c', certificate-authority: no/such.crt"),
            unreadable,
            &["cluster \"c\"", "certificate-authority", "no/such.crt"],
        ),
        (
            cluster("server: 'https://c', certificate-authority-data: '!!'"),
            invalid,
            &["cluster \"c\"", "certificate-authority-data", "base64"],
        ),
        (
            cluster("server: 'https://c', certificate-authority-data: 'eA==', insecure-skip-tls-verify: true"),
            invalid,
            &["cluster \"c\"", "both"],
        ),
        (user("client-certificate-data: 'eA=='"), incomplete, &["user \"u\"", "client-key"]),
        (user("client-key-data: 'eA=='"), incomplete, &["user \"u\"", "client-certificate"]),
        (
            user("client-certificate: gone.crt, client-key: gone.key"),
            unreadable,
            &["user \"u\"", "client-certificate", "gone.crt"],
        ),
        (
            user("client-certificate-data: 'eA==', client-key-data: sek"),
            invalid,
            &["user \"u\"", "client-key-data", "base64"],
        ),
        (user("token: a, username: b"), invalid, &["user \"u\"", "username", "token"]),
        (user("password: sek"), incomplete, &["user \"u\"", "username"]),
        (user("as-groups: [a]"), incomplete, &["user \"u\"", "`as`"]),
        (user("exec: {command: aws}"), incomplete, &["user \"u\"", "apiVersion"]),
        (user(&exec("command: ''")), incomplete, &["user \"u\"", "no command"]),
        (user(&exec("command: aws, env: [{value: sek}]")), incomplete, &["user \"u\"", "no name"]),
        (
            user("exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}"),
            incomplete,
            &["user \"u\"", "`interactiveMode: Never`"],
        ),
        (user(&exec("command: aws, interactiveMode: Often")), invalid, &["user \"u\"", "\"Often\"", "IfAvailable"]),
        (
            user("exec: {command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}"),
            unsupported,
            &["user \"u\"", "v1alpha1", "client.authentication.k8s.io/v1 "],
        ),
        (
            user(&format!("{}, auth-provider: {{name: oidc}}", exec("command: aws"))),
            invalid,
            &["user \"u\"", "`exec`", "`auth-provider`"],
        ),
        (user("auth-provider: {name: gcp}"), unsupported, &["user \"u\"", "\"gcp\"", "gke-gcloud-auth-plugin"]),
        (user("auth-provider: {name: azure}"), unsupported, &["user \"u\"", "\"azure\"", "kubelogin"]),
        (user("auth-provider: {name: openstack}"), unsupported, &["user \"u\"", "\"openstack\"", "`exec`"]),
        (user("auth-provider: {name: oidc}"), incomplete, &["user \"u\"", "idp-issuer-url"]),
        (
            user("auth-provider: {name: oidc, config: {idp-issuer-url: 'https://i', client-secret: sek}}"),
            incomplete,
            &["user \"u\"", "client-id"],
        ),
        (
            cluster("server: 'https://c', certificate-authority-data: 'eA==', certificate-authority: ca.crt"),
            invalid,
            &["cluster \"c\"", "both certificate-authority and certificate-authority-data"],
        ),
        (
            user("client-certificate-data: 'eA==', client-certificate: a.crt, client-key-data: 'eA=='"),
            invalid,
            &["user \"u\"", "both client-certificate and client-certificate-data"],
        ),
        (
            user("client-certificate-data: 'eA==', client-key: a.key, client-key-data: sek"),
            invalid,
            &["user \"u\"", "both client-key and client-key-data"],
        ),
        (user("token: a, password: sek"), invalid, &["user \"u\"", "token", "password"]),
        (user("tokenFile: gone"), unreadable, &["user \"u\"", "tokenFile", "gone"]),
    ];
    for (text, predicate, words) in cases {
        let folder = folder_with(&[("broken", &text)]);
        let path = folder.path().join("broken");
        let error = Kubeconfig::read(&path)
            .and_then(|kubeconfig| Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()))
            .expect_err(&text);
        let message = error.to_string();
        assert!(predicate(&error), "{text}: {error:?}");
        assert!(message.contains(&path.display().to_string()), "{text}: the file is not named in {message:?}");
        assert!(!format!("{error:?}").contains("sek"), "{text}: a secret in {error:?}");
        for word in words {
            assert!(message.contains(word), "{text}: {word} is not in {message:?}");
        }
    }
}

#[test]
fn broken_yaml_does_not_put_the_lines_around_it_into_the_message() {
    let text = "users:\n- name: a\n  user: {token: t0ps3cret}\n- name: [b\n";
    let error = Kubeconfig::from_yaml(text).expect_err("broken");
    assert!(!format!("{error} {error:?}").contains("t0ps3cret"), "{error:?}");
}

#[test]
fn a_file_that_exists_and_cannot_be_read_is_an_error_with_its_cause() {
    let folder = folder_with(&[("home/.kube/config/a-folder", "")]);
    let error = Config::infer_from(&environment(folder.path())).expect_err("a folder is no file");
    assert!(error.is_unreadable(), "{error:?}");
    assert!(error.source().is_some_and(|cause| cause.is::<std::io::Error>()));
}

#[test]
fn preferences_of_any_type_are_kept_since_nothing_reads_them() {
    for preferences in ["[]", "text", "{colors: 1}"] {
        let kubeconfig = Kubeconfig::from_yaml(&format!("preferences: {preferences}\n")).expect(preferences);
        let again = Kubeconfig::from_yaml(&kubeconfig.to_yaml().expect("YAML")).expect("a kubeconfig");
        assert!(kubeconfig.preferences.is_some() && again == kubeconfig, "{preferences}");
    }
}
