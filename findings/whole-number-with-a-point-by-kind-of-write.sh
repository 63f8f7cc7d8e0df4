#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: `replicas: 3.0` of a Deployment, as programs write it whose numbers are all
# floating-point (JSON from JavaScript has 3, from others 3.0).
#
# One would guess: 3.0 is a whole number in each way to write an object, or in none.
#
# Seen: it is three in a strategic merge patch and in an apply. A JSON merge patch and a JSON patch with the same number get 422, whose
# message is the whole object; a PUT and a POST get 400. The first two go by way of untyped values, where any number fits an integer
# that it equals; the others end in text, which is decoded by the type of the field.
#
# So a client that makes patches of values keeps whole numbers as such, and one that falls back from a strategic merge patch to
# another kind of patch (as for custom resources) finds out only then.
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
	code=$(curl -sk -o answer -w '%{http_code}' -H 'Authorization: Bearer secret' -X "$1" "https://127.0.0.1:$((port + 1))$2" ${3:+-H "Content-Type: $3" -d "$4"}) || true
	echo "$code$(sed -n 's/^  "message": "\(.*\)",$/ \1/p' answer | cut -c1-150)"
}
touch answer
json=application/json merge=application/merge-patch+json namespace=/api/v1/namespaces/default
for _ in $(seq 120); do [[ $(send GET "$namespace") == 200 ]] && break || sleep 1; done

deployments=/apis/apps/v1/namespaces/default/deployments
deployment() {
	echo '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "'"$1"'"}, "spec": {"replicas": '"$2"', "selector": {"matchLabels": {"app": "d"}}, "template": {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}}'
}
# The code, the end of the message or the replicas.
short() {
	local code what
	code=$(send "$@" | cut -c1-3)
	what=$(grep -o 'json: cannot unmarshal[^"]*\|"replicas": [0-9.]*' answer | tail -n 1) || true
	echo "$1 ${3#application/}: $code${what:+ $what}"
}
{
	short POST "$deployments" $json "$(deployment d 1)"
	short PATCH "$deployments/d" application/strategic-merge-patch+json '{"spec": {"replicas": 3.0}}'
	short PATCH "$deployments/d" application/strategic-merge-patch+json '{"spec": {"replicas": 3.5}}'
	short PATCH "$deployments/d" $merge '{"spec": {"replicas": 3.0}}'
	short PATCH "$deployments/d" application/json-patch+json '[{"op": "replace", "path": "/spec/replicas", "value": 3.0}]'
	short PATCH "$deployments/d?fieldManager=f&force=true" application/apply-patch+yaml '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 3.0}}'
	short PUT "$deployments/d" $json "$(deployment d 3.0)"
	short POST "$deployments" $json "$(deployment e 3.0)"
} | tee seen
diff seen - <<'SEEN'
POST json: 201 "replicas": 1
PATCH strategic-merge-patch+json: 200 "replicas": 3
PATCH strategic-merge-patch+json: 422
PATCH merge-patch+json: 422 json: cannot unmarshal number 3.0 into Go struct field DeploymentSpec.spec.replicas of type int32
PATCH json-patch+json: 422 json: cannot unmarshal number 3.0 into Go struct field DeploymentSpec.spec.replicas of type int32
PATCH apply-patch+yaml: 200 "replicas": 3
PUT json: 400 json: cannot unmarshal number 3.0 into Go struct field DeploymentSpec.spec.replicas of type int32
POST json: 400 json: cannot unmarshal number 3.0 into Go struct field DeploymentSpec.spec.replicas of type int32
SEEN
echo "as stated"
