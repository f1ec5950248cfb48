// Package libpri lets firmware/pri speak with a stack that others wrote: libpri, as the network and as the user, in a
// program of its own (peer.c) at the far end of a socket.
//
// In: D channel frames, one message of the socket each, and the peer's events. Out: frames and the peer's commands.
// Only the signal path; there is no sound on a socket. The same program on a DAHDI line has sound (test/vm).
//
// The eight variants as libpri 1.6 has them, each with our side as user and as network: the matrix of calls, numbers digit by
// digit, a poor line, a D channel that is cut, every channel at once, ten calls a second. What libpri is no judge of stands in
// leftOuts with the reason. The traces are judged by a third party, Wireshark's dissectors.
//
// The tests keep real time; conditions have deadlines and nothing waits for a time to pass, but where timers are the matter.
// They need cc, libpri-dev and tshark. TRUNKBOX_SOAK=1 makes them long.
package libpri
