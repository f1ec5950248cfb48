// Package conformance plays the test groups of Q.921 and Q.931 against the box's line: what a far end says in octets, how long
// it is silent, and what the box has to answer, from SABME to supplementary services, as user and as network.
//
// In: the scripts in cases/, one file a group. Out: verdicts, and CONFORMANCE.md, the table of all cases. The far end speaks
// test/farend/notation; below layer 3 it has the data link of test/farend, which is not ours. The box is a firmware/pri.Access
// as it runs in the appliance, on a wire that carries the D channel only (groups of layer 3, subject access), or a
// firmware/lapd.Link alone with a clock (subject link), so that requests can be made of it that no access makes.
//
// ITU-T Q.921 (09/97) and Q.931 (05/98), EN 300 403-1, and what their variants and Q.932, Q.950 ff. add. Every group that a
// complete stack is known by has a file; a case that is tested elsewhere names its test, which must exist; one that is left
// out says why; one that is known to fail says why and fails the suite as soon as it passes.
//
// Scripts run inside testing/synctest: ten minutes of T203 cost nothing, and nothing is left to the machine's load. How
// they are written stands above the parser (script_test.go) and the player (play_test.go).
package conformance
