package notation

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Frames are written with P0 or P1 when they are commands and F0 or F1 when they are responses:
//
//	SABME P1          UA F1          RR F0 nr3          I P0 ns0 nr1 info=0802...          I P0 ns0 nr1 len=261
//	I P0 ns0 nr1 : SETUP F5 bc channel=1!          FRMR F0 info=0000000000          octets cmd 83
//
// cmd and rsp among octets stand for the address of a command and of a response of the speaker; sapi=1 and tei=3 put
// another address before a frame.
//
//	octet 1   SAPI (6 bits) | C/R | 0          octet 2   TEI (7 bits) | 1
//	I         N(S) (7) | 0                     N(R) (7) | P
//	S         0 0 0 0 S S 0 1                  N(R) (7) | P/F      SS: 00 RR, 01 RNR, 10 REJ
//	U         M M M P/F M M 1 1

var supervisory = map[string]byte{"RR": 0x01, "RNR": 0x05, "REJ": 0x09}

var unnumbered = map[string]byte{
	"SABME": 0x6f, "DM": 0x0f, "UI": 0x03, "DISC": 0x43, "UA": 0x63, "FRMR": 0x87, "XID": 0xaf,
}

// crOf is the C/R bit: 1 in commands of the network and responses of the user (Table 1/Q.921).
func crOf(command bool, from Speaker) byte {
	if command == from.Network {
		return 2
	}
	return 0
}

// Frame writes a frame, without FCS, as the speaker sends it.
func Frame(text string, from Speaker) ([]byte, error) {
	if octets, is := strings.CutPrefix(text, "octets "); is {
		for word, command := range map[string]bool{"cmd": true, "rsp": false} {
			octets = strings.ReplaceAll(octets, word, fmt.Sprintf("%02x01", crOf(command, from)))
		}
		return hexOctets(octets)
	}
	head, inside, has := strings.Cut(text, " : ")
	fields := strings.Fields(head)
	if len(fields) < 2 {
		return nil, fmt.Errorf("a frame is KIND P1 ..., this is %q", text)
	}
	var ns, nr, sapi, tei uint64
	var info []byte
	if has {
		message, err := Message(inside, from)
		if err != nil {
			return nil, err
		}
		info = message
	}
	for _, word := range fields[2:] {
		var err error
		switch {
		case strings.HasPrefix(word, "ns"):
			ns, err = strconv.ParseUint(word[2:], 10, 7)
		case strings.HasPrefix(word, "nr"):
			nr, err = strconv.ParseUint(word[2:], 10, 7)
		case strings.HasPrefix(word, "sapi="):
			sapi, err = strconv.ParseUint(word[5:], 10, 6)
		case strings.HasPrefix(word, "tei="):
			tei, err = strconv.ParseUint(word[4:], 10, 7)
		case strings.HasPrefix(word, "info="):
			info, err = hex.DecodeString(word[5:])
		case strings.HasPrefix(word, "len="):
			var n int
			n, err = strconv.Atoi(word[4:])
			info = make([]byte, n)
		default:
			err = fmt.Errorf("no field is called %q", word)
		}
		if err != nil {
			return nil, fmt.Errorf("%q of %q: %w", word, text, err)
		}
	}
	bit := fields[1]
	if len(bit) != 2 || bit[0] != 'P' && bit[0] != 'F' {
		return nil, fmt.Errorf("%q is neither P0, P1, F0 nor F1", bit)
	}
	pf := bit[1] - '0'
	octets := []byte{byte(sapi)<<2 | crOf(bit[0] == 'P', from), byte(tei)<<1 | 1}
	s, isS := supervisory[fields[0]]
	u, isU := unnumbered[fields[0]]
	switch {
	case fields[0] == "I":
		octets = append(octets, byte(ns)<<1, byte(nr)<<1|pf)
	case isS:
		octets = append(octets, s, byte(nr)<<1|pf)
	case isU:
		octets = append(octets, u|pf<<4)
	default:
		return nil, fmt.Errorf("no frame is called %q", fields[0])
	}
	return append(octets, info...), nil
}

// FrameWords writes the frame of a speaker in words, with its information field as message says.
func FrameWords(octets []byte, from Speaker) string {
	if len(octets) < 3 || octets[0]&^2 != 0 || octets[1] != 1 {
		return fmt.Sprintf("octets % x", octets)
	}
	letter := "F"
	if octets[0]&2 == crOf(true, from) {
		letter = "P"
	}
	rest := octets[2:]
	if rest[0]&3 == 3 {
		for name, code := range unnumbered {
			if rest[0]&^0x10 == code {
				return fmt.Sprintf("%s %s%d%s", name, letter, rest[0]>>4&1, infoWords(rest[1:], from))
			}
		}
		return fmt.Sprintf("octets % x", octets)
	}
	if len(rest) < 2 {
		return fmt.Sprintf("octets % x", octets)
	}
	if rest[0]&1 == 0 {
		return fmt.Sprintf("I %s%d ns%d nr%d%s", letter, rest[1]&1, rest[0]>>1, rest[1]>>1, infoWords(rest[2:], from))
	}
	for name, code := range supervisory {
		if rest[0] == code {
			return fmt.Sprintf("%s %s%d nr%d%s", name, letter, rest[1]&1, rest[1]>>1, infoWords(rest[2:], from))
		}
	}
	return fmt.Sprintf("octets % x", octets)
}

func infoWords(info []byte, from Speaker) string {
	if len(info) == 0 {
		return ""
	}
	if len(info) > 3 && info[0] == 0x08 {
		return " : " + Words(info, from)
	}
	return fmt.Sprintf(" info=%x", info)
}

// MatchFrame says whether the octets are the frame that the line writes. Behind " : " stands the message inside as Match wants
// it; an I frame of which the line tells no information may carry any.
func MatchFrame(octets []byte, text string, from Speaker) error {
	head, inside, has := strings.Cut(text, " : ")
	if has {
		frame, err := Frame(head, from)
		if err != nil {
			return err
		}
		if len(octets) < len(frame) || !slices.Equal(octets[:len(frame)], frame) {
			return fmt.Errorf("the frame is another one")
		}
		return Match(octets[len(frame):], inside, from)
	}
	frame, err := Frame(text, from)
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(text, "I ") && !strings.Contains(text, "="):
		if len(octets) >= 4 && slices.Equal(octets[:4], frame) {
			return nil
		}
	case slices.Equal(octets, frame):
		return nil
	}
	return fmt.Errorf("the frame is another one")
}
