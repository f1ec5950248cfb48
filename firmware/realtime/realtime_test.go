package realtime

import (
	"runtime"
	"testing"
	"time"
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
	if waited, err := Waited("test"); err != nil || waited < 0 {
		t.Errorf("waited %v, %v", waited, err)
	}
	leave()
	if tasks := Tasks(); len(tasks) != 0 {
		t.Errorf("after leaving: %+v", tasks)
	}
	if _, err := Waited("test"); err == nil {
		t.Error("a thread that left has a time")
	}
}

func TestSchedstat(t *testing.T) {
	if d, err := waited("1000 2500000 7\n"); err != nil || d != 2500*time.Microsecond {
		t.Errorf("%v, %v", d, err)
	}
	for _, bad := range []string{"", "1 2", "1 x 3"} {
		if _, err := waited(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
