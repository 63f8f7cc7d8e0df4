#!/usr/bin/env bash
# k8s.io/api v0.37.1 (Go): null inside a map of bytes or of lists, such as a Secret's `data: {x: null}`.
#
# One would guess: what Go makes of an object does not depend on the encoding that it travelled in.
#
# Seen: read from JSON and written as JSON, the null stays null. Read from JSON, written as protobuf (as the server does
# into etcd, and clients do that speak protobuf) and read again, it is `""` in a Secret's data and `[]` in the extra of a
# CertificateSigningRequest. A null in a map of times (a PodDisruptionBudget's disruptedPods) stays null both ways.
#
# So the JSON that a Go program prints of such an object tells nothing of what a server will give back of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/api v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	certificates "k8s.io/api/certificates/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
)

func main() {
	var secret, secretAgain core.Secret
	check(json.Unmarshal([]byte(`{"data":{"x":null}}`), &secret))
	wire, err := secret.Marshal()
	check(err)
	check(secretAgain.Unmarshal(wire))
	show("Secret data", secret.Data, secretAgain.Data)

	var csr, csrAgain certificates.CertificateSigningRequest
	check(json.Unmarshal([]byte(`{"spec":{"extra":{"x":null}}}`), &csr))
	wire, err = csr.Marshal()
	check(err)
	check(csrAgain.Unmarshal(wire))
	show("CertificateSigningRequest extra", csr.Spec.Extra, csrAgain.Spec.Extra)

	var budget, budgetAgain policy.PodDisruptionBudget
	check(json.Unmarshal([]byte(`{"status":{"disruptedPods":{"x":null}}}`), &budget))
	wire, err = budget.Marshal()
	check(err)
	check(budgetAgain.Unmarshal(wire))
	show("PodDisruptionBudget disruptedPods", budget.Status.DisruptedPods, budgetAgain.Status.DisruptedPods)
}

func show(what string, read, again any) {
	direct, err := json.Marshal(read)
	check(err)
	after, err := json.Marshal(again)
	check(err)
	fmt.Printf("%s: %s, by protobuf %s\n", what, direct, after)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
Secret data: {"x":null}, by protobuf {"x":""}
CertificateSigningRequest extra: {"x":null}, by protobuf {"x":[]}
PodDisruptionBudget disruptedPods: {"x":null}, by protobuf {"x":null}
SEEN
echo "as stated"
