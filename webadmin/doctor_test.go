package webadmin

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/doctor"
	"trunkbox/firmware/exchange"
)

// Examine begins one on line1 once; line2 is being examined.
func (d *desk) Examine(line, by string) error {
	switch line {
	case "line1":
		d.mu.Lock()
		defer d.mu.Unlock()
		d.deeds = append(d.deeds, "examine "+line+" by "+by)
		return nil
	case "line2":
		return exchange.ErrExamining
	}
	return exchange.NoLineError(line)
}

// Examination is one of line1 that is done.
func (d *desk) Examination(line string) (exchange.ExaminationNow, bool) {
	found := doctor.Examine(doctor.Evidence{Seen: doctor.Observation{Seconds: 1, Alarms: doctor.AlarmShares{LOS: 1}}})
	return exchange.ExaminationNow{Line: line, Ended: time.Now(), Findings: found, Suggestion: map[string]string{"framing": "no-crc4"}}, line == "line1"
}

// ApplyExamination saves that of line1; others have nothing to save.
func (d *desk) ApplyExamination(line, by string) error {
	if line != "line1" {
		return exchange.ErrNothingToSave
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deeds = append(d.deeds, "apply "+line+" by "+by)
	return nil
}

// LineTests are those of lines 1 and 2; for line6 there is a defect.
func (d *desk) LineTests(line string) (exchange.LineTestsNow, error) {
	if line == "line6" {
		panic("no such luck")
	}
	if line != "line1" && line != "line2" {
		return exchange.LineTestsNow{}, exchange.NoLineError(line)
	}
	return exchange.LineTestsNow{Line: line, Loops: []string{"local"}, Loop: "none", Sequence: &exchange.SequenceNow{InSync: true, Bits: 10, Errors: 1, Ratio: 0.1}}, nil
}

// TestLine takes any test of line1, and refuses those of line2.
func (d *desk) TestLine(line string, test exchange.LineTest, by string) error {
	if line == "line2" {
		return exchange.TestRefusedError{ZH: "线路上有通话", EN: "there are calls"}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deeds = append(d.deeds, test.Do+" "+test.What+" by "+by)
	return nil
}

// TestADefectIsAnswered: a handler that panics is answered with a sentence, not with a connection that ends.
func TestADefectIsAnswered(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	var said struct{ Error said }
	b.do("GET", "/api/lines/line6/doctor", nil, http.StatusInternalServerError, &said)
	if !strings.Contains(said.Error.EN, "a defect of the software: no such luck") || said.Error.ZH == "" {
		t.Errorf("the answer is %+v", said.Error)
	}
	b.do("GET", "/api/lines/line1/doctor", nil, http.StatusOK, nil)
}

func TestDoctor(t *testing.T) {
	b := newBox(t)
	b.do("GET", "/api/lines/line1/doctor", nil, http.StatusUnauthorized, nil)
	b.do("POST", "/api/lines/line1/doctor", nil, http.StatusUnauthorized, nil)
	b.signInAdmin()
	var page struct {
		Examination *exchange.ExaminationNow
		Tests       exchange.LineTestsNow
	}
	b.do("GET", "/api/lines/line1/doctor", nil, http.StatusOK, &page)
	if e := page.Examination; e == nil || e.Findings[0].ID != "swapped" || e.Findings[0].ZH == "" || e.Suggestion["framing"] != "no-crc4" {
		t.Errorf("the examination is %+v", page.Examination)
	}
	if page.Tests.Loops[0] != "local" || page.Tests.Sequence.Errors != 1 {
		t.Errorf("the tests are %+v", page.Tests)
	}
	page.Examination = nil
	b.do("GET", "/api/lines/line2/doctor", nil, http.StatusOK, &page)
	if page.Examination != nil {
		t.Errorf("an examination that was never made: %+v", page.Examination)
	}
	b.do("GET", "/api/lines/line9/doctor", nil, http.StatusNotFound, nil)
	b.do("POST", "/api/lines/line1/doctor", nil, http.StatusAccepted, nil)
	b.do("POST", "/api/lines/line2/doctor", nil, http.StatusConflict, nil)
	b.do("POST", "/api/lines/line9/doctor", nil, http.StatusNotFound, nil)
	b.do("POST", "/api/lines/line1/doctor/apply", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/lines/line2/doctor/apply", nil, http.StatusConflict, nil)
	b.do("POST", "/api/lines/line1/tests", exchange.LineTest{Do: "loop", What: "local"}, http.StatusNoContent, nil)
	var refused struct{ Error said }
	b.do("POST", "/api/lines/line2/tests", exchange.LineTest{Do: "loop", What: "local"}, http.StatusConflict, &refused)
	if refused.Error.EN != "there are calls" || refused.Error.ZH == "" {
		t.Errorf("refused with %+v", refused)
	}
	b.do("POST", "/api/lines/line1/tests", "local", http.StatusBadRequest, nil)
	want := []string{"examine line1 by admin", "apply line1 by admin", "loop local by admin"}
	b.desk.mu.Lock()
	defer b.desk.mu.Unlock()
	if len(b.desk.deeds) != 3 || b.desk.deeds[0] != want[0] || b.desk.deeds[1] != want[1] || b.desk.deeds[2] != want[2] {
		t.Errorf("did %v, want %v", b.desk.deeds, want)
	}
}
