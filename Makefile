# Trunkbox. `make` says what can be made.
SHELL   := /bin/bash
GO      := go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TOOL    := $(GO) tool -modfile=tools.mod
BUILD   := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'

# Packages whose tests start programs and keep real time. They wait more than they work, so two run side by side; those that
# take longest begin first. They build programs that the cache of results knows nothing of, so none of theirs is taken from it.
WHOLE := ./test/e2e ./test/browser ./test/peers/libpri ./test/peers/sip ./drivers/vspan ./drivers/spantest ./test/...
# The rest, but for dsp: it has no goroutine and much arithmetic, which the race detector makes ten times slower.
PARTS := $(shell $(GO) list ./... 2>/dev/null | grep -v -e '^trunkbox/test/' -e '^trunkbox/drivers/vspan$$' -e '^trunkbox/drivers/spantest$$' -e '^trunkbox/dsp$$')

.DEFAULT_GOAL := help
.PHONY: help run build test test-vm lint bench bench-full bench-ip bench-peers fuzz golden prompts soak clean

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: build ## the whole box on a virtual E1 line, with callers and agents; Ctrl-C ends it
	@bin/demo -appliance bin/appliance -data data

build: ## the appliance as one static file, and the demonstration: bin/
	@mkdir -p bin
	$(BUILD) -o bin/appliance ./cmd/appliance
	$(BUILD) -o bin/demo ./test/demo

test: ## everything that is checked on one machine (installs what it needs, under 15 minutes)
	@test/install.sh test/packages.txt
	@$(MAKE) --no-print-directory lint
	$(GO) test -vet off -timeout 10m ./dsp
	$(GO) test -vet off -race -timeout 10m -p 3 $(PARTS)
	$(GO) test -vet off -race -count 1 -timeout 12m -p 2 -parallel 3 $(WHOLE)

test-vm: ## the appliance on the kernel's DAHDI driver in QEMU
	@test/vm/install.sh
	$(GO) test -tags vm -count 1 -timeout 40m -v ./test/vm

lint: ## vet, staticcheck, format
	@$(GO) vet -tags vm ./...
	@$(TOOL) staticcheck -tags vm ./...
	@files=$$($(TOOL) gofumpt -l .); [ -z "$$files" ] || { echo "not formatted (gofumpt -w):" $$files; exit 1; }

bench: ## speed and memory, never asserted
	$(GO) test -run '^$$' -bench . -benchmem ./dsp $(PARTS) $(WHOLE)

bench-full: build ## the box at its full size: 16 E1, 480 calls, 240 agents, recorded (ARGS="-each 10m" for the long one)
	@$(GO) build -o bin/load ./test/load
	bin/load $(ARGS)

bench-ip: build ## callers on an IP trunk to SIP agents, 30 to 480, recorded and not
	@$(GO) build -o bin/load ./test/load
	bin/load -ip -listeners 0 $(ARGS)
	bin/load -ip -listeners 0 -record=false $(ARGS)

bench-peers: ## our signal processing and recording beside others', on the same samples
	@test/install.sh test/packages.txt
	$(GO) test -run '^$$' -bench . ./test/peers/spandsp

fuzz: ## every decoder of foreign bytes for a minute each
	@test/fuzz.sh 60s

golden: ## rewrite the golden files, CONFORMANCE.md and ISDN.md; the diff is the review
	$(GO) test ./firmware/lapd ./firmware/q931 ./firmware/trace ./firmware/journal ./firmware/evidence \
		-run 'Transitions|TestLadder|TestSentences|TestText' -golden
	$(GO) test ./test/conformance -run TestTable -golden
	$(GO) test . -run TestISDN -golden

prompts: ## speak the prompts anew (needs espeak-ng)
	$(GO) run ./firmware/prompt/make

soak: ## the long tests
	TRUNKBOX_SOAK=1 $(GO) test -timeout 1h ./dsp
	TRUNKBOX_SOAK=1 $(GO) test -race -timeout 2h -p 1 -v $(WHOLE)

clean: ## remove what was built; data/ stays
	rm -rf bin
