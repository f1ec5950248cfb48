package performance

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// full is a line with a day of history in which something was wrong now and then.
func full() *feed {
	f := newFeed(span.E1)
	for range 5 {
		f.seconds(600, 0, span.Counters{})
		f.seconds(12, span.LOS, span.Counters{})
		f.seconds(20, 0, span.Counters{CRC4: 3, Slips: 1})
	}
	f.Link(map[string]uint64{})
	f.Link(map[string]uint64{"G": 2})
	f.seconds(15, span.LFA, span.Counters{})
	return f
}

func TestRestart(t *testing.T) {
	f, path := full(), filepath.Join(t.TempDir(), "performance", "line1.json")
	octets, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Save(path, octets), Save(path, octets)); err != nil {
		t.Fatal(err)
	}
	g := NewLine(span.E1, shanghai)
	if err := g.Load(path); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g.kept, f.kept) {
		t.Error("what was read is not what was written")
	}
	at := f.at.Add(time.Minute)
	g.Second(at, 0, span.Counters{CRC4: 77}) // the counters of a new driver: a beginning
	if was, is := f.Report("line1"), g.Report("line1"); !reflect.DeepEqual(was.Last24, is.Last24) || is.Available {
		t.Errorf("before %+v\nafter %+v", was.Last24, is.Last24)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("beside the file lies %v", files)
	}
}

func TestNoFile(t *testing.T) {
	if err := NewLine(span.E1, shanghai).Load(filepath.Join(t.TempDir(), "line1.json")); err != nil {
		t.Error(err)
	}
}

// TestCutFiles: whatever a power cut or a bad disk left, the line begins, and the file is kept for who wants to see.
func TestCutFiles(t *testing.T) {
	whole, err := full().Encode()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "line1.json")
	damage := map[string][]byte{"empty": {}, "zeros": make([]byte, 512), "another file": []byte(`{"sum":0,"history":{}}`), "null": []byte("null")}
	for _, n := range []int{1, len(whole) / 2, len(whole) - 1} {
		damage["cut at "+time.Duration(n).String()] = whole[:n]
	}
	for _, at := range []int{len(whole) / 3, len(whole) / 2} {
		octets := append([]byte(nil), whole...)
		octets[at] ^= 1
		damage["one bit at "+time.Duration(at).String()] = octets
	}
	for name, octets := range damage {
		if err := os.WriteFile(path, octets, 0o600); err != nil {
			t.Fatal(err)
		}
		f := newFeed(span.E1)
		if err := f.Load(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		f.seconds(1, 0, span.Counters{})
		if f.present().Measured != 1 {
			t.Errorf("%s: the line does not go on: %+v", name, f.present())
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the damaged file is still in its place: %v", name, err)
		}
		if aside, err := os.ReadFile(path + ".damaged"); err != nil || string(aside) != string(octets) {
			t.Errorf("%s: aside lies %q, %v", name, aside, err)
		}
	}
}

func TestSaveFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Save(filepath.Join(path, "line1.json"), []byte("x")); err == nil {
		t.Error("a file was written below a file")
	}
}

func FuzzDecode(f *testing.F) {
	whole, err := full().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"sum":1,"history":{"quarters":{"900":null},"days":{}}}`))
	f.Fuzz(func(t *testing.T, octets []byte) {
		line := newFeed(span.E1)
		before := line.kept
		if err := line.Decode(octets); err != nil {
			if !errors.Is(err, ErrDamaged) || !reflect.DeepEqual(line.kept, before) {
				t.Errorf("refused with %v, and kept %+v", err, line.kept)
			}
			return
		}
		line.seconds(12, span.LOS, span.Counters{Slips: 1})
		if _, err := line.Encode(); err != nil {
			t.Error(err)
		}
	})
}
