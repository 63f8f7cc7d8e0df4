package main

import (
	"maps"
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

var wires = map[protowire.Type]string{
	protowire.VarintType: "varint", protowire.Fixed32Type: "fixed32",
	protowire.Fixed64Type: "fixed64", protowire.BytesType: "bytes",
}

// Tags are what people wrote; this is what the generated encoders do.
func TestEveryFieldIsWrittenWhereTheDocumentSays(t *testing.T) {
	document, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, described := range document.Types {
		if described.goType.Kind() != reflect.Struct || !described.Message {
			continue
		}
		expected := map[int]string{}
		always := map[int]string{}
		for _, field := range described.Fields {
			if len(field.Via) == 0 {
				expected[field.Number] = field.Wire
				if field.Key != nil {
					expected[field.Number] = "bytes"
				}
				if field.Always {
					always[field.Number] = field.Wire
				}
			}
		}
		full := reflect.New(described.goType)
		switch described.Special {
		case "Time", "MicroTime", "Quantity": // no fields to fill: their encoders compute what they write
			continue
		}
		fill(full.Elem(), 0)
		if written := encode(t, name, full); !maps.Equal(written, expected) {
			t.Errorf("%s: filled, it writes %v, not %v", name, written, expected)
		}
		if written := encode(t, name, reflect.New(described.goType)); !maps.Equal(written, always) {
			t.Errorf("%s: empty, it writes %v, not %v", name, written, always)
		}
		checked++
	}
	if checked < 1000 {
		t.Errorf("only %d types were checked", checked)
	}
}

func TestTheDocumentIsTheSameEachTime(t *testing.T) {
	first, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	second, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Error("two documents differ")
	}
}

// encode gives the field numbers and wire types that a value is written with.
func encode(t *testing.T, name string, value reflect.Value) map[int]string {
	t.Helper()
	text, err := value.Interface().(interface{ Marshal() ([]byte, error) }).Marshal()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	written := map[int]string{}
	for len(text) > 0 {
		number, _, length := protowire.ConsumeField(text)
		if length < 0 {
			t.Fatalf("%s: it writes no protobuf", name)
		}
		_, wire, _ := protowire.ConsumeTag(text)
		written[int(number)] = wires[wire]
		text = text[length:]
	}
	return written
}

// fill gives every field of a value something that is not empty.
func fill(value reflect.Value, depth int) {
	switch {
	case !value.CanSet():
	case value.Kind() == reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem(), depth)
	case value.Kind() == reflect.Struct && depth < 2:
		for i := range value.NumField() {
			fill(value.Field(i), depth+1)
		}
	case value.Kind() == reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0), depth+1)
	case value.Kind() == reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		key, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(item, depth+1)
		value.SetMapIndex(key, item)
	case value.Kind() == reflect.String:
		value.SetString("1")
	case value.Kind() == reflect.Bool:
		value.SetBool(true)
	case value.CanInt():
		value.SetInt(1)
	case value.CanUint():
		value.SetUint(1)
	case value.CanFloat():
		value.SetFloat(1)
	}
}
