//go:build vm

package vm

import (
	"strings"
	"testing"
	"time"
)

// TestVM builds the machine once and boots it for each part.
func TestVM(t *testing.T) {
	began := time.Now()
	im := buildImage(t)
	t.Logf("image for kernel %s in %.1f s", im.release, time.Since(began).Seconds())
	t.Run("Lines", func(t *testing.T) { lines(t, im) })
}

// lines runs the suite that every line goes through, and the driver's own tests, on the real driver.
func lines(t *testing.T, im *image) {
	g := boot(t, im, "trunkbox=off")
	began := time.Now()
	passed := 0
	code, _ := g.run(t, 20*time.Minute, func(line string) {
		t.Log(line)
		if strings.Contains(line, "--- PASS") {
			passed++
		}
	}, "/test/dahdi.test -test.v -test.timeout 19m")
	t.Logf("%d tests passed in the guest in %.1f s", passed, time.Since(began).Seconds())
	if code != 0 || passed == 0 {
		t.Errorf("dahdi.test: exit code %d, %d passed", code, passed)
	}
}
