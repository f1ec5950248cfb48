package config

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary runs itself as the process that is killed, or whose disk is full.
func TestMain(m *testing.M) {
	switch os.Getenv("CONFIG_TEST_CHILD") {
	case "save":
		saveUntilKilled(os.Getenv("CONFIG_TEST_DIR"))
	case "full":
		saveOnFullDisk(os.Getenv("CONFIG_TEST_DIR"))
	default:
		os.Exit(m.Run())
	}
}

func child(dir, what string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CONFIG_TEST_CHILD="+what, "CONFIG_TEST_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// saveUntilKilled saves one agent more each time and prints each number once it was acknowledged.
func saveUntilKilled(dir string) {
	s, report, err := Open(dir, quiet)
	if err != nil || report.FellBack {
		fmt.Println("trouble", report, err)
		os.Exit(1)
	}
	for n := int(s.Change()); ; n++ {
		settings := withAgents(1)
		settings.Agents[0].Name = strconv.Itoa(n)
		if err := s.Save(settings, "child"); err != nil {
			fmt.Println("trouble", err)
			os.Exit(1)
		}
		if err := s.Keep("child", "n", []byte(strconv.Itoa(n))); err != nil {
			fmt.Println("trouble", err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 25 {
		cmd := child(dir, "save")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged, wanted := 0, 1+random.IntN(4)
		lines := bufio.NewScanner(out)
		for count := 0; lines.Scan(); count++ {
			if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatalf("round %d: %s", round, lines.Text())
			}
			if count == wanted {
				time.AfterFunc(time.Duration(random.IntN(4000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait()
		s, report, err := Open(dir, quiet)
		if err != nil || report.FellBack {
			t.Fatalf("round %d: %+v, %v", round, report, err)
		}
		got, _ := strconv.Atoi(s.Settings().Agents[0].Name)
		kept, _ := s.Kept("child", "n")
		keptN, _ := strconv.Atoi(string(kept))
		if got < acknowledged || keptN < acknowledged {
			t.Fatalf("round %d: %d was acknowledged, %d settings and %d kept are there", round, acknowledged, got, keptN)
		}
		_ = s.Close()
	}
}

// saveOnFullDisk bounds the size of files, which is to write(2) what a full disk is, and saves settings
// that need more.
func saveOnFullDisk(dir string) {
	signal.Ignore(unix.SIGXFSZ)
	s, _, err := Open(dir, quiet)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	limit := unix.Rlimit{Cur: 100 << 10, Max: 100 << 10}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	err = s.Save(withAgents(700), "child")
	if err == nil || !errors.Is(err, unix.EFBIG) {
		fmt.Println("the disk was not full:", err)
		os.Exit(1)
	}
	if n := len(s.Settings().Agents); n != 3 {
		fmt.Println("agents:", n)
		os.Exit(1)
	}
	small := withAgents(2)
	if err := s.Save(small, "child"); err != nil {
		fmt.Println("a small change after the failure:", err)
		os.Exit(1)
	}
	fmt.Println(err)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir)
	mustSave(t, s, withAgents(3))
	_ = s.Close()
	out, err := child(dir, "full").Output()
	if err != nil || !strings.Contains(string(out), "settings not saved, the old ones stay in use") {
		t.Fatalf("%s, %v", out, err)
	}
	s, report := opened(t, dir)
	if report.FellBack || len(s.Settings().Agents) != 2 {
		t.Errorf("after a full disk: %+v, %d agents", report, len(s.Settings().Agents))
	}
}
