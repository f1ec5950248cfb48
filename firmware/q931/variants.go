package q931

import (
	"time"

	"trunkbox/firmware/q850"
)

// Variant is a row of the table of variants: a profile for both sides, and what differs between them.
type Variant struct {
	Name     string
	Document string // where its values come from
	// Profile holds the fields that both sides share; ProfileOf fills in the others.
	Profile Profile
	// Timers are the durations that differ from those of Q.931, for the sides in the order of Side.
	Timers [2]map[Timer]time.Duration
	// Displays: which side may send the element.
	Displays [2]bool
	// Location of causes and progress indicators.
	Location [2]q850.Location
}

// q931Timers are the timers of Table 9-2 (user) and Table 9-1 (network) of Q.931 where they give one value, and within
// their range where they give a range: T309 90 s, user T310 110 s, network T310 30 s. T309 is at the end of its range (6
// to 90 s) so that a talk lives as long as the exchange lets it; who hears nothing can hang up, which clears at once. T301
// at the user's side is ours (Table 9-2 asks for it with Annex D only): a call that nobody answers ends. T-HOLD and
// T-RETRIEVE: Q.932, 4 s. T321: ANSI T1.607, 30 s (from memory, not checked in the document).
//
// Departure: network T310 is 10 s in Table 9-1; 30 s leaves a PBX behind us the time to route a call on.
var q931Timers = [2][NumTimers]time.Duration{
	User: {
		T301: 180 * time.Second, T302: 15 * time.Second, T303: 4 * time.Second, T304: 30 * time.Second,
		T305: 30 * time.Second, T308: 4 * time.Second, T309: 90 * time.Second, T310: 110 * time.Second,
		T313: 4 * time.Second, T314: 4 * time.Second, T316: 120 * time.Second, T317: 110 * time.Second,
		T321: 30 * time.Second, T322: 4 * time.Second, THold: 4 * time.Second, TRetrieve: 4 * time.Second,
	},
	Network: {
		T301: 180 * time.Second, T302: 15 * time.Second, T303: 4 * time.Second, T304: 20 * time.Second,
		T305: 30 * time.Second, T306: 30 * time.Second, T308: 4 * time.Second, T309: 90 * time.Second,
		T310: 30 * time.Second, T314: 4 * time.Second, T316: 120 * time.Second, T317: 110 * time.Second,
		T321: 30 * time.Second, T322: 4 * time.Second, THold: 4 * time.Second, TRetrieve: 4 * time.Second,
	},
}

// The two codings of SERVICE, as libpri sends them (seen on the line); not checked in the documents.
var (
	maintenance03 = Maintenance{Discriminator: 0x03, Service: 0x0f, Acknowledge: 0x07}
	maintenance43 = Maintenance{Discriminator: 0x43, Service: 0x07, Acknowledge: 0x0f}
)

var (
	publicAccess  = [2]q850.Location{User: q850.User, Network: q850.PublicLocal}
	privateAccess = [2]q850.Location{User: q850.PrivateLocal, Network: q850.PrivateLocal}
	fromNetOnly   = [2]bool{Network: true}
	fromBoth      = [2]bool{true, true}
	nationalE164  = NumberHabit{Type: NationalNumber, Plan: PlanE164}
	unknownE164   = NumberHabit{Plan: PlanE164}
)

// n201 is the longest information field of the data link (Q.921 clause 5.9.3).
const n201 = 260

// textOctet is the first octet of a display in North American variants: display type "text" with the "included"
// association, 0xb1, as libpri sends it.
const textOctet = 0xb1

// northAmerica is what the variants on a T1 have in common.
//
// Coding of bearer, numbers and RESTART: ANSI T1.607, which follows Q.931. No sending complete, CALL PROCEEDING as
// first answer, display with octet 0xb1: as libpri does, not checked in the documents. A display in codeset 5 (national) or 6 (network):
// switches of AT&T have it there (from memory, not checked in the documents).
func northAmerica(p Profile) Profile {
	p.ConnectAck, p.RefLength = true, 2
	p.Bearer, p.ProceedingFirst = SpeechMuLaw, true
	p.Called, p.Calling = nationalE164, nationalE164
	p.Display.Octet3, p.Display.Max, p.Display.Also = textOctet, 79, 1<<5|1<<6
	p.RestartClass, p.RestartSingle = RestartChannels, true
	p.MaxMessage = n201
	return p
}

