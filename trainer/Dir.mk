LIB_SOURCES += $(wildcard trainer/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard trainer/*.h))
