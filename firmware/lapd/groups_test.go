package lapd

import (
	"strings"
	"testing"
)

// scripts are the groups of Q.921 conformance on a primary rate access. A step is what happens and, behind "->", what the
// link does; nothing behind it means that it does nothing. They run on both sides, which differ in the C/R bit only.
var scripts = []struct {
	group, name string
	steps       string
	state       State
}{
	{"1 establish", "SABME answered", `
		establish -> SABME P1, start T200, stop T203
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203`, Established},
	{"1 establish", "by the far end, P=0", `
		SABME P0 -> UA F0, DL-ESTABLISH indication, start T203`, Established},
	{"1 establish", "collision of SABMEs", `
		establish -> SABME P1, start T200, stop T203
		SABME P1 -> UA F1
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203`, Established},
	{"1 establish", "no answer: N200 repetitions, G", `
		establish -> SABME P1, start T200, stop T203
		T200 -> SABME P1, start T200
		T200 -> SABME P1, start T200
		T200 -> SABME P1, start T200
		T200 -> error G, DL-RELEASE indication`, TEIAssigned},
	{"1 establish", "refused by DM F=1", `
		establish -> SABME P1, start T200, stop T203
		DM F1 -> stop T200, DL-RELEASE indication`, TEIAssigned},
	{"1 establish", "DM F=0 answers nothing", `
		establish -> SABME P1, start T200, stop T203
		DM F0 ->`, AwaitingEstablishment},
	{"1 establish", "UA F=0 answers nothing", `
		establish -> SABME P1, start T200, stop T203
		UA F0 -> error D`, AwaitingEstablishment},
	{"1 establish", "asked for by DM F=0", `
		DM F0 -> SABME P1, start T200, stop T203
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203`, Established},
	{"1 establish", "SABME while up, nothing unacknowledged", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		SABME P1 -> UA F1, error F, stop T200, start T203`, Established},
	{"1 establish", "SABME while up loses the unacknowledged I frame", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		SABME P1 -> UA F1, error F, DL-ESTABLISH indication, stop T200, start T203
		data -> I P0 ns0 nr0, stop T203, start T200`, Established},
	{"1 establish", "SABME while up keeps what waits for a busy far end", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		RNR F0 nr0 -> stop T203, start T200
		data ->
		SABME P1 -> UA F1, error F, stop T200, start T203, I P0 ns0 nr0, stop T203, start T200`, Established},
	{"1 establish", "message while establishing anew waits", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		FRMR F0 -> error K, SABME P1, start T200, stop T203
		data ->
		UA F1 -> stop T200, start T203, I P0 ns0 nr0, stop T203, start T200`, Established},
	{"1 establish", "release asked for meanwhile is saved", `
		establish -> SABME P1, start T200, stop T203
		release ->
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203, DISC P1, start T200, stop T203
		UA F1 -> stop T200, DL-RELEASE confirm`, TEIAssigned},

	{"2 release", "DISC answered by UA", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		release -> DISC P1, start T200, stop T203
		UA F0 -> error D
		UA F1 -> stop T200, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "DISC answered by DM", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		release -> DISC P1, start T200, stop T203
		DM F0 ->
		DM F1 -> stop T200, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "DISC unanswered: H", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		release -> DISC P1, start T200, stop T203
		T200 -> DISC P1, start T200
		T200 -> DISC P1, start T200
		T200 -> DISC P1, start T200
		T200 -> error H, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "collision of DISCs", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		release -> DISC P1, start T200, stop T203
		DISC P1 -> UA F1
		UA F1 -> stop T200, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "SABME while releasing is refused, establish is saved", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		release -> DISC P1, start T200, stop T203
		SABME P1 -> DM F1
		establish ->
		UA F1 -> stop T200, DL-RELEASE confirm, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"2 release", "Figure B.5 (sheet 1 of 3): a release saved is confirmed in state 4 when DM refuses the link", `
		establish -> SABME P1, start T200, stop T203
		release ->
		DM F1 -> stop T200, DL-RELEASE indication, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "Figure B.5 (sheet 1 of 3): a release saved is confirmed in state 4 when nobody answers", `
		establish -> SABME P1, start T200, stop T203
		release ->
		T200 -> SABME P1, start T200
		T200 -> SABME P1, start T200
		T200 -> SABME P1, start T200
		T200 -> error G, DL-RELEASE indication, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "Figure B.5 (sheet 1 of 3): a release saved is confirmed in state 4 when layer 1 goes", `
		establish -> SABME P1, start T200, stop T203
		release ->
		deactivate -> stop T200, DL-RELEASE indication, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "departure from Figures B.5 and B.6: the later request takes the saved one back", `
		establish -> SABME P1, start T200, stop T203
		release ->
		establish ->
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203
		release -> DISC P1, start T200, stop T203
		establish ->
		release ->
		UA F1 -> stop T200, DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "by the far end", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		DISC P1 -> UA F1, DL-RELEASE indication, stop T200, stop T203
		DISC P1 -> DM F1
		data -> message refused
		release -> DL-RELEASE confirm`, TEIAssigned},
	{"2 release", "layer 1 down and up", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		deactivate -> DL-RELEASE indication, stop T200, stop T203
		establish -> SABME P1, start T200, stop T203
		deactivate -> stop T200, DL-RELEASE indication
		establish -> SABME P1, start T200, stop T203
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203`, Established},

	{"3 transfer", "acknowledged by RR", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		data -> I P0 ns1 nr0
		RR F0 nr1 -> start T200
		RR F0 nr2 -> stop T200, start T203`, Established},
	{"3 transfer", "acknowledged by I", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		I P0 ns0 nr1 -> deliver, stop T200, start T203, RR F0 nr1
		I P1 ns1 nr1 -> deliver, RR F1 nr2, stop T200, start T203`, Established},
	{"3 transfer", "acknowledged by a poll", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		RR P1 nr1 -> RR F1 nr0, stop T200, start T203`, Established},
	{"3 transfer", "window of 7 fills and opens", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		data -> I P0 ns1 nr0
		data -> I P0 ns2 nr0
		data -> I P0 ns3 nr0
		data -> I P0 ns4 nr0
		data -> I P0 ns5 nr0
		data -> I P0 ns6 nr0
		data ->
		data ->
		RR F0 nr2 -> start T200, I P0 ns7 nr0, I P0 ns8 nr0`, Established},

	{"4 errors", "gap: one REJ until it is filled", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		I P0 ns1 nr0 -> REJ F0 nr0, stop T200, start T203
		I P0 ns2 nr0 -> stop T200, start T203
		I P1 ns3 nr0 -> RR F1 nr0, stop T200, start T203
		I P0 ns0 nr0 -> deliver, stop T200, start T203, RR F0 nr1
		I P0 ns2 nr0 -> REJ F0 nr1, stop T200, start T203`, Established},
	{"4 errors", "gap with P=1: REJ with F=1", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		I P1 ns1 nr0 -> REJ F1 nr0, stop T200, start T203`, Established},
	{"4 errors", "REJ received", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		data -> I P0 ns1 nr0
		data -> I P0 ns2 nr0
		REJ F0 nr1 -> stop T200, start T203, I P0 ns1 nr0, stop T203, start T200, I P0 ns2 nr0
		REJ P1 nr3 -> RR F1 nr0, stop T200, start T203`, Established},
	{"4 errors", "N(R) impossible: J", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		RR F0 nr1 -> error J, SABME P1, start T200, stop T203
		UA F1 -> stop T200, start T203`, Established},
	{"4 errors", "N(R) below V(A): J", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		RR F0 nr1 -> stop T200, start T203
		RR F0 nr0 -> error J, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "unsolicited UA, DM F=1, RR F=1: C D B A", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		UA F1 -> error C
		UA F0 -> error D
		DM F1 -> error B
		RR F1 nr0 -> error A, stop T200, start T203`, Established},
	{"4 errors", "unsolicited DM F=0: E", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		DM F0 -> error E, SABME P1, start T200, stop T203
		UA F1 -> DL-ESTABLISH indication, stop T200, start T203`, Established},
	{"4 errors", "FRMR: K", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		FRMR F1 -> error K, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "control field undefined: L", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		I F0 ns0 nr0 -> error L, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "information where none may be: M", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		DISC P1 len1 -> error M, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "wrong size: N", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		FRMR F0 len4 -> error N, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "260 octets taken, 261 not: O", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		I P0 ns0 nr0 len260 -> deliver, stop T200, start T203, RR F0 nr1
		I P0 ns1 nr0 len261 -> error O, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"4 errors", "frame errors outside states 7 and 8 change nothing", `
		DISC P1 len1 -> error M
		establish -> SABME P1, start T200, stop T203
		UA P1 -> error L
		UA F1 -> DL-ESTABLISH confirm, stop T200, start T203
		release -> DISC P1, start T200, stop T203
		UA F1 len2 -> error M`, AwaitingRelease},
	{"4 errors", "too short, EA, SAPI, TEI", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		hex 00 ->
		hex 02 01 ->
		hex 02 01 01 ->
		hex 02 02 53 ->
		hex 03 01 53 ->
		hex 42 01 53 ->
		hex 02 03 53 ->`, Established},

	{"5 recovery", "poll answered, nothing had arrived", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		T200 -> RR P1 nr0, start T200
		RR F1 nr0 -> stop T200, start T203, I P0 ns0 nr0, stop T203, start T200`, Established},
	{"5 recovery", "poll answered, all had arrived", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		T200 -> RR P1 nr0, start T200
		data ->
		RR F1 nr1 -> stop T200, start T203, I P0 ns1 nr0, stop T203, start T200`, Established},
	{"5 recovery", "answered by RNR", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		T200 -> RR P1 nr0, start T200
		RNR F1 nr0 -> start T200
		T200 -> RR P1 nr0, start T200
		RR F1 nr0 -> stop T200, start T203, I P0 ns0 nr0, stop T203, start T200`, Established},
	{"5 recovery", "N200 polls unanswered: I", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> error I, SABME P1, start T200, stop T203
		UA F1 -> DL-ESTABLISH indication, stop T200, start T203`, Established},
	{"5 recovery", "REJ and I do not end it, N(R) counts", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		data -> I P0 ns0 nr0, stop T203, start T200
		data -> I P0 ns1 nr0
		T200 -> RR P1 nr0, start T200
		REJ F0 nr1 ->
		I P0 ns0 nr1 -> deliver, RR F0 nr1
		RR P1 nr1 -> RR F1 nr1
		REJ F1 nr1 -> stop T200, start T203, I P0 ns1 nr1, stop T203, start T200`, Established},
	{"5 recovery", "DM F=1 ends it: B", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		T203 -> RR P1 nr0, start T200
		DM F1 -> error B, SABME P1, start T200, stop T203`, AwaitingEstablishment},
	{"5 recovery", "far end busy holds I frames back", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		RNR F0 nr0 -> stop T203, start T200
		data ->
		I P0 ns0 nr0 -> deliver, RR F0 nr1
		RR F0 nr0 -> stop T200, start T203, I P0 ns0 nr1, stop T203, start T200`, Established},
	{"5 recovery", "own receiver busy and ready again", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		busy -> RNR F0 nr0
		busy ->
		I P0 ns0 nr0 -> stop T200, start T203
		I P1 ns0 nr0 -> RNR F1 nr0, stop T200, start T203
		RR P1 nr0 -> RNR F1 nr0, stop T200, start T203
		T203 -> RNR P1 nr0, start T200
		RR F1 nr0 -> stop T200, start T203
		ready -> RR F0 nr0
		ready ->
		I P0 ns0 nr0 -> deliver, stop T200, start T203, RR F0 nr1`, Established},

	{"6 idle", "T203: poll and answer", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		T203 -> RR P1 nr0, start T200
		RR F1 nr0 -> stop T200, start T203`, Established},
	{"6 idle", "T203: far end gone", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		T203 -> RR P1 nr0, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> RR P1 nr0, start T200
		T200 -> error I, SABME P1, start T200, stop T203`, AwaitingEstablishment},

	{"7 UI", "XID is in Table 5/Q.921, so no undefined control field: ignored in every state", `
		XID P1 len9 ->
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		XID P1 len9 ->
		XID F1 len9 ->
		XID P0 ->
		T203 -> RR P1 nr0, start T200
		XID F0 len260 ->
		RR F1 nr0 -> stop T200, start T203
		XID P0 len261 -> error O, SABME P1, start T200, stop T203
		XID P1 ->`, AwaitingEstablishment},
	{"7 UI", "point to point, broadcast, TEI management: ignored", `
		SABME P1 -> UA F1, DL-ESTABLISH indication, start T203
		UI P0 len4 ->
		hex 02 ff 03 08 01 00 05 ->
		hex fe ff 03 0f 00 00 04 ff ->`, Established},
}

func TestGroups(t *testing.T) {
	for _, side := range []Side{User, Network} {
		for _, s := range scripts {
			t.Run(side.String()+"/"+s.group+"/"+s.name, func(t *testing.T) {
				l := NewLink(side, PrimaryRate)
				for _, step := range strings.Split(strings.TrimSpace(s.steps), "\n") {
					in, want, ok := strings.Cut(step, "->")
					if !ok {
						t.Fatalf("no arrow in %q", step)
					}
					if did := play(t, l, strings.TrimSpace(in)); did != strings.TrimSpace(want) {
						t.Fatalf("%s\n did  %s\n want %s", strings.TrimSpace(in), did, strings.TrimSpace(want))
					}
				}
				if l.State() != s.state {
					t.Errorf("state %v, want %v", l.State(), s.state)
				}
			})
		}
	}
}
