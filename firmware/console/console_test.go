package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/logbook"
	"trunkbox/firmware/siptrunk"
)

// still is a switch in which nothing moves.
type still struct{ now exchange.Snapshot }

func (s still) Snapshot() exchange.Snapshot { return s.now }

var noon = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC) // 12:00 in Shanghai

func snapshot() exchange.Snapshot {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	return exchange.Snapshot{
		At: noon, Name: "总机", Started: ago(26 * time.Hour),
		Notices: []exchange.Notice{{ID: "x", Since: ago(time.Hour), ZH: "磁盘快满了。", EN: "The disk is almost full."}},
		Lines: []exchange.LineNow{
			{
				Name: "line1", Kind: "E1", Driver: "virtual", Side: "user", Lamp: "green", Link: "up", LinkSince: ago(90 * time.Minute),
				Counters: map[string]uint64{"slips": 3, "ticks": 9000},
				Channels: []exchange.ChannelNow{{Timeslot: 1, State: "talking", Since: ago(time.Minute), Call: "c1"}, {Timeslot: 2, State: "idle"}, {Timeslot: 3, State: "blocked", Reason: "restart_unanswered"}},
			},
			{Name: "line2", Kind: "E1", Driver: "dahdi", Side: "network", Lamp: "red", Alarms: []string{"LOS", "LFA"}, Link: "down"},
		},
		Trunks: []exchange.TrunkNow{{
			Status: siptrunk.Status{
				Name: "carrier", Server: "sip.example.com:5060", Transport: "udp", State: siptrunk.Down, Since: ago(time.Minute),
				Reason: siptrunk.WrongAccount, About: "403 Forbidden", Calls: 2, MaxCalls: 30,
			},
			Why: exchange.WhyNow{
				ZH: journal.WhyAbout("zh", string(siptrunk.WrongAccount), "403 Forbidden"), EN: journal.WhyAbout("en", string(siptrunk.WrongAccount), "403 Forbidden"),
			},
		}},
		Calls: []exchange.CallNow{{ID: "c1", Direction: "in", Caller: "139\x1b[2J", Called: "8800", Line: "line1", Timeslot: 1, State: "talking", Where: "201", Since: ago(time.Minute)}},
		Agents: []exchange.AgentNow{
			{Extension: "201", Name: "王芳", State: "on_call", Since: ago(time.Minute), Queues: []string{"销售"}, Phone: "192.168.1.20:5060", Taken: 7, Missed: 1},
			{Extension: "202", Name: "Ann", State: "paused", Reason: "meal", Queues: []string{"销售"}},
		},
		Queues: []exchange.QueueNow{{
			Name: "销售", Ready: 0, LoggedIn: 2, Offered: 12, Answered: 9, Abandoned: 2,
			Waiting: []exchange.WaitingNow{{Call: "c2", Caller: "138", Since: ago(42 * time.Second), Reason: "all_talking"}},
		}},
	}
}

const password = "correct horse"

// bench is a console with real parts behind it.
type bench struct {
	*Console
	restarts atomic.Int32
}

// newBench makes a console whose settings, journal and log are real. The log has lines of every minute of
// an hour, from 08:00 in Shanghai on.
func newBench(t *testing.T, withPassword bool) *bench {
	t.Helper()
	dir := t.TempDir()
	var old strings.Builder
	for minute := range 60 {
		fmt.Fprintf(&old, "2026-03-01T00:%02d:00.000Z INFO  minute n=%d\n", minute, minute)
	}
	if err := os.WriteFile(filepath.Join(dir, "log-000001.txt"), []byte(old.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	book, err := logbook.New(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	store, _, err := config.Open(dir, slog.New(book))
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := journal.Open(filepath.Join(dir, "journal"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(book.Close(), store.Close(), events.Close()) })
	if withPassword {
		code, _ := store.OneTimeCode()
		if err := store.SetAdminPassword(code, password); err != nil {
			t.Fatal(err)
		}
	}
	b := &bench{}
	b.Console = New(Options{Exchange: still{snapshot()}, Lines: still{snapshot()}, Store: store, Journal: events, Log: book, Version: "1.2.3", Restart: func() { b.restarts.Add(1) }})
	return b
}

// terminal is the support's end of the cable.
type terminal struct {
	t    *testing.T
	line interface {
		io.ReadWriter
		SetReadDeadline(time.Time) error
	}
	seen []byte // read and not yet expected
}

// plug serves the console on a pseudo terminal and returns the other end.
func (b *bench) plug(t *testing.T) *terminal {
	t.Helper()
	cable, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := cable.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	var failed error
	err = raw.Control(func(fd uintptr) {
		number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		failed = errors.Join(failed, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0))
	})
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- b.ServePort(ctx, fmt.Sprintf("/dev/pts/%d", number)) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-served:
		case <-time.After(10 * time.Second):
			t.Error("the console goes on after its end")
		}
		_ = cable.Close()
	})
	return &terminal{t: t, line: cable}
}

