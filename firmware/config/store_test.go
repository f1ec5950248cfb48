package config

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

var quiet = slog.New(slog.DiscardHandler)

// opened opens dir and closes it with the test.
func opened(t *testing.T, dir string) (*Store, Report) {
	t.Helper()
	s, report, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, report
}

// withAgents is Default with n agents.
func withAgents(n int) Settings {
	s := Default("CN", "zh")
	for i := range n {
		s.Agents = append(s.Agents, Agent{
			Extension: fmt.Sprint(200 + i), Name: fmt.Sprintf("坐席 %d", i), Password: fmt.Sprintf("secret-%06d", i),
			Queues: []string{"销售"}, Outbound: true,
		})
	}
	return s
}

func mustSave(t *testing.T, s *Store, settings Settings) {
	t.Helper()
	if err := s.Save(settings, "admin"); err != nil {
		t.Fatal(err)
	}
}

func TestFirstBoot(t *testing.T) {
	dir := t.TempDir()
	s, report := opened(t, dir)
	if !report.FirstBoot || report.FellBack || report.EN != "" {
		t.Errorf("first boot reported as %+v", report)
	}
	if got := s.Settings(); !reflect.DeepEqual(got, Default("CN", "zh").Clone()) {
		t.Errorf("first boot starts with %+v", got)
	}
	_ = s.Close()
	if _, report = opened(t, dir); report != (Report{}) {
		t.Errorf("second boot reported as %+v", report)
	}
}

func TestSaveHistoryUndo(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	for n := 1; n <= 25; n++ {
		mustSave(t, s, withAgents(n))
	}
	mustSave(t, s, withAgents(25)) // nothing new: no version
	history, err := s.History()
	if err != nil || len(history) != versionsKept {
		t.Fatalf("history of %d versions, %v", len(history), err)
	}
	if history[0].Change != 26 || history[0].By != "admin" || history[0].At.IsZero() || len(history[19].Settings.Agents) != 6 {
		t.Errorf("newest %d by %q, oldest has %d agents", history[0].Change, history[0].By, len(history[19].Settings.Agents))
	}
	if err := s.Undo(20, "admin"); err != nil {
		t.Fatal(err)
	}
	if err := s.Undo(3, "admin"); err == nil || !strings.Contains(err.Error(), "Change 3 is not kept") {
		t.Errorf("undo of a forgotten change: %v", err)
	}
	_ = s.Close()
	again, report := opened(t, dir)
	if report != (Report{}) || len(again.Settings().Agents) != 19 || again.Change() != 27 {
		t.Errorf("after reopening: %+v, %d agents, change %d", report, len(again.Settings().Agents), again.Change())
	}
}

func TestSettingsAreTheCallers(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	mine := s.Settings()
	mine.Menus[0].Choices[0].Key = "9"
	mine.Queues[0].Name = "changed"
	if got := s.Settings(); got.Menus[0].Choices[0].Key != "1" || got.Queues[0].Name != "销售" {
		t.Error("the store's settings changed with the caller's copy")
	}
}

func TestRefusedSettingsLeaveTheOldOnes(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	bad := s.Settings()
	bad.Queues[0].RingSeconds = 0
	err := s.Save(bad, "admin")
	problems, ok := err.(ProblemsError)
	if !ok || problems[0].Path != "queues[0].ring_seconds" || s.Settings().Queues[0].RingSeconds != 15 {
		t.Errorf("Save said %v", err)
	}
}

func TestLogInState(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	mustSave(t, s, withAgents(2))
	if err := s.SetLoggedIn("200", true); err != nil {
		t.Fatal(err)
	}
	if err := s.SetLoggedIn("999", true); err == nil {
		t.Error("an unknown agent logged in")
	}
	page := s.Settings()
	page.Agents[0].LoggedIn = false // a page that was loaded before the log-in
	page.Agents[0].Name = "王芳"
	mustSave(t, s, page)
	change := s.Change()
	_ = s.Close()
	s, _ = opened(t, dir)
	if got := s.Settings().Agents; !got[0].LoggedIn || got[1].LoggedIn || s.Change() != change {
		t.Errorf("agents %+v, change %d", got, s.Change())
	}
	gone := s.Settings()
	gone.Agents = gone.Agents[1:]
	mustSave(t, s, gone)
	mustSave(t, s, withAgents(2))
	if s.Settings().Agents[0].LoggedIn {
		t.Error("a new agent with an old extension is logged in")
	}
}

