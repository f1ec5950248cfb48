package trunkbox

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

var golden = flag.Bool("golden", false, "write the generated sections of ISDN.md anew")

// TestISDN holds the generated sections of ISDN.md to the code: each stands between <!-- name --> and <!-- /name -->.
func TestISDN(t *testing.T) {
	octets, err := os.ReadFile("ISDN.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(octets)
	for name, made := range map[string]string{
		"variants": variantTable(), "timers": timerTable(), "link": linkTable(), "departures": departureList(t),
	} {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		before, rest, found := strings.Cut(text, begin)
		stands, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("ISDN.md has no section between %s and %s", strings.TrimSpace(begin), end)
		}
		if stands != made && !*golden {
			t.Errorf("the section %q of ISDN.md is not what the code says; run `go test . -run TestISDN -golden` and read the difference. It should be:\n%s", name, made)
		}
		text = before + begin + made + end + after
	}
	namedTestsExist(t, text)
	if *golden {
		if err := os.WriteFile("ISDN.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// namedTestsExist holds that every test that a text names is somewhere in the tree.
func namedTestsExist(t *testing.T, text string) {
	t.Helper()
	missing := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bTest[A-Z][A-Za-z]+`).FindAllString(text, -1) {
		missing[name] = true
	}
	err := walk(func(name string) error {
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		octets, err := os.ReadFile(name)
		for test := range missing {
			if strings.Contains(string(octets), "func "+test+"(") {
				delete(missing, test)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for test := range missing {
		t.Errorf("ISDN.md names %s, which is no test of ours", test)
	}
}

// walk calls do for each Go file of the tree.
func walk(do func(name string) error) error {
	return filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"testdata", "data", "bin"}, entry.Name())):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		return do(name)
	})
}

// row writes one row of a table.
func row(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// head writes the heads of a table.
func head(b *strings.Builder, cells ...string) {
	row(b, cells...)
	fmt.Fprintln(b, strings.Repeat("|---", len(cells))+"|")
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "–"
}

// variantTable says what each variant has, in columns as in q931.Profiles.
func variantTable() string {
	var b strings.Builder
	var names, rule []string
	var profiles []*q931.Profile
	for _, v := range q931.Profiles {
		p, _ := q931.ProfileOf(v.Name, q931.User)
		names, profiles = append(names, "`"+v.Name+"`"), append(profiles, p)
	}
	head(&b, append([]string{"what"}, names...)...)
	for _, line := range []struct {
		what string
		of   func(p *q931.Profile) string
	}{
		{"bearer of a call", func(p *q931.Profile) string {
			if p.Bearer.Layer1 == q931.Layer1ALaw {
				return "speech, A-law"
			}
			return "speech, µ-law"
		}},
		{"overlap, both ways", func(p *q931.Profile) string { return yes(p.Overlap) }},
		{"sending complete", func(p *q931.Profile) string { return yes(p.SendingComplete) }},
		{"CALL PROCEEDING before ALERTING", func(p *q931.Profile) string { return yes(p.ProceedingFirst) }},
		{"HOLD and RETRIEVE", func(p *q931.Profile) string { return yes(p.Hold) }},
		{"STATUS ENQUIRY after the link is back", func(p *q931.Profile) string { return yes(p.Enquire) }},
		{"name of the caller", func(p *q931.Profile) string {
			return [...]string{"display", "facility (NI)", "facility (QSIG)"}[p.CallingName]
		}},
		{"display sent by us as user", func(p *q931.Profile) string { return yes(p.Display.Send) }},
		{"channel numbers", func(p *q931.Profile) string {
			if p.Numbering == q931.LogicalNumbers {
				return "counted 1 to 30"
			}
			return "timeslots"
		}},
		{"SERVICE messages", func(p *q931.Profile) string {
			if p.Maintenance.Discriminator == 0 {
				return "–"
			}
			return fmt.Sprintf("0x%02x", p.Maintenance.Discriminator)
		}},
		{"RESTART of one channel", func(p *q931.Profile) string { return yes(p.RestartSingle) }},
		{"segmentation (Annex H)", func(p *q931.Profile) string { return yes(p.Segmentation) }},
		{"location of our causes", func(p *q931.Profile) string { return fmt.Sprint(uint8(p.Location)) }},
	} {
		cells := []string{line.what}
		for _, p := range profiles {
			cells = append(cells, line.of(p))
		}
		row(&b, cells...)
	}
	for _, v := range q931.Profiles {
		rule = append(rule, fmt.Sprintf("- `%s`: %s", v.Name, v.Document))
	}
	return b.String() + "\n" + strings.Join(rule, "\n") + "\n"
}

// timerTable says how long each timer of layer 3 runs, where a variant differs behind a colon.
func timerTable() string {
	var b strings.Builder
	head(&b, "timer", "user", "network")
	for timer := range q931.Timer(q931.NumTimers) {
		cells := []string{timer.String()}
		for _, side := range []q931.Side{q931.User, q931.Network} {
			usual, _ := q931.ProfileOf(q931.Profiles[0].Name, side)
			text := long(usual.Timers[timer])
			for _, v := range q931.Profiles {
				if p, _ := q931.ProfileOf(v.Name, side); p.Timers[timer] != usual.Timers[timer] {
					text += fmt.Sprintf("; `%s`: %s", v.Name, long(p.Timers[timer]))
				}
			}
			cells = append(cells, text)
		}
		row(&b, cells...)
	}
	return b.String()
}

func long(d time.Duration) string {
	if d == 0 {
		return "not run"
	}
	return fmt.Sprintf("%g s", d.Seconds())
}

// linkTable is the system parameters of the data link.
func linkTable() string {
	var b strings.Builder
	p := lapd.PrimaryRate
	head(&b, "parameter of Q.921 clause 5.9", "value")
	row(&b, "T200", long(p.T200))
	row(&b, "T203", long(p.T203))
	row(&b, "N200", fmt.Sprint(p.N200))
	row(&b, "N201", fmt.Sprintf("%d octets", p.N201))
	row(&b, "k", fmt.Sprint(p.K))
	return b.String()
}

const departure = "Departure:"

// departureList is every comment that begins so, by package.
func departureList(t *testing.T) string {
	t.Helper()
	found := map[string][]string{} // package → entries
	err := walk(func(name string) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		for _, group := range file.Comments {
			for _, text := range departuresIn(group) {
				found[dir] = append(found[dir], fmt.Sprintf("- %s (`%s`)", text, filepath.Base(name)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	dirs := make([]string, 0, len(found))
	n := 0
	for dir, entries := range found {
		dirs, n = append(dirs, dir), n+len(entries)
	}
	slices.Sort(dirs)
	fmt.Fprintf(&b, "%d departures.\n", n)
	for _, dir := range dirs {
		fmt.Fprintf(&b, "\n`%s`\n\n%s\n", dir, strings.Join(found[dir], "\n"))
	}
	return b.String()
}

// departuresIn are the paragraphs of a comment that begin with the word, without it.
func departuresIn(group *ast.CommentGroup) []string {
	var all []string
	for _, paragraph := range strings.Split(group.Text(), "\n\n") {
		text := strings.Join(strings.Fields(paragraph), " ")
		for {
			_, after, is := strings.Cut(text, departure)
			if !is {
				break
			}
			this, _, more := strings.Cut(after, departure)
			all = append(all, strings.TrimSpace(this))
			if !more {
				break
			}
			text = after
		}
	}
	return all
}
