package exchange

import (
	"encoding/json"

	"trunkbox/firmware/config"
)

// Settings of lines that have not shown yet that they work are not trusted after a restart either: what to return to is
// kept until they have.

// proofRoom is where the store keeps the settings to return to, a JSON list of units by the name of the first line.
const proofRoom = "proof"

// keepProof keeps what the unit of that first line returns to; nothing forgets it.
func (x *Exchange) keepProof(first string, was [][]config.Line) {
	var value []byte
	if len(was) > 0 {
		var err error
		if value, err = json.Marshal(was); err != nil {
			x.Log.Error("the settings to return to cannot be kept", "line", first, "error", err)
			return
		}
	}
	x.disk.Post(func() {
		if err := x.Store.Keep(proofRoom, first, value); err != nil {
			x.Log.Error("the settings to return to cannot be kept", "line", first, "error", err)
		}
	})
}

// keptProof is what the unit returns to, nothing when its settings had shown that they work.
func (x *Exchange) keptProof(first string) (was [][]config.Line) {
	value, kept := x.Store.Kept(proofRoom, first)
	if !kept || len(value) == 0 {
		return nil
	}
	if err := json.Unmarshal(value, &was); err != nil {
		x.Log.Error("the settings to return to cannot be read", "line", first, "error", err)
		return nil
	}
	return was
}
