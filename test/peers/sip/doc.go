// Package sip holds the box's SIP side against telephones that other people wrote: SIPp, which plays
// the scenarios in this folder, and baresip, which registers, talks and records like an agent's phone.
//
// In: a firmware/sipphone server on the loopback, whose calls the test takes itself. Out: what the
// peers say, and what either side hears, judged by spectrum.
//
// The scenarios are ours; both programs are Debian's packages sip-tester and baresip.
//
// The tests open ports on the loopback only. A missing program fails them, it does not skip them.
package sip
