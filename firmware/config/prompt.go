package config

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	bolt "go.etcd.io/bbolt"
)

// promptLongest is the longest prompt: ten minutes of A-law, 8,000 octets a second.
const promptLongest = 10 * 60 * 8000

// PromptInfo describes one uploaded prompt.
type PromptInfo struct {
	Name   string    `json:"name"`
	Lang   string    `json:"lang"`
	Octets int       `json:"octets"` // 8,000 a second
	At     time.Time `json:"at"`
}

func promptKey(name, lang string) string { return name + "\x00" + lang }

// PutPrompt keeps a prompt of A-law octets (8,000 a second) under name and language, in the place of an
// earlier one. The error is a Problem when name, language or length will not do.
func (s *Store) PutPrompt(name, lang string, alaw []byte) error {
	switch {
	case name == "" || len(name) > 60 || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00/\\"):
		return Problem{Path: "name", ZH: "提示音要有名称，不超过 60 字节，不含斜杠。", EN: "A prompt needs a name of up to 60 octets without slashes."}
	case lang != "zh" && lang != "en":
		return Problem{Path: "lang", ZH: "提示音的语言应为 zh 或 en。", EN: "The language of a prompt is zh or en."}
	case len(alaw) == 0 || len(alaw) > promptLongest:
		return Problem{
			Path: "sound",
			ZH:   fmt.Sprintf("提示音长 %d 秒，应在 1 到 600 秒之间。", len(alaw)/8000),
			EN:   fmt.Sprintf("The prompt is %d s long; 1 to 600 s are possible.", len(alaw)/8000),
		}
	}
	payload := binary.BigEndian.AppendUint64(nil, uint64(now().UnixMilli()))
	payload = append(payload, alaw...)
	err := s.update(func(tx *bolt.Tx) error { return put(tx, bucketPrompts, promptKey(name, lang), payload) })
	if err != nil {
		return fmt.Errorf("prompt %q (%s) of %d octets not kept: %w", name, lang, len(alaw), err)
	}
	return nil
}

// Prompt returns the A-law octets of an uploaded prompt.
func (s *Store) Prompt(name, lang string) (alaw []byte, ok bool) {
	payload, err := s.get(bucketPrompts, promptKey(name, lang))
	if err != nil {
		s.log.Error("prompt unreadable", "prompt", name, "lang", lang, "err", err)
	}
	if len(payload) < 8 {
		return nil, false
	}
	return payload[8:], true
}

// Prompts lists the uploaded prompts by name, then language.
func (s *Store) Prompts() ([]PromptInfo, error) {
	records, err := s.all(bucketPrompts)
	if err != nil {
		return nil, err
	}
	list := []PromptInfo{}
	for _, r := range records {
		name, lang, _ := strings.Cut(r.key, "\x00")
		if len(r.payload) < 8 {
			continue
		}
		at := time.UnixMilli(int64(binary.BigEndian.Uint64(r.payload))).UTC()
		list = append(list, PromptInfo{name, lang, len(r.payload) - 8, at})
	}
	return list, nil
}

// DropPrompt removes an uploaded prompt. It is refused with a Problem while a menu, queue or route uses the name
// and nothing of that name is left: neither another language nor one of the built-in prompts, whose names are given.
func (s *Store) DropPrompt(name, lang string, builtIn []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := "zh"
	if lang == "zh" {
		other = "en"
	}
	left, err := s.get(bucketPrompts, promptKey(name, other))
	if err != nil {
		return err
	}
	if zh, en := promptUser(s.current.Settings, name); left == nil && en != "" && !slices.Contains(builtIn, name) {
		return Problem{
			Path: "name",
			ZH:   fmt.Sprintf("提示音“%s”还在被%s使用，请先改掉那里。", name, zh),
			EN:   fmt.Sprintf("Prompt %q is still used by %s; change that first.", name, en),
		}
	}
	return s.update(func(tx *bolt.Tx) error { return drop(tx, bucketPrompts, promptKey(name, lang)) })
}

// usedPrompt is one field of the settings that names a prompt.
type usedPrompt struct {
	path   string // as in a Problem
	name   string
	zh, en string // what the field belongs to
}

// usedPrompts are all fields that name one, in the order of the document.
func usedPrompts(s Settings) []usedPrompt {
	var all []usedPrompt
	add := func(path, name, zh, en string) {
		if name != "" {
			all = append(all, usedPrompt{path, name, zh, en})
		}
	}
	plays := func(path string, d Destination, zh, en string) {
		if d.Kind == "prompt" {
			add(path, d.Target, zh, en)
		}
	}
	for i, q := range s.Queues {
		add(fmt.Sprintf("queues[%d].music", i), q.Music, "队列“"+q.Name+"”", "queue "+q.Name)
	}
	for i, m := range s.Menus {
		at, zh, en := fmt.Sprintf("menus[%d].", i), "菜单“"+m.Name+"”", "menu "+m.Name
		add(at+"welcome", m.Welcome, zh, en)
		add(at+"prompt", m.Prompt, zh, en)
		for j, c := range m.Choices {
			plays(fmt.Sprintf("%schoices[%d].to", at, j), c.To, zh, en)
		}
		plays(at+"on_fail", m.OnFail, zh, en)
	}
	for i, r := range s.Routes {
		plays(fmt.Sprintf("routes[%d].to", i), r.To, fmt.Sprintf("第 %d 条来话路由", i+1), fmt.Sprintf("route %d", i+1))
	}
	return all
}

// promptUser names the first place of the settings that uses a prompt; empty when there is none.
func promptUser(s Settings, name string) (zh, en string) {
	for _, used := range usedPrompts(s) {
		if used.name == name {
			return used.zh, used.en
		}
	}
	return "", ""
}

// MissingPrompts lists the fields that name a prompt which is neither uploaded, in whatever language, nor one of the
// built-in ones, whose names are given. Settings without their recordings hold all the same: a file may be
// imported before its prompts are uploaded.
func (s *Store) MissingPrompts(c Settings, builtIn []string) ([]Problem, error) {
	own, err := s.Prompts()
	if err != nil {
		return nil, err
	}
	var problems []Problem
	for _, used := range usedPrompts(c) {
		uploaded := slices.ContainsFunc(own, func(p PromptInfo) bool { return p.Name == used.name })
		if !uploaded && !slices.Contains(builtIn, used.name) {
			problems = append(problems, Problem{
				Path: used.path,
				ZH:   fmt.Sprintf("没有提示音“%s”；请先上传，或选另一段。", used.name),
				EN:   fmt.Sprintf("There is no prompt %q; upload it first, or choose another.", used.name),
			})
		}
	}
	return problems, nil
}
