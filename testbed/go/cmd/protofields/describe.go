package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/scheme"
)

// describe walks from every registered kind to every type that it holds.
func describe() (*Document, error) {
	document := &Document{Types: map[string]*Type{}, Models: map[string]string{}}
	for kind, goType := range registered() {
		if err := document.add(goType); err != nil {
			return nil, err
		}
		name := goName(goType)
		kind.Go, kind.Model, kind.Lifecycle = name, document.Types[name].Model, lifecycle(goType)
		document.Kinds = append(document.Kinds, kind)
	}
	// The envelope of every object in protobuf is no kind of any group.
	for _, root := range []any{runtime.Unknown{}, runtime.TypeMeta{}, metav1.TypeMeta{}, metav1.Status{}} {
		if err := document.add(reflect.TypeOf(root)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(document.Kinds, func(a, b Kind) int {
		return slices.Compare([]string{a.Group, a.Version, a.Kind}, []string{b.Group, b.Version, b.Kind})
	})
	return document, nil
}

// registered are the kinds of every group that a kube-apiserver serves.
func registered() map[Kind]reflect.Type {
	kinds := map[Kind]reflect.Type{}
	for _, each := range []*runtime.Scheme{scheme.Scheme, apiextensions.Scheme, aggregator.Scheme} {
		for kind, goType := range each.AllKnownTypes() {
			if kind.Version != runtime.APIVersionInternal {
				kinds[Kind{Group: kind.Group, Version: kind.Version, Kind: kind.Kind}] = goType
			}
		}
	}
	return kinds
}

// add describes one type, and those that it holds.
func (document *Document) add(goType reflect.Type) error {
	name := goName(goType)
	if _, done := document.Types[name]; done {
		return nil
	}
	described := &Type{Model: modelName(goType), Message: isMessage(goType), Fields: map[string]*Field{}, goType: goType}
	described.Deprecated, described.DeprecatedFields = deprecated(goType)
	document.Types[name] = described
	document.Models[described.Model] = name
	if special, fields := specialForm(goType); special != "" {
		described.Special = special
		if fields != nil {
			described.Fields = fields
			return nil
		}
	}
	if goType.Kind() != reflect.Struct {
		return nil
	}
	if err := document.addFields(described, goType, nil); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	slices.Sort(described.NotEncoded)
	return nil
}

// addFields describes the fields of a struct that is `via` messages deep inside the type.
func (document *Document) addFields(described *Type, goType reflect.Type, via []int) error {
	for i := range goType.NumField() {
		goField := goType.Field(i)
		jsonName, hasJSON := jsonName(goField)
		inline := goField.Anonymous && jsonName == ""
		tag, encoded := goField.Tag.Lookup("protobuf")
		encoded = encoded && tag != "-" && described.Message
		switch {
		case !encoded && inline && goField.Type.Kind() == reflect.Struct:
			names := jsonNames(goField.Type)
			described.NotEncoded = append(described.NotEncoded, names...)
			described.Order = append(described.Order, names...)
			continue
		case !encoded && (!hasJSON || !goField.IsExported()):
			continue
		case !encoded:
			described.NotEncoded = append(described.NotEncoded, jsonName)
			described.Order = append(described.Order, jsonName)
			if inner := element(goField.Type); inner.PkgPath() != "" && inner.Kind() == reflect.Struct {
				if err := document.add(inner); err != nil {
					return err
				}
			}
			continue
		}

		field, err := document.field(goField, tag)
		if err != nil {
			return fmt.Errorf("field %s: %w", goField.Name, err)
		}
		field.Via = via
		key := jsonName
		if !hasJSON || jsonName == "" {
			key = field.Name
			field.Inline = inline && field.Kind == "message"
			field.Hidden = !field.Inline
		} else {
			described.Order = append(described.Order, jsonName)
		}
		if _, twice := described.Fields[key]; twice {
			return fmt.Errorf("field %s: a second field is called %q", goField.Name, key)
		}
		described.Fields[key] = field
		if field.Inline {
			deeper := append(slices.Clone(via), field.Number)
			if err := document.addFields(described, element(goField.Type), deeper); err != nil {
				return err
			}
		}
	}
	return nil
}

// field reads a tag such as `bytes,2,rep,name=containers,casttype=Name`. The wire
// type comes from the Go type: the encoder goes by that, and some tags are wrong.
func (document *Document) field(goField reflect.StructField, tag string) (*Field, error) {
	parts := strings.Split(tag, ",")
	if len(parts) < 3 {
		return nil, fmt.Errorf("its tag %q has no number and label", tag)
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil || number < 1 {
		return nil, fmt.Errorf("its tag %q has no field number", tag)
	}
	field := &Field{Number: number, Label: "opt", Name: strings.ToLower(goField.Name[:1]) + goField.Name[1:]}
	for _, part := range parts[2:] {
		switch {
		case part == "opt" || part == "rep" || part == "req":
			field.Label = part
		case part == "packed":
			field.Packed = true
		case strings.HasPrefix(part, "name="):
			field.Name = part[len("name="):]
		}
	}

	goType := goField.Type
	switch {
	case goType.Kind() == reflect.Map:
		key, err := document.value(goType.Key())
		if err != nil {
			return nil, err
		}
		field.Key, field.Label = &key, "rep"
		goType = goType.Elem()
	case goType.Kind() == reflect.Pointer:
		goType = goType.Elem()
	case goType.Kind() == reflect.Slice && goType.Elem().Kind() != reflect.Uint8 && !isMessage(goType):
		field.Label = "rep"
		goType = goType.Elem()
	case goType.Kind() != reflect.Slice:
		field.Always = true
	}
	field.Value, err = document.value(goType)
	return field, err
}

// value says how a Go type is written, and describes it if it is a message.
func (document *Document) value(goType reflect.Type) (Value, error) {
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	value := Value{Kind: goType.Kind().String()}
	if goType.PkgPath() != "" {
		value.Type = goName(goType)
	}
	switch kind := goType.Kind(); {
	case isMessage(goType):
		value.Wire, value.Kind = "bytes", "message"
		return value, document.add(goType)
	case kind == reflect.String:
		value.Wire = "bytes"
	case kind == reflect.Slice && goType.Elem().Kind() == reflect.Uint8:
		value.Wire, value.Kind = "bytes", "bytes"
	case kind == reflect.Bool, kind >= reflect.Int && kind <= reflect.Uint64:
		value.Wire = "varint"
	case kind == reflect.Float32:
		value.Wire = "fixed32"
	case kind == reflect.Float64:
		value.Wire = "fixed64"
	default:
		return value, fmt.Errorf("protofields does not know how %s is written; teach it in value()", goType)
	}
	return value, nil
}

// jsonNames are the names under which JSON shows the fields of an inlined struct,
// in its order.
func jsonNames(goType reflect.Type) []string {
	var names []string
	for _, goField := range reflect.VisibleFields(goType) {
		if name, ok := jsonName(goField); ok && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// jsonName is a field's name in JSON: "" for an embedded struct that JSON shows
// inline, and not ok for one that it does not show, or that has no tag.
func jsonName(goField reflect.StructField) (name string, ok bool) {
	tag, ok := goField.Tag.Lookup("json")
	name, _, _ = strings.Cut(tag, ",")
	return strings.TrimSuffix(name, "-"), ok && name != "-"
}

// element is the type inside pointers, slices and maps.
func element(goType reflect.Type) reflect.Type {
	for goType.Kind() == reflect.Pointer || goType.Kind() == reflect.Slice || goType.Kind() == reflect.Map {
		goType = goType.Elem()
	}
	return goType
}
