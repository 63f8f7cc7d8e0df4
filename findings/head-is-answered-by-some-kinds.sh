#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: HEAD for what GET answers with 200.
#
# One would guess: HEAD is answered wherever GET is, with the same headers and no body; or, since no verb of the API stands for it,
# nowhere.
#
# Seen: it depends on what the path is of. Custom resources, single and in lists, answer 200, and so do the discovery of their group,
# /apis, /healthz and /openapi/v3. Built-in kinds answer 405, and so do the discovery of their groups and /version.
#
# So a probe by HEAD (`curl -I`, health checks of proxies) that works with a custom resource fails with a Service, for the same user.
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

# head_of PATH: the codes of GET and HEAD.
head_of() {
	echo "$(send GET "$1" | cut -c1-3) $(curl -skI -o headers -w '%{http_code}' -H 'Authorization: Bearer secret' "https://127.0.0.1:$((port + 1))$1") $1"
}
send POST $kind $json '{"apiVersion": "example.com/v1", "kind": "Note", "metadata": {"name": "n"}}' >created
{
	for path in $kind/n $kind $namespace/services/kubernetes $namespace/services $namespace /apis/apps/v1/deployments \
		/apis/example.com/v1 /apis/apps/v1 /apis /api/v1 /version /healthz /openapi/v3; do
		head_of "$path"
	done
} | tee seen
diff seen - <<'SEEN'
200 200 /apis/example.com/v1/namespaces/default/notes/n
200 200 /apis/example.com/v1/namespaces/default/notes
200 405 /api/v1/namespaces/default/services/kubernetes
200 405 /api/v1/namespaces/default/services
200 405 /api/v1/namespaces/default
200 405 /apis/apps/v1/deployments
200 200 /apis/example.com/v1
200 405 /apis/apps/v1
200 200 /apis
200 405 /api/v1
200 405 /version
200 200 /healthz
200 200 /openapi/v3
SEEN
echo "as stated"
