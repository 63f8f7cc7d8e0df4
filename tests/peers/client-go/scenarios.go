package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
)

// injectedPod is what client-go shows with its fake clientset: an informer gets a pod that somebody creates. The pod is created
// as soon as the informer has synced, whether its watch is open yet or not.
func injectedPod(ctx context.Context, clients clients) error {
	pods := make(chan *corev1.Pod, 1)
	factory := informers.NewSharedInformerFactory(clients.typed, 0)
	informer := factory.Core().V1().Pods().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(object any) { pods <- object.(*corev1.Pod) }})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the cache has not synced")
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: podSpec()}
	if _, err := clients.typed.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		return err
	}
	select {
	case pod := <-pods:
		if pod.Name != "web" || pod.ResourceVersion == "" {
			return fmt.Errorf("%s %q came", pod.Name, pod.ResourceVersion)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the informer got no pod")
	}
}

func podSpec() corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.31"}}}
}

// deployment creates, changes, lists and deletes one. The test makes the first update conflict.
func deployment(ctx context.Context, clients clients) error {
	deployments := clients.typed.AppsV1().Deployments(namespace)
	labels := map[string]string{"app": "web"}
	replicas := int32(2)
	created, err := deployments.Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec()},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if created.Spec.Strategy.RollingUpdate == nil || *created.Spec.RevisionHistoryLimit != 10 {
		return fmt.Errorf("there are no defaults in %v", created.Spec)
	}
	attempts := 0
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		attempts++
		current, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		*current.Spec.Replicas = 1
		current.Spec.Template.Spec.Containers[0].Image = "nginx:1.30"
		_, err = deployments.Update(ctx, current, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return err
	}
	if attempts != 2 {
		return fmt.Errorf("there were %d attempts", attempts)
	}
	scale, err := deployments.GetScale(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	scale.Spec.Replicas = 4
	if scale, err = deployments.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{}); err != nil {
		return err
	}
	list, err := deployments.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if len(list.Items) != 1 || *list.Items[0].Spec.Replicas != 4 || list.Items[0].Generation != 3 {
		return fmt.Errorf("%v are listed", list.Items)
	}
	policy := metav1.DeletePropagationBackground
	if err := deployments.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &policy}); err != nil {
		return err
	}
	if _, err := deployments.Get(ctx, "web", metav1.GetOptions{}); !errors.IsNotFound(err) {
		return fmt.Errorf("it is still there: %v", err)
	}
	return nil
}

// dynamicDeployment does some of that without the types.
func dynamicDeployment(ctx context.Context, clients clients) error {
	deployments := clients.dynamic.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"})
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{
			"replicas": int64(2),
			"selector": map[string]any{"matchLabels": map[string]any{"app": "web"}},
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{"app": "web"}},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "web", "image": "nginx:1.31"}}},
			},
		},
	}}
	created, err := deployments.Namespace(namespace).Create(ctx, object, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if err := unstructured.SetNestedField(created.Object, int64(3), "spec", "replicas"); err != nil {
		return err
	}
	if _, err := deployments.Namespace(namespace).Update(ctx, created, metav1.UpdateOptions{}); err != nil {
		return err
	}
	// The version of what was created is no longer the present one.
	if _, err := deployments.Namespace(namespace).Update(ctx, created, metav1.UpdateOptions{}); !errors.IsConflict(err) {
		return fmt.Errorf("there was no conflict: %v", err)
	}
	list, err := deployments.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	replicas, found, err := unstructured.NestedInt64(list.Items[0].Object, "spec", "replicas")
	if err != nil || !found || replicas != 3 {
		return fmt.Errorf("there are %d replicas: %v", replicas, err)
	}
	return deployments.Namespace(namespace).Delete(ctx, "web", metav1.DeleteOptions{})
}

// apply has two managers of a config map, of which one is in conflict.
func apply(ctx context.Context, clients clients) error {
	configMaps := clients.typed.CoreV1().ConfigMaps(namespace)
	wanted := func(color string) *applycorev1.ConfigMapApplyConfiguration {
		return applycorev1.ConfigMap("settings", namespace).WithData(map[string]string{"color": color})
	}
	if _, err := configMaps.Apply(ctx, wanted("red"), metav1.ApplyOptions{FieldManager: "one"}); err != nil {
		return err
	}
	_, err := configMaps.Apply(ctx, wanted("blue"), metav1.ApplyOptions{FieldManager: "two"})
	if !errors.IsConflict(err) || !errors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict) {
		return fmt.Errorf("there was no conflict: %v", err)
	}
	forced, err := configMaps.Apply(ctx, wanted("blue"), metav1.ApplyOptions{FieldManager: "two", Force: true})
	if err != nil {
		return err
	}
	// What two owns, as it would apply it again.
	owned, err := applycorev1.ExtractConfigMap(forced, "two")
	if err != nil {
		return err
	}
	if owned.Data["color"] != "blue" {
		return fmt.Errorf("two owns %v", owned.Data)
	}
	return nil
}

// election leads by a lease, and releases it.
func election(ctx context.Context, clients clients) error {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: namespace},
		Client:     clients.typed.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: "peer"},
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	led := false
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true,
		LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) {
				led = true
				cancel()
			},
			OnStoppedLeading: func() {},
		},
	})
	lease, err := clients.typed.CoordinationV1().Leases(namespace).Get(context.Background(), "leader", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if !led || lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity != "" {
		return fmt.Errorf("it has led: %t, and the lease is %v", led, lease.Spec)
	}
	return nil
}
