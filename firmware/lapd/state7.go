package lapd

// established is state 7: Figure B.7/Q.921 (sheets 1 to 10 of 10).
func (l *Link) established(in Input) {
	switch in {
	case EstablishRequest:
		l.discardIQueue()
		l.establishForLayer3()
	case ReleaseRequest:
		l.disconnect()
		l.stopT203()
	case DataRequest:
		l.queueMessage()
	case iQueueUp:
		l.sendQueue()
	case T200Expiry:
		// Of the two options of clause 5.6.7 the enquiry, not the last I frame again.
		l.t200 = false
		l.rc = 0
		l.transmitEnquiry()
		l.rc++
		l.state = TimerRecovery
	case T203Expiry:
		l.transmitEnquiry()
		l.rc = 0
		l.state = TimerRecovery
	case PersistentDeactivation:
		l.lostLink()
		l.stopT200()
		l.stopT203()
	case receivedSABME:
		l.answerSABME()
	case receivedDISC:
		l.response(UA, l.frame.PF)
		l.lostLink()
		l.stopT200()
		l.stopT203()
	case receivedUA:
		l.unsolicitedUA()
	case receivedDM:
		if l.frame.PF {
			l.mdlError(ErrorB)
			return
		}
		l.mdlError(ErrorE)
		l.reestablish()
	case receivedI:
		l.takeI()
		l.iAcknowledges()
	case receivedRR:
		l.peerBusy = false
		l.answerPoll()
		l.rrAcknowledges()
	case receivedREJ:
		l.peerBusy = false
		l.answerPoll()
		l.rejAcknowledges()
	case receivedRNR:
		l.peerBusy = true
		l.answerPoll()
		l.rnrAcknowledges()
	case receivedFRMR:
		l.mdlError(ErrorK)
		l.reestablish()
	case frameError:
		l.mdlError(l.letter)
		l.reestablish()
	case SetOwnBusy:
		l.setOwnBusy()
	case ClearOwnBusy:
		l.clearOwnBusy()
	case acknowledgePending:
		l.sendAcknowledge()
	case receivedUI, receivedXID, notForUs:
		l.ignore()
	}
}

// disconnect begins the release that layer 3 asked for.
func (l *Link) disconnect() {
	l.discardIQueue()
	l.rc = 0
	l.command(DISC, true)
	l.startT200()
	l.saved = false
	l.state = AwaitingRelease
}

// lostLink ends states 7 and 8 from outside.
func (l *Link) lostLink() {
	l.discardIQueue()
	l.do(ReleaseInd)
	l.state = TEIAssigned
}

// sendQueue is I QUEUE UP (sheet 2 of 10) for as many as the window takes.
func (l *Link) sendQueue() {
	for {
		sent := l.vs.Sub(l.va)
		if l.peerBusy || sent == int(l.profile.K) || sent == l.iQueue.n {
			return
		}
		l.send(Frame{Kind: I, Command: true, NS: l.vs, NR: l.vr, Info: l.iQueue.at(sent)})
		l.vs = l.vs.Add(1)
		l.ackPending = false
		if !l.t200 {
			l.stopT203()
			l.startT200()
		}
	}
}

// answerPoll is the first question about RR, REJ and RNR: a command with P=1 is answered, a response with F=1 answers
// nothing.
func (l *Link) answerPoll() {
	switch {
	case l.frame.Command && l.frame.PF:
		l.enquiryResponse()
	case l.frame.PF:
		l.mdlError(ErrorA)
	}
}

// rrAcknowledges is the N(R) of an RR (sheet 7 of 10).
func (l *Link) rrAcknowledges() {
	switch {
	case !l.nrValid():
		l.nrErrorRecovery()
	case l.frame.NR == l.vs:
		l.acknowledge()
		l.stopT200()
		l.startT203()
	case l.frame.NR != l.va:
		l.acknowledge()
		l.startT200()
	}
}

// rejAcknowledges is the N(R) of a REJ (sheet 7 of 10).
func (l *Link) rejAcknowledges() {
	if !l.nrValid() {
		l.nrErrorRecovery()
		return
	}
	l.acknowledge()
	l.stopT200()
	l.startT203()
	l.invokeRetransmission()
}

// rnrAcknowledges is the N(R) of an RNR (sheet 8 of 10).
func (l *Link) rnrAcknowledges() {
	if !l.nrValid() {
		l.nrErrorRecovery()
		return
	}
	l.acknowledge()
	l.stopT203()
	l.startT200()
}

// iAcknowledges is the N(R) of an I frame (sheet 9 of 10).
func (l *Link) iAcknowledges() {
	switch {
	case !l.nrValid():
		l.nrErrorRecovery()
	case l.peerBusy:
		l.acknowledge()
	case l.frame.NR == l.vs:
		l.acknowledge()
		l.stopT200()
		l.startT203()
	case l.frame.NR != l.va:
		l.acknowledge()
		l.startT200()
	}
}
