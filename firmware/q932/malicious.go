package q932

// MCIDRequest asks the network to note the caller of this call as malicious (EN 300 130). It has no argument; an empty
// result says that it was done.
type MCIDRequest struct{}

var malicious = []row{
	operation[MCIDRequest](European, local(3), "mCIDRequest", nil, nil),
}
