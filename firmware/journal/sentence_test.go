package journal

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var golden = flag.Bool("golden", false, "write the golden files anew")

// told are events as the box writes them, each kind with and without what may be missing.
var told = []Event{
	event(BoxStarted, "", "version", "1.0.0"),
	event(BoxStopped, "", "reason", string(AskedToStop)),
	event(BoxStopped, "", "reason", string(ResetButton)),
	event(BoxStopped, "", "reason", string(PasswordForgotten)),
	event(SettingsMade, "", "by", "admin"),
	event(SettingsMade, "", "by", "console"),
	event(LineAlarm, "", "line", "line1", "alarms", "LOS+LFA"),
	event(LineAlarm, "", "line", "line1", "alarms", "RAI"),
	event(LineAlarm, "", "line", "line1"),
	event(LinkState, "", "line", "line1", "state", "up", "reason", string(LinkSetUpHere)),
	event(LinkState, "", "line", "line1", "state", "down", "reason", string(LinkErrorI)),
	event(LinkState, "", "line", "line1", "state", "down", "reason", string(LineDown)),
	event(ChannelState, "", "line", "line1", "channel", "7", "state", "blocked", "reason", string(RestartUnanswered)),
	event(ChannelState, "", "line", "line1", "channel", "7", "state", "restarting", "reason", string(ReleaseUnanswered)),
	event(LineFound, "", "line", "line1", "channel", "7", "reason", string(ChannelBack)),
	event(LineFound, "", "line", "line1", "channel", "7", "reason", string(TrialFailed), "about", "8"),
	event(LineFound, "", "line", "line1", "reason", string(SwitchedOver), "about", "line2"),
	event(LineFound, "", "line", "line1", "channel", "9", "reason", string(CallRefused), "about", "44"),
	event(LineChanged, "", "line", "line1", "state", "draining", "about", "3"),
	event(LineChanged, "", "line", "line1", "state", "changed"),
	event(LineChanged, "", "line", "line1", "state", "returned", "reason", string(LinkNotBack), "about", "60"),
	event(LineChanged, "", "line", "line1", "state", "gone", "reason", string(DriverGone)),
	event(CallArrived, "c", "line", "line1", "channel", "7", "caller", "13800001234", "name", "王芳", "called", "88886500"),
	event(CallArrived, "c", "line", "line1", "channel", "31", "called", "88886500"),
	event(CallArrived, "c", "line", "line1", "channel", "31"),
	event(CallArrived, "c", "line", "line1", "channel", "31", "restricted", "yes", "called", "88886500"),
	event(CallDialled, "c", "agent", "201", "called", "913800001234"),
	event(CallDialled, "c", "line", "line1", "channel", "7", "called", "13800001234", "caller", "02988886500"),
	event(CallDialled, "c", "line", "line1", "channel", "0", "called", "110"),
	event(CallAlerting, "c"),
	event(CallAnswered, "c", "by", "box"),
	event(CallAnswered, "c", "by", "far"),
	event(CallAnswered, "c", "by", "far", "called", "13800001235"),
	event(MenuEntered, "c", "menu", "主菜单"),
	event(MenuKey, "c", "menu", "主菜单", "key", "1", "reason", string(ToQueue), "about", "销售"),
	event(MenuKey, "c", "menu", "主菜单", "key", "201", "reason", string(ToExtension), "about", "201"),
	event(MenuKey, "c", "menu", "主菜单", "key", "9", "reason", "invalid"),
	event(MenuKey, "c", "menu", "主菜单", "key", "#", "reason", string(ToHangUp)),
	event(CallDiverted, "c", "caller", "02988880000", "name", "总机", "called", "02988881111", "reason", string(DivertedNoReply)),
	event(CallDiverted, "c", "reason", string(DivertedUnknown)),
	event(CallNamed, "c", "by", "caller", "name", "王芳"),
	event(CallNamed, "c", "by", "called", "called", "8009", "name", "Eve"),
	event(CallText, "c", "by", "caller", "text", "hello"),
	event(CallCharged, "c", "state", "rates", "amount", "CNY 0.22 / 60 s"),
	event(CallCharged, "c", "state", "so_far", "units", "2"),
	event(CallCharged, "c", "state", "final", "amount", "EUR 1.20"),
	event(CallCharged, "c", "state", "final", "reason", string(ChargeFree)),
	event(CallCharged, "c", "state", "final", "reason", string(ChargeUnknown)),
	event(CallForwarded, "c", "to", "4009", "reason", string(DivertedBusy)),
	event(CallForwarded, "c", "reason", string(DivertedByHand)),
	event(CallReported, "c", "agent", "201", "state", "asked"),
	event(CallReported, "c", "agent", "201", "state", "done"),
	event(CallReported, "c", "agent", "201", "state", "refused", "reason", string(ServiceUnknown)),
	event(CallMerged, "c", "line", "line1", "state", "done"),
	event(CallMerged, "c", "line", "line1", "state", "refused", "reason", string(ServiceRefused), "detail", "not available"),
	event(CallDeflected, "c", "line", "line1", "to", "13800001234", "state", "asked"),
	event(CallDeflected, "c", "line", "line1", "to", "13800001234", "state", "refused", "reason", string(ServiceNotAnswered)),
	event(ClockCompared, "", "line", "line1", "ms", "65000", "reason", string(ClockSet)),
	event(ClockCompared, "", "line", "line1", "ms", "-3600000", "reason", string(ClockSynchronised)),
	event(ClockCompared, "", "line", "line1", "ms", "7000", "reason", string(ClockNotPermitted)),
	event(ClockCompared, "", "line", "line1", "ms", "7000", "reason", string(ClockOnlyCompared)),
	event(CallEnded, "c", "cause", "16", "by", "network", "reason", string(JoinedByNetwork)),
	event(CallEnded, "c", "cause", "16", "by", "network", "reason", string(TakenElsewhere), "about", "13800001234"),
	event(MenuKey, "c", "menu", "主菜单", "key", "3", "reason", string(ToOutside), "about", "13800001234"),
	event(CallHeld, "c"),
	event(CallResumed, "c"),
	event(AnswererHeard, "c", "outcome", "person"),
	event(AnswererHeard, "c", "outcome", "machine"),
	event(AnswererHeard, "c", "outcome", "nobody"),
	event(ConsentPlayed, "c", "name", "consent"),
	event(ConsentPlayed, "c", "name", "recorded", "to", "all"),
	event(Announced, "c", "name", "one_minute_left", "to", "all", "reason", string(MinuteLeft), "about", "30"),
	event(Announced, "c", "name", "not_forgotten", "to", "13900112233", "reason", string(HeldLong), "about", "60"),
	event(RecordingBegan, "c", "reason", "answer"),
	event(RecordingBegan, "c", "reason", "code", "by", "201"),
	event(RecordingPaused, "c", "by", "201"),
	event(RecordingResumed, "c", "by", "201"),
	event(RecordingEnded, "c", "file", "2026-03-01/x.wav", "ms", "61000", "lost_ms", "0"),
	event(RecordingFailed, "c", "detail", "no space left on device"),
	event(RecordingStep, "", "state", "full", "about", "900"),
	event(RecordingStep, "", "state", "mono", "about", "400"),
	event(RecordingStep, "", "state", "stopped", "about", "200"),
	event(RecordingGap, "c", "ms", "60000", "recorded_ms", "0"),
	event(RecordingResumed, "c", "by", "box"),
	event(RecordingStopped, "c", "queue", "售后"),
	event(RecordingsProved, "", "day", "2026-03-01", "by", "box", "count", "412", "faults", "0", "link", "5f0c"),
	event(RecordingsProved, "", "day", "2026-03-01", "by", "admin", "count", "412", "faults", "2", "link", "5f0c"),
	event(RecordingsDeleted, "", "day", "2026-03-01", "count", "412", "why", "age"),
	event(RecordingsDeleted, "", "day", "2026-03-01", "count", "412", "why", "room"),
	event(RecordingHeard, "c", "file", "2026-03-01/x.wav", "by", "admin", "how", "listened", "address", "192.0.2.7"),
	event(RecordingHeard, "c", "file", "2026-03-01/x.wav", "by", "admin", "how", "downloaded", "address", "192.0.2.7"),
	event(PartyInvited, "c", "by", "201", "to", "202"),
	event(PartyInvited, "c", "by", "201", "to", "203", "reason", string(TalkFull), "about", "8"),
	event(PartyJoined, "c", "to", "202"),
	event(PartyLeft, "c", "to", "202", "cause", "16"),
	event(SupervisorIn, "c", "by", "200", "agent", "201", "how", "listen"),
	event(SupervisorIn, "c", "by", "200", "agent", "201", "how", "whisper"),
	event(SupervisorIn, "c", "by", "200", "agent", "201", "how", "barge"),
	event(SupervisorOut, "c", "by", "200"),
	event(KeyHeard, "c", "key", "5", "way", "sound", "low", "-9.1", "high", "-7.3", "ms", "110"),
	event(KeyHeard, "c", "key", "5", "way", "sound", "low", "-9.1", "high", "-7.3", "twist", "1.8", "ms", "110"),
	event(KeyHeard, "c", "key", "#", "way", "rtp", "level", "-10.0", "ms", "160"),
	event(KeyHeard, "c", "key", "*", "way", "rtp", "agent", "201"),
	event(KeyHeard, "c", "key", "5", "way", "info", "ms", "160"),
	event(KeyHeard, "c", "hidden", "yes", "way", "info", "ms", "160"),
	event(KeyHeard, "c", "hidden", "yes", "way", "rtp", "agent", "201"),
	event(KeyHeard, "c", "key", "0"),
	event(SoundOneWay, "c", "agent", "201", "reason", string(SoundIsSilence)),
	event(SoundOneWay, "c", "agent", "201", "reason", string(SoundDoesNotCome)),
	event(EchoTurned, "c", "line", "line1", "channel", "7", "by", "hardware", "state", "off"),
	event(EchoTurned, "c", "line", "line1", "channel", "7", "by", "box", "state", "on"),
	event(LineFound, "", "line", "line1", "channel", "7", "reason", string(EchoRefused), "about", "VPMOCT064"),
	event(SoundMeasured, "c", "agent", "201", "codec", "PCMA", "lost", "0.4", "jitter", "3", "delay", "25", "trip", "41", "rating", "89", "opinion", "4.3"),
	event(SoundMeasured, "c", "agent", "201", "codec", "G722", "encrypted", "yes", "lost", "0.0", "jitter", "0", "delay", "21", "rating", "93", "opinion", "4.4"),
	event(MenuTimeout, "c", "menu", "主菜单", "reason", "no_input"),
	event(QueueEntered, "c", "queue", "销售", "position", "3"),
	event(QueueLeft, "c", "queue", "销售", "outcome", "answered", "ms", "21000"),
	event(QueueLeft, "c", "queue", "销售", "outcome", "abandoned", "ms", "3700000"),
	event(QueueLeft, "c", "queue", "销售", "outcome", "joinempty", "reason", "nobody_logged_in", "ms", "0"),
	event(AgentOffered, "c", "queue", "销售", "agent", "201", "reason", "longest_idle", "ms", "192000", "of", "3"),
	event(AgentOffered, "c", "queue", "销售", "agent", "201", "reason", "only_ready", "ms", "1000", "of", "1"),
	event(AgentOffered, "c", "agent", "201", "reason", "dialled"),
	event(AgentRefused, "c", "queue", "销售", "agent", "201", "reason", "no_answer", "ms", "15000"),
	event(AgentRefused, "c", "queue", "销售", "agent", "201", "reason", "busy", "ms", "40"),
	event(AgentRefused, "c", "queue", "销售", "agent", "201", "reason", "caller_left", "ms", "3000"),
	event(AgentJoined, "c", "queue", "销售", "agent", "201", "ms", "4000"),
	event(AgentJoined, "c", "agent", "201", "ms", "4000"),
	event(CallHeld, "c", "agent", "201"),
	event(CallResumed, "c", "agent", "201"),
	event(CallMoved, "c", "by", "201", "to", "202"),
	event(CallMoved, "c", "by", "box", "to", "201", "reason", string(ThroughFull), "about", "2"),
	event(CallEnded, "c", "cause", "16", "location", "0", "by", "caller"),
	event(CallEnded, "c", "cause", "16", "location", "0", "by", "agent"),
	event(CallEnded, "c", "cause", "17", "location", "4", "by", "called"),
	event(CallEnded, "c", "cause", "16", "by", "supervisor"),
	event(CallEnded, "c", "cause", "17", "by", "box", "reason", "waited_too_long"),
	event(CallEnded, "c", "cause", "1", "by", "box", "reason", string(NoRoute), "about", "88886599"),
	event(CallEnded, "c", "cause", "20", "by", "box", "reason", string(PhoneNotRegistered)),
	event(CallEnded, "c", "cause", "21", "by", "box", "reason", string(PhoneAnswered), "about", "603 Decline"),
	event(CallEnded, "c", "cause", "34", "by", "box", "reason", string(NoChannel)),
	event(CallEnded, "c", "cause", "102", "location", "5", "by", "box", "reason", string(NothingAfterRouting)),
	event(CallEnded, "c", "cause", "120", "by", "called"),
	event(AgentIn, "", "agent", "201", "by", "phone"),
	event(AgentIn, "", "agent", "201", "by", "page"),
	event(AgentOut, "", "agent", "201", "by", "supervisor"),
	event(AgentPaused, "", "agent", "201", "reason", "break", "by", "phone"),
	event(AgentPaused, "", "agent", "201", "reason", "missed_call", "by", "box"),
	event(AgentPaused, "", "agent", "201", "reason", "去银行", "by", "page"),
	event(AgentResumed, "", "agent", "201", "by", "page"),
	event(AgentWrapUp, "", "agent", "201", "ms", "10000"),
	event(AgentReady, "", "agent", "201"),
	event(PhoneUp, "", "agent", "201", "address", "192.168.1.51:5060"),
	event(PhoneDown, "", "agent", "201", "reason", string(RegistrationRanOut)),
	event(PhoneDown, "", "agent", "201", "reason", string(PhoneSilent), "detail", "udp 192.168.1.51:5060 does not answer"),
	event(TrunkState, "", "line", "carrier", "state", "up"),
	event(TrunkState, "", "line", "carrier", "state", "down", "reason", string(TrunkWrongAccount), "about", "403 Forbidden"),
	event(SignInRefused, "", "where", "page", "who", "admin", "address", "192.168.1.9"),
	event(SignInRefused, "", "where", "sip", "who", "201", "address", "192.168.1.9"),
	event(SignInRefused, "", "where", "console", "who", "admin"),
	event("of_a_newer_box", "", "b", "2", "a", "1"),
}

