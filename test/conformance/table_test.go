package conformance

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var golden = flag.Bool("golden", false, "write CONFORMANCE.md anew")

const tableFile = "CONFORMANCE.md"

// needed are the groups that a complete stack is known by.
var needed = []string{
	"L2.1", "L2.2", "L2.3", "L2.4", "L2.5", "L2.6", "L2.7", "L2.9",
	"L3.1u", "L3.1n", "L3.2", "L3.3", "L3.4", "L3.5", "L3.6", "L3.7", "L3.8", "L3.9", "L3.10", "L3.11", "L3.11a", "L3.12", "L3.13", "L3.14",
	"Fuzz",
}

// TestTable holds CONFORMANCE.md to the cases.
func TestTable(t *testing.T) {
	groups, err := readGroups("cases")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range needed {
		if !slices.ContainsFunc(groups, func(g group) bool { return g.id == id && len(g.cases) > 0 }) {
			t.Errorf("the group %s is missing", id)
		}
	}
	table := []byte(tableOf(groups))
	if *golden {
		if err := os.WriteFile(tableFile, table, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(table, committed) {
		t.Errorf("%s is not what the cases say: run this test with -golden and read the diff", tableFile)
	}
}

// tableOf writes the table.
func tableOf(groups []group) string {
	var b strings.Builder
	counts, runs := map[string]int{}, 0
	for _, g := range groups {
		for _, c := range g.cases {
			counts[verdict(c)]++
			if len(c.steps) > 0 || len(c.each) > 0 {
				runs += len(c.sides) * max(len(c.each), 1)
			}
		}
	}
	fmt.Fprintf(&b, "# Conformance\n\nWritten by `go test ./test/conformance -run TestTable -golden` from `cases/`; how it is tested stands in `doc_test.go`.\n\n")
	fmt.Fprintf(&b, "%d cases pass, %d are known to fail, %d are left out. A script plays octets against the box on the sides named; a script in\n"+
		"several runs begins anew for each: %d runs in all. Where a test or a golden file of another package is named, that package's tests\n"+
		"give the verdict, and a test here holds that the name exists.\n", counts[passes], counts[fails], counts[leftOut], runs)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s %s\n\n| case | side | reference | how it is tested | result |\n|---|---|---|---|---|\n", g.id, g.title)
		for _, c := range g.cases {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cell(c.name), sidesWords(c), cell(c.ref), how(c), result(c))
		}
	}
	return b.String()
}

// The verdicts.
const (
	passes  = "passes"
	fails   = "fails"
	leftOut = "left out"
)

func verdict(c testCase) string {
	switch {
	case c.out != "":
		return leftOut
	case c.fails != "":
		return fails
	}
	return passes
}

func result(c testCase) string {
	switch verdict(c) {
	case leftOut:
		return "left out: " + cell(c.out)
	case fails:
		return "fails: " + cell(c.fails)
	}
	return passes
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func sidesWords(c testCase) string {
	if len(c.steps) == 0 && len(c.each) == 0 && len(c.sides) == 2 {
		return ""
	}
	return strings.Join(c.sides, ", ")
}

func how(c testCase) string {
	var ways []string
	switch runs := len(c.each); {
	case runs > 0:
		ways = append(ways, fmt.Sprintf("script, %d runs", runs))
	case len(c.steps) > 0:
		ways = append(ways, "script")
	}
	ways = append(ways, c.tests...)
	for _, part := range c.golden {
		file, _, _ := strings.Cut(part, ", ")
		if !slices.Contains(ways, file) {
			ways = append(ways, file)
		}
	}
	return strings.Join(ways, "; ")
}

// root is the top of the repository.
const root = "../.."

// TestNamedTestsExist: a case that is tested elsewhere names a test that is there, or a part of a golden file.
func TestNamedTestsExist(t *testing.T) {
	groups, err := readGroups("cases")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, g := range groups {
		for _, c := range g.cases {
			for _, test := range c.tests {
				pkg, name, _ := strings.Cut(test, " ")
				if known[pkg] == nil {
					known[pkg] = testsOf(t, filepath.Join(root, pkg))
				}
				if !slices.Contains(known[pkg], name) {
					t.Errorf("%s, %s: %s has no %s", g.id, c.name, pkg, name)
				}
			}
			for _, part := range c.golden {
				file, begins, _ := strings.Cut(part, ", ")
				if !hasLine(t, filepath.Join(root, file), begins) {
					t.Errorf("%s, %s: no line of %s begins with %q", g.id, c.name, file, begins)
				}
			}
		}
	}
}

// testsOf returns the names of the tests and fuzz targets of a package.
func testsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{""}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func hasLine(t *testing.T, file, begins string) bool {
	t.Helper()
	octets, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return false
	}
	for line := range strings.Lines(string(octets)) {
		if strings.HasPrefix(line, strings.TrimSpace(begins)) {
			return true
		}
	}
	return false
}
