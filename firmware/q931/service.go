package q931

// Service takes channels out of service and back with the SERVICE messages of North American variants (ANSI T1.607, TR
// 41459; coded as libpri does, not checked in the documents). Like Restart it has two halves that know nothing of each
// other: ours tells the far side of our status, and waits; theirs acknowledges what the far side tells, at once, as the
// far side's status is not ours to refuse. Which of the two statuses counts, the worse one, is the caller's business.
type Service struct {
	desk

	asking   bool // a SERVICE of ours waits for its acknowledgement
	repeated bool // T321 expired once
	sent     []byte
	asked    Message // decoded from sent

	out [2]Message
}

// NewService returns the procedure at rest. Without Profile.Maintenance no SERVICE of ours can be sent.
func NewService(profile *Profile) *Service { return &Service{desk: desk{profile: profile}} }

// Asking says whether a SERVICE of ours is waiting for its acknowledgement; only one can.
func (s *Service) Asking() bool { return s.asking }

// Handle takes ServiceReq, LinkDown, the expiry of T321, and every message whose Protocol is not 0; it appends the actions to
// actions, which may be nil.
func (s *Service) Handle(e Event, actions []Action) []Action {
	if s.stale(e) {
		return actions
	}
	s.actions = actions
	switch _, isMessage := e.Input.message(); {
	case isMessage:
		s.received(e.Msg)
	case s.asking:
		s.waiting(e)
	default:
		s.idle(e)
	}
	actions, s.actions = s.actions, nil
	return actions
}

// idle: nothing of ours is under way.
func (s *Service) idle(e Event) {
	switch e.Input {
	case ServiceReq:
		s.ask(e.Msg)
	case LinkDown, LinkUp, LinkReset:
	default:
		s.do(Action{Kind: ErrorInd, Detail: "request out of place"})
	}
}

// waiting: a SERVICE was sent.
func (s *Service) waiting(e Event) {
	switch e.Input {
	case ServiceReq:
		s.do(Action{Kind: ErrorInd, Detail: "a SERVICE is being waited for already"})
	case exT321:
		if s.repeated {
			s.failed("SERVICE was not acknowledged twice")
			return
		}
		s.repeated = true
		s.send(&s.asked)
		s.start(T321)
	case LinkDown:
		s.failed("the data link was lost")
	case LinkUp, LinkReset:
	default:
		s.do(Action{Kind: ErrorInd, Detail: "request out of place"})
	}
}

// ask sends a SERVICE with the channel and status that the caller gave.
func (s *Service) ask(from *Message) {
	coding := s.profile.Maintenance
	if coding.Discriminator == 0 || from == nil || !from.Channel.Given || !from.ChangeStatus.Given {
		s.do(Action{Kind: ErrorInd, Detail: "SERVICE needs a variant that knows it, a channel and a status"})
		return
	}
	s.out[0] = Message{
		Protocol: coding.Discriminator, Type: coding.Service, Ref: Ref{Length: s.profile.RefLength},
		Channel: from.Channel, ChangeStatus: from.ChangeStatus,
	}
	s.sent = s.out[0].AppendTo(s.sent[:0])
	if s.asked.DecodeMaintenance(s.sent) != nil {
		return // AppendTo wrote it
	}
	s.asking, s.repeated = true, false
	s.send(&s.asked)
	s.start(T321)
}

func (s *Service) failed(detail string) {
	s.stop(T321)
	s.asking = false
	s.do(Action{Kind: ServiceFailed, Msg: &s.asked, Detail: detail})
}

// received takes a message of either maintenance protocol, whichever the profile has: it is answered in its own coding.
func (s *Service) received(m *Message) {
	coding := maintenance03
	if m.Protocol == maintenance43.Discriminator {
		coding = maintenance43
	}
	switch {
	case m.Type != coding.Service && m.Type != coding.Acknowledge:
		s.do(Action{Kind: ErrorInd, Msg: m, Detail: "unknown maintenance message"})
	case !m.Channel.Given || !m.ChangeStatus.Given:
		s.do(Action{Kind: ErrorInd, Msg: m, Detail: m.Name() + " without channel or status"})
	case m.Type == coding.Acknowledge:
		s.acknowledged(m)
	default:
		s.out[1] = Message{
			Protocol: m.Protocol, Type: coding.Acknowledge, Ref: m.Ref.Answer(), Channel: m.Channel, ChangeStatus: m.ChangeStatus,
		}
		s.send(&s.out[1])
		s.do(Action{Kind: ServiceInd, Msg: m})
	}
}

// acknowledged takes a SERVICE ACKNOWLEDGE. One for something else leaves T321 running.
func (s *Service) acknowledged(m *Message) {
	switch {
	case !s.asking: // a second one, for the SERVICE that was repeated
		return
	case !m.Channel.same(s.asked.Channel):
		s.do(Action{Kind: ErrorInd, Msg: m, Detail: "SERVICE ACKNOWLEDGE for another channel than asked for"})
		return
	}
	s.stop(T321)
	s.asking = false
	s.do(Action{Kind: ServiceConf, Msg: m})
}
