package ivr

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/config"
)

var menu = config.Menu{
	Name: "main", Welcome: "welcome", Prompt: "menu", TimeoutS: 5, Retries: 2, InterDigitMS: 1500,
	Choices: []config.Choice{
		{Key: "1", To: config.Destination{Kind: "queue", Target: "Sales"}},
		{Key: "2", To: config.Destination{Kind: "queue", Target: "Support"}},
	},
	OnFail: config.Destination{Kind: "queue", Target: "Operator"},
}

// key, end, time: the events, in the order in which a caller makes them.
func events(keys string) []Event {
	list := []Event{{Kind: Entered}}
	for _, k := range keys {
		switch k {
		case 'p':
			list = append(list, Event{Kind: Played})
		case 't':
			list = append(list, Event{Kind: TimeUp})
		default:
			list = append(list, Event{Kind: KeyPressed, Key: byte(k)})
		}
	}
	return list
}

func to(kind, target string) *config.Destination {
	return &config.Destination{Kind: kind, Target: target}
}

func TestSession(t *testing.T) {
	wait := Action{Wait: 5 * time.Second}
	begin := Action{Play: []string{"welcome", "menu"}}
	again := func(prompt, reason string) Action { return Action{Play: []string{prompt, "menu"}, Reason: reason} }
	more := Action{Silent: true, Wait: 1500 * time.Millisecond}
	gone := func(d *config.Destination, keys string) Action { return Action{Silent: true, Go: d, Keys: keys} }
	failed := func(reason string) Action {
		return Action{Silent: true, Go: to("queue", "Operator"), Reason: reason}
	}
	for _, c := range []struct {
		name, does string // p: the prompt ends, t: time is up, else a key
		direct     bool
		want       []Action
	}{
		{"a key during the prompt", "1", false, []Action{begin, gone(to("queue", "Sales"), "1")}},
		{"a key after the prompt", "p2", false, []Action{begin, wait, gone(to("queue", "Support"), "2")}},
		{
			"silence to the end", "ptptpt", false,
			[]Action{begin, wait, again("no_input", "no_input"), wait, again("no_input", "no_input"), wait, failed("no_input")},
		},
		{
			"wrong keys to the end", "7p8p9", false,
			[]Action{begin, again("invalid_key", "invalid"), wait, again("invalid_key", "invalid"), wait, failed("invalid")},
		},
		{"a wrong key, then a right one", "91", false, []Action{begin, again("invalid_key", "invalid"), gone(to("queue", "Sales"), "1")}},
		{"nothing after the end", "11tp", false, []Action{begin, gone(to("queue", "Sales"), "1"), {}, {}, {}}},
		{"an extension", "201", true, []Action{begin, more, more, gone(to("extension", "201"), "201")}},
		{"a choice that begins an extension", "2t", true, []Action{begin, more, gone(to("queue", "Support"), "2")}},
		{"half an extension", "20t", true, []Action{begin, more, more, again("invalid_key", "invalid")}},
		{"an extension that may go on", "30t", true, []Action{begin, more, more, gone(to("extension", "30"), "30")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := menu
			m.DirectDial = c.direct
			s := New(m, func(digits string) (whole, longer bool) {
				for _, extension := range []string{"201", "202", "30", "301"} {
					whole = whole || extension == digits
					longer = longer || extension != digits && strings.HasPrefix(extension, digits)
				}
				return whole, longer
			})
			var got []Action
			for _, event := range events(c.does) {
				got = append(got, s.Handle(event))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAMenuWithoutPromptsWaitsAtOnce(t *testing.T) {
	s := New(config.Menu{}, nil)
	if got := s.Handle(Event{Kind: Entered}); got.Wait != time.Second || got.Play != nil {
		t.Errorf("%+v", got)
	}
}
