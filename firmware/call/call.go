// Package call is a call and its legs, whatever their signalling: the hub where signalling and sound meet.
//
// In: legs from firmware/pri (trunks) and firmware/sipphone (agents' phones), each with its events and its
// bridge.Port. Out: the firmware/exchange joins the Sides of legs, all in the one goroutine of a Loop.
//
// Causes and locations are those of ITU-T Q.850; SIP legs translate theirs by RFC 3398. Talks of more than
// two are firmware/exchange's, which has as many Sides in one talk; asking somebody first (consultation) is left out.
//
// A Leg is safe from anywhere; Side, Timer and all that hangs on them belong to the Loop's goroutine.
package call

import (
	"fmt"
	"sync/atomic"
	"time"
)

// IDs gives calls their names: the time to the second and a count, so that names sort by time
// ("20261122-045250-3f2a"). The count starts at the fraction of the second in which the box started, so
// that a box restarted within a second does not name a call twice.
type IDs struct{ count atomic.Uint32 }

// NewIDs starts the count.
func NewIDs(now time.Time) *IDs {
	ids := &IDs{}
	ids.count.Store(uint32(now.Nanosecond() / 15_260))
	return ids
}

// Next is the name of a call that begins now.
func (ids *IDs) Next(now time.Time) string {
	return fmt.Sprintf("%s-%04x", now.UTC().Format("20060102-150405"), uint16(ids.count.Add(1)))
}
