package spantest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/drivers/spantest"
	"trunkbox/drivers/vspan"
)

// defect is a line that breaks one promise, and the test of the suite that must see it.
type defect struct {
	name, test string
	spoil      func(span.Line) span.Line
}

var defects = []defect{
	{"timeslots 3 and 4 are exchanged", "SoundInEveryTimeslot", func(l span.Line) span.Line { return crossed{l} }},
	{"an octet is lost and no counter tells", "SoundInEveryTimeslot", func(l span.Line) span.Line { return &leaking{Line: l} }},
	{"a frame comes twice", "FramesOfEveryLength", func(l span.Line) span.Line { return &stammering{Line: l} }},
	{"a frame too long is cut", "FrameLengthErrors", func(l span.Line) span.Line { return cutting{l} }},
	{"a full queue drops", "FullTransmitQueue", func(l span.Line) span.Line { return dropping{l} }},
	{"a tick does not wait", "Clock", func(l span.Line) span.Line { return hasty{l} }},
	{"a tick allocates", "Clock", func(l span.Line) span.Line { return &wasteful{Line: l} }},
	{"sending after Close is well", "AfterClose", func(l span.Line) span.Line { return deaf{l} }},
	{"a format is taken and forgotten", "Tuner", func(l span.Line) span.Line { return forgetful{l.(*vspan.End)} }},
	{"another format is taken", "Tuner", func(l span.Line) span.Line { return lax{l.(*vspan.End)} }},
	{"a loop does not end", "Maintainer", func(l span.Line) span.Line { return knotted{l.(*vspan.End)} }},
	{"what it can do is not listed", "Maintainer", func(l span.Line) span.Line { return silent{l.(*vspan.End)} }},
	{"a sample is of other timeslots", "Sampler", func(l span.Line) span.Line { return mixed{l.(*vspan.End)} }},
}

// spoiled names the defect of this process, which a test has started to see it fail.
const spoiled = "SPANTEST_DEFECT"

func pair() (a, b span.Line) {
	cable := vspan.New(vspan.Options{Kind: span.E1, Block: 80, Names: [2]string{"near", "far"}})
	return cable.A(), cable.B()
}

// TestDefective is run in a process of its own for each defect; by itself it has nothing to do.
func TestDefective(t *testing.T) {
	name := os.Getenv(spoiled)
	i := slices.IndexFunc(defects, func(d defect) bool { return d.name == name })
	if i < 0 {
		return
	}
	spantest.Suite(t, func(*testing.T) (span.Line, span.Line) {
		a, b := pair()
		return defects[i].spoil(a), defects[i].spoil(b)
	})
}

// TestSuiteSeesDefects checks that the suite can fail: on each defect, and in the test meant for it.
func TestSuiteSeesDefects(t *testing.T) {
	for _, d := range defects {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(os.Args[0], "-test.run=^TestDefective$/^"+d.test+"$", "-test.v")
			command.Env = append(os.Environ(), spoiled+"="+d.name)
			out, err := command.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestDefective/"+d.test) {
				t.Errorf("the suite does not see it: %v\n%s", err, out)
			}
		})
	}
}

type crossed struct{ span.Line }

func (l crossed) Tick(rx, tx *span.Block) error {
	err := l.Line.Tick(rx, tx)
	rx[3], rx[4] = rx[4], rx[3]
	return err
}

type leaking struct {
	span.Line
	ticks int
}

func (l *leaking) Tick(rx, tx *span.Block) error {
	err := l.Line.Tick(rx, tx)
	if l.ticks++; l.ticks%10 == 0 {
		copy(rx[7][:], rx[7][1:])
	}
	return err
}

type stammering struct {
	span.Line
	held []byte
}

func (l *stammering) ReceiveFrame(buf []byte) (int, error) {
	if len(l.held) == 40 {
		n := copy(buf, l.held)
		l.held = nil
		return n, nil
	}
	n, err := l.Line.ReceiveFrame(buf)
	l.held = slices.Clone(buf[:n])
	return n, err
}

type cutting struct{ span.Line }

func (l cutting) SendFrame(frame []byte) error {
	return l.Line.SendFrame(frame[:min(len(frame), span.MaxFrame)])
}

type dropping struct{ span.Line }

func (l dropping) SendFrame(frame []byte) error {
	if err := l.Line.SendFrame(frame); err != span.ErrBusy {
		return err
	}
	return nil
}

type hasty struct{ span.Line }

func (l hasty) Tick(rx, _ *span.Block) error {
	clear(rx[1][:])
	return nil
}

type wasteful struct {
	span.Line
	last *span.Block
}

func (l *wasteful) Tick(rx, tx *span.Block) error {
	l.last = new(span.Block)
	return l.Line.Tick(rx, tx)
}

type deaf struct{ span.Line }

func (l deaf) SendFrame(frame []byte) error {
	_ = l.Line.SendFrame(frame)
	return nil
}

type forgetful struct{ *vspan.End }

func (forgetful) Tune(span.Format) error { return nil }

type lax struct{ *vspan.End }

func (l lax) Tune(f span.Format) error {
	if err := l.End.Tune(f); err != nil && f.DRate != 48 {
		return err
	}
	return nil
}

type knotted struct{ *vspan.End }

func (l knotted) Loop(loop span.Loop) error {
	if loop == span.NoLoop {
		return errors.New("stuck")
	}
	return l.End.Loop(loop)
}

type silent struct{ *vspan.End }

func (silent) Maintenance() span.Capabilities { return span.Capabilities{} }

type mixed struct{ *vspan.End }

func (l mixed) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	slots, err := l.End.Sample(ctx, blocks)
	for i := range blocks {
		blocks[i][3], blocks[i][4] = blocks[i][4], blocks[i][3]
	}
	return slots, err
}
