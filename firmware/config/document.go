package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// documentFormat is the name in the header of exported settings.
const documentFormat = "trunkbox settings"

// documentLongest bounds an imported document.
const documentLongest = 8 << 20

// document is exported settings with their header.
type document struct {
	Format   string   `json:"format"`
	Version  int      `json:"version"` // the schema
	Settings Settings `json:"settings"`
}

// Export makes a document for people and for Import: indented JSON with a header. SIP passwords of the
// agents are in it.
func Export(s Settings) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document{documentFormat, Schema, s.Clone()}); err != nil {
		panic(err) // strings, numbers and booleans only
	}
	return out.Bytes()
}

// Import reads a document that Export made, now or in earlier firmware, or settings written by hand
// without a header. Fields it does not know are refused by name. The problems are those of Validate; the
// error, always a Problem, says that the document cannot be read at all.
func Import(octets []byte) (Settings, []Problem, error) {
	settings, version, err := openDocument(octets)
	if err != nil {
		return Settings{}, nil, err
	}
	migrated, err := migrateDocument(settings, version)
	if err != nil {
		return Settings{}, nil, unreadable(err)
	}
	var s Settings
	if err := strictly(migrated, &s); err != nil {
		return Settings{}, nil, unreadable(err)
	}
	s = s.Clone()
	return s, Validate(s), nil
}

// openDocument takes the header off.
func openDocument(octets []byte) (settings json.RawMessage, version int, err error) {
	if len(octets) > documentLongest {
		return nil, 0, unreadable(fmt.Errorf("%d octets, at most %d", len(octets), documentLongest))
	}
	octets = bytes.TrimPrefix(octets, []byte("\xef\xbb\xbf"))
	var fields map[string]json.RawMessage
	if err := strictly(octets, &fields); err != nil {
		return nil, 0, unreadable(err)
	}
	if _, headed := fields["format"]; !headed {
		return octets, 0, nil
	}
	var head struct {
		Format   string          `json:"format"`
		Version  int             `json:"version"`
		Settings json.RawMessage `json:"settings"`
	}
	if err := strictly(octets, &head); err != nil {
		return nil, 0, unreadable(err)
	}
	switch {
	case head.Format != documentFormat:
		return nil, 0, Problem{
			Path: "format",
			ZH:   fmt.Sprintf("这不是本机的设置文件（format 是“%s”，应为“%s”）。", head.Format, documentFormat),
			EN:   fmt.Sprintf("This is not a settings document of this box (format is %q, expected %q).", head.Format, documentFormat),
		}
	case head.Version > Schema:
		return nil, 0, Problem{
			Path: "version",
			ZH:   fmt.Sprintf("这份设置来自更新的固件（版本 %d，本固件认识到 %d）。请先升级固件。", head.Version, Schema),
			EN:   fmt.Sprintf("These settings come from newer firmware (version %d, this one knows up to %d). Update the firmware first.", head.Version, Schema),
		}
	case head.Version < 1 || len(head.Settings) == 0:
		return nil, 0, Problem{
			Path: "version",
			ZH:   fmt.Sprintf("设置文件的版本 %d 无效，或缺少 settings。", head.Version),
			EN:   fmt.Sprintf("Version %d of the document is not valid, or \"settings\" is missing.", head.Version),
		}
	}
	return head.Settings, head.Version, nil
}

// strictly decodes one JSON value and nothing after it, and refuses fields that into has not.
func strictly(octets []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(octets))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of the document")
	}
	return nil
}

// unreadable makes the Problem of a JSON error.
func unreadable(err error) Problem {
	text := err.Error()
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	if name, found := strings.CutPrefix(text, "json: unknown field "); found {
		name = strings.Trim(name, `"`)
		return Problem{
			Path: name,
			ZH:   fmt.Sprintf("不认识字段“%s”，请检查拼写或删除它。", name),
			EN:   fmt.Sprintf("There is no field %q; check its spelling or remove it.", name),
		}
	}
	switch {
	case errors.As(err, &wrongType):
		return Problem{
			Path: wrongType.Field,
			ZH:   fmt.Sprintf("字段“%s”的值类型不对（%s），应为 %s。", wrongType.Field, wrongType.Value, wrongType.Type),
			EN:   fmt.Sprintf("Field %q holds a %s; %s is needed.", wrongType.Field, wrongType.Value, wrongType.Type),
		}
	case errors.As(err, &syntax):
		return Problem{
			Path: "",
			ZH:   fmt.Sprintf("文件在第 %d 个字节处不是有效的 JSON：%s。", syntax.Offset, text),
			EN:   fmt.Sprintf("The document is not JSON at octet %d: %s.", syntax.Offset, text),
		}
	}
	return Problem{Path: "", ZH: "无法读取设置文件：" + text + "。", EN: "The settings document cannot be read: " + text + "."}
}

// asDocument is settings as plain JSON values.
func asDocument(s Settings) (map[string]any, error) {
	octets, err := json.Marshal(s.Clone())
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	err = json.Unmarshal(octets, &fields)
	return fields, err
}
