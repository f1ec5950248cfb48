package libpri

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"trunkbox/drivers/hdlc"
)

// shaper is what one direction of a D channel does to its frames: some vanish, in some a bit is turned over. The receiver
// compares the check sequence of each frame, as a framer does, and drops what is damaged.
type shaper struct {
	mu             sync.Mutex
	chance         *rand.Rand
	lose, damage   float64 // probabilities
	passed, missed int
	damaged        int
}

// The loss of the poor line, each way.
const (
	loseFrames   = 0.15
	damageFrames = 0.05
)

// spoil makes the direction poor from now on, always in the same way for the same seed; no seed makes it good again.
func (s *shaper) spoil(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose, s.damage, s.chance = loseFrames, damageFrames, rand.New(rand.NewPCG(seed, 31))
	if seed == 0 {
		s.lose, s.damage = 0, 0
	}
}

// passes says whether the frame arrives.
func (s *shaper) passes(frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.lose > 0 && s.chance.Float64() < s.lose:
		s.missed++
		return false
	case s.damage > 0 && s.chance.Float64() < s.damage:
		line := binary.LittleEndian.AppendUint16(append([]byte(nil), frame...), hdlc.FCS(frame))
		bit := s.chance.IntN(8 * len(line))
		line[bit/8] ^= 1 << (bit % 8)
		n := len(line) - 2
		if binary.LittleEndian.Uint16(line[n:]) != hdlc.FCS(line[:n]) {
			s.damaged++
			return false
		}
	}
	s.passed++
	return true
}

// counts are the frames that passed, vanished and were damaged.
func (s *shaper) counts() (passed, missed, damaged int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passed, s.missed, s.damaged
}
