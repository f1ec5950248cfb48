package console

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/doctor"
	"trunkbox/firmware/exchange"
)

// clinic is a doctor whose examination of line1 is done at the third look; line2 cannot be saved.
type clinic struct {
	looks atomic.Int32
	did   atomic.Value // exchange.LineTest
}

func (c *clinic) Examine(line, by string) error {
	if by != "console" {
		return errors.New("by whom?")
	}
	if line != "line1" {
		return exchange.NoLineError(line)
	}
	return nil
}

func (c *clinic) Examination(line string) (exchange.ExaminationNow, bool) {
	now := exchange.ExaminationNow{Line: line, Percent: 40, DoingZH: "正在听", DoingEN: "Listening"}
	if c.looks.Add(1) < 3 {
		return now, true
	}
	e := doctor.Evidence{
		Configured: doctor.Setup{Kind: span.E1, Framing: "crc4", LineCode: "hdb3", Clock: "line"},
		Seen:       doctor.Observation{Seconds: 8, Alarms: doctor.AlarmShares{LMFA: 1}},
		Trials:     []doctor.Trial{{Setup: doctor.Setup{Framing: "no-crc4", LineCode: "hdb3", Clock: "line"}, Observation: doctor.Observation{Seconds: 3, LinkUp: true}}},
	}
	now.Ended, now.Findings = time.Now(), doctor.Examine(e)
	now.Suggestion = doctor.Suggested(now.Findings)
	return now, true
}

func (c *clinic) ApplyExamination(line, _ string) error {
	if line != "line1" {
		return exchange.ErrNothingToSave
	}
	return nil
}

func (c *clinic) LineTests(line string) (exchange.LineTestsNow, error) {
	if line != "line1" {
		return exchange.LineTestsNow{}, exchange.NoLineError(line)
	}
	return exchange.LineTestsNow{Line: line, Loop: "local", Sequence: &exchange.SequenceNow{InSync: true, Bits: 1_984_000, Errors: 5, Ratio: 2.5e-6, Seconds: 2}}, nil
}

func (c *clinic) TestLine(line string, test exchange.LineTest, _ string) error {
	if test.Do == "insert" {
		return exchange.TestRefusedError{ZH: "线路上有通话", EN: "There are calls on the line"}
	}
	c.did.Store(test)
	return nil
}

func TestDoctor(t *testing.T) {
	b := newBench(t, true)
	c := &clinic{}
	b.Console.Doctor = c
	term := b.plug(t)
	term.signIn()
	for _, one := range []struct {
		command string
		want    []string
	}{
		{"doctor", []string{"用法：doctor <line> [save]"}},
		{"doctor line9", []string{"line9"}},
		{"doctor line1", []string{
			" 40% 正在听", "* 只有一端使用 CRC-4", "- 复帧失步（LMFA），占观察时间的 100%", "-> 把两端设成一样", "可以保存：framing=no-crc4。输入 doctor line1 save",
		}},
		{"doctor line1 save", []string{"已保存"}},
		{"doctor line2 save", []string{"没有可以保存的设置"}},
		{"test line1", []string{"环回：local", "测试序列：同步，2 秒，1984000 比特，误码 5，误码率 2.5e-06"}},
		{"test line1 loop line", []string{"环回：local"}},
		{"test line1 insert crc 3", []string{"线路上有通话"}},
		{"test line1 insert crc x", []string{"用法：test"}},
		{"test line9", []string{"line9"}},
		{"lang en", nil},
		{"doctor line1", []string{"* Only one end uses CRC-4", "-> Set both ends alike"}},
	} {
		got := term.run(one.command)
		for _, want := range one.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", one.command, want, got)
			}
		}
	}
	if did := c.did.Load(); did != (exchange.LineTest{Do: "loop", What: "line", N: 1}) {
		t.Errorf("did %+v", did)
	}
}
