// Measures controller-runtime: bench-controller-runtime COMMAND NAMESPACE COUNT.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// How long the program rests before it is ready, and how long it is observed when idle.
const (
	rest = time.Second
	idle = 30 * time.Second
)

// kinds are those of the idle program.
var kinds = []client.Object{
	&corev1.Pod{}, &corev1.Service{}, &corev1.ConfigMap{}, &corev1.Secret{}, &corev1.ServiceAccount{}, &corev1.Namespace{},
	&corev1.PersistentVolume{}, &corev1.PersistentVolumeClaim{}, &corev1.ReplicationController{}, &corev1.ResourceQuota{},
	&corev1.LimitRange{}, &appsv1.Deployment{}, &appsv1.ReplicaSet{}, &appsv1.StatefulSet{}, &appsv1.DaemonSet{}, &batchv1.Job{},
	&batchv1.CronJob{}, &networkingv1.Ingress{}, &networkingv1.NetworkPolicy{}, &policyv1.PodDisruptionBudget{},
}

// report is the line that every peer prints.
type report struct {
	WallMs      float64 `json:"wall_ms"`
	Items       int     `json:"items"`
	P50Us       float64 `json:"p50_us,omitempty"`
	P99Us       float64 `json:"p99_us,omitempty"`
	IdlePercent float64 `json:"idle_percent,omitempty"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("COMMAND NAMESPACE COUNT")
	}
	command, namespace := arguments[0], arguments[1]
	count, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	config.DisableCompression = true
	options := ctrl.Options{Logger: logr.Discard(), Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0"}
	if command == "reconcile" {
		options.Cache.DefaultNamespaces = map[string]cache.Config{namespace: {}}
	}
	ctrl.SetLogger(logr.Discard())
	manager, err := ctrl.NewManager(config, options)
	if err != nil {
		return err
	}
	var result report
	start := time.Now()
	switch command {
	case "reconcile":
		started := newLatencies(count)
		// As the others: 10 at a time.
		err := ctrl.NewControllerManagedBy(manager).For(&corev1.Pod{}).
			WithOptions(controller.Options{MaxConcurrentReconciles: 10}).
			Complete(reconcile.Func(func(_ context.Context, request reconcile.Request) (reconcile.Result, error) {
				return reconcile.Result{}, started.now(request.Name)
			}))
		if err != nil {
			return err
		}
		if err := begin(manager); err != nil {
			return err
		}
		time.Sleep(rest)
		fmt.Println("ready")
		<-started.all
		times := started.times
		sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
		at := func(share float64) float64 {
			return float64(times[int(float64(len(times)-1)*share)].Nanoseconds()) / 1e3
		}
		result.Items, result.P50Us, result.P99Us = len(times), at(0.5), at(0.99)
	case "idle":
		for _, kind := range kinds {
			nothing := func(context.Context, reconcile.Request) (reconcile.Result, error) { return reconcile.Result{}, nil }
			if err := ctrl.NewControllerManagedBy(manager).For(kind).Complete(reconcile.Func(nothing)); err != nil {
				return err
			}
		}
		if err := begin(manager); err != nil {
			return err
		}
		time.Sleep(5 * time.Second)
		before, begun := processorTime(), time.Now()
		time.Sleep(idle)
		result.IdlePercent = (processorTime() - before).Seconds() / time.Since(begun).Seconds() * 100
		result.Items = len(kinds)
	default:
		return fmt.Errorf("no such command: %s", command)
	}
	result.WallMs = float64(time.Since(start).Microseconds()) / 1e3
	return json.NewEncoder(os.Stdout).Encode(result)
}

// begin runs the controllers, and waits until the caches are filled.
func begin(manager ctrl.Manager) error {
	ctx := context.Background()
	go func() {
		if err := manager.Start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}()
	if !manager.GetCache().WaitForCacheSync(ctx) {
		return fmt.Errorf("the caches are not filled")
	}
	return nil
}

// latencies is when reconciles start, after the pod was created whose name has that time.
type latencies struct {
	lock  sync.Mutex
	count int
	times []time.Duration
	all   chan struct{}
}

func newLatencies(count int) *latencies {
	return &latencies{count: count, times: make([]time.Duration, 0, count), all: make(chan struct{})}
}

// now is called when one starts, of a pod whose name ends with the time at which it was created, in ns.
func (latencies *latencies) now(pod string) error {
	nanoseconds, err := strconv.ParseInt(pod[strings.LastIndex(pod, "-")+1:], 10, 64)
	if err != nil {
		return err
	}
	late := time.Duration(time.Now().UnixNano() - nanoseconds)
	latencies.lock.Lock()
	defer latencies.lock.Unlock()
	latencies.times = append(latencies.times, late)
	if len(latencies.times) == latencies.count {
		close(latencies.all)
	}
	return nil
}

// processorTime is that of this program until now, its own and the kernel's for it.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
