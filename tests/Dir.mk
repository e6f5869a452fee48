# t_*.c are cmocka programs, x_*.sh end-to-end tests, any other .c here is linked into every program.
TEST_SOURCES += $(wildcard tests/t_*.c)
TEST_SCRIPTS := $(wildcard tests/x_*.sh)
TEST_PROGRAMS := $(TEST_SOURCES:%.c=$(OUT)/%)
TEST_SUPPORT := $(patsubst %.c,$(OUT)/%.o,$(filter-out $(TEST_SOURCES),$(wildcard tests/*.c)))
# Fuzz targets: their corpus is run by `make test`.
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_PROGRAMS := $(FUZZ_SOURCES:%.c=$(OUT)/%)
FUZZ_SECONDS ?= 600
TEST_PROGRAMS += $(FUZZ_PROGRAMS)
# A program has this many seconds.
TEST_TIMEOUT ?= 300
TEST_JOBS    ?= 2

.PHONY: test run-one asan valgrind mutation run-tests fuzz fuzz-programs fuzz-list
.SECONDARY: $(TEST_SOURCES:%.c=$(OUT)/%.o) $(TEST_SUPPORT)

test: ## install what the tests need, build, run them all; NOSKIP=1: a skip is a failure; PROOFS=1: the proofs, too
	@tools/install.sh build run verify test $(if $(filter 1,$(PROOFS)),proofs)
	@$(MAKE) run-tests

# The proofs are compiled here and judged by x_formal.sh, the CUDA plug-in by x_cuda_build.sh.
run-tests: $(OUT)/iclab $(OUT)/enclose $(OUT)/$(SONAME) $(OUT)/libiclab-emulated.so $(TEST_PROGRAMS)
	@[ -z '$(TEST_SCRIPTS)' ] || ! command -v coqc >/dev/null || proofs/formal/prove.sh --compile || true
	@[ -z '$(TEST_SCRIPTS)' ] || $(MAKE) cuda-if-possible || true
	@ICLAB='$(CURDIR)/$(OUT)/iclab' ENCLOSE='$(CURDIR)/$(OUT)/enclose' \
		NVCC='$(NVCC)' CUDA_TARGETS='$(CUDA_TARGETS)' \
		CUDA_PLUGIN='$(if $(CUDA_SANITIZED),,$(CURDIR)/$(OUT)/libiclab-cuda.so)' \
		ICLAB_DEVICE_PLUGIN='$(CURDIR)/$(OUT)/libiclab-emulated.so' TEST_CFLAGS='$(FLAGS_$(BUILD)) $(CFLAGS)' \
		tests/run.sh -j $(TEST_JOBS) -t $(TEST_TIMEOUT) $(TEST_PROGRAMS) $(TEST_SCRIPTS)

run-one: $(OUT)/tests/$(T) ## one test program: make run-one T=t_kernels_device; with BUILD=asan under sanitizers
	@$<

asan: ## the whole test suite under AddressSanitizer and UBSan
	@$(MAKE) test BUILD=asan TEST_TIMEOUT=900

valgrind: ## the unit tests under valgrind (slow)
	@tools/install.sh build run verify test valgrind
	@WRAPPER='valgrind -q --error-exitcode=99 --leak-check=full' $(MAKE) run-tests BUILD=debug TEST_TIMEOUT=3600 TEST_SCRIPTS=

mutation: ## break the formulas one by one: the tests have to notice (minutes)
	@tools/install.sh build run test proofs
	@tests/mutation/mutate.sh

fuzz: ## run the fuzz targets, FUZZ_SECONDS each (needs clang)
	@tools/install.sh build lint
	@$(MAKE) fuzz-programs BUILD=fuzz CC='$(CLANG)'
	@tests/fuzz/run.sh '$(FUZZ_SECONDS)' build/fuzz-found $$($(MAKE) -s fuzz-list BUILD=fuzz CC='$(CLANG)')

fuzz-programs: $(FUZZ_PROGRAMS)

fuzz-list:
	@echo $(FUZZ_PROGRAMS)

# With libFuzzer, whose main is its own, or with one that runs the files of the corpus.
FUZZ_MAIN := $(if $(filter fuzz,$(BUILD)),,$(OUT)/tests/fuzz/replay.o)
$(OUT)/tests/fuzz/fuzz_%: $(OUT)/tests/fuzz/fuzz_%.o $(FUZZ_MAIN) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $^ $(LIBS)
.SECONDARY: $(FUZZ_SOURCES:%.c=$(OUT)/%.o) $(FUZZ_MAIN)

$(OUT)/tests/t_%: $(OUT)/tests/t_%.o $(TEST_SUPPORT) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

# Kernels of its own, on the emulation without the plug-in.
$(OUT)/tests/t_kernels_emulated: $(OUT)/tests/t_kernels_emulated.o $(OUT)/emulated/tests/emulated_kernels.o \
		$(EMULATED_RUNTIME) $(TEST_SUPPORT) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(EMULATED_FLAGS) $(LDFLAGS) -o $@ $^ -lboost_context -lcmocka $(LIBS)

# Programs that ask for the emulated device have it built with them.
DEVICE_TESTS := $(patsubst %.c,$(OUT)/%,$(shell grep -lE 'device_(support|storage)\.h' $(TEST_SOURCES)))
$(DEVICE_TESTS): | $(OUT)/libiclab-emulated.so

# What the estimators are worth, measured: the table of docs/estimators.md. Not a test: nothing passes or fails.
.PHONY: bench-accuracy bench-knn bench-peers bench-train-peers equal-train bench-dependence
bench-accuracy: ## bias and spread of the estimators, TSV on standard output
	@$(MAKE) $(OUT)/iclab >&2
	@$(OUT)/iclab bench accuracy

bench-knn: ## time the nearest-neighbour estimators beside their plain form
	@$(MAKE) $(OUT)/tests/bench/bench_knn >&2
	@$(OUT)/tests/bench/bench_knn

bench-dependence: ## level, power and cost of the tests of dependence, TSV on standard output
	@$(MAKE) $(OUT)/tests/bench/bench_dependence >&2
	@$(OUT)/tests/bench/bench_dependence

bench-peers: ## time iclab beside R and Python packages, which it installs (minutes)
	@$(MAKE) $(OUT)/tests/bench/peers/peer_iclab >&2
	@tests/bench/peers/bench_peers.sh '$(CURDIR)/$(OUT)/tests/bench/peers/peer_iclab'
	@$(MAKE) --no-print-directory bench-train-peers

bench-train-peers: ## time training beside PyTorch, which it installs (minutes; several GB of disk)
	@$(MAKE) $(OUT)/tests/bench/peers/peer_train >&2
	@tests/bench/peers/bench_train_peers.sh '$(CURDIR)/$(OUT)/tests/bench/peers/peer_train'

equal-train: ## compare trained networks with those of PyTorch, which it installs (an hour or so)
	@$(MAKE) $(OUT)/iclab >&2
	@tests/bench/peers/equal_train.sh '$(CURDIR)/$(OUT)/iclab' '$(CURDIR)/build/equal-train'

$(OUT)/tests/bench/%: $(OUT)/tests/bench/%.o $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)
include tests/gpu_check/check.mk
