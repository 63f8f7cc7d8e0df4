package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

// density is how much of an object is filled.
type density struct {
	// How often a pointer, list or map is left out.
	absent float64
	// How long lists and maps are.
	fewest, most int
	// Whether every leaf stays at its zero value.
	zero bool
}

// densities take turns: some of it, all of it, little, nothing.
var densities = []density{
	{absent: 0.3, most: 2},
	{absent: 0, fewest: 1, most: 2},
	{absent: 0.8, most: 1},
	{absent: 1, zero: true},
}

// fill sets an object's fields, by chance: the same for the same kind and turn.
func fill(object runtime.Object, kind schema.GroupVersionKind, turn int) {
	density := densities[turn%len(densities)]
	filler := randfill.NewWithSeed(int64(turn)*7919+int64(len(kind.String()))).
		NilChance(density.absent).NumElements(density.fewest, density.most).MaxDepth(24).
		Funcs(leaves(density.zero)...).Funcs(special(density.zero)...).Funcs(schemas()...)
	filler.Fill(object)
	object.GetObjectKind().SetGroupVersionKind(kind)
}

// leaves fill Go's own types. Zeros come often, since they are what encoders leave out.
func leaves(zero bool) []any {
	return []any{
		func(value *string, random randfill.Continue) {
			switch {
			case zero || random.Intn(6) == 0:
				*value = ""
			case random.Intn(4) == 0:
				*value = "日本 ü\n\"quoted\" \u2028"
			default:
				*value = "s" + strconv.Itoa(int(random.Int31n(100000))) + strings.Repeat("x", random.Intn(30))
			}
		},
		func(value *bool, random randfill.Continue) { *value = !zero && random.Bool() },
		func(value *int32, random randfill.Continue) {
			if *value = 0; !zero && random.Intn(5) != 0 {
				*value = int32(random.Uint32())
			}
		},
		func(value *int64, random randfill.Continue) {
			if *value = 0; !zero && random.Intn(5) != 0 {
				*value = int64(random.Uint64())
			}
		},
		func(value *float64, random randfill.Continue) { *value = float64(random.Intn(1000)) / 8 },
	}
}

// special fills the types that write their own JSON or protobuf, with what they can hold.
func special(zero bool) []any {
	return []any{
		// The kind of the object itself is set afterwards; items of a list have none.
		func(*metav1.TypeMeta, randfill.Continue) {},
		func(value *metav1.Time, random randfill.Continue) {
			if *value = (metav1.Time{}); !zero && random.Intn(4) != 0 {
				value.Time = time.Unix(random.Int63n(4e9)-1e9, 0)
			}
		},
		func(value *metav1.MicroTime, random randfill.Continue) {
			if *value = (metav1.MicroTime{}); !zero && random.Intn(4) != 0 {
				value.Time = time.Unix(random.Int63n(4e9)-1e9, random.Int63n(1e6)*1000)
			}
		},
		func(value *resource.Quantity, random randfill.Continue) {
			formats := []resource.Format{resource.BinarySI, resource.DecimalSI, resource.DecimalExponent}
			if !zero {
				*value = *resource.NewQuantity(random.Int63n(1e12)-1e6, formats[random.Intn(len(formats))])
			}
		},
		func(value *intstr.IntOrString, random randfill.Continue) {
			switch {
			case zero:
			case random.Bool():
				*value = intstr.FromInt32(random.Int31())
			default:
				*value = intstr.FromString(random.String(8))
			}
		},
		func(value *runtime.RawExtension, random randfill.Continue) {
			if !zero && random.Intn(4) != 0 {
				value.Raw = fmt.Appendf(nil, `{"apiVersion":"v1","kind":"X","n":%d,"s":"é"}`, random.Int63())
			}
		},
		func(value *metav1.FieldsV1, random randfill.Continue) {
			// The way that is the same in every minor; it fails only for what is no JSON.
			_ = value.UnmarshalJSON(fmt.Appendf(nil, `{"f:x%d":{".":{}}}`, random.Int31()))
		},
		func(value *apiextensionsv1.JSON, random randfill.Continue) { value.Raw = anyJSON(random) },
		func(value *apiextensionsv1beta1.JSON, random randfill.Continue) { value.Raw = anyJSON(random) },
	}
}

func anyJSON(random randfill.Continue) []byte {
	return []byte([]string{`{"a":[1,2.5]}`, `true`, `"x"`, `3`}[random.Intn(4)])
}

// schemas fill what CustomResourceDefinitions nest within themselves, a few levels deep.
func schemas() []any {
	depth := 0
	limited := func(random randfill.Continue, value any) {
		if depth >= 3 || (depth > 0 && random.Intn(3) != 0) {
			return
		}
		depth++
		random.FillNoCustom(value)
		depth--
	}
	return []any{
		func(value *apiextensionsv1.JSONSchemaProps, random randfill.Continue) { limited(random, value) },
		func(value *apiextensionsv1beta1.JSONSchemaProps, random randfill.Continue) { limited(random, value) },
		func(value *apiextensionsv1.JSONSchemaPropsOrBool, random randfill.Continue) {
			if value.Allows = random.Bool(); value.Allows {
				value.Schema = filled[apiextensionsv1.JSONSchemaProps](random)
			}
		},
		func(value *apiextensionsv1beta1.JSONSchemaPropsOrBool, random randfill.Continue) {
			if value.Allows = random.Bool(); value.Allows {
				value.Schema = filled[apiextensionsv1beta1.JSONSchemaProps](random)
			}
		},
		func(value *apiextensionsv1.JSONSchemaPropsOrArray, random randfill.Continue) {
			if random.Bool() {
				value.Schema = filled[apiextensionsv1.JSONSchemaProps](random)
				return
			}
			for range 1 + random.Intn(2) {
				value.JSONSchemas = append(value.JSONSchemas, *filled[apiextensionsv1.JSONSchemaProps](random))
			}
		},
		func(value *apiextensionsv1beta1.JSONSchemaPropsOrArray, random randfill.Continue) {
			value.Schema = filled[apiextensionsv1beta1.JSONSchemaProps](random)
		},
		func(value *apiextensionsv1.JSONSchemaPropsOrStringArray, random randfill.Continue) {
			if random.Bool() {
				value.Schema = filled[apiextensionsv1.JSONSchemaProps](random)
				return
			}
			value.Property = []string{"a", random.String(5)}
		},
		func(value *apiextensionsv1beta1.JSONSchemaPropsOrStringArray, random randfill.Continue) {
			value.Property = []string{"a", random.String(5)}
		},
	}
}

func filled[T any](random randfill.Continue) *T {
	value := new(T)
	random.Fill(value)
	return value
}
