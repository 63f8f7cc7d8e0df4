//! A cluster's server and proxy.

use super::*;

fn config(cluster: &str) -> Result<Config, ConfigError> {
    let text = format!(
        "clusters: [{{name: c, cluster: {{{cluster}}}}}]\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         users: [{{name: u, user: {{token: tok, as: bob}}}}]\ncurrent-context: x\n"
    );
    Config::from_kubeconfig(&Kubeconfig::from_yaml(&text).expect("a kubeconfig"), &KubeconfigOptions::default())
}

#[test]
fn servers_are_read_as_go_reads_urls() {
    for (server, url) in [
        ("https://h", "https://h/"),
        ("https://h:6443", "https://h:6443/"),
        ("https://h:6443/", "https://h:6443/"),
        ("HTTPS://h", "https://h/"),
        ("https://h:6443/prefix/", "https://h:6443/prefix/"),
        ("https://h/k8s/clusters/c-1", "https://h/k8s/clusters/c-1"),
        ("https://[fd00::1]", "https://[fd00::1]/"),
        ("https://[fd00::1]:6443/p", "https://[fd00::1]:6443/p"),
        ("https://h/a%20b", "https://h/a%20b"),
        ("https://h/a b", "https://h/a%20b"),
        ("https://h/ä", "https://h/%C3%A4"),
        // An `@` behind the host makes no login.
        ("https://h/a@b", "https://h/a@b"),
        ("https://h:6443/a?b@c#d@e", "https://h:6443/a"),
        // A query and a fragment mean nothing.
        ("https://h/a?b=c", "https://h/a"),
        ("https://h?b=c", "https://h/"),
        ("https://h/a#b", "https://h/a"),
        // Without a scheme.
        ("example.com:6443", "http://example.com:6443/"),
        ("localhost:8080", "http://localhost:8080/"),
        ("localhost", "http://localhost/"),
        ("10.0.0.1:80/", "http://10.0.0.1:80/"),
        ("[::1]:80", "http://[::1]:80/"),
    ] {
        let config = config(&format!("server: '{server}'")).unwrap_or_else(|error| panic!("{server}: {error}"));
        assert_eq!(config.server.to_string(), url, "{server}");
    }
    for server in [
        "h/path",
        "https:",
        "https://",
        "https:///p",
        "https://:6443",
        ":80",
        "https:h",
        "://h",
        "https://h:x",
        "https://[::1",
        "https://h/%4",
    ] {
        let error = config(&format!("server: '{server}'")).expect_err(server);
        assert!(error.is_invalid(), "{server}: {error:?}");
    }
}

#[test]
fn over_plain_http_only_whom_to_act_as_is_sent() {
    for server in ["http://h", "h:80"] {
        let config = config(&format!(
            "server: '{server}', certificate-authority-data: 'eA==', insecure-skip-tls-verify: true, tls-server-name: n"
        ))
        .expect("good");
        assert_eq!(config.credentials, Credentials::None);
        assert_eq!((config.ca, config.tls_server_name, config.insecure_skip_tls_verify), (None, None, false));
        assert_eq!(config.impersonate.expect("an `as`").user, "bob");
    }
}

#[test]
fn what_is_wrong_with_a_user_or_a_cluster_is_an_error_over_plain_http_too() {
    let text = |user: &str, cluster: &str| {
        format!(
            "clusters: [{{name: c, cluster: {{server: 'http://c'{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
        )
    };
    for (user, cluster) in [
        ("", ", certificate-authority: gone"),
        ("", ", proxy-url: 'p:1'"),
        ("token: a, username: b", ""),
        ("client-certificate: gone, client-key: gone", ""),
        ("exec: {}", ""),
        ("as-uid: a", ""),
    ] {
        let kubeconfig = Kubeconfig::from_yaml(&text(user, cluster)).expect("a kubeconfig");
        assert!(Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).is_err(), "{user}{cluster}");
    }
    // And what is only used over TLS is not looked at.
    for user in ["tokenFile: gone", "auth-provider: {name: gcp}", "password: p", "client-key: gone"] {
        let kubeconfig = Kubeconfig::from_yaml(&text(user, "")).expect("a kubeconfig");
        let config = Config::from_kubeconfig(&kubeconfig, &KubeconfigOptions::default()).expect(user);
        assert_eq!(config.credentials, Credentials::None);
    }
}

#[test]
fn a_proxy_may_be_http_https_or_socks5() {
    for (url, shown, login) in [
        ("http://p:3128", "http://p:3128/", None),
        ("https://ann:s%20k@p", "https://p/", Some(("ann", "s k"))),
        ("socks5://p:1080", "socks5://p:1080/", None),
        ("SOCKS5://p:1080", "socks5://p:1080/", None),
        ("socks5://ann:pw@[::1]:1080", "socks5://[::1]:1080/", Some(("ann", "pw"))),
    ] {
        let proxy = config(&format!("server: 'https://h', proxy-url: '{url}'")).expect(url).proxy.expect("a proxy");
        assert_eq!(proxy.url().to_string(), shown);
        assert_eq!(proxy.login().map(|(name, password)| (name, password.expose())), login);
    }
    for wrong in ["http://p:x", "http://p:99999", "http://", "http://:3128", "socks5://:1080", "p:1", "socks4://p"] {
        assert!(Proxy::parse(wrong).is_err(), "{wrong}");
    }
    let escaped = |url| Proxy::parse(url).expect_err("no port").to_string().contains("%2F");
    assert!(escaped("http://ann:sesa/me@p:3128") && !escaped("http://p:x") && !escaped("http://ann:sesame@p:x"));
    assert!(Proxy::parse("socks5h://p").is_ok(), "the environment may name it");
}

#[test]
fn compression_can_be_turned_off() {
    assert!(config("server: 'https://h'").expect("good").compression);
    assert!(!config("server: 'https://h', disable-compression: true").expect("good").compression);
}
