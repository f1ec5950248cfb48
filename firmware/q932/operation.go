package q932

import (
	"errors"
	"fmt"
)

// Family is whose operations are spoken: the same local value means another thing in each.
type Family uint8

// Families.
const (
	European     Family = iota + 1 // EN 300 …: the public network
	Private                        // ECMA-…: QSIG
	NationalISDN                   // National ISDN 1 and 2, AT&T, Lucent
	DMS                            // DMS-100
)

// Operation is one of the operations of this package: the argument of an invoke as a value of its type, such as
// CallingName or AOCDUnits.
type Operation any

// Why an operation cannot be had of a component.
var (
	ErrUnrecognised = errors.New("q932: the operation is not known")
	ErrMistyped     = errors.New("q932: the argument cannot be read")
)

// row is what is known of one operation, or of one result.
type row struct {
	family Family
	code   Code
	name   string
	decode func([]byte) (any, error)
	encode func(any) ([]byte, bool)
}

// operation makes a row of a type's reading and writing. Both nil: no argument.
func operation[T any](f Family, c Code, name string, read func(*reader, *T), write func(*writer, *T)) row {
	return row{
		family: f, code: c, name: name,
		decode: func(argument []byte) (any, error) {
			var v T
			if read == nil {
				return v, nil
			}
			r := reader{b: argument}
			read(&r, &v)
			if r.err != nil {
				return nil, r.err
			}
			return v, nil
		},
		encode: func(op any) ([]byte, bool) {
			v, ok := op.(T)
			if !ok || write == nil {
				return nil, ok
			}
			var w writer
			write(&w, &v)
			return w.b, true
		},
	}
}

// operations lists the arguments of invokes, service by service.
func operations() []row {
	var all []row
	for _, service := range [][]row{
		names, charges, deflections, transfers, malicious, twoChannels, privateDiversions, privateTransfers,
	} {
		all = append(all, service...)
	}
	return all
}

// NewInvoke is the invoke of an operation. It fails for an operation that the family does not have.
func NewInvoke(f Family, id int, op Operation) (Component, error) {
	for _, row := range operations() {
		if row.family != f {
			continue
		}
		if argument, ok := row.encode(op); ok {
			return Component{Kind: Invoke, ID: id, Code: row.code, Argument: argument}, nil
		}
	}
	return Component{}, fmt.Errorf("%w: %T in family %d", ErrUnrecognised, op, f)
}

// NewResult is the result of an operation with contents. It fails for one that the family does not have.
func NewResult(f Family, id int, result Operation) (Component, error) {
	for _, row := range results {
		if row.family != f {
			continue
		}
		if argument, ok := row.encode(result); ok {
			return Component{Kind: Result, ID: id, Given: true, Code: row.code, Argument: argument}, nil
		}
	}
	return Component{}, fmt.Errorf("%w: %T in family %d", ErrUnrecognised, result, f)
}

// Operation is the operation of an Invoke or the contents of a Result. The error wraps ErrUnrecognised or ErrMistyped.
func (c *Component) Operation(f Family) (Operation, error) {
	var list []row
	switch c.Kind {
	case Invoke:
		list = operations()
	case Result:
		list = results
	}
	for _, row := range list {
		if row.family != f || row.code != c.Code {
			continue
		}
		op, err := row.decode(c.Argument)
		if err != nil {
			return nil, fmt.Errorf("%w: %s %s: %w", ErrMistyped, c.Kind, row.name, err)
		}
		return op, nil
	}
	return nil, fmt.Errorf("%w: %s of %s", ErrUnrecognised, c.Kind, c.Code)
}

// Name is the operation's name for traces: "aOCDChargingUnit"; its value when it is not known.
func (c *Component) Name(f Family) string {
	for _, row := range operations() {
		if row.family == f && row.code == c.Code {
			return row.name
		}
	}
	return "operation " + c.Code.String()
}

// results lists the results that have contents.
var results = []row{
	operation(European, local(30), "chargingRequest", readTariffs, writeTariffs),
	operation(European, global(ectOID+".4"), "ectLinkIdRequest", readLinkID, writeLinkID),
	operation(Private, local(7), "callTransferIdentify", readIdentity, writeIdentity),
	operation(DMS, local(1), "rltOperationInd", readRLTCallID, writeRLTCallID),
}

// errorNames are the errors a refusal names, in words for a log: EN 300 196-1 Annex and those of the services; DMS-100's
// are from tables in public use. The same value means the same in all families but DMS.
var errorNames = map[Code]string{
	local(0):               "the service is not subscribed",
	local(1):               "rejected by the network",
	local(2):               "rejected by the user",
	local(3):               "not available",
	local(4):               "not implemented",
	local(5):               "information is missing",
	local(6):               "not this subscriber's number",
	local(7):               "not possible in this state of the call",
	local(8):               "not for this kind of call",
	local(9):               "not an incoming call",
	local(10):              "another service stands against it",
	local(11):              "no resources",
	local(12):              "the call cannot be diverted to that number",
	local(14):              "that number is a special service",
	local(15):              "that number is the subscriber's own",
	local(23):              "the call was answered already",
	local(24):              "the call was diverted too often",
	local(26):              "no charges are known",
	local(46):              "not activated",
	local(48):              "already asked for",
	local(1004):            "not a number to be rerouted to",
	local(1005):            "the identity of the call is not known",
	local(1006):            "the new call failed",
	local(1008):            "unspecified",
	global(ectOID + ".21"): "the network did not give that link",
}

var rltErrors = map[int]string{
	0x10: "the calls could not be bridged",
	0x11: "the call was not found",
	0x12: "not allowed",
	0x13: "the exchange is congested",
}

// Words says in plain words why an Error or a Rejected refused.
func (c *Component) Words(f Family) string {
	switch c.Kind {
	case Error:
		name, known := errorNames[c.Code]
		if f == DMS {
			name, known = rltErrors[c.Code.Local]
		}
		if known {
			return name
		}
		return "error " + c.Code.String()
	case Rejected:
		if c.Problem == UnrecognisedOperation {
			return "the service is not known there"
		}
		return fmt.Sprintf("rejected, problem %d of kind %d", c.Problem.Value, c.Problem.Of)
	}
	return ""
}
