package phone

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// block is the sound of one RTP packet: 160 octets, 20 ms.
const block = 160

// lateAfter is how long after its time a packet leaves late.
const lateAfter = block / 2 * time.Second / dsp.SampleRate

// stream is the RTP stream of one call: media on a socket of its own, or shared.
type stream interface {
	port() int
	agree(d description, law dsp.Law, direction string) // direction is ours
	ear() *sound.Sound                                  // and mouth
	press(keys string) bool                             // sends them as events; false: the other side takes none
	packets() (sent, received int)
	close()
}

// media is a stream with a socket of its own.
type media struct {
	conn  *net.UDPConn
	sound *sound.Sound
	own   dsp.Law // of sound

	mu       sync.Mutex
	remote   *net.UDPAddr // nil: nobody is known yet
	law      dsp.Law      // on the wire
	keysType uint8        // payload type of telephone-event, 0: none
	sending  bool
	keys     []byte // to send as events
	sent     int    // packets of sound
	received int
	last     time.Time // of the last packet received
	stop     chan struct{}
	stopped  bool
	traffic  *traffic // of the phone
}

// traffic counts the packets of all calls of a phone.
type traffic struct {
	sent, received, lost, late atomic.Uint64
	jitter                     atomic.Int64 // ns, the largest there was
}

// Traffic is the packets of sound of all calls there were.
type Traffic struct {
	Sent, Received uint64
	Lost           uint64        // gaps in the sequence numbers of what was received
	Late           uint64        // of those sent: half a packet or more after they were due, as this machine was busy
	Jitter         time.Duration // RFC 3550 6.4.1, the largest there was
}

// Traffic reads the counters.
func (p *Phone) Traffic() Traffic {
	t := &p.traffic
	return Traffic{t.sent.Load(), t.received.Load(), t.lost.Load(), t.late.Load(), time.Duration(t.jitter.Load())}
}

// arrival follows the sequence numbers and times of what is received (RFC 3550 6.4.1).
type arrival struct {
	began   bool
	next    uint16
	last    time.Time
	stamp   uint32
	jitter  float64 // ns
	settled int
}

// take takes note of a packet, and adds what is missing before it to the traffic.
func (a *arrival) take(t *traffic, sequence uint16, stamp uint32, now time.Time) {
	t.received.Add(1)
	if a.began {
		if gap := int16(sequence - a.next); gap > 0 {
			t.lost.Add(uint64(gap))
		} else if gap < 0 { // late: it was counted as lost
			t.lost.Add(^uint64(0))
		}
		spacing := time.Duration(int32(stamp-a.stamp)) * time.Second / dsp.SampleRate
		off := now.Sub(a.last) - spacing
		a.jitter += (math.Abs(float64(off)) - a.jitter) / 16
		if a.settled++; a.settled > 100 && int64(a.jitter) > t.jitter.Load() {
			t.jitter.Store(int64(a.jitter))
		}
	}
	if !a.began || int16(sequence-a.next) >= 0 {
		a.next = sequence + 1
	}
	a.began, a.last, a.stamp = true, now, stamp
}

func newMedia(ip net.IP, law dsp.Law, recordS int, all *traffic) (*media, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil, err
	}
	m := &media{conn: conn, sound: sound.New(law, recordS), own: law, law: law, stop: make(chan struct{}), traffic: all}
	go m.send()
	go m.receive()
	return m, nil
}

func (m *media) port() int { return m.conn.LocalAddr().(*net.UDPAddr).Port }

func (m *media) ear() *sound.Sound { return m.sound }

func (m *media) press(keys string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keysType == 0 {
		return false
	}
	m.keys = append(m.keys, keys...)
	return true
}

func (m *media) packets() (sent, received int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent, m.received
}

func (m *media) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return
	}
	m.stopped = true
	close(m.stop)
	m.conn.Close()
	m.sound.Stop()
}

// agree takes what the other side has described; direction is ours.
func (m *media) agree(d description, law dsp.Law, direction string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote, m.law, m.keysType = d.address, law, uint8(d.keys)
	m.sending = direction == "sendrecv" || direction == "sendonly"
}

