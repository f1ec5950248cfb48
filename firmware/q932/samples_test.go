package q932

import "time"

// sample is one operation as a whole facility, and what tshark must show of it.
type sample struct {
	family Family
	op     Operation
	result bool
	// fields of tshark with their values; of those that it knows the arguments of.
	fields map[string]string
}

func ptr[T any](v T) *T { return &v }

var (
	national = PartyNumber{Plan: PlanPublic, Type: 2, Digits: "13900112233"}
	inside   = PartyNumber{Plan: PlanPrivate, Type: 1, Digits: "8001"}
	bare     = PartyNumber{Digits: "8001"}
	shown    = Presented{Number: national}
	hidden   = Presented{Number: national, Restricted: true}
	withheld = Presented{Restricted: true}
	unknown  = Presented{NotAvailable: true}
)

// samples has every operation and result that has a row, with every choice inside.
var samples = []sample{
	{Private, CallingName{Name{Text: "Ann Smith"}}, false, map[string]string{"qsig.na.namePresentationAllowedSimple": "Ann Smith"}},
	{Private, CallingName{Name{Text: "张三"}}, false, map[string]string{"qsig.na.characterSet": "9"}},
	{Private, CallingName{Name{Text: "Ann", Restricted: true}}, false, map[string]string{"qsig.na.namePresentationRestrictedSimple": "Ann"}},
	{Private, CallingName{Name{Text: "Ä", Restricted: true}}, false, map[string]string{"qsig.na.characterSet": "9"}},
	{Private, CallingName{Name{Restricted: true}}, false, map[string]string{"qsig.na.namePresentationRestricted": "7"}},
	{Private, CalledName{}, false, map[string]string{"qsig.na.name": "2"}},
	{Private, ConnectedName{Name{Text: "Bob"}}, false, map[string]string{"qsig.na.namePresentationAllowedSimple": "Bob"}},
	{Private, BusyName{Name{Text: "Bob"}}, false, map[string]string{"qsig.na.namePresentationAllowedSimple": "Bob"}},
	{NationalISDN, CallingName{Name{Text: "ACME INC"}}, false, map[string]string{"qsig.na.namePresentationAllowedSimple": "ACME INC"}},
	{NationalISDN, InformationFollowing{0}, false, map[string]string{"q932.ros.global": "1.2.840.10005.0.4"}},
	{DMS, CallingName{Name{Text: "ACME INC"}}, false, nil},

	{European, ChargingRequest{AtEnd}, false, map[string]string{"isdn-sup.ChargingRequestArg": "2"}},
	{European, Tariffs{}, true, nil},
	{European, Tariffs{Special: 7}, true, nil},
	{European, Tariffs{Rates: []Tariff{{Item: Setup, Kind: Flat, Money: Money{"EUR", 15, 1}}}}, true, nil},
	{European, AOCSCurrency{NotAvailable: true}, false, nil},
	{European, AOCSCurrency{Tariffs: []Tariff{
		{Item: Communication, Kind: Duration, Money: Money{"CNY", 22, 1}, Every: 3 * time.Minute, Granularity: 6 * time.Second, Steps: true},
		{Item: Communication, Kind: Duration, Money: Money{"CNY", 1, 2}, Every: 250 * time.Millisecond},
		{Item: Attempt, Kind: FreeOfCharge},
		{Item: Setup, Kind: Flat, Money: Money{"CNY", 100, 6}},
		{Item: UserInfo, Kind: Volume, Money: Money{"CNY", 1, 0}, Volume: 2},
		{Item: Service, Kind: SpecialTariff, Special: 3},
		{Item: Service, Kind: NotTold},
	}}, false, nil},
	{European, AOCSSpecial{Code: 9}, false, nil},
	{European, AOCSSpecial{NotAvailable: true}, false, nil},
	{European, AOCDCurrency{Charge: Charge{Money: Money{"EUR", 120, 1}}}, false, map[string]string{"isdn-sup.currencyAmount": "120", "isdn-sup.multiplier": "1", "isdn-sup.rCurrency": "EUR", "isdn-sup.typeOfChargingInfo": "0"}},
	{European, AOCDCurrency{Charge: Charge{Money: Money{"EUR", 16777215, 0}, Billing: CreditCardBilling}, Total: true}, false, map[string]string{"isdn-sup.currencyAmount": "16777215", "isdn-sup.multiplier": "0", "isdn-sup.typeOfChargingInfo": "1", "isdn-sup.aOCDBillingId": "2"}},
	{European, AOCDCurrency{Charge: Charge{Free: true}}, false, map[string]string{"isdn-sup.aOCDCurrencyInfo": "1"}},
	{European, AOCDUnits{Charge: Charge{Units: []Units{{Count: 3, Known: true}}}}, false, map[string]string{"isdn-sup.recordedNumberOfUnits": "3", "isdn-sup.typeOfChargingInfo": "0"}},
	{European, AOCDUnits{Charge: Charge{Units: []Units{{Count: 300, Known: true, Type: 1}, {Type: 2}}, Billing: NormalBilling}, Total: true}, false, map[string]string{"isdn-sup.recordedUnitsList": "2", "isdn-sup.recordedNumberOfUnits": "300", "isdn-sup.aOCDBillingId": "0"}},
	{European, AOCDUnits{Charge: Charge{NotAvailable: true}}, false, nil},
	{European, AOCECurrency{Charge: Charge{Money: Money{"CNY", 44, 1}, Billing: DeflectedBilling}, Charged: national}, false, map[string]string{"isdn-sup.currencyAmount": "44", "isdn-sup.rCurrency": "CNY", "isdn-sup.aOCEBillingId": "6", "isdn-sup.publicNumberDigits": "13900112233"}},
	{European, AOCECurrency{Charge: Charge{Free: true}, Link: ptr(-5)}, false, nil},
	{European, AOCECurrency{Charge: Charge{NotAvailable: true}}, false, nil},
	{European, AOCEUnits{Charge: Charge{Units: []Units{{Count: 128, Known: true}}}, Link: ptr(300)}, false, map[string]string{"isdn-sup.recordedNumberOfUnits": "128", "isdn-sup.chargeIdentifier": "300"}},
	{European, AOCEUnits{Charge: Charge{Units: []Units{{Count: 0, Known: true}}}}, false, nil},

	{European, CallDeflection{To: bare, Shown: true}, false, map[string]string{"isdn-sup.presentationAllowedDivertedToUser": "1"}},
	{European, CallDeflection{To: national, Silent: true}, false, map[string]string{"isdn-sup.publicNumberDigits": "13900112233", "isdn-sup.publicTypeOfNumber": "2"}},
	{European, CallRerouteing{Reason: WithoutReply, To: national, Counter: 1, Elements: []byte{4, 3, 0x80, 0x90, 0xa3}, Last: shown, Notify: WithNumber}, false, map[string]string{"isdn-sup.rerouteingReason": "3", "isdn-sup.rerouteingCounter": "1", "isdn-sup.publicNumberDigits": "13900112233,13900112233", "isdn-sup.subscriptionOption": "2"}},
	{European, CallRerouteing{Reason: Unconditional, To: bare, Counter: 5, Elements: []byte{4, 2, 0x80, 0x90}, Last: unknown}, false, nil},
	{European, DivertingLeg1{Reason: Immediately, Notify: WithNumber, To: &shown}, false, map[string]string{"isdn-sup.diversionReason": "5", "isdn-sup.subscriptionOption": "2", "isdn-sup.publicNumberDigits": "13900112233"}},
	{European, DivertingLeg1{Reason: WhenBusy, Notify: WithoutNumber}, false, nil},
	{European, DivertingLeg2{Counter: 2, Reason: WhenBusy, Diverting: &shown, OriginallyCalled: &hidden}, false, map[string]string{"isdn-sup.diversionCounter": "2", "isdn-sup.diversionReason": "2", "isdn-sup.publicNumberDigits": "13900112233,13900112233"}},
	{European, DivertingLeg2{Counter: 1}, false, nil},
	{European, DivertingLeg3{Shown: true}, false, nil},
	{European, DivertingLeg3{}, false, nil},

	{European, ECTExecute{}, false, nil},
	{European, LinkIDRequest{}, false, map[string]string{"q932.ros.global": "0.4.0.369.1.4"}},
	{European, LinkID{-1}, true, map[string]string{"q932.ros.global": "0.4.0.369.1.4"}},
	{European, ExplicitECT{Link: 32767}, false, map[string]string{"q932.ros.global": "0.4.0.369.1.1"}},
	{European, ECTInform{Active: true, To: &shown}, false, map[string]string{"q932.ros.global": "0.4.0.369.1.5"}},
	{European, ECTInform{}, false, nil},
	{European, ECTLoopTest{7}, false, nil},
	{European, MCIDRequest{}, false, nil},

	{NationalISDN, InitiateTransfer{CallReference: 0x1234}, false, map[string]string{"q932.ros.global": "1.2.840.10005.0.8"}},
	{DMS, RLTOperation{}, false, nil},
	{DMS, RLTCallID{0xfedcba}, true, nil},
	{DMS, RLTThirdParty{CallID: 0x000102}, false, nil},

	{
		Private,
		PrivateRerouteing{
			Reason: WhenBusy, To: inside, Counter: 2, Elements: []byte{4, 3, 0x80, 0x90, 0xa3}, Last: shown,
			Notify: WithNumber, Calling: Presented{Number: inside, Screening: 3}, CallingName: Name{Text: "Ann"},
			Original: &hidden, RedirectName: Name{Text: "Bob"}, OriginalName: Name{Restricted: true},
		},
		false,
		map[string]string{
			"qsig.cf.rerouteingReason": "2", "qsig.cf.diversionCounter": "2", "qsig.cf.subscriptionOption": "2",
			"qsig.privateNumberDigits": "8001,8001", "qsig.publicNumberDigits": "13900112233,13900112233",
			"qsig.na.namePresentationAllowedSimple": "Ann,Bob",
		},
	},
	{
		Private,
		PrivateLeg1{Reason: WhenBusy, Notify: WithNumber, To: inside},
		false,
		map[string]string{"qsig.cf.diversionReason": "2", "qsig.privateNumberDigits": "8001"},
	},
	{
		Private,
		PrivateLeg2{
			Counter: 3, Reason: Unconditional, OriginalReason: ptr(WithoutReply), Diverting: &shown,
			OriginallyCalled: &withheld, DivertingName: Name{Text: "Ann"}, OriginalName: Name{Text: "Bob"},
		},
		false,
		map[string]string{
			"qsig.cf.diversionCounter": "3", "qsig.cf.originalDiversionReason": "3", "qsig.cf.diversionReason": "1",
			"qsig.publicNumberDigits": "13900112233", "qsig.na.namePresentationAllowedSimple": "Ann,Bob",
		},
	},
	{Private, PrivateLeg2{Counter: 1, Reason: WhenBusy}, false, map[string]string{"qsig.cf.diversionCounter": "1"}},
	{
		Private,
		PrivateLeg3{Shown: true, Name: Name{Text: "Bob"}},
		false,
		map[string]string{"qsig.cf.presentationAllowedIndicator": "1", "qsig.na.namePresentationAllowedSimple": "Bob"},
	},
	{Private, TransferIdentify{}, false, map[string]string{"qsig.ct.DummyArg": "0"}},
	{Private, TransferAbandon{}, false, map[string]string{"qsig.ct.DummyArg": "0"}},
	{
		Private,
		Identity{Call: "1234", To: inside},
		true,
		map[string]string{"qsig.ct.callIdentity": "1234", "qsig.privateNumberDigits": "8001"},
	},
	{
		Private,
		TransferInitiate{Identity{Call: "1234", To: national}},
		false,
		map[string]string{"qsig.ct.callIdentity": "1234", "qsig.publicNumberDigits": "13900112233"},
	},
	{Private, TransferSetup{Call: "99"}, false, map[string]string{"qsig.ct.callIdentity": "99"}},
	{
		Private,
		TransferActive{Connected: Presented{Number: inside, Screening: 1}, Name: Name{Text: "Bob"}},
		false,
		map[string]string{"qsig.privateNumberDigits": "8001", "qsig.na.namePresentationAllowedSimple": "Bob"},
	},
	{
		Private,
		TransferComplete{Secondary: true, Other: Presented{Number: inside, Screening: 3}, Name: Name{Text: "Ann"}, Alerting: true},
		false,
		map[string]string{"qsig.ct.endDesignation": "1", "qsig.ct.callStatus": "1", "qsig.privateNumberDigits": "8001"},
	},
	{Private, TransferComplete{Other: withheld}, false, map[string]string{"qsig.ct.endDesignation": "0"}},
	{
		Private,
		TransferUpdate{Other: Presented{Number: national, Screening: 1}, Name: Name{Text: "Ann"}},
		false,
		map[string]string{"qsig.publicNumberDigits": "13900112233", "qsig.na.namePresentationAllowedSimple": "Ann"},
	},
}

// facility is the sample as its family sends it.
func (s *sample) facility(id int) (Facility, error) {
	make := NewInvoke
	if s.result {
		make = NewResult
	}
	c, err := make(s.family, id, s.op)
	if err != nil {
		return Facility{}, err
	}
	switch s.family {
	case Private:
		return QSIG(Discard, c), nil
	case DMS:
		return DMS100(c), nil
	}
	return ETSI(c), nil
}
