package child

import (
	"io"
	"os/exec"
	"runtime"
	"testing"
)

// TestChildOutlivesThreads starts a child from a thread that ends, and hears from it afterwards.
func TestChildOutlivesThreads(t *testing.T) {
	for range 20 {
		command := exec.Command("cat")
		in, err1 := command.StdinPipe()
		out, err2 := command.StdoutPipe()
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		ended := make(chan error)
		go func() {
			runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
			ended <- Start(command)
		}()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		for range 3 { // other threads end meanwhile
			done := make(chan bool)
			go func() { runtime.LockOSThread(); close(done) }()
			<-done
		}
		if _, err := io.WriteString(in, "alive"); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
		if said, err := io.ReadAll(out); err != nil || string(said) != "alive" {
			t.Fatalf("the child said %q, %v", said, err)
		}
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
