// Command protovectors writes random objects of every Kubernetes kind, as Go's own
// encoders write them: once in JSON, once in protobuf. Whoever reads the two must
// come to the same object, and may have what it wrote itself checked by Go.
//
//	go run ./cmd/protovectors -o FILE [-n 4] [-kinds Pod,Secret] [-limit BYTES]
//	go run ./cmd/protovectors -check FILE
//
// The first writes vectors, to standard output without -o. Equal arguments give
// equal bytes. The second reads vectors that somebody else wrote, and fails unless
// the protobuf of each is the object that its JSON is.
//
// # Format
//
// A file is vectors one after another, and nothing else. A vector is three frames,
// and a frame is its length, 4 bytes big-endian, and as many bytes:
//
//  1. the kind as GROUP/VERSION/KIND; the group of Pod is empty: "/v1/Pod";
//  2. the object in JSON, with kind and apiVersion. It is what Go reads out of the
//     third frame, so the two hold the same: what protobuf leaves out is left out;
//  3. the object in protobuf, as on the wire: the bytes "k8s\0" and the envelope.
//
// # What is in it
//
// All kinds that the API server knows, sorted: built-in ones, CustomResourceDefinition,
// APIService, lists, and of the kinds that exist in every group (DeleteOptions,
// Status and so on) those of v1. Of each come -n objects, which take turns: some of
// the fields set, all of them, few, none.
//
// It knows the kinds of the minor version whose module file it is built with:
// -modfile=v1.34.mod is another minor than the newest.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

func main() {
	options := options{}
	output := flag.String("o", "", "write to this file instead of standard output")
	input := flag.String("check", "", "check the vectors in this file instead of writing any")
	flag.IntVar(&options.count, "n", 4, "how many objects of each kind")
	flag.StringVar(&options.kinds, "kinds", "", "these kinds only, separated by commas: Pod, or /v1/Pod")
	flag.IntVar(&options.limit, "limit", 0, "leave out what is longer than this in protobuf, in bytes")
	flag.Parse()
	err := error(nil)
	if *input != "" {
		err = check(*input)
	} else {
		err = writeFile(*output, options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "protovectors:", err)
		os.Exit(1)
	}
}

// options say which vectors are written.
type options struct {
	count int
	kinds string
	limit int
}

func writeFile(output string, options options) error {
	var vectors bytes.Buffer
	kinds, total, err := write(&vectors, options)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, kinds, "kinds,", total, "vectors")
	if output == "" {
		_, err = os.Stdout.Write(vectors.Bytes())
		return err
	}
	return os.WriteFile(output, vectors.Bytes(), 0o644)
}

func write(out io.Writer, options options) (kinds, total int, err error) {
	scheme, err := newScheme()
	if err != nil {
		return 0, 0, err
	}
	serializer := protobuf.NewSerializer(scheme, scheme)
	chosen := choose(scheme, options.kinds)
	for _, kind := range chosen {
		for turn := range options.count {
			object, err := scheme.New(kind)
			if err != nil {
				return 0, 0, err
			}
			fill(object, kind, turn)
			wire, text, err := encode(serializer, object, kind)
			if err != nil {
				return 0, 0, fmt.Errorf("%s: %w", kind, err)
			}
			if options.limit > 0 && len(wire) > options.limit {
				continue
			}
			for _, frame := range [][]byte{[]byte(name(kind)), text, wire} {
				if err := writeFrame(out, frame); err != nil {
					return 0, 0, err
				}
			}
			total++
		}
	}
	return len(chosen), total, nil
}

// choose returns the kinds that vectors are made of, sorted.
func choose(scheme *runtime.Scheme, wanted string) []schema.GroupVersionKind {
	names := strings.Split(wanted, ",")
	var chosen []schema.GroupVersionKind
	for kind := range scheme.AllKnownTypes() {
		everywhere := strings.HasSuffix(kind.Kind, "Options") || kind.Kind == "Status"
		switch {
		case kind.Version == runtime.APIVersionInternal:
		case everywhere && (kind.Group != "" || kind.Version != "v1"):
		// An event holds any other kind, a List any other kinds: they are none that one could fill.
		case kind.Kind == "WatchEvent" || kind.Kind == "List":
		case wanted != "" && !slices.Contains(names, kind.Kind) && !slices.Contains(names, name(kind)):
		default:
			chosen = append(chosen, kind)
		}
	}
	slices.SortFunc(chosen, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	return chosen
}

// encode returns an object's protobuf, and the JSON of what that protobuf holds.
func encode(serializer *protobuf.Serializer, object runtime.Object, kind schema.GroupVersionKind) (wire, text []byte, err error) {
	var buffer bytes.Buffer
	if err := serializer.Encode(object, &buffer); err != nil {
		return nil, nil, err
	}
	back, _, err := serializer.Decode(buffer.Bytes(), nil, nil)
	if err != nil {
		return nil, nil, err
	}
	back.GetObjectKind().SetGroupVersionKind(kind)
	text, err = json.Marshal(back)
	return buffer.Bytes(), text, err
}

func name(kind schema.GroupVersionKind) string {
	return kind.Group + "/" + kind.Version + "/" + kind.Kind
}

func writeFrame(out io.Writer, frame []byte) error {
	if err := binary.Write(out, binary.BigEndian, uint32(len(frame))); err != nil {
		return err
	}
	_, err := out.Write(frame)
	return err
}

// readFrame returns io.EOF at the end of the file, and another error within a frame.
func readFrame(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	var frame bytes.Buffer
	_, err := io.CopyN(&frame, in, int64(length))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return frame.Bytes(), err
}