// filled makes a store with something in every bucket and returns its directory and last settings.
func filled(t *testing.T) (dir string, last Settings, secret []byte) {
	t.Helper()
	dir = t.TempDir()
	s, _, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 8; n++ {
		mustSave(t, s, withAgents(4*n))
	}
	if secret, err = s.Secret("session", 32); err != nil {
		t.Fatal(err)
	}
	code, _ := s.OneTimeCode()
	if err := s.SetAdminPassword(code, "correct horse"); err != nil {
		t.Fatal(err)
	}
	if err := s.PutPrompt("holiday", "zh", bytes.Repeat([]byte{0xd5}, 9000)); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := s.Keep("sipphone", fmt.Sprint("phone", i), bytes.Repeat([]byte("x"), 60)); err != nil {
			t.Fatal(err)
		}
	}
	last = withAgents(33)
	mustSave(t, s, last)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, last.Clone(), secret
}

// copied is a copy of a store's directory.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// survives opens a damaged store and checks that nothing acknowledged was lost.
func survives(t *testing.T, dir string, last Settings, secret []byte) Report {
	t.Helper()
	s, report, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if got := s.Settings(); !reflect.DeepEqual(got, last) {
		t.Fatalf("starts with %d agents, %d were saved; %+v", len(got.Agents), len(last.Agents), report)
	}
	if got, err := s.Secret("session", 32); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("another secret, %v; %+v", err, report)
	}
	if !s.HasPassword() {
		t.Fatalf("the password is lost; %+v", report)
	}
	if report.FellBack && (report.ZH == "" || report.EN == "" || report.MovedTo == "") {
		t.Fatalf("fell back without saying so: %+v", report)
	}
	return report
}

func TestTruncatedAtEveryPage(t *testing.T) {
	dir, last, secret := filled(t)
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	fell := 0
	for size := int64(0); size < info.Size(); size += 4096 {
		damaged := copied(t, dir)
		if err := os.Truncate(filepath.Join(damaged, databaseFile), size); err != nil {
			t.Fatal(err)
		}
		if survives(t, damaged, last, secret).FellBack {
			fell++
		}
	}
	if fell == 0 {
		t.Error("no truncation was noticed")
	}
	t.Logf("%d pages, %d truncations fell back", info.Size()/4096, fell)
}

