LIB_SOURCES += $(wildcard kernels/*.c kernels/cpu/*.c kernels/device_bench/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard kernels/*.h))
include kernels/cuda/cuda.mk
