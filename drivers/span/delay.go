package span

// Delayed is a Line that knows how long its driver holds sound back. Of one that does not say, it is a block: what is
// handed to a Tick is on the line while the next one waits.
type Delayed interface {
	// Delay is the number of octets from the beginning of what a Tick receives to the place where the nearest echo of
	// what was handed to the same Tick can begin: the queue of the driver, without the line.
	Delay() int
}
