package exchange

import (
	"errors"
	"strings"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// leadsTo are the kinds of destinations as reasons of a pressed key.
var leadsTo = map[string]journal.Reason{
	"queue": journal.ToQueue, "menu": journal.ToMenu, "extension": journal.ToExtension, "prompt": journal.ToPrompt, "hangup": journal.ToHangUp,
	"outside": journal.ToOutside,
}

// because is a reason and what it is about.
type because struct {
	reason journal.Reason
	about  string
}

// saying is a sentence of the signalling as a reason. The sentence contains the phrase; with about, what
// follows the phrase is what the reason speaks of.
type saying struct {
	phrase string
	reason journal.Reason
	about  bool
}

// sayings are the sentences in which firmware/q931, firmware/pri and firmware/sipphone tell the log what
// happened, as reasons that people read in their own language. The first that fits is taken.
var sayings = []saying{
	{"taken out of service", journal.LineOutOfService, false},
	{"for an emergency call", journal.EmergencyFirst, false},
	{"channel that cannot be taken", journal.WrongChannel, false},
	{"channel that is in use", journal.ChannelInUse, false},
	{"line of the call was lost", journal.LineDown, false},
	{"no other channel was free", journal.NoOtherChannel, false},
	{"restarted the channel", journal.ChannelRestarted, false},
	{"channel was restarted", journal.ChannelRestarted, false},
	{"STATUS ENQUIRY was not answered", journal.StatusUnanswered, false},
	{"SETUP was not answered", journal.SetupUnanswered, false},
	{"RELEASE was not answered", journal.ReleaseUnanswered, false},
	{"CONNECT was not acknowledged", journal.ConnectUnanswered, false},
	{"SETUP could not be used", journal.SetupUnusable, false},
	{"after the digits", journal.NothingAfterDigits, false},
	{"after CALL PROCEEDING", journal.NothingAfterRouting, false},
	{"nobody answered within", journal.RangTooLong, false},
	{"lost before the call was active", journal.LinkLost, false},
	{"did not come back within", journal.LinkLostTooLong, false},
	{"reset while digits", journal.LinkReset, false},
	{"does not know the call", journal.CallUnknownThere, false},
	{"in another state", journal.StatesDiffer, false},

	{"the far switch answered ", journal.TrunkAnswered, true},
	{"far switch", journal.TrunkNoAnswer, false},

	{"did not register over TLS", journal.PhoneNotTLS, false},
	{"no phone is registered", journal.PhoneNotRegistered, false},
	{"no agent has", journal.AgentRemoved, false},
	{"the phone answered ", journal.PhoneAnswered, true},
	{"refuses packets", journal.PhoneRefusesPackets, false},
	{"no connection to", journal.PhoneNoConnection, false},
	{"could not be sent", journal.PhoneNoConnection, false},
	{"phone vanished", journal.PhoneVanished, false},
	{"connection broke", journal.PhoneConnectionLost, false},
	{"does not answer", journal.PhoneSilent, false},
	{"did not answer", journal.PhoneSilent, false},
	{"transaction timeout", journal.PhoneSilent, false},
	{"transport error", journal.PhoneNoConnection, false},
	{"cannot be read", journal.PhoneBadAddress, false},
	{"contact ", journal.PhoneBadAddress, false},
	{"no RTP port pair is free", journal.NoSoundPorts, false},
	{"the answer's ", journal.PhoneNoSound, false},
	{"signed off", journal.PhoneSignedOff, false},
	{"registration ran out", journal.RegistrationRanOut, false},
	{"the password was changed", journal.PasswordChanged, false},
	{"the extension was removed", journal.AgentRemoved, false},
}

// said finds the reason in a sentence of the signalling; one that is not known is trouble, none is none.
func said(sentence string) because {
	for _, s := range sayings {
		if _, after, found := strings.Cut(sentence, s.phrase); found {
			if !s.about {
				after = ""
			}
			return because{s.reason, strings.TrimSpace(after)}
		}
	}
	if sentence == "" {
		return because{}
	}
	return because{reason: journal.Trouble}
}

// endingOf is the end of a call by the end of one of its legs.
func endingOf(cleared call.Cleared, by string) ending {
	why := said(cleared.Detail)
	return ending{cause: cleared.Cause, location: cleared.Location, by: by, reason: why.reason, about: why.about, detail: cleared.Detail}
}

// notDialled is why a line did not take a call.
func notDialled(err error) journal.Reason {
	switch {
	case errors.Is(err, pri.ErrLinkDown):
		return journal.LinkDown
	case errors.Is(err, pri.ErrNoChannel):
		return journal.NoChannel
	case errors.Is(err, pri.ErrDraining):
		return journal.LineSettingsChanged
	case errors.Is(err, pri.ErrEnded):
		return journal.LineOutOfService
	}
	if reason, known := notOver(err); known {
		return reason
	}
	return journal.Trouble
}
