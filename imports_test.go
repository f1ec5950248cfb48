package trunkbox

import (
	"bufio"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "trunkbox/"

// rows reads imports.txt: what each package may import of ours, and what its tests may beside it.
func rows(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open("imports.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	allowed := map[string][]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		row := lines.Text()
		if row == "" || row[0] == '#' {
			continue
		}
		name, imports, found := strings.Cut(row, ":")
		if !found {
			t.Errorf("imports.txt: a row is `package: imports`, this is %q", row)
		}
		if _, twice := allowed[name]; twice {
			t.Errorf("imports.txt: %s has two rows", name)
		}
		allowed[name] = strings.Fields(imports)
	}
	return allowed
}

// TestImports holds the tree to imports.txt: nobody imports more, no package is without a row, no row is
// without a package.
func TestImports(t *testing.T) {
	allowed := rows(t)
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "data" || entry.Name() == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		dir := path.Dir(filepath.ToSlash(name))
		if dir == "." || !strings.HasSuffix(name, ".go") {
			return nil
		}
		seen[dir] = true
		row, known := allowed[dir]
		if !known {
			t.Errorf("%s has no row in imports.txt", dir)
			return nil
		}
		if strings.HasSuffix(name, "_test.go") {
			row = append(slices.Clone(row), allowed[dir+"_test"]...)
			row = append(row, dir)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if ours, found := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module); found && !slices.Contains(row, ours) {
				t.Errorf("%s imports %s, which imports.txt does not allow", name, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range allowed {
		if dir, isTest := strings.CutSuffix(name, "_test"); !seen[name] && !(isTest && seen[dir]) {
			t.Errorf("imports.txt has a row for %s, which does not exist", name)
		}
	}
}
