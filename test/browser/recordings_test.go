package browser

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/record"
	"trunkbox/webadmin"
)

// shelf is a real recorder with a day of recordings, for the pages.
type shelf struct {
	recorder *record.Recorder
	heard    chan string
}

func (s shelf) Recorder() *record.Recorder { return s.recorder }

func (s shelf) Gaps(from, _ time.Time) ([]record.Gap, error) {
	return []record.Gap{{Talk: record.Talk{Call: "20260301-101500-0007", From: from.Add(18 * time.Hour), To: from.Add(18*time.Hour + 3*time.Minute)}, Recorded: 40 * time.Second}}, nil
}

func (s shelf) Heard(call, file, by, how, address string) {
	select {
	case s.heard <- how:
	default:
	}
}

func (s shelf) Proved(record.Proof, string) {}

// withRecordings gives an office recordings of two tones.
func withRecordings(o *office) shelf {
	o.t.Helper()
	r, err := record.New(record.Options{Dir: o.t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		o.t.Fatal(err)
	}
	zone := time.FixedZone("CST", 8*3600)
	r.Set(record.Rules{Stereo: true, Zone: zone, LeastMin: 1 << 20})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		r.Run(stop)
		close(done)
	}()
	var tapes [6]*record.Tape
	for i := range tapes {
		tape, err := r.Start(record.About{
			Call: fmt.Sprintf("20260301-09%02d00-00%02x", i, i), Began: time.Date(2026, 3, 1, 17, i, 0, 0, zone),
			Queue: []string{"销售", "售后"}[i%2], Caller: fmt.Sprintf("1380013%04d", i), Called: "88001000",
		})
		if err != nil {
			o.t.Fatal(err)
		}
		tape.With(fmt.Sprint(201+i%3), "")
		tapes[i] = tape
	}
	tapes[5].Mark("consent")
	caller := dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 500, DBm0: -10}}}}})
	block := make([]byte, 160)
	clock := time.NewTicker(20 * time.Millisecond) // no faster than sound is: a tape has room for little more
	defer clock.Stop()
	for tick := range 200 {
		<-clock.C
		caller.FillOctets(block, dsp.ALaw)
		for _, tape := range tapes {
			tape.Agent().Take(block, nil, dsp.ALaw)
			tape.Take(block, block, dsp.ALaw)
		}
		switch tick {
		case 50:
			tapes[5].Mark("held")
		case 75:
			tapes[5].Mark("taken_back")
		case 100:
			tapes[5].Pause()
		case 150:
			tapes[5].Resume()
		}
	}
	close(stop)
	<-done
	s := shelf{r, make(chan string, 10)}
	o.pages.Recordings = s
	return s
}

var _ webadmin.Recordings = shelf{}

// TestRecordings: a day is listed and filtered, played where a mark is, and proved; what was changed shows.
func TestRecordings(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	s := withRecordings(o)
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/recordings")
	b.WaitCount("#recordings tbody tr", 6)
	b.WaitText("#gaps", "缺少录音的通话")
	looks(t, b, dir, "recordings-zh")
	b.Choose("#heard-agent", "202")
	b.WaitCount("#recordings tbody tr", 2)
	b.Choose("#heard-agent", "")
	b.WaitCount("#recordings tbody tr", 6)

	b.Click("#recordings tbody tr:first-child .marks li:nth-child(3) button") // held, after a second
	b.Wait("the player plays from the mark", `(() => { const a = document.querySelector("#recordings audio"); return a && a.duration > 3.9 && a.duration < 4.1 && a.currentTime > 0.9; })()`)
	select {
	case how := <-s.heard:
		if how != "listened" {
			t.Errorf("noted: %s", how)
		}
	default:
		t.Error("nobody wrote down that the recording was heard")
	}
	b.Click("#prove")
	b.WaitText("#proof", "与当时完全一致")
	looks(t, b, dir, "recordings-proved-zh")
	b.Click("#language")
	b.WaitText("h1", "Recordings")
	b.WaitCount("#recordings tbody tr", 6)
	files, err := filepath.Glob(filepath.Join(s.recorder.Dir, "2026-03-01", "*.wav"))
	if err != nil || len(files) != 6 {
		t.Fatal(files, err)
	}
	if err := os.Truncate(files[2], 1000); err != nil {
		t.Fatal(err)
	}
	b.Click("#prove")
	b.WaitText("#proof", "1 things are not as they were")
	b.WaitText("#proof", "file changed")
	looks(t, b, dir, "recordings-changed-en")
	var plays string
	b.Run(`const a = new Audio(); return a.canPlayType('audio/wav; codecs="6"') + "/" + a.canPlayType('audio/wav; codecs="1"')`, &plays)
	t.Logf("of A-law and 16 bit the browser says %q", plays)
	quiet(t, b)
}
