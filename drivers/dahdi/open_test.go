package dahdi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenSaysWhatToDo(t *testing.T) {
	empty := t.TempDir()
	notDAHDI := t.TempDir()
	for _, name := range []string{"ctl", "channel"} {
		if err := os.WriteFile(filepath.Join(notDAHDI, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		options Options
		want    string
	}{
		{Options{Span: 1, Dir: empty}, "ctl is missing: load the dahdi module"},
		{Options{Span: 1, Dir: notDAHDI, Name: "trunk"}, "trunk: DAHDI has no span 1"},
		{Options{Span: 0, Dir: empty}, "spans count from 1"},
		{Options{Span: 1, Dir: empty, Block: 8}, "a block of 8 octets: DAHDI moves 16 to 160"},
		{Options{Span: 1, Dir: empty, Block: 161}, "a block of 161 octets"},
	} {
		line, err := Open(test.options)
		if err == nil || line != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open(%+v): %v, want %q", test.options, err, test.want)
		}
	}
}

func TestChannelErrorsSayWhatToDo(t *testing.T) {
	_, err := openChannel(t.TempDir(), 3)
	if err == nil || !strings.Contains(err.Error(), "channel is missing: load the dahdi module") {
		t.Errorf("openChannel: %v", err)
	}
}
