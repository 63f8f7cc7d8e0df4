#!/usr/bin/env bash
# k8s.io/apiserver and k8s.io/apiextensions-apiserver v0.37.1 (Go): times in CEL, in rules of CustomResourceDefinitions and in admission
# policies.
#
# One would guess: a time is a time in both, and `object.metadata.creationTimestamp` can be compared with `timestamp("...")`, as a
# property of a definition whose format is date-time.
#
# Seen: a rule of a definition has a timestamp, and can compare it. An expression of a policy, or a match condition of a webhook, has
# what is in the JSON: a string. It compiles all the same, for the object has no declared type there, and the comparison is an error
# when it is evaluated, `no such overload`, so that the policy's failurePolicy decides: by default, every request is refused.
#
# So policies write `timestamp(object.metadata.creationTimestamp)`; the same in a rule of a definition is right too.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/api v0.37.1
	k8s.io/apiextensions-apiserver v0.37.1
	k8s.io/apimachinery v0.37.1
	k8s.io/apiserver v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/cel-go/cel"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	crdcel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

type condition string

func (c condition) GetExpression() string    { return string(c) }
func (c condition) ReturnTypes() []*cel.Type { return []*cel.Type{cel.BoolType} }

var made = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// What an expression of an admission policy, or a match condition of a webhook, says of a ConfigMap.
func policy(expression string) string {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	attributes := admission.NewAttributesRecord(
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a", CreationTimestamp: metav1.NewTime(made)}}, nil,
		corev1.SchemeGroupVersion.WithKind("ConfigMap"), "default", "a",
		corev1.SchemeGroupVersion.WithResource("configmaps"), "", admission.Create, nil, false, nil)
	versioned, err := admission.NewVersionedAttributes(attributes, attributes.GetKind(), admission.NewObjectInterfacesFromScheme(scheme))
	if err != nil {
		panic(err)
	}
	compiler := plugincel.NewConditionCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	compiled := compiler.CompileCondition([]plugincel.ExpressionAccessor{condition(expression)}, plugincel.OptionalVariableDeclarations{}, environment.NewExpressions)
	request := plugincel.CreateAdmissionRequest(attributes, metav1.GroupVersionResource{}, metav1.GroupVersionKind{})
	results, _, err := compiled.ForInput(context.Background(), versioned, request, plugincel.OptionalVariableBindings{}, nil, celconfig.RuntimeCELCostBudget)
	if err != nil {
		return err.Error()
	}
	if results[0].Error != nil {
		return results[0].Error.Error()
	}
	return fmt.Sprint(results[0].EvalResult)
}

// What a rule of a CustomResourceDefinition says of an object whose property `at` has the format date-time.
func rule(expression string) string {
	structural, err := schema.NewStructural(&apiextensions.JSONSchemaProps{
		Type:         "object",
		Properties:   map[string]apiextensions.JSONSchemaProps{"at": {Type: "string", Format: "date-time"}},
		XValidations: apiextensions.ValidationRules{{Rule: expression, Message: "false"}},
	})
	if err != nil {
		panic(err)
	}
	object := map[string]interface{}{"at": made.Format(time.RFC3339)}
	errs, _ := crdcel.NewValidator(structural, false, celconfig.PerCallLimit).Validate(
		context.Background(), field.NewPath("self"), structural, object, nil, celconfig.RuntimeCELCostBudget)
	if len(errs) > 0 {
		return errs[0].Detail
	}
	return "true"
}

func main() {
	fmt.Println("rule:  ", rule("self.at < timestamp('2030-01-01T00:00:00Z')"))
	fmt.Println("policy:", policy("object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')"))
	fmt.Println("policy:", policy("timestamp(object.metadata.creationTimestamp) < timestamp('2030-01-01T00:00:00Z')"))
	fmt.Println("policy:", policy("type(object.metadata.creationTimestamp) == string"))
	fmt.Println("rule:  ", rule("type(self.at) == string"))
	fmt.Println("rule:  ", rule("timestamp(self.at) < timestamp('2030-01-01T00:00:00Z')"))
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
rule:   true
policy: expression 'object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')' resulted in error: no such overload
policy: true
policy: true
rule:   false
rule:   true
SEEN
echo "as stated"
