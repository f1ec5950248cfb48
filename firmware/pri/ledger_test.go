package pri

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
)

// told puts a ledger in one line a record.
func told(records []Record) string {
	var all strings.Builder
	for _, r := range records {
		fmt.Fprintln(&all, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s %d", r.State, r.Reason, r.Way, r.Call, r.Ref, r.Cause)), " "))
	}
	return all.String()
}

// TestLedger: a call out and a call in stand in the ledger of their channel with everything that is known of them.
func TestLedger(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, network *end) {
		network.onOffer = func(l call.Leg) { l.(*leg).Belongs("far-1"); l.Alert(); l.Answer() }
		p := user.dial(call.Outgoing{Called: "4001"})
		p.leg.(*leg).Belongs("call-1")
		began := time.Now()
		synctest.Wait()
		time.Sleep(time.Minute)
		p.leg.Hangup(busy)
		synctest.Wait()
		if got, want := told(user.access.Ledger(1)), "idle 0\nseized out call-1 0\nringing out call-1 ref 1/1 0\ntalking out call-1 ref 1/1 0\n"+
			"clearing out call-1 ref 1/1 17\nidle out call-1 ref 1/1 17\n"; got != want {
			t.Errorf("the caller's ledger\n%swant\n%s", got, want)
		}
		if got, want := told(network.access.Ledger(1)), "idle 0\nseized in far-1 ref 1/0 0\nringing in far-1 ref 1/0 0\ntalking in far-1 ref 1/0 0\n"+
			"clearing in far-1 ref 1/0 17\nidle in far-1 ref 1/0 17\n"; got != want {
			t.Errorf("the called end's ledger\n%swant\n%s", got, want)
		}
		records := user.access.Ledger(1)
		if at := records[len(records)-1].At.Sub(began); at != time.Minute {
			t.Errorf("it was idle after %v", at)
		}
		for _, ts := range []span.Timeslot{0, 16, 32, 200} {
			if records := user.access.Ledger(ts); records != nil {
				t.Errorf("timeslot %d has %v", ts, records)
			}
		}
	})
}

// TestLedgerKeepsTheLast: older events go, newer ones stay in order.
func TestLedgerKeepsTheLast(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, network *end) {
		for range 50 {
			p := user.dial(call.Outgoing{Called: "4001"})
			synctest.Wait()
			p.leg.Hangup(normal)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		records := user.access.Ledger(1)
		if len(records) != ledgerLength || records[ledgerLength-1].Ref != "ref 50/1" {
			t.Fatalf("%d records, the last %+v", len(records), records[len(records)-1])
		}
		for i := range records[1:] {
			if records[i+1].At.Before(records[i].At) {
				t.Errorf("record %d is older than the one before", i+1)
			}
		}
	})
}
