package webadmin

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/config"
)

func (b *box) state(path string) string {
	b.t.Helper()
	var h hello
	b.do("GET", path, nil, http.StatusOK, &h)
	return h.State
}

func TestFirstVisit(t *testing.T) {
	b := emptyBox(t)
	if state := b.state("/api/hello"); state != "new" {
		t.Fatalf("a new box says %q", state)
	}
	code, _ := b.Store.OneTimeCode()
	b.do("POST", "/api/first", map[string]string{"code": "AAAA-BBBB-CCCC", "password": rightPassword}, http.StatusUnprocessableEntity, nil)
	b.do("POST", "/api/first", map[string]string{"code": code, "password": "short"}, http.StatusUnprocessableEntity, nil)
	b.do("POST", "/api/first", map[string]string{"code": strings.ToLower(code), "password": rightPassword}, http.StatusNoContent, nil)
	if state := b.state("/api/hello"); state != "signed_in" {
		t.Errorf("after the first visit the page is %q", state)
	}
	b.do("POST", "/api/first", map[string]string{"code": code, "password": "another password"}, http.StatusUnprocessableEntity, nil)
	if !b.Store.CheckPassword(rightPassword) {
		t.Error("the password does not hold")
	}
}

func TestSignInAndOut(t *testing.T) {
	b := newBox(t)
	b.do("POST", "/api/sign-in", map[string]string{"password": "a wrong password"}, http.StatusForbidden, nil)
	if len(b.refused) != 1 || b.refused[0] != "admin 192.0.2.1:5000" {
		t.Errorf("told of refused sign-ins: %v", b.refused)
	}
	b.signInAdmin()
	if state := b.state("/api/hello"); state != "signed_in" {
		t.Fatalf("signed in, and the page says %q", state)
	}
	stolen := b.cookies["trunkbox"]
	b.do("POST", "/api/sign-out", nil, http.StatusNoContent, nil)
	b.cookies["trunkbox"] = stolen
	b.do("GET", "/api/now", nil, http.StatusUnauthorized, nil)
}

func TestSignInIsLimited(t *testing.T) {
	b := newBox(t)
	for range freeTries {
		b.do("POST", "/api/sign-in", map[string]string{"password": "a wrong password"}, http.StatusForbidden, nil)
	}
	for _, path := range []string{"/api/sign-in", "/api/agent/sign-in", "/api/first"} {
		w := b.send(b.request("POST", path, `{"password":"`+rightPassword+`"}`))
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s after %d wrong passwords: %d, %v", path, freeTries, w.Code, w.Header())
		}
		b.refusalIsSaid(w)
	}
	b.address = "192.0.2.2:5000"
	b.signInAdmin()
}

// TestGuessesOfOtherSecretsAreToldAndLimited: the one-time code and the old password are guarded as signing in is.
func TestGuessesOfOtherSecretsAreToldAndLimited(t *testing.T) {
	for path, c := range map[string]struct {
		box         *box
		weak, wrong map[string]string
	}{
		"/api/first": {
			emptyBox(t),
			map[string]string{"code": "AAAA-BBBB-CCCC", "password": "short"},
			map[string]string{"code": "AAAA-BBBB-CCCC", "password": rightPassword},
		},
		"/api/password": {
			newBox(t),
			map[string]string{"old": rightPassword, "new": "short"},
			map[string]string{"old": "a wrong password", "new": "a new password"},
		},
	} {
		b := c.box
		if path == "/api/password" {
			b.signInAdmin()
		}
		b.do("POST", path, c.weak, http.StatusUnprocessableEntity, nil)
		if len(b.refused) != 0 {
			t.Errorf("%s: a new password that will not do is told of as a guess: %v", path, b.refused)
		}
		for range freeTries - 1 {
			b.do("POST", path, c.wrong, http.StatusUnprocessableEntity, nil)
		}
		b.do("POST", path, c.wrong, http.StatusTooManyRequests, nil)
		if want := []string{"admin 192.0.2.1:5000", "admin 192.0.2.1:5000"}; !slices.Equal(b.refused, want) {
			t.Errorf("%s: told of %v, want %v", path, b.refused, want)
		}
	}
}

func TestCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		b := newBox(t)
		r := b.request("POST", "/api/sign-in", `{"password":"`+rightPassword+`"}`)
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		cookies := b.send(r).Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d cookies", len(cookies))
		}
		c := cookies[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
			t.Errorf("over TLS %v: %v", secure, c)
		}
		if len(c.Value) < 26 {
			t.Errorf("the token %q can be guessed", c.Value)
		}
	}
}

func TestSignInAgainDropsTheOldSession(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	old := b.cookies["trunkbox"]
	b.signInAdmin()
	if _, there := b.Store.Session(old); there || b.cookies["trunkbox"] == old {
		t.Error("the old session still holds")
	}
}

func TestChangePassword(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	other := b.cookies["trunkbox"]
	delete(b.cookies, "trunkbox")
	b.signInAdmin()
	b.do("POST", "/api/password", map[string]string{"old": "a wrong password", "new": "a new password"}, http.StatusUnprocessableEntity, nil)
	b.do("POST", "/api/password", map[string]string{"old": rightPassword, "new": "short"}, http.StatusUnprocessableEntity, nil)
	b.do("POST", "/api/password", map[string]string{"old": rightPassword, "new": "a new password"}, http.StatusNoContent, nil)
	b.do("GET", "/api/now", nil, http.StatusOK, nil)
	b.cookies["trunkbox"] = other
	b.do("GET", "/api/now", nil, http.StatusUnauthorized, nil)
	if !b.Store.CheckPassword("a new password") {
		t.Error("the new password does not hold")
	}
}

func TestSessionEndsUnlessUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.signInAdmin()
		for range 6 {
			time.Sleep(adminSession*2/3 - time.Minute)
			b.do("GET", "/api/now", nil, http.StatusOK, nil)
		}
		time.Sleep(adminSession + time.Minute)
		b.do("GET", "/api/now", nil, http.StatusUnauthorized, nil)
	})
}

func TestAgentSignsIn(t *testing.T) {
	b := newBox(t)
	for _, wrong := range []map[string]string{
		{"extension": "201", "password": "phone-of-202-x"},
		{"extension": "999", "password": ""},
	} {
		b.do("POST", "/api/agent/sign-in", wrong, http.StatusForbidden, nil)
	}
	b.signInAgent()
	if state := b.state("/api/agent/hello"); state != "signed_in" {
		t.Fatalf("signed in, and the page says %q", state)
	}
	if state := b.state("/api/hello"); state != "signed_out" {
		t.Errorf("an agent is %q on the administrator's page", state)
	}
	b.signInAdmin()
	b.do("POST", "/api/agent/sign-out", nil, http.StatusNoContent, nil)
	b.do("GET", "/api/now", nil, http.StatusOK, nil)
	b.do("GET", "/api/agent/me", nil, http.StatusUnauthorized, nil)
}

func TestAgentSessionEndsWithThePassword(t *testing.T) {
	for name, alter := range map[string]func(*config.Settings){
		"a new password":    func(s *config.Settings) { s.Agents[0].Password = "another-password" },
		"another agent":     func(s *config.Settings) { s.Agents = s.Agents[1:] },
		"another extension": func(s *config.Settings) { s.Agents[0].Extension = "299" },
	} {
		b := newBox(t)
		b.signInAgent()
		b.do("GET", "/api/agent/me", nil, http.StatusOK, nil)
		settings := b.Store.Settings()
		alter(&settings)
		if err := b.Store.Save(settings, "admin"); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		b.do("GET", "/api/agent/me", nil, http.StatusUnauthorized, nil)
	}
}
