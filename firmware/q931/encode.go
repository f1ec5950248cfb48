package q931

// AppendTo appends the octets of the message to dst: the elements of codeset 0 in rising order of their
// identifiers (those of one octet first), each followed by its namesakes of Other, then the other codesets
// behind their shifts. An element longer than its maximum is cut there.
func (m *Message) AppendTo(dst []byte) []byte {
	protocol := m.Protocol
	if protocol == 0 {
		protocol = Discriminator
	}
	dst = append(dst, protocol, min(m.Ref.Length, 2))
	flag := ext(m.Ref.Flag)
	switch m.Ref.Length {
	case 0:
	case 1:
		dst = append(dst, flag|uint8(m.Ref.Value&0x7f))
	default:
		dst = append(dst, flag|uint8(m.Ref.Value>>8&0x7f), uint8(m.Ref.Value))
	}
	dst = append(dst, uint8(m.Type))
	if m.Type == 0 {
		return dst
	}
	if m.SendingComplete {
		dst = append(dst, uint8(IDSendingComplete))
	}
	if m.Congestion.Given {
		dst = append(dst, uint8(IDCongestion)|m.Congestion.Value&0x0f)
	}
	if m.ChangeStatus.Given && m.Protocol != 0 {
		dst = append(dst, uint8(IDChangeStatus), 1, changeOfChannel|uint8(m.ChangeStatus.Value)&7)
	}
	for i := range m.Other {
		if e := &m.Other[i]; e.Codeset == 0 && e.ID&0x80 != 0 {
			dst = append(dst, uint8(e.ID))
		}
	}
	for i := range elementInfos {
		if info := &elementInfos[i]; info.id < 0x80 {
			dst = m.appendField(dst, info)
			dst = m.appendOther(dst, info.id, info.id)
		}
		if low, high := gap(i); low <= high {
			dst = m.appendOther(dst, low, high)
		}
	}
	return m.appendCodesets(dst)
}

// appendCodesets appends the elements of other codesets in their order: behind a locking shift those that say so, as long
// as the codesets rise (clause 4.5.3/Q.931), else each behind a shift for it alone.
func (m *Message) appendCodesets(dst []byte) []byte {
	locked := uint8(0)
	for i := range m.Other {
		e := &m.Other[i]
		switch codeset := e.Codeset & 7; {
		case e.Codeset == 0:
			continue
		case e.Locked && codeset == locked:
		case e.Locked && codeset > locked:
			dst = append(dst, uint8(idShift)|codeset)
			locked = codeset
		default:
			dst = append(dst, uint8(idShift)|8|codeset)
		}
		dst = e.append(dst)
	}
	return dst
}

// gap returns the identifiers between row i of the table and the next one, low > high when there are none.
func gap(i int) (low, high ElementID) {
	if elementInfos[i].id >= 0x80 {
		return 1, 0
	}
	next := ElementID(0x80)
	if i+1 < len(elementInfos) {
		next = min(next, elementInfos[i+1].id)
	}
	return elementInfos[i].id + 1, next - 1
}

// appendOther appends the raw elements of codeset 0 with identifiers from low to high, in that order.
func (m *Message) appendOther(dst []byte, low, high ElementID) []byte {
	if len(m.Other) == 0 {
		return dst
	}
	for id := low; id <= high; id++ {
		for i := range m.Other {
			if e := &m.Other[i]; e.Codeset == 0 && e.ID == id {
				dst = e.append(dst)
			}
		}
	}
	return dst
}

func (e *Element) append(dst []byte) []byte {
	dst = append(dst, uint8(e.ID))
	if e.ID&0x80 != 0 {
		return dst
	}
	data := e.Data[:min(len(e.Data), 255)]
	dst = append(dst, uint8(len(data)))
	return append(dst, data...)
}

