package webadmin

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

// file is one embedded file of the pages.
type file struct {
	octets []byte
	kind   string // Content-Type
	tag    string // ETag: of its content
}

// files are the embedded files by name ("app.js").
type files map[string]file

// kinds are the types of the embedded files. They are not asked of the operating system, whose table
// may be missing or say otherwise.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json; charset=utf-8",
	".svg":  "image/svg+xml",
}

func readFiles() files {
	all := files{}
	err := fs.WalkDir(embedded, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(octets)
		kind := kinds[path.Ext(name)]
		if kind == "" {
			kind = mime.TypeByExtension(path.Ext(name))
		}
		all[path.Base(name)] = file{octets, kind, `"` + hex.EncodeToString(sum[:12]) + `"`}
		return nil
	})
	if err != nil {
		panic(err) // the files are compiled in
	}
	return all
}

// serve answers with one file. Browsers keep it but ask each time, so that a new version of the box
// never meets an old page.
func (f files) serve(w http.ResponseWriter, r *http.Request, name string) error {
	file, ok := f[name]
	if !ok {
		return refuse(http.StatusNotFound, "error.not_found")
	}
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", file.tag)
	if r.Header.Get("If-None-Match") == file.tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(file.octets)
	return nil
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	return s.files.serve(w, r, "index.html")
}

func (s *Server) agentPage(w http.ResponseWriter, r *http.Request) error {
	return s.files.serve(w, r, "agent.html")
}

func (s *Server) pageFile(w http.ResponseWriter, r *http.Request) error {
	return s.files.serve(w, r, r.PathValue("file"))
}
