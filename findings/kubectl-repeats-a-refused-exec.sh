#!/usr/bin/env bash
# k8s.io/kubectl v0.37.1 (Go): what `kubectl exec` does where the server refuses its WebSocket with an ordinary error.
#
# One would guess: an answer such as 403 or 501 with a Status says what is wrong, so kubectl prints it. SPDY is for old servers, which
# don't know WebSockets.
#
# Seen: any answer but 101 counts as a failed upgrade. The request is sent again, as a POST for SPDY, and only what that one is answered
# is printed. The first answer, and the message in it, is seen by nobody.
#
# So a server, proxy or policy that refuses WebSockets gets each exec twice, with two verbs (get and create), and has to explain itself
# in the answer to the second.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/kubectl v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"

	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/cmd/exec"
)

func main() {
	for _, code := range []int{http.StatusForbidden, http.StatusNotImplemented} {
		refused(code)
	}
}

// refused runs a command where the server refuses each request, and says which one in its message.
func refused(code int) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		fmt.Printf("%s, upgrade to %s: %d\n", r.Method, r.Header.Get("Upgrade"), code)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]any{
			"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code,
			"message": fmt.Sprintf("the answer to request %d", requests),
		})
	}))
	defer server.Close()
	address, _ := url.Parse(server.URL + "/api/v1/namespaces/default/pods/web/exec?command=date&stdout=true")
	err := (&exec.DefaultRemoteExecutor{}).Execute(address, &rest.Config{Host: server.URL}, nil, io.Discard, io.Discard, false, nil)
	fmt.Println("error:", err)
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
GET, upgrade to websocket: 403
POST, upgrade to SPDY/3.1: 403
error: unable to upgrade connection: the answer to request 2
GET, upgrade to websocket: 501
POST, upgrade to SPDY/3.1: 501
error: unable to upgrade connection: the answer to request 2
SEEN
echo "as stated"
