package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// informer is the cache of a kind.
type informer struct {
	kind string
	cache.SharedIndexInformer
	seen *seen
}

// mirror follows config maps, pods and widgets, and prints what it has whenever a line comes in.
func mirror(ctx context.Context, clients clients) error {
	typed := informers.NewSharedInformerFactoryWithOptions(clients.typed, 0, informers.WithNamespace(namespace))
	untyped := dynamicinformer.NewFilteredDynamicSharedInformerFactory(clients.dynamic, 0, namespace, nil)
	widgets := schema.GroupVersionResource{Group: "peers.example.com", Version: "v1", Resource: "widgets"}
	all := []informer{
		{"ConfigMap", typed.Core().V1().ConfigMaps().Informer(), newSeen()},
		{"Pod", typed.Core().V1().Pods().Informer(), newSeen()},
		{"Widget", untyped.ForResource(widgets).Informer(), newSeen()},
	}
	for _, one := range all {
		if _, err := one.AddEventHandler(one.seen.handler()); err != nil {
			return err
		}
	}
	typed.Start(ctx.Done())
	untyped.Start(ctx.Done())
	for _, one := range all {
		if !cache.WaitForCacheSync(ctx.Done(), one.HasSynced) {
			return fmt.Errorf("the cache of %s has not synced", one.kind)
		}
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]any{"ready": true}); err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for _, one := range all {
			if err := one.print(out); err != nil {
				return err
			}
		}
		if err := out.Encode(map[string]any{"end": true}); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (i informer) print(out *json.Encoder) error {
	i.seen.mutex.Lock()
	defer i.seen.mutex.Unlock()
	for _, object := range i.GetStore().List() {
		line := map[string]any{"kind": i.kind, "object": object}
		if counter := i.seen.counter(object); counter != nil {
			line["seen"] = *counter
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return out.Encode(map[string]any{"kind": i.kind, "counts": i.seen.counts})
}
