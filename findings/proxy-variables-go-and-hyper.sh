#!/usr/bin/env bash
# golang.org/x/net v0.62.0 (httpproxy, by which client-go and kubectl read the environment) and hyper-util 0.1.21
# (client::proxy::matcher, by which Rust's HTTP clients do): which requests go through a proxy.
#
# One would guess: HTTPS_PROXY and NO_PROXY mean the same to both, so that a Rust client may take hyper-util's matcher and
# reach a cluster the way kubectl does.
#
# Seen, each with HTTPS_PROXY=http://proxy.corp:3128:
# - A port in NO_PROXY (`example.com:8443`) holds for that port alone in Go; hyper-util never matches such an entry.
# - `.example.com` is for subdomains alone in Go; in hyper-util for example.com as well.
# - localhost and 127.0.0.1 are never proxied by Go, whatever the variables say; hyper-util sends them to the proxy.
# - ALL_PROXY alone means nothing to Go; hyper-util goes by it.
#
# So a client that has to reach what kubectl reaches needs Go's rules of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > cases <<'CASES'
HTTPS_PROXY example.com https://example.com:8443
HTTPS_PROXY example.com:8443 https://example.com:8443
HTTPS_PROXY example.com:8443 https://example.com
HTTPS_PROXY .example.com https://example.com
HTTPS_PROXY .example.com https://api.example.com
HTTPS_PROXY other.org https://localhost:6443
HTTPS_PROXY other.org https://127.0.0.1:6443
ALL_PROXY other.org https://api.example.com
CASES

mkdir go rust rust/src
cat > go/go.mod <<'MOD'
module finding
go 1.26
require golang.org/x/net v0.62.0
MOD
cat > go/main.go <<'GO'
package main

import (
	"fmt"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
)

func main() {
	target, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(target)
	if err != nil {
		panic(err)
	}
	fmt.Println(proxy != nil)
}
GO
cat > rust/Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
http = "=1.5.0"
hyper-util = { version = "=0.1.21", features = ["client", "client-proxy"] }
TOML
cat > rust/src/main.rs <<'RS'
use hyper_util::client::proxy::matcher::Matcher;

fn main() {
    let target: http::Uri = std::env::args().nth(1).expect("a URL").parse().expect("a URL");
    println!("{}", Matcher::from_env().intercept(&target).is_some());
}
RS
(cd go && go mod tidy >/dev/null 2>&1 && go build -o finding .)
(cd rust && cargo build --quiet)
rust=$(cd rust && cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/finding
while read -r variable exceptions target; do
  run() { env -i "$variable=http://proxy.corp:3128" "NO_PROXY=$exceptions" "$1" "$target"; }
  echo "$variable, NO_PROXY=$exceptions, $target: through the proxy by Go $(run go/finding), by hyper-util $(run "$rust")"
done < cases | tee seen
diff seen - <<'SEEN'
HTTPS_PROXY, NO_PROXY=example.com, https://example.com:8443: through the proxy by Go false, by hyper-util false
HTTPS_PROXY, NO_PROXY=example.com:8443, https://example.com:8443: through the proxy by Go false, by hyper-util true
HTTPS_PROXY, NO_PROXY=example.com:8443, https://example.com: through the proxy by Go true, by hyper-util true
HTTPS_PROXY, NO_PROXY=.example.com, https://example.com: through the proxy by Go true, by hyper-util false
HTTPS_PROXY, NO_PROXY=.example.com, https://api.example.com: through the proxy by Go false, by hyper-util false
HTTPS_PROXY, NO_PROXY=other.org, https://localhost:6443: through the proxy by Go false, by hyper-util true
HTTPS_PROXY, NO_PROXY=other.org, https://127.0.0.1:6443: through the proxy by Go false, by hyper-util true
ALL_PROXY, NO_PROXY=other.org, https://api.example.com: through the proxy by Go false, by hyper-util true
SEEN
echo "as stated"
