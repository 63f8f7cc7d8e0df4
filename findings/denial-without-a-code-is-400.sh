#!/usr/bin/env bash
# k8s.io/apiserver v0.37.1 (Go): what becomes of the answer of an admission webhook that denies a request.
#
# One would guess: a request that a webhook denies is answered with 403 Forbidden, as one that RBAC denies; or at least the
# code follows the reason that the webhook gives.
#
# Seen: the code is the webhook's own, and 400 if it gave none. A denial with the reason `Forbidden` and no code is answered
# with HTTP 400 and `"reason": "Forbidden"`, so that those who look at the HTTP code see a bad request, and those who look at
# the reason, as client-go does, see one that is forbidden. A denial with nothing else is 400 without a reason.
#
# So a webhook should always send a code with its denial, and a client should tell denials by the message's
# `admission webhook "NAME" denied the request`, not by the code.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require (
	k8s.io/apimachinery v0.37.1
	k8s.io/apiserver v0.37.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	webhook "k8s.io/apiserver/pkg/admission/plugin/webhook/errors"
)

func main() {
	for _, given := range []*metav1.Status{
		nil,
		{Message: "no"},
		{Reason: metav1.StatusReasonForbidden, Message: "no"},
		{Reason: metav1.StatusReasonForbidden, Message: "no", Code: 200},
		{Code: 403, Message: "no"},
	} {
		answer := webhook.ToStatusErr("policy.example.com", given)
		status := answer.ErrStatus
		fmt.Printf("%d %q forbidden=%t %s\n", status.Code, status.Reason, apierrors.IsForbidden(answer), status.Message)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
400 "" forbidden=false admission webhook "policy.example.com" denied the request without explanation
400 "" forbidden=false admission webhook "policy.example.com" denied the request: no
400 "Forbidden" forbidden=true admission webhook "policy.example.com" denied the request: no
400 "Forbidden" forbidden=true admission webhook "policy.example.com" denied the request: no
403 "" forbidden=true admission webhook "policy.example.com" denied the request: no
SEEN
echo "as stated"
