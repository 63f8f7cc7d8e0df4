//! Secrets are in no message and no `Debug`.

use super::*;

#[test]
fn no_error_of_a_broken_kubeconfig_quotes_it() {
    // Each with a mistake in another place, on and beside the lines with secrets.
    let sound = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://ann:sek0@c\n    proxy-url: http://ann:sek1@p\n    certificate-authority-data: sek2\n    extensions: [{name: e, extension: sek3}]\nusers:\n- name: u\n  user:\n    token: sek4\n    password: sek5\n    client-key-data: sek6\n    exec: {apiVersion: v1, command: c, args: [sek7], env: [{name: E, value: sek8}]}\n    auth-provider: {name: oidc, config: {client-secret: sek9}}\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    let mut broken = vec![sound.to_owned()];
    for (at, line) in sound.lines().enumerate() {
        for mistake in ["\t- :", "  [", "'\"", "}: {", "*alias", "!!int x", "? a\n:", "&a &b", "@", "%"] {
            let mut lines: Vec<_> = sound.lines().map(str::to_owned).collect();
            lines[at] = format!("{line}{mistake}");
            broken.push(lines.join("\n"));
            lines[at] = format!("{mistake}{line}");
            broken.push(lines.join("\n"));
        }
    }
    for value in ["[sek]", "{a: sek}", "sek: sek", "!!binary sek$", "!!float sek", "\"\\q sek\"", "'sek"] {
        for field in ["token:", "password:", "client-key-data:", "args:", "env:", "config:", "exec:"] {
            broken.push(sound.replacen(field, &format!("{field} {value}\n    x:"), 1));
            broken.push(sound.replace(field, &format!("{field} {value} #")));
        }
    }
    for server in ["https://h:x?token=sek", "ftp://h/#sek", "h/p?sek"] {
        broken.push(format!(
            "clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\ncontexts: [{{name: x, context: {{cluster: c}}}}]\n\
             current-context: x\n"
        ));
    }
    let mut errors = 0;
    for text in broken {
        let Err(error) = Kubeconfig::from_yaml(&text)
            .and_then(|kubeconfig| Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()))
        else {
            continue;
        };
        errors += 1;
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            shown += &format!(" {error} {error:?}");
            cause = error.source();
        }
        assert!(!shown.contains("sek"), "{shown}\n{text}");
        for name in ["from_multiple", "serde", "saphyr", "granit"] {
            assert!(!shown.contains(name), "{shown}\n{text}");
        }
    }
    assert!(errors > 100, "{errors}");
}

#[test]
fn no_debug_of_a_configuration_shows_a_secret() {
    let text = "clusters:\n- name: c\n  new: sek0\n  cluster:\n    server: https://ann:sek1@c\n    proxy-url: http://ann:sek2@p\n    extensions: [{name: e, extension: sek3}]\nusers:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: c, interactiveMode: Never, provideClusterInfo: true, args: [sek4], env: [{name: SHOWN, value: sek5}], new: sek6}\n    auth-provider: {name: oidc, new: sek7, config: {client-secret: sek8}}\ncontexts: [{name: x, new: sek9, context: {new: sek10}}]\npreferences: {a: sek11}\nextensions: [{name: e, extension: sek12}]\nnew: sek13\n";
    let kubeconfig = Kubeconfig::from_yaml(text).expect("good");
    let mut shown = format!("{kubeconfig:?} {kubeconfig:#?}");
    assert!(shown.contains("SHOWN") && shown.contains("oidc"), "{shown}");

    let sound = "clusters:\n- name: c\n  cluster:\n    server: https://c\n    proxy-url: http://ann:sek2@p\n    extensions: [{name: client.authentication.k8s.io/exec, extension: sek3}]\nusers:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: c, interactiveMode: Never, provideClusterInfo: true, args: [sek4], env: [{name: SHOWN, value: sek5}], new: sek6}\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    let kubeconfig = Kubeconfig::from_yaml(sound).expect("good");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    shown += &format!("{config:?} {config:#?}");
    assert!(!shown.contains("sek"), "{shown}");
}

#[test]
fn the_query_of_a_url_is_not_shown() {
    let text = "clusters:\n- name: c\n  cluster:\n    server: https://c/shown?token=sek0\n    proxy-url: http://p/shown?token=sek1\nusers:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: c, interactiveMode: Never, provideClusterInfo: true}\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    let kubeconfig = Kubeconfig::from_yaml(text).expect("good");
    let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect("good");
    let shown = format!("{kubeconfig:?} {config:?}");
    assert!(shown.contains("https://c/shown") && shown.contains("http://p/shown") && !shown.contains("sek"), "{shown}");
}

#[test]
fn secrets_are_wiped_when_they_are_dropped() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<SecretString>();
    let secret = SecretString::new(String::from("a string"));
    assert_eq!((secret.expose(), secret.is_empty(), &secret), ("a string", false, &secret.clone()));
    assert!(SecretString::default().is_empty() && SecretString::default() != secret);
}
