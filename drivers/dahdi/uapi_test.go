package dahdi

import (
	"testing"
	"unsafe"
)

// The sizes and offsets are those measured on amd64 with dahdi-linux 2.11.1.
func TestLayout(t *testing.T) {
	var p params
	var s spanInfo
	var b bufInfo
	var c chanConfig
	var d dynamicSpan
	var l lineConfig
	var m maintInfo
	var v versionInfo
	var a attachment
	for _, field := range []struct {
		name      string
		got, want uintptr
	}{
		{"params", unsafe.Sizeof(p), 136},
		{"params.spanno", unsafe.Offsetof(p.spanno), 4},
		{"params.chanpos", unsafe.Offsetof(p.chanpos), 8},
		{"params.sigtype", unsafe.Offsetof(p.sigtype), 12},
		{"params.curlaw", unsafe.Offsetof(p.curlaw), 40},
		{"params.name", unsafe.Offsetof(p.name), 48},
		{"params.times", unsafe.Offsetof(p.times), 88},
		{"params.chanAlarms", unsafe.Offsetof(p.chanAlarms), 132},
		{"spanInfo", unsafe.Offsetof(s.spantype) + unsafe.Sizeof(s.spantype), spanInfoSize},
		{"spanInfo.name", unsafe.Offsetof(s.name), 4},
		{"spanInfo.desc", unsafe.Offsetof(s.desc), 24},
		{"spanInfo.alarms", unsafe.Offsetof(s.alarms), 64},
		{"spanInfo.txlevel", unsafe.Offsetof(s.txlevel), 68},
		{"spanInfo.rxlevel", unsafe.Offsetof(s.rxlevel), 72},
		{"spanInfo.bpv", unsafe.Offsetof(s.bpv), 76},
		{"spanInfo.crc4", unsafe.Offsetof(s.crc4), 80},
		{"spanInfo.ebit", unsafe.Offsetof(s.ebit), 84},
		{"spanInfo.fas", unsafe.Offsetof(s.fas), 88},
		{"spanInfo.fe", unsafe.Offsetof(s.fe), 92},
		{"spanInfo.cv", unsafe.Offsetof(s.cv), 96},
		{"spanInfo.be", unsafe.Offsetof(s.be), 100},
		{"spanInfo.prbs", unsafe.Offsetof(s.prbs), 104},
		{"spanInfo.errsec", unsafe.Offsetof(s.errsec), 108},
		{"spanInfo.syncsrc", unsafe.Offsetof(s.syncsrc), 116},
		{"spanInfo.numchans", unsafe.Offsetof(s.numchans), 120},
		{"spanInfo.totalchans", unsafe.Offsetof(s.totalchans), 124},
		{"spanInfo.lbo", unsafe.Offsetof(s.lbo), 132},
		{"spanInfo.lineconfig", unsafe.Offsetof(s.lineconfig), 136},
		{"spanInfo.lboname", unsafe.Offsetof(s.lboname), 140},
		{"spanInfo.devicetype", unsafe.Offsetof(s.devicetype), 260},
		{"spanInfo.irq", unsafe.Offsetof(s.irq), 300},
		{"spanInfo.linecompat", unsafe.Offsetof(s.linecompat), 304},
		{"spanInfo.spantype", unsafe.Offsetof(s.spantype), 308},
		{"bufInfo", unsafe.Sizeof(b), 24},
		{"bufInfo.numbufs", unsafe.Offsetof(b.numbufs), 8},
		{"bufInfo.writebufs", unsafe.Offsetof(b.writebufs), 20},
		{"chanConfig", unsafe.Sizeof(c), 76},
		{"chanConfig.sigtype", unsafe.Offsetof(c.sigtype), 44},
		{"chanConfig.master", unsafe.Offsetof(c.master), 52},
		{"chanConfig.netdevName", unsafe.Offsetof(c.netdevName), 60},
		{"lineConfig", unsafe.Sizeof(l), 36},
		{"lineConfig.lbo", unsafe.Offsetof(l.lbo), 24},
		{"lineConfig.lineconfig", unsafe.Offsetof(l.lineconfig), 28},
		{"lineConfig.sync", unsafe.Offsetof(l.sync), 32},
		{"maintInfo", unsafe.Sizeof(m), 8},
		{"maintInfo.command", unsafe.Offsetof(m.command), 4},
		{"versionInfo", unsafe.Sizeof(v), 160},
		{"versionInfo.echoCancellers", unsafe.Offsetof(v.echoCancellers), 80},
		{"attachment", unsafe.Sizeof(a), 20},
		{"attachment.name", unsafe.Offsetof(a.name), 4},
		{"dynamicSpan", unsafe.Sizeof(d), 72},
		{"dynamicSpan.addr", unsafe.Offsetof(d.addr), 20},
		{"dynamicSpan.timing", unsafe.Offsetof(d.timing), 64},
		{"dynamicSpan.spanno", unsafe.Offsetof(d.spanno), 68},
	} {
		if field.got != field.want {
			t.Errorf("%s: %d octets, want %d", field.name, field.got, field.want)
		}
	}
}

// The size in each ioctl number must be the size of what is passed with it.
func TestRequestSizes(t *testing.T) {
	for _, request := range []struct {
		name   string
		number uint
		size   uintptr
	}{
		{"ioSpecify", ioSpecify, 4},
		{"ioFlush", ioFlush, 4},
		{"ioGetParams", ioGetParams, unsafe.Sizeof(params{})},
		{"ioGetEvent", ioGetEvent, 4},
		{"ioSpanStat", ioSpanStat, spanInfoSize},
		{"ioMaint", ioMaint, unsafe.Sizeof(maintInfo{})},
		{"ioSpanConfig", ioSpanConfig, unsafe.Sizeof(lineConfig{})},
		{"ioHDLCRate", ioHDLCRate, 4},
		{"ioEchoCancel", ioEchoCancel, 4},
		{"ioGetVersion", ioGetVersion, unsafe.Sizeof(versionInfo{})},
		{"ioAttachEchoCan", ioAttachEchoCan, unsafe.Sizeof(attachment{})},
		{"ioChanConfig", ioChanConfig, unsafe.Sizeof(chanConfig{})},
		{"ioGetBufInfo", ioGetBufInfo, unsafe.Sizeof(bufInfo{})},
		{"ioSetBufInfo", ioSetBufInfo, unsafe.Sizeof(bufInfo{})},
		{"ioAudioMode", ioAudioMode, 4},
		{"ioHDLCFCSMode", ioHDLCFCSMode, 4},
		{"ioSetLaw", ioSetLaw, 4},
		{"ioDynamicCreate", ioDynamicCreate, unsafe.Sizeof(dynamicSpan{})},
		{"ioDynamicDestroy", ioDynamicDestroy, unsafe.Sizeof(dynamicSpan{})},
		{"ioBufferEvents", ioBufferEvents, 4},
	} {
		if size := uintptr(request.number >> 16 & 0x3fff); size != request.size {
			t.Errorf("%s says %d octets, its argument has %d", request.name, size, request.size)
		}
		if code := request.number >> 8 & 0xff; code != 0xda {
			t.Errorf("%s has code %#x, want 0xda", request.name, code)
		}
	}
}
