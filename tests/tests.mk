# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The layers of tests; tests/run counts what they say. Included by the Makefile.

TEST_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) -g -O1 $(USER_INCLUDES) -I$(B)/proto -Itests/unit \
	$(PKG_CFLAGS)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# ---- unit: everything that needs no kernel, with sanitizers ----

PURE := $(patsubst user/%.c,%,$(wildcard user/base/*.c user/print/*.c user/record/*.c \
	user/model/*.c user/report/*.c user/render/*.c user/verify/claim*.c \
	user/target/check.c user/target/targets.c user/target/port.c user/target/cgroup.c user/target/unit.c \
	user/target/launch.c user/target/sockets.c user/target/places.c user/target/epolls.c user/target/overflows.c user/run/shortfall.c user/run/status.c \
	user/load/*.c $(filter-out user/doctor/doctor.c,$(wildcard user/doctor/*.c)) \
	user/verify/catalogue.c user/verify/report.c user/verify/json.c user/verify/table.c user/verify/cases.c user/verify/markdown.c \
	$(filter-out user/learn/step.c,$(wildcard user/learn/*.c)) \
	user/compare/*.c user/explain/*.c user/cli/*.c user/top/*.c user/metrics/*.c user/commands/conclude.c user/commands/enough.c \
	user/commands/fail.c user/commands/documents.c \
	user/tracer/buffer.c user/tracer/hooks.c user/tracer/ksyms.c user/tracer/preempt.c user/tracer/programs.c))
PURE_OBJS := $(PURE:%=$(B)/san/%.o) $(PROTO_OBJ)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c)) \
	$(B)/unit/test_oracle_parse $(B)/unit/test_outcomes
LIVE_HDRS := $(wildcard tests/vm/*.h)
UNIT_LIBS = $(shell pkg-config --libs zlib jansson libmnl ncursesw libcap-ng libprotobuf-c) -lunistring -lcmocka -lm

$(B)/san/%.o: user/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -MMD -MP -c $< -o $@

$(B)/san/render/html.o: $(B)/page.h

FIXTURE_OBJS := $(B)/san/records.o $(B)/san/story.o $(B)/san/alike.o

$(FIXTURE_OBJS): $(B)/san/%.o: tests/unit/%.c | $(B)/san
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -MMD -MP -c $< -o $@

$(B)/unit/test_oracle_parse: tests/vm/test_oracle_parse.c tests/vm/oracle_parse.c \
		tests/vm/trace_text.c tests/vm/oracle.h tests/vm/trace_text.h | $(B)/unit
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -o $@ $(filter %.c,$^) -lcmocka

$(B)/unit/test_outcomes: tests/vm/test_outcomes.c tests/vm/outcomes.c tests/vm/tracefs.c \
		tests/vm/trace_text.c $(LIVE_HDRS) | $(B)/unit
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -o $@ $(filter %.c,$^) -lcmocka

$(B)/unit/%: tests/unit/%.c $(PURE_OBJS) $(FIXTURE_OBJS) | $(B)/unit
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -MMD -MP -o $@ $< $(PURE_OBJS) $(FIXTURE_OBJS) \
		$(UNIT_LIBS)

$(B)/san/negotiate.o: user/http/negotiate.c user/http/negotiate.h user/http/channel.h | $(B)/san
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -c $< -o $@

$(B)/unit/test_metrics: UNIT_LIBS += $(B)/san/negotiate.o
$(B)/unit/test_metrics: $(B)/san/negotiate.o
# Its maps are the test's own.
$(B)/unit/test_purge: UNIT_LIBS += $(B)/san/tracer/purge.o
$(B)/unit/test_purge: $(B)/san/tracer/purge.o
$(B)/unit/test_endpoint: | $(B)/herdtrace-http

# It compares the tables of hooks and programs with what the object has.
$(B)/unit/test_hooks: UNIT_LIBS += $(shell pkg-config --libs libbpf)
$(B)/unit/test_hooks: | $(B)/herdtrace.bpf.o

TYPES_OBJS := $(patsubst %,$(B)/san/tracer/%.o,types subset)

$(B)/unit/test_types: UNIT_LIBS += $(TYPES_OBJS) $(shell pkg-config --libs libbpf)
$(B)/unit/test_types: $(TYPES_OBJS)

# ---- replay: what is too large to be kept in tests/replay ----

REPLAY_TESTS := $(patsubst tests/replay/%.c,$(B)/replay/%,$(wildcard tests/replay/test_*.c)) \
	$(B)/replay/page_run

$(B)/replay/%: tests/replay/%.c tests/unit/records.c tests/unit/alike.c $(PURE:%=$(B)/user/%.o) \
		$(PROTO_OBJ) | $(B)/replay
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -O2 -MMD -MP -o $@ $(filter %.c,$^) $(filter %.o,$^) $(UNIT_LIBS)

# ---- fuzz: damaged recordings, with clang's libFuzzer ----

# How long to look for what goes wrong; build/fuzz/corpus keeps what was found to be worth a try.
FUZZ_SEC ?= 60
# Not what is compared with what: mutate.c knows what leads on.
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-coverage=trace-cmp \
	-fno-sanitize-recover=all
# Recordings are short: what is kept of many is kept of few.
FUZZ_FEW := -DRECENT_MAX=8 -DLOST_MAX=4 -DSWEEP_MIN=8 -DCLOSED_MAX=2 -DFOLD_MEMBERS=6 -DFOLD_POOLS=2
FUZZ_SRCS := $(wildcard user/base/*.c user/print/*.c user/record/*.c user/model/*.c \
	user/report/*.c user/render/*.c user/explain/*.c) $(wildcard tests/fuzz/*.c) tests/unit/records.c \
	tests/unit/story.c tests/unit/alike.c
FUZZ_OBJS := $(FUZZ_SRCS:%.c=$(B)/fuzz/obj/%.o)

$(B)/fuzz/obj/%.o: %.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(TEST_CFLAGS) -O2 $(FUZZ_FEW) $(FUZZ_SAN) -MMD -MP -c $< -o $@

$(B)/fuzz/obj/user/render/html.o: $(B)/page.h

$(B)/fuzz/target: $(FUZZ_OBJS) $(PROTO_OBJ)
	$(say) LINK $@
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ \
		$(shell pkg-config --libs jansson libprotobuf-c) -lm

# ---- live: on each kernel, with tracefs as the witness ----

LIVE_SRCS := $(wildcard tests/vm/live*.c) tests/vm/tracefs.c \
	tests/vm/oracle.c tests/vm/oracle_parse.c tests/vm/outcomes.c tests/vm/trace_text.c

# It is herdtrace itself in the runs that share a tracer.
LIVE_OBJS := $(filter-out $(B)/user/main.o,$(USER_OBJS)) $(PROTO_OBJ)

$(B)/vm/live: $(LIVE_SRCS) $(LIVE_HDRS) $(LIVE_OBJS) | $(B)/vm
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $(LIVE_SRCS) $(LIVE_OBJS) $(LIBS)

$(B)/vm/oracle: tests/vm/oracle-cli.c tests/vm/tracefs.c tests/vm/oracle.c \
		tests/vm/oracle_parse.c tests/vm/trace_text.c $(LIVE_HDRS) | $(B)/vm
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $(filter %.c,$^)

# Under the name of every reference server: what a claim must not hold with.
WRONG_SERVERS := $(patsubst $(B)/servers/%,$(B)/wrong/%,$(SERVERS))

# What a reference server is not: see the head of each.
VM_SERVERS := $(patsubst tests/vm/%.c,$(B)/vm/%,$(wildcard tests/vm/*-server.c))

$(B)/vm/%-server: tests/vm/%-server.c tests/vm/listener.h | $(B)/vm
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -pthread -o $@ $<

$(WRONG_SERVERS): $(B)/vm/wrong-server | $(B)/wrong
	$(Q)ln -f $< $@

# ---- bench: what it costs, in a guest's instructions ----

BENCH := $(B)/bench/bin
BENCH_PROGRAMS := $(addprefix $(BENCH)/,unrelated client count stopwatch crowd tape empty empty.bpf.o guest)

$(BENCH)/%: tests/bench/%.c tests/bench/meter.c tests/bench/meter.h | $(BENCH)
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -O2 -o $@ $(filter %.c,$^) $(BENCH_LIBS)

$(BENCH)/empty: BENCH_LIBS := $(shell pkg-config --libs libbpf)

$(BENCH)/tape: tests/bench/tape.c tests/unit/records.c $(PURE:%=$(B)/user/%.o) $(PROTO_OBJ) | $(BENCH)
	$(say) CC $@
	$(Q)$(CC) $(TEST_CFLAGS) -O2 -o $@ $(filter %.c,$^) $(filter %.o,$^) $(UNIT_LIBS)

# A copy: a shell reads its script bit by bit, and may meet another version of it.
$(BENCH)/guest: tests/bench/guest | $(BENCH)
	$(Q)cp $< $@

$(BENCH)/empty.bpf.o: tests/bench/empty.bpf.c | $(BENCH)
	$(say) BPF $@
	$(Q)$(CLANG) -target bpf -mcpu=v2 -O2 -g $(WARN) -Wno-unused-parameter -Ivmlinux/$(ARCH) -c $< -o $@

$(B)/san $(B)/unit $(B)/replay $(B)/vm $(B)/wrong $(BENCH):
	$(Q)mkdir -p $@

# ---- running them ----

.PHONY: test test-unit test-replay fuzz test-live test-programs
test: setup
	+$(Q)$(BUILD) lint all test-programs
	$(Q)FUZZ_SEC=$(FUZZ_SEC) tests/run unit replay fuzz bench live $(KERNELS)

test-programs: $(UNIT_TESTS) $(BENCH_PROGRAMS) $(REPLAY_TESTS) $(B)/fuzz/target $(B)/vm/live $(B)/vm/oracle \
	$(VM_SERVERS) $(WRONG_SERVERS) static

test-unit: $(UNIT_TESTS)
	$(Q)tests/run unit

test-replay: all static $(REPLAY_TESTS)
	$(Q)tests/run replay

fuzz: $(B)/fuzz/target
	$(Q)FUZZ_SEC=$(FUZZ_SEC) tests/run fuzz

test-live: all $(B)/vm/live $(VM_SERVERS) $(WRONG_SERVERS)
	$(Q)tests/run live $(KERNELS)

# What it costs. BENCH_PARTS and BENCH_KERNELS choose, tests/bench/README.md has them. BUDGET=update sets the limits
# to what was measured. docs/cost.md is written from all that was measured last.
.PHONY: bench bench-check bench-measure bench-programs
bench: bench-measure
ifeq ($(BUDGET),update)
	$(Q)tests/bench/check --update
endif
	$(Q)tests/bench/document >$(B)/bench/cost.md && mv $(B)/bench/cost.md docs/cost.md

bench-check: bench-measure
	$(Q)tests/bench/check

bench-measure:
	$(Q)tools/setup build test vm bench
	+$(Q)$(BUILD) all bench-programs
	$(Q)tests/bench/run

bench-programs: $(BENCH_PROGRAMS)

# Servers from Debian, on each of these kernels; docs/real-servers.md is written from all that was measured last.
.PHONY: real-servers
REAL_KERNELS = $(if $(filter command line environment,$(origin KERNELS)),$(KERNELS),6.1 7.2)
real-servers:
	$(Q)tools/setup build test vm real
	+$(Q)$(BUILD) all $(B)/vm/oracle $(B)/real/bin/http
	$(Q)for kernel in $(REAL_KERNELS); do tests/real/run $$kernel $(ROWS) || exit; done
	$(Q)tests/real/document >$(B)/real/document.md && mv $(B)/real/document.md docs/real-servers.md

$(B)/real/bin/http: tests/real/http.go
	$(say) GO $@
	$(Q)mkdir -p $(@D)
	$(Q)CGO_ENABLED=0 GO111MODULE=off GOFLAGS= GOTOOLCHAIN=local GOPROXY=off \
		GOCACHE=$(abspath $(B)/go/cache) GOPATH=$(abspath $(B)/go) \
		$(GO) build -trimpath -o $@ $<

# What goes wrong once in a hundred times: a recording of hours, hundreds of starts on each kernel, and much load.
# SOAK_STARTS: of all servers together, and of restarts on AF_UNIX; half as many on a server under load, whose clients
# rest for LIVE_REST_MS between two requests (0; with 20 it is done in half an hour).
.PHONY: soak soak-replay
SOAK_STARTS ?= 200
soak: soak-replay all $(B)/vm/live $(VM_SERVERS) $(WRONG_SERVERS)
	$(Q)for kernel in $(KERNELS); do \
		echo "# soak on $$kernel"; \
		tools/vm/run --timeout 14400 $$kernel -- \
			env LIVE_STARTS=$(SOAK_STARTS) LIVE_LOAD=1 $(if $(LIVE_REST_MS),LIVE_REST_MS=$(LIVE_REST_MS)) $(B)/vm/live $(B)/herdtrace \
				$(B)/servers starts load; \
	done
	$(Q)LIVE_EVERYWHERE=1 tests/run live $(KERNELS)

# Hours of records, a hundred times what test-replay has.
SOAK_RECORDS ?= 100000000
soak-replay: $(B)/herdtrace $(B)/replay/test_long $(B)/replay/test_looks
	$(Q)$(B)/replay/test_long $(B)/herdtrace $(SOAK_RECORDS)
	$(Q)$(B)/replay/test_looks 1000000

# What lessons say that their commands print, on each kernel. FILL=1 writes commands, numbers and pictures into the texts;
# the pictures are of the last kernel that is named.
.PHONY: lessons
lessons:
	$(Q)tools/setup build vm lessons
	$(Q)$(MAKE) all
	$(Q)tests/lessons
	$(Q)for kernel in $(KERNELS); do \
		echo "# lessons on $$kernel"; \
		mkdir -p $(B)/lessons/$$kernel; \
		tools/vm/run --timeout 1800 --share $(B)/lessons/$$kernel $$kernel -- \
			$(B)/herdtrace learn --check -o $(B)/lessons/$$kernel $(LESSONS) || exit; \
	done
ifneq ($(FILL),)
	$(Q)tests/lessons --fill $(B)/lessons/$(lastword $(KERNELS))
endif

# What -f perfetto writes, opened by Perfetto's own trace processor, which is fetched once.
.PHONY: perfetto
perfetto:
	$(Q)tools/setup build perfetto
	$(Q)$(MAKE) $(B)/herdtrace
	$(Q)tests/fetch_trace_processor $(B)/perfetto
	$(Q)tests/perfetto open $(B)/perfetto

# What the posts asked and nobody has measured. docs/questions.md is written from it.
.PHONY: questions
QUESTION_KERNELS = $(if $(filter command line environment,$(origin KERNELS)),$(KERNELS),6.12)
questions:
	$(Q)tools/setup build vm
	$(Q)$(MAKE) all $(BENCH)/client $(B)/questions/burst
	$(Q)tests/questions/run $(QUESTION_KERNELS)
	$(Q)tests/questions/document $(QUESTION_KERNELS:%=$(B)/questions/%) >$(B)/questions/document.md && \
		mv $(B)/questions/document.md docs/questions.md

$(B)/questions/burst: tests/questions/burst.c tests/bench/meter.c tests/bench/meter.h
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -O2 -o $@ $(filter %.c,$^)

# ---- valgrind ----

.PHONY: valgrind
# RECORDINGS="tests/replay/accept.rec": some.
valgrind: $(B)/herdtrace
	$(Q)tests/valgrind $(RECORDINGS)

# ---- style ----

C_FILES := $(wildcard bpf/*.[ch] user/*.[ch] user/*/*.[ch] tools/*/*.[ch] tests/*/*.[ch])
SHELL_FILES := .ci/run vmlinux/regenerate tools/completions/herdtrace.bash $(shell grep -lE '^\#!/bin/(ba)?sh' -r tools tests) $(wildcard tools/vm/lib/*.sh)

# What clang-tidy (.clang-tidy) and cppcheck (tools/lint) look at: all of user space but the tests.
TIDY_FILES := $(wildcard user/*.c user/*/*.c tools/*/*.c)
TIDY_FLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra $(USER_INCLUDES) -I$(B) -I$(B)/proto $(PKG_CFLAGS)

.PHONY: lint lint-format lint-shell lint-tidy lint-cppcheck
lint: lint-format lint-shell lint-tidy lint-cppcheck
	@echo "lint: $(words $(C_FILES)) C files and $(words $(SHELL_FILES)) scripts are clean"

lint-format:
	$(Q)clang-format -n -Werror $(C_FILES)

lint-shell:
	$(Q)shellcheck -x $(SHELL_FILES)
	$(Q)grep -c . tests/vm/matrix >/dev/null

# It reads what is generated, too. What it says on stderr is how many findings there are in headers of others.
lint-tidy: $(B)/herdtrace.skel.h $(B)/page.h $(PROTO_C)
	$(Q)printf '%s\n' $(TIDY_FILES) | xargs -P $(shell nproc) -n 16 sh -c \
		'clang-tidy --quiet "$$@" -- $(TIDY_FLAGS) 2>/dev/null' sh

# Not what has a whole page in one array: that takes it minutes.
lint-cppcheck:
	$(Q)cppcheck -j $(shell nproc) --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
		--std=c11 -i user/render/html.c --library=gnu --library=bsd --library=tools/lint/cppcheck.cfg -D_GNU_SOURCE -D__x86_64__ -Iuser -I. user tools

-include $(wildcard $(B)/san/*.d $(B)/san/*/*.d $(B)/unit/*.d) $(FUZZ_OBJS:.o=.d)
.SECONDARY:
