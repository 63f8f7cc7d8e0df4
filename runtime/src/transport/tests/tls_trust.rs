//! Which server certificates are trusted, by what the configuration names as authority.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};

#[cfg(all(unix, feature = "kubeconfig"))]
use super::own_process::{in_a_process, is_child};
use super::server::{Authority, Issued, Options, Server};
use super::tls::{transport_error, version};
use super::*;
use crate::config::Pem;

fn ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

/// A configuration for a server that presents `served`, where `named` is the authority.
async fn config(served: &Issued, named: &str) -> (Server, Config) {
    let server = Server::tls(served, Options::default(), version).await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(named));
    (server, config)
}

async fn accepts(served: &Issued, named: &str) {
    let (_server, config) = config(served, named).await;
    let service = from_config(&config).expect("good");
    send(&service, get("/")).await.unwrap_or_else(|error| panic!("{}", told(&error)));
}

async fn refuses(served: &Issued, named: &str, words: &str) {
    let (_server, config) = config(served, named).await;
    let (error, told) = transport_error(&config).await;
    assert!(error.is_tls(), "{told}");
    assert!(told.contains(words), "{words}: {told}");
}

const UNKNOWN: &str = "issued by none of the certificate authorities";

/// The system's authorities are the process's: it is another one, for which a variable names a file of them.
#[cfg(all(unix, feature = "kubeconfig"))]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_named_authority_those_of_the_system_are_trusted_and_no_others() {
    const TEST: &str = "without_a_named_authority_those_of_the_system_are_trusted_and_no_others";
    const TRUSTED: &str = "KUBEWRIGHT_TEST_TRUSTED";
    const OTHER: &str = "KUBEWRIGHT_TEST_OTHER";
    if is_child() {
        let config = |variable| Config::new(std::env::var(variable).expect("a server").parse().expect("a URL"));
        let service = from_config(&config(TRUSTED)).expect("good");
        send(&service, get("/")).await.unwrap_or_else(|error| panic!("{}", told(&error)));
        let (error, told) = transport_error(&config(OTHER)).await;
        assert!(error.is_tls() && told.contains(UNKNOWN), "{told}");
        return;
    }
    let (of_the_system, other) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &of_the_system.pem).expect("a file");
    let trusted = Server::tls(&of_the_system.issue("localhost"), Options::default(), version).await;
    let untrusted = Server::tls(&other.issue("localhost"), Options::default(), version).await;
    let url = |server: &Server| server.config("https", "localhost").server.to_string();
    let variables = [
        (TRUSTED, url(&trusted)),
        (OTHER, url(&untrusted)),
        ("SSL_CERT_FILE", file.display().to_string()),
        ("SSL_CERT_DIR", folder.path().join("none").display().to_string()),
    ];
    let run = tokio::task::spawn_blocking(move || in_a_process(module_path!(), TEST, false, &variables));
    run.await.expect("it passes there");
}

#[tokio::test]
async fn a_self_signed_certificate_of_an_authority_may_be_the_servers_own() {
    let one = Issued::by_itself("localhost", ca);
    accepts(&one, &one.certificate).await;
    // Among others too.
    accepts(&one, &format!("{}{}", Authority::new().pem, one.certificate)).await;
}

#[tokio::test]
async fn a_certificate_of_an_authority_that_is_not_named_is_told_for_what_it_is() {
    // As `openssl req -x509` makes it.
    let by_itself = Issued::by_itself("localhost", ca);
    refuses(&by_itself, &Authority::new().pem, UNKNOWN).await;
    // Issued by somebody who is not named, be it in a named one's name.
    refuses(&ca_issued_by(&Authority::new()), &Authority::new().pem, CA).await;
}

/// A server's certificate that is one of an authority, as `openssl x509 -req` makes it with the extensions of an authority.
fn ca_issued_by(authority: &Authority) -> Issued {
    authority.issue_with("localhost", |params| {
        ca(params);
        named("a server")(params);
    })
}

fn named(name: &'static str) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.distinguished_name.push(rcgen::DnType::CommonName, name)
}

/// The certificate, followed by those of authorities between.
fn with_intermediates(issued: Issued, authorities: &[&Authority]) -> Issued {
    let chain = authorities.iter().map(|authority| authority.pem.as_str()).collect::<String>();
    Issued { certificate: format!("{}{chain}", issued.certificate), key: issued.key }
}

const CA: &str = "is one of an authority (CA:TRUE)";

