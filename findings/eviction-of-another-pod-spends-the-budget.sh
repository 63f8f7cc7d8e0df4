#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: an Eviction with `deleteOptions.preconditions.uid` of a pod that has been
# replaced by another of the same name.
#
# One would guess: the precondition is there to be safe. It fails, with 409, and nothing has changed.
#
# Seen: the PodDisruptionBudget is changed before the precondition is checked, and stays changed: `disruptionsAllowed` is one
# less, and `disruptedPods` names the pod, which runs on. Every other eviction of the budget's pods is refused (429) until the disruption
# controller counts again (no controller runs here).
#
# So what drains nodes compares the uid itself before it evicts, and waits after a 409 as after an eviction.
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

budget=/apis/policy/v1/namespaces/default/poddisruptionbudgets
show() {
	send GET "$budget/b"
	grep -o '"disruptionsAllowed": [0-9]*' answer
	sed -n '/"disruptedPods"/,/}/p' answer | grep -o '"[a-z]":' || echo 'no pod is disrupted'
}
{
	for name in a b; do
		send POST "$namespace/pods" $json '{"metadata": {"name": "'$name'", "labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}'
		send PATCH "$namespace/pods/$name/status" $merge '{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}'
	done
	send POST "$budget" $json '{"metadata": {"name": "b"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}}'
	# As the controller writes it.
	send PATCH "$budget/b/status" $merge '{"status": {"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}}'
	show
	send POST "$namespace/pods/a/eviction" $json '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}, "deleteOptions": {"preconditions": {"uid": "of-the-pod-before"}}}' | sed 's/ in record.*//'
	show
	send POST "$namespace/pods/b/eviction" $json '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "b"}}'
	send GET "$namespace/pods/a"
} | tee seen
diff seen - <<'SEEN'
201
200
201
200
201
200
200
"disruptionsAllowed": 1
no pod is disrupted
409 Operation cannot be fulfilled on Pod \"a\": the UID in the precondition (of-the-pod-before) does not match the UID
200
"disruptionsAllowed": 0
"a":
429 Cannot evict pod as it would violate the pod's disruption budget.
200
SEEN
echo "as stated"
