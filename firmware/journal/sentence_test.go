package journal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		e      Event
		zh, en string
	}{
		{
			event(AgentOffered, "c", "agent", "201", "reason", "longest_idle", "ms", "192000", "of", "3"),
			"选中坐席 201：空闲最久 (3 分 12 秒)，共 3 人可选", "Agent 201 was chosen: longest idle (3 min 12 s), of 3 ready agents",
		},
		{
			event(AgentOffered, "c", "agent", "201", "reason", "only_ready", "ms", "1000", "of", "1"),
			"选中坐席 201：唯一空闲", "Agent 201 was chosen: the only one ready",
		},
		{
			event(AgentRefused, "c", "agent", "201", "reason", "no_answer", "ms", "15000"),
			"坐席 201 未接：振铃未接，振铃 15 秒", "Agent 201 did not take the call: did not answer after ringing 15 s",
		},
		{
			event(QueueLeft, "c", "queue", "Sales", "outcome", "abandoned", "ms", "3700000"),
			"离开队列“Sales”：排队中挂机，等待 1 小时 1 分", "The caller left the queue Sales: gave up waiting after 1 h 1 min",
		},
		{
			event(CallEnded, "c", "cause", "17", "location", "4", "by", "called", "reason", ""),
			"被叫结束通话，原因 17 (对方忙)，来自对端公用网", "The call was ended by the called party, User busy (17) from the far public network",
		},
		{
			event(CallEnded, "c", "cause", "16", "by", "box", "reason", "waited_too_long"),
			"本机结束通话，原因 16 (正常挂机)：等待超时", "The call was ended by the box, Normal clearing (16): waited too long",
		},
		{event(LineAlarm, "", "line", "line1", "alarms", "LOS+LFA"), "线路 line1 告警：LOS+LFA", "Line line1 has alarms: LOS+LFA"},
		{event(LineAlarm, "", "line", "line1", "alarms", ""), "线路 line1 告警消除", "Line line1: no alarms any more"},
		{event(MenuTimeout, "c", "menu", "主菜单", "reason", "no_input"), "菜单“主菜单”未按键", "The menu 主菜单 got no choice: no key was pressed"},
		{event(AgentPaused, "", "agent", "201", "reason", "用餐", "by", "page"), "坐席 201 示忙：用餐（由网页）", "Agent 201 is paused: 用餐 (by the page)"},
		{event("of_a_newer_box", "", "b", "2", "a", "1"), "of_a_newer_box a=1 b=2", "of_a_newer_box a=1 b=2"},
	} {
		if zh, en := Sentence("zh", c.e), Sentence("en", c.e); zh != c.zh || en != c.en {
			t.Errorf("%s:\n got %s | %s\nwant %s | %s", c.e.Kind, zh, en, c.zh, c.en)
		}
	}
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
			han := func(s string) bool {
				return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			}
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
