package bridge

import (
	"trunkbox/dsp"
)

// mix is what several sources give together, for one party.
type mix struct {
	sources []Source // the engine's: those that have ended are taken out
	block   [maxBlock]byte
	linear  [maxBlock]int16
	sum     [maxBlock]int32
}

// Mix makes one source of several, for one party to hear: a supervisor hears both sides of a call, an agent hears the
// caller and the supervisor. It ends when all of them have ended; one behind which its party goes on with another is
// followed by that. While only one is left, its octets pass as they are. Sums beyond the largest sample are cut off there.
func Mix(sources ...Source) Source { return &mix{sources: sources} }

// Next fills block with the sum of the sources.
func (m *mix) Next(block []byte, law dsp.Law) (done bool) {
	if len(m.sources) == 1 {
		m.sources = m.next(m.sources[:0], m.sources[0], block, law)
		return len(m.sources) == 0
	}
	sum, left := m.sum[:len(block)], m.sources[:0]
	clear(sum)
	for _, source := range m.sources {
		one, linear := m.block[:len(block)], m.linear[:len(block)]
		left = m.next(left, source, one, law)
		law.Expand(linear, one)
		for i, x := range linear {
			sum[i] += int32(x)
		}
	}
	m.sources = left
	linear := m.linear[:len(block)]
	for i, x := range sum {
		linear[i] = int16(min(max(x, -32768), 32767))
	}
	law.Compress(block, linear)
	return len(left) == 0
}

// next fills block from a source, and adds to left what is heard in its place from now on.
func (m *mix) next(left []Source, source Source, block []byte, law dsp.Law) []Source {
	if source.Next(block, law) {
		next := following(source)
		if next == nil {
			return left
		}
		source = *next
	}
	return append(left, source)
}
