package doctor

import (
	"fmt"

	"trunkbox/drivers/span"
	"trunkbox/firmware/lapd"
)

// octets reads the timeslots.
func (s signs) octets(e *Evidence, up Trial) {
	d := e.Configured.Kind.D()
	own := up.Sound.Slots[d]
	if own.Octets == 0 {
		return
	}
	if own.reads(up.Setup, s) {
		s.note(dSeen, true, percent("flags", own.Plain.Flags))
		return
	}
	if ts, there := up.Sound.other(d); there {
		s.note(elsewhere, true, fact("timeslot", int(ts)), fact("d_timeslot", int(d)))
		slot := up.Sound.Slots[ts]
		slot.reads(up.Setup, s)
		return
	}
	s.note(dEmpty, true, fact("d_nothing", ""), said("d_octet", fmt.Sprint(own.Octet), fmt.Sprintf("%02X", own.Octet), fmt.Sprintf("%02X", own.Octet)))
}

// mostOnes of the octets have bit 8 set at 56 kbit/s; of flags at 64 kbit/s seven of eight at most, unless they stand still.
const mostOnes = 0.94

// reads says whether there is HDLC in the timeslot, and notes how, when not as it is set.
func (slot Slot) reads(set Setup, s signs) bool {
	plain, turned := slot.Plain, slot.Turned
	if set.DInverted {
		plain, turned = turned, plain
	}
	// Six of the eight places where a flag may stand in an octet have a one in bit 8: there the flags pass at 56 kbit/s.
	robbed := slot.Bit8 == 1 && plain.Frames == 0 && plain.Damaged >= 3 && set.DRate != 56
	seven := slot.Seven.Frames > 0 || slot.Seven.Flags > mostly && slot.Idle < 0.9
	switch {
	case plain.found() && robbed:
		s.note(dSeven, true, fact("robbed", plain.Damaged))
	case plain.found():
	case turned.found():
		s.note(dInverted, true, percent("inverted", turned.Flags), fact("frames_inverted", turned.Frames))
	case seven && slot.Bit8 > mostOnes && set.DRate != 56:
		s.note(dSeven, true, percent("seven", slot.Seven.Flags), fact("frames_seven", slot.Seven.Frames))
	default:
		return seven && slot.Bit8 > mostOnes
	}
	return true
}

// other is the timeslot beside that of the D channel which is most like one.
func (sound *Sound) other(d span.Timeslot) (best span.Timeslot, there bool) {
	likeness := func(slot Slot) int {
		seven := slot.Seven.Frames > 0 && slot.Bit8 > mostOnes
		if slot.Octets == 0 || !slot.Plain.found() && !slot.Turned.found() && !seven {
			return 0
		}
		return 1 + slot.Plain.Frames + slot.Turned.Frames + slot.Seven.Frames
	}
	most := 0
	for ts, slot := range sound.Slots {
		if n := likeness(slot); span.Timeslot(ts) != d && ts > 0 && n > most {
			best, most = span.Timeslot(ts), n
		}
	}
	return best, most > 0
}

// link reads who said what on the D channel, in all observations.
func (s signs) link(e *Evidence) {
	talk, up := e.Seen.Talk, e.Seen.LinkUp
	again := talk.Received[lapd.SABME]
	for _, t := range e.Trials {
		talk.add(t.Talk)
		again = max(again, t.Talk.Received[lapd.SABME])
		up = up || t.LinkUp
	}
	s.note(linkUp, up, fact("link_up", ""))
	s.note(linkDown, !up, fact("link_down", ""))
	sabme := talk.Sent[lapd.SABME]
	s.note(asked, sabme >= 2 || talk.Probed != "", fact("sabme_sent", sabme))
	s.note(deaf, talk.heard() == 0, fact("heard_nothing", ""))
	s.note(weAreUser, e.Configured.Side == "user")
	s.note(weAreNet, e.Configured.Side == "network")
	if talk.ProbeReturned {
		s.note(looped, true, fact("probe_returned", ""))
		s.note(loopCertain, true, fact("probe_returned", ""))
	} else if talk.Probed == "" && talk.Returned >= 3 && talk.Returned*10 >= 9*talk.heard() {
		s.note(looped, true, fact("returned", talk.Returned))
	}
	same, other := e.sides()
	opposite := "network"
	if e.Configured.Side == "network" {
		opposite = "user"
	}
	took := talk.Probed == opposite && talk.ProbeTaken
	s.note(sameSide, took || same >= 2 && same > other,
		fact("from_same", same), fact("from_other", other), fact("sabme_received", talk.Received[lapd.SABME]), fact("side", opposite))
	s.note(sameSure, took || same >= 2 && other == 0)
	if took {
		s[sameSure] = append(s[sameSure], fact("probe_taken", opposite))
	}
	s.note(oneWay, again >= 3 && other >= 3, fact("sabme_received", again), fact("ua_sent", talk.Sent[lapd.UA]))
	dm := talk.Received[lapd.DM]
	s.note(refusedLink, !up && dm >= 2 && dm >= talk.Received[lapd.UA], fact("dm", dm), fact("sabme_sent", sabme))
}

// sides are how many frames of the far end tell that it is the side that we are, or the other one.
func (e *Evidence) sides() (same, other int) {
	talk := e.Seen.Talk
	for _, t := range e.Trials {
		talk.add(t.Talk)
	}
	if e.Configured.Side == "network" {
		return talk.FarNetwork, talk.FarUser
	}
	return talk.FarUser, talk.FarNetwork
}
