package seat

import (
	"errors"
	"testing"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// bell is a phone with one leg, which keeps why it was hung up.
type bell struct {
	gone  bool
	cause q850.Cause
}

func (b *bell) Dial(string, call.Outgoing, call.Handler) (call.Leg, error) {
	if b.gone {
		return nil, errors.New("no such phone")
	}
	return b, nil
}
func (*bell) Name() string              { return "phone 201" }
func (*bell) Remote() call.Number       { return call.Number{} }
func (*bell) Sound() bridge.Port        { return nil }
func (*bell) Alert()                    {}
func (*bell) Progress()                 {}
func (*bell) Answer()                   {}
func (b *bell) Hangup(cause q850.Cause) { b.cause = cause }

func TestASeatRingsForOneCall(t *testing.T) {
	phone := &bell{}
	s := New("201", phone)
	if _, err := s.Ring("a", call.Outgoing{}, nil); err != nil || !s.RingsFor("a") || s.RingsFor("b") {
		t.Fatalf("rings for a: %v, for b: %v, %v", s.RingsFor("a"), s.RingsFor("b"), err)
	}
	s.Silence("b", q850.NoAnswer)
	if !s.RingsFor("a") || phone.cause != 0 {
		t.Error("another call's end stopped the ringing")
	}
	s.Silence("a", q850.NonSelectedUserClearing)
	if s.RingsFor("a") || phone.cause != q850.NonSelectedUserClearing {
		t.Errorf("the phone was hung up with cause %d", phone.cause)
	}
	phone.cause = 0
	s.Silence("a", q850.NoAnswer)
	if phone.cause != 0 {
		t.Error("a leg that is no longer the seat's was hung up")
	}
}

func TestAPhoneThatIsNotThereDoesNotRing(t *testing.T) {
	s := New("201", &bell{gone: true})
	if _, err := s.Ring("a", call.Outgoing{}, nil); err == nil || s.RingsFor("a") {
		t.Errorf("rings: %v, %v", s.RingsFor("a"), err)
	}
}

func TestRefusals(t *testing.T) {
	for cause, want := range map[q850.Cause]acd.Reason{
		q850.UserBusy: acd.PhoneBusy, q850.CallRejected: acd.AgentRejected, q850.NoAnswer: acd.NoAnswer,
		q850.SubscriberAbsent: acd.PhoneUnreachable, q850.TemporaryFailure: acd.PhoneUnreachable,
	} {
		if got := Refusal(call.Cleared{Cause: cause}); got != want {
			t.Errorf("cause %d is %v, want %v", cause, got, want)
		}
	}
}
