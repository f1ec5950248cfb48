package exchange

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/siptrunk"
)

// told says whether the journal has words for a reason in both languages.
func told(reason string) bool {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	zh, en := journal.WhyWords("zh", reason), journal.WhyWords("en", reason)
	return han(zh) && !han(en) && en != "" && en != reason
}

// TestReasonsOfTheACDAndOfLinesAreTold: acd and pri know no journal; what they say has to be known there.
func TestReasonsOfTheACDAndOfLinesAreTold(t *testing.T) {
	name := func(r acd.Reason) (name string, ok bool) {
		defer func() { ok = recover() == nil }() // beyond the last
		return r.String(), true
	}
	reasons := []string{"dialled", "no_input", "invalid"} // of exchange and ivr
	for r := acd.Reason(0); ; r++ {
		word, ok := name(r)
		if !ok {
			break
		}
		reasons = append(reasons, word)
	}
	for _, r := range pri.Reasons() {
		reasons = append(reasons, string(r))
	}
	if len(reasons) < 40 {
		t.Errorf("only %d reasons", len(reasons))
	}
	for _, reason := range reasons {
		if !told(reason) {
			t.Errorf("%s: %q, %q", reason, journal.WhyWords("zh", reason), journal.WhyWords("en", reason))
		}
	}
	if words := journal.PauseWords("zh", acd.PausedForMissing); words == acd.PausedForMissing {
		t.Error("the pause after missed calls is not told")
	}
}

// sourcesOf parses the files of a package, tests left out.
func sourcesOf(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatal(dir, err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// texts joins the string literals of an expression, as they would stand in its value.
func texts(e ast.Expr) string {
	var all strings.Builder
	ast.Inspect(e, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err == nil {
				all.WriteString(text)
			}
		}
		return true
	})
	return all.String()
}

// speaks are the functions whose argument of that number tells what happened, and the fields that do.
var (
	speaks = map[string]int{"failed": 2, "cleared": 2, "heard": 3, "unbind": 1, "sayWhy": 2, "recover": 1}
	fields = []string{"Detail", "detail"}
)

// TestWhatTheSignallingSaysIsTold finds every sentence that a call of a line or a phone can end with, and
// every one with which a phone is said to be gone, in the sources.
func TestWhatTheSignallingSaysIsTold(t *testing.T) {
	found := map[string]bool{}
	look := func(e ast.Expr) {
		if text := texts(e); text != "" {
			found[text] = true
		}
	}
	logged := []string{"ErrorInd", "RestartFailed"} // details that only the log gets
	for _, dir := range []string{"../q931", "../pri", "../sipphone"} {
		for _, file := range sourcesOf(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					var detail ast.Expr
					for _, element := range n.Elts {
						pair, ok := element.(*ast.KeyValueExpr)
						if !ok {
							continue
						}
						if key, ok := pair.Key.(*ast.Ident); ok && slices.Contains(fields, key.Name) {
							detail = pair.Value
						}
						if kind, ok := pair.Value.(*ast.Ident); ok && slices.Contains(logged, kind.Name) {
							return true
						}
					}
					if detail != nil {
						look(detail)
					}
				case *ast.AssignStmt:
					for i, left := range n.Lhs {
						if field, ok := left.(*ast.SelectorExpr); ok && slices.Contains(fields, field.Sel.Name) && i < len(n.Rhs) {
							look(n.Rhs[i])
						}
						if name, ok := left.(*ast.Ident); ok && slices.Contains(fields, name.Name) && i < len(n.Rhs) {
							look(n.Rhs[i])
						}
					}
				case *ast.CallExpr:
					name := ""
					switch f := n.Fun.(type) {
					case *ast.SelectorExpr:
						name = f.Sel.Name
					case *ast.Ident:
						name = f.Name
					}
					if at, known := speaks[name]; known && at < len(n.Args) {
						look(n.Args[at])
					}
				}
				return true
			})
		}
	}
	if len(found) < 35 {
		t.Errorf("only %d sentences found: the sources are written otherwise than this test thinks", len(found))
	}
	for text := range found {
		if text == "%s: %v" || text == ": " {
			continue // an error of the network alone
		}
		if why := said(text); why.reason == "" || why.reason == journal.Trouble || !told(string(why.reason)) {
			t.Errorf("%q: %q", text, why.reason)
		}
	}
}

// TestTheExchangeWritesReasons: no reason in the sources of the exchange is a sentence.
func TestTheExchangeWritesReasons(t *testing.T) {
	inNotes := 0
	for _, file := range sourcesOf(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "reason" && texts(n.Value) != "" {
					t.Errorf("reason: %q", texts(n.Value))
				}
			case *ast.CallExpr:
				for i, argument := range n.Args[:max(len(n.Args)-1, 0)] {
					literal, ok := argument.(*ast.BasicLit)
					if !ok || literal.Value != `"reason"` {
						continue
					}
					inNotes++
					if reason := texts(n.Args[i+1]); reason != "" && !told(reason) {
						t.Errorf("noted: %q", reason)
					}
				}
			}
			return true
		})
	}
	if inNotes < 8 {
		t.Errorf("only %d reasons noted", inNotes)
	}
	for kind, reason := range leadsTo {
		if !told(string(reason)) {
			t.Errorf("%s leads to %q", kind, reason)
		}
	}
}

func TestReasonsOfTheSignalling(t *testing.T) {
	for sentence, want := range map[string]because{
		"":                                 {},
		"the phone answered 486 Busy Here": {journal.PhoneAnswered, "486 Busy Here"},
		"udp 192.168.1.51:5060 does not answer the INVITE":          {journal.PhoneSilent, ""},
		"the far switch answered 403 Forbidden":                     {journal.TrunkAnswered, "403 Forbidden"},
		"far switch: 192.0.2.1:5060 does not answer the INVITE":     {journal.TrunkNoAnswer, ""},
		"no phone is registered as 201":                             {journal.PhoneNotRegistered, ""},
		"RELEASE was not answered twice":                            {journal.ReleaseUnanswered, ""},
		"RTP ports 1 to 2: no RTP port pair is free":                {journal.NoSoundPorts, ""},
		"the answer's neither PCMA nor PCMU among the codecs: G729": {journal.PhoneNoSound, ""},
		"something that nobody foresaw":                             {journal.Trouble, ""},
	} {
		if got := said(sentence); got != want {
			t.Errorf("%q: %+v", sentence, got)
		}
	}
	for err, want := range map[error]journal.Reason{
		fmt.Errorf("line1: %w", pri.ErrLinkDown):  journal.LinkDown,
		fmt.Errorf("line1: %w", pri.ErrNoChannel): journal.NoChannel,
		fmt.Errorf("line1: %w", pri.ErrEnded):     journal.LineOutOfService,
		NoCallError("c"):                          journal.Trouble,
		fmt.Errorf("t: %w", siptrunk.ErrDown):     journal.TrunkDown,
		fmt.Errorf("t: %w", siptrunk.ErrFull):     journal.NoChannel,
		fmt.Errorf("t: %w", siptrunk.ErrNumber):   journal.TrunkNumber,
	} {
		if got := notDialled(err); got != want {
			t.Errorf("%v: %s", err, got)
		}
	}
	e := endingOf(call.Cleared{Cause: q850.UserBusy, Location: q850.User, Detail: "the phone answered 486 Busy Here"}, "agent")
	if e != (ending{q850.UserBusy, q850.User, "agent", journal.PhoneAnswered, "486 Busy Here", "the phone answered 486 Busy Here"}) {
		t.Errorf("%+v", e)
	}
}
