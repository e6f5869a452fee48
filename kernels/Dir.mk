LIB_SOURCES += $(wildcard kernels/*.c)
LIB_SOURCES += $(wildcard kernels/cpu/*.c)
