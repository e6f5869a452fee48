# `make gpu-check`: on a machine with a GPU, from nvcc with its host compiler and this source alone. None of the packages
# that the program wants, so its own folder, rules and config.h.
CHECK := build/gpu-check
CHECK_CFLAGS := -std=c17 -D_GNU_SOURCE -O2 -g -fPIC -fno-math-errno -ffp-contract=off $(WARNINGS) -I. -I$(CHECK) -pthread
CHECK_SOURCES := $(addprefix core/,status.c clock.c team.c threads.c number.c) \
	$(filter-out kernels/cpu/onednn%,$(wildcard kernels/*.c kernels/cpu/*.c kernels/device_bench/*.c)) \
	$(addprefix trainer/,$(notdir $(wildcard trainer/network*.c trainer/plan*.c trainer/device*.c)) bench_convs.c execute.c \
		executor.c operations.c schedule.c spec.c spec_text.c) \
	$(wildcard tests/gpu_check/*.c)
CHECK_OBJECTS := $(CHECK_SOURCES:%.c=$(CHECK)/%.o)
CHECK_CUDA := $(patsubst %.cu,$(CHECK)/cuda/%.o,$(CUDA_SOURCES) $(CUDA_NVIDIA_SOURCES))

.PHONY: gpu-check gpu-check-build gpu-check-program
# SEED=N: other inputs. ONLY=TEXT: some kernels. SANITIZER=1: the checks under compute-sanitizer, too, where it is there.
gpu-check: gpu-check-build ## check and measure a GPU: needs nvcc and this source, no packages
	@$(CHECK)/gpu-check $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only '$(ONLY)')
	@[ -z '$(SANITIZER)' ] || tests/gpu_check/sanitize.sh $(CHECK)/gpu-check

gpu-check-build: $(CHECK)/gpu-check $(CHECK)/libiclab-cuda.so
gpu-check-program: $(CHECK)/gpu-check

$(CHECK)/libcheck.a: $(filter-out $(CHECK)/tests/gpu_check/gpu_check.o,$(CHECK_OBJECTS))
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(CHECK)/gpu-check: $(CHECK)/tests/gpu_check/gpu_check.o $(CHECK)/libcheck.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CHECK_CFLAGS) -o $@ $^ -ldl -lm

$(CHECK)/libiclab-cuda.so: $(CHECK_CUDA) $(CHECK)/libcheck.a
	$(call say,LINK,$@)
	$(Q)$(NVCC) -shared -o $@ $^ $(CUDA_LIBRARIES) -Xlinker --exclude-libs=ALL $(addprefix -Xlinker ,-z defs)

$(CHECK)/%.o: %.c | $(CHECK)/config.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CHECK_CFLAGS) -MMD -MP -c -o $@ $<

$(CHECK)/cuda/%.o: %.cu | $(CHECK)/config.h
	@mkdir -p $(@D)
	$(call say,NVCC,$<)
	$(Q)$(NVCC) $(NVCC_FLAGS) -I$(CHECK) -MMD -MP -c -o $@ $<

$(CHECK)/config.h: Makefile tests/gpu_check/check.mk
	@mkdir -p $(@D)
	@printf '#define ICL_%s\n' 'VERSION "$(VERSION)"' 'DATADIR "$(DATADIR)/iclab"' 'LIBDIR "$(LIBDIR)"' >$@

-include $(shell find $(CHECK) -name '*.d' 2>/dev/null)
