LIB_SOURCES += $(wildcard core/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard core/*.h))
