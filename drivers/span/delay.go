package span

// Delayed is a Line that knows how long its driver holds sound back.
type Delayed interface {
	// Delay is the number of octets, beyond the block that each tick moves, that lie between handing sound to Tick and
	// receiving its nearest echo: the queues of the driver in both directions, without the line.
	Delay() int
}
