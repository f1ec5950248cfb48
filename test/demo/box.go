package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// box is the appliance as a child process.
type box struct {
	command *exec.Cmd
	socket  string // far end of its line
	ended   chan struct{}
	err     error // valid when ended is closed
	remove  func()
}

// build makes the appliance from this tree.
func build(ctx context.Context, data string) (string, error) {
	path, err := filepath.Abs(filepath.Join(data, "appliance"))
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/appliance")
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("building the appliance (start this in the top directory, or say -appliance): %w", err)
	}
	return path, nil
}

// longestSocket is what the path of a socket may have on Linux, with the name of a second line behind it.
const longestSocket = 100

// startBox starts the appliance in a process group of its own, so that Ctrl-C reaches only the demo.
func (d *demo) startBox() (*box, error) {
	b := &box{socket: filepath.Join(d.data, "far.sock"), ended: make(chan struct{}), remove: func() {}}
	if len(b.socket) > longestSocket {
		dir, err := os.MkdirTemp("", "trunkbox")
		if err != nil {
			return nil, fmt.Errorf("a place for the line's socket: %w", err)
		}
		b.socket, b.remove = filepath.Join(dir, "far.sock"), func() { os.RemoveAll(dir) }
	}
	b.command = exec.Command(d.appliance, "-data", d.data, "-first-settings", d.firstSettings(), "-http", d.http, "-https", d.https, "-far", b.socket)
	b.command.Stdout, b.command.Stderr = os.Stdout, os.Stderr
	b.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.command.Start(); err != nil {
		b.remove()
		return nil, fmt.Errorf("starting the box: %w", err)
	}
	go func() {
		b.err = b.command.Wait()
		close(b.ended)
	}()
	return b, nil
}

// endWait is how long the box may take to end by itself.
const endWait = 15 * time.Second

// stop ends the box in order.
func (b *box) stop() {
	defer b.remove()
	_ = b.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-b.ended:
	case <-time.After(endWait):
		_ = b.command.Process.Kill()
		<-b.ended
	}
}
