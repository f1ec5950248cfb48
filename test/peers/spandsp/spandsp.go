// Package spandsp measures our signal processing beside libspandsp's, on the same samples in the same run.
//
// In: samples made here. Out: rows of `make bench-peers`: processor time a block of 20 ms of each, and what each heard or
// left over.
//
// libspandsp is under the LGPL and is joined with nothing of ours: peer/peer.c is a program of its own. It is a floor to beat,
// not a judge.
//
// There are benchmarks only; nothing is asserted.
package spandsp
