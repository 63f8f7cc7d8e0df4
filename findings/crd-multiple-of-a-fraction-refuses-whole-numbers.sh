#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (by which kube-apiserver 1.37.1 checks custom resources): `multipleOf` with a
# fraction, on a field of `type: number`.
#
# One would guess: with `multipleOf: 0.25`, 1 is as valid as 1.25 and 1.0: four quarters.
#
# Seen: 1.25 is valid, 1.0 too; 1, the same number written without a point, is refused, and the message blames the
# definition: "factor MultipleOf declared for … must be positive: 0". A value that JSON has as an integer is divided as an
# integer, by the factor cut down to an integer, which is 0. So what a client writes for a whole number decides whether the
# object is stored: Go's and serde_json's encoders write a float 1.0 as `1` and as `1.0`.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/apiextensions-apiserver v0.37.1
require k8s.io/apimachinery v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/json"
)

func main() {
	factor := 0.25
	validator, _, err := validation.NewSchemaValidator(&apiextensions.JSONSchemaProps{Type: "number", MultipleOf: &factor})
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"1.25", "1.0", "1", "1.3"} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			panic(err)
		}
		fmt.Printf("%s: ", text)
		result := validator.Validate(value)
		if len(result.Errors) == 0 {
			fmt.Println("valid")
		}
		for _, err := range result.Errors {
			fmt.Println(err)
		}
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
grep -qx '1.25: valid' seen
grep -qx '1.0: valid' seen
grep -q '^1: .*must be positive: 0' seen
grep -q '^1.3: .*multiple of 0.25' seen
