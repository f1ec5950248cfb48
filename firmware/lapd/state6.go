package lapd

// awaitingRelease is state 6: Figure B.6/Q.921 (sheets 1 and 2 of 2).
//
// Departure: a DL-RELEASE request takes back a DL-ESTABLISH request that is saved, as in state 5 the other way round.
func (l *Link) awaitingRelease(in Input) {
	switch in {
	case EstablishRequest:
		l.saved = true
	case ReleaseRequest:
		l.saved = false
	case DataRequest:
		l.do(MessageRefused)
	case PersistentDeactivation:
		l.stopT200()
		l.released()
	case receivedSABME:
		l.response(DM, l.frame.PF)
	case receivedDISC:
		l.response(UA, l.frame.PF)
	case receivedUA:
		if !l.frame.PF {
			l.mdlError(ErrorD)
			return
		}
		l.stopT200()
		l.released()
	case receivedDM:
		if l.frame.PF {
			l.stopT200()
			l.released()
		}
	case T200Expiry:
		l.t200 = false
		if l.rc == l.profile.N200 {
			l.mdlError(ErrorH)
			l.released()
			return
		}
		l.rc++
		l.command(DISC, true)
		l.startT200()
	case frameError:
		l.mdlError(l.letter)
	case receivedI, receivedRR, receivedREJ, receivedRNR, receivedFRMR, receivedUI, receivedXID, notForUs:
		l.ignore()
	case T203Expiry, SetOwnBusy, ClearOwnBusy, iQueueUp, acknowledgePending:
	}
}

// released ends state 6.
func (l *Link) released() {
	l.do(ReleaseConf)
	l.state = TEIAssigned
	l.carryOutSaved(EstablishRequest)
}
