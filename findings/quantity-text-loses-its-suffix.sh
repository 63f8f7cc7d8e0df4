#!/usr/bin/env bash
# k8s.io/apimachinery v0.37.1 (Go), package api/resource: the text that a Quantity prints is not always one that stands
# for the same amount.
#
# One would guess: String() of a parsed quantity, parsed again, compares equal to the first. That is how the API server
# and every controller hand quantities on.
#
# Seen:
# - "1000E" (10^21, a valid quantity) prints as "1": the next suffix would be above E, and it is left out, so an amount
#   of 10^21 is read back as 1. "999E" is fine.
# - 8191Pi + 1Pi, two amounts that are each in range, prints as "8Ei", which is read back as 2^63-1: one less, and in
#   another format ("9223372036854775807").
#
# A client in another language that prints canonical quantities as Go does would inherit both. kubewright keeps the text
# that it read.
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
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range []string{"999E", "1000E"} {
		read := resource.MustParse(text)
		printed := read.String()
		again := resource.MustParse(printed)
		fmt.Printf("%s prints as %s, equal when read again: %v\n", text, printed, read.Cmp(again) == 0)
	}
	sum := resource.MustParse("8191Pi")
	sum.Add(resource.MustParse("1Pi"))
	again := resource.MustParse(sum.String())
	fmt.Printf("8191Pi + 1Pi prints as %s, which is read as %s\n", sum.String(), again.String())
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
999E prints as 999E, equal when read again: true
1000E prints as 1, equal when read again: false
8191Pi + 1Pi prints as 8Ei, which is read as 9223372036854775807
SEEN
echo "as stated"
