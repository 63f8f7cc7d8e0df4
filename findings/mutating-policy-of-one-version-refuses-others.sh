#!/usr/bin/env bash
# k8s.io/kubernetes v1.37.1 (Go), its kube-apiserver: a MutatingAdmissionPolicy whose rule names one version of a built-in kind, with
# `matchPolicy: Equivalent` (the default), and requests in another version of that kind.
#
# One would guess: as with mutating webhooks and with ValidatingAdmissionPolicies, the object is converted to the version of the rule for the
# policy, and what that makes of it is converted back. That is what Equivalent is for.
#
# Seen: a policy for autoscaling/v2 labels autoscalers that are created in v2. Those of autoscaling/v1 are refused with 403, since
# the server knows no conversion between two versions of a built-in kind here; with `failurePolicy: Ignore` they are created without
# the label, and nobody is told. A ValidatingAdmissionPolicy with the same rule sees both in v2. `apiVersions: ["*"]` has the policy
# applied to each in its own version.
#
# So a policy that works with `kubectl create` may refuse, or pass over, what an older client writes.
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
	echo "$code$(sed -n 's/^  "message": "\(.*\)",$/ \1/p' answer | cut -c1-200)"
}
touch answer
namespace=/api/v1/namespaces/default
for _ in $(seq 120); do [[ $(send GET "$namespace") == 200 ]] && break || sleep 1; done

json=application/json policies=/apis/admissionregistration.k8s.io/v1 autoscalers=/namespaces/default/horizontalpodautoscalers
label='[{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{metadata: Object.metadata{labels: {\"seen\": \"yes\"}}}"}}]'

# try NAME SORT FAILURE-POLICY VERSIONS REST: two autoscalers are created in autoscaling/v2 and autoscaling/v1 while there is a policy.
try() {
	local name=$1 sort=$2 failure=$3 versions=$4 rest=$5
	send POST "$policies/${sort}admissionpolicies" $json "{\"metadata\": {\"name\": \"$name\"}, \"spec\": {\"failurePolicy\": \"$failure\", \"matchConstraints\": {\"matchPolicy\": \"Equivalent\", \"resourceRules\": [{\"apiGroups\": [\"autoscaling\"], \"apiVersions\": [\"$versions\"], \"operations\": [\"CREATE\"], \"resources\": [\"horizontalpodautoscalers\"]}]}, $rest}}" >made
	send POST "$policies/${sort}admissionpolicybindings" $json "{\"metadata\": {\"name\": \"$name\"}, \"spec\": {\"policyName\": \"$name\"$([[ $sort != validating ]] || echo ', "validationActions": ["Deny"]')}}" >bound
	sleep 5 # Until it is in force.
	for version in v2 v1; do
		local code
		code=$(send POST /apis/autoscaling/$version$autoscalers $json "{\"metadata\": {\"name\": \"$name-$version\"}, \"spec\": {\"maxReplicas\": 3, \"scaleTargetRef\": {\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"name\": \"web\"}}}")
		[[ $name != refuse ]] || code=${code%% *}
		echo "$name $version: $code$(grep -q '"seen": "yes"' answer && echo ' labelled' || true)"
	done
	send DELETE "$policies/${sort}admissionpolicybindings/$name" >gone
	send DELETE "$policies/${sort}admissionpolicies/$name" >gone
	sleep 5
}
{
	try none mutating Fail v3 "\"reinvocationPolicy\": \"Never\", \"mutations\": $label"
	try fail mutating Fail v2 "\"reinvocationPolicy\": \"Never\", \"mutations\": $label"
	try ignore mutating Ignore v2 "\"reinvocationPolicy\": \"Never\", \"mutations\": $label"
	try all mutating Fail '*' "\"reinvocationPolicy\": \"Never\", \"mutations\": $label"
	try check validating Fail v2 '"validations": [{"expression": "object.apiVersion == \"autoscaling/v2\""}]'
	try refuse validating Fail v2 '"validations": [{"expression": "object.apiVersion != \"autoscaling/v2\"", "message": "it is v2"}]'
} | tee seen
diff seen - <<'SEEN'
none v2: 201
none v1: 201
fail v2: 201 labelled
fail v1: 403 policy 'fail' with binding 'fail' denied request: converting (v2.HorizontalPodAutoscaler) to (v1.HorizontalPodAutoscaler): unknown conversion
ignore v2: 201 labelled
ignore v1: 201
all v2: 201 labelled
all v1: 201 labelled
check v2: 201
check v1: 201
refuse v2: 422
refuse v1: 422
SEEN
echo "as stated"
