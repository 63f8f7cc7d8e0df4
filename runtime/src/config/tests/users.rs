//! Who a user of a kubeconfig is.

use super::*;

const CLUSTER: &str = "clusters:\n- name: c\n  cluster:\n    server: https://c:6443\n    certificate-authority-data: Y2E=\n    tls-server-name: n\n    proxy-url: http://ann:sek@p\n    disable-compression: true\n    extensions:\n    - {name: other, extension: {a: b}}\n    - {name: client.authentication.k8s.io/exec, extension: {audience: shop}}\n";

fn text(user: &str) -> String {
    format!(
        "{CLUSTER}users: [{{name: u, user: {{{user}}}}}]\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         current-context: x\n"
    )
}

fn config(user: &str) -> Config {
    let kubeconfig = Kubeconfig::from_yaml(&text(user)).expect("a kubeconfig");
    Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default())
        .unwrap_or_else(|error| panic!("{user}: {error}"))
}

fn exec(config: Config) -> ExecConfig {
    match config.credentials {
        Credentials::Exec(exec) => *exec,
        other => panic!("{other:?}"),
    }
}

const EXEC: &str = "exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}";
const CERTIFICATE: &str = "client-certificate-data: 'eA==', client-key-data: 'eA=='";

#[test]
fn a_token_or_login_or_client_certificate_wins_over_a_command() {
    assert_eq!(config(&format!("token: tok, {EXEC}")).credentials, Credentials::Token("tok".into()));
    let basic = Credentials::Basic { username: "ann".into(), password: "pw".into() };
    assert_eq!(config(&format!("username: ann, password: pw, {EXEC}")).credentials, basic);
    let certificate = config(&format!("{CERTIFICATE}, {EXEC}"));
    assert_eq!(certificate.credentials, Credentials::None);
    assert!(certificate.client_identity.is_some());
    assert_eq!(exec(config(EXEC)).command, Path::new("login"));
}

#[test]
fn a_token_file_goes_with_a_token_that_is_used_while_it_cannot_be_read() {
    let folder = folder_with(&[("config", &text("tokenFile: tok, token: inline")), ("alone", &text("tokenFile: tok"))]);
    let read = |name: &str| {
        let kubeconfig = Kubeconfig::read(folder.path().join(name)).expect("good");
        Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).map(|config| config.credentials)
    };
    let path = folder.path().join("tok");
    let inline = Credentials::TokenFile { path: path.clone(), fallback: Some("inline".into()) };
    assert_eq!(read("config").expect("good"), inline);
    assert!(read("alone").expect_err("no file").is_unreadable());
    std::fs::write(&path, "\n").expect("a file");
    assert!(read("alone").expect_err("an empty file").is_invalid());
    std::fs::write(&path, "from the file\n").expect("a file");
    assert_eq!(read("config").expect("good"), inline);
    let alone = Credentials::TokenFile { path, fallback: Some("from the file".into()) };
    assert_eq!(read("alone").expect("good"), alone);
}

#[test]
fn a_command_has_its_settings_and_what_it_is_told_about_the_cluster() {
    let user = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, 5], \
                env: [{name: A, value: sek}], installHint: \"\\e[1mget\\tit\", provideClusterInfo: true, new: [1]}";
    let exec = exec(config(user));
    assert_eq!(exec.api_version.as_deref(), Some(ExecConfig::V1BETA1));
    assert_eq!(exec.args, ["eks", "5"]);
    assert_eq!((exec.env[0].name.as_str(), exec.env[0].value.expose()), ("A", "sek"));
    // What is printed can't put a terminal into an odd state.
    assert_eq!(exec.install_hint.as_deref(), Some("U+001B[1mget\tit"));
    assert_eq!(exec.interactive_mode, Some(InteractiveMode::IfAvailable), "the default of v1beta1");
    assert_eq!(exec.other["new"], serde_json::json!([1]));
    let told = serde_json::to_value(exec.cluster.as_deref().expect("a cluster")).expect("JSON");
    let expected = serde_json::json!({
        "server": "https://c:6443",
        "tls-server-name": "n",
        "certificate-authority-data": "Y2E=",
        "proxy-url": "http://ann:sek@p",
        "disable-compression": true,
        "config": {"audience": "shop"},
    });
    assert_eq!(told, expected);
    assert!(!format!("{exec:?}").contains("sek"), "{exec:?}");
    assert_eq!(self::exec(config(EXEC)).cluster, None, "it is not told unless it is asked for");
}

