package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// settle is how long a program rests before its memory is read, so that all that it still had to do is done.
const settle = time.Second

// podInformer is an informer of the pods of a namespace, without their managedFields. It is as those of the factory are, and can
// be told that the version of its watch has expired.
type podInformer struct {
	cache.SharedIndexInformer
	// seen is how many objects came.
	seen   atomic.Int64
	expire chan struct{}
}

func newPodInformer(client kubernetes.Interface, namespace string) (*podInformer, error) {
	pods := client.CoreV1().Pods(namespace)
	informer := &podInformer{expire: make(chan struct{}, 1)}
	lists := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return pods.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			events, err := pods.Watch(ctx, options)
			if err != nil {
				return nil, err
			}
			return informer.expiring(events), nil
		},
	}
	informer.SharedIndexInformer = cache.NewSharedIndexInformer(
		cache.ToListWatcherWithWatchListSemantics(lists, client), &corev1.Pod{}, 0,
		cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	err := informer.SetTransform(func(object any) (any, error) {
		if accessor, err := meta.Accessor(object); err == nil {
			accessor.SetManagedFields(nil)
		}
		informer.seen.Add(1)
		return object, nil
	})
	return informer, err
}

// expiring passes events on, until the informer is told that their version has expired.
func (informer *podInformer) expiring(events watch.Interface) watch.Interface {
	passed := make(chan watch.Event)
	proxy := watch.NewProxyWatcher(passed)
	go func() {
		defer events.Stop()
		defer close(passed)
		for {
			var event watch.Event
			open := true
			select {
			case event, open = <-events.ResultChan():
			case <-informer.expire:
				event = watch.Event{Type: watch.Error, Object: &metav1.Status{
					Status: metav1.StatusFailure, Code: http.StatusGone, Reason: metav1.StatusReasonExpired}}
			case <-proxy.StopChan():
				return
			}
			if !open {
				return
			}
			select {
			case passed <- event:
			case <-proxy.StopChan():
				return
			}
		}
	}()
	return proxy
}

// fill starts it, and waits until it has everything.
func (informer *podInformer) fill(ctx context.Context) {
	go informer.RunWithContext(ctx)
	<-informer.HasSyncedChecker().Done()
}

// relist has everything listed again, as after 410, and waits until it has.
func (informer *podInformer) relist(count int) {
	informer.expire <- struct{}{}
	for informer.seen.Load() < int64(2*count) {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(settle)
}

// reads reads each pod once, and returns how long each took.
func (informer *podInformer) reads(namespace string, count int) ([]time.Duration, error) {
	keys := make([]string, count)
	for i := range keys {
		keys[i] = fmt.Sprintf("%s/web-%d", namespace, i*7919%count)
	}
	times := make([]time.Duration, 0, count)
	for _, key := range keys {
		start := time.Now()
		_, exists, err := informer.GetIndexer().GetByKey(key)
		times = append(times, time.Since(start))
		if err != nil || !exists {
			return nil, fmt.Errorf("%s is missing: %w", key, err)
		}
	}
	return times, nil
}
