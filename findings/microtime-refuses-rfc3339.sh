#!/usr/bin/env bash
# k8s.io/apimachinery v0.37.1 (Go), package apis/meta/v1: MicroTime, the type of a Lease's renewTime and an Event's
# eventTime, which the API documents describe as `format: date-time` (RFC 3339).
#
# One would guess: any RFC 3339 time is read, as Time does.
#
# Seen: a MicroTime is read only with exactly six digits after the second (or a comma in place of the point). Whole
# seconds, milliseconds and nanoseconds are errors. So a Lease whose renewTime was written by a library that prints the
# shortest RFC 3339 text (most do) is refused, whenever the fraction ends in zeros.
#
# kubewright reads all of them and writes exactly six digits.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/apimachinery v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	for _, fraction := range []string{"", ".5", ".123", ".123450", ".123456", ",123456", ".1234567"} {
		text := []byte(`"2024-01-01T00:00:00` + fraction + `Z"`)
		var micro metav1.MicroTime
		var time metav1.Time
		fmt.Printf("%s: Time %v, MicroTime %v\n", text, json.Unmarshal(text, &time) == nil, json.Unmarshal(text, &micro) == nil)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
"2024-01-01T00:00:00Z": Time true, MicroTime false
"2024-01-01T00:00:00.5Z": Time true, MicroTime false
"2024-01-01T00:00:00.123Z": Time true, MicroTime false
"2024-01-01T00:00:00.123450Z": Time true, MicroTime true
"2024-01-01T00:00:00.123456Z": Time true, MicroTime true
"2024-01-01T00:00:00,123456Z": Time true, MicroTime true
"2024-01-01T00:00:00.1234567Z": Time true, MicroTime false
SEEN
echo "as stated"
