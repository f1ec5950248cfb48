package console

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"trunkbox/firmware/config"
)

// senders are the names under which lrzsz installs its sender.
var senders = []string{"sz", "lsz"}

// afterTransfer is how quiet the line must be before keys count again: the receiver's last "OO" and what
// its terminal program says must not become a command.
const afterTransfer = 300 * time.Millisecond

// file makes a file of what write gives and sends it by ZMODEM.
func (s *session) file(ctx context.Context, name string, write func(io.Writer) error) error {
	program, err := sender()
	if err != nil {
		s.sayf("这台设备没有 sz 程序（lrzsz），不能用 ZMODEM；去掉 --zmodem 可直接显示文本。\n",
			"The program sz (lrzsz) is not on this box, so ZMODEM is not possible; leave out --zmodem for plain text.\n")
		return nil
	}
	dir, err := os.MkdirTemp("", "trunkbox-send-")
	if err != nil {
		s.explain(err)
		return nil
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, name)
	if err := fill(path, write); err != nil {
		s.explain(err)
		return nil
	}
	s.sayf("用 ZMODEM 发送 %s，请在终端程序里接收；按五次 Ctrl-X 中止。\n",
		"Sending %s by ZMODEM; let your terminal program receive it. Ctrl-X five times stops.\n", name)
	sent := s.send(ctx, program, path)
	if err := ctx.Err(); err != nil {
		return err
	}
	s.in.discard(ctx, afterTransfer)
	if sent != nil {
		s.print("\r\n")
		s.explain(sent)
		return nil
	}
	s.sayf("\n已发送。\n", "\nSent.\n")
	return nil
}

func sender() (string, error) {
	var errs []error
	for _, name := range senders {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

func fill(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	return errors.Join(write(out), out.Flush(), file.Close())
}

// send lets the program talk to the line until it ends. Octets of the line go to it through a pipe, so
// that those that come after its end stay with the console.
func (s *session) send(ctx context.Context, program, path string) error {
	cmd := exec.CommandContext(ctx, program, "--binary", "--zmodem", "--quiet", path)
	var complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = s.line, &complaint
	cmd.WaitDelay = afterTransfer // for a line that takes nothing any more
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				why := strings.TrimSpace(fmt.Sprintf("sz: %v %s", err, bytes.TrimSpace(complaint.Bytes())))
				return config.Problem{
					ZH: "文件没有传完（" + why + "）。请在终端程序里开始 ZMODEM 接收，再试一次。",
					EN: "The file was not taken (" + why + "). Let your terminal program receive by ZMODEM, and try again.",
				}
			}
			return nil
		case chunk, more := <-s.in.chunks:
			if !more {
				_ = cmd.Process.Kill()
				<-ended
				return s.in.end()
			}
			_, _ = stdin.Write(chunk) // a program that has ended is told by ended
		}
	}
}
