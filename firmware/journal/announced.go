package journal

// Reasons of what is said into a running call, and of talks of several.
const (
	MinuteLeft  Reason = "minute_left"  // about: minutes the call may last
	HeldLong    Reason = "held_long"    // about: seconds
	TalkFull    Reason = "talk_full"    // about: how many it may have
	OnlyOutside Reason = "only_outside" // left in a talk of several
)

// announced tells of a prompt that was said into a running call.
func announced(w words) (zh, en string) {
	to, toEN := " "+who("zh", w.f("to"))+" ", who("en", w.f("to"))
	if w.f("to") == "all" {
		to, toEN = "各方", "all who talk"
	}
	return "通话中向" + to + "播放“" + w.f("name") + "”" + w.why(), "The prompt " + w.f("name") + " was said to " + toEN + w.why()
}