const patience = 20 * time.Second

// expect reads until text has come and returns all before it.
func (term *terminal) expect(text string) string {
	term.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		if before, after, found := bytes.Cut(term.seen, []byte(text)); found {
			term.seen = bytes.Clone(after)
			return string(before)
		}
		chunk, err := term.read(deadline)
		if err != nil {
			term.t.Fatalf("no %q in %q: %v", text, term.seen, err)
		}
		term.seen = append(term.seen, chunk...)
	}
}

func (term *terminal) read(deadline time.Time) ([]byte, error) {
	if err := term.line.SetReadDeadline(deadline); err != nil {
		return nil, err
	}
	buffer := make([]byte, 4096)
	for {
		n, err := term.line.Read(buffer)
		if errors.Is(err, unix.EIO) && time.Now().Before(deadline) { // the box has not opened its end yet
			continue
		}
		return buffer[:n], err
	}
}

func (term *terminal) key(text string) {
	term.t.Helper()
	if _, err := io.WriteString(term.line, text); err != nil {
		term.t.Fatal(err)
	}
}

const ready = "trunkbox> "

func (term *terminal) signIn() {
	term.t.Helper()
	term.expect("管理员密码：")
	term.key(password + "\r")
	term.expect(ready)
}

// run gives a command and returns what it says.
func (term *terminal) run(command string) string {
	term.t.Helper()
	term.key(command + "\r")
	term.expect("\r\n") // of the echo
	return strings.ReplaceAll(term.expect(ready), "\r\n", "\n")
}

func TestFirstPassword(t *testing.T) {
	b := newBench(t, false)
	term := b.plug(t)
	code, _ := b.Store.OneTimeCode()
	term.expect("一次性代码：" + code)
	term.expect("新密码（至少 10 个字符）：")
	term.key("short\r")
	term.expect("再输入一次：")
	term.key("short\r")
	term.expect("密码要有 10 到 200 个字符，现在是 5 个。")
	term.expect("：")
	term.expect("：")
	term.key("one of them\r")
	term.expect("再输入一次：")
	term.key("the other one\r")
	term.expect("两次不一样")
	term.expect("新密码（至少 10 个字符）：")
	term.key(password + "\r\n")
	term.expect("再输入一次：")
	term.key(password + "\r\n")
	if echo := term.expect("密码已设置。"); strings.Contains(echo, "horse") {
		t.Errorf("the password was echoed: %q", echo)
	}
	term.expect(ready)
	if !b.Store.CheckPassword(password) {
		t.Error("the password is not set")
	}
	term.key("exit\r")
	term.expect("已退出登录")
	term.signIn()
}

func TestWrongPassword(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.expect("管理员密码：")
	term.key("wrong\r")
	term.expect("密码不对。")
	term.signIn()
	refused := 0
	for e, err := range b.Journal.Read(1) {
		if err == nil && e.Kind == journal.SignInRefused && e.Fields["where"] == "console" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refused sign-ins in the journal", refused)
	}
}

