package webadmin

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
)

//go:embed page
var embedded embed.FS

// words is the table of everything the pages say: key → Chinese, English. The pages read the same file.
type words map[string][2]string

func readWords() words {
	octets, err := embedded.ReadFile("page/words.json")
	if err != nil {
		panic(err) // the file is compiled in
	}
	var w words
	if err := json.Unmarshal(octets, &w); err != nil {
		panic(fmt.Sprintf("page/words.json: %v", err))
	}
	return w
}

// said is one sentence in both languages.
type said struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// say gives the sentence of key; values are pairs of a name and what stands for {name}.
func (w words) say(key string, values ...string) said {
	pair, ok := w[key]
	if !ok {
		pair = [2]string{key, key}
	}
	for i := 0; i+1 < len(values); i += 2 {
		for l := range pair {
			pair[l] = strings.ReplaceAll(pair[l], "{"+values[i]+"}", values[i+1])
		}
	}
	return said{pair[0], pair[1]}
}

// refusal is an error with the HTTP status and the sentence that the page shows.
type refusal struct {
	status int
	key    string   // in words
	values []string // for the key
	said   *said    // instead of key, when another room found the words
	// problems are what is wrong with settings, field by field.
	problems []config.Problem
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s %v", r.status, r.key, r.values) }

func refuse(status int, key string, values ...string) *refusal {
	return &refusal{status: status, key: key, values: values}
}

// answerError writes err as JSON: a refusal as what it says, a bilingual error of another room as 422,
// any other error as 500 with a log line.
func (s *Server) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	var problem config.Problem
	var problems config.ProblemsError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &no):
	case errors.As(err, &problems):
		no = refuse(http.StatusUnprocessableEntity, "error.problems")
		no.problems = problems
	case errors.As(err, &problem):
		no = &refusal{status: http.StatusUnprocessableEntity, said: &said{problem.ZH, problem.EN}, problems: []config.Problem{problem}}
	case errors.As(err, &tooLarge):
		no = refuse(http.StatusRequestEntityTooLarge, "error.too_large", "limit", size(tooLarge.Limit))
	default:
		s.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		zh, en := exchange.Fault(err)
		no = &refusal{status: http.StatusInternalServerError, said: &said{s.words.say("error.failed", "why", zh).ZH, s.words.say("error.failed", "why", en).EN}}
	}
	sentence := no.said
	if sentence == nil {
		words := s.words.say(no.key, no.values...)
		sentence = &words
	}
	answer(w, no.status, struct {
		Error    said             `json:"error"`
		Problems []config.Problem `json:"problems,omitempty"`
	}{*sentence, paths(no.problems)})
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	octets, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(octets)
}

// size writes a number of octets as people say it.
func size(octets int64) string {
	if octets >= 1<<20 {
		return fmt.Sprintf("%d MB", octets>>20)
	}
	return fmt.Sprintf("%d KB", octets>>10)
}
