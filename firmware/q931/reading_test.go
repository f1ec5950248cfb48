package q931

// readings are the cells that were wrong when the matrix was read against Annex A/Q.931, and those where the
// Recommendation leaves a choice that was made. TestSequences plays them.
var readings = []sequence{
	{"Figure A.3, N25, clause 5.8.8 a: a reset of the data link clears overlap receiving at the network's side too", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		SETUP ACKNOWLEDGE  | stop T303, start T304, MORE INFO ind              | N25
		DL-ESTABLISH while up | stop T304, send DISCONNECT 41, start T305      | N12
		RELEASE without cause | stop T305, send RELEASE COMPLETE, RELEASED 41  | N0`},
	{"Figure A.2, U11, Table 3-10 note 2: the RELEASE that answers DISCONNECT needs no cause", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DISCONNECT request | send DISCONNECT 17, start T305                    | U11
		RELEASE without cause | stop T305, send RELEASE COMPLETE, RELEASED 17  | U0`},
	{"Figure A.2, U12, Table 3-10 note 2: the RELEASE after DISCONNECT and tones needs no cause", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		DISCONNECT with tones | stop T310, DISCONNECT ind 17 far               | U12
		RELEASE without cause | send RELEASE COMPLETE, RELEASED 17 far         | U0`},
	{"Figure A.3, N11, Table 3-10 note 2: no cause needed, a spoilt one is told of", Network, `
		SETUP              | SETUP ind                                         | N1
		SETUP response     | send CONNECT                                      | N10
		DISCONNECT         | DISCONNECT ind 16 far                             | N11
		RELEASE with spoilt cause | error: not understood: cause, send RELEASE COMPLETE 100[08], RELEASED 16 far | N0`},
	{"Figure A.2, U10, clause 5.8.6.1: RELEASE as the first clearing message needs a cause", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		RELEASE without cause | error: missing or spoilt: cause, send RELEASE COMPLETE 96[08], RELEASED 31 far | U0`},
	{"Figure A.2, U25, Table 9-2: T302 stops when the number is complete", User, `
		SETUP              | SETUP ind                                         | U6
		MORE INFO request  | send SETUP ACKNOWLEDGE ch 5, start T302           | U25
		INFORMATION        | start T302, INFO ind                              | U25
		INFORMATION with sending complete | stop T302, INFO ind                | U25
		PROCEEDING request | send CALL PROCEEDING ch 5                         | U9`},
	{"Figure A.3, N2, Table 9-1: T302 stops when the number is complete", Network, `
		SETUP              | SETUP ind                                         | N1
		MORE INFO request  | send SETUP ACKNOWLEDGE ch 5, start T302           | N2
		INFORMATION with sending complete | stop T302, INFO ind                | N2
		PROCEEDING request | send CALL PROCEEDING ch 5                         | N3`},
	{"clauses 5.3.2 d and 5.1.2: a channel that cannot be agreed upon is refused with RELEASE 6", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		CHANNEL request    | stop T310, send RELEASE 6, start T308             | U19
		RELEASE COMPLETE   | stop T308, RELEASED 6                             | U0`},
	{"clauses 5.3.2 d and 5.2.3.1: the same at the network's side", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		CONNECT            | stop T303, SETUP conf                             | N8
		CHANNEL request    | send RELEASE 6, start T308                        | N19
		RELEASE COMPLETE   | stop T308, RELEASED 6                             | N0`},
	{"clause 5.2.5.4: T303 twice at the network's side, 102 to the called user, 18 to the caller", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		T303               | send SETUP ch 5, start T303                       | N6
		T303               | send DISCONNECT 102, start T305                   | N12
		RELEASE COMPLETE   | stop T305, RELEASED 18                            | N0`},
	{"clause 5.8.7: optional elements are answered once a call, told to call control every time", User, `
		SETUP with unknown element | SETUP ind, send STATUS 99[3f] state 6, error: not understood: element 0x3f | U6
		ALERTING request   | send ALERTING ch 5                                | U7
		CONNECT with element cut off | send STATUS 101[07] state 7, error: message out of place | U7
		NOTIFY without indicator | send STATUS 96[27] state 7, error: missing or spoilt: notification indicator | U7
		NOTIFY with unknown element | NOTIFY ind, error: not understood: element 0x3f | U7
		FACILITY without element | send STATUS 96[1c] state 7, error: missing or spoilt: facility | U7`},
}
