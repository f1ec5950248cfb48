package config

import (
	"strings"

	bolt "go.etcd.io/bbolt"
)

// Migration 2 gives the lines what a T1, a group and a change while calls are up need, and adds IP trunks, recording,
// the rules of talks and the codes that came with them.
//
// BEFORE (schema 1): a line has kind, side, variant, law, hunting, selection, block, DDI digits and RESTART:
//
//	{"name": "line1", …, "kind": "E1", "law": "alaw", "block_ms": 10, "restart": true, "enabled": true}
//
// AFTER (schema 2): the line has the new fields of DefaultLine; "trunks" is an empty list, "recording" is off, "talks"
// and the new codes are those of Default, but where a code that stood there already begins in the same way: such a one is off.
func layoutTo2(*bolt.Tx) error { return nil }

func documentTo2(settings map[string]any) error {
	defaults, err := asDocument(Default("", ""))
	if err != nil {
		return err
	}
	lines, _ := settings["lines"].([]any)
	for _, each := range lines {
		if line, ok := each.(map[string]any); ok {
			fillIn(line, defaults["lines"].([]any)[0].(map[string]any))
		}
	}
	features, _ := settings["features"].(map[string]any)
	codes := map[string]any{}
	for name, value := range defaults["features"].(map[string]any) {
		code, _ := value.(string)
		for _, other := range features {
			if text, _ := other.(string); alike(text, code) {
				code = ""
			}
		}
		codes[name] = code
	}
	if features != nil {
		fillIn(features, codes)
	}
	fillIn(settings, map[string]any{"trunks": []any{}, "recording": defaults["recording"], "talks": defaults["talks"]})
	return nil
}

// fillIn gives an object the fields of another that it does not have.
func fillIn(object, from map[string]any) {
	for field, value := range from {
		if _, present := object[field]; !present {
			object[field] = value
		}
	}
}

// alike says whether one code is the beginning of the other, so that the shorter would hide the longer.
func alike(a, b string) bool {
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}
