// client-go as a client of the fake API server: `peer-client-go COMMAND`, with the server of $KUBECONFIG.
//
// A scenario ends with an error if an answer is not as it should be.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// namespace is where everything is.
const namespace = "default"

// clients of the server: the typed one sends and receives protobuf, as those of Kubernetes' own components do.
type clients struct {
	typed   kubernetes.Interface
	dynamic dynamic.Interface
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("a command is missing")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	clients, err := newClients(config)
	if err != nil {
		return err
	}
	if os.Args[1] == "mirror" {
		return mirror(context.Background(), clients)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch os.Args[1] {
	case "injected-pod":
		return injectedPod(ctx, clients)
	case "deployment":
		return deployment(ctx, clients)
	case "dynamic":
		return dynamicDeployment(ctx, clients)
	case "apply":
		return apply(ctx, clients)
	case "election":
		return election(ctx, clients)
	}
	return fmt.Errorf("no such command: %s", os.Args[1])
}

func newClients(config *rest.Config) (clients, error) {
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return clients{}, err
	}
	protobuf := rest.CopyConfig(config)
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	typed, err := kubernetes.NewForConfig(protobuf)
	return clients{typed: typed, dynamic: untyped}, err
}