#[tokio::test]
async fn a_certificate_of_an_authority_that_a_named_one_issued_may_be_the_servers() {
    let root = Authority::with(named("root"));
    accepts(&ca_issued_by(&root), &root.pem).await;
    // Among others too, one of which has the same name.
    accepts(&ca_issued_by(&root), &format!("{}{}", Authority::with(named("root")).pem, root.pem)).await;
    let (one, two) = (root.authority(named("one")), Authority::with(named("two")));
    accepts(&with_intermediates(ca_issued_by(&one), &[&one]), &root.pem).await;
    // What does not belong to the chain is no harm.
    let lower = one.authority(named("lower"));
    accepts(&with_intermediates(ca_issued_by(&lower), &[&two, &one, &lower]), &root.pem).await;
    accepts(&with_intermediates(ca_issued_by(&lower), &[&lower]), &one.pem).await;
    refuses(&with_intermediates(ca_issued_by(&lower), &[&lower]), &root.pem, CA).await;
    refuses(&with_intermediates(ca_issued_by(&two), &[&two]), &root.pem, CA).await;
}

#[tokio::test]
async fn of_an_issued_certificate_of_an_authority_all_is_checked_that_is_checked_of_others() {
    let root = Authority::with(named("root"));
    let issue = |change: fn(&mut CertificateParams)| {
        root.issue_with("localhost", |params| {
            ca(params);
            named("a server")(params);
            change(params);
        })
    };
    accepts(&issue(|_| {}), &root.pem).await;
    refuses(&issue(|params| params.not_after = date_time_ymd(2002, 1, 2)), &root.pem, "expired at 2002-01-02").await;
    refuses(&issue(|params| params.not_before = date_time_ymd(2098, 1, 2)), &root.pem, "not valid before 2098").await;
    let client_only = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    refuses(&issue(client_only), &root.pem, "not one for servers").await;
    let other = root.issue_with("other.example", |params| {
        ca(params);
        named("a server")(params);
    });
    refuses(&other, &root.pem, "not for localhost, but for other.example").await;
    let unknown = |params: &mut CertificateParams| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    };
    refuses(&issue(unknown), &root.pem, "cannot be accepted").await;
}

#[tokio::test]
async fn who_issued_a_certificate_of_an_authority_must_be_allowed_to() {
    let changes: [fn(&mut CertificateParams); 6] = [
        |params| params.not_after = date_time_ymd(2002, 1, 2),
        |params| params.not_before = date_time_ymd(2098, 1, 2),
        |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        |params| params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature],
        |params| params.is_ca = IsCa::ExplicitNoCa,
        // Also for names that are permitted: it is not looked at which.
        |params| {
            let localhost = rcgen::GeneralSubtree::DnsName("localhost".to_owned());
            params.name_constraints =
                Some(rcgen::NameConstraints { permitted_subtrees: vec![localhost], excluded_subtrees: vec![] });
        },
    ];
    for change in changes {
        let unfit = |params: &mut CertificateParams| {
            named("unfit")(params);
            change(params);
        };
        // Named itself, and between. Beside a fit one, since nothing may be trusted else.
        let fit = Authority::with(named("root"));
        let root = Authority::with(unfit);
        refuses(&ca_issued_by(&root), &format!("{}{}", fit.pem, root.pem), CA).await;
        let between = fit.authority(unfit);
        let served = with_intermediates(ca_issued_by(&between), &[&between]);
        refuses(&served, &fit.pem, CA).await;
    }
}

#[tokio::test]
async fn the_path_length_of_authorities_holds_for_a_certificate_of_an_authority() {
    let constrained = |most| {
        move |params: &mut CertificateParams| {
            named("root")(params);
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(most));
        }
    };
    for most in 0..3 {
        let root = Authority::with(constrained(most));
        let one = root.authority(named("one"));
        let two = one.authority(named("two"));
        let chains = [
            ca_issued_by(&root),
            with_intermediates(ca_issued_by(&one), &[&one]),
            with_intermediates(ca_issued_by(&two), &[&one, &two]),
        ];
        for (between, served) in (0..).zip(&chains) {
            match between <= most {
                true => accepts(served, &root.pem).await,
                false => refuses(served, &root.pem, CA).await,
            }
        }
    }
}

#[tokio::test]
async fn a_servers_own_certificate_may_be_named_as_the_authority() {
    let by_itself = Issued::by_itself("localhost", |_| {});
    accepts(&by_itself, &by_itself.certificate).await;
    let issued = Authority::new().issue("localhost");
    accepts(&issued, &issued.certificate).await;
}

