package trace

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"trunkbox/firmware/q931"
)

// A number that is not to be shown stands in no row, not in its octets either, and a name does not with it; the capture
// has both. A number that may be shown does stand there.
func TestAWithheldNumberIsInNoRow(t *testing.T) {
	const digits, name = "02015347135", "Zebedee"
	for _, shown := range []q931.Presentation{q931.Allowed, q931.Restricted, q931.Unavailable} {
		calling := number164(digits)
		calling.HasOctet3a, calling.Presentation = true, shown
		l := Open(Options{Name: "line1"})
		k := &talk{line: l}
		k.message(false, q931.Ref{Value: 5, Length: 2}, q931.Message{
			Type: q931.MsgSetup, Bearer: q931.SpeechALaw, Channel: q931.B(7, true), Calling: calling, Called: number164("88886500"), Display: []byte(name),
		})
		row := l.Page(Filter{Messages: true}, 10).Rows[0]
		text := row.Layer3 + row.ZH + row.EN
		for _, secret := range []string{digits, name} {
			octets := hex.EncodeToString([]byte(secret))
			if has := strings.Contains(text, secret) || strings.Contains(row.Hex, octets); has != (shown == q931.Allowed) {
				t.Errorf("presentation %d: %q is there: %v\n%s\n%s", shown, secret, has, text, row.Hex)
			}
		}
		if !strings.Contains(row.Layer3, "88886500") || !strings.Contains(row.Hex, hex.EncodeToString([]byte("88886500"))) {
			t.Errorf("the number called is gone: %s %s", row.Layer3, row.Hex)
		}
		var file bytes.Buffer
		if err := l.WritePcap(&file, Filter{}); err != nil || !bytes.Contains(file.Bytes(), []byte(digits)) {
			t.Errorf("the capture lacks the number (%v)", err)
		}
	}
}
