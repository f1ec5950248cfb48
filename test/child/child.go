// Package child starts the programs of tests so that none outlives the test, however that ends.
//
// In: a command. Out: its process, which the kernel kills when this process dies. It is beside both paths.
//
// Linux: PR_SET_PDEATHSIG of prctl(2), which counts the death of the thread that started the child. Threads that lines and
// telephones keep for themselves end with them, and Go starts a program on whatever thread is free; so all children are
// started by one thread that never ends.
//
// Start is safe from anywhere. It sets SysProcAttr's Pdeathsig and leaves the rest of it alone.
package child

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// order asks the thread for a child.
type order struct {
	command *exec.Cmd
	started chan<- error
}

// orders begins the thread at the first use.
var orders = sync.OnceValue(func() chan<- order {
	orders := make(chan order)
	go func() {
		runtime.LockOSThread()
		for o := range orders {
			o.started <- o.command.Start()
		}
	}()
	return orders
})

// Start is command.Start, for a child that is killed when this process ends.
func Start(command *exec.Cmd) error {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error)
	orders() <- order{command, started}
	return <-started
}
