#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (Go): what a CustomResourceDefinition may give as the default of a property with
# `x-kubernetes-int-or-string`.
#
# One would guess: a default is checked against its schema, as that of an integer is, so that a definition with the default
# `true` for a port is refused. The Kubernetes documentation says that `x-kubernetes-int-or-string: true` alone means the same as
# with `anyOf` of an integer and a string.
#
# Seen: with the extension alone any default is taken, a boolean and a fraction too, while each object that leaves the property
# out is refused afterwards: the default is filled in, and the whole object is checked by a validator that does know the types.
# Written with `anyOf`, as controller-gen does, the definition is refused.
#
# So a definition that was taken may be one of which no object can be made. Who writes schemas should write `anyOf` beside the
# extension, and who reads them can't rely on the default's type.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/apiextensions-apiserver v0.37.1
	k8s.io/apimachinery v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// With a default for a property of this schema: is the definition taken, and is an object that leaves the property out?
func try(what string, property apiextensions.JSONSchemaProps, value interface{}) {
	given := apiextensions.JSON(value)
	property.Default = &given
	schema := &apiextensions.JSONSchemaProps{
		Type:       "object",
		Properties: map[string]apiextensions.JSONSchemaProps{"port": property},
	}
	structural, err := structuralschema.NewStructural(schema)
	if err != nil {
		panic(err)
	}
	refused, err := defaulting.ValidateDefaults(context.Background(), field.NewPath("schema"), structural, false, true)
	if err != nil {
		panic(err)
	}
	validator, _, err := apiservervalidation.NewSchemaValidator(schema)
	if err != nil {
		panic(err)
	}
	object := map[string]interface{}{}
	defaulting.Default(object, structural)
	invalid := apiservervalidation.ValidateCustomResource(nil, object, validator)
	fmt.Printf("%s, default %v: definition taken=%t, empty object taken=%t\n", what, value, len(refused) == 0, len(invalid) == 0)
}

func main() {
	integer := apiextensions.JSONSchemaProps{Type: "integer"}
	intOrString := apiextensions.JSONSchemaProps{XIntOrString: true}
	// As controller-gen writes it.
	with := apiextensions.JSONSchemaProps{XIntOrString: true, AnyOf: []apiextensions.JSONSchemaProps{{Type: "integer"}, {Type: "string"}}}
	for _, value := range []interface{}{int64(80), true, 1.5} {
		try("integer", integer, value)
		try("int-or-string", intOrString, value)
		try("int-or-string with anyOf", with, value)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
integer, default 80: definition taken=true, empty object taken=true
int-or-string, default 80: definition taken=true, empty object taken=true
int-or-string with anyOf, default 80: definition taken=true, empty object taken=true
integer, default true: definition taken=false, empty object taken=false
int-or-string, default true: definition taken=true, empty object taken=false
int-or-string with anyOf, default true: definition taken=false, empty object taken=false
integer, default 1.5: definition taken=false, empty object taken=false
int-or-string, default 1.5: definition taken=true, empty object taken=false
int-or-string with anyOf, default 1.5: definition taken=false, empty object taken=false
SEEN
echo "as stated"