func TestCommands(t *testing.T) {
	b := newBench(t, true)
	for _, e := range []journal.Event{
		{Call: "c9", Kind: journal.CallArrived, Fields: map[string]string{"line": "line1", "channel": "span1/ts07", "caller": "139", "called": "8800"}},
		{Call: "c9", Kind: journal.QueueEntered, Fields: map[string]string{"queue": "销售", "position": "1"}},
		{Call: "c9", Kind: journal.AgentOffered, Fields: map[string]string{"agent": "201", "queue": "销售", "reason": "longest_idle", "ms": "192000"}},
		{Call: "c9", Kind: journal.QueueLeft, Fields: map[string]string{"queue": "销售", "outcome": "abandoned", "ms": "12000"}},
		{Call: "c9", Kind: journal.CallEnded, Fields: map[string]string{"by": "caller", "cause": "16"}},
	} {
		if _, err := b.Journal.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	term := b.plug(t)
	term.signIn()
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"?", []string{"lines ", "dump log|journal [--from T] [--to T] [--zmodem]", "重启（通话会断）"}},
		{"trunks", []string{"carrier  sip.example.com:5060  UDP   断开", "2/30  服务器不接受用户名或密码（403 Forbidden）"}},
		{"lines", []string{"line1  E1    虚拟   用户侧  正常      -        已建立  1h30m0s", "1 空闲, 1 通话, 1 闭塞", "line2  E1    DAHDI  网络侧  线路中断  LOS+LFA  断开"}},
		{"channels line1", []string{"1     通话  1m0s  c1", "3     闭塞  -           对端未确认复位（RESTART）", "slips  3"}},
		{"channels", []string{"用法：channels <line>"}},
		{"channels line9", []string{"没有线路“line9”"}},
		{"calls", []string{"c1    呼入  139·[2J  8800  line1/1  通话  201  1m0s"}},
		{"calls 5", []string{"c9", "排队中挂机（队列“销售”），等待 12 秒；主叫结束通话（原因 16：正常挂机）"}},
		{"call c9", []string{"呼叫坐席 201：空闲最久（3 分 12 秒）", "离开队列“销售”：排队中挂机，等待 12 秒", "结果："}},
		{"call c8", []string{"没有呼叫“c8”"}},
		{"agents", []string{"201   王芳  通话  1m0s        192.168.1.20:5060  销售  7     1", "202   Ann   示忙  -     用餐  未注册"}},
		{"queues", []string{"销售  1     42s   0     2     12        9     2", "坐席都在通话"}},
		{"notices", []string{"2026-03-01 11:00:00  磁盘快满了。"}},
		{"version", []string{"Trunkbox 1.2.3", "26h0m0s", "事件 5 条"}},
		{"settings export", []string{`"format": "trunkbox settings"`, `"name": "销售"`}},
		{"settings", []string{"用法：settings export"}},
		{"fly", []string{"没有命令“fly”"}},
		{`log "`, []string{"引号没有成对"}},
		{"lang fr", []string{"用法：lang zh|en"}},
		{"lang en", []string{"English from now on."}},
		{"help", []string{"restart the box (calls end)", "Ctrl-C stops"}},
		{"trunks", []string{"carrier  sip.example.com:5060  UDP  ", "down   ", "2/30   the server does not take the user name or the password (403 Forbidden)"}},
		{"lines", []string{"up         -        up         1h30m0s  1 blocked, 1 idle, 1 talking", "LOS+LFA  down"}},
		{"agents", []string{"201        王芳  on a call", "paused     -     meal", "none"}},
		{"channels line1", []string{"the far end did not acknowledge RESTART"}},
		{"queues", []string{"all agents are talking"}},
		{"notices", []string{"The disk is almost full."}},
		{"call c9", []string{"Agent 201 is rung: longest idle (3 min 12 s)"}},
		{"dump journal", []string{`2 c9 queue_entered position="1" queue="销售" # The caller waits in the queue 销售 at place 1`, "(5 lines)"}},
		{"dump", []string{"Usage: dump log|journal"}},
		{"log --from yesterday", []string{`The time "yesterday" is not clear`}},
		{"log --from", []string{"--from needs a time after it."}},
		{"", []string{""}},
	} {
		got := term.run(c.command)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.command, want, got)
			}
		}
		if strings.ContainsRune(got, 0x1b) {
			t.Errorf("%s: an escape character reached the terminal: %q", c.command, got)
		}
	}
}

