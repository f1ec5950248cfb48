//go:build vm

// Package vm boots the appliance's system in an emulated machine: a Debian kernel, the real DAHDI
// driver with two E1 lines joined back to back, busybox, and the start scripts of the shipping image.
//
// In: the tree itself, and the packages that install.sh installs. Out: the verdict of the tests; the
// sound and signal paths run through drivers/dahdi and the kernel as they do on a box.
//
// What stands in for hardware is the loc driver of DAHDI (a cable without cards) and the emulator.
// Building the image by Buildroot is left out.
//
// The guest runs without acceleration and starves on a loaded host: run this test alone.
package vm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"trunkbox/firmware/config"
)

const install = "run test/vm/install.sh as root first"

// image is what the machine boots: a kernel and an archive of its whole root.
type image struct {
	root    string // the directory that becomes the archive
	kernel  string
	initrd  string
	release string // of the kernel
	tree    string // our source tree
}

// buildImage lays out the root as Buildroot would: busybox, the overlay of the QEMU board, dahdi_cfg,
// the modules that the overlay loads; and beside it the test's own programs.
func buildImage(t *testing.T) *image {
	t.Helper()
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	im := &image{root: filepath.Join(dir, "root"), initrd: filepath.Join(dir, "initrd.gz"), tree: tree}
	im.findKernel(t)
	im.layOut(t)
	im.addProgramWithLibraries(t, "dahdi_cfg")
	im.addModules(t)
	im.addPrograms(t)
	im.addSettings(t)
	im.addEchoCanceller(t)
	im.pack(t)
	return im
}

// findKernel takes the newest kernel for which the DAHDI drivers were built.
func (im *image) findKernel(t *testing.T) {
	t.Helper()
	kernels, _ := filepath.Glob("/boot/vmlinuz-*")
	sort.Sort(sort.Reverse(sort.StringSlice(kernels)))
	for _, kernel := range kernels {
		release := strings.TrimPrefix(kernel, "/boot/vmlinuz-")
		if drivers, _ := filepath.Glob(filepath.Join("/lib/modules", release, "updates/dkms/dahdi_dynamic_loc.ko*")); len(drivers) > 0 {
			im.kernel, im.release = kernel, release
			return
		}
	}
	t.Fatalf("no kernel of %q has the DAHDI drivers: %s", kernels, install)
}

