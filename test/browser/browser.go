// Package browser drives a real Chromium for tests of the pages: go there, type this, click that, wait
// until it says so, and keep a picture.
//
// In: what a test wants a person to do. Out: the same done by chromedriver in a headless Chromium of
// its own, with a fresh profile. It is beside both paths.
//
// W3C WebDriver (Recommendation of 5 June 2018); only the commands that the tests need. Elements are
// found by CSS selectors alone.
//
// A Browser belongs to one test and is closed when that ends. Every wait has a deadline and fails the
// test with what the page showed instead. Debian packages: chromium, chromium-driver; for Chinese
// pictures a Chinese font (fonts-wqy-microhei).
package browser

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long a page may take to do what a test waits for.
const patience = 15 * time.Second

// Browser is one window.
type Browser struct {
	t      testing.TB
	driver *driver
}

// Start starts Chromium. The test fails when it is not installed.
func Start(t testing.TB) *Browser {
	t.Helper()
	for _, program := range []string{"chromium", "chromedriver"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: install the Debian packages chromium and chromium-driver (%v)", program, err)
		}
	}
	d, err := startDriver(t.TempDir(), t.TempDir())
	if err != nil {
		t.Fatalf("start chromedriver: %v", err)
	}
	t.Cleanup(d.stop)
	return &Browser{t, d}
}

// do runs one command and fails the test on an error.
func (b *Browser) do(what, method, path string, body, into any) {
	b.t.Helper()
	if err := b.driver.command(method, path, body, into); err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, b.seen())
	}
}

// Go opens an address and waits until it is loaded.
func (b *Browser) Go(url string) {
	b.t.Helper()
	b.do("go to "+url, "POST", "/url", map[string]string{"url": url}, nil)
}

// Reload loads the page again.
func (b *Browser) Reload() {
	b.t.Helper()
	b.do("reload", "POST", "/refresh", map[string]string{}, nil)
}

// Click waits for the element, brings it into view and clicks it as a person would: it fails when
// something else lies over it.
func (b *Browser) Click(css string) {
	b.t.Helper()
	b.do("click "+css, "POST", "/element/"+b.find(css)+"/click", map[string]string{}, nil)
}

// Type clears the field and types text into it.
func (b *Browser) Type(css, text string) {
	b.t.Helper()
	element := b.find(css)
	b.do("clear "+css, "POST", "/element/"+element+"/clear", map[string]string{}, nil)
	b.Keys(css, text)
}

// Keys types text into the element as it is; for a file input, the path of the file.
func (b *Browser) Keys(css, text string) {
	b.t.Helper()
	b.do("type into "+css, "POST", "/element/"+b.find(css)+"/value", map[string]string{"text": text}, nil)
}

// Choose picks the option with this value in a select.
func (b *Browser) Choose(css, value string) {
	b.t.Helper()
	var found bool
	b.Run(`const s = document.querySelector(arguments[0]);
		s.value = arguments[1];
		s.dispatchEvent(new Event("change", {bubbles: true}));
		return s.value === arguments[1];`, &found, css, value)
	if !found {
		b.t.Fatalf("%s has no option %q", css, value)
	}
}

// Text is the text of the first element, as it is shown.
func (b *Browser) Text(css string) string {
	b.t.Helper()
	var text string
	b.do("text of "+css, "GET", "/element/"+b.find(css)+"/text", nil, &text)
	return text
}

// WaitText waits until an element shows this text.
func (b *Browser) WaitText(css, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("%s to show %q", css, text),
		`[...document.querySelectorAll(a)].some((e) => e.checkVisibility() && e.innerText.includes(b))`, css, text)
}

// WaitNoText waits until no element shows this text any more.
func (b *Browser) WaitNoText(css, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("%s no longer to show %q", css, text),
		`![...document.querySelectorAll(a)].some((e) => e.checkVisibility() && e.innerText.includes(b))`, css, text)
}

// WaitCount waits until so many elements match.
func (b *Browser) WaitCount(css string, n int) {
	b.t.Helper()
	b.wait(fmt.Sprintf("%d of %s", n, css), `document.querySelectorAll(a).length === Number(b)`, css, fmt.Sprint(n))
}

