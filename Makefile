# Two commands matter: `make demo` shows Hopline at work on real traffic, `make test` runs every check.
# Both set up what is missing first. V=1 shows the commands.

Q := $(if $(V),,@)
OUT := .output
NODE := node_modules/.bin/node
ARCH := $(shell uname -m)

BPF_FLAGS := -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter -Werror -Imaps -Ibpf -I/usr/include/$(ARCH)-linux-gnu

ENGINE := $(OUT)/hopline.bpf.o
BUNDLE := $(OUT)/dist/start.js
REBUILT := $(OUT)/test/upgrade/hopline.bpf.o
TEST_PROGRAMS := $(patsubst test/%.bpf.c,$(OUT)/test/%.bpf.o,$(shell find test -name '*.bpf.c' 2>/dev/null))
TEST_TOOLS := $(patsubst test/%.c,$(OUT)/test/%,$(filter-out %.bpf.c,$(shell find test -name '*.c' 2>/dev/null)))

.DELETE_ON_ERROR:
.PHONY: help setup build generate demo test check field bench soak format lint clean

help:
	@echo "make demo      set up, build, and watch HTTP walk through a firewall, a VPN, an IDS and a server"
	@echo "make test      set up, build, and run every check and test (some 15 minutes)"
	@echo "make check     lint, types, and the tests of what is pure (a minute or two)"
	@echo "make bench     set up, build, and measure; results in bench/results.json"
	@echo "make field     a site of two firewalls, an IPS, an IDS and two servers through twenty kinds of trouble (ten minutes)"
	@echo "make soak      a quarter of an hour of trouble that must alarm nobody"
	@echo "make package   a Debian package and one for npm, in $(OUT);  make package-test  tries the first in fresh Debian roots"
	@echo "make build     compile the dataplane"
	@echo "make generate  write the TypeScript codecs again after a change in maps/"
	@echo "make format    format everything;  make lint  check it"
	@echo "make clean     remove what was built"

setup:
	$(Q)scripts/setup

build: setup
	$(Q)$(MAKE) --no-print-directory objects

.PHONY: objects
objects: $(ENGINE) $(REBUILT) $(TEST_PROGRAMS) $(TEST_TOOLS) $(BUNDLE)

$(ENGINE): $(wildcard bpf/*.c bpf/*.h maps/*.h)
	@mkdir -p $(@D)
	@echo "  BPF    $@"
	$(Q)clang $(BPF_FLAGS) -c bpf/hopline.bpf.c -o $@

# The same engine with one constant changed: the other build that an upgrade is tested with.
$(REBUILT): $(wildcard bpf/*.c bpf/*.h maps/*.h)
	@mkdir -p $(@D)
	@echo "  BPF    $@"
	$(Q)cp bpf/* $(@D)/ && sed -i 's/^#define FAR 0x7fff/#define FAR 0x7ffe/' $(@D)/packet.h
	$(Q)clang $(BPF_FLAGS) -c $(@D)/hopline.bpf.c -o $@

$(BUNDLE): $(shell find src packaging -name '*.ts') $(shell find src -type d) package.json node_modules/.package-lock.json
	@echo "  JS     $(@D)"
	$(Q)$(NODE) packaging/bundle.ts

$(OUT)/test/%.bpf.o: test/%.bpf.c $(wildcard maps/*.h bpf/*.h)
	@mkdir -p $(@D)
	@echo "  BPF    $@"
	$(Q)clang $(BPF_FLAGS) -c $< -o $@

$(OUT)/test/%: test/%.c
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)clang -O2 -g -Wall -Wextra -Werror $< -o $@

generate: build
	$(Q)$(NODE) maps/generate.ts

demo: build
	$(Q)$(NODE) test/lab/demo.ts

test: build
	$(Q)scripts/test

check: build
	$(Q)scripts/test check

field: build
	$(Q)scripts/test field

bench: build
	$(Q)unshare --net $(NODE) bench/main.ts

soak: build
	$(Q)unshare --net $(NODE) bench/soak.ts

package: build
	$(Q)$(NODE) packaging/debian.ts $(OUT)
	$(Q)$(NODE) packaging/npm.ts $(OUT)

package-test: build
	$(Q)scripts/package-test

format: setup
	$(Q)node_modules/.bin/biome check --write . && clang-format -i $$(git ls-files '*.c' '*.h')

lint: setup
	$(Q)scripts/test lint

clean:
	$(Q)rm -rf $(OUT)
