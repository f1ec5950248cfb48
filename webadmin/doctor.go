package webadmin

import (
	"errors"
	"net/http"

	"trunkbox/firmware/exchange"
)

// Doctor finds out what is wrong with a line, and tests it; *exchange.Exchange does.
type Doctor interface {
	// Examine begins to examine a line. exchange.NoLineError, exchange.ErrExamining.
	Examine(line, by string) error
	// Examination is the newest examination of a line; false when there was none.
	Examination(line string) (exchange.ExaminationNow, bool)
	// ApplyExamination saves what it suggests. exchange.ErrNothingToSave, exchange.NoLineError, or as Switch.Apply.
	ApplyExamination(line, by string) error
	// LineTests says what tests a line can do, and how they stand. exchange.NoLineError.
	LineTests(line string) (exchange.LineTestsNow, error)
	// TestLine does one thing for a test. exchange.NoLineError, exchange.TestRefusedError.
	TestLine(line string, test exchange.LineTest, by string) error
}

// doctorRefusal is the refusal for an error of the Doctor.
func doctorRefusal(err error, line string) error {
	var no exchange.TestRefusedError
	switch {
	case errors.As(err, new(exchange.NoLineError)):
		return refuse(http.StatusNotFound, "error.no_line", "line", line)
	case errors.Is(err, exchange.ErrExamining):
		return refuse(http.StatusConflict, "error.examining", "line", line)
	case errors.Is(err, exchange.ErrNothingToSave):
		return refuse(http.StatusConflict, "error.nothing_to_save", "line", line)
	case errors.As(err, &no):
		return &refusal{status: http.StatusConflict, said: &said{no.ZH, no.EN}}
	}
	return err
}

// withDoctor handles a request for a line, or refuses it on a box without a doctor.
func (s *Server) withDoctor(do func(w http.ResponseWriter, r *http.Request, line string) error) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		line := r.PathValue("line")
		if s.Doctor == nil {
			return refuse(http.StatusNotFound, "error.no_line", "line", line)
		}
		return doctorRefusal(do(w, r, line), line)
	}
}

// examination gives the newest examination of a line, null when there was none, and how its tests stand.
func (s *Server) examination(w http.ResponseWriter, _ *http.Request, line string) error {
	tests, err := s.Doctor.LineTests(line)
	if err != nil {
		return err
	}
	var newest *exchange.ExaminationNow
	if now, was := s.Doctor.Examination(line); was {
		newest = &now
	}
	answer(w, http.StatusOK, struct {
		Examination *exchange.ExaminationNow `json:"examination"`
		Tests       exchange.LineTestsNow    `json:"tests"`
	}{newest, tests})
	return nil
}

// examine begins an examination.
func (s *Server) examine(w http.ResponseWriter, _ *http.Request, line string) error {
	if err := s.Doctor.Examine(line, "admin"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// applyExamination saves what the newest examination suggests.
func (s *Server) applyExamination(w http.ResponseWriter, _ *http.Request, line string) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	if err := s.Doctor.ApplyExamination(line, "admin"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// testLine does one thing for a test.
func (s *Server) testLine(w http.ResponseWriter, r *http.Request, line string) error {
	var test exchange.LineTest
	if err := read(r, &test); err != nil {
		return err
	}
	if err := s.Doctor.TestLine(line, test, "admin"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