func TestLogByTime(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	var want strings.Builder
	for minute := 10; minute < 13; minute++ {
		fmt.Fprintf(&want, "2026-03-01T00:%02d:00.000Z INFO  minute n=%d\n", minute, minute)
	}
	for _, command := range []string{
		`log --from "2026-03-01 08:10" --to "2026-03-01 08:13"`, `log --from 2026-03-01 08:10 --to 2026-03-01 08:13`,
		`log --from 2026-03-01T08:10:00 --to 2026-03-01T08:13`, `dump log --to 2026-03-01T08:13 --from 2026-03-01T08:10`,
	} {
		if got := term.run(command); got != want.String()+"（共 3 行）\n" {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := term.run("log 2"); strings.Count(got, "\n") != 2 {
		t.Errorf("log 2: %q", got)
	}
	if got := term.run("log x"); !strings.Contains(got, "用法：log [n]") {
		t.Errorf("log x: %q", got)
	}
}

// receive lets rz take a file from the line and returns its name and content.
func (term *terminal) receive(dir string) (string, []byte) {
	term.t.Helper()
	program, err := exec.LookPath("rz")
	if err != nil {
		term.t.Fatal("rz is missing: install lrzsz")
	}
	ctx, cancel := context.WithTimeout(term.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--binary", "--quiet")
	cmd.Dir, cmd.Stdout = dir, struct{ io.Writer }{term.line} // a copy: rz would set the terminal itself to wait
	stdin, err := cmd.StdinPipe()
	if err != nil {
		term.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		term.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		if len(term.seen) > 0 {
			_, _ = stdin.Write(term.seen)
			term.seen = nil
		}
		select {
		case err := <-ended:
			if err != nil {
				term.t.Fatalf("rz: %v", err)
			}
			running = false
		default:
			chunk, err := term.read(time.Now().Add(20 * time.Millisecond))
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				term.t.Fatal(err)
			}
			term.seen = chunk
		}
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		term.t.Fatalf("rz received %v, %v", names, err)
	}
	content, err := os.ReadFile(filepath.Join(dir, names[0].Name()))
	if err != nil {
		term.t.Fatal(err)
	}
	return names[0].Name(), content
}

func TestZMODEM(t *testing.T) {
	b := newBench(t, true)
	for n := range 2000 { // some hundred kilobytes, with every octet that a line may mistake
		slog.New(b.Log).Info("noise", "n", n, "octets", "\x11\x13\x18\x10\xff 中文 \\")
	}
	term := b.plug(t)
	term.signIn()
	term.key("dump log --zmodem\r")
	term.expect("请在终端程序里接收")
	term.expect("\r\n")
	name, got := term.receive(t.TempDir())
	term.expect("已发送。")
	term.expect(ready)
	var want bytes.Buffer
	if err := b.Log.Copy(&want, time.Time{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(name, "trunkbox-log-") || !bytes.Equal(got, want.Bytes()) || len(got) < 100_000 {
		t.Errorf("%s: %d octets received, %d sent", name, len(got), want.Len())
	}
	term.key("settings export --zmodem\r")
	term.expect("请在终端程序里接收")
	term.expect("\r\n")
	name, got = term.receive(t.TempDir())
	term.expect(ready)
	if imported, problems, err := config.Import(got); err != nil || len(problems) > 0 || !strings.HasSuffix(name, ".json") ||
		!bytes.Equal(config.Export(imported), config.Export(b.Store.Settings())) {
		t.Errorf("%s: %v, %v", name, problems, err)
	}
	if got := term.run("version"); !strings.Contains(got, "1.2.3") {
		t.Errorf("after the transfers: %q", got)
	}
}

func TestReceiverGivesUp(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	term.key("dump log --zmodem\r")
	term.expect("**\x18B00") // ZRQINIT: sz asks whether there is a receiver
	term.key(strings.Repeat("\x18", 8))
	term.expect("文件没有传完（sz")
	term.expect(ready)
}

func TestWithoutSZ(t *testing.T) {
	b := newBench(t, true)
	t.Setenv("PATH", t.TempDir())
	term := b.plug(t)
	term.signIn()
	if got := term.run("dump log --zmodem"); !strings.Contains(got, "没有 sz 程序") {
		t.Errorf("%q", got)
	}
}

func TestRestart(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	term.key("restart\r")
	term.expect("确定请输入 yes：")
	term.key("no\r")
	term.expect("没有重启")
	term.expect(ready)
	if b.restarts.Load() != 0 {
		t.Error("restarted without a yes")
	}
	term.key("restart\r")
	term.expect("确定请输入 yes：")
	term.key("yes\r")
	term.expect("正在重启")
	term.expect(ready)
	if b.restarts.Load() != 1 {
		t.Error("not restarted")
	}
}

func TestEditing(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	for keys, want := range map[string]string{
		"versiom\bn":                   "Trunkbox 1.2.3",
		"nonsense\x15version":          "Trunkbox 1.2.3",
		"\x1b[Aver\x1bOAsion\x1b[1;5C": "Trunkbox 1.2.3",
		"中文\x7f\x7fversion":            "Trunkbox 1.2.3",
	} {
		if got := term.run(keys); !strings.Contains(got, want) {
			t.Errorf("%q: %q", keys, got)
		}
	}
	term.key("half a line\x03")
	term.expect("^C\r\n" + ready)
}

// slow is a line that takes one write each time it is let.
type slow struct {
	io.Reader
	written bytes.Buffer
	let     chan struct{}
}

func (s *slow) Write(octets []byte) (int, error) {
	<-s.let
	return s.written.Write(octets)
}

func TestCtrlCStopsAnOutput(t *testing.T) {
	b := newBench(t, true)
	keys, line := io.Pipe()
	out := &slow{Reader: keys, let: make(chan struct{})}
	s := &session{Console: b.Console, in: newInput(t.Context(), out), line: out, lang: "en"}
	done := make(chan error, 1)
	go func() {
		done <- s.text(func(yield func(string) bool) {
			for yield("for ever") {
			}
		})
	}()
	out.let <- struct{}{}
	if _, err := line.Write([]byte{keyCancel}); err != nil {
		t.Fatal(err)
	}
	close(out.let)
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the output goes on")
	}
	if !strings.HasSuffix(out.written.String(), "^C stopped.\r\n") {
		t.Errorf("it ends with %q", out.written.String()[max(out.written.Len()-60, 0):])
	}
}

func TestIdleLogOut(t *testing.T) {
	b := newBench(t, true)
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- b.Serve(t.Context(), there) }()
		term := &terminal{t: t, line: here}
		started := time.Now()
		term.line = patientPipe{here}
		term.signIn()
		term.key("version\r")
		term.expect(ready)
		term.expect("长时间没有按键，已退出登录。")
		if waited := time.Since(started); waited < 10*time.Minute || waited > 11*time.Minute {
			t.Errorf("logged out after %v", waited)
		}
		term.expect("管理员密码：")
		_ = here.Close()
		if err := <-done; err != nil {
			t.Errorf("a line that ends: %v", err)
		}
		_ = there.Close()
	})
}

