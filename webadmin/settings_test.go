package webadmin

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"trunkbox/firmware/config"
)

// document is what GET /api/settings gives.
type document struct {
	Settings config.Settings `json:"settings"`
	Revision string          `json:"revision"`
}

func (b *box) document() document {
	b.t.Helper()
	var d document
	b.do("GET", "/api/settings", nil, http.StatusOK, &d)
	return d
}

func TestSaveSettings(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	d := b.document()
	d.Settings.Queues[0].RingSeconds = 22

	var checked struct {
		Problems []config.Problem
		Changes  []config.Change
	}
	b.do("POST", "/api/settings/check", document{Settings: d.Settings}, http.StatusOK, &checked)
	if len(checked.Problems) != 0 || len(checked.Changes) != 1 || checked.Changes[0].Touches != config.TouchesNextCall {
		t.Errorf("the check says %+v", checked)
	}
	if b.Store.Settings().Queues[0].RingSeconds != 15 {
		t.Error("the check saved")
	}
	b.do("PUT", "/api/settings", d, http.StatusOK, nil)
	if got := b.Store.Settings().Queues[0].RingSeconds; got != 22 {
		t.Errorf("ringing is %d s after saving 22", got)
	}
	b.do("PUT", "/api/settings", d, http.StatusConflict, nil)
	d.Revision = b.document().Revision
	b.desk.broken = errors.New("the disk is full")
	b.do("PUT", "/api/settings", d, http.StatusInternalServerError, nil)
}

func TestProblemsNameTheirField(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	d := b.document()
	d.Settings.Agents[1].Password = "short"
	d.Settings.Menus[0].Choices[0].To.Target = "nobody"
	var checked struct {
		Problems []config.Problem
		Changes  []config.Change
	}
	b.do("POST", "/api/settings/check", document{Settings: d.Settings}, http.StatusOK, &checked)
	var at []string
	for _, p := range checked.Problems {
		at = append(at, p.Path)
		if p.ZH == "" || p.EN == "" {
			t.Errorf("%s has no sentence", p.Path)
		}
	}
	if want := []string{"agents.1.password", "menus.0.choices.0.to"}; !slices.Equal(at, want) {
		t.Errorf("problems at %q, expected %q", at, want)
	}
	if len(checked.Changes) != 0 {
		t.Errorf("changes of settings that do not hold: %v", checked.Changes)
	}
	var no struct{ Problems []config.Problem }
	b.do("PUT", "/api/settings", d, http.StatusUnprocessableEntity, &no)
	if len(no.Problems) != 2 || no.Problems[0].Path != "agents.1.password" {
		t.Errorf("the save was refused with %v", no.Problems)
	}
}

// TestAPromptHasToBeThere: wherever a prompt can be named, one that nobody would hear is refused beside its field.
func TestAPromptHasToBeThere(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	missing := config.Destination{Kind: "prompt", Target: "nosuch"}
	fields := map[string]func(*config.Settings){
		"queues.0.music":       func(s *config.Settings) { s.Queues[0].Music = "nosuch" },
		"menus.0.welcome":      func(s *config.Settings) { s.Menus[0].Welcome = "nosuch" },
		"menus.0.prompt":       func(s *config.Settings) { s.Menus[0].Prompt = "nosuch" },
		"menus.0.choices.0.to": func(s *config.Settings) { s.Menus[0].Choices[0].To = missing },
		"menus.0.on_fail":      func(s *config.Settings) { s.Menus[0].OnFail = missing },
		"routes.0.to":          func(s *config.Settings) { s.Routes = []config.Route{{Called: "88", To: missing}} },
	}
	problems := func(alter func(*config.Settings)) (document, []config.Problem) {
		d := b.document()
		alter(&d.Settings)
		var checked struct{ Problems []config.Problem }
		b.do("POST", "/api/settings/check", document{Settings: d.Settings}, http.StatusOK, &checked)
		return d, checked.Problems
	}
	for path, alter := range fields {
		d, found := problems(alter)
		if len(found) != 1 || found[0].Path != path || !strings.Contains(found[0].EN, "nosuch") || !strings.Contains(found[0].ZH, "nosuch") {
			t.Errorf("%s: the check says %+v", path, found)
		}
		var no struct{ Problems []config.Problem }
		b.do("PUT", "/api/settings", d, http.StatusUnprocessableEntity, &no)
		if !slices.Equal(no.Problems, found) {
			t.Errorf("%s: the save says %+v", path, no.Problems)
		}
	}
	for _, name := range []string{"", "goodbye", "music"} {
		if _, found := problems(func(s *config.Settings) { s.Queues[0].Music = name }); len(found) != 0 {
			t.Errorf("the built-in %q: %+v", name, found)
		}
	}
	b.do("POST", "/api/prompts/en/nosuch", tone(), http.StatusNoContent, nil)
	for path, alter := range fields {
		d, found := problems(alter)
		if len(found) != 0 {
			t.Errorf("%s: an uploaded prompt is refused: %+v", path, found)
		}
		b.do("PUT", "/api/settings", d, http.StatusOK, nil)
	}
}

