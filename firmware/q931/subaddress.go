package q931

// Subaddress is a calling, called or connected subaddress element (clauses 4.5.9 and 4.5.11/Q.931, Q.951 for the connected
// one).
type Subaddress struct {
	Given   bool
	Type    uint8 // 0 NSAP (X.213), 2 user specified
	Odd     bool  // user specified in half octets: the last half is not part of it
	Address []byte
}

// parseSubaddress (Figures 4-15 and 4-17/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	| 1 |   type    |odd| 0   0   0 |  octet 3
//	+---+---+---+---+---+---+---+---+
//	|     subaddress information    |  octets 4 ff., at most 20
func parseSubaddress(d []byte) (Subaddress, bool) {
	return Subaddress{Given: true, Type: d[0] >> 4 & 7, Odd: d[0]&8 != 0, Address: some(d[1:])}, d[0]&0x80 != 0
}

func (v *Subaddress) append(dst []byte) []byte {
	octet3 := 0x80 | v.Type&7<<4
	if v.Odd {
		octet3 |= 8
	}
	return append(append(dst, octet3), v.Address...)
}

// TransitNetwork is a transit network selection element (clause 4.5.29/Q.931): the carrier that a call is to use.
type TransitNetwork struct {
	Given   bool
	Type    uint8 // 0 user specified, 2 national, 3 international
	Plan    uint8 // 1 carrier identification code, 3 data network code
	Network []byte
}

// parseTransitNetwork (Figure 4-35/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	| 1 |   type    |     plan      |  octet 3
//	+---+---+---+---+---+---+---+---+
//	| 0 | network identification    |  octets 4 ff., IA5
func parseTransitNetwork(d []byte) (TransitNetwork, bool) {
	return TransitNetwork{Given: true, Type: d[0] >> 4 & 7, Plan: d[0] & 0x0f, Network: some(d[1:])}, d[0]&0x80 != 0
}

func (v *TransitNetwork) append(dst []byte) []byte {
	return append(append(dst, 0x80|v.Type&7<<4|v.Plan&0x0f), v.Network...)
}

// HighLayer is a high layer compatibility element (clause 4.5.17/Q.931).
type HighLayer struct {
	Given           bool
	Coding          uint8 // 0 ITU-T
	Interpretation  uint8 // 4: the first element counts
	Presentation    uint8 // 1: high layer protocol profile
	Characteristics uint8 // 1 telephony, 4 facsimile group 2/3
	HasExtended     bool
	Extended        uint8
}

// Telephony is the high layer compatibility of a telephone call.
var Telephony = HighLayer{Given: true, Interpretation: 4, Presentation: 1, Characteristics: 1}

// parseHighLayer (Figure 4-25/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	| 1 |coding | interpret.|present|  octet 3
//	+---+---+---+---+---+---+---+---+
//	|ext|      characteristics      |  octet 4
//	+---+---+---+---+---+---+---+---+
//	| 1 |  extended characteristics |  octet 4a, when octet 4 has ext 0
//	+---+---+---+---+---+---+---+---+
func parseHighLayer(d []byte) (HighLayer, bool) {
	if len(d) < 2 || d[0]&0x80 == 0 || (d[1]&0x80 == 0) != (len(d) == 3) || len(d) == 3 && d[2]&0x80 == 0 {
		return HighLayer{}, false
	}
	v := HighLayer{
		Given: true, Coding: d[0] >> 5 & 3, Interpretation: d[0] >> 2 & 7, Presentation: d[0] & 3,
		Characteristics: d[1] & 0x7f,
	}
	if len(d) == 3 {
		v.HasExtended, v.Extended = true, d[2]&0x7f
	}
	return v, true
}

func (v *HighLayer) append(dst []byte) []byte {
	dst = append(dst, 0x80|v.Coding&3<<5|v.Interpretation&7<<2|v.Presentation&3, ext(!v.HasExtended)|v.Characteristics&0x7f)
	if v.HasExtended {
		dst = append(dst, 0x80|v.Extended)
	}
	return dst
}
