package webadmin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/config"
)

// settings gives the document and its revision, which a save has to name: two people who edit at once
// must not undo each other unseen.
func (s *Server) settings(w http.ResponseWriter, _ *http.Request) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	now := s.Switch.Settings()
	answer(w, http.StatusOK, struct {
		Settings config.Settings     `json:"settings"`
		Revision string              `json:"revision"`
		Choices  map[string][]string `json:"choices"`
		Fresh    fresh               `json:"fresh"`
	}{now.Clone(), s.revision(), choices, freshOf(now.Box)})
	return nil
}

// choices are the words that the fields of the settings may hold, by the field's name.
var choices = map[string][]string{
	"language": config.Languages, "country": config.Countries, "driver": config.Drivers, "kind": config.Kinds,
	"side": config.Sides, "variant": config.Variants, "law": config.Laws, "hunting": config.Huntings, "echo_by": config.EchoBys,
	"framing": config.Framings, "line_code": config.LineCodes, "clock": config.Clocks, "d_channel": config.DChannels,
	"transport": config.Transports, "codec": config.TrunkLaws, "direction": config.Directions, "start": config.Starts, "record": config.Records,
	"selection": config.Selections, "strategy": config.Strategies, "on_empty": config.OnEmpties,
}

// fresh are the entries that "add" begins with.
type fresh struct {
	Line  config.Line  `json:"line"`
	Trunk config.Trunk `json:"trunk"`
	Queue config.Queue `json:"queue"`
	Menu  config.Menu  `json:"menu"`
}

func freshOf(box config.Box) fresh {
	usual := config.Default(box.Country, box.Language)
	f := fresh{usual.Lines[0], config.DefaultTrunk(""), config.DefaultQueue("", ""), usual.Menus[0]}
	f.Line.Name, f.Line.Driver = "", "dahdi"
	f.Menu.Name = ""
	f.Menu.Choices = []config.Choice{}
	f.Menu.OnFail = config.Destination{Kind: "hangup"}
	return f
}

func (s *Server) revision() string { return strconv.FormatUint(s.Store.Change(), 10) }

// edited is a document as the page sends it.
type edited struct {
	Settings config.Settings `json:"settings"`
	Revision string          `json:"revision"`
}

// readEdited reads it. Who is logged in is not the page's to say: it takes that from now.
func (s *Server) readEdited(r *http.Request) (edited, error) {
	var body struct {
		Settings json.RawMessage `json:"settings"`
		Revision string          `json:"revision"`
	}
	if err := read(r, &body); err != nil {
		return edited{}, err
	}
	if len(body.Settings) == 0 {
		return edited{}, refuse(http.StatusBadRequest, "error.not_json", "why", `"settings" is missing`)
	}
	next, _, err := config.Import(body.Settings)
	if err != nil {
		return edited{}, err
	}
	in := map[string]bool{}
	for _, a := range s.Switch.Settings().Agents {
		in[a.Extension] = a.LoggedIn
	}
	for i := range next.Agents {
		next.Agents[i].LoggedIn = in[next.Agents[i].Extension]
	}
	return edited{next, body.Revision}, nil
}

// checkSettings says what a save would change and touch, or what is wrong, and saves nothing.
func (s *Server) checkSettings(w http.ResponseWriter, r *http.Request) error {
	e, err := s.readEdited(r)
	if err != nil {
		return err
	}
	problems, err := s.problems(e.Settings)
	if err != nil {
		return err
	}
	checked := struct {
		Problems []config.Problem `json:"problems"`
		Changes  []config.Change  `json:"changes"`
	}{paths(problems), []config.Change{}}
	if len(checked.Problems) == 0 {
		checked.Changes = list(s.Switch.Changes(e.Settings))
	}
	answer(w, http.StatusOK, checked)
	return nil
}

// problems is what keeps a document from being saved: what is wrong with it, and prompts that are not there.
func (s *Server) problems(next config.Settings) ([]config.Problem, error) {
	missing, err := s.Store.MissingPrompts(next, builtIn())
	return append(config.Validate(next), missing...), err
}

func (s *Server) applySettings(w http.ResponseWriter, r *http.Request) error {
	e, err := s.readEdited(r)
	if err != nil {
		return err
	}
	s.saving.Lock()
	defer s.saving.Unlock()
	if e.Revision != s.revision() {
		return refuse(http.StatusConflict, "error.settings_moved")
	}
	problems, err := s.problems(e.Settings)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return config.ProblemsError(problems)
	}
	if err := s.Switch.Apply(e.Settings, "admin"); err != nil {
		return err
	}
	answer(w, http.StatusOK, struct {
		Revision string `json:"revision"`
	}{s.revision()})
	return nil
}

// readSettings reads an exported file for the page to edit; nothing is saved.
func (s *Server) readSettings(w http.ResponseWriter, r *http.Request) error {
	octets, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	imported, _, err := config.Import(octets)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, struct {
		Settings config.Settings `json:"settings"`
	}{imported.Clone()})
	return nil
}

func (s *Server) exportSettings(w http.ResponseWriter, _ *http.Request) error {
	now := s.Switch.Settings()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="trunkbox-settings-%s.json"`, s.localTime().Format("20060102-1504")))
	_, _ = w.Write(config.Export(now))
	return nil
}

// localTime is the time in the box's zone.
func (s *Server) localTime() time.Time {
	zone, err := time.LoadLocation(s.Switch.Settings().Box.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return time.Now().In(zone)
}

func (s *Server) settingsHistory(w http.ResponseWriter, _ *http.Request) error {
	kept, err := s.Store.History()
	if err != nil {
		return err
	}
	type version struct {
		Version string    `json:"version"`
		At      time.Time `json:"at"`
		By      string    `json:"by"`
	}
	list := []version{}
	for _, v := range kept {
		list = append(list, version{strconv.FormatUint(v.Change, 10), v.At, v.By})
	}
	answer(w, http.StatusOK, map[string]any{"versions": list})
	return nil
}

func (s *Server) settingsVersion(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseUint(r.PathValue("change"), 10, 64)
	if err != nil {
		return refuse(http.StatusNotFound, "error.no_version")
	}
	v, ok, err := s.Store.At(number)
	if err != nil {
		return err
	}
	if !ok {
		return refuse(http.StatusNotFound, "error.no_version")
	}
	answer(w, http.StatusOK, struct {
		Settings config.Settings `json:"settings"`
	}{v.Settings.Clone()})
	return nil
}

func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}

// paths writes the paths of problems as the page names its fields: agents.3.password.
func paths(problems []config.Problem) []config.Problem {
	written := make([]config.Problem, 0, len(problems))
	for _, p := range problems {
		p.Path = strings.NewReplacer("[", ".", "]", "").Replace(p.Path)
		written = append(written, p)
	}
	return written
}
