#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: an object sent as JSON in which a map is there twice, with other keys: `"data":
# {"a": "1"}, "data": {"b": "2"}`. JSON allows it, and the server only warns.
#
# One would guess: the last one counts, as in most readers of JSON; in any case, all kinds are read alike.
#
# Seen: of a ConfigMap both are kept, put together, with 201 and the warning `duplicate field "data"`. Of a custom resource the last
# one alone is kept, with the same warning. So it is for metadata within the one object: the labels of a custom resource are those of
# the last map, those of a ConfigMap of both. A struct is put together likewise (`spec` of a pod, twice), field by field.
#
# So what makes JSON or YAML by templates loses keys of custom resources where it has worked for built-in kinds. `fieldValidation=Strict`
# (kubectl's `--validate=true`) refuses both.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait || true; chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

# Kubernetes requires its staging modules at v0.0.0; they are published as v0.37.1.
release=$(go mod download -json k8s.io/kubernetes@v1.37.1 | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
{
	printf 'module finding\ngo 1.26.0\nreplace (\n'
	sed -n 's/^\t\(k8s.io[^ ]*\) v0.0.0$/\t\1 => \1 v0.37.1/p' "$release"
	echo ')'
} > go.mod
go get -tool k8s.io/kubernetes/cmd/kube-apiserver@v1.37.1 go.etcd.io/etcd/server/v3@v3.7.0 2>/dev/null
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o . k8s.io/kubernetes/cmd/kube-apiserver go.etcd.io/etcd/server/v3

openssl genrsa -out accounts.key 2048 2>/dev/null
echo secret,admin,1,system:masters > tokens
port=$((20000 + RANDOM % 10000))
./server --data-dir data --listen-peer-urls http://127.0.0.1:0 --listen-client-urls "http://127.0.0.1:$port" \
	--advertise-client-urls "http://127.0.0.1:$port" >etcd.log 2>&1 &
./kube-apiserver --etcd-servers "http://127.0.0.1:$port" --secure-port $((port + 1)) --cert-dir . --bind-address 127.0.0.1 \
	--advertise-address 127.0.0.1 --endpoint-reconciler-type none --service-cluster-ip-range 10.0.0.0/24 \
	--token-auth-file tokens --authorization-mode RBAC --disable-admission-plugins ServiceAccount \
	--service-account-issuer https://finding --service-account-key-file accounts.key \
	--service-account-signing-key-file accounts.key >apiserver.log 2>&1 &

# send METHOD PATH [TYPE BODY]: the code of the answer, and its message. The whole of it is in the file `answer`.
send() {
	local code
	code=$(curl -sk -o answer -D headers -w '%{http_code}' -H 'Authorization: Bearer secret' -X "$1" "https://127.0.0.1:$((port + 1))$2" ${3:+-H "Content-Type: $3" -d "$4"}) || true
	echo "$code$(sed -n 's/^  "message": "\(.*\)",$/ \1/p' answer | cut -c1-150)"
}
touch answer
namespace=/api/v1/namespaces/default
for _ in $(seq 120); do [[ $(send GET "$namespace") == 200 ]] && break || sleep 1; done

json=application/json kind=/apis/example.com/v1/namespaces/default/notes
send POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions $json '{"metadata": {"name": "notes.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "notes", "kind": "Note"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}}}}}]}}' >definition
for _ in $(seq 60); do [[ $(send GET $kind) == 200 ]] && break || sleep 1; done

# twice PATH KIND: what is kept, and the warnings.
twice() {
	send POST "$1" $json "{$2, \"metadata\": {\"name\": \"strict\"}, \"data\": {\"a\": \"1\"}, \"data\": {\"b\": \"2\"}}"
	tr -d ' \n' <answer | grep -o '"data":{[^}]*}' || true
	grep -i '^warning' headers | tr -d '\r' || echo 'no warning'
}
{
	twice "$namespace/configmaps?dryRun=All" '"apiVersion": "v1", "kind": "ConfigMap"'
	twice "$kind?dryRun=All" '"apiVersion": "example.com/v1", "kind": "Note"'
	twice "$namespace/configmaps?fieldValidation=Strict" '"apiVersion": "v1", "kind": "ConfigMap"'
	twice "$kind?fieldValidation=Strict" '"apiVersion": "example.com/v1", "kind": "Note"'
	send POST "$namespace/configmaps?dryRun=All" $json '{"metadata": {"name": "m", "labels": {"a": "1"}, "labels": {"b": "2"}}}'
	tr -d ' \n' <answer | grep -o '"labels":{[^}]*}'
	send POST "$kind?dryRun=All" $json '{"apiVersion": "example.com/v1", "kind": "Note", "metadata": {"name": "m", "labels": {"a": "1"}, "labels": {"b": "2"}}}'
	tr -d ' \n' <answer | grep -o '"labels":{[^}]*}'
	send POST "$namespace/pods?dryRun=All" $json '{"metadata": {"name": "p"}, "spec": {"hostNetwork": true}, "spec": {"containers": [{"name": "c", "image": "i"}]}}'
	grep -o '"hostNetwork": true' answer || echo 'no hostNetwork'
} | tee seen
diff seen - <<'SEEN'
201
"data":{"a":"1","b":"2"}
warning: 299 - "duplicate field \"data\""
201
"data":{"b":"2"}
warning: 299 - "duplicate field \"data\""
400 ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field \"data\"
no warning
400 Note in version \"v1\" cannot be handled as a Note: strict decoding error: duplicate field \"data\"
no warning
201
"labels":{"a":"1","b":"2"}
201
"labels":{"b":"2"}
201
"hostNetwork": true
SEEN
echo "as stated"