// Wait waits until a JavaScript expression holds; what says it in words for a failure.
func (b *Browser) Wait(what, expression string) {
	b.t.Helper()
	b.wait(what, expression, "", "")
}

// Run runs a script in the page; its arguments are arguments[0] and so on, its return value goes to into.
func (b *Browser) Run(script string, into any, arguments ...any) {
	b.t.Helper()
	if arguments == nil {
		arguments = []any{}
	}
	b.do("run a script", "POST", "/execute/sync", map[string]any{"script": script, "args": arguments}, into)
}

// Resize makes the page so many CSS pixels wide and high, as a telephone or a desk screen has it.
func (b *Browser) Resize(width, height int) {
	b.t.Helper()
	b.devtools("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
}

// Dark makes the page believe that the person prefers a dark one.
func (b *Browser) Dark(yes bool) {
	b.t.Helper()
	scheme := "light"
	if yes {
		scheme = "dark"
	}
	b.devtools("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

func (b *Browser) devtools(command string, params map[string]any) {
	b.t.Helper()
	b.do(command, "POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, nil)
}

// Overflow is how many pixels the page is wider than the window: more than 0 scrolls sideways.
func (b *Browser) Overflow() int {
	b.t.Helper()
	var pixels int
	b.Run(`return document.documentElement.scrollWidth - document.documentElement.clientWidth`, &pixels)
	return pixels
}

// Errors are the messages of level SEVERE that the page left in the console since the last call.
func (b *Browser) Errors() []string {
	b.t.Helper()
	var entries []struct{ Level, Message string }
	b.do("read the console", "POST", "/se/log", map[string]string{"type": "browser"}, &entries)
	var messages []string
	for _, e := range entries {
		if e.Level == "SEVERE" {
			messages = append(messages, e.Message)
		}
	}
	return messages
}

// Screenshot keeps a picture of the whole page in a PNG file.
func (b *Browser) Screenshot(path string) {
	b.t.Helper()
	b.Run(`window.scrollTo(0, 0)`, nil)
	var shot struct {
		Data string `json:"data"`
	}
	b.do("screenshot", "POST", "/goog/cdp/execute", map[string]any{
		"cmd": "Page.captureScreenshot", "params": map[string]any{"format": "png", "captureBeyondViewport": true},
	}, &shot)
	octets, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatalf("screenshot: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(path, octets, 0o644); err != nil {
		b.t.Fatalf("screenshot: %v", err)
	}
}

// elementKey is the name under which WebDriver gives an element (clause 12.1).
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// find waits for an element and returns its reference.
func (b *Browser) find(css string) string {
	b.t.Helper()
	b.wait(css, `document.querySelector(a) !== null`, css, "")
	var element map[string]string
	b.do("find "+css, "POST", "/element", map[string]string{"using": "css selector", "value": css}, &element)
	return element[elementKey]
}

// wait lets the page itself look for a condition of a and b at each animation frame, and answers once it
// holds. A page that is being replaced by another is asked again.
func (b *Browser) wait(what, condition, a, text string) {
	b.t.Helper()
	script := `const [a, b, ms, done] = arguments;
		const end = Date.now() + ms;
		const look = () => {
			let held = false;
			try { held = ` + condition + `; } catch {}
			if (held) done(true);
			else if (Date.now() > end) done(false);
			else setTimeout(look, 20);
		};
		look();`
	deadline := time.Now().Add(patience)
	for {
		left := time.Until(deadline)
		var held bool
		err := b.driver.command("POST", "/execute/async", map[string]any{
			"script": script, "args": []any{a, text, left.Milliseconds()},
		}, &held)
		if err == nil && held {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("waited %v in vain for %s (%v)\n%s", patience, what, err, b.seen())
		}
	}
}

// seen is what the page shows, for the message of a failed test.
func (b *Browser) seen() string {
	var text string
	err := b.driver.command("POST", "/execute/sync", map[string]any{
		"script": `return location.href + "\n" + (document.body?.innerText ?? "")`, "args": []any{},
	}, &text)
	if err != nil {
		return "the page does not answer: " + err.Error()
	}
	if len(text) > 3000 {
		text = text[:3000] + " …"
	}
	return "the page shows: " + text
}
