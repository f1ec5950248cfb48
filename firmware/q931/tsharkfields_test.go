package q931

import (
	"fmt"
	"strings"
)

func hexOf(v uint8) string { return fmt.Sprintf("0x%02x", v) }

func oneIf(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// colons writes octets as tshark does.
func colons(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", b), " ", ":") }

// expectedElements lists for every element with a field what tshark must show of it, in the order of repeated ones. Transit
// network selection: tshark 4.0 reads it in the form of network-specific facilities, so it is only counted.
func expectedElements(m *Message) map[ElementID][]map[string]string {
	want := map[ElementID][]map[string]string{}
	add := func(is bool, id ElementID, fields map[string]string) {
		if is {
			want[id] = append(want[id], fields)
		}
	}
	add(m.Bearer.Given, IDBearer, bearerFields(&m.Bearer))
	for i := range m.Cause {
		add(m.Cause[i].Value != 0, IDCause, map[string]string{
			"q931.cause_value": fmt.Sprint(uint8(m.Cause[i].Value)), "q931.cause_location": fmt.Sprint(uint8(m.Cause[i].Location)),
		})
	}
	add(m.CallState.Given, IDCallState, map[string]string{"q931.call_state": hexOf(uint8(m.CallState.Value))})
	add(m.Channel.Given, IDChannel, channelFields(&m.Channel))
	for _, p := range m.Progress {
		add(p.Description != 0, IDProgress, map[string]string{
			"q931.progress_indicator.description": hexOf(p.Description), "q931.progress_indicator.location": hexOf(uint8(p.Location)),
		})
	}
	add(m.NetworkFacilities.Given, IDNetworkFacilities, map[string]string{
		"q931.netid.facility_specification": colons(m.NetworkFacilities.Specification),
	})
	add(m.Notification.Given, IDNotification, map[string]string{"q932.nd": hexOf(m.Notification.Value)})
	add(m.Display != nil, IDDisplay, nil)
	add(m.DateTime.Given, IDDateTime, map[string]string{"q931.date_time": colons(m.DateTime.append(nil))})
	add(m.Keypad != nil, IDKeypad, map[string]string{"q931.keypad_facility": string(m.Keypad)})
	add(m.Signal.Given, IDSignal, map[string]string{"q931.signal": hexOf(m.Signal.Value)})
	for _, n := range []struct {
		id     ElementID
		name   string
		number *Number
	}{
		{IDConnected, "connected", &m.Connected},
		{IDCalling, "calling_party", &m.Calling},
		{IDCalling, "calling_party", &m.SecondCalling},
		{IDCalled, "called_party", &m.Called},
		{IDRedirecting, "redirecting", &m.Redirecting},
		{IDOriginalCalled, "", &m.OriginalCalled},
		{IDRedirection, "", &m.Redirection},
	} {
		add(n.number.Given, n.id, numberFields(n.name, n.number))
	}
	for id, s := range map[ElementID]*Subaddress{IDCallingSub: &m.CallingSub, IDCalledSub: &m.CalledSub} {
		add(s.Given, id, map[string]string{
			"q931.party_subaddr.type": hexOf(s.Type), "q931.party_subaddr.odd_even": "0x0" + oneIf(s.Odd), "q931.party_subaddr": colons(s.Address),
		})
	}
	add(m.ConnectedSub.Given, IDConnectedSub, map[string]string{"q931.data": colons(m.ConnectedSub.append(nil))}) // has no name for it
	add(m.TransitNetwork.Given, IDTransitNetwork, nil)
	add(m.Restart.Given, IDRestart, map[string]string{"q931.restart_indicator": hexOf(uint8(m.Restart.Value))})
	add(m.LLC != nil, IDLLC, nil)
	add(m.HLC.Given, IDHLC, map[string]string{
		"q931.interpretation": hexOf(m.HLC.Interpretation), "q931.high_layer_characteristics": hexOf(m.HLC.Characteristics),
		"q931.presentation_method_protocol_profile": hexOf(m.HLC.Presentation),
	})
	add(m.UserUser != nil, IDUserUser, userFields(m.UserUser))
	add(m.ChangeStatus.Given, IDChangeStatus, map[string]string{
		"q931.extension_ind_preference": "1", "q931.extension_ind_new_status": fmt.Sprint(uint8(m.ChangeStatus.Value)),
	})
	if m.Display != nil && m.Display[0]&0x80 == 0 {
		want[IDDisplay][0] = map[string]string{"q931.display_information": string(m.Display)}
	}
	return want
}

func bearerFields(b *Bearer) map[string]string {
	want := map[string]string{
		"q931.information_transfer_capability": hexOf(uint8(b.Capability)), "q931.transfer_mode": hexOf(b.Mode),
		"q931.information_transfer_rate": hexOf(b.Rate),
	}
	if b.Layer1 != 0 {
		want["q931.uil1"] = hexOf(b.Layer1)
	}
	return want
}

func channelFields(ch *Channel) map[string]string {
	want := map[string]string{
		"q931.channel.exclusive": oneIf(ch.Exclusive), "q931.channel.dchan": oneIf(ch.DChannel),
		"q931.channel.selection": hexOf(uint8(ch.Selection)), "q931.channel.interface_id_present": oneIf(ch.Interface != nil),
		"q931.channel.interface_type": oneIf(!ch.Basic),
	}
	if id, ok := ch.InterfaceID(); ok {
		want["q931.channel.interface_id"] = fmt.Sprint(id)
	}
	if slot, ok := ch.Slot(); ok && ch.Map.Octets == 0 {
		want["q931.channel.number"] = fmt.Sprint(slot)
	}
	if ch.Type != 0 {
		want["q931.channel.map"] = oneIf(ch.Map.Octets != 0)
	}
	return want
}

// numberFields: tshark knows no name for two of the elements and shows their octets.
func numberFields(name string, n *Number) map[string]string {
	if name == "" {
		return map[string]string{"q931.data": colons(n.append(nil))}
	}
	want := map[string]string{"q931.number_type": hexOf(uint8(n.Type)), "q931.numbering_plan": hexOf(n.Plan)}
	if len(n.Digits) > 0 {
		want["q931."+name+"_number.digits"] = string(n.Digits)
	}
	if n.HasOctet3a {
		want["q931.presentation_ind"], want["q931.screening_ind"] = hexOf(uint8(n.Presentation)), hexOf(n.Screening)
	}
	if n.HasReason {
		want["q931.extension.reason"] = hexOf(n.Reason)
	}
	return want
}

// userFields: protocol discriminator 4 is IA5.
func userFields(user []byte) map[string]string {
	if len(user) < 2 || user[0] != 4 {
		return nil
	}
	return map[string]string{"q931.user.protocol_discriminator": "0x04", "q931.user.string": string(user[1:])}
}
