package lapd

// timerRecovery is state 8: Figure B.8/Q.921 (sheets 1 to 9 of 9).
func (l *Link) timerRecovery(in Input) {
	switch in {
	case EstablishRequest:
		l.discardIQueue()
		l.establishForLayer3()
	case ReleaseRequest:
		l.disconnect()
	case DataRequest:
		l.queueMessage()
	case T200Expiry:
		l.t200 = false
		if l.rc == l.profile.N200 {
			l.mdlError(ErrorI)
			l.reestablish()
			return
		}
		l.transmitEnquiry()
		l.rc++
	case PersistentDeactivation:
		l.lostLink()
		l.stopT200()
	case receivedSABME:
		l.answerSABME()
	case receivedDISC:
		l.response(UA, l.frame.PF)
		l.lostLink()
		l.stopT200()
	case receivedUA:
		l.unsolicitedUA()
	case receivedDM:
		if l.frame.PF {
			l.mdlError(ErrorB)
		} else {
			l.mdlError(ErrorE)
		}
		l.reestablish()
	case receivedI:
		l.takeI()
		l.staysInRecovery()
	case receivedRR, receivedREJ:
		l.peerBusy = false
		if !l.frame.Command && l.frame.PF {
			l.rrEndsRecovery()
			return
		}
		l.answerCommand()
		l.staysInRecovery()
	case receivedRNR:
		l.peerBusy = true
		if !l.frame.Command && l.frame.PF {
			l.rnrEndsRecovery()
			return
		}
		l.answerCommand()
		l.staysInRecovery()
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
	case T203Expiry, iQueueUp: // the I queue waits for state 7
	}
}

// answerCommand answers a poll of the far end in recovery.
func (l *Link) answerCommand() {
	if l.frame.Command && l.frame.PF {
		l.enquiryResponse()
	}
}

// staysInRecovery is the N(R) of a frame that does not answer our poll.
func (l *Link) staysInRecovery() {
	if !l.nrValid() {
		l.nrErrorRecovery()
		return
	}
	l.acknowledge()
}

// rrEndsRecovery is the RR or REJ that answers our poll (sheets 5 and 6 of 9).
func (l *Link) rrEndsRecovery() {
	if !l.nrValid() {
		l.nrErrorRecovery()
		return
	}
	l.acknowledge()
	l.stopT200()
	l.startT203()
	l.invokeRetransmission()
	l.state = Established
}

// rnrEndsRecovery is the RNR that answers our poll (sheet 7 of 9).
func (l *Link) rnrEndsRecovery() {
	if !l.nrValid() {
		l.nrErrorRecovery()
		return
	}
	l.acknowledge()
	l.startT200()
	l.invokeRetransmission()
	l.state = Established
}
