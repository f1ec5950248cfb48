package e2e

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"trunkbox/drivers/vspan"
	"trunkbox/dsp"
	"trunkbox/firmware/config"
)

// TestTheLineEchoIsCancelled: an agent on a line whose far end gives back an echo, 12 dB down after 8 ms, hears nothing of
// himself; without the canceller he does.
func TestTheLineEchoIsCancelled(t *testing.T) {
	t.Parallel()
	for _, tail := range []int{0, 32} {
		t.Run(fmt.Sprintf("%d ms", tail), func(t *testing.T) {
			t.Parallel()
			b := open(t, func(s *config.Settings) { s.Lines[0].EchoTailMS = tail })
			p := b.phone("801")
			b.waitAgent("801", "ready")
			line := b.toSales("13800000061")
			agent := answered(t, p)
			talk(t, line, agent)
			must(t, b.farLine.SetFault(vspan.AtoB, vspan.Fault{EchoLossDB: 12, EchoDelayOctets: 64}))
			line.PlayNothing()
			agent.Sound().PlayClip(babble())
			wait(t, "the agent speaks and the echo is as it should be", func() bool {
				said, heard := line.Sound().Level(), agent.Sound().Level()
				if said < -25 {
					return false // the first words are still on their way
				}
				if tail == 0 {
					return heard > said-14 && heard < said-10
				}
				return heard < said-35
			})
			line.Hangup(16)
		})
	}
}

// babble is ten seconds of noise that is louder and weaker like speech.
func babble() []byte {
	r := rand.New(rand.NewPCG(1, 1))
	linear := make([]int16, 10*dsp.SampleRate)
	level := 0.0
	for i := range linear {
		if i%1200 == 0 {
			level = 1000 + 3000*r.Float64()
		}
		linear[i] = int16(r.NormFloat64() * level)
	}
	octets := make([]byte, len(linear))
	dsp.ALaw.Compress(octets, linear)
	return octets
}