// layOut makes the directories, busybox with its names, and the two overlays.
func (im *image) layOut(t *testing.T) {
	t.Helper()
	for _, dir := range []string{
		"bin", "dev", "etc", "lib", "proc", "root", "run", "sys", "test", "tmp", "usr/sbin", "usr/libexec", "var/lib/trunkbox",
		"etc/network/if-pre-up.d", "etc/network/if-up.d", "etc/network/if-down.d", "etc/network/if-post-down.d",
	} {
		if err := os.MkdirAll(filepath.Join(im.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	im.copyFile(t, im.find(t, "busybox"), "bin/busybox")
	im.link(t, "bin", "sbin")
	im.link(t, "../run", "var/run")
	for _, applet := range strings.Fields(output(t, im.tree, "busybox", "--list")) {
		im.link(t, "busybox", filepath.Join("bin", applet))
	}
	// Buildroot's archive has the same first program: devices, a console, then init.
	im.writeFile(t, "init", "#!/bin/sh\nmount -t devtmpfs devtmpfs /dev\nexec </dev/console >/dev/console 2>&1\nexec /sbin/init\n")
	for _, overlay := range []string{"buildroot/board/qemu/overlay", "test/vm/overlay"} {
		output(t, im.tree, "cp", "-a", overlay+"/.", im.root)
	}
}

func (im *image) link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(im.root, name)); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}

func (im *image) writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(im.root, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// copyFile copies a file of the host to a path below the root.
func (im *image) copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(im.root, to)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

// find looks a program up, in the administrator's directories too.
func (im *image) find(t *testing.T, program string) string {
	t.Helper()
	for _, dir := range []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin"} {
		path := filepath.Join(dir, program)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("%s is missing: %s", program, install)
	return ""
}

// addProgramWithLibraries copies a program of the host and the shared libraries that ldd names.
func (im *image) addProgramWithLibraries(t *testing.T, program string) {
	t.Helper()
	path := im.find(t, program)
	im.copyFile(t, path, filepath.Join("usr/sbin", program))
	for _, word := range strings.Fields(output(t, im.tree, "ldd", path)) {
		if strings.HasPrefix(word, "/") {
			im.copyFile(t, word, word)
		}
	}
}

// ownModules are what the test's own port needs, and DAHDI's echo cancellers, which the kernel loads when they are asked for.
var ownModules = []string{
	"virtio_console", "dahdi_echocan_mg2", "dahdi_echocan_kb1", "dahdi_echocan_jpah",
}

// addModules copies what /etc/modules of the overlay names and what the test needs beside, with all that they depend on.
func (im *image) addModules(t *testing.T) {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(im.root, "etc/modules"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list) + strings.Join(ownModules, "\n")) {
		words := strings.Fields(strings.SplitN(line, "#", 2)[0])
		if len(words) == 0 {
			continue
		}
		for dependency := range strings.Lines(output(t, im.tree, im.find(t, "modprobe"), "-S", im.release, "--show-depends", words[0])) {
			if words := strings.Fields(dependency); len(words) > 1 && words[0] == "insmod" {
				im.copyFile(t, words[1], words[1])
			}
		}
	}
	for _, name := range []string{"modules.builtin", "modules.order"} {
		path := filepath.Join("/lib/modules", im.release, name)
		im.copyFile(t, path, path)
	}
	output(t, im.tree, im.find(t, "depmod"), "-b", im.root, im.release)
}

// addPrograms builds our own programs into the root, static as on the box, and the libpri peer.
func (im *image) addPrograms(t *testing.T) {
	t.Helper()
	im.goTool(t, "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(im.root, "usr/sbin/trunkbox"), "./cmd/appliance")
	im.goTool(t, "test", "-c", "-tags", "vm", "-o", filepath.Join(im.root, "test/dahdi.test"), "./drivers/dahdi")
	im.goTool(t, "test", "-c", "-tags", "vm", "-o", filepath.Join(im.root, "test/inside.test"), "./test/vm/inside")
	output(t, im.tree, im.find(t, "cc"), "-O2", "-static", "-Wall", "-o", filepath.Join(im.root, "test/peer"), "test/peers/libpri/peer.c", "-lpri", "-lm")
}

// agentPassword is that of the only agent, extension 801.
const agentPassword = "an agent in the machine"

// addSettings puts an agent, a number and a route into the settings that the board ships with, and has the kernel cancel echo.
func (im *image) addSettings(t *testing.T) {
	t.Helper()
	path := filepath.Join(im.root, "etc/trunkbox/first-settings.json")
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, problems, err := config.Import(octets)
	if err != nil || len(problems) > 0 {
		t.Fatalf("the settings that the board ships with: %v, %v", err, problems)
	}
	sales := s.Queues[0].Name
	s.Queues[0].WrapUpSeconds = 1
	s.Agents = append(s.Agents, config.Agent{
		Extension: "801", Name: "Agent", Password: agentPassword, Queues: []string{sales}, Outbound: true, LoggedIn: true,
	})
	s.Outbound.Numbers = []string{"5551000"}
	s.Lines[0].EchoBy = "board"
	s.Routes = []config.Route{{Called: "5551000", To: config.Destination{Kind: "queue", Target: sales}}}
	im.writeFile(t, "etc/trunkbox/first-settings.json", string(config.Export(s)))
}

// addEchoCanceller attaches the kernel's canceller to the channels of the appliance's line, as an installer does.
func (im *image) addEchoCanceller(t *testing.T) {
	t.Helper()
	const file = "etc/dahdi/system.conf"
	given, err := os.ReadFile(filepath.Join(im.root, file))
	if err != nil {
		t.Fatal(err)
	}
	im.writeFile(t, file, string(given)+"\nechocanceller=mg2,1-15,17-31\n")
}

func (im *image) goTool(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = im.tree
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// pack makes the archive that the kernel unpacks as its root.
func (im *image) pack(t *testing.T) {
	t.Helper()
	im.find(t, "cpio")
	output(t, im.root, "sh", "-c", "find . -print0 | cpio --null --create --format newc --owner 0:0 --quiet | gzip -1 >"+im.initrd)
}

// output runs a program of the host and returns what it prints.
func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
