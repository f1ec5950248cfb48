package lapd

// The procedures that the states share: Figure B.9/Q.921 (sheets 1 to 5 of 5).

// establishDataLink is ESTABLISH DATA LINK.
func (l *Link) establishDataLink() {
	l.clearExceptionConditions()
	l.rc = 0
	l.command(SABME, true)
	l.startT200()
	l.stopT203()
}

// reestablish is what every error of states 7 and 8 ends in: ESTABLISH DATA LINK, CLEAR LAYER 3 INITIATED.
func (l *Link) reestablish() {
	l.establishDataLink()
	l.layer3Initiated = false
	l.state = AwaitingEstablishment
}

// establishForLayer3 is ESTABLISH DATA LINK, SET LAYER 3 INITIATED.
func (l *Link) establishForLayer3() {
	l.establishDataLink()
	l.layer3Initiated = true
	l.state = AwaitingEstablishment
}

// clearExceptionConditions is CLEAR EXCEPTION CONDITIONS.
func (l *Link) clearExceptionConditions() {
	l.peerBusy, l.rejectException, l.ownBusy, l.ackPending = false, false, false, false
}

// transmitEnquiry is TRANSMIT ENQUIRY.
func (l *Link) transmitEnquiry() {
	l.command(l.readiness(), true)
	l.ackPending = false
	l.startT200()
}

// enquiryResponse is ENQUIRY RESPONSE.
func (l *Link) enquiryResponse() {
	l.response(l.readiness(), true)
	l.ackPending = false
}

func (l *Link) readiness() Kind {
	if l.ownBusy {
		return RNR
	}
	return RR
}

// invokeRetransmission is INVOKE RETRANSMISSION: what was sent from N(R) on is in the I queue again.
func (l *Link) invokeRetransmission() {
	l.counters.Resent += uint64(l.vs.Sub(l.frame.NR))
	l.vs = l.frame.NR
}

// nrErrorRecovery is N(R) ERROR RECOVERY.
func (l *Link) nrErrorRecovery() {
	l.mdlError(ErrorJ)
	l.reestablish()
}

// nrValid is the question V(A) <= N(R) <= V(S).
func (l *Link) nrValid() bool { return l.frame.NR.Within(l.va, l.vs) }

// acknowledge is V(A) = N(R): the messages up to N(R) have arrived.
func (l *Link) acknowledge() {
	l.iQueue.drop(l.frame.NR.Sub(l.va))
	l.va = l.frame.NR
}

// discardIQueue is DISCARD I QUEUE; with it goes what was sent and not acknowledged.
func (l *Link) discardIQueue() {
	l.iQueue.drop(l.iQueue.n)
	l.vs = l.va
}

// resetVariables is V(S) = 0, V(A) = 0, V(R) = 0.
func (l *Link) resetVariables() { l.vs, l.va, l.vr = 0, 0, 0 }

// queueMessage is DL-DATA request where the state has an I queue.
func (l *Link) queueMessage() {
	if !l.iQueue.put(l.message) {
		l.do(MessageRefused)
	}
}

// ignore drops a frame that the figure of the state does not show.
func (l *Link) ignore() { l.counters.Ignored++ }

// setOwnBusy is SET OWN RECEIVER BUSY of states 7 and 8.
func (l *Link) setOwnBusy() {
	if l.ownBusy {
		return
	}
	l.ownBusy = true
	l.response(RNR, false)
	l.ackPending = false
}

// clearOwnBusy is CLEAR OWN RECEIVER BUSY of states 7 and 8.
func (l *Link) clearOwnBusy() {
	if !l.ownBusy {
		return
	}
	l.ownBusy = false
	l.response(RR, false)
	l.ackPending = false
}

// sendAcknowledge is ACKNOWLEDGE PENDING of states 7 and 8.
func (l *Link) sendAcknowledge() {
	if !l.ackPending {
		return
	}
	l.ackPending = false
	l.response(RR, false)
}

// takeI is the first half of I COMMAND in states 7 and 8, up to the question about N(R).
func (l *Link) takeI() {
	p := l.frame.PF
	switch {
	case l.ownBusy:
		if p {
			l.response(RNR, true)
			l.ackPending = false
		}
	case l.frame.NS == l.vr:
		l.vr = l.vr.Add(1)
		l.rejectException = false
		l.actions = append(l.actions, Action{Verb: DataInd, Octets: l.frame.Info})
		if p {
			l.response(RR, true)
			l.ackPending = false
		} else {
			l.ackPending = true
		}
	case l.rejectException:
		if p {
			l.response(RR, true)
			l.ackPending = false
		}
	default:
		l.rejectException = true
		l.response(REJ, p)
		l.ackPending = false
	}
}

// answerSABME is SABME of states 7 and 8: the far end begins anew.
func (l *Link) answerSABME() {
	l.response(UA, l.frame.PF)
	l.clearExceptionConditions()
	l.mdlError(ErrorF)
	if l.vs != l.va {
		l.discardIQueue()
		l.do(EstablishInd)
	}
	l.stopT200()
	l.startT203()
	l.resetVariables()
	l.state = Established
}

// unsolicitedUA is the error of a UA that answers nothing: C with F=1, D with F=0.
func (l *Link) unsolicitedUA() {
	if l.frame.PF {
		l.mdlError(ErrorC)
	} else {
		l.mdlError(ErrorD)
	}
}
