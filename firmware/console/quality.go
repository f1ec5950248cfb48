package console

import (
	"context"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/performance"
)

// quality shows the performance history of a line: the sum of the last day, its quarter hours with errors, and
// the days.
func (s *session) quality(_ context.Context, arguments []string) error {
	if len(arguments) != 1 {
		s.usage("quality")
		return nil
	}
	r, known := s.Exchange.Performance(arguments[0])
	if !known {
		s.sayf("线路“%s”还没有质量统计。\n", "There are no quality figures of the line %q yet.\n", arguments[0])
		return nil
	}
	s.sayf("过去 24 小时：误码秒 %d，严重误码秒 %d，不可用 %d 秒；96 个 15 分钟中 %d 个有完整数据\n",
		"Last 24 h: errored seconds %d, severely errored %d, unavailable %d s; %d of 96 quarter hours have full data\n",
		r.Last24.ES, r.Last24.SES, r.Last24.UAS, r.ValidIntervals)
	if !r.Available {
		s.sayf("现在不可用。\n", "It is unavailable now.\n")
	}
	zone := s.zone()
	t := s.qualityHead("15 分钟|quarter hour")
	for _, b := range r.Bins {
		if b.ES+b.UAS > 0 || len(b.Events()) > 0 {
			s.qualityRow(t, b.Start.In(zone).Format("01-02 15:04"), b)
		}
	}
	if len(t.rows) > 1 {
		s.say("\n" + t.String())
	}
	t = s.qualityHead("日期|day")
	for _, b := range r.Days {
		if b.Measured > 0 {
			s.qualityRow(t, b.Start.In(zone).Format(time.DateOnly), b)
		}
	}
	s.say("\n" + t.String())
	return nil
}

func (s *session) qualityHead(first string) *table {
	return s.head(first, "已测|measured", "ES|ES", "SES|SES", "UAS|UAS", "BES|BES", "CSS|CSS", "计数|counted")
}

func (s *session) qualityRow(t *table, name string, b performance.Bin) {
	row := []string{name}
	for _, n := range []int{b.Measured, b.ES, b.SES, b.UAS, b.BES, b.CSS} {
		row = append(row, strconv.Itoa(n))
	}
	t.row(append(row, strings.Join(b.Events(), " "))...)
}
