package console

import (
	"cmp"
	"context"
	"strconv"
	"strings"
)

// trunks shows the IP trunks.
func (s *session) trunks(context.Context, []string) error {
	now := s.Exchange.Snapshot()
	if len(now.Trunks) == 0 {
		s.sayf("没有启用的 IP 中继。\n", "No IP trunk is in service.\n")
		return nil
	}
	t := s.head("中继|trunk", "服务器|server", "传输|by", "状态|state", "时长|for", "注册到|until", "通话|calls", "原因|reason")
	for _, trunk := range now.Trunks {
		until := "-"
		if !trunk.Until.IsZero() {
			until = trunk.Until.UTC().Format("15:04:05Z")
		}
		calls := strconv.Itoa(trunk.Calls)
		if trunk.MaxCalls > 0 {
			calls += "/" + strconv.Itoa(trunk.MaxCalls)
		}
		t.row(trunk.Name, trunk.Server, strings.ToUpper(trunk.Transport), s.word(trunk.State), s.since(trunk.Since, now.At), until, calls,
			cmp.Or(s.pick(trunk.Why.ZH, trunk.Why.EN), "-"))
	}
	s.show(t)
	return nil
}
