#!/usr/bin/env bash
# rcgen 0.14.10 (Rust), read back with x509-parser 0.18.1: a client certificate for a user in two groups.
#
# Kubernetes takes the groups of a user from the organizations (`O`) of a client certificate's subject, one for each group, as
# openssl writes them with `/O=a/O=b/CN=jane`.
#
# One would guess: two organizations that are pushed to the distinguished name are two of the subject's attributes.
#
# Seen: the name is kept by attribute type, so the second organization takes the place of the first without an error, and the
# user is in one group only. An attribute given by its object identifier counts as another type, also if it is that of `O`, so
# there is room for a second group, and for no third.
#
# So tests that issue certificates with rcgen give a user two groups at most; for more, tokens or impersonation serve.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src

cat > Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
rcgen = "=0.14.10"
x509-parser = "=0.18.1"
TOML
cat > src/main.rs <<'RUST'
use rcgen::{CertificateParams, DnType, KeyPair};
use x509_parser::prelude::{FromDer, X509Certificate};

fn subject(organizations: &[(DnType, &str)]) -> String {
    let mut params = CertificateParams::default();
    for (attribute, group) in organizations {
        params.distinguished_name.push(attribute.clone(), *group);
    }
    params.distinguished_name.push(DnType::CommonName, "jane");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let (_, parsed) = X509Certificate::from_der(certificate.der()).expect("DER");
    parsed.subject().to_string()
}

fn main() {
    let oid = DnType::CustomDnType(vec![2, 5, 4, 10]);
    println!("{}", subject(&[(DnType::OrganizationName, "developers"), (DnType::OrganizationName, "auditors")]));
    println!("{}", subject(&[(DnType::OrganizationName, "developers"), (oid.clone(), "auditors")]));
    println!("{}", subject(&[(DnType::OrganizationName, "developers"), (oid.clone(), "auditors"), (oid, "testers")]));
}
RUST
cargo run -q | tee seen
diff seen - <<'SEEN'
CN=jane, O=auditors
CN=jane, O=developers, O=auditors
CN=jane, O=developers, O=testers
SEEN
echo "as stated"
