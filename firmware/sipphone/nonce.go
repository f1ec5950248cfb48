package sipphone

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"time"
)

// nonces makes the nonces of our challenges and watches that no answer is used twice (RFC 7616 clause
// 3.3). A nonce tells its age and that it is ours without being remembered:
//
//	| 8 octets: Unix time, ns | 8 octets: random | 16 octets: HMAC-SHA-256 of both, cut | in base64
//
// Remembered is only, for a nonce that was used, which counts (nc) were seen.
type nonces struct {
	key [32]byte

	mu   sync.Mutex
	used map[string]*counts
	swep time.Time // when used was last cleared of old ones
}

// counts is a window over the nc values of one nonce: bit i of seen is highest-i.
type counts struct {
	made    time.Time
	highest uint32
	seen    uint64
}

const (
	nonceLife  = 5 * time.Minute
	nonceLimit = 20_000 // nonces remembered; beyond that the newest use is refused as stale
)

func newNonces() *nonces {
	n := &nonces{used: make(map[string]*counts)}
	_, _ = rand.Read(n.key[:])
	return n
}

func (n *nonces) sign(b []byte) []byte {
	h := hmac.New(sha256.New, n.key[:])
	h.Write(b)
	return h.Sum(nil)[:16]
}

func (n *nonces) make(now time.Time) string {
	b := make([]byte, 16, 32)
	binary.BigEndian.PutUint64(b, uint64(now.UnixNano()))
	_, _ = rand.Read(b[8:])
	return base64.StdEncoding.EncodeToString(append(b, n.sign(b)...))
}

// made tells when a nonce of ours was made.
func (n *nonces) made(nonce string) (time.Time, bool) {
	b, err := base64.StdEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(b[16:], n.sign(b[:16])) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))), true
}

// use takes the count of one correct answer. false: the nonce is foreign, too old, or this count was
// used already; a new challenge with stale=true is in place.
func (n *nonces) use(nonce string, count uint32, now time.Time) bool {
	made, ours := n.made(nonce)
	if !ours || now.Sub(made) > nonceLife {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.swep) > nonceLife/4 {
		n.swep = now
		for key, c := range n.used {
			if now.Sub(c.made) > nonceLife {
				delete(n.used, key)
			}
		}
	}
	c := n.used[nonce]
	if c == nil {
		if len(n.used) >= nonceLimit {
			return false
		}
		n.used[nonce] = &counts{made: made, highest: count, seen: 1}
		return true
	}
	switch {
	case count > c.highest:
		if shift := count - c.highest; shift < 64 {
			c.seen = c.seen<<shift | 1
		} else {
			c.seen = 1
		}
		c.highest = count
		return true
	case c.highest-count >= 64 || c.seen>>(c.highest-count)&1 == 1:
		return false
	}
	c.seen |= 1 << (c.highest - count)
	return true
}
