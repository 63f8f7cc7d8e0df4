// Measures client-go: bench-client-go ENCODING COMMAND NAMESPACE COUNT.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"
)

// report is the line that every peer prints.
type report struct {
	WallMs      float64 `json:"wall_ms"`
	Items       int     `json:"items"`
	LiveBytes   int64   `json:"live_bytes,omitempty"`
	Allocations uint64  `json:"allocations,omitempty"`
	P50Us       float64 `json:"p50_us,omitempty"`
	P99Us       float64 `json:"p99_us,omitempty"`
	PeakRssKib  uint64  `json:"peak_rss_kib,omitempty"`
	RssKib      uint64  `json:"rss_kib,omitempty"`
	Connections int     `json:"connections,omitempty"`
	CacheKib    uint64  `json:"cache_kib,omitempty"`
	RaisedKib   *uint64 `json:"raised_kib,omitempty"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 4 {
		return fmt.Errorf("ENCODING COMMAND NAMESPACE COUNT")
	}
	encoding, command, namespace := arguments[0], arguments[1], arguments[2]
	count, err := strconv.Atoi(arguments[3])
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	// The limit of five requests a second would be all that is measured.
	config.QPS = -1
	config.DisableCompression = command != "list-by-default"
	// Typed clients take protobuf unless they are told otherwise.
	if encoding == "json" {
		config.ContentType = "application/json"
		config.AcceptContentTypes = "application/json"
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	pods := client.CoreV1().Pods(namespace)
	ctx := context.Background()

	var kept []corev1.Pod
	var requests []time.Duration
	var watches []watch.Interface
	held := false
	var informer *podInformer
	var synced time.Time
	var result report
	var before runtime.MemStats
	countHeap := os.Getenv("BENCH_HEAP") != ""
	if countHeap {
		runtime.GC()
		runtime.ReadMemStats(&before)
	}
	resident := kibOf("VmRSS:")
	start := time.Now()
	switch command {
	case "list", "list-by-default":
		list, err := pods.List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		kept = list.Items
		result.Items = len(kept)
	case "list-without-managed-fields":
		options := metav1.ListOptions{Limit: 500}
		for {
			page, err := pods.List(ctx, options)
			if err != nil {
				return err
			}
			for i := range page.Items {
				page.Items[i].ManagedFields = nil
			}
			kept = append(kept, page.Items...)
			if options.Continue = page.Continue; options.Continue == "" {
				break
			}
		}
		result.Items = len(kept)
	case "watch":
		events, err := pods.Watch(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			return err
		}
		for range events.ResultChan() {
			if result.Items++; result.Items == count {
				break
			}
		}
	case "get":
		for range count {
			start := time.Now()
			if _, err := pods.Get(ctx, "web-0", metav1.GetOptions{}); err != nil {
				return err
			}
			requests = append(requests, time.Since(start))
		}
		result.Items = count
	case "get-64":
		var group sync.WaitGroup
		failures := make(chan error, 64)
		for task := range 64 {
			group.Add(1)
			go func() {
				defer group.Done()
				for i := task; i < count; i += 64 {
					if _, err := pods.Get(ctx, "web-0", metav1.GetOptions{}); err != nil {
						failures <- err
						return
					}
				}
			}()
		}
		group.Wait()
		select {
		case err := <-failures:
			return err
		default:
		}
		result.Items = count
		held = true
	case "watch-idle":
		for range count {
			idle, err := pods.Watch(ctx, metav1.ListOptions{LabelSelector: "bench=none", ResourceVersion: "0"})
			if err != nil {
				return err
			}
			watches = append(watches, idle)
		}
		time.Sleep(5 * time.Second)
		result.Items = len(watches)
		held = true
	case "cache", "cache-reads", "relist":
		if informer, err = newPodInformer(client, namespace); err != nil {
			return err
		}
		informer.fill(ctx)
		synced = time.Now()
		switch command {
		case "cache-reads":
			if requests, err = informer.reads(namespace, count); err != nil {
				return err
			}
		case "relist":
			time.Sleep(settle)
			result.CacheKib = kibOf("VmRSS:") - resident
			peak := kibOf("VmHWM:")
			informer.relist(count)
			raised := kibOf("VmHWM:") - peak
			result.RaisedKib = &raised
		}
		result.Items = len(informer.GetIndexer().ListKeys())
	// COUNT is in bytes from here on.
	case "exec-out":
		var stdout counter
		options := remotecommand.StreamOptions{Stdout: &stdout}
		if err := exec(ctx, config, client, namespace, options, "head", "-c", arguments[3], "/dev/zero"); err != nil {
			return err
		}
		result.Items = int(stdout)
	case "exec-in":
		// The number comes back only when all of it has gone through.
		var stdout strings.Builder
		options := remotecommand.StreamOptions{Stdin: io.LimitReader(zeros{}, int64(count)), Stdout: &stdout}
		script := fmt.Sprintf("head -c %d | wc -c", count)
		if err := exec(ctx, config, client, namespace, options, "sh", "-c", script); err != nil {
			return err
		}
		if result.Items, err = strconv.Atoi(strings.TrimSpace(stdout.String())); err != nil {
			return err
		}
	default:
		return fmt.Errorf("no such command: %s", command)
	}
	if synced.IsZero() {
		synced = time.Now()
	}
	result.WallMs = float64(synced.Sub(start).Microseconds()) / 1e3
	result.PeakRssKib = kibOf("VmHWM:")
	if held {
		result.RssKib, result.Connections = kibOf("VmRSS:"), connections()
	}
	runtime.KeepAlive(watches)
	if countHeap {
		var after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&after)
		result.LiveBytes = int64(after.HeapAlloc) - int64(before.HeapAlloc)
		result.Allocations = after.Mallocs - before.Mallocs
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(informer)
	if len(requests) > 0 {
		sort.Slice(requests, func(i, j int) bool { return requests[i] < requests[j] })
		at := func(share float64) float64 {
			return float64(requests[int(float64(len(requests)-1)*share)].Nanoseconds()) / 1e3
		}
		result.P50Us, result.P99Us = at(0.5), at(0.99)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// exec runs a command in the pod web-0, as kubectl does.
func exec(ctx context.Context, config *rest.Config, client *kubernetes.Clientset, namespace string,
	options remotecommand.StreamOptions, command ...string,
) error {
	request := client.CoreV1().RESTClient().Get().Resource("pods").Namespace(namespace).Name("web-0").SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: "web", Command: command, Stdin: options.Stdin != nil, Stdout: true}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	if err != nil {
		return err
	}
	return executor.StreamWithContext(ctx, options)
}

// counter counts what is written to it.
type counter int

func (seen *counter) Write(bytes []byte) (int, error) {
	*seen += counter(len(bytes))
	return len(bytes), nil
}

// zeros never end.
type zeros struct{}

func (zeros) Read(bytes []byte) (int, error) {
	clear(bytes)
	return len(bytes), nil
}

// kibOf is what Linux counts for this program alone: VmHWM: is the most memory that was resident at once, VmRSS: what is
// now.
func kibOf(field string) uint64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), field); found {
			kib, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kib
		}
	}
	return 0
}

// connections is how many TCP connections this program has open.
func connections() int {
	tcp := map[string]bool{}
	for _, path := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		table, _ := os.ReadFile(path)
		for _, line := range strings.Split(string(table), "\n") {
			if fields := strings.Fields(line); len(fields) > 9 {
				tcp["socket:["+fields[9]+"]"] = true
			}
		}
	}
	open := 0
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && tcp[target] {
			open++
		}
	}
	return open
}