#[tokio::test]
async fn of_a_named_certificate_the_name_is_checked_all_the_same() {
    for change in [ca as fn(&mut CertificateParams), |_| {}] {
        let one = Issued::by_itself("other.example", change);
        refuses(&one, &one.certificate, "not for localhost, but for other.example").await;
    }
}

#[tokio::test]
async fn of_a_named_certificate_the_dates_are_checked_all_the_same() {
    for is_ca in [false, true] {
        let change = |years: [i32; 2]| {
            Issued::by_itself("localhost", |params| {
                if is_ca {
                    ca(params);
                }
                params.not_before = date_time_ymd(years[0], 1, 2);
                params.not_after = date_time_ymd(years[1], 1, 2);
            })
        };
        let expired = change([2001, 2002]);
        refuses(&expired, &expired.certificate, "expired at 2002-01-02T00:00:00Z").await;
        let early = change([2098, 2099]);
        refuses(&early, &early.certificate, "not valid before 2098-01-02T00:00:00Z").await;
    }
}

#[tokio::test]
async fn of_a_named_certificate_purpose_and_critical_extensions_are_checked_all_the_same() {
    let client_only = Issued::by_itself("localhost", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    refuses(&client_only, &client_only.certificate, "not one for servers").await;
    let server_too = Issued::by_itself("localhost", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    });
    accepts(&server_too, &server_too.certificate).await;
    let unknown = Issued::by_itself("localhost", |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    });
    refuses(&unknown, &unknown.certificate, "cannot be accepted").await;
}

#[tokio::test]
async fn a_named_certificate_that_is_no_authority_vouches_for_no_other() {
    let key = KeyPair::generate().expect("a key");
    let named = Issued::by_itself_with(&key, "localhost", |_| {});
    // With the same key, subject and names; only the serial number is another.
    let twin = Issued::by_itself_with(&key, "localhost", |params| params.serial_number = Some(7.into()));
    assert_ne!(named.certificate, twin.certificate);
    refuses(&twin, &named.certificate, UNKNOWN).await;
    // Issued by the named one's key and in its name.
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let issuer = Issuer::new(params.clone(), &key);
    let own_key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&own_key, &issuer).expect("a certificate").pem();
    refuses(&Issued { certificate, key: own_key.serialize_pem() }, &named.certificate, UNKNOWN).await;
    // And it is not trusted where another is named.
    refuses(&named, &Authority::new().pem, UNKNOWN).await;
}

#[tokio::test]
async fn an_authority_whose_key_usage_does_not_allow_it_issues_nothing() {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([]).expect("no names");
    ca(&mut params);
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let own_key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = leaf.signed_by(&own_key, &issuer).expect("a certificate").pem();
    refuses(&Issued { certificate, key: own_key.serialize_pem() }, &pem, UNKNOWN).await;
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let authority = Authority::new();
    for tls in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let options = Options { tls: Some(tls), ..Default::default() };
        let server = Server::tls(&authority.issue("localhost"), options, version).await;
        let mut config = server.config("https", "localhost");
        config.ca = Some(Pem::from_bytes(authority.pem.clone()));
        let response = send(&from_config(&config).expect("good"), get("/")).await.expect("an answer");
        assert_eq!(text(response).await, "HTTP/2.0 /");
    }
}

#[tokio::test]
async fn what_is_broken_in_a_bundle_of_authorities_does_not_keep_out_the_others() {
    let authority = Authority::new();
    let server =
        Server::tls(&authority.issue("localhost"), Options::default(), |_| async { Response::default() }).await;
    let good = &authority.pem;
    let base64 = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    let cut_off = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for broken in [base64, cut_off, no_certificate, "words\n"] {
        for bundle in [format!("{broken}{good}"), format!("{good}{broken}")] {
            let mut config = server.config("https", "localhost");
            config.ca = Some(Pem::from_bytes(bundle.clone()));
            let service = from_config(&config).unwrap_or_else(|error| panic!("{bundle}: {error:?}"));
            send(&service, get("/")).await.unwrap_or_else(|error| panic!("{bundle}: {}", told(&error)));
        }
        let mut config = server.config("https", "localhost");
        config.ca = Some(Pem::from_bytes(broken));
        assert!(from_config(&config).map(drop).expect_err("nothing is left").is_invalid(), "{broken}");
    }
}
