package q932

import (
	"errors"
	"fmt"
)

// Component is one protocol data unit of remote operations (Q.932 clause 8, X.229).
type Component struct {
	Kind Kind
	// ID is the invoke identifier; of a Reject it may be missing (NoID).
	ID     int
	Linked *int // Invoke: the invoke to which this one belongs
	// Code is the operation of an Invoke, of a Result with contents, or the error of an Error.
	Code Code
	// Given: a Result carries its operation and contents; without them it is the bare news that it was done.
	Given bool
	// Argument is the encoding of argument, result or parameter with its tag, nil when there is none.
	Argument []byte
	Problem  Problem // Reject
}

// NoID is the invoke identifier of a Reject of something that had none to be read.
const NoID = -1 << 31

// Kind is what a component is.
type Kind uint8

// Kinds, with their tags.
const (
	Invoke      Kind = 0xa1
	Result      Kind = 0xa2
	Error       Kind = 0xa3
	Rejected    Kind = 0xa4
	tagLinked        = 0x80
	problemBase      = 0x80
)

// String names the kind as the Recommendation does.
func (k Kind) String() string {
	switch k {
	case Invoke:
		return "invoke"
	case Result:
		return "return result"
	case Error:
		return "return error"
	case Rejected:
		return "reject"
	}
	return fmt.Sprintf("component 0x%02x", uint8(k))
}

// Code is the name of an operation or an error: a local value, or a global one in dotted form.
type Code struct {
	Local  int
	Global string
}

// String is the value as traces show it.
func (c Code) String() string {
	if c.Global != "" {
		return c.Global
	}
	return fmt.Sprint(c.Local)
}

func local(v int) Code { return Code{Local: v} }

func global(dotted string) Code { return Code{Global: dotted} }

// Problem is why something was rejected: of which kind of component, and its value.
type Problem struct {
	Of    ProblemOf
	Value int
}

// ProblemOf is the kind of component a problem is about.
type ProblemOf uint8

// What a problem is about.
const (
	General       ProblemOf = 0
	OfInvoke      ProblemOf = 1
	OfResult      ProblemOf = 2
	OfReturnError ProblemOf = 3
)

// Problems that we give (X.229).
var (
	UnrecognisedOperation = Problem{OfInvoke, 1}
	MistypedArgument      = Problem{OfInvoke, 2}
)

// RejectOf is the component that rejects an invoke.
func RejectOf(id int, p Problem) Component { return Component{Kind: Rejected, ID: id, Problem: p} }

// parseComponent takes one component.
//
//	0xa1 invoke         INTEGER id, [0] INTEGER linked (optional), code, argument (optional)
//	0xa2 return result  INTEGER id, SEQUENCE { code, result } (optional)
//	0xa3 return error   INTEGER id, code, parameter (optional)
//	0xa4 reject         INTEGER id or NULL, [0] general | [1] invoke | [2] result | [3] error problem
func parseComponent(r *reader) (Component, error) {
	tag, content := r.next()
	if r.err != nil {
		return Component{}, nil // the facility tells it
	}
	c := Component{Kind: Kind(tag)}
	in := reader{b: content}
	switch c.Kind {
	case Invoke:
		c.ID = in.integer(tagInteger)
		if linked, ok := in.optional(tagLinked); ok {
			v, err := integer(linked)
			in.err = errors.Join(in.err, err)
			c.Linked = &v
		}
		c.Code = in.code()
		c.argument(&in)
	case Result:
		c.ID = in.integer(tagInteger)
		if in.more() {
			c.Given = true
			in.group(tagSequence, func(in *reader) {
				c.Code = in.code()
				c.argument(in)
			})
		}
	case Error:
		c.ID = in.integer(tagInteger)
		c.Code = in.code()
		c.argument(&in)
	case Rejected:
		if _, none := in.optional(tagNull); none {
			c.ID = NoID
		} else {
			c.ID = in.integer(tagInteger)
		}
		problem, value := in.next()
		if in.err == nil && (problem < problemBase || problem > problemBase+uint8(OfReturnError)) {
			in.fail("a problem with tag 0x%02x", problem)
		}
		if in.err == nil {
			c.Problem.Of = ProblemOf(problem - problemBase)
			c.Problem.Value, in.err = integer(value)
		}
	default:
		in.fail("a component with tag 0x%02x", tag)
	}
	if in.err != nil {
		return Component{}, fmt.Errorf("%s: %w", c.Kind, in.err)
	}
	return c, nil
}

func (c *Component) argument(in *reader) {
	if in.more() {
		c.Argument = in.raw()
	}
}

// code takes the name of an operation or an error.
func (r *reader) code() Code {
	tag, content := r.next()
	if r.err != nil {
		return Code{}
	}
	var c Code
	switch tag {
	case tagInteger:
		c.Local, r.err = integer(content)
	case tagOID:
		c.Global, r.err = oid(content)
	default:
		r.fail("an operation with tag 0x%02x", tag)
	}
	return c
}

func (w *writer) code(c Code) {
	if c.Global != "" {
		w.oid(c.Global)
		return
	}
	w.integer(tagInteger, c.Local)
}

func (c *Component) append(w *writer) {
	w.group(uint8(c.Kind), func(w *writer) {
		if c.Kind == Rejected && c.ID == NoID {
			w.null(tagNull)
		} else {
			w.integer(tagInteger, c.ID)
		}
		switch c.Kind {
		case Invoke:
			if c.Linked != nil {
				w.integer(tagLinked, *c.Linked)
			}
			w.code(c.Code)
			w.b = append(w.b, c.Argument...)
		case Result:
			if c.Given {
				w.group(tagSequence, func(w *writer) {
					w.code(c.Code)
					w.b = append(w.b, c.Argument...)
				})
			}
		case Error:
			w.code(c.Code)
			w.b = append(w.b, c.Argument...)
		case Rejected:
			w.integer(problemBase+uint8(c.Problem.Of), c.Problem.Value)
		}
	})
}
