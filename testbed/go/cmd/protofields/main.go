// Command protofields prints, as JSON, where each field of each Kubernetes API
// type stands in the protobuf encoding: an API server's OpenAPI documents leave
// that out. The answer comes from the struct tags of the Go types that the API
// server itself is built from, so it is always about the minor version that this
// module requires.
package main

import (
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
	text, err := document.text()
	if err != nil {
		return err
	}
	if output == "" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(output, text, 0o644)
}
