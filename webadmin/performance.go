package webadmin

import (
	"net/http"
	"strings"

	"trunkbox/firmware/performance"
)

// performance serves the performance history of one line, with what the letters of its data link's errors mean.
func (s *Server) performance(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	report, ok := s.Switch.Performance(line)
	if !ok {
		return refuse(http.StatusNotFound, "error.no_quality", "line", line)
	}
	letters := map[string]said{}
	for _, bins := range [][]performance.Bin{report.Bins, report.Days} {
		for _, bin := range bins {
			for letter := range bin.LAPD {
				letters[letter] = whyText("link_error_" + strings.ToLower(letter))
			}
		}
	}
	answer(w, http.StatusOK, struct {
		performance.Report
		Letters map[string]said `json:"letters"`
	}{report, letters})
	return nil
}
