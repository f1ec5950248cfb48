package sipphone

import (
	"context"
	"log/slog"
)

// discreet is a log that never tells which key was pressed: it may be part of a card's number, and a log is kept and
// handed on. How a key came is told by the journal, which knows when to be silent (firmware/exchange). It names the phone only
// when there is something to tell: each call has one.
type discreet struct {
	slog.Handler
	phone string
}

// pressedKey is the attribute under which firmware/rtp tells a key.
const pressedKey = "key"

func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	told := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	told.AddAttrs(slog.String("phone", d.phone))
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != pressedKey {
			told.AddAttrs(a)
		}
		return true
	})
	return d.Handler.Handle(ctx, told)
}

func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return discreet{d.Handler.WithAttrs(attrs), d.phone}
}

func (d discreet) WithGroup(name string) slog.Handler {
	return discreet{d.Handler.WithGroup(name), d.phone}
}
