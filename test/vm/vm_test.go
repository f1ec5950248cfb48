//go:build vm

package vm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"trunkbox/test/ports"
)

// testLimit is how long the tests inside the guest may take; they take less than a minute on a quiet host.
const testLimit = 10 * time.Minute

// TestVM builds the machine once and boots it for each part.
func TestVM(t *testing.T) {
	began := time.Now()
	im := buildImage(t)
	t.Logf("image for kernel %s in %.1f s", im.release, time.Since(began).Seconds())
	t.Run("Lines", func(t *testing.T) {
		g := boot(t, im, "trunkbox=off")
		g.test(t, "/test/dahdi.test")
	})
	t.Run("Appliance", func(t *testing.T) { appliance(t, im) })
}

// test runs a test program in the guest and shows what it says.
func (g *guest) test(t *testing.T, command string) {
	t.Helper()
	began := time.Now()
	passed := 0
	code, _ := g.run(t, testLimit+time.Minute, func(line string) {
		if !strings.Contains(line, "=== RUN") {
			t.Log(line)
		}
		if strings.Contains(line, "--- PASS") {
			passed++
		}
	}, fmt.Sprintf("%s -test.v -test.timeout %v", command, testLimit))
	t.Logf("%d tests passed in the guest in %.1f s", passed, time.Since(began).Seconds())
	if code != 0 || passed == 0 {
		t.Errorf("%s: exit code %d, %d passed", command, code, passed)
	}
}

// adminPassword is set through the page before the tests inside begin.
const adminPassword = "correct horse battery"

// appliance lets the start scripts start the appliance on span 1, sets it up from outside through its
// page, and runs calls and a cut cable inside.
func appliance(t *testing.T, im *image) {
	port := ports.Free(t)
	g := boot(t, im, "", "-device", "i6300esb", "-device", "virtio-net-pci,netdev=n0",
		"-netdev", fmt.Sprintf("user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:%d-:80", port))
	code := g.console.await(t, regexp.MustCompile(`one-time code: (\S+)\r?\n`), bootLimit)
	setPassword(t, port, code)
	g.test(t, fmt.Sprintf("PASSWORD='%s' AGENT='%s' /test/inside.test", adminPassword, agentPassword))
	if log := g.must(t, time.Minute, "cat /var/lib/trunkbox/log/* | tail -40"); t.Failed() {
		t.Logf("the appliance's log:\n%s", log)
	}
}

// setPassword is what the owner does first, from a browser outside the machine.
func setPassword(t *testing.T, port int, code string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"code": code, "password": adminPassword})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest("POST", fmt.Sprintf("http://127.0.0.1:%d/api/first", port), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Trunkbox-Page", "1")
	client := http.Client{Timeout: bootLimit}
	awaitPage(t, &client, port)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("setting the password: %s %s %v", response.Status, said, err)
	}
}

// awaitPage asks until the page answers through the forwarded port.
func awaitPage(t *testing.T, client *http.Client, port int) {
	t.Helper()
	late := time.After(bootLimit)
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/api/hello", port))
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
			err = fmt.Errorf("status %s", response.Status)
		}
		select {
		case <-every.C:
		case <-late:
			t.Fatalf("the page does not answer in %v: %v", bootLimit, err)
		}
	}
}