// patientPipe waits for ever: the clock of the test runs ahead by itself.
type patientPipe struct{ net.Conn }

func (patientPipe) SetReadDeadline(time.Time) error { return nil }

func TestParseTime(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	for text, want := range map[string]time.Time{
		"2026-03-01 08:10:30": time.Date(2026, 3, 1, 0, 10, 30, 0, time.UTC),
		"2026-03-01":          time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC),
		"08:10":               time.Date(2026, 3, 1, 0, 10, 0, 0, time.UTC),
		"23:59:59":            time.Date(2026, 3, 1, 15, 59, 59, 0, time.UTC),
	} {
		if got, err := parseTime(text, shanghai, noon); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if _, err := parseTime("25:00", shanghai, noon); err == nil {
		t.Error("25:00 is a time")
	}
}

func TestTable(t *testing.T) {
	var tb table
	tb.row("队列", "x", "end")
	tb.row("Sales", "等待", "")
	if got, want := tb.String(), "队列   x     end\nSales  等待\n"; got != want {
		t.Errorf("%q, expected %q", got, want)
	}
}

// keysThenEnd is a line on which somebody typed and went away.
type keysThenEnd struct {
	io.Reader
	out bytes.Buffer
}

func (k *keysThenEnd) Write(octets []byte) (int, error) { return k.out.Write(octets) }

func FuzzKeys(f *testing.F) {
	f.Add([]byte("lines\rcall c1\r\nlog --from 08:00\r"))
	f.Add([]byte("\x1b[\x1b[A\x03\x15\b\b中\b\rlang en\rqueues\r"))
	dir := f.TempDir()
	f.Setenv("PATH", dir) // nothing is sent
	book, err1 := logbook.New(dir, 1<<20)
	store, _, err2 := config.Open(dir, slog.New(slog.DiscardHandler))
	events, _, err3 := journal.Open(filepath.Join(dir, "journal"), journal.Options{})
	if err := errors.Join(err1, err2, err3); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = errors.Join(book.Close(), store.Close(), events.Close()) })
	console := New(Options{Exchange: still{snapshot()}, Lines: still{snapshot()}, Store: store, Journal: events, Log: book})
	f.Fuzz(func(t *testing.T, keys []byte) {
		line := &keysThenEnd{Reader: bytes.NewReader(keys)}
		s := &session{Console: console, in: newInput(t.Context(), line), line: line, lang: "zh"}
		for {
			text, err := s.readLine(t.Context(), true)
			if err == nil {
				err = s.command(t.Context(), text)
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil && !errors.Is(err, errLoggedOut) {
				t.Fatal(err)
			}
		}
	})
}
