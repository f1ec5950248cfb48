package lapd

// awaitingEstablishment is state 5: Figure B.5/Q.921 (sheets 1 to 3 of 3).
func (l *Link) awaitingEstablishment(in Input) {
	switch in {
	case EstablishRequest:
		l.discardIQueue()
		l.layer3Initiated = true
		l.saved = false
	case ReleaseRequest:
		l.saved = true
	case DataRequest:
		if l.layer3Initiated {
			l.do(MessageRefused)
		} else {
			l.queueMessage()
		}
	case PersistentDeactivation:
		l.establishmentFails()
		l.stopT200()
	case receivedSABME:
		l.response(UA, l.frame.PF)
	case receivedDISC:
		l.response(DM, l.frame.PF)
	case receivedUA:
		l.uaAwaited()
	case receivedDM:
		if l.frame.PF {
			l.establishmentFails()
			l.stopT200()
		}
	case T200Expiry:
		l.t200 = false
		if l.rc == l.profile.N200 {
			l.mdlError(ErrorG)
			l.establishmentFails()
			return
		}
		l.rc++
		l.command(SABME, true)
		l.startT200()
	case frameError:
		l.mdlError(l.letter)
	case receivedI, receivedRR, receivedREJ, receivedRNR, receivedFRMR, receivedUI, notForUs:
		l.ignore()
	case T203Expiry, SetOwnBusy, ClearOwnBusy, iQueueUp, acknowledgePending:
	}
}

// establishmentFails ends state 5 without a link. A release that was saved is over with it.
func (l *Link) establishmentFails() {
	l.discardIQueue()
	l.do(ReleaseInd)
	l.saved = false
	l.state = TEIAssigned
}

// uaAwaited is UA in state 5 (sheet 2 of 3).
func (l *Link) uaAwaited() {
	if !l.frame.PF {
		l.mdlError(ErrorD)
		return
	}
	switch {
	case l.layer3Initiated:
		l.do(EstablishConf)
	case l.vs != l.va:
		l.discardIQueue()
		l.do(EstablishInd)
	}
	l.stopT200()
	l.startT203()
	l.resetVariables()
	l.layer3Initiated = false
	l.state = Established
	if l.saved {
		l.saved = false
		l.enter(ReleaseRequest)
	}
}
