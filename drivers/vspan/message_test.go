package vspan

import (
	"bytes"
	"testing"

	"trunkbox/drivers/span"
)

func aMessage(kind span.Kind, block int) []byte {
	var b span.Block
	for ts := range b {
		for i := range b[ts] {
			b[ts][i] = octet(i, ts)
		}
	}
	m := message{moment: 1<<40 + 7, alarms: span.AIS | span.RAI, kind: kind, block: block}
	return m.write(make([]byte, 0, maxMessage), &b)
}

func TestMessage(t *testing.T) {
	for _, block := range []int{16, 80, 160} {
		raw := aMessage(span.T1, block)
		var m message
		if err := m.parse(raw); err != nil {
			t.Fatal(err)
		}
		if m.moment != 1<<40+7 || m.alarms != span.AIS|span.RAI || m.kind != span.T1 || m.block != block {
			t.Errorf("read %+v", m)
		}
		if got := m.place(31); len(got) != block || got[3] != octet(3, 31) {
			t.Errorf("timeslot 31 is % x", got)
		}
	}
	good := aMessage(span.E1, 80)
	for name, raw := range map[string][]byte{
		"empty":        nil,
		"short header": good[:15],
		"short":        good[:len(good)-1],
		"long":         append(bytes.Clone(good), 0),
		"other magic":  append([]byte("TBV\x02"), good[4:]...),
		"other kind":   replace(good, 14, 2),
		"block 15":     replace(good, 15, 15),
		"block 161":    replace(good, 15, 161),
	} {
		var m message
		if err := m.parse(raw); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func replace(raw []byte, at int, octet byte) []byte {
	raw = bytes.Clone(raw)
	raw[at] = octet
	return raw
}

func FuzzMessage(f *testing.F) {
	f.Add(aMessage(span.E1, 16))
	f.Add(aMessage(span.T1, 160))
	f.Add([]byte("TBV\x01"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m message
		if m.parse(raw) != nil {
			return
		}
		var b span.Block
		for ts := range span.Slots {
			copy(b[ts][:], m.place(ts))
		}
		if again := m.write(make([]byte, 0, maxMessage), &b); !bytes.Equal(again, raw) {
			t.Errorf("written again it is % x, was % x", again[:headerOctets], raw[:headerOctets])
		}
		c := New(Options{Clock: NewManual(), Kind: m.kind, Block: m.block})
		c.B().give(&m, 1) // any moment may be in it
	})
}
