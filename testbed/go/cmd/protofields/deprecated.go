package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Lifecycle says how long a kind is served, if its end is known. See
// https://kubernetes.io/docs/reference/using-api/deprecation-policy/.
type Lifecycle struct {
	// Deprecated is the minor that deprecates the kind: "1.35". It may be to come.
	Deprecated string `json:"deprecated"`
	// Removed is the first minor that is not to serve it any more.
	Removed string `json:"removed,omitempty"`
	// Replacement is the kind to use instead: "apps/v1 Deployment".
	Replacement string `json:"replacement,omitempty"`
}

// lifecycle asks a type for its lifecycle.
func lifecycle(goType reflect.Type) *Lifecycle {
	object := reflect.New(goType).Interface()
	ends, ok := object.(interface{ APILifecycleDeprecated() (int, int) })
	if !ok {
		return nil
	}
	told := Lifecycle{Deprecated: minor(ends.APILifecycleDeprecated())}
	if object, ok := object.(interface{ APILifecycleRemoved() (int, int) }); ok {
		told.Removed = minor(object.APILifecycleRemoved())
	}
	if object, ok := object.(interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}); ok {
		kind := object.APILifecycleReplacement()
		told.Replacement = kind.GroupVersion().String() + " " + kind.Kind
	}
	return &told
}

func minor(major, minor int) string {
	return fmt.Sprintf("%d.%d", major, minor)
}

// isDeprecated matches a comment that says so of what it is about: at its start or at
// that of a sentence, as Go's convention has it (https://go.dev/wiki/Deprecated), or
// by calling itself "this". One that mentions something else which is deprecated does
// not match.
var isDeprecated = regexp.MustCompile(
	`(^|[.)\n] *|  )(Deprecated|DEPRECATED)( *[:.-]| in v?1\.| 1\.)` +
		`|[Tt]his (field|API|feature|type|value) (is|was|has been) (now )?deprecated` +
		`|[,;] (and )?now is deprecated|should be considered as deprecated`)

// deprecated tells, by the comments of a type, whether it is deprecated, and which of
// its fields are, by their JSON names; those of structs that JSON shows inline are its.
func deprecated(goType reflect.Type) (whole bool, fields []string) {
	if goType.Kind() != reflect.Struct {
		return false, nil
	}
	for i := range goType.NumField() {
		goField := goType.Field(i)
		if name, ok := jsonName(goField); ok && goField.Anonymous && name == "" {
			_, inner := deprecated(element(goField.Type))
			fields = append(fields, inner...)
		}
	}
	documented, ok := reflect.New(goType).Interface().(interface{ SwaggerDoc() map[string]string })
	if !ok {
		return false, fields
	}
	for name, text := range documented.SwaggerDoc() {
		switch {
		case !isDeprecated.MatchString(text):
		case name == "":
			whole = true
		default:
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return whole, slices.Compact(fields)
}
