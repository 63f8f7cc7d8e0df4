#!/usr/bin/env bash
# k8s.io/client-go v0.37.1 (Go): how a WebSocket of exec has to end for the command to count as done.
#
# One would guess: the Status on the error channel says how the command ended, so what comes after it does not matter. By RFC 6455 a
# Close frame need not have a code.
#
# Seen: with a Close of code 1000 (normal) the command is done, as its Status says. With a Close that has no code the same Status
# "Success" ends in an error.
#
# So a server or proxy that closes with an empty Close frame lets each command of `kubectl exec` fail after it succeeded.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

cat > go.mod <<'MOD'
module finding
go 1.26
require k8s.io/client-go v0.37.1
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gorilla/websocket"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

func main() {
	ended("code 1000", websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	ended("no code", nil)
}

func ended(how string, last []byte) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer peer.Close()
		peer.WriteMessage(websocket.BinaryMessage, append([]byte{1}, "out"...))
		peer.WriteMessage(websocket.BinaryMessage, append([]byte{3}, `{"status":"Success"}`...))
		peer.WriteMessage(websocket.CloseMessage, last)
		for {
			if _, _, err := peer.ReadMessage(); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	executor, err := remotecommand.NewWebSocketExecutor(&rest.Config{Host: server.URL}, "GET", server.URL)
	if err != nil {
		panic(err)
	}
	err = executor.StreamWithContext(context.Background(), remotecommand.StreamOptions{Stdout: io.Discard})
	fmt.Printf("%s: %v\n", how, err)
}
GO
go mod tidy >/dev/null 2>&1
go run . | tee seen
diff seen - <<'SEEN'
code 1000: <nil>
no code: error reading from error stream: next reader: websocket: close 1005 (no status)
SEEN
echo "as stated"