#[test]
fn a_command_with_a_separator_belongs_to_the_folder_of_the_kubeconfig() {
    for (command, place) in
        [("./login", Some("login")), ("bin/login", Some("bin/login")), ("bin/../login", Some("login")), ("login", None)]
    {
        let folder = folder_with(&[("config", &text(&EXEC.replace("command: login", &format!("command: {command}"))))]);
        let kubeconfig = Kubeconfig::read(folder.path().join("config")).expect("good");
        let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
        let expected = place.map_or_else(|| command.into(), |place| folder.path().join(place));
        assert_eq!(exec(config).command.as_os_str(), expected.as_os_str(), "{command}");
        // The file keeps what is written there.
        let user = &kubeconfig.user("u").expect("a user").user;
        assert_eq!(user.exec.as_ref().expect("an exec").command, Path::new(command));
    }
}

#[test]
fn an_empty_interactive_mode_is_none_and_an_unknown_version_matters_where_the_command_may_be_run() {
    let empty = EXEC.replace("/v1,", "/v1beta1,").replace("Never", "''");
    assert_eq!(exec(config(&empty)).interactive_mode, Some(InteractiveMode::IfAvailable));
    let unknown = text(&EXEC.replace("/v1,", "/v9,"));
    let read = |text: &str| {
        let kubeconfig = Kubeconfig::from_yaml(text).expect("a kubeconfig");
        Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default())
    };
    assert!(read(&unknown).expect_err("of no known version").is_unsupported());
    assert!(read(&unknown.replace("https://c", "http://c")).is_ok());
}

#[cfg(unix)]
#[test]
fn dots_in_a_relative_path_go_up_the_path_as_it_is_written() {
    let cluster = "clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: ../ca.crt}}]\n";
    let folder = folder_with(&[
        ("deep/down/config", &text("").replace(CLUSTER, cluster)),
        ("deep/ca.crt", "behind the link"),
        ("ca.crt", "beside the link"),
    ]);
    std::os::unix::fs::symlink("deep/down", folder.path().join("link")).expect("a link");
    let kubeconfig = Kubeconfig::read(folder.path().join("link/config")).expect("good");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    assert_eq!(config.ca.expect("a CA").as_bytes(), b"beside the link");
}

#[test]
fn an_openid_connect_provider_has_its_settings_and_knows_where_new_tokens_go() {
    let user = "auth-provider: {name: oidc, config: {idp-issuer-url: 'https://i', client-id: id, client-secret: sek1, \
                id-token: sek2, refresh-token: sek3, idp-certificate-authority: ca.crt, extra-scopes: groups}}";
    let folder = folder_with(&[("config", &text(user)), ("ca.crt", "the ca")]);
    let path = folder.path().join("config");
    let kubeconfig = Kubeconfig::read(&path).expect("good");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    let Credentials::Oidc(oidc) = &config.credentials else { panic!("{config:?}") };
    assert_eq!((oidc.issuer_url.as_str(), oidc.client_id.as_str()), ("https://i", "id"));
    let secrets = [&oidc.client_secret, &oidc.id_token, &oidc.refresh_token];
    assert_eq!(secrets.map(|secret| secret.as_ref().expect("a secret").expose()), ["sek1", "sek2", "sek3"]);
    // Relative to the kubeconfig, as every other path in it.
    assert_eq!(oidc.ca.as_ref().expect("a CA").as_bytes(), b"the ca");
    assert!(!format!("{config:?} {kubeconfig:?}").contains("sek"));
    let store = oidc.store.as_ref().expect("a file");
    assert_eq!((store.file.as_path(), store.user.as_str()), (path.as_path(), "u"));

    let token = SecretString::from("sek4");
    assert!(store.save([("id-token", &token)]).expect("writable"));
    let provider = store.load().expect("readable").expect("a provider");
    assert_eq!(provider.get("id-token"), Some(&token));
    assert_eq!(provider.get("refresh-token").map(SecretString::expose), Some("sek3"), "the others stay");
    assert_eq!(Kubeconfig::read(&path).expect("good").clusters, kubeconfig.clusters);

    let gone = OidcStore { user: "somebody".into(), ..store.clone() };
    assert!(!gone.save([("id-token", &token)]).expect("nothing to write"));
    assert_eq!(gone.load().expect("readable"), None);
}

