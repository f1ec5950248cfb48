package trace

import (
	"encoding/hex"
	"strings"
	"testing"

	"trunkbox/firmware/q931"
)

func TestFacilitiesAreToldInWords(t *testing.T) {
	for octets, want := range map[string][2]string{
		"91 a1 06 02 01 05 02 01 03":                                                 {"，业务：恶意呼叫追查", ", service: tracing of a malicious call"},
		"91 a2 03 02 01 05":                                                          {"，业务：第 5 号请求已完成", ", service: request 5 was done"},
		"91 a3 06 02 01 05 02 01 00":                                                 {"，业务：第 5 号请求被拒绝", ", service: request 5 was refused (the service is not subscribed)"},
		"91 a4 06 02 01 05 81 01 01":                                                 {"，业务：第 5 号请求不被支持", ", service: request 5 is not known there"},
		"91 a1 0b 02 01 2a 06 06 04 00 82 71 01 04":                                  {"，业务：询问呼叫的编号", ", service: the call's identity for a transfer"},
		"9f 8b 01 00 a1 0f 02 01 01 06 07 2a 86 48 ce 15 00 04 0a 01 00":             {"，业务：名称随后送到", ", service: a name that comes later"},
		"9f aa 06 80 01 00 82 01 00 8b 01 00 a1 0b 02 01 01 02 01 03 80 03 42 6f 62": {"，业务：忙方名称", ", service: the name of who is busy"},
		"91 a1 12 02 01 31 06 07 2a 86 48 ce 15 00 08 30 04 02 02 12 34":             {"，业务：接通两个呼叫", ", service: joining of two calls"},
		"91 a1 07 02 01 05 02 02 00 c8":                                              {"，业务：operation 200", ", service: operation 200"},
		"92 00":                                                                      {"", ""},
	} {
		data, err := hex.DecodeString(strings.ReplaceAll(octets, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		m := &q931.Message{Type: q931.MsgFacility, Other: []q931.Element{{ID: q931.IDFacility, Data: data}}}
		if zh, en := facilities(m); zh != want[0] || en != want[1] {
			t.Errorf("%s: %q, %q", octets, zh, en)
		}
		if zh, en := (speaker{us: true}).message(m); !strings.HasSuffix(zh, want[0]) || !strings.HasSuffix(en, want[1]) {
			t.Errorf("%s: %q, %q", octets, zh, en)
		}
	}
}
