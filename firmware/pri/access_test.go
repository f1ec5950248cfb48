package pri

import (
	"log/slog"
	"strings"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
)

func TestSettingsRefused(t *testing.T) {
	for word, change := range map[string]func(*config.Line){
		"side":       func(l *config.Line) { l.Side = "middle" },
		"law":        func(l *config.Line) { l.Law = "blaw" },
		"variant":    func(l *config.Line) { l.Variant = "ni3" },
		"hunting":    func(l *config.Line) { l.Hunting = "sideways" },
		"timer":      func(l *config.Line) { l.Timers = map[string]int{"T999": 1000} },
		"companding": func(l *config.Line) { l.Law = "" },
	} {
		settings := lineSettings("line1", "user")
		change(&settings)
		_, err := New(Options{Line: newWire(), Settings: settings, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "line1") {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestDialNeedsANumber(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, _ *end) {
		if _, err := user.access.Dial(call.Outgoing{}, nil); err == nil {
			t.Error("a call to nobody was placed")
		}
		user.free()
	})
}

// TestApply changes what may be changed while the access runs.
func TestApply(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, _ *end) {
		was := user.access.Settings
		is := was
		is.Hunting, is.Selection, is.DDIDigits, is.Restart = "down", "exclusive", 3, true
		user.access.Apply(was, is)
		if p := user.dial(call.Outgoing{Called: "4001"}); p.leg.Name() != "user/ts31" {
			t.Errorf("after hunting was set to down: %s", p.leg.Name())
		}
		if now := user.access.now(); now.Selection != "exclusive" || now.DDIDigits != 3 || !now.Restart || now.Side != was.Side {
			t.Errorf("%+v", now)
		}
	})
}
