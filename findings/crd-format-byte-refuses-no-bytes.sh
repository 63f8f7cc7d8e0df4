#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (Go): how the API server validates a custom resource against its schema.
#
# One would guess: "" is valid base64 (of no bytes), so it is valid where a schema says `format: byte`; and null is valid
# where a schema says `nullable: true` and its `enum` lists null.
#
# Seen:
# - `type: string, format: byte` refuses the empty string, and takes "YR==", base64 that no encoder writes. (A built-in
#   kind's bytes, such as a Secret's data, may be empty, and non-canonical base64 comes back canonical.)
# - null is valid where a schema is nullable, and refused once it has an enum too, even one that lists null ("supported
#   values" in the server's error then names null): in a property as in the items of a list.
#
# So a client that sends empty bytes as "" has to leave the field out for such a custom resource, and must keep the text
# of what it read: encoding the bytes again would change the object.
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
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
)

func main() {
	try(`{"type":"object","properties":{"b":{"type":"string","format":"byte"}}}`, `{"b":""}`)
	try(`{"type":"object","properties":{"b":{"type":"string","format":"byte"}}}`, `{"b":"YQ=="}`)
	try(`{"type":"object","properties":{"b":{"type":"string","format":"byte"}}}`, `{"b":"YR=="}`)
	try(`{"type":"object","properties":{"n":{"type":"integer","nullable":true}}}`, `{"n":null}`)
	try(`{"type":"object","properties":{"n":{"type":"integer","nullable":true,"enum":[0,null]}}}`, `{"n":null}`)
	try(`{"type":"object","properties":{"n":{"type":"array","items":{"type":"integer","nullable":true}}}}`, `{"n":[null]}`)
	try(`{"type":"object","properties":{"n":{"type":"array","items":{"type":"integer","nullable":true,"enum":[0,null]}}}}`, `{"n":[null]}`)
}

func try(schema, object string) {
	var external v1.JSONSchemaProps
	var internal apiextensions.JSONSchemaProps
	var value any
	check(json.Unmarshal([]byte(schema), &external))
	check(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil))
	check(json.Unmarshal([]byte(object), &value))
	validator, _, err := validation.NewSchemaValidator(&internal)
	check(err)
	refused := validation.ValidateCustomResource(nil, value, validator)
	fmt.Printf("%s in %s: %v\n", object, schema, len(refused) == 0)
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
{"b":""} in {"type":"object","properties":{"b":{"type":"string","format":"byte"}}}: false
{"b":"YQ=="} in {"type":"object","properties":{"b":{"type":"string","format":"byte"}}}: true
{"b":"YR=="} in {"type":"object","properties":{"b":{"type":"string","format":"byte"}}}: true
{"n":null} in {"type":"object","properties":{"n":{"type":"integer","nullable":true}}}: true
{"n":null} in {"type":"object","properties":{"n":{"type":"integer","nullable":true,"enum":[0,null]}}}: false
{"n":[null]} in {"type":"object","properties":{"n":{"type":"array","items":{"type":"integer","nullable":true}}}}: true
{"n":[null]} in {"type":"object","properties":{"n":{"type":"array","items":{"type":"integer","nullable":true,"enum":[0,null]}}}}: false
SEEN
echo "as stated"
