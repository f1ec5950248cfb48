package config

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
)

// record is one value of the database, its check sum already verified and taken off.
type record struct {
	bucket, key string
	payload     []byte
}

// What stands in a bbolt file (format version 2). All numbers are in the byte order of the machine.
//
//	page      0        8     10     12         16
//	         +--------+-----+------+----------+------------------------+
//	         | id     |flags|count | overflow | elements, keys, values |
//	         +--------+-----+------+----------+------------------------+
//	element   leaf:   flags u32, pos u32, ksize u32, vsize u32       pos counts from the element
//	          branch: pos u32, ksize u32, page u64
//	bucket    root page u64, sequence u64, then the page itself when root page is 0
//	meta      magic u32, version u32, page size u32, flags u32, root bucket 16, freelist u64,
//	          high water u64, transaction u64, FNV-1a of all before u64
const (
	pageHeader  = 16
	elementSize = 16
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaVersion = 2

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagMeta   = 0x04

	elementBucket = 0x01
)

// meta is a meta page whose check sum holds.
type meta struct {
	pageSize        uint64
	root, highWater uint64
	transaction     uint64
}

// walker goes through the pages of one file.
type walker struct {
	file    []byte
	meta    meta
	seen    map[uint64]bool
	records []record
	damage  []error
}

// walk reads every page that can be reached from the newest meta page and returns all records that are
// whole. The error tells the first damage and how many there are; it is nil for a file that is safe to
// give to bbolt. Never panics, whatever the octets.
func walk(file []byte) ([]record, error) {
	m, err := newestMeta(file)
	if err != nil {
		return nil, err
	}
	w := &walker{file: file, meta: m, seen: map[uint64]bool{}}
	if size := uint64(len(file)); size/m.pageSize < m.highWater {
		w.note("the file has %d octets, %d pages of %d are needed", size, m.highWater, m.pageSize)
	}
	w.page(m.root, "", nil, nil, 0)
	switch len(w.damage) {
	case 0:
		return w.records, nil
	case 1:
		return w.records, w.damage[0]
	}
	return w.records, fmt.Errorf("%w (and %d more places)", w.damage[0], len(w.damage)-1)
}

// newestMeta returns the meta page with the highest transaction. One damaged meta page is what bbolt
// itself survives; it costs at most the last transaction, which the good files reveal.
func newestMeta(file []byte) (meta, error) {
	var best meta
	err := errors.New("no meta page is whole")
	try := func(offset uint64) {
		m, ok := parseMeta(file, offset)
		if ok && (err != nil || m.transaction > best.transaction) {
			best, err = m, nil
		}
	}
	try(0)
	for size := uint64(1024); size <= 65536; size *= 2 {
		try(size)
	}
	return best, err
}

// parseMeta reads the meta page at offset.
func parseMeta(file []byte, offset uint64) (meta, bool) {
	if uint64(len(file)) < offset+pageHeader+metaSize {
		return meta{}, false
	}
	page := file[offset:]
	if binary.NativeEndian.Uint16(page[8:]) != flagMeta {
		return meta{}, false
	}
	body := page[pageHeader : pageHeader+metaSize]
	hash := fnv.New64a()
	hash.Write(body[:metaSize-8])
	if binary.NativeEndian.Uint32(body) != metaMagic || binary.NativeEndian.Uint32(body[4:]) != metaVersion ||
		binary.NativeEndian.Uint64(body[metaSize-8:]) != hash.Sum64() {
		return meta{}, false
	}
	m := meta{
		pageSize:    uint64(binary.NativeEndian.Uint32(body[8:])),
		root:        binary.NativeEndian.Uint64(body[16:]),
		highWater:   binary.NativeEndian.Uint64(body[40:]),
		transaction: binary.NativeEndian.Uint64(body[48:]),
	}
	sane := m.pageSize >= 1024 && m.pageSize <= 65536 && (offset == 0 || offset == m.pageSize)
	return m, sane
}

func (w *walker) note(format string, args ...any) {
	w.damage = append(w.damage, fmt.Errorf(format, args...))
}

