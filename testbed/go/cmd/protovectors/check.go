package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

// shown is how many differences are printed; more say nothing new.
const shown = 40

// check reads vectors, and fails unless Go reads the same object from both forms of each.
func check(file string) error {
	scheme, err := newScheme()
	if err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	reader := bufio.NewReader(in)
	serializer := protobuf.NewSerializer(scheme, scheme)
	good, bad := 0, 0
	for {
		kind, text, wire, err := readVector(reader)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("after %d vectors: %w", good+bad, err)
		}
		if err := compare(scheme, serializer, kind, text, wire); err != nil {
			if bad++; bad <= shown {
				fmt.Println(name(kind), err)
			}
			continue
		}
		good++
	}
	fmt.Println(good, "good,", bad, "bad")
	if bad > 0 || good == 0 {
		return fmt.Errorf("%s does not hold what Go holds", file)
	}
	return nil
}

func readVector(in io.Reader) (kind schema.GroupVersionKind, text, wire []byte, err error) {
	first, err := readFrame(in)
	if err != nil {
		return kind, nil, nil, err
	}
	parts := strings.Split(string(first), "/")
	if len(parts) != 3 {
		return kind, nil, nil, fmt.Errorf("%q is no GROUP/VERSION/KIND", first)
	}
	kind = schema.GroupVersionKind{Group: parts[0], Version: parts[1], Kind: parts[2]}
	if text, err = readFrame(in); err == nil {
		wire, err = readFrame(in)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return kind, text, wire, err
}

// compare reads both forms into the kind's Go type, and says where they differ.
func compare(scheme *runtime.Scheme, serializer *protobuf.Serializer, kind schema.GroupVersionKind, text, wire []byte) error {
	fromWire, _, err := serializer.Decode(wire, nil, nil)
	if err != nil {
		return fmt.Errorf("protobuf: %w", err)
	}
	fromText, err := scheme.New(kind)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, fromText); err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	var trees [2]any
	for i, object := range []runtime.Object{fromWire, fromText} {
		object.GetObjectKind().SetGroupVersionKind(kind)
		again, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(again, &trees[i]); err != nil {
			return err
		}
		trees[i] = meaning(trees[i], false)
	}
	if found := difference(trees[0], trees[1], ""); found != "" {
		return errors.New(found)
	}
	return nil
}

// meaning takes away what says nothing: nulls, empty lists, and the kinds of a list's items.
func meaning(tree any, item bool) any {
	switch value := tree.(type) {
	case map[string]any:
		if item {
			delete(value, "kind")
			delete(value, "apiVersion")
		}
		for key, inner := range value {
			if list, ok := inner.([]any); inner == nil || (ok && len(list) == 0) {
				delete(value, key)
				continue
			}
			value[key] = meaning(inner, key == "items")
		}
	case []any:
		for i := range value {
			value[i] = meaning(value[i], item)
		}
	}
	return tree
}

// difference is the first place where two trees differ, or nothing.
func difference(wire, text any, path string) string {
	switch left := wire.(type) {
	case map[string]any:
		right, ok := text.(map[string]any)
		if !ok {
			break
		}
		for key := range left {
			if _, ok := right[key]; !ok {
				return fmt.Sprintf("%s.%s is in protobuf only: %v", path, key, left[key])
			}
			if found := difference(left[key], right[key], path+"."+key); found != "" {
				return found
			}
		}
		for key := range right {
			if _, ok := left[key]; !ok {
				return fmt.Sprintf("%s.%s is in JSON only: %v", path, key, right[key])
			}
		}
		return ""
	case []any:
		right, ok := text.([]any)
		if !ok || len(left) != len(right) {
			break
		}
		for i := range left {
			if found := difference(left[i], right[i], fmt.Sprintf("%s[%d]", path, i)); found != "" {
				return found
			}
		}
		return ""
	}
	if reflect.DeepEqual(wire, text) {
		return ""
	}
	return fmt.Sprintf("%s: protobuf has %v, JSON has %v", path, wire, text)
}
