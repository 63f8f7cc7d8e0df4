package main

import "reflect"

// Document is what protofields prints.
type Document struct {
	// Types are the API types, by Go name: "k8s.io/api/core/v1.Pod".
	Types map[string]*Type `json:"types"`
	// Models leads from the name in the OpenAPI documents to the Go name:
	// "io.k8s.api.core.v1.Pod" to "k8s.io/api/core/v1.Pod".
	Models map[string]string `json:"models"`
	// Kinds are the registered kinds, by group, version and kind.
	Kinds []Kind `json:"kinds"`
}

// Kind is one registered kind.
type Kind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	Go      string `json:"go"`
	Model   string `json:"model"`
	// Lifecycle is what the Go type tells of it, if it tells anything.
	Lifecycle *Lifecycle `json:"lifecycle,omitempty"`
}

// Type is one API type.
type Type struct {
	// Model is the type's name in the OpenAPI documents.
	Model string `json:"model"`
	// Message says whether the type has a protobuf encoding at all.
	Message bool `json:"message"`
	// Special names a type whose JSON form is not an object with these fields: the
	// short Go name (Time, Quantity, IntOrString, RawExtension, JSON, ...), or List
	// for a named list of strings, which is a message too.
	Special string `json:"special,omitempty"`
	// Order lists the JSON names of the fields as the Go type declares them: an
	// API server writes them in this order.
	Order []string `json:"order,omitempty"`
	// Fields are those of the message, by JSON name. A field that JSON does not
	// show is here by its protobuf name, and has hidden set.
	Fields map[string]*Field `json:"fields"`
	// NotEncoded are the JSON names that have no place in the message.
	NotEncoded []string `json:"notEncoded,omitempty"`
	// Deprecated says that the comment of the type calls it so, and DeprecatedFields
	// are the JSON names of the fields whose comments do.
	Deprecated       bool     `json:"deprecated,omitempty"`
	DeprecatedFields []string `json:"deprecatedFields,omitempty"`

	goType reflect.Type
}

// Field is one field of a message.
type Field struct {
	// Via are the numbers of the messages to enter first: a struct that JSON
	// shows inline, such as core/v1 Volume's volumeSource, is still a message.
	Via    []int `json:"via,omitempty"`
	Number int   `json:"number"`
	// Name is the field's name in the .proto file.
	Name string `json:"name"`
	// Label is opt, rep or req, as the .proto file says.
	Label  string `json:"label"`
	Hidden bool   `json:"hidden,omitempty"`
	// Inline marks a message whose fields JSON shows as its parent's.
	Inline bool `json:"inline,omitempty"`
	// Always is set when the encoder writes the field even if it is empty: the
	// Go field is neither a pointer, nor a slice, nor a map.
	Always bool `json:"always,omitempty"`
	// Packed is set for a repeated number in the packed form.
	Packed bool `json:"packed,omitempty"`
	Value
	// Key is set for a map, whose entries are messages: the key is their field
	// 1, the value, described by the rest, their field 2.
	Key *Value `json:"key,omitempty"`
}

// Value says how one value is written.
type Value struct {
	// Wire is varint, fixed32, fixed64 or bytes.
	Wire string `json:"wire"`
	// Kind is the Go kind: bool, int32, int64, float64, string, bytes, message.
	Kind string `json:"kind"`
	// Type is the Go name of a message, or of a named string or number.
	Type string `json:"type,omitempty"`
}