// send sends a packet every 20 ms, counted from the beginning so that nothing drifts.
func (m *media) send() {
	tick := time.NewTicker(block * time.Second / dsp.SampleRate)
	defer tick.Stop()
	began := time.Now()
	packet := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: rand.Uint32(), SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), Marker: true}}
	first := packet.Timestamp
	octets, key := make([]byte, block), event{}
	for n := 0; ; n++ {
		due := began.Add(time.Duration(n) * block * time.Second / dsp.SampleRate)
		for time.Now().Before(due) {
			select {
			case <-tick.C:
			case <-m.stop:
				return
			}
		}
		select {
		case <-m.stop:
			return
		default:
		}
		m.mu.Lock()
		remote, law, keysType, sending := m.remote, m.law, m.keysType, m.sending
		if key.idle() && len(m.keys) > 0 && keysType != 0 {
			key, m.keys = event{key: m.keys[0], begun: first + uint32(n*block)}, m.keys[1:]
		}
		m.mu.Unlock()
		m.sound.Fill(octets)
		if remote == nil || !sending {
			continue
		}
		packet.Timestamp = first + uint32(n*block)
		if !key.idle() {
			key.send(m, remote, &packet, keysType)
			continue
		}
		dsp.Transcode(octets, octets, m.own, law)
		packet.PayloadType, packet.Payload = uint8(payloadOf(law)), octets
		m.write(remote, &packet)
		m.traffic.sent.Add(1)
		if time.Since(due) > lateAfter {
			m.traffic.late.Add(1)
		}
		m.mu.Lock()
		m.sent++
		m.mu.Unlock()
		packet.Marker = false
	}
}

func (m *media) write(remote *net.UDPAddr, packet *rtp.Packet) {
	raw, err := packet.Marshal()
	if err != nil {
		return
	}
	_, _ = m.conn.WriteToUDP(raw, remote)
	packet.SequenceNumber++
}

// event is one key under way as telephone events (RFC 4733 2.3):
//
//	 0 … 7      8   9   10 … 15   16 … 31
//	+----------+---+---+---------+----------------+
//	| event    | E | R | volume  | duration       |
//	+----------+---+---+---------+----------------+
//
// Five packets of 20 ms, the last one three times with E set, then three packets' time of nothing.
type event struct {
	key   byte
	begun uint32
	step  int
}

const (
	eventSteps = 5
	eventPause = 3
	eventKeys  = "0123456789*#ABCD"
)

func (e *event) idle() bool { return e.key == 0 }

func (e *event) send(m *media, remote *net.UDPAddr, packet *rtp.Packet, payloadType uint8) {
	e.step++
	if e.step > eventSteps {
		if e.step == eventSteps+eventPause {
			*e = event{}
			packet.Marker = true
		}
		return
	}
	payload := []byte{byte(strings.IndexByte(eventKeys, e.key)), 10, 0, 0}
	binary.BigEndian.PutUint16(payload[2:], uint16(e.step*block))
	packet.PayloadType, packet.Payload, packet.Timestamp, packet.Marker = payloadType, payload, e.begun, e.step == 1
	times := 1
	if e.step == eventSteps {
		payload[1] |= 0x80
		times = 3
	}
	for range times {
		m.write(remote, packet)
	}
}

// receive hears what comes.
func (m *media) receive() {
	raw := make([]byte, 2048)
	octets := make([]byte, 0, 2048)
	var packet rtp.Packet
	lastKey, anyKey := uint32(0), false
	var arriving arrival
	for {
		n, _, err := m.conn.ReadFromUDP(raw)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		if packet.Unmarshal(raw[:n]) != nil || packet.Version != 2 {
			continue
		}
		m.mu.Lock()
		m.received++
		m.last = time.Now()
		keysType := m.keysType
		m.mu.Unlock()
		switch {
		case packet.PayloadType == payloadALaw || packet.PayloadType == payloadMuLaw:
			arriving.take(m.traffic, packet.SequenceNumber, packet.Timestamp, m.last)
			law := dsp.ALaw
			if packet.PayloadType == payloadMuLaw {
				law = dsp.MuLaw
			}
			octets = append(octets[:0], packet.Payload...)
			dsp.Transcode(octets, octets, law, m.own)
			m.sound.Hear(octets)
		case keysType != 0 && packet.PayloadType == keysType && len(packet.Payload) >= 4:
			if key := int(packet.Payload[0]); key < len(eventKeys) && (!anyKey || packet.Timestamp != lastKey) {
				lastKey, anyKey = packet.Timestamp, true
				m.sound.Note(eventKeys[key])
			}
		}
	}
}
