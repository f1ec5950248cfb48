package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// stagedSuffix marks files that are not yet what their name says.
const stagedSuffix = ".new"

// sealedFile is how the last good settings and secrets stand in their files: the content and its CRC-32C.
type sealedFile struct {
	Format string          `json:"format"`
	Schema int             `json:"schema"`
	Sum    string          `json:"crc32c"`
	Is     json.RawMessage `json:"is"`
}

const (
	formatGood    = "trunkbox last good settings"
	formatSecrets = "trunkbox secrets"
)

// encodeSealed makes the file of content, which is compact JSON.
func encodeSealed(format string, content []byte) []byte {
	file, err := json.Marshal(sealedFile{format, Schema, fmt.Sprintf("%08x", crc32.Checksum(content, castagnoli)), content})
	if err != nil {
		panic(err) // content is JSON that was just made here
	}
	return append(file, '\n')
}

// decodeSealed checks a file and returns its content and the schema it was written with.
func decodeSealed(format string, octets []byte) ([]byte, int, error) {
	var file sealedFile
	if err := json.Unmarshal(octets, &file); err != nil {
		return nil, 0, fmt.Errorf("not a whole file: %w", err)
	}
	if file.Format != format {
		return nil, 0, fmt.Errorf("format %q, expected %q", file.Format, format)
	}
	if got := fmt.Sprintf("%08x", crc32.Checksum(file.Is, castagnoli)); got != file.Sum {
		return nil, 0, fmt.Errorf("check sum %s, expected %s", got, file.Sum)
	}
	return file.Is, file.Schema, nil
}

func encodeGood(v Version) []byte { return encodeSealed(formatGood, v.encode()) }

func encodeGoodSecrets(b secretBox) []byte { return encodeSealed(formatSecrets, b.encode()) }

// readGood reads the last good settings of dir.
func readGood(dir string) (Version, error) { return readGoodFile(filepath.Join(dir, goodFile)) }

// readGoodOf reads the last good settings that firmware of an earlier schema left behind.
func readGoodOf(dir string, schema int) (Version, error) {
	return readGoodFile(filepath.Join(dir, goodFileOf(schema)))
}

// goodFileOf names the copy that is made before a migration to a newer schema, for a firmware that
// falls back.
func goodFileOf(schema int) string { return fmt.Sprintf("settings.good.v%d.json", schema) }

func readGoodFile(path string) (Version, error) {
	octets, err := os.ReadFile(path)
	if err != nil {
		return Version{}, err
	}
	content, schema, err := decodeSealed(formatGood, octets)
	if err != nil {
		return Version{}, fmt.Errorf("%s: %w", path, err)
	}
	if schema > Schema {
		return Version{}, fmt.Errorf("%s: schema %d, this firmware knows up to %d", path, schema, Schema)
	}
	return decodeVersion(content)
}

// readGoodSecrets reads the copy of the secrets.
func readGoodSecrets(dir string) (secretBox, error) {
	path := filepath.Join(dir, goodSecretsFile)
	octets, err := os.ReadFile(path)
	if err != nil {
		return secretBox{}, err
	}
	content, _, err := decodeSealed(formatSecrets, octets)
	if err != nil {
		return secretBox{}, fmt.Errorf("%s: %w", path, err)
	}
	var box secretBox
	if err := json.Unmarshal(content, &box); err != nil {
		return secretBox{}, fmt.Errorf("%s: %w", path, err)
	}
	return box, nil
}

// keepUnreadable renames a file that cannot be used, so that the next write does not destroy it.
func keepUnreadable(dir, name string) {
	path := filepath.Join(dir, name)
	_ = os.Rename(path, path+".unreadable")
}

// stage writes name beside its place and waits until it is on the disk.
func stage(dir, name string, content []byte) (err error) {
	path := filepath.Join(dir, name+stagedSuffix)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// place gives a staged file its name and waits until the directory is on the disk.
func place(dir, name string) error {
	path := filepath.Join(dir, name)
	if err := os.Rename(path+stagedSuffix, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func stageAndPlace(dir, name string, content []byte) error {
	if err := stage(dir, name, content); err != nil {
		return err
	}
	return place(dir, name)
}

// removeStaged removes what a power cut left half written.
func removeStaged(dir string) {
	for _, name := range []string{databaseFile, goodFile, goodSecretsFile} {
		_ = os.Remove(filepath.Join(dir, name+stagedSuffix))
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
