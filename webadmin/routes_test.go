package webadmin

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// example turns a pattern of the route table into a request line.
func example(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, strings.NewReplacer("{$}", "", "{file}", "app.js", "{extension}", "201", "{id}", "c1", "{change}", "1", "{line}", "line1",
		"{lang}", "zh", "{name}", "welcome").Replace(path)
}

func TestEveryRouteAsksWhoItIs(t *testing.T) {
	guests := map[string]func(*box){"nobody": func(*box) {}, "admin": (*box).signInAdmin, "agent": (*box).signInAgent}
	allowed := map[access][]string{anyone: {"nobody", "admin", "agent"}, admin: {"admin"}, agent: {"agent"}}
	for guest, signIn := range guests {
		b := newBox(t)
		signIn(b)
		for _, rt := range b.routes() {
			if slices.Contains(allowed[rt.who], guest) {
				continue
			}
			method, path := example(rt.pattern)
			w := b.send(b.request(method, path, ""))
			if w.Code != http.StatusUnauthorized {
				t.Errorf("%s by %s: %d, expected 401", rt.pattern, guest, w.Code)
			}
			b.refusalIsSaid(w)
		}
		if deeds := b.desk.done(); len(deeds) > 0 {
			t.Errorf("refused to %s and done: %v", guest, deeds)
		}
	}
}

func TestEveryWritingRouteRefusesOtherPages(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.signInAgent()
	spoil := map[string]func(*http.Request){
		"without the page's header": func(r *http.Request) { r.Header.Del(pageHeader) },
		"from another site":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"from another port":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"from another origin": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "http://evil.example")
		},
	}
	for _, rt := range b.routes() {
		method, path := example(rt.pattern)
		if safe(method) {
			continue
		}
		for how, change := range spoil {
			r := b.request(method, path, "{}")
			change(r)
			w := b.send(r)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s: %d, expected 403: %s", rt.pattern, how, w.Code, w.Body)
			}
			b.refusalIsSaid(w)
		}
	}
	if deeds := b.desk.done(); len(deeds) > 0 {
		t.Errorf("refused and done: %v", deeds)
	}
}

func TestEveryWritingRouteBoundsItsBody(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.signInAgent()
	for _, rt := range b.routes() {
		method, path := example(rt.pattern)
		if safe(method) {
			continue
		}
		limit := max(rt.body, smallBody)
		r := b.request(method, path, "")
		r.Body, r.ContentLength = http.NoBody, limit+1
		if w := b.send(r); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with %d octets announced: %d, expected 413", rt.pattern, limit+1, w.Code)
		}
	}
	// A body that does not say how long it is: counted while it is read.
	r := b.request("POST", "/api/sign-in", `{"password":"`+strings.Repeat("x", smallBody)+`"}`)
	r.ContentLength = -1
	w := b.send(r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("an endless body: %d, expected 413: %s", w.Code, w.Body)
	}
	b.refusalIsSaid(w)
}

func TestBadBodiesAreSentences(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	for _, content := range []string{`{`, `[]`, `{"reason":7}`, `{"unknown":""}`, `{} {}`, "\x00"} {
		b.do("POST", "/api/agents/201/pause", content, http.StatusBadRequest, nil)
	}
}

func TestUnknownPaths(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	for _, line := range []string{"GET /nothing", "GET /api/nothing", "POST /api/now", "DELETE /api/settings", "GET /page/", "GET /page/../words.go"} {
		method, path, _ := strings.Cut(line, " ")
		w := b.send(b.request(method, path, ""))
		if w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d, expected 404", line, w.Code)
		}
	}
}

func TestPagesAreStrict(t *testing.T) {
	b := newBox(t)
	for _, path := range []string{"/", "/agent", "/page/app.js", "/page/look.css", "/page/words.json", "/page/icon.svg", "/api/hello"} {
		w := b.send(b.request("GET", path, ""))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		h := w.Result().Header
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'self';") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: policy %q", path, h.Get("Content-Security-Policy"))
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") == "" {
			t.Errorf("%s: headers %v", path, h)
		}
		tag := h.Get("ETag")
		if strings.HasPrefix(path, "/api/") {
			if h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %v", path, h)
			}
			continue
		}
		r := b.request("GET", path, "")
		r.Header.Set("If-None-Match", tag)
		if w := b.send(r); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s with its own tag: %d", path, w.Code)
		}
	}
}

// TestNothingOfOthers: the pages load nothing from elsewhere and hold nothing that the policy forbids.
func TestNothingOfOthers(t *testing.T) {
	for name, text := range sources(t) {
		if !strings.HasPrefix(name, "page/") {
			continue
		}
		for _, bad := range []string{"http://", "https://", "innerHTML", "eval(", "style=", "onclick=", "<script>", "<style"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}
