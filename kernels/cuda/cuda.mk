# The CUDA plug-in, by nvcc for a GPU, and the same source by g++ with the processor playing the device, for tests.
NVCC ?= $(firstword $(shell command -v nvcc 2>/dev/null) /usr/local/cuda/bin/nvcc)
CXX  ?= g++
CUDA_SOURCES        := $(wildcard kernels/cuda/*.cu)
CUDA_NVIDIA_SOURCES := $(wildcard kernels/cuda/nvidia/*.cu)
EMULATED_SOURCES    := $(wildcard kernels/cuda/emulated/*.cpp)

# sm_90, and PTX for what comes after it. No contraction: the bits of the reference.
CUDA_TARGETS ?= -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90
NVCC_FLAGS := -std=c++17 -O3 -fmad=false -lineinfo -Werror all-warnings \
	-Xcompiler=-fPIC,-Wall,-Wextra,-Wshadow,-Werror,-fvisibility=hidden,-ffp-contract=off $(CUDA_TARGETS) -I.
# The plug-in finds cuBLAS and cuDNN where nvcc has them, too: the loader need not know that folder.
CUDA_HOME := $(patsubst %/bin/nvcc,%,$(realpath $(NVCC)))
CUDA_LIBRARIES := -cudart static -lcublas -ldl \
	$(if $(CUDA_HOME),-Xlinker -rpath=$(CUDA_HOME)/lib64:$(CUDA_HOME)/targets/x86_64-linux/lib)

CUDA_OBJECTS := $(patsubst %.cu,$(OUT)/cuda/%.o,$(CUDA_SOURCES) $(CUDA_NVIDIA_SOURCES))
EMULATED_OBJECTS := $(CUDA_SOURCES:%.cu=$(OUT)/emulated/%.o) $(EMULATED_SOURCES:%.cpp=$(OUT)/emulated/%.o)
EMULATED_RUNTIME := $(addprefix $(OUT)/emulated/kernels/cuda/emulated/,fibres.o memory.o faults.o runtime.o)
EMULATED_FLAGS := -std=c++17 -D_GNU_SOURCE -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno \
	-Wall -Wextra -Wshadow -Wconversion -Werror -Wno-unknown-pragmas \
	-isystem kernels/cuda/emulated -I. -pthread $(FLAGS_$(BUILD))

# An access of 16 bytes to an address that is no multiple of them traps, as it fails on a device.
EMULATED_ALIGNED := -fsanitize=alignment -fsanitize-undefined-trap-on-error

# The plug-in takes what it shares with the program from libiclab.a, which sanitizers need a runtime for.
CUDA_SANITIZED := $(filter asan fuzz,$(BUILD))
.PHONY: cuda cuda-if-possible
cuda: $(OUT)/libiclab-cuda.so ## compile the CUDA plug-in (needs nvcc, no GPU)

# Where there is nvcc with cuDNN's headers.
cuda-if-possible:
	@[ -n '$(CUDA_SANITIZED)' ] || ! echo '#include <cudnn.h>' | $(NVCC) -E -x cu - >/dev/null 2>&1 || $(MAKE) cuda

$(OUT)/libiclab-cuda.so: $(CUDA_OBJECTS) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(NVCC) -shared -o $@ $^ $(CUDA_LIBRARIES) -Xlinker --exclude-libs=ALL $(addprefix -Xlinker ,-z defs)

$(OUT)/cuda/%.o: %.cu | $(OUT)/config.h
	@mkdir -p $(@D)
	$(call say,NVCC,$<)
	$(Q)$(NVCC) $(NVCC_FLAGS) -I$(OUT) -MMD -MP -c -o $@ $<

$(OUT)/libiclab-emulated.so: $(EMULATED_OBJECTS) $(OUT)/libiclab.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(EMULATED_FLAGS) $(LDFLAGS) -shared -o $@ $^ -Wl,--exclude-libs=ALL -lboost_context $(LIBS)

$(OUT)/emulated/%.o: %.cu | $(OUT)/config.h
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(EMULATED_FLAGS) $(EMULATED_ALIGNED) -I$(OUT) -MMD -MP -x c++ -c -o $@ $<

$(OUT)/emulated/%.o: %.cpp | $(OUT)/config.h
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(EMULATED_FLAGS) -I$(OUT) -MMD -MP -c -o $@ $<

.PHONY: print-out
print-out:
	@echo $(OUT)