// appendField appends the element that has a field, if it is there.
func (m *Message) appendField(dst []byte, info *elementInfo) []byte {
	start, id := len(dst), info.id
	dst = append(dst, uint8(id), 0)
	switch {
	case id == IDBearer && m.Bearer.Given:
		dst = m.Bearer.append(dst)
	case id == IDCause && m.Cause[0].Value != 0:
		dst = m.Cause[0].append(dst)
		if m.Cause[1].Value != 0 {
			dst = closeElement(dst, start, info.max)
			start = len(dst)
			dst = m.Cause[1].append(append(dst, uint8(id), 0))
		}
	case id == IDCallState && m.CallState.Given:
		dst = append(dst, uint8(m.CallState.Value)&0x3f)
	case id == IDChannel && m.Channel.Given:
		dst = m.Channel.append(dst)
	case id == IDProgress && m.Progress[0].Description != 0:
		dst = m.Progress[0].append(dst)
		if m.Progress[1].Description != 0 {
			dst = closeElement(dst, start, info.max)
			start = len(dst)
			dst = m.Progress[1].append(append(dst, uint8(id), 0))
		}
	case id == IDNotification && m.Notification.Given:
		dst = append(dst, 0x80|m.Notification.Value)
	case id == IDDisplay:
		dst = append(dst, m.Display...)
	case id == IDDateTime && m.DateTime.Given:
		dst = m.DateTime.append(dst)
	case id == IDKeypad:
		dst = append(dst, m.Keypad...)
	case id == IDSignal && m.Signal.Given:
		dst = append(dst, m.Signal.Value)
	case id == IDConnected && m.Connected.Given:
		dst = m.Connected.append(dst)
	case id == IDCalling && m.Calling.Given:
		dst = m.Calling.append(dst)
		if m.SecondCalling.Given {
			dst = closeElement(dst, start, info.max)
			start = len(dst)
			dst = m.SecondCalling.append(append(dst, uint8(id), 0))
		}
	case id == IDCalled && m.Called.Given:
		dst = m.Called.append(dst)
	case id == IDRedirecting && m.Redirecting.Given:
		dst = m.Redirecting.append(dst)
	case id == IDRestart && m.Restart.Given:
		dst = append(dst, 0x80|uint8(m.Restart.Value)&7)
	case id == IDUserUser:
		dst = append(dst, m.UserUser...)
	default:
		dst = m.appendFurther(dst, id)
	}
	return closeElement(dst, start, info.max)
}

// appendFurther is appendField for the elements of supplementary services, compatibility and routing.
func (m *Message) appendFurther(dst []byte, id ElementID) []byte {
	switch {
	case id == IDCallingSub && m.CallingSub.Given:
		dst = m.CallingSub.append(dst)
	case id == IDCalledSub && m.CalledSub.Given:
		dst = m.CalledSub.append(dst)
	case id == IDConnectedSub && m.ConnectedSub.Given:
		dst = m.ConnectedSub.append(dst)
	case id == IDOriginalCalled && m.OriginalCalled.Given:
		dst = m.OriginalCalled.append(dst)
	case id == IDRedirection && m.Redirection.Given:
		dst = m.Redirection.append(dst)
	case id == IDNetworkFacilities && m.NetworkFacilities.Given:
		dst = m.NetworkFacilities.append(dst)
	case id == IDTransitNetwork && m.TransitNetwork.Given:
		dst = m.TransitNetwork.append(dst)
	case id == IDHLC && m.HLC.Given:
		dst = m.HLC.append(dst)
	case id == IDLLC:
		dst = append(dst, m.LLC...)
	}
	return dst
}

// closeElement writes the length of the element that begins at start, cut at its maximum; an element
// without contents is taken back.
func closeElement(dst []byte, start, longest int) []byte {
	n := len(dst) - start - 2
	if n == 0 {
		return dst[:start]
	}
	n = min(n, longest)
	dst[start+1] = uint8(n)
	return dst[:start+2+n]
}
