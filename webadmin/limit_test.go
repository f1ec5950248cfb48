package webadmin

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestDelayGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits()
		const home = "192.0.2.7:4000"
		for i := range freeTries {
			if wait := l.try(home); wait != 0 {
				t.Fatalf("try %d has to wait %v", i+1, wait)
			}
		}
		want := firstDelay
		for i := range 12 {
			wait := l.try(home)
			if wait != want {
				t.Fatalf("after %d tries the wait is %v, expected %v", freeTries+i, wait, want)
			}
			if other := l.try(home); other != want {
				t.Fatalf("a try that was refused changed the wait to %v", other)
			}
			if l.try(fmt.Sprintf("192.0.2.9:%d", i)) != 0 && i < freeTries {
				t.Fatal("another address has to wait")
			}
			time.Sleep(wait)
			if wait := l.try(home); wait != 0 {
				t.Fatalf("after the wait there is another of %v", wait)
			}
			want = min(2*want, longestDelay)
		}
		l.forget(home)
		if wait := l.try(home); wait != 0 {
			t.Fatalf("after the right password there is a wait of %v", wait)
		}
	})
}

func TestSilenceIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits()
		for range freeTries {
			l.try("[2001:db8::1]:1")
		}
		if l.try("[2001:db8::ffff:2]:1") == 0 {
			t.Error("a neighbour in the same /64 is taken for somebody else")
		}
		if l.try("[2001:db8:0:1::1]:1") != 0 {
			t.Error("another /64 is taken for the same")
		}
		time.Sleep(forgetAfter + time.Second)
		if wait := l.try("[2001:db8::1]:1"); wait != 0 {
			t.Errorf("after %v of silence the wait is still %v", forgetAfter, wait)
		}
	})
}

func TestTableIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits()
		for i := range maxAddresses + 10 {
			l.try(fmt.Sprintf("10.0.%d.%d:1", i/256, i%256))
			time.Sleep(time.Millisecond)
		}
		if len(l.tries) != maxAddresses {
			t.Errorf("%d addresses are remembered, at most %d may be", len(l.tries), maxAddresses)
		}
		if _, there := l.tries[network("10.0.0.0:1")]; there {
			t.Error("the oldest address was kept")
		}
	})
}

func TestAddressNobodyHas(t *testing.T) {
	l := newLimits()
	for range freeTries {
		l.try("@")
	}
	if l.try("") == 0 {
		t.Error("addresses that cannot be read are not limited together")
	}
}
