// Command protofields prints, as JSON, where each field of each Kubernetes API
// type stands in the protobuf encoding: an API server's OpenAPI documents leave
// that out. The answer comes from the struct tags of the Go types that the API
// server itself is built from, so it is always about the minor version that this
// module requires.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	output := flag.String("o", "", "write to this file instead of standard output")
	flag.Parse()
	if err := run(*output); err != nil {
		fmt.Fprintln(os.Stderr, "protofields:", err)
		os.Exit(1)
	}
}

func run(output string) error {
	document, err := describe()
	if err != nil {
		return err
	}
	// Maps are written in the order of their keys, so equal inputs give equal bytes.
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	if output == "" {
		_, err = os.Stdout.Write(text.Bytes())
		return err
	}
	return os.WriteFile(output, text.Bytes(), 0o644)
}
