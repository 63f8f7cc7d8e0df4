package main

import (
	"reflect"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestACommentSaysThatItsOwnThingIsDeprecated(t *testing.T) {
	for text, want := range map[string]bool{
		"Deprecated: use other instead.":                               true,
		"It does this. Deprecated: use other instead.":                 true,
		"It does this.\n\nDEPRECATED: it is gone.":                     true,
		"DEPRECATED 1.9 - This version is deprecated by another.":      true,
		"Deprecated. Not all kubelets set it.":                         true,
		"Roles. Deprecated in v1.17 in favor of v1.":                   true,
		"It holds a source. This API is deprecated since 1.22":         true,
		"It is never populated, and now is deprecated.":                true,
		"Valid options are Retain, Delete, and Recycle (deprecated).":  false,
		"This replaces the deprecated `kubernetes.io/ingress.class`.":  false,
		"It counts what other, deprecated fields count.":               false,
		"deprecatedCount is the deprecated field of an older version.": false,
	} {
		if got := isDeprecated.MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestFieldsOfInlinedStructsAreTheirOwners(t *testing.T) {
	_, fields := deprecated(reflect.TypeFor[corev1.Volume]())
	if !slices.Contains(fields, "gitRepo") || slices.Contains(fields, "emptyDir") {
		t.Errorf("%v", fields)
	}
}

func TestKindsTellWhenTheyEnd(t *testing.T) {
	told := lifecycle(reflect.TypeFor[corev1.Endpoints]())
	if told == nil || *told != (Lifecycle{Deprecated: "1.33", Replacement: "discovery.k8s.io/v1 EndpointSlice"}) {
		t.Errorf("%+v", told)
	}
	if told := lifecycle(reflect.TypeFor[corev1.Pod]()); told != nil {
		t.Errorf("%+v", told)
	}
}
