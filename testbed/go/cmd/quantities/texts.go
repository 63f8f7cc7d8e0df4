package main

import (
	"fmt"
	"math/rand"
	"slices"
)

var suffixes = []string{
	"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-3",
	"E6", "e+2", "e-10", "E0", "e07",
}

var numbers = []string{
	"0", "1", "-1", "+1", "1.5", "-1.5", ".5", "1.", "100", "1000", "1024", "-2048", "0.001", "1.500",
	"007", "12345678901234567", "0.0000000001", "9223372036854775807", "-9223372036854775808",
}

// What is refused, or looks as if it should be.
var malformed = []string{
	"", "-", "+", ".", "+.", "m", "Ki", "-.5Ki", "1e", "1E+", "1e-", "1ee3", "1e1.5", "1i", "1ki",
	"1K", "1mi", "1Mii", "1 ", " 1", "1 Gi", "0x10", "1_000", "1,5", "1.2.3", "--1", "+-1", "1-",
	"1m3", "1e3m", "1g", "1NaN", "NaN", "Inf", "1é", "１", "1e3Ki", "1ne3", "1E3i", "1eE3", "e3",
	".e3", "1Zi", "1Y",
}

// What is near the smallest step, a billionth.
var tiny = []string{
	"0.000000001", "0.0000000011", "-0.0000000011", "1.0000000001", "1.0000000001Ki", "0.9999999999",
	"1e-9", "1e-10", "1.1e-9", "-1e-30", "1n", "1.5n", "0.5n", "-0.5n", "1e-400", "0e-400", "0e400",
}

// What is near the largest binary amount, 2^63-1, and binary fractions that are no billionths.
var binary = []string{
	"8Ei", "7Ei", "7.9Ei", "8388608Ti", "9007199254740992Ki", "9007199254740993Ki", "-8Ei", "1000Ei",
	"999999999999999999999Ei", "0.00000000000000000000000000000001Ei",
	"1.00000000000000000000000000000001Ei",
	"0.333333333333333333333333333333333333333333333333333333333Ki",
	"7.999999999999999999999999999999999999999999Ei", "0.0009765625Ki",
	"0.00097656249999999999999999999999999Ki", "0.000000000000931322574615478515625Gi",
	"0.00000000000093132257461547851562500000000000000000001Gi",
	"0.000000000000000000867361737988403547205962240695953369140625Ei",
	"0.0000000008673617379884035472059622406959533691406250Ei",
	"0.00000000086736173798840354720596224069595336914062500001Ei",
}

// Large amounts, many digits, and texts whose canonical form is another.
var large = []string{
	"100000000000000000000", "1000000000000000000000", "123456789012345678901234567890", "1e18",
	"1e19", "1e20", "1e21", "1e36", "1e100", "12e100", "123e100", "-1e100", "1.5e100", "10E", "9E",
	"10000E", "92233720368547758070E", "1.000000000000000000000000000000000001E",
	"99999999999999999999999999999999999999", "0.000000000000000000000000000000000000000000000000001",
	"123456789.123456789123456789", "3333333333333333333.3333333333", "1.50", "1.500000", "100m",
	"0.1", "2500m", "2.5", "2500000u", "1500Mi", "1536Ki", "1.5Mi", "0.5Mi", "0.5Ki", "1025",
	"1023Ki", "1.0001Ki", "1.001953125Ki", "-1.001953125Ki", "-0.5Ki", "-1.0001Ki", "0.0001Gi", "1e6",
	"1e7", "1e8", "15e5", "1.5e6", "1e-1", "1e-2", "1e-3", "123e-5", "1000e3", "1000e-3", "-15e5",
	"0Ki", "0e3", "0m", "00", "-000.000Ki",
}

// Pairs whose units differ, or whose sum is at an edge.
var edges = [][2]string{
	{"0", "1Ki"}, {"0Ki", "1"}, {"1", "0Ki"}, {"1Gi", "1G"}, {"1", "1m"}, {"1m", "-1m"},
	{"7Ei", "7Ei"}, {"1023Ei", "1Ei"}, {"1e3", "1Ki"}, {"0e3", "1Ki"}, {"1000m", "1"},
	{"1Mi", "1048576"}, {"1k", "1000"}, {"1e100", "1e99"}, {"-1e100", "1n"}, {"0", "-0Ki"},
	{"100m", "0.1"}, {"1e-400", "1n"}, {"8Ei", "9223372036854775807"}, {"9223372036854775807", "1"},
	{"-9223372036854775808", "1"},
}

var factors = []int64{0, 1, -1, 2, 3, 10, 1024, 1000, -7, 1 << 40, 1<<63 - 1}

// texts are what is parsed, each once.
func texts(random *rand.Rand) []string {
	var all []string
	seen := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			if !seen[text] {
				seen[text] = true
				all = append(all, text)
			}
		}
	}
	for _, number := range numbers {
		for _, suffix := range suffixes {
			add(number + suffix)
		}
	}
	add(slices.Concat(malformed, tiny, binary, large)...)
	for range 260 {
		add(randomText(random))
	}
	return all
}

func randomText(random *rand.Rand) string {
	sign := []string{"", "", "", "-", "+"}[random.Intn(5)]
	whole, fraction := random.Intn(12), random.Intn(12)
	if random.Intn(8) == 0 {
		whole = random.Intn(22)
	}
	if random.Intn(8) == 0 {
		fraction = random.Intn(40)
	}
	if whole == 0 && fraction == 0 {
		whole = 1
	}
	text := sign + digits(random, whole)
	if fraction > 0 || random.Intn(10) == 0 {
		text += "." + digits(random, fraction)
	}
	if random.Intn(12) == 0 {
		return text + fmt.Sprintf("e%d", random.Intn(40)-20)
	}
	return text + suffixes[random.Intn(len(suffixes))]
}

func digits(random *rand.Rand, count int) string {
	text := make([]byte, count)
	for i := range text {
		text[i] = byte('0' + random.Intn(10))
	}
	return string(text)
}

// pairs are what is calculated with: the edges, and pairs of operands that are not too long.
func pairs(random *rand.Rand, operands []string) [][2]string {
	short := func() string {
		for {
			if text := operands[random.Intn(len(operands))]; len(text) < 34 {
				return text
			}
		}
	}
	all := slices.Clone(edges)
	for range 220 {
		all = append(all, [2]string{short(), short()})
	}
	return all
}