#[test]
fn a_token_goes_before_an_openid_connect_provider_and_a_certificate_beside_it() {
    let oidc = "auth-provider: {name: oidc, config: {idp-issuer-url: 'https://i', client-id: id}}";
    assert_eq!(config(&format!("token: tok, {oidc}")).credentials, Credentials::Token("tok".into()));
    let both = config(&format!("{CERTIFICATE}, {oidc}"));
    assert!(both.client_identity.is_some() && matches!(both.credentials, Credentials::Oidc(_)));
}

#[test]
fn half_of_a_pair_is_passed_over_where_the_user_is_somebody_all_the_same() {
    assert_eq!(config("token: tok, client-key: gone.key").credentials, Credentials::Token("tok".into()));
    let certificate = config(&format!("{CERTIFICATE}, password: pw"));
    assert!(certificate.client_identity.is_some() && certificate.credentials == Credentials::None);
}

#[test]
fn a_user_that_is_not_there_is_an_error_and_not_nobody() {
    let text = text("").replace("user: u}", "user: ann}");
    let kubeconfig = Kubeconfig::from_yaml(&text).expect("a kubeconfig");
    let error = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect_err("no such user");
    assert!(error.is_incomplete(), "{error:?}");
    for word in ["context \"x\"", "\"ann\"", "there is \"u\""] {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    // A context without a user, and a user without anything, are nobody on purpose.
    let nobody = text.replace(", user: ann}", "}");
    let kubeconfig = Kubeconfig::from_yaml(&nobody).expect("a kubeconfig");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("anonymous");
    assert_eq!(config.credentials, Credentials::None);
    assert_eq!(self::config("").credentials, Credentials::None);
}

#[test]
fn files_of_certificates_are_remembered_and_can_be_read_again() {
    let user = "client-certificate: a.crt, client-key: a.key";
    let cluster = "clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: ca.crt}}]\n";
    let text = text(user).replace(CLUSTER, cluster);
    let folder = folder_with(&[("config", &text), ("a.crt", "cert"), ("a.key", "key"), ("ca.crt", "ca")]);
    let kubeconfig = Kubeconfig::read(folder.path().join("config")).expect("good");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    let identity = config.client_identity.as_ref().expect("a certificate");
    let ca = config.ca.as_ref().expect("a CA");
    for (pem, name) in [(&identity.certificate, "a.crt"), (&identity.key, "a.key"), (ca, "ca.crt")] {
        let path = folder.path().join(name);
        assert_eq!(pem.file(), Some(path.as_path()));
        std::fs::write(&path, "new").expect("a file");
        assert_eq!(pem.reread().expect("a file").as_bytes(), b"new");
        std::fs::remove_file(&path).expect("a file");
        let error = pem.reread().expect_err("no file");
        assert!(error.is_unreadable() && error.to_string().contains(name), "{error:?}");
    }
    let inline = self::config(CERTIFICATE).client_identity.expect("a certificate").key;
    assert_eq!((inline.file(), inline.reread().expect("it stays")), (None, inline.clone()));
}

#[test]
fn a_namespace_can_be_asked_for() {
    let kubeconfig = Kubeconfig::from_yaml(&text("").replace("user: u}", "user: u, namespace: web}")).expect("good");
    let asked = KubeconfigOptions { namespace: Some("shop".into()), ..Default::default() };
    assert_eq!(Config::from_kubeconfig(&kubeconfig, &asked).expect("good").namespace, "shop");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    assert_eq!(config.namespace, "web");
}

#[test]
fn a_kubeconfig_can_be_made_by_the_program() {
    let mut kubeconfig = Kubeconfig::default();
    kubeconfig.current_context = Some("x".into());
    let cluster = Cluster { server: Some("https://c".into()), ..Default::default() };
    kubeconfig.clusters.push(NamedCluster::new("c", cluster));
    let user = User { exec: Some(ExecConfig::new("login")), ..Default::default() };
    kubeconfig.users.push(NamedUser::new("u", user));
    let context = Context { cluster: Some("c".into()), user: Some("u".into()), ..Default::default() };
    kubeconfig.contexts.push(NamedContext::new("x", context));
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    assert_eq!(exec(config), ExecConfig::new("login"));
    let written = kubeconfig.to_yaml().expect("writable");
    assert_eq!(Kubeconfig::from_yaml(&written).expect("readable"), kubeconfig);
}

#[test]
fn entries_without_a_name_have_the_empty_one_and_null_is_an_empty_entry() {
    let text = "clusters: [{cluster: {server: 'https://c'}}]\nusers: [{name: null, user: {token: tok}}, null]\n\
                contexts: [{name: x, context: null}]\ncurrent-context: x\n";
    assert!(Kubeconfig::from_yaml(text).expect_err("two users of the empty name").is_invalid());
    let kubeconfig = Kubeconfig::from_yaml(&text.replace(", null]", "]")).expect("good");
    // A context that names neither cluster nor user names those, for client-go.
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    assert_eq!((config.server.host(), config.credentials), (Some("c"), Credentials::Token("tok".into())));
}

#[test]
fn null_in_a_list_or_map_is_an_empty_value() {
    let user = "as: bob, as-groups: [null], as-user-extra: {a: null}, auth-provider: null, exec: null, token: null";
    let who = config(user).impersonate.expect("an `as`");
    assert_eq!((who.groups, &who.extra["a"]), (vec![String::new()], &vec![]));
}

#[test]
fn two_extensions_of_one_name_are_an_error() {
    for text in [
        "extensions: [{name: e}, {name: e}]",
        "preferences: {extensions: [{name: e}, {name: e}]}",
        "users: [{name: u, user: {extensions: [{extension: 1}, {name: '', extension: 2}]}}]",
        "contexts: [{name: x, context: {extensions: [{name: e}, {name: e}]}}]",
        "clusters: [{name: c, cluster: {extensions: [{name: e}, {name: e}]}}]",
    ] {
        let error = Kubeconfig::from_yaml(text).expect_err(text);
        assert!(error.is_invalid() && error.to_string().contains("two extensions"), "{error:?}");
        assert!(
            Kubeconfig::from_yaml(&text.replacen("name: e", "name: f", 1).replacen("{extension: 1}, ", "", 1)).is_ok()
        );
    }
}

#[test]
fn base64_may_have_line_breaks_and_no_blanks() {
    let config = config("client-certificate-data: \"e\\r\\nA=\\n=\", client-key-data: 'eA=='");
    assert_eq!(config.client_identity.expect("a certificate").certificate.as_bytes(), b"x");
    for user in ["client-certificate-data: 'e A==', client-key-data: 'eA=='", "token: t, client-key-data: '%'"] {
        let kubeconfig = Kubeconfig::from_yaml(&text(user)).expect("a kubeconfig");
        let error = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect_err(user);
        assert!(error.is_invalid() && error.to_string().contains("base64"), "{error:?}");
    }
}
