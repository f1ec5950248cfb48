package q850

import "fmt"

// Location says which part of the network gave a cause (Table 3/Q.850).
type Location uint8

// The locations of Table 3/Q.850, seen from whoever receives the cause.
const (
	User               Location = 0
	PrivateLocal       Location = 1
	PublicLocal        Location = 2
	Transit            Location = 3
	PublicRemote       Location = 4
	PrivateRemote      Location = 5
	International      Location = 7
	BeyondInterworking Location = 10
)

var locations = [16]struct{ term, zh, en string }{
	User:               {"user", "用户", "the user"},
	PrivateLocal:       {"private network serving the local user", "本地专用网", "the local private network"},
	PublicLocal:        {"public network serving the local user", "本地公用网", "the local public network"},
	Transit:            {"transit network", "转接网", "a transit network"},
	PublicRemote:       {"public network serving the remote user", "对端公用网", "the far public network"},
	PrivateRemote:      {"private network serving the remote user", "对端专用网", "the far private network"},
	International:      {"international network", "国际网", "the international network"},
	BeyondInterworking: {"network beyond interworking point", "互通点之外的网络", "a network beyond an interworking point"},
}

// String returns the English term of Q.850.
func (l Location) String() string {
	if t := locations[l&15].term; l < 16 && t != "" {
		return t
	}
	return fmt.Sprintf("location %d", uint8(l))
}

// Plain returns who ended the call, as a noun for a sentence: "zh" for Chinese, anything else for English.
func (l Location) Plain(lang string) string {
	if e := locations[l&15]; l < 16 && e.term != "" {
		return pick(lang, e.zh, e.en)
	}
	return pick(lang, fmt.Sprintf("网络（位置 %d）", uint8(l)), fmt.Sprintf("the network (location %d)", uint8(l)))
}
