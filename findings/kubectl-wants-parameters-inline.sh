#!/usr/bin/env bash
# k8s.io/cli-runtime v0.37.1 (Go), as kubectl 1.37.1 uses it: how kubectl learns from an OpenAPI v3 document that a server
# knows `fieldValidation`, and so may validate on the server.
#
# One would guess: a parameter of an operation is found wherever OpenAPI 3 allows it: in the operation, by `$ref` in
# `components.parameters`, or in the path item, whose parameters hold for all of its operations.
#
# Seen: only one that is written out in the PATCH operation itself counts. By `$ref`, or in the path item, the kind "doesn't
# support fieldValidation", as if it were nowhere. kubectl then asks for the whole OpenAPI v2 document, and validates on the client if
# that does not have the parameter either.
#
# So a server with smaller documents (an aggregated API, a fake server) that shares its parameters as OpenAPI 3 means it turns kubectl's
# validation by the server off, without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/cli-runtime v0.37.1
	k8s.io/client-go v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/openapi"
)

var (
	gate      = schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Gate"}
	parameter = object{"name": "fieldValidation", "in": "query", "schema": object{"type": "string"}}
)

type object map[string]any

// A server with one resource.
type server struct{ path object }

func (s server) Paths() (map[string]openapi.GroupVersion, error) {
	return map[string]openapi.GroupVersion{"apis/example.com/v1": s}, nil
}

func (s server) ServerRelativeURL() string { return "/openapi/v3/apis/example.com/v1" }

func (s server) Schema(string) ([]byte, error) {
	return json.Marshal(object{
		"openapi":    "3.0.0",
		"info":       object{"title": "example", "version": "v1"},
		"paths":      object{"/apis/example.com/v1/namespaces/{namespace}/gates/{name}": s.path},
		"components": object{"parameters": object{"fieldValidation": parameter}},
	})
}

func main() {
	try("in the operation", object{"patch": patch(parameter)})
	try("by $ref", object{"patch": patch(object{"$ref": "#/components/parameters/fieldValidation"})})
	try("in the path item", object{"patch": patch(), "parameters": []any{parameter}})
	try("nowhere", object{"patch": patch()})
}

func patch(parameters ...any) object {
	kind := object{"group": gate.Group, "version": gate.Version, "kind": gate.Kind}
	return object{"x-kubernetes-group-version-kind": kind, "parameters": parameters, "responses": object{}}
}

func try(where string, path object) {
	verifier := resource.NewQueryParamVerifierV3(nil, server{path}, resource.QueryParamFieldValidation)
	fmt.Printf("%s: %v\n", where, verifier.HasSupport(gate))
}
GO
gofmt -l .
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
in the operation: <nil>
by $ref: example.com/v1, Kind=Gate doesn't support fieldValidation
in the path item: example.com/v1, Kind=Gate doesn't support fieldValidation
nowhere: example.com/v1, Kind=Gate doesn't support fieldValidation
SEEN
echo "as stated"
