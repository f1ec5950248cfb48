package webadmin

import "net/http"

// performance serves the performance history of one line.
func (s *Server) performance(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	report, ok := s.Switch.Performance(line)
	if !ok {
		return refuse(http.StatusNotFound, "error.no_quality", "line", line)
	}
	answer(w, http.StatusOK, report)
	return nil
}
