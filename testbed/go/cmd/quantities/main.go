// Command quantities prints what Go's resource.Quantity makes of many quantities: of
// good and bad ones, of the edges of what it can hold, and of random ones. Each run
// prints the same. Standard error tells where Go's answer is not the exact one.
//
//	go run ./cmd/quantities > ../../runtime/src/types/testdata/quantity.txt
//
// # Format
//
// One line each:
//
//	parse|text|canonical|sign|Value|MilliValue|AsFloat64Slow
//	parse|text|error
//	op|a|b|Cmp|Add|Sub|Neg a|factor|Mul
//
// "range" is a value beyond int64, where Go wraps around. "=" is followed by the exact
// value, where Go's own answer is another (it rounds some negative fractions up, and
// overflows), or would not be read back as that value (it knows no suffix above E, and
// caps binary amounts beyond int64). "!" is a result of arithmetic that is not exact.
package main

import (
	"fmt"
	"math/big"
	"math/rand"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	random := rand.New(rand.NewSource(7))
	texts := texts(random)
	var operands []string
	for _, text := range texts {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			fmt.Printf("parse|%s|error\n", text)
			continue
		}
		digits := strings.TrimLeft(text, "+-.")
		if digits != "" && digits[0] >= '0' && digits[0] <= '9' {
			operands = append(operands, text)
		}
		printParsed(text, quantity)
	}
	for _, pair := range pairs(random, operands) {
		printOperations(pair[0], pair[1], factors[random.Intn(len(factors))])
	}
}

func printParsed(text string, quantity resource.Quantity) {
	value := exact(quantity)
	fmt.Printf("parse|%s|%s|%d|%s|%s|%v\n", text, canonical(quantity, text), quantity.Sign(),
		scaled(quantity.Value(), value, 1, text), scaled(quantity.MilliValue(), value, 1000, text),
		quantity.AsFloat64Slow())
}

func printOperations(first, second string, factor int64) {
	a, b := resource.MustParse(first), resource.MustParse(second)
	left, right := exact(a), exact(b)
	compared := a.Cmp(b)
	if truth := left.Cmp(right); truth != compared {
		fmt.Fprintf(os.Stderr, "Cmp is off: %q %q: %d, not %d\n", first, second, compared, truth)
		compared = truth
	}
	result := func(name string, operate func(*resource.Quantity), want *big.Rat) string {
		got := a.DeepCopy()
		operate(&got)
		if exact(got).Cmp(want) != 0 {
			fmt.Fprintf(os.Stderr, "%s is off: %q %q %d\n", name, first, second, factor)
			return "!"
		}
		return canonical(got, name+" of "+first+", "+second)
	}
	sum := result("Add", func(q *resource.Quantity) { q.Add(b) }, new(big.Rat).Add(left, right))
	rest := result("Sub", func(q *resource.Quantity) { q.Sub(b) }, new(big.Rat).Sub(left, right))
	negative := result("Neg", func(q *resource.Quantity) { q.Neg() }, new(big.Rat).Neg(left))
	by := new(big.Rat).SetInt64(factor)
	product := result("Mul", func(q *resource.Quantity) { q.Mul(factor) }, new(big.Rat).Mul(left, by))
	fmt.Printf("op|%s|%s|%d|%s|%s|%s|%d|%s\n", first, second, compared, sum, rest, negative, factor, product)
}

// canonical is Go's canonical text; or "=" and the exact value, if that text is not read back as the value.
func canonical(quantity resource.Quantity, what string) string {
	number, suffix := quantity.CanonicalizeBytes(nil)
	text := string(number) + string(suffix)
	back, err := resource.ParseQuantity(text)
	if err != nil || exact(back).Cmp(exact(quantity)) != 0 {
		fmt.Fprintf(os.Stderr, "the canonical text loses something: %s: %q\n", what, text)
		return "=" + strings.TrimSuffix(strings.TrimRight(exact(quantity).FloatString(9), "0"), ".")
	}
	return text
}

// scaled is what Go got for value times factor, rounded away from zero; or "=" and what that is; or "range".
func scaled(got int64, value *big.Rat, factor int64, text string) string {
	want := awayFromZero(new(big.Rat).Mul(value, new(big.Rat).SetInt64(factor)))
	if !want.IsInt64() {
		return "range"
	}
	if want.Int64() != got {
		fmt.Fprintf(os.Stderr, "Go is off: %q times %d: %d, not %s\n", text, factor, got, want)
		return "=" + want.String()
	}
	return fmt.Sprint(got)
}

// exact is a quantity's value, of which nothing is lost.
func exact(quantity resource.Quantity) *big.Rat {
	quantity = quantity.DeepCopy()
	decimal := quantity.AsDec()
	value := new(big.Rat).SetInt(decimal.UnscaledBig())
	scale := int64(decimal.Scale())
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(max(scale, -scale)), nil))
	if scale >= 0 {
		return value.Quo(value, power)
	}
	return value.Mul(value, power)
}

func awayFromZero(value *big.Rat) *big.Int {
	size := new(big.Rat).Abs(value)
	whole, rest := new(big.Int).QuoRem(size.Num(), size.Denom(), new(big.Int))
	if rest.Sign() != 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if value.Sign() < 0 {
		whole.Neg(whole)
	}
	return whole
}
