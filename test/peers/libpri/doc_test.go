// Package libpri lets firmware/pri speak with a stack that others wrote: libpri, as the network and as the user, in a
// program of its own (peer.c) at the far end of a socket.
//
// In: D channel frames, one message of the socket each, and the peer's events. Out: frames and the peer's commands.
// Only the signal path; there is no sound on a socket. The same program on a DAHDI line has sound (test/vm).
//
// EuroISDN as libpri 1.6 has it. What libpri does not do (T301, T302, T304, T310, STATUS ENQUIRY, segmentation) is tested
// by firmware/pri's own scripts. The traces are judged by a third party, Wireshark's dissectors.
//
// The tests keep real time. They need cc, libpri-dev and tshark.
package libpri
