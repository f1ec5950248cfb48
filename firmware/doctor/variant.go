package doctor

import (
	"slices"

	"trunkbox/firmware/q931"
)

// variantSign is something in the messages of the far end that only switches of some variants say.
type variantSign uint8

// The signs.
const (
	serviceMessages  variantSign = iota // discriminator of maintenance messages
	codeset6                            // elements of codeset 6
	codeset4                            // elements of codeset 4
	networkExtension                    // facility with a network facility extension
	transitCounter                      // element of codeset 0 that only private networks have
	networkSpecific                     // network-specific facilities
	etsiFacility                        // facility of the remote operations profile
	numVariantSigns
)

// variantSigns tell what each sign speaks for.
var variantSigns = [numVariantSigns]struct {
	zh, en   string
	variants []string
}{
	serviceMessages:  {"SERVICE 维护消息（协议鉴别语 03 或 43）", "SERVICE messages (protocol discriminator 03 or 43)", northAmerican},
	codeset6:         {"代码组 6 的信息单元", "elements of codeset 6", northAmerican},
	codeset4:         {"代码组 4（ISO/IEC）的信息单元", "elements of codeset 4 (ISO/IEC)", []string{"qsig"}},
	networkExtension: {"带网络设施扩展的 FACILITY", "FACILITY with a network facility extension", []string{"qsig"}},
	transitCounter:   {"转接计数器信息单元", "the element transit counter", []string{"qsig"}},
	networkSpecific:  {"网络特定设施信息单元", "the element network-specific facilities", northAmerican},
	etsiFacility:     {"ETSI 远程操作协议的 FACILITY", "FACILITY of the ETSI remote operations profile", []string{"euroisdn-e1", "euroisdn-t1", "ni2", "dms100", "5ess", "4ess", "ni1"}},
}

// northAmerican are the variants of the North American switches, the usual one first.
var northAmerican = []string{"ni2", "dms100", "5ess", "4ess", "ni1"}

// discriminator counts a message of another protocol (maintenance of AT&T TR 41449 and the National ISDN).
func (c *Calls) discriminator(d byte) {
	if d == 0x03 || d == 0x43 {
		c.Signs[serviceMessages]++
	}
}

// Elements and octets that are signs.
const (
	idTransitCounter = 0x31 // ISO/IEC 11572
	profileExtended  = 0x1f // of a facility: networking extensions (ISO/IEC 11582)
	profileROSE      = 0x11 // remote operations (Q.932, EN 300 196)
	tagExtension     = 0xaa // network facility extension (ISO/IEC 11582)
)

// elements counts the signs of one message, each once.
func (c *Calls) elements(m *q931.Message) {
	var seen [numVariantSigns]bool
	for _, e := range m.Other {
		switch {
		case e.Codeset == 6:
			seen[codeset6] = true
		case e.Codeset == 4:
			seen[codeset4] = true
		case e.Codeset != 0:
		case e.ID == q931.IDNetworkFacilities:
			seen[networkSpecific] = true
		case e.ID == idTransitCounter:
			seen[transitCounter] = true
		case e.ID == q931.IDFacility && len(e.Data) >= 2 && e.Data[0]&0x1f == profileExtended && e.Data[1] == tagExtension:
			seen[networkExtension] = true
		case e.ID == q931.IDFacility && len(e.Data) >= 1 && e.Data[0]&0x1f == profileROSE:
			seen[etsiFacility] = true
		}
	}
	for s, is := range seen {
		if is {
			c.Signs[s]++
		}
	}
}

// otherVariant is the variant that more signs speak for than for the one configured, and those signs; empty when the
// configured one will do.
func (c *Calls) otherVariant(configured string) (variant string, foreign []variantSign) {
	votes := map[string]int{}
	for s, n := range c.Signs {
		if n == 0 {
			continue
		}
		for _, v := range variantSigns[s].variants {
			votes[v]++
		}
		if !slices.Contains(variantSigns[s].variants, configured) {
			foreign = append(foreign, variantSign(s))
		}
	}
	for _, v := range []string{"ni2", "qsig", "euroisdn-e1", "euroisdn-t1", "dms100", "5ess", "4ess", "ni1"} {
		if votes[v] > votes[variant] {
			variant = v
		}
	}
	if votes[variant] <= votes[configured] {
		return "", nil
	}
	return variant, foreign
}
