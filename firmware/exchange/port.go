package exchange

import (
	"fmt"
	"strings"
)

// portsPatience is how many looks in a row, lightEvery apart, a SIP port may be closed: ports close and open
// when the settings change.
const portsPatience = 6

const (
	phonesDown  = "phones_down"
	portsClosed = "ports_closed"
)

// checkPorts shows the owner which SIP ports stay closed, for no phone that is set to one of them can register.
func (x *Exchange) checkPorts() {
	p := x.settings.Phones
	var open, closed []string
	for _, port := range []struct{ network, address string }{{"UDP", p.UDP}, {"TCP", p.TCP}, {"TLS", p.TLS}} {
		switch {
		case port.address == "":
		case x.phones.Listening(port.network).IsValid():
			open = append(open, port.network)
		default:
			closed = append(closed, port.network+" "+port.address)
		}
	}
	if len(open) > 0 {
		x.clearNotice(phonesDown)
	}
	if len(closed) == 0 {
		x.closed = 0
		x.clearNotice(portsClosed)
		return
	}
	if x.closed++; x.closed < portsPatience || len(open) == 0 {
		return // all of them: see runPhones
	}
	names := strings.Join(closed, ", ")
	x.notice(portsClosed,
		fmt.Sprintf("话机端口 %s 打不开，设为该端口的话机不能注册；请看日志，或在设置里换一个端口。", names),
		fmt.Sprintf("The phones' port %s cannot be opened, so phones that are set to it cannot register; see the log, or choose another port in the settings.", names))
}
