package trunkbox

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestRooms holds the table of rooms in README.md to imports.txt: each package stands in it once, and nothing else does.
func TestRooms(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]bool{}
	for name := range rows(t) {
		packages[strings.TrimSuffix(name, "_test")] = true
	}
	delete(packages, "") // the tests of this folder
	seen := map[string]int{"buildroot": 1}
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "| `") {
			for _, room := range roomsOf(strings.Split(line, "|")[1], packages) {
				seen[room]++
			}
		}
	}
	for room, times := range seen {
		if times > 1 && room != "buildroot" {
			t.Errorf("README.md names %s %d times", room, times)
		}
		if !packages[room] && room != "buildroot" {
			t.Errorf("README.md names %s, which is no package", room)
		}
	}
	for room := range packages {
		if seen[room] == 0 {
			t.Errorf("README.md does not name %s in its table of rooms", room)
		}
	}
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// roomsOf reads the first cell of a row: a name that is no package by itself stands in the same folder as the one
// before it, or beside that folder.
func roomsOf(cell string, packages map[string]bool) []string {
	var rooms []string
	folder := ""
	for _, found := range inBackticks.FindAllStringSubmatch(cell, -1) {
		room := found[1]
		if !packages[room] && folder != "" {
			room = path.Join(folder, room)
		}
		if folder == "" {
			folder = path.Dir(room)
		}
		rooms = append(rooms, room)
	}
	return rooms
}
