// Package logbook keeps the technical log of the box: what its parts say through log/slog, newest in
// memory, all of it in a bounded number of files.
//
// In: records of every part, through slog. Out: lines by number or by time, for firmware/console and the
// pages. It is beside both paths.
//
// There is no standard for the lines; they are plain text, one record a line, so that they can be read
// without the box. Sending to another machine (RFC 5424) is left out.
//
// A disk that is full or gone costs lines on the disk, never the caller: the newest stay in memory and
// Lost counts the others. Records are written with write(2) and survive the process, not a power cut.
// Every method is safe from any goroutine.
package logbook

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	ringLines   = 2000
	files       = 8 // the room is divided among so many
	lineLongest = 8 << 10
	filePattern = "log-*.txt"
	smallest    = files * 4096
)

// stampForm is the time at the beginning of a line: always UTC, always the same length.
const stampForm = "2006-01-02T15:04:05.000Z"

// Line is one record.
type Line struct {
	At   time.Time
	Text string // the whole line, time included
}

// Book is an open log. It is a slog.Handler.
type Book struct {
	*pages
	prefix string // attributes of WithAttrs, ready to stand in a line
	group  string // "a.b." of WithGroup
}

// pages is what all handlers made from one Book share.
type pages struct {
	dir   string
	limit int64 // octets of one file
	level slog.LevelVar

	mu     sync.Mutex
	ring   []entry
	next   int // index of the oldest, once ring is full
	file   *os.File
	number int // of file
	size   int64
	lost   uint64
}

type entry struct {
	Line
	saved bool
}

// New opens the log in dir, which is made when it is missing, with room for octets on the disk. When dir
// cannot be used the log is kept in memory only; New fails for a size below 32 KiB.
func New(dir string, octets int64) (*Book, error) {
	if octets < smallest {
		return nil, fmt.Errorf("a log of %d octets; at least %d are needed", octets, smallest)
	}
	p := &pages{dir: dir, limit: octets / files}
	if names := p.files(); len(names) > 0 {
		p.number = numberOf(names[len(names)-1])
		for line := range readLines(names[len(names)-1]) {
			p.push(entry{line, true})
		}
	}
	return &Book{pages: p}, nil
}

// SetLevel sets from which level on records are kept; slog.LevelInfo at first.
func (b *Book) SetLevel(level slog.Level) { b.level.Set(level) }

// Enabled is part of slog.Handler.
func (b *Book) Enabled(_ context.Context, level slog.Level) bool { return level >= b.level.Level() }

// WithAttrs is part of slog.Handler.
func (b *Book) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *b
	for _, attr := range attrs {
		with.prefix = appendAttr(with.prefix, b.group, attr)
	}
	return &with
}

// WithGroup is part of slog.Handler.
func (b *Book) WithGroup(name string) slog.Handler {
	with := *b
	if name != "" {
		with.group += name + "."
	}
	return &with
}

// Handle is part of slog.Handler. It writes one line:
//
//	2026-03-01T08:00:00.123Z WARN  span1/D link down cause="T200 expired" n=3
func (b *Book) Handle(_ context.Context, r slog.Record) error {
	at := r.Time.UTC()
	if r.Time.IsZero() {
		at = time.Now().UTC()
	}
	text := at.Format(stampForm) + " " + fmt.Sprintf("%-5s", r.Level) + " " + oneLine(r.Message) + b.prefix
	r.Attrs(func(attr slog.Attr) bool {
		text = appendAttr(text, b.group, attr)
		return true
	})
	if len(text) > lineLongest {
		text = strings.ToValidUTF8(text[:lineLongest], "") + "…"
	}
	b.add(Line{at.Truncate(time.Millisecond), text})
	return nil
}

// appendAttr adds " key=value" behind a text, group by group.
func appendAttr(text, group string, attr slog.Attr) string {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			group += attr.Key + "."
		}
		for _, inner := range value.Group() {
			text = appendAttr(text, group, inner)
		}
		return text
	}
	if attr.Equal(slog.Attr{}) {
		return text
	}
	written := value.String()
	if written == "" || strings.ContainsFunc(written, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }) {
		written = strconv.Quote(written)
	}
	return text + " " + oneLine(group+attr.Key) + "=" + written
}

