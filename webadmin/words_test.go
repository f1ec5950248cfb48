package webadmin

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources are our own texts that use words: the pages and the Go files of this package.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(embedded, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".js", ".html"}, filepath.Ext(name)) {
			return err
		}
		octets, err := embedded.ReadFile(name)
		all[name] = string(octets)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		octets, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(octets)
	}
	return all
}

var (
	wholeKey  = regexp.MustCompile(`\b(?:t|has)\("([a-z][a-z0-9_.]*[a-z0-9_])"[,)]`)
	wholeKey2 = regexp.MustCompile(`(?:refuse\([^,]+, |\.say\(|\.wrong\([^"]*|none: )"([a-z][a-z0-9_.]*)"`)
	prefixKey = regexp.MustCompile(`\b(?:t|has)\("([a-z][a-z0-9_.]*\.)" \+`)
	ternary   = regexp.MustCompile(`\bt\([^()"]*\? "([a-z_.]+)" : "([a-z_.]+)"[,)]`)
	asLiteral = regexp.MustCompile("`([a-z]+)\\.\\$\\{")
)

func TestEveryWordIsSaidInBothLanguages(t *testing.T) {
	han := regexp.MustCompile(`\p{Han}`)
	place := regexp.MustCompile(`\{\w+\}`)
	// Words that are the same in both languages.
	alike := map[string]bool{"footer": true, "now.of_channels": true, "choice.kind.E1": true, "choice.kind.T1": true, "unit.mb": true}
	for key, pair := range readWords() {
		zh, en := pair[0], pair[1]
		if zh == "" || en == "" {
			t.Errorf("%s: %q, %q: one is empty", key, zh, en)
		}
		standard := zh == en && strings.HasPrefix(key, "choice.") // the name of a standard or a product
		if !han.MatchString(zh) && !alike[key] && !standard {
			t.Errorf("%s: %q is not Chinese", key, zh)
		}
		if han.MatchString(en) {
			t.Errorf("%s: %q is not English", key, en)
		}
		inZH, inEN := place.FindAllString(zh, -1), place.FindAllString(en, -1)
		slices.Sort(inZH)
		slices.Sort(inEN)
		if !slices.Equal(inZH, inEN) {
			t.Errorf("%s: places %v in Chinese, %v in English", key, inZH, inEN)
		}
	}
}

func TestEveryKeyThatIsUsedExists(t *testing.T) {
	words := readWords()
	used := map[string]bool{}
	var prefixes []string
	for name, text := range sources(t) {
		for _, pattern := range []*regexp.Regexp{wholeKey, wholeKey2, ternary} {
			for _, found := range pattern.FindAllStringSubmatch(text, -1) {
				for _, key := range found[1:] {
					used[key] = true
					if _, ok := words[key]; !ok {
						t.Errorf("%s uses %q, which is not in words.json", name, key)
					}
				}
			}
		}
		for _, pattern := range []*regexp.Regexp{prefixKey, asLiteral} {
			for _, found := range pattern.FindAllStringSubmatch(text, -1) {
				prefix := strings.TrimSuffix(found[1], ".") + "."
				prefixes = append(prefixes, prefix)
			}
		}
	}
	if len(used) < 100 || len(prefixes) < 20 {
		t.Fatalf("only %d keys and %d prefixes found: the patterns no longer fit the sources", len(used), len(prefixes))
	}
	for _, of := range []string{"call", "agent", "channel"} { // chip(of, state)
		prefixes = append(prefixes, of+".state.")
	}
	for _, prefix := range prefixes {
		if !slices.ContainsFunc(keys(words), func(key string) bool { return strings.HasPrefix(key, prefix) }) && prefix != "prompt." {
			t.Errorf("no word begins with %q", prefix)
		}
	}
	for key := range words {
		if !used[key] && !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			t.Errorf("%q is used nowhere", key)
		}
	}
}

func keys(words words) []string {
	var all []string
	for key := range words {
		all = append(all, key)
	}
	return all
}

// TestEveryStateHasAWord holds the table to the words of the other rooms' contracts.
func TestEveryStateHasAWord(t *testing.T) {
	words := readWords()
	states := map[string]string{
		"channel.state.":  "idle seized ringing talking clearing restarting blocked",
		"blocked.":        "restart_unanswered release_unanswered taken_out_here taken_out_there",
		"call.state.":     "arriving menu queued ringing talking supervising held clearing",
		"call.direction.": "in out internal",
		"agent.state.":    "logged_out ready ringing on_call wrap_up paused unreachable",
		"lamp.":           "off green green_blink red yellow blue",
		"led.":            "off green green_blink red yellow blue",
		"alarm.":          "LOS LFA LMFA AIS RAI LOOPBACK NOTOPEN",
		"alarm.help.":     "LOS LFA LMFA AIS RAI LOOPBACK NOTOPEN",
		"line.link.":      "up down establishing",
		"by.":             "admin console import box",
	}
	for prefix, names := range states {
		for name := range strings.FieldsSeq(names) {
			if _, ok := words[prefix+name]; !ok {
				t.Errorf("no word for %s%s", prefix, name)
			}
		}
	}
	for field, values := range choices {
		for _, value := range values {
			if _, ok := words["choice."+field+"."+cmp.Or(value, "none")]; !ok {
				t.Errorf("no word for choice.%s.%s", field, value)
			}
		}
	}
}

// TestEveryFieldHasALabel holds the fields of the page to the fields of the settings.
func TestEveryFieldHasALabel(t *testing.T) {
	words := readWords()
	for of, names := range fieldsOf() {
		for _, name := range names {
			if of == "agent" && name == "logged_in" {
				continue // set by logging in, not by the page
			}
			if _, ok := words["field."+of+"."+name]; !ok {
				t.Errorf("no label for %s.%s", of, name)
			}
		}
	}
	text := sources(t)["page/fields.js"]
	for of, names := range fieldsOf() {
		from := strings.Index(text, "\n  "+of+": [")
		if from < 0 {
			t.Errorf("fields.js has no list %q", of)
			continue
		}
		block := text[from : from+strings.Index(text[from:], "\n  ],")]
		for _, name := range names {
			if name != "logged_in" && !strings.Contains(block, `name: "`+name+`"`) {
				t.Errorf("fields.js cannot edit %s.%s", of, name)
			}
		}
	}
}
