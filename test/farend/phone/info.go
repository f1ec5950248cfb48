package phone

import (
	"context"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// SendInfo sends a key as SIP INFO (application/dtmf-relay) and waits until the exchange has taken it.
func (c *Call) SendInfo(ctx context.Context, key byte, lasted time.Duration) error {
	_, err := c.p.ask(ctx, c.d, sip.INFO, func(req *sip.Request) {
		req.SetBody(fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", key, lasted.Milliseconds()))
		req.AppendHeader(sip.NewHeader("Content-Type", "application/dtmf-relay"))
	}, nil)
	return err
}
