package conformance

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A file of cases is one group. Lines that begin with # are remarks; the blank ones are layout.
//
//	group L3.4 Clearing                 what the group is called; L2 and L3 say the layer
//	subject link                        layer 2: a data link alone; else an access
//
//	== DISCONNECT collision             a case
//	ref 5.3.5/Q.931                     where it stands
//	side user                           the box's side: user, network, both (which is meant when nothing is said)
//	set ddi=4                           a setting of the box's line, see settings_test.go
//	given U10                           a way to begin, see ways.txt; {U N}10 is U10 on the one side and N10 on the other;
//	                                    with blanks in it {a b|c d}
//	far> DISCONNECT @ cause=16          then its steps, see play_test.go
//	each far> ALERTING @ | box> ...     steps between bars, played in a run of its own behind given and the other steps
//
// Instead of steps a case may have
//
//	go firmware/lapd TestLoad           a test of a package that shows it
//	golden path, beginning of a line    a part of a golden file
//	out because ...                     why it is left out
//
// and beside its steps
//
//	fails because ...                   why it fails for the time being
//
// A way (ways.txt) is a case that is played before others; it may be given another way itself.

// group is one file of cases.
type group struct {
	id, title string
	subject   string
	cases     []testCase
}

// testCase is one case, or one way.
type testCase struct {
	name, ref string
	sides     []string
	settings  []string
	given     string
	steps     []step
	each      [][]step
	tests     []string // "package Test"
	golden    []string // "path, beginning"
	out       string
	fails     string
}

// step is one line of a case.
type step struct {
	verb, text string
	line       int
}

// sidesOf is what may stand behind side.
var sidesOf = map[string][]string{"user": {"user"}, "network": {"network"}, "both": {"user", "network"}}

// readGroups reads every file of cases/ but the ways.
func readGroups(dir string) ([]group, error) {
	files, err := fs.Glob(os.DirFS(dir), "*.txt")
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var groups []group
	for _, name := range files {
		if name == "ways.txt" {
			continue
		}
		g, err := readGroup(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// readWays reads the ways by their name.
func readWays(file string) (map[string]testCase, error) {
	g, err := readGroup(file)
	if err != nil {
		return nil, err
	}
	ways := map[string]testCase{}
	for _, way := range g.cases {
		if _, twice := ways[way.name]; twice {
			return nil, fmt.Errorf("%s: the way %s is there twice", file, way.name)
		}
		ways[way.name] = way
	}
	return ways, nil
}

func readGroup(file string) (group, error) {
	opened, err := os.Open(file)
	if err != nil {
		return group{}, err
	}
	defer opened.Close()
	g := group{subject: "access"}
	lines := bufio.NewScanner(opened)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		if err := g.line(text, n); err != nil {
			return g, fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return g, err
	}
	for _, c := range g.cases {
		if err := c.check(); err != nil {
			return g, fmt.Errorf("%s: %s: %w", file, c.name, err)
		}
	}
	return g, nil
}

// line takes one line of a file.
func (g *group) line(text string, n int) error {
	verb, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "group":
		g.id, g.title, _ = strings.Cut(rest, " ")
		return nil
	case "subject":
		g.subject = rest
		return nil
	case "==":
		g.cases = append(g.cases, testCase{name: rest, sides: sidesOf["both"]})
		return nil
	}
	if len(g.cases) == 0 {
		return fmt.Errorf("%q stands before the first case", text)
	}
	return g.cases[len(g.cases)-1].line(verb, rest, n)
}

// line takes one line of a case.
func (c *testCase) line(verb, rest string, n int) error {
	switch verb {
	case "ref":
		c.ref = rest
	case "side":
		sides, known := sidesOf[rest]
		if !known {
			return fmt.Errorf("the side can be user, network or both, not %q", rest)
		}
		c.sides = sides
	case "set":
		c.settings = append(c.settings, strings.Fields(rest)...)
	case "given":
		c.given = rest
	case "go":
		c.tests = append(c.tests, rest)
	case "golden":
		c.golden = append(c.golden, rest)
	case "out":
		c.out = rest
	case "fails":
		c.fails = rest
	case "each":
		steps := stepsBetweenBars(rest, n)
		for _, s := range steps {
			if doing(s.verb) == nil && s.verb != "way" {
				return fmt.Errorf("nothing is called %q", s.verb)
			}
		}
		c.each = append(c.each, steps)
	case "loop":
		return c.loop(rest, n)
	default:
		if doing(verb) == nil && verb != "way" {
			return fmt.Errorf("nothing is called %q", verb)
		}
		c.steps = append(c.steps, step{verb, rest, n})
	}
	return nil
}

func stepsBetweenBars(text string, n int) []step {
	var steps []step
	for _, part := range strings.Split(text, " | ") {
		verb, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
		steps = append(steps, step{verb, strings.TrimSpace(rest), n})
	}
	return steps
}

// loop writes its steps out.
func (c *testCase) loop(rest string, n int) error {
	count, body, _ := strings.Cut(rest, " ")
	times, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	for i := range times {
		text := strings.ReplaceAll(body, "%+", strconv.Itoa((i+1)%128))
		c.steps = append(c.steps, stepsBetweenBars(strings.ReplaceAll(text, "%", strconv.Itoa(i%128)), n)...)
	}
	return nil
}

// check says what a case lacks.
func (c *testCase) check() error {
	played := len(c.steps) > 0 || len(c.each) > 0
	elsewhere := len(c.tests) > 0 || len(c.golden) > 0
	switch {
	case c.name == "":
		return fmt.Errorf("it has no name")
	case c.out != "" && (played || elsewhere):
		return fmt.Errorf("it is left out and has steps")
	case c.out == "" && !played && !elsewhere:
		return fmt.Errorf("it has no steps")
	case c.fails != "" && !played:
		return fmt.Errorf("it fails and has no steps")
	}
	return nil
}

// sideWord puts the word of the side in place of {user's network's}.
func sideWord(text, side string) string {
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return text
		}
		length := strings.IndexByte(text[open:], '}')
		if length < 0 {
			return text
		}
		between := " "
		if strings.Contains(text[open:open+length], "|") {
			between = "|"
		}
		user, network, _ := strings.Cut(text[open+1:open+length], between)
		word := user
		if side == "network" {
			word = network
		}
		text = text[:open] + word + text[open+length+1:]
	}
}