// page checks the page id and all below it. bucket is empty on the pages that list the buckets. Keys must
// lie in [low, high); high nil is no limit.
func (w *walker) page(id uint64, bucket string, low, high []byte, depth int) {
	size := w.meta.pageSize
	if id < 2 || id >= w.meta.highWater || id >= uint64(len(w.file))/size {
		w.note("page %d is outside of the %d pages of the file", id, uint64(len(w.file))/size)
		return
	}
	if w.seen[id] || depth > 32 {
		w.note("page %d is reached twice", id)
		return
	}
	w.seen[id] = true
	start := id * size
	header := w.file[start:]
	overflow := uint64(binary.NativeEndian.Uint32(header[12:]))
	end := start + (1+overflow)*size
	if binary.NativeEndian.Uint64(header) != id || end > uint64(len(w.file)) {
		w.note("page %d: number %d, ends at octet %d of %d", id, binary.NativeEndian.Uint64(header), end, len(w.file))
		return
	}
	for more := uint64(1); more <= overflow; more++ {
		if w.seen[id+more] {
			w.note("page %d is reached twice", id+more)
			return
		}
		w.seen[id+more] = true
	}
	w.content(w.file[start:end], id, bucket, low, high, depth)
}

// content checks the elements of one page, on the disk or inline in a bucket.
func (w *walker) content(page []byte, id uint64, bucket string, low, high []byte, depth int) {
	flags := binary.NativeEndian.Uint16(page[8:])
	elements, err := splitElements(page, flags)
	if err != nil {
		w.note("page %d: %v", id, err)
		return
	}
	if len(elements) == 0 && len(page) > pageHeader {
		w.note("page %d: empty, which bbolt writes only inline", id)
	}
	previous := low
	for i, e := range elements {
		ordered := bytes.Compare(e.key, previous) >= 0 && (high == nil || bytes.Compare(e.key, high) < 0)
		if !ordered || (i > 0 && bytes.Equal(e.key, previous)) {
			w.note("page %d: key %q is out of order", id, e.key)
			continue
		}
		previous = e.key
		switch {
		case flags == flagBranch:
			limit := high
			if i+1 < len(elements) {
				limit = elements[i+1].key
			}
			w.page(e.child, bucket, e.key, limit, depth+1)
		case bucket == "" && e.bucket:
			w.bucket(string(e.key), e.value, id, depth)
		case bucket != "" && !e.bucket:
			payload, err := unseal(bucket, string(e.key), e.value)
			if err != nil {
				w.note("page %d: %v", id, err)
				continue
			}
			w.records = append(w.records, record{bucket, string(e.key), payload})
		default:
			w.note("page %d: key %q is a bucket where none belongs, or the reverse", id, e.key)
		}
	}
}

// bucket goes down into one bucket.
func (w *walker) bucket(name string, value []byte, id uint64, depth int) {
	if len(value) < 16 {
		w.note("page %d: bucket %q has a head of %d octets", id, name, len(value))
		return
	}
	root := binary.NativeEndian.Uint64(value)
	if root != 0 {
		w.page(root, name, nil, nil, depth+1)
		return
	}
	if len(value) < 16+pageHeader {
		w.note("page %d: bucket %q inline in %d octets", id, name, len(value))
		return
	}
	w.content(value[16:], id, name, nil, nil, depth+1)
}

// element is one entry of a page.
type element struct {
	key, value []byte
	child      uint64 // branch
	bucket     bool   // leaf
}

// splitElements reads the entries of a page. bbolt writes keys and values one after the other right
// behind the last element; a page where they lie otherwise was changed by something else.
func splitElements(page []byte, flags uint16) ([]element, error) {
	if flags != flagLeaf && flags != flagBranch {
		return nil, fmt.Errorf("flags %#x are neither branch nor leaf", flags)
	}
	count := uint64(binary.NativeEndian.Uint16(page[10:]))
	next := pageHeader + count*elementSize
	if next > uint64(len(page)) {
		return nil, fmt.Errorf("%d elements do not fit %d octets", count, len(page))
	}
	elements := make([]element, 0, count)
	for i := range count {
		at := pageHeader + i*elementSize
		field := func(n uint64) uint64 { return uint64(binary.NativeEndian.Uint32(page[at+4*n:])) }
		var e element
		var pos, ksize, vsize uint64
		if flags == flagBranch {
			pos, ksize = field(0), field(1)
			e.child = binary.NativeEndian.Uint64(page[at+8:])
		} else {
			if field(0)&^elementBucket != 0 {
				return nil, fmt.Errorf("element %d has flags %#x", i, field(0))
			}
			e.bucket = field(0) == elementBucket
			pos, ksize, vsize = field(1), field(2), field(3)
		}
		if at+pos != next || next+ksize+vsize > uint64(len(page)) {
			return nil, fmt.Errorf("element %d lies at octet %d with %d+%d octets, expected at %d of %d",
				i, at+pos, ksize, vsize, next, len(page))
		}
		e.key, e.value = page[next:next+ksize], page[next+ksize:next+ksize+vsize]
		next += ksize + vsize
		elements = append(elements, e)
	}
	return elements, nil
}
