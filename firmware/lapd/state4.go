package lapd

// teiAssigned is state 4: Figure B.4/Q.921.
func (l *Link) teiAssigned(in Input) {
	switch in {
	case EstablishRequest:
		l.establishForLayer3()
	case ReleaseRequest:
		l.do(ReleaseConf)
	case DataRequest:
		l.do(MessageRefused)
	case receivedSABME:
		l.response(UA, l.frame.PF)
		l.clearExceptionConditions()
		l.resetVariables()
		l.do(EstablishInd)
		l.startT203()
		l.state = Established
	case receivedDISC:
		l.response(DM, l.frame.PF)
	case receivedUA:
		l.unsolicitedUA()
	case receivedDM:
		if !l.frame.PF {
			l.establishForLayer3()
		}
	case frameError:
		l.mdlError(l.letter)
	case receivedI, receivedRR, receivedREJ, receivedRNR, receivedFRMR, receivedUI, receivedXID, notForUs:
		l.ignore() // clause 5.5.4
	case PersistentDeactivation, T200Expiry, T203Expiry, SetOwnBusy, ClearOwnBusy, iQueueUp, acknowledgePending:
	}
}
