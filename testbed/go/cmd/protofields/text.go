package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// text is the document as JSON: one line for each type, model and kind, sorted, so
// that equal inputs give equal bytes and differences are readable.
func (document *Document) text() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("{\n")
	if err := writeMap(&text, "types", document.Types); err != nil {
		return nil, err
	}
	text.WriteString(",\n")
	if err := writeMap(&text, "models", document.Models); err != nil {
		return nil, err
	}
	text.WriteString(",\n\"kinds\": [\n")
	for i, kind := range document.Kinds {
		line, err := json.Marshal(kind)
		if err != nil {
			return nil, err
		}
		text.Write(line)
		text.WriteString(separator(i, len(document.Kinds)))
	}
	text.WriteString("]\n}\n")
	return text.Bytes(), nil
}

// writeMap writes a map, its keys sorted.
func writeMap[V any](text *bytes.Buffer, name string, entries map[string]V) error {
	fmt.Fprintf(text, "%q: {\n", name)
	for i, key := range slices.Sorted(maps.Keys(entries)) {
		value, err := json.Marshal(entries[key])
		if err != nil {
			return err
		}
		fmt.Fprintf(text, "%q: %s%s", key, value, separator(i, len(entries)))
	}
	text.WriteString("}")
	return nil
}

func separator(index, length int) string {
	if index+1 < length {
		return ",\n"
	}
	return "\n"
}
