package realtime

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAThreadIsGrantedOrRefused: whatever this machine allows, the task says it.
func TestAThreadIsGrantedOrRefused(t *testing.T) {
	asked, done := make(chan func()), make(chan struct{})
	go func() {
		runtime.LockOSThread() // and ends with the goroutine, so that no other inherits its priority
		asked <- Thread("test", Bridge, 1)
		<-done
	}()
	leave := <-asked
	defer close(done)
	tasks := Tasks()
	if len(tasks) != 1 || tasks[0].Name != "test" {
		t.Fatalf("tasks %+v", tasks)
	}
	if task := tasks[0]; (task.Priority == Bridge && task.CPU >= 0) == (task.Refused != "") {
		t.Errorf("%+v: neither granted nor refused", task)
	}
	if spent, err := tasks[0].Times(); err != nil || spent.Ran <= 0 || spent.Waited < 0 {
		t.Errorf("times %+v, %v", spent, err)
	}
	leave()
	if tasks := Tasks(); len(tasks) != 0 {
		t.Errorf("after leaving: %+v", tasks)
	}
}

func TestSchedstat(t *testing.T) {
	if got, err := times("1000 2500000 7\n"); err != nil || got != (Times{time.Microsecond, 2500 * time.Microsecond}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "1 2", "1 x 3", "x 1 3"} {
		if _, err := times(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestStolen(t *testing.T) {
	if got, err := stolen("cpu  1489837 220614 536895 2150177 23283 0 23326 13600 0 0\ncpu0 1 1\n"); err != nil || got != 136*time.Second {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "cpu 1 2 3", "intr 1 2 3 4 5 6 7 8 9", "cpu 1 2 3 4 5 6 7 x"} {
		if _, err := stolen(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	if _, err := Stolen(); err != nil {
		t.Error(err)
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		runtime, period string
		want            float64
	}{{"950000\n", "1000000\n", 0.95}, {"-1\n", "1000000\n", 1}, {"1000000", "1000000", 1}, {"0", "1000000", 0}} {
		if got, err := limit(c.runtime, c.period); err != nil || got != c.want {
			t.Errorf("%q of %q: %v, %v, want %v", c.runtime, c.period, got, err, c.want)
		}
	}
	if _, err := limit("x", "1"); err == nil {
		t.Error("x is read")
	}
	if _, err := Limit(); err != nil {
		t.Error(err)
	}
}

// TestTheShareIsEveryThreads: those that are started afterwards have it too.
func TestTheShareIsEveryThreads(t *testing.T) {
	if err := share(); err != nil {
		t.Skipf("not granted here: %v", err)
	}
	for range 3 {
		niceness := make(chan int)
		go func() {
			runtime.LockOSThread() // and ends with the goroutine: the next one needs another thread
			n, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
			if err != nil {
				t.Error(err)
			}
			niceness <- 20 - n // as the system call has it, getpriority(2)
		}()
		if got := <-niceness; got != mostShare {
			t.Errorf("a thread has niceness %d", got)
		}
	}
}
