# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#
#   make all               builds build/herdtrace and build/servers/
#   make demo              sets up, builds, shows four servers
#   make test              sets up, builds, runs every test
#   make test-unit         unit tests, no root needed
#   make test-replay       recordings to golden output, wrong use, JSON Schemas; no root needed
#   make fuzz [FUZZ_SEC=3600]         damaged recordings with libFuzzer, a minute if not said otherwise
#   make test-live [KERNELS="6.1"]    on each kernel, in virtual machines
#   make soak [KERNELS="7.2"]         a recording of hours; on each kernel hundreds of starts, much load, every suite
#   make soak-replay [SOAK_RECORDS=N] the recording alone
#   make bench             what it costs, on two kernels, in virtual machines; writes docs/cost.md
#   make bench-check       the same against the limits of tests/bench/budget
#   make real-servers [KERNELS="6.1 7.2"] [ROWS="nginx uwsgi"]   servers from Debian; writes docs/real-servers.md
#   make verify-kernels    herdtrace verify on each kernel, in virtual machines; tests/kernels
#   make pictures          docs/page.png, of -f html
#   make questions         what the posts asked and nobody measured; writes docs/questions.md
#   make lessons [KERNELS="6.12"]    every command of every lesson, in virtual machines; LESSONS="4": some
#   make perfetto          traces of -f perfetto, opened by Perfetto's trace processor
#   make lint              formatting, shell scripts, clang-tidy, cppcheck
#   make valgrind          reports of all recordings under valgrind
#   make setup             what the build and the tests need, from the distribution
#   make install           into $(DESTDIR)$(PREFIX), /usr/local if not said otherwise
#   make uninstall         takes out of there what install has put, and nothing else
#   make static            build/static/herdtrace, which needs no library, without --port; and the servers
#   make dist              build/dist/herdtrace-VERSION.tar.gz of the last commit, the same bytes wherever it is made
#   make deb               packages for Debian, of the last commit: build/deb/*.deb, which lintian has looked at
#   make deb-check         installs them in a new Debian (debootstrap), uses them, purges them; as root
#   make clean             removes build/
#   make help              this list
#
# V=1 shows the commands.

PREFIX ?= /usr/local
KERNELS ?= 5.10 6.1 6.12 7.2
CC ?= cc
CLANG ?= clang
BPFTOOL ?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
B := build

ARCH := $(shell uname -m)
BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(ARCH)))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
MAKEFLAGS += --no-print-directory
endif

# What the commands of the README build, they build on all CPUs, unless they were told on how many.
BUILD = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

WARN := -Wall -Wextra -Werror
# Headers are named from user/ ("model/model.h"), those shared with the kernel side from the top.
USER_INCLUDES := -Iuser -iquote .
CFLAGS ?= -O2 -g
PKGS := libbpf libelf zlib jansson libmnl ncursesw libcap-ng libprotobuf-c
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) $(CPPFLAGS) $(CFLAGS) $(USER_INCLUDES) -I$(B) -I$(B)/proto $(PKG_CFLAGS)
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
# libunistring has no file for pkg-config in Debian.
LIBS = $(shell pkg-config --libs $(PKGS)) -lunistring -lm

.PHONY: all
all: $(B)/herdtrace $(B)/herdtrace-http servers manual completions

# ---- the kernel side ----

BPF_OBJS := $(patsubst bpf/%.bpf.c,$(B)/bpf/%.bpf.o,$(wildcard bpf/*.bpf.c))

# state.bpf.o defines the maps: the linker wants definitions before their uses.
$(B)/herdtrace.bpf.o: $(B)/bpf/state.bpf.o $(filter-out $(B)/bpf/state.bpf.o,$(BPF_OBJS))
	$(say) LINK $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/bpf/%.bpf.o: bpf/%.bpf.c | $(B)/bpf
	$(say) BPF $@
	$(Q)$(CLANG) -target bpf -mcpu=v2 -D__TARGET_ARCH_$(BPF_ARCH) -O2 -g $(WARN) \
		-Wno-unused-parameter -Wno-missing-declarations \
		-MMD -MP -Ibpf -Ivmlinux/$(ARCH) -c $< -o $@

$(B)/herdtrace.skel.h: $(B)/herdtrace.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name herdtrace_bpf >$@.tmp && mv $@.tmp $@

# ---- the user side ----

USER_OBJS := $(patsubst user/%.c,$(B)/user/%.o,$(filter-out user/http/% user/target/portless.c,$(wildcard user/*.c user/*/*.c)))

