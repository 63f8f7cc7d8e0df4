#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 (by which kube-apiserver 1.37.1 checks custom resources): an integer that is written
# `1.0`, with and without a validation rule beside it.
#
# One would guess: a field of `type: integer` takes 1.0 or it doesn't, whatever else the definition says; the API server stores it
# as 1.
#
# Seen: the schema takes 1.0. A rule that reads the field, even one that every number fulfils, makes the same object invalid:
# "invalid data, expected int, got float64". So adding a rule to a definition can refuse what clients wrote for years, for a
# reason that is not in the rule.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/apiextensions-apiserver v0.37.1
require k8s.io/apimachinery v0.37.1
require k8s.io/apiserver v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

func main() {
	spec := &apiextensions.JSONSchemaProps{
		Type:         "object",
		Properties:   map[string]apiextensions.JSONSchemaProps{"size": {Type: "integer"}},
		XValidations: apiextensions.ValidationRules{{Rule: "self.size == self.size", Message: "never"}},
	}
	validator, _, err := validation.NewSchemaValidator(spec)
	if err != nil {
		panic(err)
	}
	structural, err := schema.NewStructural(spec)
	if err != nil {
		panic(err)
	}
	rules := cel.NewValidator(structural, false, celconfig.PerCallLimit)
	for _, text := range []string{`{"size": 1}`, `{"size": 1.0}`} {
		var value map[string]any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			panic(err)
		}
		errs, _ := rules.Validate(context.Background(), nil, structural, value, nil, celconfig.RuntimeCELCostBudget)
		fmt.Printf("%s: schema %d errors, rule %v\n", text, len(validator.Validate(value).Errors), errs)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
grep -qx '{"size": 1}: schema 0 errors, rule \[\]' seen
grep -q '{"size": 1.0}: schema 0 errors, rule .*expected int, got float64' seen
