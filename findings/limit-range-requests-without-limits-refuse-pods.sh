#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: a LimitRange that has a `defaultRequest` of an extended resource
# (`example.com/gpu`) and no `default`.
#
# One would guess: it gives each container that asks for none a request of that much, as it does with cpu and memory; or such a
# LimitRange is refused when it is created.
#
# Seen: it is created without a warning. From then on every pod of the namespace whose containers do not have the resource themselves
# is refused with 422, "Limit must be set for non overcommitable resources": the default is a request alone, and the checks
# of pods, which come after, want a limit. The message names the pod's field, and no LimitRange. The other way round works: a `default`
# alone gets the same `defaultRequest`.
#
# So for extended resources write `default`; it gives every container one, too.
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

# create NAMESPACE LIMIT: what a pod without resources gets there, and one with the resource.
create() {
	send POST /api/v1/namespaces $json '{"metadata": {"name": "'"$1"'"}}'
	send POST "/api/v1/namespaces/$1/limitranges" $json '{"metadata": {"name": "l"}, "spec": {"limits": [{"type": "Container", '"$2"'}]}}'
	for resources in '{}' '{"limits": {"cpu": "1", "example.com/gpu": "2"}}'; do
		send POST "/api/v1/namespaces/$1/pods?dryRun=All" $json '{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i", "resources": '"$resources"'}]}}'
		tr -d ' \n' <answer | grep -o '"resources":{\("limits":{[^}]*},\)\?"requests":{[^}]*}}' || echo 'no pod'
	done
}
{
	create cpu '"defaultRequest": {"cpu": "1"}'
	create requests '"defaultRequest": {"example.com/gpu": "1"}'
	create limits '"default": {"example.com/gpu": "1"}'
} | tee seen
diff seen - <<'SEEN'
201
201
201
"resources":{"requests":{"cpu":"1"}}
201
"resources":{"limits":{"cpu":"1","example.com/gpu":"2"},"requests":{"cpu":"1","example.com/gpu":"2"}}
201
201
422 Pod \"p\" is invalid: spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources
no pod
201
"resources":{"limits":{"cpu":"1","example.com/gpu":"2"},"requests":{"cpu":"1","example.com/gpu":"2"}}
201
201
201
"resources":{"limits":{"example.com/gpu":"1"},"requests":{"example.com/gpu":"1"}}
201
"resources":{"limits":{"cpu":"1","example.com/gpu":"2"},"requests":{"cpu":"1","example.com/gpu":"2"}}
SEEN
echo "as stated"