// oneLine keeps what somebody else said from looking like a line of its own.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, text)
}

func (p *pages) add(line Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.write(line.Text)
	if err != nil {
		p.lost++
	}
	p.push(entry{line, err == nil})
}

func (p *pages) push(e entry) {
	if len(p.ring) < ringLines {
		p.ring = append(p.ring, e)
		return
	}
	p.ring[p.next] = e
	p.next = (p.next + 1) % ringLines
}

// write puts a line on the disk, in the next file when this one is full.
func (p *pages) write(text string) error {
	octets := int64(len(text)) + 1
	if p.file == nil || p.size+octets > p.limit {
		if err := p.turn(); err != nil {
			return err
		}
	}
	n, err := p.file.WriteString(text + "\n")
	p.size += int64(n)
	if err != nil && n > 0 { // a full disk took a part: take it back
		p.size -= int64(n)
		err = errors.Join(err, p.file.Truncate(p.size))
	}
	return err
}

// turn opens the next file and removes the oldest.
func (p *pages) turn() error {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(p.dir, fmt.Sprintf("log-%06d.txt", p.number+1))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if p.file != nil {
		_ = p.file.Close()
	}
	p.file, p.size = file, 0
	p.number++
	names := p.files()
	for len(names) > files {
		_ = os.Remove(names[0])
		names = names[1:]
	}
	return nil
}

// files lists the paths of the files, oldest first.
func (p *pages) files() []string {
	names, _ := filepath.Glob(filepath.Join(p.dir, filePattern))
	names = slices.DeleteFunc(names, func(name string) bool { return numberOf(name) == 0 })
	slices.SortFunc(names, func(a, b string) int { return numberOf(a) - numberOf(b) })
	return names
}

func numberOf(path string) int {
	digits := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "log-"), ".txt")
	n, _ := strconv.Atoi(digits)
	return n
}

// newest copies the lines in memory, oldest first.
func (p *pages) newest() []entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(slices.Clone(p.ring[p.next:]), p.ring[:p.next]...)
}

// Tail returns the last n lines, at most 2,000, oldest first.
func (b *Book) Tail(n int) []Line {
	entries := b.newest()
	entries = entries[len(entries)-min(max(n, 0), len(entries)):]
	lines := make([]Line, len(entries))
	for i, e := range entries {
		lines[i] = e.Line
	}
	return lines
}

// Range gives the lines from one time to before another, oldest first; a zero time is no limit. Lines the
// disk did not take come last, as far as they are in memory.
func (b *Book) Range(from, to time.Time) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		within := func(l Line) bool {
			return (from.IsZero() || !l.At.Before(from)) && (to.IsZero() || l.At.Before(to))
		}
		entries := b.newest()
		for _, path := range b.files() {
			for line := range readLines(path) {
				if within(line) && !yield(line) {
					return
				}
			}
		}
		for _, e := range entries {
			if !e.saved && within(e.Line) && !yield(e.Line) {
				return
			}
		}
	}
}

// readLines gives the lines of one file; octets that are no line are passed over.
func readLines(path string) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		file, err := os.Open(path)
		if err != nil {
			return
		}
		defer func() { _ = file.Close() }()
		lines := bufio.NewReader(file)
		for {
			text, err := lines.ReadBytes('\n')
			if line, ok := parse(bytes.TrimSuffix(text, []byte{'\n'})); ok && !yield(line) {
				return
			}
			if err != nil {
				return
			}
		}
	}
}

// parse takes the time from the beginning of a line.
func parse(text []byte) (Line, bool) {
	stamp, _, found := bytes.Cut(text, []byte{' '})
	at, err := time.Parse(stampForm, string(stamp))
	return Line{at, string(text)}, found && err == nil
}

// Copy writes the lines of a range as plain text.
func (b *Book) Copy(w io.Writer, from, to time.Time) error {
	out := bufio.NewWriter(w)
	for line := range b.Range(from, to) {
		if _, err := out.WriteString(line.Text + "\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

// Lost is how many lines the disk did not take.
func (b *Book) Lost() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lost
}

// Close closes the file. Records that come later open the next one.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}