func TestSavingLeavesLogInsAlone(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	d := b.document()
	if err := b.Store.SetLoggedIn("201", true); err != nil {
		t.Fatal(err)
	}
	d.Settings.Agents[0].LoggedIn = false
	d.Settings.Agents[1].LoggedIn = true
	d.Settings.Box.Name = "another name"
	b.do("PUT", "/api/settings", d, http.StatusOK, nil)
	agents := b.Store.Settings().Agents
	if !agents[0].LoggedIn || agents[1].LoggedIn {
		t.Errorf("logged in after the save: 201 %v, 202 %v", agents[0].LoggedIn, agents[1].LoggedIn)
	}
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	for content, status := range map[string]int{
		`{}`:                               http.StatusBadRequest,
		`{"settings":7}`:                   http.StatusUnprocessableEntity,
		`{"settings":{"boxes":1}}`:         http.StatusUnprocessableEntity,
		`{"settings":{"lines":{}}}`:        http.StatusUnprocessableEntity,
		`{"settings":{},"more":1}`:         http.StatusBadRequest,
		`{"settings":{"box":{"name":"x"}}`: http.StatusBadRequest,
	} {
		b.do("POST", "/api/settings/check", content, status, nil)
		b.do("PUT", "/api/settings", content, status, nil)
	}
}

func TestExportAndImport(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	w := b.send(b.request("GET", "/api/settings/export", ""))
	if disposition := w.Result().Header.Get("Content-Disposition"); !strings.HasPrefix(disposition, `attachment; filename="trunkbox-settings-2`) {
		t.Errorf("the file is called %q", disposition)
	}
	file := strings.Replace(w.Body.String(), `"ring_seconds": 15`, `"ring_seconds": 31`, 1)
	var read document
	b.do("POST", "/api/settings/read", file, http.StatusOK, &read)
	if read.Settings.Queues[0].RingSeconds != 31 || b.Store.Settings().Queues[0].RingSeconds != 15 {
		t.Error("the file was not read, or was applied unseen")
	}
	b.do("PUT", "/api/settings", document{read.Settings, b.document().Revision}, http.StatusOK, nil)
	if b.Store.Settings().Queues[0].RingSeconds != 31 {
		t.Error("the imported settings were not applied")
	}
	b.do("POST", "/api/settings/read", "hello", http.StatusUnprocessableEntity, nil)
}

func TestHistory(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	d := b.document()
	before := d.Settings.Box.Name
	d.Settings.Box.Name = "another name"
	b.do("PUT", "/api/settings", d, http.StatusOK, nil)
	var history struct {
		Versions []struct{ Version, By string }
	}
	b.do("GET", "/api/settings/history", nil, http.StatusOK, &history)
	if len(history.Versions) != 3 || history.Versions[0].By != "admin" {
		t.Fatalf("the history is %v", history)
	}
	var old document
	b.do("GET", "/api/settings/history/"+history.Versions[1].Version, nil, http.StatusOK, &old)
	if old.Settings.Box.Name != before {
		t.Errorf("the version before has the name %q, expected %q", old.Settings.Box.Name, before)
	}
	b.do("GET", "/api/settings/history/999", nil, http.StatusNotFound, nil)
	b.do("GET", "/api/settings/history/x", nil, http.StatusNotFound, nil)
}

// TestListsAreLists: the page edits lists in place and must never meet null.
func TestListsAreLists(t *testing.T) {
	octets, err := json.Marshal(config.Settings{Agents: []config.Agent{{}}, Menus: []config.Menu{{}}}.Clone())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(octets), "null") {
		t.Errorf("null in %s", octets)
	}
}

func TestFreshEntriesHold(t *testing.T) {
	b := newBox(t)
	s := b.Store.Settings()
	f := freshOf(s.Box)
	f.Line.Name, f.Queue.Name, f.Queue.Extension, f.Menu.Name = "line2", "new", "6599", "new"
	s.Lines, s.Queues, s.Menus = append(s.Lines, f.Line), append(s.Queues, f.Queue), append(s.Menus, f.Menu)
	if problems := config.Validate(s); len(problems) > 0 {
		t.Errorf("fresh entries with names: %v", problems)
	}
}
