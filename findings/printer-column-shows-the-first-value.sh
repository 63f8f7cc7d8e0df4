#!/usr/bin/env bash
# k8s.io/apiextensions-apiserver v0.37.1 and k8s.io/client-go v0.37.1 (Go): one JSONPath of a definition's
# `additionalPrinterColumns`, as the API server prints it in a table, and as `kubectl get -o jsonpath` does.
#
# One would guess: both follow the same package's paths, so a column has what kubectl shows for its path: all hosts of
# `.spec.hosts[*]`, all states of `.status.conditions[*].status`.
#
# Seen:
# - Of a path with several values the table has the first alone, without a sign that there are more: `a.example` of two hosts,
#   `True` of two conditions. `.spec.hosts` without `[*]` has both, as JSON.
# - A column of type integer cuts 1.5 to 1, silently.
# - null in a column of type string is the text `<no value>`, of Go's templates; in one of type integer it is no value. kubectl
#   prints `null`.
#
# So what makes tables of custom resources on its own (a CLI, a dashboard, a fake server) follows these rules, and not kubectl's, to
# print what users see in `kubectl get`.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/apiextensions-apiserver v0.37.1
	k8s.io/client-go v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"context"
	"fmt"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/jsonpath"
)

const object = `{"apiVersion": "example.com/v1", "kind": "Gate", "metadata": {"name": "a"},
	"spec": {"hosts": ["a.example", "b.example"], "ports": [80, 443], "share": 1.5, "nothing": null},
	"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "False"}]}}`

func main() {
	for _, column := range []v1.CustomResourceColumnDefinition{
		{Type: "string", JSONPath: ".spec.hosts"},
		{Type: "string", JSONPath: ".spec.hosts[*]"},
		{Type: "string", JSONPath: ".spec.hosts[0:2]"},
		{Type: "string", JSONPath: ".status.conditions[*].status"},
		{Type: "integer", JSONPath: ".spec.ports[*]"},
		{Type: "integer", JSONPath: ".spec.share"},
		{Type: "string", JSONPath: ".spec.nothing"},
		{Type: "integer", JSONPath: ".spec.nothing"},
	} {
		fmt.Printf("%s %s: the table has %s, kubectl get -o jsonpath %s\n", column.Type, column.JSONPath, table(column), path(column.JSONPath))
	}
}

func decoded() *unstructured.Unstructured {
	value := &unstructured.Unstructured{}
	check(value.UnmarshalJSON([]byte(object)))
	return value
}

func table(column v1.CustomResourceColumnDefinition) string {
	convertor, err := tableconvertor.New([]v1.CustomResourceColumnDefinition{column})
	if err != nil {
		return err.Error()
	}
	table, err := convertor.ConvertToTable(context.Background(), decoded(), nil)
	check(err)
	return fmt.Sprintf("%#v", table.Rows[0].Cells[1])
}

func path(text string) string {
	path := jsonpath.New("p").AllowMissingKeys(true)
	check(path.Parse("{" + text + "}"))
	out := bytes.Buffer{}
	if err := path.Execute(&out, decoded().Object); err != nil {
		return err.Error()
	}
	return out.String()
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
string .spec.hosts: the table has "[\"a.example\",\"b.example\"]", kubectl get -o jsonpath ["a.example","b.example"]
string .spec.hosts[*]: the table has "a.example", kubectl get -o jsonpath a.example b.example
string .spec.hosts[0:2]: the table has "a.example", kubectl get -o jsonpath a.example b.example
string .status.conditions[*].status: the table has "True", kubectl get -o jsonpath True False
integer .spec.ports[*]: the table has 80, kubectl get -o jsonpath 80 443
integer .spec.share: the table has 1, kubectl get -o jsonpath 1.5
string .spec.nothing: the table has "<no value>", kubectl get -o jsonpath null
integer .spec.nothing: the table has <nil>, kubectl get -o jsonpath null
SEEN
echo "as stated"
