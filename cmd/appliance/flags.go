package main

import (
	"flag"

	"trunkbox/board"
)

// flags are what the installer of the file decides; everything else is a setting.
type flags struct {
	data, recordings, http, https, board, far, first, serial, profile string
	version                                                           bool
}

// parsed reads the arguments of the process.
func parsed() flags {
	var f flags
	flag.StringVar(&f.data, "data", "/var/lib/trunkbox", "directory of settings, journal and logs")
	flag.StringVar(&f.recordings, "recordings", "", "directory of recordings, as on a disk of its own; empty: DATA/recordings")
	flag.StringVar(&f.http, "http", ":8080", "address of the page; empty: none")
	flag.StringVar(&f.https, "https", ":8443", "address of the page with TLS; empty: none")
	flag.StringVar(&f.board, "board", "sim", "what the box is: "+board.Names())
	flag.StringVar(&f.far, "far", "", "socket that serves the far end of the virtual lines; empty: DATA/far.sock")
	flag.StringVar(&f.first, "first-settings", "", "settings to begin with at the very first start")
	flag.StringVar(&f.serial, "serial", "", "port of the support console; empty: the board's")
	flag.StringVar(&f.profile, "profile", "", "file for a profile of the processor time; SIGUSR2 then writes what is in memory beside it; empty: none")
	flag.BoolVar(&f.version, "version", false, "print the version and end")
	flag.Parse()
	return f
}