// european is what EuroISDN and QSIG have in common.
func european(p Profile) Profile {
	p.ConnectAck, p.Enquire, p.RefLength = true, true, 2
	p.Called, p.Calling = unknownE164, unknownE164
	p.RestartClass, p.RestartSingle = RestartChannels, true
	p.Display.Max = 80
	p.MaxMessage = n201
	return p
}

// Profiles is the table of variants.
var Profiles = []Variant{
	{
		// EN 300 403-1: en bloc and overlap, sending complete, no display from the user, segmentation as Annex H has it. HOLD: EN 300 196-1.
		Name: "euroisdn-e1", Document: "EN 300 403-1, EN 300 196-1",
		Profile:  european(Profile{Bearer: SpeechALaw, SendingComplete: true, Overlap: true, Hold: true, Segmentation: true}),
		Displays: fromNetOnly, Location: publicAccess,
	},
	{
		// The same on a T1 (Hong Kong and others); the law is that of T1 lines.
		Name: "euroisdn-t1", Document: "EN 300 403-1, EN 300 196-1",
		Profile:  european(Profile{Bearer: SpeechMuLaw, SendingComplete: true, Overlap: true, Hold: true, Segmentation: true}),
		Displays: fromNetOnly, Location: publicAccess,
	},
	{
		// SERVICE with discriminator 0x43 as libpri does for this variant alone. The caller's name comes in a facility
		// element or, announced there, in a FACILITY (SR-4994).
		Name: "ni2", Document: "SR-4994 (NI-2), ANSI T1.607; marked values as libpri",
		Profile:  northAmerica(Profile{Enquire: true, CallingName: NameInFacilityNI, Maintenance: maintenance43}),
		Displays: fromBoth, Location: publicAccess,
	},
	{
		Name: "ni1", Document: "ANSI T1.607; all else as libpri",
		Profile:  northAmerica(Profile{Maintenance: maintenance03}),
		Displays: fromBoth, Location: publicAccess,
	},
	{
		// libpri marks calling numbers as network provided on this variant and on 4ESS.
		Name: "dms100", Document: "NIS-A211-1, not checked in the document; as libpri",
		Profile: func() Profile {
			p := northAmerica(Profile{Maintenance: maintenance03})
			p.Calling.Screening = 3
			return p
		}(),
		Displays: fromBoth, Location: publicAccess,
	},
	{
		Name: "5ess", Document: "TR 41449 and the 5ESS custom interface, not checked in the documents; as libpri",
		Profile:  northAmerica(Profile{Maintenance: maintenance03}),
		Displays: fromBoth, Location: publicAccess,
	},
	{
		// A network-specific facility names the service of the carrier, which only the contract with him tells:
		// NetworkFacilities is to be filled in for the line (see FacilityOf4ESS). Timers: TR 41459 has T305 and T308 of
		// 4 s and T310 of 10 s (from memory, not checked in the document).
		Name: "4ess", Document: "TR 41459, not checked in the document; as libpri",
		Profile: func() Profile {
			p := northAmerica(Profile{Maintenance: maintenance03})
			p.Calling.Screening = 3
			return p
		}(),
		Timers:   [2]map[Timer]time.Duration{User: {T305: 4 * time.Second}, Network: {T305: 4 * time.Second}},
		Displays: fromBoth, Location: publicAccess,
	},
	{
		// ECMA-143: no sending complete is asked for, channels are numbered 1 to 30, private location, names by facility
		// (ECMA-164), and no display. The sides, A and B, are told apart by the data link and by glare only; the user's timers of
		// Q.931 are within the ranges of ECMA-143. Plan 9 (private) is agreed between PBXs; E.164 unknown is understood by all.
		Name: "qsig", Document: "ECMA-143 (ISO/IEC 11572), ECMA-164",
		Profile: european(Profile{
			Symmetric: true, Bearer: SpeechALaw, Overlap: true, Segmentation: true, Numbering: LogicalNumbers, CallingName: NameInFacilityQSIG,
		}),
		Location: privateAccess,
	},
}

// ProfileOf returns a profile of a variant of Profiles for a side; the caller may change it before use. False: there is no
// such variant.
func ProfileOf(variant string, side Side) (*Profile, bool) {
	for i := range Profiles {
		v := &Profiles[i]
		if v.Name != variant {
			continue
		}
		p := v.Profile
		p.Variant, p.Location, p.ProgressLocation = v.Name, v.Location[side], v.Location[side]
		p.Display.Send = v.Displays[side]
		p.Timers = q931Timers[side]
		if p.Symmetric {
			p.Timers = q931Timers[User]
		}
		for t, d := range v.Timers[side] {
			p.Timers[t] = d
		}
		return &p, true
	}
	return nil, false
}
