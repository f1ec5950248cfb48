package sipphone

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/emiago/sipgo/sip"
)

// There are two legs to most calls, and each is there for as long as the call.
func TestLegIsSmall(t *testing.T) {
	for _, part := range []struct {
		name     string
		is, most uintptr
	}{
		{"Leg", unsafe.Sizeof(Leg{}), 320},
		{"dialog", unsafe.Sizeof(dialog{}), 256},
		{"session", unsafe.Sizeof(session{}), 96},
		{"refresh", unsafe.Sizeof(refresh{}), 32},
	} {
		if part.is > part.most {
			t.Errorf("%s has %d octets, more than %d", part.name, part.is, part.most)
		}
	}
}

// A response is kept as one text, and goes out as it would have.
func TestPackedResponse(t *testing.T) {
	req := sip.NewRequest(sip.INVITE, uriOf("sip:9001@box.test"))
	for _, h := range []string{
		"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1;rport", "Record-Route: <sip:192.0.2.1;lr>", "Record-Route: <sip:192.0.2.2;lr>",
		`From: "王, \"芳\"" <sip:201@box.test>;tag=a`, "To: <sip:9001@box.test>", "Call-ID: 1@192.0.2.7", "CSeq: 1 INVITE",
	} {
		name, value, _ := strings.Cut(h, ": ")
		req.AppendHeader(sip.NewHeader(name, value))
	}
	req.SetTransport("UDP")
	req.SetSource("192.0.2.7:5060")
	for _, body := range []string{"", "v=0\r\n"} {
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		if body != "" {
			withSDP(res, []byte(body))
		}
		want := strings.Split(res.String(), "\r\n")
		to := res.Destination()
		pack(res)
		got := strings.Split(res.String(), "\r\n")
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("packed:\n%q\nwant:\n%q", got, want)
		}
		if len(res.Headers()) != 2 || res.Destination() != to || res.Transport() != "UDP" || res.IsCancel() {
			t.Errorf("%d headers, to %q over %q", len(res.Headers()), res.Destination(), res.Transport())
		}
		if !strings.HasPrefix(res.String(), "SIP/2.0 200 OK\r\nRecord-Route: ") || !strings.HasSuffix(res.String(), "\r\n\r\n"+body) {
			t.Errorf("%q", res.String())
		}
	}
}

// An address is the same once it was text.
func TestAddressAsText(t *testing.T) {
	for _, text := range []string{
		"sip:201@192.0.2.7:5061;transport=tcp;ob", "sips:%23201@[2001:db8::7]:5061", "tel:+8613800000000", "sip:192.0.2.7", "sip:a%20b:pw@box.test;user=phone?Replaces=x",
	} {
		if got := textOf(uriOf(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// Phones that registered at the same time are not all asked at the same time.
func TestPhonesAreAskedFewAtATime(t *testing.T) {
	const phones, every = 480, 30 * time.Second
	b := &bindings{of: map[string][]*binding{}, up: map[string]bool{}, observer: silent{}}
	began := time.Now()
	now := began
	for n := range phones {
		extension := strconv.Itoa(n)
		b.bind(extension, &binding{Contact: "sip:" + extension + "@192.0.2.7", Transport: "UDP", Source: netip.AddrPortFrom(netip.MustParseAddr("192.0.2.7"), uint16(5000+n)), Expires: now.Add(time.Hour)}, now)
	}
	asked := map[string][]time.Time{}
	for end := now.Add(10 * every); now.Before(end); now = now.Add(sweepEvery) {
		list := b.toProbe(now, b.share(every), func(o *binding) bool { return now.Sub(o.asked) >= every })
		if len(list) > phones/50 {
			t.Fatalf("%d phones are asked at once", len(list))
		}
		for _, one := range list {
			asked[one.extension] = append(asked[one.extension], now)
			b.heard(one, true, false, "")
		}
	}
	for n := range phones {
		times := asked[strconv.Itoa(n)]
		if len(times) < 9 || times[0].Sub(began) > every {
			t.Fatalf("phone %d, there since %v, was asked at %v", n, began, times)
		}
		for i := 1; i < len(times); i++ {
			if between := times[i].Sub(times[i-1]); between > every+sweepEvery {
				t.Errorf("phone %d was not asked for %v", n, between)
			}
		}
	}
}
