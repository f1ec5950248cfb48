package exchange

import (
	"context"
	"time"

	"trunkbox/drivers/watchdog"
	"trunkbox/firmware/journal"
)

// The times of the watchdog: the box restarts when sound or control has made no progress for quiet and the
// timer has then run out.
const (
	watchdogTimeout  = 30 * time.Second
	watchdogInterval = 5 * time.Second
	watchdogQuiet    = 10 * time.Second
)

// guard feeds the board's watchdog while both the sound and the call control make progress; a box without
// a watchdog goes on without.
func (x *Exchange) guard(ctx context.Context) {
	if x.Board.Profile().Watchdog == "" {
		return
	}
	timer, err := x.Board.OpenWatchdog(watchdogTimeout)
	if err != nil {
		x.Log.Error("the watchdog cannot be opened", "error", err)
		return
	}
	defer timer.Close()
	keeper := watchdog.NewKeeper(timer, x.Log)
	control, sound := keeper.Expect("control", watchdogQuiet), keeper.Expect("sound", watchdogQuiet)
	go keeper.Run(ctx, watchdogInterval)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var ticks uint64
	for {
		if now := x.engine.Now().Ticks; now != ticks {
			ticks = now
			sound.Progress()
		}
		x.loop.Post(control.Progress)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// How long the reset button is held for what it does; a shorter press does nothing.
const (
	heldToRestart = time.Second
	heldToForget  = 10 * time.Second
)

// buttons waits for the reset button: held for a second it restarts the box, held for ten it also forgets
// the administrator's password, so that whoever stands before the box can set a new one.
func (x *Exchange) buttons(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case press := <-x.Board.Button():
			if press.Held < heldToRestart {
				continue
			}
			reason := journal.ResetButton
			if press.Held >= heldToForget {
				reason = journal.PasswordForgotten
				if err := x.Store.ForgetPassword(); err != nil {
					x.Log.Error("the password could not be forgotten", "error", err)
				}
			}
			x.note("", journal.BoxStopped, "reason", string(reason))
			x.Restart()
		}
	}
}
