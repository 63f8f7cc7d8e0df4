#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (Go): what the API server keeps of a map with `additionalProperties: true` in a custom resource.
#
# One would guess: in JSON Schema and OpenAPI, `additionalProperties: true` lets a map have any values, so they are all stored.
# That a structural schema is valid with it, and that other unknown fields are kept only with
# `x-kubernetes-preserve-unknown-fields`, says nothing else.
#
# Seen: the keys are kept, and so are texts, numbers and booleans. Of every object in the map, and of every object in a list in it,
# all fields are removed: `{"object": {"c": 1}}` is stored as `{"object": {}}`. The schema is accepted without a warning. With
# `x-kubernetes-preserve-unknown-fields: true` in the schema of the values, everything is stored.
#
# So `true` is not "anything": the author of a definition loses what users write, and a generator that emits a map of any JSON for it
# promises more than the server keeps.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/apiextensions-apiserver v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
)

func main() {
	for _, values := range []string{
		`true`,
		`{"type":"object"}`,
		`{"type":"object","x-kubernetes-preserve-unknown-fields":true}`,
	} {
		stored(values, `{"spec":{"text":"t","object":{"c":1},"list":[{"e":1}]}}`)
	}
}

func stored(values, object string) {
	schema := `{"type":"object","properties":{"spec":{"type":"object","additionalProperties":` + values + `}}}`
	var external v1.JSONSchemaProps
	var internal apiextensions.JSONSchemaProps
	var value map[string]any
	check(json.Unmarshal([]byte(schema), &external))
	check(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil))
	check(json.Unmarshal([]byte(object), &value))
	shape, err := structural.NewStructural(&internal)
	check(err)
	check(structural.ValidateStructural(nil, shape).ToAggregate())
	pruning.Prune(value, shape, false)
	text, err := json.Marshal(value)
	check(err)
	fmt.Printf("additionalProperties: %s: %s\n", values, text)
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
additionalProperties: true: {"spec":{"list":[{}],"object":{},"text":"t"}}
additionalProperties: {"type":"object"}: {"spec":{"list":[{}],"object":{},"text":"t"}}
additionalProperties: {"type":"object","x-kubernetes-preserve-unknown-fields":true}: {"spec":{"list":[{"e":1}],"object":{"c":1},"text":"t"}}
SEEN
echo "as stated"
