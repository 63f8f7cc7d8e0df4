#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: a ResourceQuota, and objects whose creation is refused because they exist.
#
# One would guess: what is not created is not charged. `kubectl create` that ends in "already exists" costs nothing, however often.
#
# Seen: admission charges the quota before the object goes to the store, and nothing gives it back when that fails: each answer 409
# counts as one object more in `status.used`. Programs that create first and read on 409 ("create or get") so fill a quota with
# objects that nobody has, until the next answer is another: 403 "exceeded quota" where 409 was. Only the quota controller counts
# the objects themselves, when it gets to it; no controller runs here.
#
# So read first and create on 404 where a quota is near its limit, and do not take the 403 of a creation to mean that the object
# is not there.
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

{
	send POST "$namespace/resourcequotas" $json '{"metadata": {"name": "q"}, "spec": {"hard": {"count/configmaps": "3"}}}'
	# As the controller writes it: one ConfigMap is here.
	send POST "$namespace/configmaps" $json '{"metadata": {"name": "here"}}'
	send PATCH "$namespace/resourcequotas/q/status" $merge '{"status": {"hard": {"count/configmaps": "3"}, "used": {"count/configmaps": "1"}}}'
	for _ in 1 2 3; do
		send POST "$namespace/configmaps" $json '{"metadata": {"name": "here"}}'
		send GET "$namespace/resourcequotas/q"
		sed -n '/"used"/,/}/p' answer | tr -d ' \n' && echo
	done
} | tee seen
diff seen - <<'SEEN'
201
201
200
409 configmaps \"here\" already exists
200
"used":{"count/configmaps":"2"}
409 configmaps \"here\" already exists
200
"used":{"count/configmaps":"3"}
403 configmaps \"here\" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=3, limited: count/configmaps=3
200
"used":{"count/configmaps":"3"}
SEEN
echo "as stated"
