package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// lockPatience is how long a database held by another process is waited for.
const lockPatience = time.Second

// asideKept is how many unusable databases are kept for the support to look at.
const asideKept = 5

// trouble says why a database cannot be used, as the end of a sentence that begins with its name.
type trouble struct{ zh, en string }

// finding is what a look at the database file brought, before bbolt may touch it.
type finding struct {
	exists  bool
	records []record // everything that can still be read, also when there is trouble
	trouble *trouble
}

// inspect reads the file at path as octets and checks every page that can be reached. bbolt is given
// only files that pass, because it panics on damaged pages, some of them in goroutines of its own.
func inspect(path string) finding {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return finding{}
	}
	if err != nil {
		return finding{exists: true, trouble: &trouble{zh: "无法读取：" + err.Error(), en: "cannot be read: " + err.Error()}}
	}
	defer func() { _ = file.Close() }()
	locked := lock(file)
	octets, err := os.ReadFile(path)
	if err != nil {
		return finding{exists: true, trouble: &trouble{zh: "无法读取：" + err.Error(), en: "cannot be read: " + err.Error()}}
	}
	records, err := walk(octets)
	found := finding{exists: true, records: records}
	switch schema := schemaOf(records); {
	case locked != nil:
		found.trouble = &trouble{zh: "被另一个程序占用", en: "is in use by another program"}
	case err != nil:
		found.trouble = &trouble{zh: "已损坏：" + err.Error(), en: "is damaged: " + err.Error()}
	case schema > Schema:
		found.trouble = &trouble{
			zh: fmt.Sprintf("来自更新的固件（格式 %d，本固件只认识到 %d）", schema, Schema),
			en: fmt.Sprintf("comes from newer firmware (format %d, this firmware knows up to %d)", schema, Schema),
		}
		found.records = nil // what newer firmware means by its records is not known here
	}
	return found
}

// lock waits lockPatience for bbolt's own lock on the file and lets go of it again.
func lock(file *os.File) error {
	deadline := time.Now().Add(lockPatience)
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
		if err == nil {
			return unix.Flock(int(file.Fd()), unix.LOCK_UN)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is locked: %w", file.Name(), err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// schemaOf is the layout number among the records, 0 when there is none.
func schemaOf(records []record) int {
	for _, r := range records {
		if r.bucket == bucketBox && r.key == "schema" {
			n, err := strconv.Atoi(string(r.payload))
			if err == nil {
				return n
			}
		}
	}
	return 0
}

// moveAside renames the database to a name with the time and returns it, empty when that failed.
func moveAside(path string) string {
	stamp := time.Now().UTC().Format("20060102-150405.000")
	aside := fmt.Sprintf("%s.unusable-%s", path, stamp)
	if err := os.Rename(path, aside); err != nil {
		return ""
	}
	older, _ := filepath.Glob(path + ".unusable-*")
	slices.Sort(older)
	for len(older) > asideKept {
		_ = os.Remove(older[0])
		older = older[1:]
	}
	return aside
}

// origin is where the settings in use came from.
type origin int

const (
	fromGoodFile origin = iota
	fromDatabase
	fromDefaults
)

// sentences tells the owner what happened and what to do.
func sentences(t trouble, from origin, v Version, movedTo string) (zh, en string) {
	when := v.At.Format("2006-01-02 15:04:05 UTC")
	zh, en = "设置数据库"+t.zh+"。", "The settings database "+t.en+". "
	switch from {
	case fromGoodFile, fromDatabase:
		zh += fmt.Sprintf("已改用最后一份完好的设置（第 %d 次更改，%s，由 %s）。电话照常使用；请核对最近的更改。", v.Change, when, v.By)
		en += fmt.Sprintf("The box runs on the last good settings (change %d, %s, by %s). Phones work; please check the latest changes.", v.Change, when, v.By)
	case fromDefaults:
		zh += "没有可用的旧设置，已改用出厂设置。请导入备份。"
		en += "No earlier settings could be read, so the box runs on its factory settings. Please import a backup."
	}
	if movedTo != "" {
		zh += "旧数据库保存为 " + filepath.Base(movedTo) + "。"
		en += " The old database was kept as " + filepath.Base(movedTo) + "."
	}
	return zh, en
}

// DamagedError says that the database is damaged where it was just used.
type DamagedError struct{ What any }

func (e DamagedError) Error() string {
	return fmt.Sprintf("the settings database is damaged (%v); restart the box to fall back on the last good settings", e.What)
}

// guarded runs f and turns a panic of bbolt, or a fault of its memory map, into a DamagedError.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if what := recover(); what != nil {
			err = DamagedError{what}
		}
	}()
	return f()
}
