package q931

// elementInfo is what is known of an element of codeset 0, whatever its contents.
type elementInfo struct {
	id   ElementID
	name string
	min  int // octets of contents; fewer are a content fault, but none at all is the same as no element
	max  int // octets of contents; more are a content fault. 255: no limit but the length octet's
}

// elementInfos is in rising order of identifier; lengths are those of Table 4-3/Q.931 less two.
var elementInfos = [...]elementInfo{
	{IDSegmented, "segmented message", 2, 2},
	{IDBearer, "bearer capability", 2, 12},
	{IDCause, "cause", 2, 30},
	{IDCallIdentity, "call identity", 0, 8},
	{IDCallState, "call state", 1, 1},
	{IDChannel, "channel identification", 1, 255},
	{IDFacility, "facility", 0, 255},
	{IDProgress, "progress indicator", 2, 2},
	{IDNetworkFacilities, "network-specific facilities", 1, 255},
	{IDNotification, "notification indicator", 1, 255},
	{IDDisplay, "display", 1, 80},
	{IDDateTime, "date/time", 3, 6},
	{IDKeypad, "keypad facility", 1, 32},
	{0x32, "information request", 0, 1},
	{IDSignal, "signal", 1, 1},
	{0x38, "feature activation", 0, 2},
	{0x39, "feature indication", 0, 3},
	{0x40, "information rate", 0, 4},
	{0x42, "end-to-end transit delay", 0, 9},
	{0x43, "transit delay selection and indication", 0, 3},
	{0x44, "packet layer binary parameters", 0, 1},
	{0x45, "packet layer window size", 0, 2},
	{0x46, "packet size", 0, 2},
	{0x47, "closed user group", 0, 5},
	{0x4a, "reverse charging indication", 0, 1},
	{IDConnected, "connected number", 1, 255},
	{IDConnectedSub, "connected subaddress", 1, 21},
	{IDCalling, "calling party number", 1, 255},
	{IDCallingSub, "calling party subaddress", 1, 21},
	{IDCalled, "called party number", 1, 255},
	{IDCalledSub, "called party subaddress", 1, 21},
	{IDOriginalCalled, "original called number", 1, 255},
	{IDRedirecting, "redirecting number", 1, 255},
	{IDRedirection, "redirection number", 1, 255},
	{IDTransitNetwork, "transit network selection", 1, 255},
	{IDRestart, "restart indicator", 1, 1},
	{IDLLC, "low layer compatibility", 1, 16},
	{IDHLC, "high layer compatibility", 2, 3},
	{IDUserUser, "user-user", 1, 129},
	{IDEscape, "escape for extension", 0, 255},
	{0x90, "shift", 0, 0},
	{IDMoreData, "more data", 0, 0},
	{IDSendingComplete, "sending complete", 0, 0},
	{IDCongestion, "congestion level", 0, 0},
	{IDRepeat, "repeat indicator", 0, 0},
}

// find returns the row of an identifier, nil when there is none.
func find(id ElementID) *elementInfo {
	id = id.single()
	for i := range elementInfos {
		if elementInfos[i].id == id {
			return &elementInfos[i]
		}
	}
	return nil
}

// has says whether the message has the element in a form that was understood, or raw where we do not
// look inside.
func (m *Message) has(id ElementID) bool {
	switch id {
	case IDBearer:
		return m.Bearer.Given
	case IDCause:
		return m.Cause[0].Value != 0
	case IDCallState:
		return m.CallState.Given
	case IDChannel:
		return m.Channel.Given
	case IDProgress:
		return m.Progress[0].Description != 0
	case IDRestart:
		return m.Restart.Given
	}
	for i := range m.Other {
		if m.Other[i].Codeset == 0 && m.Other[i].ID == id {
			return true
		}
	}
	return id == IDNotification && m.Notification.Given
}
