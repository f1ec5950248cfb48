package config

import (
	"fmt"
	"slices"
	"strings"
)

func (c *check) menus() {
	seen := map[string]bool{}
	for i, m := range c.s.Menus {
		at := fmt.Sprintf("menus[%d].", i)
		c.name(at+"name", m.Name)
		c.once(seen, at+"name", m.Name)
		if m.Prompt == "" {
			c.add(at+"prompt", "菜单要有一段念出选项的提示音，请选一段。", "A menu needs a prompt that reads its choices; choose one.")
		}
		c.within(at+"timeout_seconds", m.TimeoutS, 1, 60, " 秒", " s")
		c.within(at+"retries", m.Retries, 0, 9, " 次", " times")
		if m.DirectDial {
			c.within(at+"inter_digit_ms", m.InterDigitMS, 500, 10000, " 毫秒", " ms")
		}
		keys := map[string]bool{}
		for j, choice := range m.Choices {
			path := fmt.Sprintf("%schoices[%d].", at, j)
			if len(choice.Key) != 1 || !strings.Contains("0123456789*#", choice.Key) {
				c.add(path+"key", fmt.Sprintf("按键“%s”无效，应为 0–9、* 或 #。", choice.Key), fmt.Sprintf("The key %q is not one of 0–9, * and #.", choice.Key))
			}
			c.once(keys, path+"key", choice.Key)
			c.destination(path+"to", choice.To)
		}
		c.destination(at+"on_fail", m.OnFail)
		c.endless(at+"on_fail", m)
	}
}

// endless refuses menus that hand a silent caller round in a circle for ever.
func (c *check) endless(path string, m Menu) {
	passed := map[string]bool{}
	for next := m; !passed[next.Name]; {
		passed[next.Name] = true
		if next.OnFail.Kind != "menu" {
			return
		}
		following, found := c.menu(next.OnFail.Target)
		if !found {
			return
		}
		next = following
	}
	c.add(path, fmt.Sprintf("不按键的来电会从菜单“%s”一直绕圈；请把其中一个 on_fail 改为队列或挂机。", m.Name),
		fmt.Sprintf("A silent caller would go round in a circle from menu %q; let one on_fail lead to a queue or hang up.", m.Name))
}

func (c *check) menu(name string) (Menu, bool) {
	i := slices.IndexFunc(c.s.Menus, func(m Menu) bool { return m.Name == name })
	if i < 0 {
		return Menu{}, false
	}
	return c.s.Menus[i], true
}