func TestFlippedBits(t *testing.T) {
	dir, last, secret := filled(t)
	whole, err := os.ReadFile(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	fell := 0
	for range 120 {
		damaged := copied(t, dir)
		octets := bytes.Clone(whole)
		for range 1 + random.IntN(3) {
			bit := random.IntN(len(octets) * 8)
			octets[bit/8] ^= 1 << (bit % 8)
		}
		if err := os.WriteFile(filepath.Join(damaged, databaseFile), octets, 0o600); err != nil {
			t.Fatal(err)
		}
		if survives(t, damaged, last, secret).FellBack {
			fell++
		}
	}
	if fell == 0 {
		t.Error("no flipped bit was noticed")
	}
	t.Logf("%d of 120 fell back", fell)
}

func sameRecord(a, b record) bool {
	return a.bucket == b.bucket && a.key == b.key && bytes.Equal(a.payload, b.payload)
}

// TestWalkNoticesEveryFlip flips every bit of every element header in use: the walk must either notice,
// or find every record unchanged.
func TestWalkNoticesEveryFlip(t *testing.T) {
	dir, _, _ := filled(t)
	whole, err := os.ReadFile(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	want, err := walk(whole)
	if err != nil {
		t.Fatal(err)
	}
	for page := 2; page < len(whole)/4096; page++ {
		for bit := range 64 * 8 { // page header and the first three elements
			octets := whole
			at := page*4096 + bit/8
			octets[at] ^= 1 << (bit % 8)
			got, err := walk(octets)
			octets[at] ^= 1 << (bit % 8)
			if err == nil && !slices.EqualFunc(got, want, sameRecord) {
				t.Fatalf("page %d: flipping bit %d of octet %d changed the records unnoticed", page, bit%8, bit/8)
			}
		}
	}
}

func TestDamageRescuesTheRest(t *testing.T) {
	dir, last, secret := filled(t)
	path := filepath.Join(dir, databaseFile)
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	octets = bytes.ReplaceAll(octets, []byte(`"change":5,`), []byte(`#change":5,`)) // pages that are free may have it too
	if err := os.WriteFile(path, octets, 0o600); err != nil {
		t.Fatal(err)
	}
	if report := survives(t, dir, last, secret); !report.FellBack {
		t.Fatalf("damage unnoticed: %+v", report)
	}
	s, _ := opened(t, dir)
	prompt, ok := s.Prompt("holiday", "zh")
	if kept := s.KeptAll("sipphone"); !ok || len(prompt) != 9000 || len(kept) != 40 {
		t.Errorf("rescued a prompt of %d octets and %d kept values", len(prompt), len(kept))
	}
	history, err := s.History()
	if err != nil || len(history) != 9 { // ten versions, one damaged
		t.Errorf("rescued %d versions, %v", len(history), err)
	}
}

func TestBothDamagedRescuesFromTheDatabase(t *testing.T) {
	dir, last, secret := filled(t)
	if err := os.WriteFile(filepath.Join(dir, goodFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, databaseFile)
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	octets[bytes.LastIndex(octets, []byte(`"change":5,`))] ^= 1
	if err := os.WriteFile(path, octets, 0o600); err != nil {
		t.Fatal(err)
	}
	survives(t, dir, last, secret)
}

func TestMissingDatabase(t *testing.T) {
	dir, last, secret := filled(t)
	if err := os.Remove(filepath.Join(dir, databaseFile)); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, dir)
	if !report.FellBack || report.FirstBoot || !strings.Contains(report.EN, "is missing") {
		t.Errorf("reported as %+v", report)
	}
	_ = s.Close()
	survives(t, dir, last, secret)
}

func TestLockedDatabase(t *testing.T) {
	dir, last, secret := filled(t)
	first, _ := opened(t, dir)
	report := survives(t, dir, last, secret)
	if !report.FellBack || !strings.Contains(report.EN, "in use by another program") || !strings.Contains(report.ZH, "占用") {
		t.Errorf("reported as %+v", report)
	}
	_ = first.Close()
}

func TestNewerSchema(t *testing.T) {
	dir, last, secret := filled(t)
	db, err := bolt.Open(filepath.Join(dir, databaseFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return put(tx, bucketBox, "schema", []byte("99")) })
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	report := survives(t, dir, last, secret)
	if !report.FellBack || !strings.Contains(report.EN, "newer firmware (format 99") {
		t.Errorf("reported as %+v", report)
	}
}

func TestOlderThanTheGoodFile(t *testing.T) {
	dir, _, _ := filled(t)
	old := copied(t, dir)
	s, _ := opened(t, dir)
	mustSave(t, s, withAgents(3))
	_ = s.Close()
	good, err := os.ReadFile(filepath.Join(dir, goodFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(old, goodFile), good, 0o600); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, old)
	if !report.FellBack || len(s.Settings().Agents) != 3 {
		t.Errorf("%d agents, %+v", len(s.Settings().Agents), report)
	}
}

func TestUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, filepath.Join(file, "settings"))
	defer func() { _ = os.RemoveAll(s.dir) }()
	if !report.Volatile || !report.FellBack || report.EN == "" {
		t.Errorf("reported as %+v", report)
	}
	mustSave(t, s, withAgents(1))
	if len(s.Settings().Agents) != 1 {
		t.Error("a change did not take")
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	dir, _, _ := filled(t)
	for _, name := range []string{databaseFile, goodFile, goodSecretsFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
}

func TestAsideIsBounded(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, databaseFile)
	for range 9 {
		if err := os.WriteFile(path, []byte("not a database"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, report, err := Open(dir, quiet)
		if err != nil || !report.FellBack {
			t.Fatal(report, err)
		}
		_ = s.Close()
	}
	if aside, _ := filepath.Glob(path + ".unusable-*"); len(aside) != asideKept {
		t.Errorf("%d databases aside", len(aside))
	}
}

func FuzzWalk(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed.db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: 1024, NoFreelistSync: true})
	if err != nil {
		f.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		if err := layoutTo1(tx); err != nil {
			return err
		}
		return put(tx, bucketKeep, "room\x00key", []byte("value"))
	})
	if err != nil {
		f.Fatal(err)
	}
	_ = db.Close()
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	if records, err := walk(seed); err != nil || len(records) != 1 {
		f.Fatalf("the seed has %d records, %v", len(records), err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, octets []byte) {
		records, _ := walk(octets)
		for _, r := range records {
			if r.bucket == "" {
				t.Error("a record without a bucket")
			}
		}
	})
}
