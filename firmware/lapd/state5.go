package lapd

// awaitingEstablishment is state 5: Figure B.5/Q.921 (sheets 1 to 3 of 3).
//
// Departure: a DL-ESTABLISH request takes back a DL-RELEASE request that is saved; the figure would carry out both, the
// release last. Layer 3 gets what it asked for last.
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
		l.stopT200()
		l.establishmentFails()
	case receivedSABME:
		l.response(UA, l.frame.PF)
	case receivedDISC:
		l.response(DM, l.frame.PF)
	case receivedUA:
		l.uaAwaited()
	case receivedDM:
		if l.frame.PF {
			l.stopT200()
			l.establishmentFails()
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
	case receivedI, receivedRR, receivedREJ, receivedRNR, receivedFRMR, receivedUI, receivedXID, notForUs:
		l.ignore()
	case T203Expiry, SetOwnBusy, ClearOwnBusy, iQueueUp, acknowledgePending:
	}
}

// establishmentFails ends state 5 without a link. A release that was saved is carried out in state 4.
func (l *Link) establishmentFails() {
	l.discardIQueue()
	l.do(ReleaseInd)
	l.state = TEIAssigned
	l.carryOutSaved(ReleaseRequest)
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
	l.carryOutSaved(ReleaseRequest)
}

// carryOutSaved gives the request that was saved to the state that follows.
func (l *Link) carryOutSaved(request Input) {
	if l.saved {
		l.saved = false
		l.enter(request)
	}
}
