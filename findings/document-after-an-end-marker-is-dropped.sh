#!/usr/bin/env bash
# k8s.io/apimachinery v0.37.1, util/yaml (by which kubectl 1.37.1 reads manifests): a file of two documents, the first of which ends
# with `...` instead of the second beginning with `---`.
#
# One would guess: two objects, as YAML 1.2 has it: `...` ends a document, and the next one needs no `---` (example 9.3,
# https://yaml.org/spec/1.2.2/). The package yaml 2.8.1 of npm reads two. Or an error, as YAML 1.1 would have it.
#
# Seen: one object and no error. The file is split at `---` alone, and of each part the first document is decoded; the rest is
# dropped. So kubectl creates half of such a file and reports success.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > two.yaml <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: first}
...
apiVersion: v1
kind: ConfigMap
metadata: {name: second}
YAML

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/apimachinery v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	decoder := yaml.NewYAMLOrJSONDecoder(os.Stdin, 4096)
	for {
		object := unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(object.GetName())
	}
}
GO
GOFLAGS=-mod=mod go run . < two.yaml > by_go

npm init --yes > /dev/null
npm install --silent --no-fund --no-audit yaml@2.8.1
node -e '
for (const document of require("yaml").parseAllDocuments(require("fs").readFileSync("two.yaml", "utf8")))
    console.log(document.toJS().metadata.name)
' > by_node

printf 'k8s.io/apimachinery: %s\nyaml of npm: %s\n' "$(paste -sd' ' by_go)" "$(paste -sd' ' by_node)"
diff by_go <(printf 'first\n')
diff by_node <(printf 'first\nsecond\n')
