package q931

import "trunkbox/firmware/q850"

// Restart is the restart procedure of one interface (clause 5.5/Q.931), the machine behind the global call
// reference. It has two halves that know nothing of each other: ours asks the far side to restart (states
// 0 and 61), theirs obeys the far side (states 0 and 62).
type Restart struct {
	desk

	asking   bool    // ours: state 61
	repeated bool    // T316 expired once
	sent     []byte  // the RESTART sent
	wanted   Message // decoded from sent

	obeying bool    // theirs: state 62
	got     []byte  // the RESTART received, encoded
	theirs  Message // decoded from got

	out  Message
	diag [8]byte
}

// NewRestart returns the procedure at rest.
func NewRestart(profile *Profile) *Restart { return &Restart{desk: desk{profile: profile}} }

// Asking says whether a RESTART of ours is waiting for its acknowledgement; only one can.
func (r *Restart) Asking() bool { return r.asking }

// Handle takes RestartClearReq, RestartResp, LinkDown, the expiry of T316 and T317, and every message with
// the global call reference; it appends the actions to actions, which may be nil.
func (r *Restart) Handle(e Event, actions []Action) []Action {
	if r.stale(e) {
		return actions
	}
	r.actions = actions
	_, isMessage := e.Input.message()
	switch {
	case isMessage && e.Msg.Ref.Flag, e.Input == RestartClearReq, e.Input == exT316:
		r.ours(e)
	case e.Input == LinkDown:
		r.ours(e)
		r.obey(e)
	default:
		r.obey(e)
	}
	actions, r.actions = r.actions, nil
	return actions
}

// ours is the half that asks: Rest 0 and Rest 1 of Figure A.6/Q.931 (clause 5.5.1).
func (r *Restart) ours(e Event) {
	if !r.asking {
		switch e.Input {
		case RestartClearReq:
			r.ask(e.Msg)
		case rxRestart, rxStatus, rxRestartAck: // clause 5.8.3.2: flag 1 on a RESTART is wrong; nothing was asked
		case LinkDown:
		default:
			r.refuse(e, StateNull)
		}
		return
	}
	switch e.Input {
	case RestartClearReq:
		r.do(Action{Kind: ErrorInd, Detail: "a RESTART is being waited for already"})
	case rxRestartAck:
		r.acknowledged(e.Msg)
	case rxStatus:
		r.do(Action{Kind: StatusInd, Msg: e.Msg, Cause: e.Msg.Cause[0].Value, Location: e.Msg.Cause[0].Location})
	case rxRestart: // flag 1 is wrong
	case exT316:
		if !r.repeated {
			r.repeated = true
			r.send(&r.wanted)
			r.start(T316)
			return
		}
		r.failed("RESTART was not acknowledged twice")
	case LinkDown:
		r.failed("the data link was lost")
	default:
		r.refuse(e, StateRestartRequest)
	}
}

// ask sends a RESTART with the channel and class that call control gave.
func (r *Restart) ask(from *Message) {
	m := &r.out
	*m = Message{Ref: Ref{Length: r.profile.RefLength}, Type: MsgRestart, Channel: from.Channel, Restart: from.Restart}
	m.Restart.Given = true
	r.sent = m.AppendTo(r.sent[:0])
	if r.wanted.Decode(r.sent) != nil {
		return // AppendTo wrote it
	}
	r.asking, r.repeated = true, false
	r.send(&r.wanted)
	r.start(T316)
}

// acknowledged takes a RESTART ACKNOWLEDGE. One for something else leaves T316 running.
func (r *Restart) acknowledged(m *Message) {
	if m.Restart.Given && m.Restart.Value != r.wanted.Restart.Value || !m.Channel.same(r.wanted.Channel) {
		r.do(Action{Kind: ErrorInd, Msg: m, Detail: "RESTART ACKNOWLEDGE for another channel than asked for"})
		return
	}
	r.stop(T316)
	r.asking = false
	r.do(Action{Kind: RestartConf, Msg: m})
}

func (r *Restart) failed(detail string) {
	r.stop(T316)
	r.asking = false
	r.do(Action{Kind: RestartFailed, Msg: &r.wanted, Detail: detail})
}

// obey is the half that obeys: Rest 0 and Rest 2 of Figure A.6/Q.931 (clause 5.5.2). A repeated RESTART
// begins again.
func (r *Restart) obey(e Event) {
	switch e.Input {
	case rxRestart:
		r.ordered(e.Msg)
	case RestartResp:
		if !r.obeying {
			r.do(Action{Kind: ErrorInd, Detail: "no RESTART is being obeyed"})
			return
		}
		r.stop(T317)
		r.obeying = false
		m := &r.out
		*m = Message{Ref: r.theirs.Ref.Answer(), Type: MsgRestartAck, Channel: r.theirs.Channel, Restart: r.theirs.Restart}
		r.send(m)
	case exT317:
		r.obeying = false
		r.do(Action{Kind: ErrorInd, Msg: &r.theirs, Detail: "the calls were not cleared within T317"})
	case LinkDown:
		r.stop(T317)
		r.obeying = false
	case rxStatus, rxRestartAck: // with flag 0: nothing of theirs can be acknowledged by them
	default:
		state := StateNull
		if r.obeying {
			state = StateRestart
		}
		r.refuse(e, state)
	}
}

// ordered takes a RESTART of the far side.
func (r *Restart) ordered(m *Message) {
	o := object(m, User)
	switch {
	case o.grave:
	case m.Restart.Value == RestartChannels && !m.has(IDChannel) && m.spoilt(IDChannel):
		o = objection{}
		o.add(q850.InvalidElementContents, true, IDChannel)
	case m.Restart.Value == RestartChannels && !m.has(IDChannel):
		o = objection{}
		o.add(q850.MandatoryElementMissing, true, IDChannel)
	}
	if o.grave {
		state := StateNull
		if r.obeying {
			state = StateRestart
		}
		r.status(m, o.cause, o.ids[:o.n], state)
		return
	}
	r.out = Message{Ref: m.Ref, Type: MsgRestart, Channel: m.Channel, Restart: m.Restart}
	r.got = r.out.AppendTo(r.got[:0])
	if r.theirs.Decode(r.got) != nil {
		return // AppendTo wrote it
	}
	r.obeying = true
	r.start(T317)
	r.do(Action{Kind: RestartInd, Msg: m})
}

// refuse answers a message that may not have the global reference (clause 5.8.3.2 f/Q.931).
func (r *Restart) refuse(e Event, state State) {
	if _, ok := e.Input.message(); ok {
		r.status(e.Msg, q850.InvalidCallReference, nil, state)
	}
}

func (r *Restart) status(m *Message, cause q850.Cause, diagnostic []byte, state State) {
	r.out = Message{Ref: m.Ref.Answer(), Type: MsgStatus, CallState: Some(state)}
	r.out.Cause[0] = r.profile.Cause(cause)
	r.out.Cause[0].Diagnostic = some(r.diag[:copy(r.diag[:], diagnostic)])
	r.send(&r.out)
	r.do(Action{Kind: ErrorInd, Msg: m, Cause: cause, Detail: "message with the global call reference refused"})
}
