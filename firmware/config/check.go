package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// check collects the problems of one document.
type check struct {
	s        Settings
	problems []Problem
	// extensions that are taken, and by whom, for the sentence about the second
	taken map[string][2]string
}

func (c *check) add(path, zh, en string) {
	c.problems = append(c.problems, Problem{path, zh, en})
}

// word checks that a value is one of a list.
func (c *check) word(path, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		list := strings.Join(allowed, ", ")
		c.add(path, fmt.Sprintf("“%s”不可用，请选：%s。", value, list), fmt.Sprintf("%q is not known; choose one of %s.", value, list))
	}
}

// within checks a number with its unit.
func (c *check) within(path string, value, low, high int, zhUnit, unit string) {
	if value < low || value > high {
		c.add(path, fmt.Sprintf("%d%s超出范围，应为 %d 到 %d。", value, zhUnit, low, high),
			fmt.Sprintf("%d%s is out of range; %d to %d is possible.", value, unit, low, high))
	}
}

// name checks a name that people read.
func (c *check) name(path, value string) {
	n := utf8.RuneCountInString(value)
	if n < 1 || n > 40 || !utf8.ValidString(value) || strings.TrimSpace(value) != value ||
		strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		c.add(path, fmt.Sprintf("名称“%s”不可用：要 1 到 40 个字，前后不留空格，不含控制字符。", value),
			fmt.Sprintf("The name %q will not do: 1 to 40 characters, no space at the ends, no control characters.", value))
	}
}

// once checks that a name is used once in its list.
func (c *check) once(seen map[string]bool, path, value string) {
	if seen[value] && value != "" {
		c.add(path, fmt.Sprintf("“%s”已经用过，请换一个。", value), fmt.Sprintf("%q is used twice; choose another.", value))
	}
	seen[value] = true
}
