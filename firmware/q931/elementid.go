package q931

import "fmt"

// ElementID is the identifier octet of an information element. One with bit 8 set is the whole element.
type ElementID uint8

// Information elements of codeset 0 (Table 4-3/Q.931, Q.932, Q.951, Q.952).
const (
	IDSegmented         ElementID = 0x00
	IDChangeStatus      ElementID = 0x01 // in maintenance messages only
	IDBearer            ElementID = 0x04
	IDCause             ElementID = 0x08
	IDCallIdentity      ElementID = 0x10
	IDCallState         ElementID = 0x14
	IDChannel           ElementID = 0x18
	IDFacility          ElementID = 0x1c
	IDProgress          ElementID = 0x1e
	IDNetworkFacilities ElementID = 0x20
	IDNotification      ElementID = 0x27
	IDDisplay           ElementID = 0x28
	IDDateTime          ElementID = 0x29
	IDKeypad            ElementID = 0x2c
	IDSignal            ElementID = 0x34
	IDConnected         ElementID = 0x4c
	IDConnectedSub      ElementID = 0x4d
	IDCalling           ElementID = 0x6c
	IDCallingSub        ElementID = 0x6d
	IDCalled            ElementID = 0x70
	IDCalledSub         ElementID = 0x71
	IDOriginalCalled    ElementID = 0x73
	IDRedirecting       ElementID = 0x74
	IDRedirection       ElementID = 0x76
	IDTransitNetwork    ElementID = 0x78
	IDRestart           ElementID = 0x79
	IDLLC               ElementID = 0x7c
	IDHLC               ElementID = 0x7d
	IDUserUser          ElementID = 0x7e
	IDEscape            ElementID = 0x7f
	IDMoreData          ElementID = 0xa0
	IDSendingComplete   ElementID = 0xa1
	IDCongestion        ElementID = 0xb0 // lower four bits: level
	IDRepeat            ElementID = 0xd0 // lower four bits: indication
	idShift             ElementID = 0x90 // lower four bits: bit 4 non-locking, codeset
)

// single returns the identifier of an element of one octet without its value bits.
func (id ElementID) single() ElementID {
	if id&0x80 != 0 && id&0xf0 != 0xa0 {
		return id & 0xf0
	}
	return id
}

// String returns the name of an element of codeset 0: "bearer capability".
func (id ElementID) String() string {
	if e := find(id); e != nil {
		return e.name
	}
	return fmt.Sprintf("element 0x%02x", uint8(id))
}