// TestSentences holds every sentence, every reason and every outcome to a list for people to read.
func TestSentences(t *testing.T) {
	var list strings.Builder
	kinds := map[Kind]bool{}
	for _, e := range told {
		kinds[e.Kind] = true
		fmt.Fprintf(&list, "%s\n  %s\n  %s\n", strings.TrimSpace(string(e.Kind)+" "+fieldList(e.Fields)), Sentence("zh", e), Sentence("en", e))
	}
	for kind := range sentences {
		if !kinds[kind] {
			t.Errorf("%s is not among the events", kind)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasonWords)) {
		fmt.Fprintf(&list, "reason %s\n  %s\n  %s\n", reason, why("zh", string(reason), "201"), why("en", string(reason), "201"))
	}
	for _, reason := range slices.Sorted(maps.Keys(pauseWords)) {
		fmt.Fprintf(&list, "pause %s\n  %s\n  %s\n", reason, PauseWords("zh", reason), PauseWords("en", reason))
	}
	for _, outcome := range slices.Sorted(maps.Keys(outcomeWords)) {
		fmt.Fprintf(&list, "outcome %s\n  %s\n  %s\n", outcome, outcome.Plain("zh"), outcome.Plain("en"))
	}
	const file = "testdata/sentences.txt"
	if *golden {
		if err := os.WriteFile(file, []byte(list.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(list.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("line %d of %s differs; read the new list and write it with -golden: %q", i+1, file, got[min(i, len(got)-1):min(i+3, len(got))])
		}
	}
}

// TestEveryReasonHasWords reads the reasons from reason.go itself.
func TestEveryReasonHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, decl := range file.Decls {
		group, isGroup := decl.(*ast.GenDecl)
		if !isGroup || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value
			reason, err := strconv.Unquote(value)
			if err != nil {
				t.Fatal(err)
			}
			named++
			if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(reason) {
				t.Errorf("%q is no word of a journal", reason)
			}
			if _, known := reasonWords[Reason(reason)]; !known {
				t.Errorf("%s has no words", reason)
			}
		}
	}
	if named < 60 {
		t.Errorf("only %d reasons found", named)
	}
	for reason, words := range reasonWords {
		zh, en := words[0], words[1]
		if !han(zh) || han(en) || en == "" || strings.Contains(zh, "{}") != strings.Contains(en, "{}") || strings.HasSuffix(en, ".") {
			t.Errorf("%s: %q, %q", reason, zh, en)
		}
	}
	for reason, words := range pauseWords {
		if !han(words[0]) || han(words[1]) || words[1] == "" {
			t.Errorf("pause %s: %q", reason, words)
		}
	}
	if WhyWords("zh", "what somebody typed") != "what somebody typed" {
		t.Error("a reason that is no word is not told")
	}
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// TestEveryKindHasSentences reads the kinds from event.go itself.
func TestEveryKindHasSentences(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kinds++
		for _, fields := range [][]string{nil, {"line", "l", "agent", "201", "queue", "q", "menu", "m", "by", "caller", "reason", "r", "ms", "10", "state", "up"}} {
			zh, en := Sentence("zh", event(Kind(kind), "c", fields...)), Sentence("en", event(Kind(kind), "c", fields...))
			if !han(zh) || han(en) || en == "" {
				t.Errorf("%s: %q, %q", kind, zh, en)
			}
		}
		return true
	})
	if kinds != len(sentences) {
		t.Errorf("%d kinds, %d sentences", kinds, len(sentences))
	}
}

func TestOutcomeWords(t *testing.T) {
	for outcome, words := range outcomeWords {
		if words[0] == "" || words[1] == "" || outcome.Plain("zh") == outcome.Plain("en") {
			t.Errorf("%s: %q", outcome, words)
		}
	}
}
