package trace

import (
	"fmt"

	"trunkbox/firmware/q931"
	"trunkbox/firmware/q932"
)

// serviceWords are what the operations of supplementary services are about.
var serviceWords = map[string]words{
	"callingName": {"主叫名称", "the caller's name"}, "calledName": {"被叫名称", "the name of who is called"},
	"connectedName": {"接听方名称", "the name of who answered"}, "busyName": {"忙方名称", "the name of who is busy"},
	"informationFollowing": {"名称随后送到", "a name that comes later"},
	"chargingRequest":      {"请求计费通知", "a wish for charges to be told"}, "aOCSCurrency": {"费率", "rates"}, "aOCSSpecialArr": {"特别费率", "special rates"},
	"aOCDCurrency": {"通话中费用", "charges so far"}, "aOCDChargingUnit": {"通话中计费单位", "charging units so far"},
	"aOCECurrency": {"通话费用", "the charge of the call"}, "aOCEChargingUnit": {"通话计费单位", "the charging units of the call"},
	"callDeflection": {"改接呼叫", "deflection of the call"}, "callRerouteing": {"改接呼叫", "rerouteing of the call"},
	"divertingLegInformation1": {"呼叫被前转", "a diversion of the call"}, "divertingLegInformation2": {"呼叫由他处前转来", "who diverted the call"},
	"divertingLegInformation3": {"前转号码能否显示", "whether a diversion may be shown"},
	"ectExecute":               {"接通两个呼叫", "joining of two calls"}, "explicitEctExecute": {"接通两个呼叫", "joining of two calls"},
	"ectLinkIdRequest": {"询问呼叫的编号", "the call's identity for a transfer"}, "ectInform": {"呼叫已被转接", "a transfer of the call"},
	"ectLoopTest": {"检查转接是否成环", "a test for loops"},
	"mCIDRequest": {"恶意呼叫追查", "tracing of a malicious call"}, "initiateTransfer": {"接通两个呼叫", "joining of two calls"},
	"rltOperationInd": {"询问呼叫的编号", "the call's identity for a transfer"}, "rltThirdParty": {"接通两个呼叫", "joining of two calls"},
	"callTransferIdentify": {"转接：询问编号", "transfer: an identity"}, "callTransferAbandon": {"转接取消", "transfer: taken back"},
	"callTransferInitiate": {"转接：改呼", "transfer: a new call"}, "callTransferSetup": {"转接：新呼叫", "transfer: the new call"},
	"callTransferActive": {"转接：对方已应答", "transfer: the other party answered"}, "callTransferComplete": {"转接完成", "transfer: done"},
	"callTransferUpdate": {"转接：对方是谁", "transfer: who the other party is"},
}

// familyOf guesses whose operations a facility speaks of, as a trace does not know the line's variant.
func familyOf(f *q932.Facility) q932.Family {
	switch {
	case f.Service != 0:
		return q932.DMS
	case f.Extended && f.Extension == nil && f.Profile == nil:
		return q932.NationalISDN
	case f.Extended:
		return q932.Private
	}
	return q932.European
}

// facilities says what the facility elements of a message are about.
func facilities(m *q931.Message) (zh, en string) {
	for i := range m.Other {
		e := &m.Other[i]
		if e.Codeset != 0 || e.ID != q931.IDFacility {
			continue
		}
		f, _ := q932.ParseFacility(e.Data) // what could be read
		for k := range f.Components {
			z, n := component(&f, &f.Components[k])
			zh, en = zh+"，业务："+z, en+", service: "+n
		}
	}
	return zh, en
}

func component(f *q932.Facility, c *q932.Component) (zh, en string) {
	family := familyOf(f)
	name := c.Name(family)
	if _, known := serviceWords[name]; !known && c.Code.Global != "" {
		name = c.Name(q932.NationalISDN)
	}
	about, known := serviceWords[name]
	if !known {
		about = words{name, name}
	}
	switch c.Kind {
	case q932.Invoke:
		return about.zh, about.en
	case q932.Result:
		return fmt.Sprintf("第 %d 号请求已完成", c.ID), fmt.Sprintf("request %d was done", c.ID)
	case q932.Error:
		return fmt.Sprintf("第 %d 号请求被拒绝", c.ID), fmt.Sprintf("request %d was refused (%s)", c.ID, c.Words(family))
	}
	return fmt.Sprintf("第 %d 号请求不被支持", c.ID), fmt.Sprintf("request %d is not known there", c.ID)
}
