package config

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	first, err := s.Secret("session", 32)
	if err != nil || len(first) != 32 {
		t.Fatal(first, err)
	}
	if other, _ := s.Secret("cookie", 32); bytes.Equal(first, other) {
		t.Error("two secrets are the same")
	}
	if _, err := s.Secret("session", 16); err == nil {
		t.Error("another length was given")
	}
	if _, err := s.Secret(".password", 16); err == nil {
		t.Error("the store's own names can be asked for")
	}
	if err := s.PutSecret("tls", []byte("key")); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s, _ = opened(t, dir)
	if again, _ := s.Secret("session", 32); !bytes.Equal(first, again) {
		t.Error("the secret changed over a restart")
	}
	if key, ok := s.KeptSecret("tls"); !ok || string(key) != "key" {
		t.Errorf("kept %q", key)
	}
}

func TestAdminPassword(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	code, ok := s.OneTimeCode()
	if !ok || !regexp.MustCompile(`^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$`).MatchString(code) {
		t.Fatalf("code %q", code)
	}
	_ = s.Close()
	s, _ = opened(t, dir)
	if again, _ := s.OneTimeCode(); again != code {
		t.Errorf("the code changed from %q to %q", code, again)
	}
	if s.CheckPassword("") {
		t.Error("no password is a password")
	}
	var problem Problem
	if err := s.SetAdminPassword("AAAA-AAAA-AAAA", "long enough 1"); !errors.As(err, &problem) || problem.Path != "code" {
		t.Errorf("wrong code: %v", err)
	}
	if err := s.SetAdminPassword(code, "short"); !errors.As(err, &problem) || problem.Path != "password" {
		t.Errorf("short password: %v", err)
	}
	if err := s.SetAdminPassword(strings.ToLower(bare(code)), "密码要有十个字以上才行"); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.OneTimeCode(); ok || !s.HasPassword() {
		t.Error("the code outlives the first password")
	}
	if err := s.SetAdminPassword(code, "long enough 2"); !errors.As(err, &problem) {
		t.Errorf("the code works twice: %v", err)
	}
	if !s.CheckPassword("密码要有十个字以上才行") || s.CheckPassword("密码要有十个字以上才") {
		t.Error("the password is not checked")
	}
	if err := s.PutSession("0123456789abcdef", Session{Who: "admin", Ends: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangePassword("wrong", "long enough 3"); !errors.As(err, &problem) || problem.Path != "old" {
		t.Errorf("wrong old password: %v", err)
	}
	if err := s.ChangePassword("密码要有十个字以上才行", "long enough 3"); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Session("0123456789abcdef"); ok {
		t.Error("a session outlives its password")
	}
	_ = s.Close()
	s, _ = opened(t, dir)
	if !s.CheckPassword("long enough 3") {
		t.Error("the new password is not kept")
	}
	if err := s.ForgetPassword(); err != nil {
		t.Fatal(err)
	}
	if next, ok := s.OneTimeCode(); !ok || next == code || s.CheckPassword("long enough 3") {
		t.Errorf("after the reset button: %q, %v", next, ok)
	}
}

func TestSessions(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	const token = "a token of some length"
	if err := s.PutSession("short", Session{}); err == nil {
		t.Error("a short token is taken")
	}
	ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	if err := s.PutSession(token, Session{Who: "admin", Language: "zh", Ends: ends}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutSession(token+"2", Session{Who: "admin", Ends: time.Now().Add(-time.Second)}); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s, _ = opened(t, dir)
	if got, ok := s.Session(token); !ok || got.Who != "admin" || !got.Ends.Equal(ends) {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := s.Session(token + "2"); ok {
		t.Error("a session that has ended is given")
	}
	for i := range sessionsKept + 5 {
		if err := s.PutSession(token+string(rune('a'+i)), Session{Ends: ends.Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if records, _ := s.all(bucketSessions); len(records) != sessionsKept {
		t.Errorf("%d sessions are kept", len(records))
	}
	if _, ok := s.Session(token); ok {
		t.Error("the session that ends first did not make room")
	}
	if err := s.DropSession(token + "b"); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Session(token + "b"); ok {
		t.Error("a dropped session is given")
	}
}

func TestPrompts(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	sound := bytes.Repeat([]byte{0x55}, 16000)
	for _, lang := range []string{"zh", "en"} {
		if err := s.PutPrompt("menu", lang, sound); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := s.Prompt("menu", "zh"); !ok || !bytes.Equal(got, sound) {
		t.Errorf("%d octets, %v", len(got), ok)
	}
	list, err := s.Prompts()
	if err != nil || len(list) != 2 || list[0].Lang != "en" || list[0].Octets != 16000 || list[0].At.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.DropPrompt("menu", "en", nil); err != nil {
		t.Error(err)
	}
	var problem Problem
	if err := s.DropPrompt("menu", "zh", []string{"goodbye"}); !errors.As(err, &problem) || !strings.Contains(problem.EN, "menu 主菜单") {
		t.Errorf("a prompt in use was dropped: %v", err)
	}
	if err := s.DropPrompt("menu", "zh", []string{"goodbye", "menu"}); err != nil {
		t.Errorf("a prompt with a built-in one behind it was not dropped: %v", err)
	}
	if err := s.PutPrompt("menu", "zh", sound); err != nil {
		t.Fatal(err)
	}
	settings := s.Settings()
	settings.Menus[0].Prompt = "other"
	mustSave(t, s, settings)
	if err := s.DropPrompt("menu", "zh", nil); err != nil {
		t.Error(err)
	}
	for _, bad := range []error{
		s.PutPrompt("a/b", "zh", sound), s.PutPrompt("a", "fr", sound), s.PutPrompt("a", "zh", nil),
		s.PutPrompt("a", "zh", make([]byte, promptLongest+1)),
	} {
		if !errors.As(bad, &problem) || problem.ZH == "" {
			t.Errorf("%v", bad)
		}
	}
}

func TestKeep(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	for key, value := range map[string]string{"201": "a", "202": "b"} {
		if err := s.Keep("sipphone", key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Keep("sip", "x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep("sipphone", "202", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep("", "x", nil); err == nil {
		t.Error("no room is a room")
	}
	_ = s.Close()
	s, _ = opened(t, dir)
	if all := s.KeptAll("sipphone"); len(all) != 1 || string(all["201"]) != "a" {
		t.Errorf("%q", all)
	}
	if _, ok := s.Kept("sipphone", "202"); ok {
		t.Error("a forgotten value is kept")
	}
}

// BenchmarkSave is one acknowledged change of settings with forty agents.
func BenchmarkSave(b *testing.B) {
	s, _, err := Open(b.TempDir(), quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	settings := withAgents(40)
	b.ReportAllocs()
	for i := range b.N {
		settings.Queues[0].RingSeconds = 10 + i%2
		if err := s.Save(settings, "bench"); err != nil {
			b.Fatal(err)
		}
	}
}
