#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (Go): what "ratcheting" forgives when a custom resource is updated that was stored
# before its CRD's schema became stricter (KEP-4008).
#
# One would guess: what an update does not touch may stay invalid, wherever it stands.
#
# Seen:
# - A value that is out of range by now stays valid while a sibling changes, as does an unchanged value of a map, or an
#   unchanged item of a list with keys (`x-kubernetes-list-type: map`), even at another index.
# - `required` belongs to the object that lacks the field: the update is refused as soon as anything below that object
#   changes, be it a sibling or a field of a child. A change elsewhere (metadata, another part of the object) is taken.
# - In a set or an atomic list, an item that did not change is refused once another one is added, removed or moved.
# - A list that is too long by now may stay as it is, and may not become shorter by less than what is too much.
#
# So a controller that changes one field of an old object may get a 422 for another that it never touched.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/apiextensions-apiserver v0.37.1
	k8s.io/apiserver v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiserver/pkg/cel/common"
)

const required = `{"type":"object","properties":{"spec":{"type":"object","required":["newer"],"properties":{
  "newer":{"type":"string"},"sibling":{"type":"integer"},"child":{"type":"object","properties":{"n":{"type":"integer"}}}}},
  "other":{"type":"integer"}}}`
const tighter = `{"type":"object","properties":{"spec":{"type":"object","properties":{
  "a":{"type":"integer","maximum":5},"sibling":{"type":"integer"},
  "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"integer","maximum":5}},
  "atomic":{"type":"array","items":{"type":"integer","maximum":5}},
  "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"},"v":{"type":"integer","maximum":5}}}},
  "max":{"type":"array","maxItems":1,"items":{"type":"integer"}},
  "map":{"type":"object","additionalProperties":{"type":"integer","maximum":5}}
  }}}}`

func main() {
	try(required, `{"spec":{"sibling":1}}`, `{"spec":{"sibling":1}}`)
	try(required, `{"spec":{"sibling":1}}`, `{"spec":{"sibling":1},"other":2}`)
	try(required, `{"spec":{"sibling":1}}`, `{"spec":{"sibling":2}}`)
	try(required, `{"spec":{"child":{"n":1}}}`, `{"spec":{"child":{"n":2}}}`)
	try(tighter, `{"spec":{"a":9,"sibling":1}}`, `{"spec":{"a":9,"sibling":2}}`)
	try(tighter, `{"spec":{"set":[9]}}`, `{"spec":{"set":[9,1]}}`)
	try(tighter, `{"spec":{"set":[9,1]}}`, `{"spec":{"set":[1,9]}}`)
	try(tighter, `{"spec":{"atomic":[9]}}`, `{"spec":{"atomic":[9,1]}}`)
	try(tighter, `{"spec":{"map":{"a":9}}}`, `{"spec":{"map":{"a":9,"b":1}}}`)
	try(tighter, `{"spec":{"keyed":[{"k":"a","v":9}]}}`, `{"spec":{"keyed":[{"k":"b","v":1},{"k":"a","v":9}]}}`)
	try(tighter, `{"spec":{"max":[1,2,3]}}`, `{"spec":{"max":[1,2]}}`)
	try(tighter, `{"spec":{"max":[1,2,3],"sibling":1}}`, `{"spec":{"max":[1,2,3],"sibling":2}}`)
}

func try(schema, before, after string) {
	var external v1.JSONSchemaProps
	var internal apiextensions.JSONSchemaProps
	var old, new any
	check(json.Unmarshal([]byte(schema), &external))
	check(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil))
	check(json.Unmarshal([]byte(before), &old))
	check(json.Unmarshal([]byte(after), &new))
	validator, _, err := validation.NewSchemaValidator(&internal)
	check(err)
	tree, err := structural.NewStructural(&internal)
	check(err)
	correlated := common.NewCorrelatedObject(new, old, &model.Structural{Structural: tree})
	refused := validation.ValidateCustomResourceUpdate(nil, new, old, validator, validation.WithRatcheting(correlated))
	var fields []string
	for _, each := range refused {
		fields = append(fields, each.Field)
	}
	fmt.Printf("%s -> %s: refused %v\n", before, after, fields)
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
{"spec":{"sibling":1}} -> {"spec":{"sibling":1}}: refused []
{"spec":{"sibling":1}} -> {"spec":{"sibling":1},"other":2}: refused []
{"spec":{"sibling":1}} -> {"spec":{"sibling":2}}: refused [spec.newer]
{"spec":{"child":{"n":1}}} -> {"spec":{"child":{"n":2}}}: refused [spec.newer]
{"spec":{"a":9,"sibling":1}} -> {"spec":{"a":9,"sibling":2}}: refused []
{"spec":{"set":[9]}} -> {"spec":{"set":[9,1]}}: refused [spec.set[0]]
{"spec":{"set":[9,1]}} -> {"spec":{"set":[1,9]}}: refused [spec.set[1]]
{"spec":{"atomic":[9]}} -> {"spec":{"atomic":[9,1]}}: refused [spec.atomic[0]]
{"spec":{"map":{"a":9}}} -> {"spec":{"map":{"a":9,"b":1}}}: refused []
{"spec":{"keyed":[{"k":"a","v":9}]}} -> {"spec":{"keyed":[{"k":"b","v":1},{"k":"a","v":9}]}}: refused []
{"spec":{"max":[1,2,3]}} -> {"spec":{"max":[1,2]}}: refused [spec.max]
{"spec":{"max":[1,2,3],"sibling":1}} -> {"spec":{"max":[1,2,3],"sibling":2}}: refused []
SEEN
echo "as stated"
