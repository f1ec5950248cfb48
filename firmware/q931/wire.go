package q931

// Decode reads a message as Message.Decode does and turns the habits of the variant into what the machines and call control
// know: channel numbers become timeslots, a display loses the octet before its text and may stand in another codeset, and
// messages of the variant's maintenance protocol are read too (Message.Protocol tells).
func (p *Profile) Decode(m *Message, b []byte) error {
	if len(b) > 0 && p.Maintenance.Discriminator != 0 && isMaintenance(b[0]) {
		if err := m.DecodeMaintenance(b); err != nil {
			return err
		}
	} else if err := m.Decode(b); err != nil {
		return err
	}
	if m.Channel.Given && p.Numbering != TimeslotNumbers {
		m.Channel = m.Channel.renumbered(p.Numbering.Timeslot)
	}
	for i := range m.Other {
		if e := &m.Other[i]; m.Display == nil && e.Codeset != 0 && e.ID == IDDisplay && p.Display.Also&(1<<e.Codeset) != 0 && len(e.Data) > 0 {
			m.Display = e.Data
		}
	}
	if len(m.Display) > 0 && m.Display[0]&0x80 != 0 {
		m.Display = some(m.Display[1:])
	}
	return nil
}

// AppendTo appends the octets of a message to dst as Message.AppendTo does, in the habits of the variant: the reverse of
// Decode, and elements that the variant does not know are left out. m stays as it is.
func (p *Profile) AppendTo(dst []byte, m *Message) []byte {
	w := *m
	w.SendingComplete = m.SendingComplete && p.SendingComplete
	if w.Type == MsgSetup && w.Protocol == 0 && !w.NetworkFacilities.Given {
		w.NetworkFacilities = p.NetworkFacilities
	}
	if w.Channel.Given {
		if p.Numbering != TimeslotNumbers {
			w.Channel = w.Channel.renumbered(p.Numbering.Number)
		}
		if p.ExplicitInterface && w.Channel.Interface == nil && w.Channel.Selection == Indicated {
			w.Channel.Interface = interfaceIDs[p.Interface&0x7f : p.Interface&0x7f+1]
		}
	}
	text, room := w.Display, int(p.Display.Max)
	text = text[:min(len(text), room)]
	if len(text) == 0 || p.Display.Codeset == 0 && p.Display.Octet3 == 0 || !p.Display.Send {
		if !p.Display.Send {
			text = nil
		}
		w.Display = text
		return w.AppendTo(dst)
	}
	var buffer [256]byte
	written := buffer[:0]
	if p.Display.Octet3 != 0 {
		written = append(written, p.Display.Octet3)
	}
	written = append(written, text...)
	if p.Display.Codeset == 0 {
		w.Display = written
		return w.AppendTo(dst)
	}
	w.Display = nil
	dst = w.AppendTo(dst)
	dst = append(dst, uint8(idShift)|8|p.Display.Codeset&7)
	e := Element{ID: IDDisplay, Data: written}
	return e.append(dst)
}

// interfaceIDs are the interface identifiers of one octet, 0 to 127.
var interfaceIDs = func() (ids [128]byte) {
	for i := range ids {
		ids[i] = 0x80 | byte(i)
	}
	return ids
}()
