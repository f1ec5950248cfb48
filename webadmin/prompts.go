package webadmin

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/prompt"
)

// promptRow is one prompt as the page lists it.
type promptRow struct {
	Name   string     `json:"name"`
	ZH     string     `json:"zh"` // the wording, of a built-in one
	EN     string     `json:"en"`
	Piece  bool       `json:"piece"`  // a number or word that sentences are put together from
	Sounds []soundRow `json:"sounds"` // one a language
}

// piece tells words from sentences: a sentence has its full stop.
func piece(e prompt.Entry) bool {
	return !strings.HasSuffix(e.ZH, "。") && !(strings.HasSuffix(e.EN, ".") && strings.Contains(e.EN, " "))
}

type soundRow struct {
	Lang string `json:"lang"`
	Own  bool   `json:"own"` // uploaded; it stands before a built-in one of the same name
	MS   int    `json:"ms"`
}

// octetsPerMS of A-law sound.
const octetsPerMS = 8

// prompts lists the box's own prompts and the built-in ones, by name.
func (s *Server) prompts(w http.ResponseWriter, _ *http.Request) error {
	own, err := s.Store.Prompts()
	if err != nil {
		return err
	}
	rows := []promptRow{}
	add := func(e prompt.Entry, sound soundRow) {
		i := slices.IndexFunc(rows, func(r promptRow) bool { return r.Name == e.Name })
		if i < 0 {
			rows = append(rows, promptRow{Name: e.Name})
			i = len(rows) - 1
		}
		if e.ZH+e.EN != "" {
			rows[i].ZH, rows[i].EN, rows[i].Piece = e.ZH, e.EN, piece(e)
		}
		if !slices.ContainsFunc(rows[i].Sounds, func(s soundRow) bool { return s.Lang == sound.Lang }) {
			rows[i].Sounds = append(rows[i].Sounds, sound)
		}
	}
	for _, info := range own {
		add(prompt.Entry{Name: info.Name}, soundRow{info.Lang, true, info.Octets / octetsPerMS})
	}
	for _, entry := range append(prompt.Names(), prompt.Entry{Name: prompt.MusicName}) {
		for _, lang := range config.Languages {
			if length, ok := prompt.Length(lang, entry.Name); ok {
				add(entry, soundRow{lang, false, int(length.Milliseconds())})
			}
		}
	}
	for _, row := range rows {
		slices.SortFunc(row.Sounds, func(a, b soundRow) int {
			return slices.Index(config.Languages, a.Lang) - slices.Index(config.Languages, b.Lang)
		})
	}
	answer(w, http.StatusOK, map[string]any{"prompts": rows})
	return nil
}

// prompt gives the sound as a WAV file.
func (s *Server) prompt(w http.ResponseWriter, r *http.Request) error {
	name, lang := r.PathValue("name"), r.PathValue("lang")
	clip, ok := prompt.Find(lang, name)
	if own, uploaded := s.Store.Prompt(name, lang); uploaded {
		clip, ok = own, true
	}
	if !ok {
		return refuse(http.StatusNotFound, "error.no_prompt")
	}
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(prompt.WAV(clip)))
	return nil
}

// putPrompt takes a WAV file and keeps its sound.
func (s *Server) putPrompt(w http.ResponseWriter, r *http.Request) error {
	octets, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	clip, err := prompt.Convert(octets)
	if err != nil {
		var no *prompt.RefusedError
		if errors.As(err, &no) {
			return &refusal{status: http.StatusUnprocessableEntity, said: &said{no.ZH, no.EN}}
		}
		return err
	}
	if err := s.Store.PutPrompt(strings.TrimSpace(r.PathValue("name")), r.PathValue("lang"), clip); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// builtIn are the names of the prompts the box comes with, music included.
func builtIn() []string {
	names := []string{prompt.MusicName}
	for _, entry := range prompt.Names() {
		names = append(names, entry.Name)
	}
	return names
}

// dropPrompt removes an uploaded prompt; a built-in one of its name is heard again.
func (s *Server) dropPrompt(w http.ResponseWriter, r *http.Request) error {
	name, lang := r.PathValue("name"), r.PathValue("lang")
	if _, own := s.Store.Prompt(name, lang); !own {
		return refuse(http.StatusNotFound, "error.no_prompt")
	}
	if err := s.Store.DropPrompt(name, lang, builtIn()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