PROTO_C := $(B)/proto/perfetto.pb-c.c
PROTO_OBJ := $(PROTO_C:.c=.o)

$(B)/herdtrace: $(USER_OBJS) $(PROTO_OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/user/%.o: user/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(patsubst user/%.c,$(B)/user/%.o,$(wildcard user/tracer/*.c)): $(B)/herdtrace.skel.h

# What -f html writes: page, styles and scripts in one, with the hashes of what may run.
$(B)/page.h: tools/page $(wildcard user/render/html/*) | $(B)/user
	$(say) PAGE $@
	$(Q)tools/page user/render/html >$@.tmp && mv $@.tmp $@

$(B)/user/render/html.o: $(B)/page.h

# What of Perfetto's format is written: one object for all programs, as it has nothing that sanitizers could find.
$(PROTO_C): user/render/perfetto.proto
	$(say) PROTO $@
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --proto_path=$(<D) --c_out=$(@D) $(<F)

$(PROTO_OBJ): $(PROTO_C)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

# It includes what is made there.
$(B)/user/render/packets.o $(B)/san/render/packets.o $(B)/fuzz/obj/user/render/packets.o: $(PROTO_C)

# The manual has its synopsis and which command takes which option from the tables of user/cli.
# (report/ as --expect takes its quantities.)
MANUAL_OBJS := $(patsubst user/%.c,$(B)/user/%.o,$(wildcard user/cli/*.c user/report/*.c user/base/*.c))

# The pages of commands take from there what it says of them and of their options.
MANUAL := $(B)/herdtrace.8 $(patsubst user/manual/%.scd,$(B)/%,$(wildcard user/manual/*.scd))

.PHONY: manual
manual: $(MANUAL)

$(B)/manual: tools/manual/manual.c tools/manual/page.c tools/manual/page.h $(MANUAL_OBJS)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter-out %.h,$^) -lm

$(B)/herdtrace.8: user/herdtrace.8.scd $(B)/manual
	$(say) MAN $@
	$(Q)$(B)/manual <$< >$@.scd && scdoc <$@.scd >$@.tmp && mv $@.tmp $@

$(B)/herdtrace-%.8: user/manual/herdtrace-%.8.scd user/herdtrace.8.scd $(B)/manual
	$(say) MAN $@
	$(Q)$(B)/manual user/herdtrace.8.scd $* <$< >$@.scd && scdoc <$@.scd >$@.tmp && mv $@.tmp $@

# Completion has options and their arguments from the same tables, and claims and lessons.
COMPLETIONS := $(addprefix $(B)/completions/,herdtrace.bash _herdtrace herdtrace.fish)
LESSONS := $(notdir $(wildcard docs/lessons/[0-9]*))

.PHONY: completions
completions: $(COMPLETIONS)

$(B)/complete: $(wildcard tools/completions/*.[ch]) $(filter-out $(B)/user/main.o,$(USER_OBJS)) $(PROTO_OBJ)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(LIBS)

$(B)/completions/herdtrace.bash: SHELL_NAME := bash
$(B)/completions/_herdtrace: SHELL_NAME := zsh
$(B)/completions/herdtrace.fish: SHELL_NAME := fish
$(COMPLETIONS): $(B)/completions/%: tools/completions/% $(B)/complete docs/lessons
	$(say) COMPLETE $@
	$(Q)mkdir -p $(@D)
	$(Q)$(B)/complete $(SHELL_NAME) $(LESSONS) <$< >$@.tmp && mv $@.tmp $@

# A program of its own: nothing but the endpoint of metrics is to load an HTTP library.
$(B)/herdtrace-http: $(wildcard user/http/*.[ch]) user/base/clock.h | $(B)/user
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) \
		$(shell pkg-config --cflags --libs libmicrohttpd)

# ---- the reference servers ----

SERVERS := $(patsubst tools/servers/%.c,$(B)/servers/%,$(wildcard tools/servers/*-server.c))
SERVER_SRCS := $(addprefix tools/servers/,server.c listener.c unix-address.c)
SERVER_HDRS := $(wildcard tools/servers/*.h)

.PHONY: servers
servers: $(SERVERS) $(B)/servers/accept-client

$(B)/servers/%-server: tools/servers/%-server.c $(SERVER_SRCS) $(SERVER_HDRS) | $(B)/servers
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -pthread -o $@ $(filter %.c,$^) $(SERVER_LIBS)

$(B)/servers/reuseport-server: tools/servers/reuseport-group.c
$(B)/servers/uring-server: SERVER_LIBS := -luring

$(B)/servers/accept-client: tools/servers/accept-client.c tools/servers/unix-address.c \
		$(SERVER_HDRS) | $(B)/servers
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^)

# With a Go toolchain only, and its own cache: nothing is fetched, nothing written elsewhere.
GO := $(shell command -v go)
ifneq ($(GO),)
servers: $(B)/servers/go-server
endif

$(B)/servers/go-server: tools/servers/go-server.go | $(B)/servers
	$(say) GO $@
	$(Q)CGO_ENABLED=0 GO111MODULE=off GOFLAGS= GOTOOLCHAIN=local GOPROXY=off \
		GOCACHE=$(abspath $(B)/go/cache) GOPATH=$(abspath $(B)/go) \
		$(GO) build -trimpath -o $@ $<

# ---- one file that needs no library: tracing, reports, verify ----

# What has no static form in Debian is left out: libmnl, and the endpoint's libraries with it.
STATIC_OBJS := $(patsubst $(B)/user/target/port.o,$(B)/user/target/portless.o,$(filter-out $(B)/user/cli/options.o,$(USER_OBJS))) \
	$(B)/static/options.o
STATIC_PKGS := $(filter-out libmnl,$(PKGS))
# Nor go-server, which is static anyway.
STATIC_SERVERS := $(patsubst $(B)/servers/%,$(B)/static/servers/%,$(SERVERS))

.PHONY: static
static: $(B)/static/herdtrace $(STATIC_SERVERS)

$(B)/static/options.o: user/cli/options.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DHERDTRACE_BUILD='" (static: without --port, and metrics only with --textfile)"' \
		-MMD -MP -c $< -o $@

# The linker warns of functions that would load modules for users and names from elsewhere than /etc.
$(B)/static/herdtrace: $(STATIC_OBJS) $(PROTO_OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -Wl,--no-warnings -o $@ $^ \
		$(shell pkg-config --static --libs $(STATIC_PKGS)) -lunistring -lm

$(B)/static/servers/%-server: tools/servers/%-server.c $(SERVER_SRCS) $(SERVER_HDRS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -Wl,--no-warnings -pthread -o $@ $(filter %.c,$^) $(SERVER_LIBS)

$(B)/static/servers/reuseport-server: tools/servers/reuseport-group.c
$(B)/static/servers/uring-server: SERVER_LIBS := -luring

$(B)/bpf $(B)/user $(B)/servers:
	$(Q)mkdir -p $@

include tests/tests.mk

# ---- set-up, installing, cleaning ----

.PHONY: setup
setup:
	$(Q)tools/setup build test lint vm

.PHONY: demo
demo:
	$(Q)tools/setup build
	+$(Q)$(BUILD) all
	$(Q)tools/demo

# The README and documents of tests/kernels.
.PHONY: verify-kernels
verify-kernels:
	$(Q)tools/setup build vm
	+$(Q)$(BUILD) all
	$(Q)tools/verify-kernels $(KERNELS)

# What the documentation shows.
.PHONY: pictures
pictures: $(B)/herdtrace
	$(Q)tools/setup build test
	$(Q)tests/page --picture docs/page.png

.PHONY: install uninstall
install: all
	$(Q)DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) tools/install put

uninstall:
	$(Q)DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) tools/install remove

.PHONY: dist
dist:
	$(Q)tools/dist

.PHONY: deb deb-check
deb:
	$(Q)tools/setup build deb
	$(Q)tools/deb

deb-check: deb
	$(Q)tests/deb

.PHONY: help
help:
	@sed -n 's/^#   make/  make/p' Makefile

.PHONY: clean
clean:
	$(Q)rm -rf $(B)

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)
