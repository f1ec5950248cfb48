package webadmin

import (
	"bytes"
	"math"
	"net/http"
	"strings"
	"testing"

	"trunkbox/firmware/prompt"
)

// tone is a WAV file of one second of 440 Hz.
func tone() []byte {
	samples := make([]int16, 8000)
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/8000))
	}
	return prompt.WAV(prompt.Compress(samples))
}

func (b *box) prompt(name string) (row promptRow, found bool) {
	b.t.Helper()
	var all struct{ Prompts []promptRow }
	b.do("GET", "/api/prompts", nil, http.StatusOK, &all)
	for _, row := range all.Prompts {
		if row.Name == name {
			return row, true
		}
	}
	return promptRow{}, false
}

func TestPrompts(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	goodbye, ok := b.prompt("goodbye")
	if !ok || goodbye.Piece || len(goodbye.Sounds) != 2 || goodbye.Sounds[0].Own || goodbye.Sounds[0].MS < 500 || goodbye.ZH == "" {
		t.Fatalf("the built-in goodbye is %+v", goodbye)
	}
	if nine, _ := b.prompt("9"); !nine.Piece {
		t.Errorf("the figure nine is %+v", nine)
	}

	b.do("POST", "/api/prompts/zh/goodbye", tone(), http.StatusNoContent, nil)
	goodbye, _ = b.prompt("goodbye")
	if len(goodbye.Sounds) != 2 || !goodbye.Sounds[0].Own || goodbye.Sounds[0].MS != 1000 || goodbye.Sounds[1].Own {
		t.Errorf("after the upload goodbye is %+v", goodbye)
	}
	w := b.send(b.request("GET", "/api/prompts/zh/goodbye", ""))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "audio/wav" {
		t.Fatalf("listening gives %d as %q", w.Code, w.Header().Get("Content-Type"))
	}
	kept, _ := b.Store.Prompt("goodbye", "zh")
	if heard := w.Body.Bytes(); len(kept) != 8000 || !bytes.Equal(heard, prompt.WAV(kept)) {
		t.Errorf("the %d octets that are heard are not the %d that were kept", len(heard), len(kept))
	}
	b.do("DELETE", "/api/prompts/zh/goodbye", nil, http.StatusNoContent, nil)
	if goodbye, _ = b.prompt("goodbye"); goodbye.Sounds[0].Own {
		t.Errorf("after removing it goodbye is %+v", goodbye)
	}
	b.do("DELETE", "/api/prompts/zh/goodbye", nil, http.StatusNotFound, nil)
}

func TestPromptsThatAreRefused(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	for path, content := range map[string][]byte{
		"/api/prompts/zh/a":                          []byte("ID3 this is no WAV"),
		"/api/prompts/zh/b":                          {},
		"/api/prompts/fr/c":                          tone(),
		"/api/prompts/zh/" + strings.Repeat("x", 61): tone(),
	} {
		b.do("POST", path, content, http.StatusUnprocessableEntity, nil)
	}
	b.do("GET", "/api/prompts/zh/a", nil, http.StatusNotFound, nil)
	b.do("POST", "/api/prompts/zh/own", tone(), http.StatusNoContent, nil)
	s := b.Store.Settings()
	s.Menus[0].Welcome = "own"
	if err := b.Store.Save(s, "admin"); err != nil {
		t.Fatal(err)
	}
	b.do("DELETE", "/api/prompts/zh/own", nil, http.StatusUnprocessableEntity, nil)
}

// TestBackToTheBuiltInPrompt: a prompt in use may go when a built-in one of its name is heard instead.
func TestBackToTheBuiltInPrompt(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	s := b.Store.Settings()
	s.Menus[0].Welcome = "goodbye"
	if err := b.Store.Save(s, "admin"); err != nil {
		t.Fatal(err)
	}
	b.do("POST", "/api/prompts/zh/goodbye", tone(), http.StatusNoContent, nil)
	b.do("DELETE", "/api/prompts/zh/goodbye", nil, http.StatusNoContent, nil)
	if goodbye, _ := b.prompt("goodbye"); len(goodbye.Sounds) != 2 || goodbye.Sounds[0].Own {
		t.Errorf("after removing it goodbye is %+v", goodbye)
	}
}
