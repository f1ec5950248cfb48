package q931

// NetworkFacilities is a network-specific facilities element (clause 4.5.21/Q.931): a service or feature of the carrier
// that a call is to use.
type NetworkFacilities struct {
	Given         bool
	HasNetwork    bool // the carrier is named
	NetworkType   uint8
	NetworkPlan   uint8
	Network       []byte // IA5
	Specification []byte // what the carrier defined
}

// FacilityOf4ESS returns the element for a service of an AT&T 4ESS: 0xe1 Software Defined Network, 0xe2 Megacom 800, 0xe3
// Megacom, 0xe6 Accunet, 0xe7 long distance, 0xe8 international 800, 0xf0 to 0xf2 for operator and billing features (the
// numbers as libpri has them, not checked in TR 41459).
func FacilityOf4ESS(service uint8) NetworkFacilities {
	return NetworkFacilities{Given: true, Specification: []byte{service}}
}

// parseNetworkFacilities (Figure 4-27/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	|length of network identification  octet 3; 0: octets 3.1 ff. are not there
//	+---+---+---+---+---+---+---+---+
//	| 1 |   type    |     plan      |  octet 3.1
//	+---+---+---+---+---+---+---+---+
//	| 0 | network identification    |  octets 3.2 ff., IA5
//	+---+---+---+---+---+---+---+---+
//	|  facility specification       |  octets 4 ff.
func parseNetworkFacilities(d []byte) (NetworkFacilities, bool) {
	v, n := NetworkFacilities{Given: true}, int(d[0])
	if n > len(d)-1 {
		return NetworkFacilities{}, false
	}
	if n > 0 {
		if d[1]&0x80 == 0 {
			return NetworkFacilities{}, false
		}
		v.HasNetwork, v.NetworkType, v.NetworkPlan, v.Network = true, d[1]>>4&7, d[1]&0x0f, some(d[2:1+n])
	}
	v.Specification = some(d[1+n:])
	return v, true
}

func (v *NetworkFacilities) append(dst []byte) []byte {
	if !v.HasNetwork {
		return append(append(dst, 0), v.Specification...)
	}
	network := v.Network[:min(len(v.Network), 200)]
	dst = append(dst, uint8(1+len(network)), 0x80|v.NetworkType&7<<4|v.NetworkPlan&0x0f)
	return append(append(dst, network...), v.Specification...)
}
