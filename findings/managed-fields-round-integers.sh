#!/usr/bin/env bash
# sigs.k8s.io/structured-merge-diff v6.4.2 (Go; what k8s.io/apimachinery v0.37.1 requires): the field sets that stand in
# metadata.managedFields.
#
# One would guess: a field set that is read and written again is the same set. The server does just that with those of
# every manager at each write.
#
# Seen: the values of a set of integers are read by way of a float64, so that `v:9007199254740993` is written as
# `v:9007199254740992`. On kube-apiserver 1.37.1 an unchanged PUT of a custom resource with `[9007199254740993, 1]` in a
# list of type `set` gets a new resourceVersion, and its manager then owns a value that is not in the list; the list
# itself stays exact. The least integer, which is a float, is written with the fewest digits that tell it from other floats,
# `v:-9223372036854776000`, and that is no 64-bit integer.
#
# So a client must not look for its own 64-bit integers in managedFields by their text, and an unchanged update of such an
# object is not a no-op.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require sigs.k8s.io/structured-merge-diff/v6 v6.4.2
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

func main() {
	for _, text := range []string{`{"f:l":{"v:9007199254740991":{}}}`, `{"f:l":{"v:9007199254740993":{}}}`, `{"f:l":{"v:-9223372036854775808":{}}}`} {
		var set fieldpath.Set
		check(set.FromJSON(bytes.NewReader([]byte(text))))
		out, err := set.ToJSON()
		check(err)
		fmt.Println(text, "->", string(out))
	}
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
{"f:l":{"v:9007199254740991":{}}} -> {"f:l":{"v:9007199254740991":{}}}
{"f:l":{"v:9007199254740993":{}}} -> {"f:l":{"v:9007199254740992":{}}}
{"f:l":{"v:-9223372036854775808":{}}} -> {"f:l":{"v:-9223372036854776000":{}}}
SEEN
echo "as stated"
