# What a contributor needs; each target is one command. `make help` lists them.

SHELL = /bin/bash
GO ?= go

.PHONY: help run test test-corpus lint test-vm bench setup setup-test

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

run: setup ## install what is missing, build, and trace live events for five seconds (as root)
	$(GO) run ./examples/hello_world -duration 5s

test: setup-test ## install what is missing and run all tests with the race detector (as root)
	$(GO) test -race -count=1 -timeout 30m ./...
	$(GO) test -C bench -count=1 ./harness/...

test-corpus: setup-test ## compile the programs of all of BCC's installed tools with generated headers
	GOBCC_CORPUS=all $(GO) test -count=1 -v -run TestCorpus ./internal/headers

# The packages with tests that need a kernel with kprobes and BTF.
GUEST_PACKAGES ?= $(sort $(dir $(shell grep -rl --include='*_test.go' '^func TestGuest' .)))

test-vm: setup-test ## run the tests named TestGuest in a virtual machine with Debian's kernel, or that of KERNEL=folder
	@bin=$$(mktemp -d) && pid= && \
	trap 'kill $$pid 2>/dev/null; wait; rm -rf "$$bin"' EXIT && \
	trap 'exit 130' INT && trap 'exit 143' TERM HUP && \
	for package in $$($(GO) list $(GUEST_PACKAGES)); do \
		name=$$(echo "$$package" | tr / .) && \
		CGO_ENABLED=1 $(GO) test -c -o "$$bin/$$name.test" "$$package" && \
		$(GO) list -f '{{.Dir}}' "$$package" >"$$bin/$$name.dir" || exit; \
	done; \
	scripts/guest/test "$$bin" & pid=$$!; wait $$pid

bench: ## compare with Python bcc, gobpf and C (as root); BENCHFLAGS='-rounds 15 -only hello'
	@scripts/setup bench
	scripts/with-headers $(GO) run -C bench . $(BENCHFLAGS)

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) vet -C bench ./harness/...
