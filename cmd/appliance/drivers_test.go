package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
)

// What the settings say of a line reaches its driver; the far end is what such a line usually has there.
func TestVirtualLineHasTheFormatOfItsSettings(t *testing.T) {
	tests := []struct {
		name string
		line config.Line
		want span.Format
		far  span.Clock
	}{
		{
			"carrier",
			config.Line{Kind: "E1", Framing: "no-crc4", LineCode: "ami", Clock: "line", Side: "user"},
			span.Format{Framing: span.NoCRC4, LineCode: span.AMI, Clock: span.FromLine, DRate: 64},
			span.Internal,
		},
		{
			"PBX",
			config.Line{Kind: "T1", Framing: "d4", LineCode: "b8zs", Clock: "internal", Side: "network"},
			span.Format{Framing: span.D4, LineCode: span.B8ZS, Clock: span.Internal, DRate: 64},
			span.FromLine,
		},
		{"nothing said", config.Line{Kind: "E1"}, span.E1.Format(), span.Internal},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := drivers{far: filepath.Join(t.TempDir(), "far"), clock: vspan.NewKernel(), log: slog.New(slog.DiscardHandler)}
			test.line.Name, test.line.Driver, test.line.Span, test.line.BlockMS = "line1", "virtual", 1, 20
			line, err := d.open(test.line)
			if err != nil {
				t.Fatal(err)
			}
			defer line.Close()
			tuner, is := line.(span.Tuner)
			if !is {
				t.Fatal("the line cannot be tuned")
			}
			if got := tuner.Format(); got != test.want {
				t.Errorf("the line has %+v, want %+v", got, test.want)
			}
			if again := line; again != line { // the exchange tells its drivers apart; a struct with a func in it would panic here
				t.Error("a line is not itself")
			}
			_, tested := line.(span.Maintainer)
			_, sampled := line.(span.Sampler)
			if !tested || !sampled {
				t.Errorf("the line can be tested: %v, sampled: %v", tested, sampled)
			}
			far, err := vspan.Dial(d.far, vspan.DialOptions{})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				var rx, tx span.Block
				for far.Tick(&rx, &tx) == nil {
				}
			}()
			if got := far.Format().Clock; got != test.far {
				t.Errorf("the far end's clock is %v, want %v", got, test.far)
			}
			far.Close()
			<-ended
		})
	}
}

func TestWrongWordsOfALineAreSaid(t *testing.T) {
	d := drivers{far: filepath.Join(t.TempDir(), "far"), clock: vspan.NewKernel(), log: slog.New(slog.DiscardHandler)}
	for _, test := range []struct {
		line config.Line
		want string
	}{
		{config.Line{Driver: "virtual", Framing: "crc5"}, `no framing "crc5"`},
		{config.Line{Driver: "virtual", Clock: "moon"}, `no clock "moon"`},
		{config.Line{Driver: "isdn"}, `no driver "isdn"`},
	} {
		if line, err := d.open(test.line); err == nil || line != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.line, err, test.want)
		}
	}
}
